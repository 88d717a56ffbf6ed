//! One pass: a poll, and the delivery of what it queued. What `run --once` does once, the daemon does on its schedule.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, Utc};

use super::excerpt::LastRead;
use super::mark::Mark;
use super::poll::{self, Accepted, Inputs};
use super::shift::Shift;
use super::stop::Stop;
use super::{calendar, deliver, digest, doubt, inbox};
use crate::contacts::changed::Changed;
use crate::contacts::{Journal, State, claim, pack};
use crate::database::DatabaseError;
use crate::ledger::BadRow;
use crate::timetable::lint;

/// How a pass is to go.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pass<'a> {
    pub accepted: Accepted,
    /// The slot of the schedule (T30).
    pub slot: Option<&'a str>,
    /// Why the clock cannot be right, if so (T29).
    pub clock_problem: Option<&'a str>,
    /// The last believed read, if it is still there (L8).
    pub last: Option<&'a LastRead>,
}

/// What a pass came to.
#[derive(Debug)]
pub struct Report {
    pub at: DateTime<Utc>,
    pub date: NaiveDate,
    pub believed: bool,
    pub in_window: bool,
    /// The contacts that were made or changed.
    pub contacts: Changed,
    /// How many contacts of each kind are in each state, by both words.
    pub counts: BTreeMap<String, u64>,
    /// How many steps are stopped or deferred.
    pub waiting: u64,
    /// T28.
    pub held_by_volume: u64,
    pub problems: Vec<String>,
    pub bad_rows: Vec<BadRow>,
    pub open_invoices: u64,
    pub customers: u64,
    /// Of how many customers the ledger was read; `None`: of all (L8).
    pub reread: Option<usize>,
    pub go_live: Option<NaiveDate>,
    /// The picture of the ledger, for what is sent later (T26).
    pub read: Option<Arc<LastRead>>,
}

impl Report {
    /// How many contacts are in a state.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        let is_in = |key: &String| key.split(' ').nth(1) == Some(state.word());
        self.counts.iter().filter(|(key, _)| is_in(key)).map(|(_, n)| n).sum()
    }

    /// Whether a person has to look at something.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        let bad = self.count(State::Failed) + self.count(State::InDoubt);
        !self.believed || !self.problems.is_empty() || bad > 0
    }
}

/// Polls, and delivers what is due.
///
/// # Errors
/// The own database's; [`DatabaseError::Taken`] when another daemon is planning (D7).
pub async fn pass(shift: &Shift, how: Pass<'_>, stop: &Stop) -> Result<Report, DatabaseError> {
    let office = &shift.office;
    let (now, today, in_window) = office.present();
    let began = Instant::now();
    let doubts = settle_the_past(shift, now).await?;
    let trouble = trouble(shift, how, now).await?;
    let inputs = Inputs {
        trouble: trouble.as_deref(),
        accepted: how.accepted,
        slot: how.slot,
        at: Some(now),
        last: how.last,
        ..Inputs::of(office, now, today, in_window)
    };
    let dropped = inbox::empty(office).await?;
    let polled = poll::poll(&inputs).await?;
    for sentence in lint::said_of_rates(&office.timetable, today) {
        tracing::warn!("[interest] {sentence}; add it with [[interest.rate]] in timetable.toml");
    }
    shift.mark.note(&polled.head, now);
    expire(shift, now).await?;
    let (mut changed, mut problems) = (polled.changed, polled.problems);
    changed.extend(doubts);
    problems.extend(dropped);
    let planning = began.elapsed();
    let mut read = polled.ledger.map(Arc::new);
    if let Some(read) = &mut read
        && in_window
    {
        let began = Instant::now();
        let delivered = deliver::deliver(shift, read, polled.may_deliver, stop).await?;
        let t = delivered.timings;
        tracing::info!(
            planning_ms = planning.as_millis(),
            delivery_ms = began.elapsed().as_millis(),
            rendering_ms = t.rendering.as_millis(),
            log_ms = t.log.as_millis(),
            wire_ms = t.wire.as_millis(),
            commits = t.commits,
            contacts = delivered.changed.len(),
            "delivery.timings"
        );
        changed.append(delivered.changed);
        problems.extend(delivered.problems);
    }
    problems.extend(calendar::refresh(office, read.as_deref(), true).await?);
    if how.clock_problem.is_none() {
        let digests = digest::pass(shift, stop).await?;
        changed.append(digests.changed);
        problems.extend(digests.problems);
    }
    if let Err(error) = shift.mark.save().await {
        problems.push(error.to_string());
    }
    let mut tx = office.db.snapshot().await?;
    let contacts = Changed::of(changed, polled.skipped);
    let counts = contacts.counts(&mut tx).await?;
    Ok(Report {
        at: now,
        date: today,
        believed: read.is_some(),
        in_window,
        contacts,
        counts,
        waiting: polled.waiting,
        held_by_volume: polled.held_by_volume,
        problems,
        bad_rows: polled.bad_rows,
        open_invoices: polled.read.open_invoices,
        customers: polled.read.customers,
        reread: polled.reread,
        go_live: polled.go_live,
        read,
    })
}

/// Lets go of the messages that were kept long enough (D14).
async fn expire(shift: &Shift, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let mut tx = shift.office.db.begin().await?;
    let gone = pack::expire(&mut tx, shift.office.keep_messages, now).await?;
    tx.commit().await?;
    if gone > 0 {
        tracing::info!(packs = gone, "messages older than `keep_messages` are not kept any more, their hashes are");
    }
    Ok(())
}

/// Why nothing may leave and nothing be skipped: the clock (T29), or a database that went back in time (D16).
async fn trouble(shift: &Shift, how: Pass<'_>, now: DateTime<Utc>) -> Result<Option<String>, DatabaseError> {
    let clock = how.clock_problem.map(|p| format!("{p} (T29): nothing is sent; if it is right, run `dunningd accept-clock` (without a daemon `run --once --accept-clock`)"));
    let mut tx = shift.office.db.begin().await?;
    if how.accepted.gap {
        Mark::accept(&mut tx, now).await?;
    }
    let gap = shift.mark.gap(&mut tx).await?;
    tx.commit().await?;
    Ok(clock.or(gap))
}

/// What a process that ended in the middle left as being sent may have been accepted (D2).
pub(super) async fn settle_the_past(shift: &Shift, now: DateTime<Utc>) -> Result<Vec<String>, DatabaseError> {
    let mut tx = shift.office.db.begin().await?;
    let mut journal = Journal::default();
    let in_doubt = shift.relay.settings().in_doubt;
    let judge = |id: &str, tries| doubt::settled(id, doubt::ENDED, tries, in_doubt, now);
    let doubts = claim::bury(&mut tx, &mut journal, shift.lease.id(), judge, now).await?;
    let head = journal.write(&mut tx, now).await?;
    tx.commit().await?;
    if !doubts.is_empty() {
        shift.mark.note(&head, now);
    }
    Ok(doubts)
}
