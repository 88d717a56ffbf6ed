//! A task is done, and what follows from its result: a promise, a dispute, a next try.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::item::Item;
use super::outcome::Outcome;
use super::{desk, item};
use crate::contacts::control::{self, ControlKind, NewControl, Subject};
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::promise::{self, Part};
use crate::contacts::tasks::{self, Changed, NewTask};
use crate::contacts::{Journal, claim, facts};
use crate::database::{DatabaseError, Tx};
use crate::ledger::{Invoice, Whose, own};
use crate::timetable::Timetable;

/// What a person says of tasks.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// One call may be about several of them.
    pub ids: &'a [String],
    pub result: Option<Outcome>,
    pub note: Option<&'a str>,
    /// The day on which they pay, and how much if not all.
    pub promise: Option<(NaiveDate, Option<Decimal>)>,
    /// Of a dispute: the word of its reason.
    pub code: Option<&'a str>,
    pub author: &'a str,
}

/// What has become of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// In sentences, what was done beside.
    pub said: Vec<String>,
    /// The tasks that follow.
    pub next: Vec<String>,
    /// E-mails about what was entered that are being sent at this moment.
    pub in_flight: u64,
}

/// Why a task cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum WorklistError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("there is no task {0}; `dunningd tasks` lists those that are open")]
    NoSuchTask(String),
    #[error("the task {0} is done already")]
    AlreadyDone(String),
    #[error("a dispute is about an invoice, and the task {0} is about none; `dunningd dispute --invoice ID` enters it")]
    NoInvoice(String),
    #[error(
        "{0}: the last poll has seen no open invoice that the task is about, so that there is nothing to send a copy of; say --result reached"
    )]
    NoCopy(String),
}

/// Looks whether a task can be changed.
///
/// # Errors
/// If it cannot; the database's own.
pub async fn insist(tx: &mut Tx, id: &str) -> Result<(), WorklistError> {
    match tasks::waiting(tx, id).await? {
        Changed::Yes => Ok(()),
        Changed::NoSuchTask => Err(WorklistError::NoSuchTask(id.to_owned())),
        Changed::AlreadyDone => Err(WorklistError::AlreadyDone(id.to_owned())),
    }
}

