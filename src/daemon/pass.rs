//! One pass: a poll, and the delivery of what it queued. What `run --once` does once, the daemon does on its schedule.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::deliver::{self, Which};
use super::office::{LastRead, Office};
use super::poll::{self, Accepted, Inputs, Memory};
use super::stop::Stop;
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::{State, outbox};
use crate::database::DatabaseError;
use crate::delivery::Relay;
use crate::ledger::BadRow;
use crate::plan::make::Waiting;

/// How a pass is to go.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pass<'a> {
    pub accepted: Accepted,
    pub rehearsal: bool,
    /// The slot of the schedule (T30).
    pub slot: Option<&'a str>,
    /// Why the clock cannot be right, if so (T29).
    pub clock_problem: Option<&'a str>,
}

/// What a pass came to.
#[derive(Debug)]
pub struct Report {
    pub at: DateTime<Utc>,
    pub date: NaiveDate,
    pub believed: bool,
    pub in_window: bool,
    /// T29.
    pub clock_doubted: bool,
    /// The contacts that were made or changed, in the plan's order (T25).
    pub contacts: Vec<Entry>,
    pub waiting: Vec<Waiting>,
    /// T28.
    pub held_by_volume: u64,
    pub problems: Vec<String>,
    pub bad_rows: Vec<BadRow>,
    pub open_invoices: u64,
    pub customers: u64,
    pub go_live: Option<NaiveDate>,
    /// The picture of the ledger, for what is sent later (T26).
    pub read: Option<LastRead>,
}

impl Report {
    /// How many contacts of each kind are in each state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for contact in &self.contacts {
            *counts.entry(format!("{} {}", contact.kind.word(), contact.state)).or_default() += 1;
        }
        counts
    }

    /// Whether a person has to look at something.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        let bad = |e: &Entry| matches!(e.state, State::Failed | State::InDoubt);
        !self.believed || !self.problems.is_empty() || self.contacts.iter().any(bad)
    }
}

/// Polls, and delivers what is due.
///
/// # Errors
/// The own database's.
pub async fn pass(
    office: &Office,
    relay: &Relay,
    memory: &mut Memory,
    how: Pass<'_>,
    stop: &Stop,
) -> Result<Report, DatabaseError> {
    let (now, today, in_window) = office.present();
    let doubts = settle_the_past(office, now).await?;
    let inputs = Inputs {
        rehearsal: how.rehearsal,
        clock_problem: how.clock_problem,
        accepted: how.accepted,
        slot: how.slot,
        ..Inputs::of(office, now, today, in_window)
    };
    let polled = poll::poll(&inputs, memory).await?;
    let (mut changed, mut problems) = (doubts, polled.problems);
    changed.extend(polled.changed);
    let mut read = polled.snapshot.map(|snapshot| LastRead::new(snapshot, now, today));
    if let Some(read) = &mut read
        && in_window
        && how.clock_problem.is_none()
    {
        let which = if polled.plan.held_by_volume == 0 { Which::All } else { Which::NoticesOnly };
        let delivered = deliver::deliver(office, relay, read, which, stop).await?;
        changed.extend(delivered.changed);
        problems.extend(delivered.problems);
    }
    let mut tx = office.db.snapshot().await?;
    let contacts = entry::list(&mut tx, &Filter { contacts: Some(changed), ..Filter::default() }).await?;
    Ok(Report {
        at: now,
        date: today,
        believed: read.is_some(),
        in_window,
        clock_doubted: how.clock_problem.is_some(),
        contacts,
        waiting: polled.plan.waiting,
        held_by_volume: polled.plan.held_by_volume,
        problems,
        bad_rows: polled.bad_rows,
        open_invoices: polled.read.open_invoices,
        customers: polled.read.customers,
        go_live: polled.go_live,
        read,
    })
}

/// What a process that ended in the middle left as being sent is in doubt (D2). Only the holder of the lock passes.
pub(super) async fn settle_the_past(office: &Office, now: DateTime<Utc>) -> Result<Vec<String>, DatabaseError> {
    let mut tx = office.db.begin().await?;
    let doubts = outbox::doubt_what_was_sending(&mut tx, now).await?;
    tx.commit().await?;
    Ok(doubts)
}
