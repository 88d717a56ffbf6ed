//! What waits to be sent, page by page, rendered ahead beside the delivery: neither the wire nor the log waits for it, and
//! a queue of any length takes the same memory.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::excerpt::LastRead;
use super::knowledge::Knowledge;
use super::office::Office;
use super::prepare::{self, Prepared};
use super::{digest, open};
use crate::contacts::entry::Entry;
use crate::contacts::queue::Queue;
use crate::contacts::{claim, control, history, pack, past};
use crate::database::{DatabaseError, Tx};
use crate::ledger::Whose;
use crate::plan::later::WINDOW;
use crate::timetable::history::History;

/// Contacts of one page.
const PAGE: u32 = 200;

/// A contact that is ready to be decided upon.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) entry: Entry,
    pub(super) prepared: Prepared,
    /// When its window closes (T5).
    pub(super) closes: DateTime<Utc>,
}

/// Some contacts, in the order in which they were planned.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) ready: VecDeque<Ready>,
    /// The last id, after which the next page begins.
    last: String,
    /// There may be more.
    more: bool,
    /// What people had said when these were prepared.
    pub(super) controls: String,
    pub(super) good_until: DateTime<Utc>,
    rendering: Duration,
}

/// Brings the pages, one ahead.
#[derive(Debug)]
pub(super) struct Loader {
    office: Arc<Office>,
    read: Arc<LastRead>,
    daemon: String,
    queue: Queue,
    coming: Option<tokio::task::JoinHandle<Result<Page, DatabaseError>>>,
    arrived: Option<Result<Page, DatabaseError>>,
    /// Time spent on preparing, for the report.
    pub(super) rendering: Duration,
}

impl Loader {
    pub(super) fn new(office: &Arc<Office>, read: &Arc<LastRead>, daemon: &str, queue: Queue) -> Self {
        let (office, read, daemon) = (Arc::clone(office), Arc::clone(read), daemon.to_owned());
        let mut loader = Self { office, read, daemon, queue, coming: None, arrived: None, rendering: Duration::ZERO };
        loader.ask(String::new());
        loader
    }

    fn ask(&mut self, after: String) {
        let (office, read) = (Arc::clone(&self.office), Arc::clone(&self.read));
        let (daemon, queue) = (self.daemon.clone(), self.queue);
        self.coming = Some(tokio::spawn(async move { page(&office, &read, &daemon, &after, queue).await }));
    }

    /// Waits until the next page is there. May be given up and asked again.
    pub(super) async fn arrive(&mut self) {
        let Some(coming) = &mut self.coming else { return };
        let page = coming.await;
        // A panic in there is nobody's message: the queue is kept.
        let broken = |e: tokio::task::JoinError| DatabaseError::Unfit { path: "the queue".to_owned(), problem: e.to_string() };
        self.arrived = Some(page.map_err(broken).and_then(|page| page));
        self.coming = None;
    }

    /// The next page; `None`: there is no more.
    pub(super) async fn next(&mut self) -> Result<Option<Page>, DatabaseError> {
        self.arrive().await;
        let Some(page) = self.arrived.take().transpose()? else { return Ok(None) };
        self.rendering += page.rendering;
        if page.more {
            self.ask(page.last.clone());
        }
        Ok(Some(page))
    }

    /// From a newer picture of the ledger (T26): what follows is prepared from it.
    pub(super) fn renew(&mut self, read: &Arc<LastRead>) {
        self.read = Arc::clone(read);
    }

    /// Whether all that waits has been handed over.
    pub(super) fn is_used_up(&self) -> bool {
        self.arrived.is_none() && self.coming.is_none()
    }

    /// Whether the next page is there, or there is none: asking does not wait.
    pub(super) fn is_ready(&self) -> bool {
        self.arrived.is_some() || self.coming.as_ref().is_none_or(tokio::task::JoinHandle::is_finished)
    }
}