/// Ends tasks, and does what follows from the result.
///
/// # Errors
/// When one of them cannot be ended, or what follows cannot be done: then nothing may be committed.
pub async fn finish(
    tx: &mut Tx,
    journal: &mut Journal,
    timetable: &Timetable,
    order: &Order<'_>,
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<Finished, WorklistError> {
    // First: whoever is about to send waits until this is done, or is seen as in flight.
    claim::controls_change(tx).await?;
    for id in order.ids {
        insist(tx, id).await?;
    }
    let filter = Filter { contacts: Some(order.ids.to_vec()), ..Filter::default() };
    let entries = entry::list(tx, &filter).await?;
    let mut finished = Finished::default();
    if let Some((by, amount)) = order.promise {
        promised(tx, &entries, (by, amount), order, (today, now), &mut finished).await?;
    }
    if order.result == Some(Outcome::Dispute) {
        dispute(tx, &entries, order, now, &mut finished).await?;
    }
    if order.result == Some(Outcome::InvoiceNotReceived) {
        copies(tx, &entries, order, today, &mut finished).await?;
    }
    for id in order.ids {
        let result = order.result.map(Outcome::word);
        tasks::done(tx, journal, id, order.note, result, order.author, now).await?;
    }
    if let Some(result) = order.result.filter(|r| r.is_tried_again()) {
        let on = timetable.worklist.next_try(&timetable.calendar, today);
        let settled = settled(tx, &entries, today).await?;
        for entry in &entries {
            if entry.contact.as_ref().is_some_and(|id| settled.contains(id)) {
                finished.said.push("nothing is open any more of what the task was about: there is no next try".to_owned());
                continue;
            }
            let new = next_try(entry, result, order, today, on);
            let id = tasks::open(tx, journal, &new, now).await?;
            finished.said.push(format!("next try on {on}: task {id}"));
            finished.next.push(id);
        }
    }
    Ok(finished)
}

/// The tasks on whose invoices nothing is open any more: in the own ledger, or as the last poll has seen them.
async fn settled(tx: &mut Tx, tasks: &[Entry], today: NaiveDate) -> Result<BTreeSet<String>, DatabaseError> {
    let customers: BTreeSet<&String> = tasks.iter().map(|t| &t.customer).collect();
    let customers: Vec<String> = customers.into_iter().cloned().collect();
    let ledger = own::read_of(tx, today, Whose::These(&customers), None).await?;
    let items = item::with_amounts(tx, tasks.to_vec(), today).await?;
    let is_settled = |item: &Item| {
        let about = desk::about(&item.entry);
        let is_open = |id: &&str| ledger.invoices.get(*id).is_some_and(Invoice::is_open);
        match ledger.customers.contains_key(&item.entry.customer) {
            true => !about.invoices.is_empty() && about.was_open && !about.invoices.iter().any(is_open),
            false => item.settled,
        }
    };
    Ok(items.into_iter().filter(is_settled).filter_map(|item| item.entry.contact).collect())
}

/// What the tasks are about, each once: their invoices, or the customer of one that names none.
fn subjects(entries: &[Entry]) -> Vec<Subject> {
    let mut found: Vec<Subject> = Vec::new();
    for entry in entries {
        let own: Vec<Subject> = match (entry.invoices.as_slice(), entry.lead.as_str()) {
            ([], "") => vec![Subject::Customer(entry.customer.clone())],
            ([], lead) => vec![Subject::Invoice(lead.to_owned())],
            (covered, _) => covered.iter().map(|i| Subject::Invoice(i.id.clone())).collect(),
        };
        found.extend(own);
    }
    let mut seen = BTreeSet::new();
    found.retain(|s| seen.insert(s.to_string()));
    found
}

/// A promise of one sum for several invoices is one of the customer.
async fn promised(
    tx: &mut Tx,
    entries: &[Entry],
    (by, amount): (NaiveDate, Option<Decimal>),
    order: &Order<'_>,
    (today, now): (NaiveDate, DateTime<Utc>),
    finished: &mut Finished,
) -> Result<(), WorklistError> {
    let mut about = subjects(entries);
    if about.len() > 1 && amount.is_some() {
        about = entries.iter().map(|e| Subject::Customer(e.customer.clone())).collect();
        about.dedup();
    }
    for subject in about {
        let parts = [Part { by, amount }];
        promise::enter(tx, &subject, &parts, (order.note, order.author), (today, now)).await?;
        finished.in_flight += control::in_flight(tx, &subject).await?;
        finished.said.push(format!("{subject}: payment is promised by {by}"));
    }
    Ok(())
}

async fn dispute(
    tx: &mut Tx,
    entries: &[Entry],
    order: &Order<'_>,
    now: DateTime<Utc>,
    finished: &mut Finished,
) -> Result<(), WorklistError> {
    let about = subjects(entries);
    for subject in about {
        if matches!(subject, Subject::Customer(_)) {
            return Err(WorklistError::NoInvoice(order.ids.first().cloned().unwrap_or_default()));
        }
        let new = NewControl {
            kind: ControlKind::Dispute,
            subject,
            until: None,
            amount: None,
            note: order.note.map(str::to_owned),
            code: order.code.map(str::to_owned),
            author: order.author.to_owned(),
        };
        enter(tx, &new, now, finished).await?;
        finished.said.push(format!("{} is disputed", new.subject));
    }
    Ok(())
}

/// Copies of the invoices go to the customer with the next poll in the window, as events do (T20).
async fn copies(
    tx: &mut Tx,
    entries: &[Entry],
    order: &Order<'_>,
    today: NaiveDate,
    finished: &mut Finished,
) -> Result<(), WorklistError> {
    let mut asked = 0;
    for subject in subjects(entries) {
        let Subject::Invoice(invoice) = subject else { continue };
        if facts::ask_for_copy(tx, &invoice, today).await? {
            asked += 1;
            finished.said.push(format!("a copy of invoice {invoice} goes out with the next poll"));
        } else {
            finished.said.push(format!("invoice {invoice} is not open: no copy goes out"));
        }
    }
    if asked == 0 {
        return Err(WorklistError::NoCopy(order.ids.join(", ")));
    }
    Ok(())
}

async fn enter(tx: &mut Tx, new: &NewControl, now: DateTime<Utc>, finished: &mut Finished) -> Result<(), WorklistError> {
    control::enter(tx, new, now).await?;
    finished.in_flight += control::in_flight(tx, &new.subject).await?;
    Ok(())
}

fn next_try(entry: &Entry, result: Outcome, order: &Order<'_>, today: NaiveDate, on: NaiveDate) -> NewTask {
    NewTask {
        word: entry.action.clone(),
        customer: entry.customer.clone(),
        lead: entry.lead.clone(),
        // Of the third try, too, the first one has the invoices.
        origin: entry.origin.clone().or_else(|| entry.contact.clone().filter(|_| !entry.invoices.is_empty())),
        date: today,
        due_on: on,
        to: Some(serde_json::json!(entry.to).to_string()),
        reason: result.word(),
        rule: "T24",
        note: order.note.map(str::to_owned),
        author: Some(order.author.to_owned()),
    }
}