/// The customers that contacts are about.
pub(super) fn customers<'a>(contacts: impl Iterator<Item = &'a Entry>) -> BTreeSet<&'a str> {
    contacts.flat_map(|c| c.invoices.iter().map(|i| i.customer.as_str()).chain([c.customer.as_str()])).collect()
}

async fn page(office: &Office, read: &LastRead, daemon: &str, after: &str, queue: Queue) -> Result<Page, DatabaseError> {
    let (now, _, _) = office.present();
    // Where several daemons work, what is taken is marked as ours.
    let shared = office.db.is_shared();
    let mut tx = if shared { office.db.begin().await? } else { office.db.snapshot().await? };
    let claimed = claim::claim(&mut tx, daemon, after, PAGE, queue, now).await?;
    if shared {
        tx.commit().await?;
        tx = office.db.snapshot().await?;
    }
    let last = claimed.last().and_then(|c| c.contact.clone()).unwrap_or_default();
    let more = claimed.len() == PAGE as usize;
    let controls = claim::controls_seen(&mut tx).await?;
    let began = Instant::now();
    let ready = prepare_all(&mut tx, office, read, claimed, now).await?;
    let good_until = read.good_until(office, &customers(ready.iter().map(|r| &r.entry)));
    Ok(Page { ready, last, more, controls, good_until, rendering: began.elapsed() })
}

/// Prepares contacts from what people say now.
pub(super) async fn prepare_all(
    tx: &mut Tx,
    office: &Office,
    read: &LastRead,
    contacts: Vec<Entry>,
    now: DateTime<Utc>,
) -> Result<VecDeque<Ready>, DatabaseError> {
    let controls = control::in_force(tx).await?;
    let customers: Vec<String> = customers(contacts.iter()).into_iter().map(str::to_owned).collect();
    let excerpt = read.of(tx, &customers, &office.timetable.ranks).await?;
    let invoices: Vec<&str> = contacts.iter().flat_map(|c| c.invoices.iter().map(|i| i.id.as_str())).collect();
    let known = past::past_of(tx, &invoices).await?;
    let timetable = &office.timetable;
    let follows = |c: &Entry| c.invoices.iter().any(|i| timetable.step(&i.step).is_some_and(|s| s.after.is_some()));
    let history = match contacts.iter().any(follows) {
        true => history::load(tx, timetable, excerpt.day, Whose::These(&customers)).await?,
        false => History::default(),
    };
    let known_now = Knowledge { controls, history, ..Knowledge::default() };
    let mut ready = VecDeque::with_capacity(contacts.len());
    for entry in contacts {
        if digest::is_one(&entry) {
            let prepared = digest::prepare(tx, office, &entry, now).await?;
            ready.push_back(Ready { entry, prepared, closes: DateTime::<Utc>::MAX_UTC });
            continue;
        }
        let Some(closes) = open::closes(office, &entry, &excerpt, now) else {
            ready.push_back(Ready { entry, prepared: Prepared::Cancel { reason: WINDOW }, closes: now });
            continue;
        };
        // Out of doubt the same bytes leave again (D2).
        let bytes = match (entry.resend, &entry.contact) {
            (true, Some(id)) => match pack::message(tx, id).await? {
                None => {
                    let reason = "its bytes are not kept any more, so the same cannot be sent again".to_owned();
                    ready.push_back(Ready { entry, prepared: Prepared::Fail { reason }, closes });
                    continue;
                }
                bytes => bytes,
            },
            _ => None,
        };
        let write = || {
            #[cfg(test)]
            super::breakdown::here(&entry.customer, "while it is written");
            prepare::prepare(office, &entry, &excerpt, &known_now, &known, bytes, now)
        };
        // D10: what breaks down with one contact fails that one.
        let prepared = catch_unwind(AssertUnwindSafe(write));
        let broken = |_| Prepared::Fail { reason: "the program broke down while it was written".to_owned() };
        let prepared = prepared.unwrap_or_else(broken);
        ready.push_back(Ready { entry, prepared, closes });
    }
    Ok(ready)
}
