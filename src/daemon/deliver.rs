//! Hands what is queued to the relay: durable intent, dialogue, durable outcome (D1–D5).
//!
//! One loop owns the log: it commits the outcomes that have come in and the intents of the next messages together, so
//! that many messages share an fsync. The connections work beside it, and know nothing of the log.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::office::{LastRead, Office};
use super::pace::Pace;
use super::prepare::{self, Prepared};
use super::settle::{self, Ended};
use super::stop::Stop;
use crate::contacts::entry::Entry;
use crate::contacts::outbox::{self, Settled};
use crate::contacts::{State, control, past};
use crate::database::{DatabaseError, Tx};
use crate::delivery::{Breaker, Connection, Outcome, Relay};
use crate::message::Message;
use crate::plan::Kind;

/// What a delivery came to.
#[derive(Debug, Default)]
pub struct Delivered {
    /// The contacts whose state has changed.
    pub changed: Vec<String>,
    /// What a person has to look at.
    pub problems: Vec<String>,
}

/// One message on its way through a connection.
struct Job {
    customer: String,
    contact: String,
    message: Message,
}

/// Which contacts may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    /// E-mails to customers wait for a person's word (T28).
    NoticesOnly,
}

/// Sends what is ready until nothing is left, the window closes, the relay refuses us or `stop` says so.
///
/// # Errors
/// The own database's: nothing more is sent then (D7).
pub async fn deliver(
    office: &Office,
    relay: &Relay,
    read: &mut LastRead,
    which: Which,
    stop: &Stop,
) -> Result<Delivered, DatabaseError> {
    let mut round = Round::begin(office, relay, which).await?;
    if round.queue.is_empty() {
        return Ok(round.done);
    }
    let connections = (relay.settings().max_connections as usize).min(round.queue.len());
    let (jobs, waiting) = mpsc::channel::<Job>(connections);
    let (finish, mut finished) = mpsc::channel::<Ended>(connections);
    let waiting = Arc::new(Mutex::new(waiting));
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        workers.spawn(work(relay.clone(), Arc::clone(&waiting), finish.clone(), stop.clone()));
    }
    drop(finish);
    let (mut in_flight, mut results) = (0, Vec::new());
    loop {
        // No more than the connections can begin at once: T5 and T26 were asked just before.
        let room = if stop.is_stopped() { 0 } else { workers.len().saturating_sub(in_flight) };
        let batch = round.turn(read, &mut results, room).await?;
        for job in batch {
            in_flight += 1;
            // Never full: it holds as many as may be in flight.
            if jobs.send(job).await.is_err() {
                break;
            }
        }
        if in_flight == 0 {
            if round.must_wait(stop).await {
                continue;
            }
            break;
        }
        tokio::select! {
            biased;
            Some(first) = finished.recv() => results.push(first),
            Some(ended) = workers.join_next() => {
                // A panic. Its message stays `sending`, and the next pass says that it is in doubt (D10).
                round.done.problems.push(format!("a connection ended unexpectedly: {ended:?}"));
                round.closed = true;
                in_flight -= 1;
            }
            else => break,
        }
        while let Ok(next) = finished.try_recv() {
            results.push(next);
        }
        in_flight = in_flight.saturating_sub(results.len());
    }
    drop(jobs);
    while let Some(ended) = workers.join_next().await {
        round.done.problems.extend(ended.err().map(|error| format!("a connection ended unexpectedly: {error}")));
    }
    Ok(round.done)
}

/// After so many attempts in a row that did not reach the relay, the rest waits for the next poll.
const UNREACHED: u32 = 5;

/// One delivery, as far as the log is concerned.
struct Round<'a> {
    office: &'a Office,
    queue: VecDeque<Entry>,
    pace: Pace,
    breaker: Breaker,
    done: Delivered,
    /// Nothing more is sent in this delivery.
    closed: bool,
    /// Attempts in a row for which the relay was not reached.
    unreached: u32,
}

impl<'a> Round<'a> {
    async fn begin(office: &'a Office, relay: &Relay, which: Which) -> Result<Round<'a>, DatabaseError> {
        let (now, _, may_send) = office.present();
        let mut tx = office.db.snapshot().await?;
        let mut done = Delivered::default();
        let paused = settle::paused(&mut tx, now).await?;
        relay.remember_refused_sign_ins(settle::auth_refusals(&mut tx, now).await?.len()).await;
        let mut queue = if may_send && paused.is_none() { outbox::ready(&mut tx, now).await? } else { Vec::new() };
        queue.retain(|c| which == Which::All || c.kind == Kind::Notice);
        done.problems.extend(paused);
        let pace = Pace::load(&mut tx, relay.settings(), office.clock.is_given(), now).await?;
        Ok(Round { office, queue: queue.into(), pace, breaker: Breaker::default(), done, closed: false, unreached: 0 })
    }

    /// Makes outcomes durable, and with the same commit the intents of the next messages (D1).
    async fn turn(&mut self, read: &mut LastRead, results: &mut Vec<Ended>, room: usize) -> Result<Vec<Job>, DatabaseError> {
        let (now, _, may_send) = self.office.present();
        if !may_send {
            // T5: what is still queued waits, and the next poll inside a window plans it afresh.
            self.closed = true;
        }
        if !self.closed
            && room > 0
            && !self.queue.is_empty()
            && let Err(error) = read.refresh(self.office).await
        {
            self.done.problems.push(format!("the ledger cannot be asked again, so nothing more is sent (T26): {error}"));
            self.closed = true;
        }
        if results.is_empty() && (self.closed || room == 0 || self.queue.is_empty()) {
            return Ok(Vec::new());
        }
        // Whoever holds the lock (an import, say), an outcome that is known is not given up: it would become a doubt.
        let mut tx = self.office.db.begin_patiently().await?;
        if !results.is_empty() {
            let said = settle::write(&mut tx, results, &mut self.breaker, now).await?;
            self.done.changed.extend(results.iter().map(|e| e.contact.clone()));
            self.done.changed.extend(said.requeued);
            self.done.problems.extend(said.problems);
            self.unreached = if said.reached { 0 } else { self.unreached + said.unreached };
            self.closed |= said.pause || self.unreached >= UNREACHED;
        }
        let batch = if self.closed { Vec::new() } else { self.next(&mut tx, read, room, now).await? };
        tx.commit().await?;
        results.clear();
        Ok(batch)
    }

    /// The next messages, each with its intent written.
    async fn next(&mut self, tx: &mut Tx, read: &LastRead, room: usize, now: DateTime<Utc>) -> Result<Vec<Job>, DatabaseError> {
        let mut contacts = Vec::new();
        while contacts.len() < room && self.pace.allows(now) {
            let Some(contact) = self.queue.pop_front() else { break };
            self.pace.count(now);
            contacts.push(contact);
        }
        if contacts.is_empty() {
            return Ok(Vec::new());
        }
        let controls = control::in_force(tx).await?;
        let invoices: Vec<&str> = contacts.iter().flat_map(|c| c.invoices.iter().map(|i| i.id.as_str())).collect();
        let known = past::past_of(tx, &invoices).await?;
        let (mut intents, mut jobs, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for contact in contacts {
            let id = contact.contact.clone().unwrap_or_default();
            match prepare::prepare(self.office, &contact, read, &controls, &known, now) {
                Prepared::Send { intent, message } => {
                    intents.push(*intent);
                    jobs.push(Job { customer: contact.customer, contact: id, message: *message });
                }
                Prepared::Cancel { reason } => {
                    outbox::cancel(tx, &id, reason, "T26", now).await?;
                    self.done.changed.push(id);
                }
                Prepared::Fail { reason } => {
                    self.done.problems.push(format!("contact {id} cannot be written: {reason}"));
                    failed.push(Settled::new(&id, State::Failed, Some(reason)));
                    self.done.changed.push(id);
                }
            }
        }
        outbox::settle(tx, &failed, now).await?;
        let held = outbox::intend(tx, &intents, now).await?;
        jobs.retain(|j| held.contains(&j.contact));
        Ok(jobs)
    }

    /// Whether there is more to send as soon as the relay's limits allow; waits until they do.
    async fn must_wait(&mut self, stop: &Stop) -> bool {
        if self.closed || self.queue.is_empty() || stop.is_stopped() {
            return false;
        }
        let (now, _, _) = self.office.present();
        if self.pace.allows(now) {
            // The last batch had nothing to send: the next one may.
            return true;
        }
        match self.pace.wait(now) {
            Some(wait) => {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.stopped() => {}
                }
                self.pace.pass(wait);
                true
            }
            None => {
                let left = self.queue.len();
                self.done.problems.push(format!("{left} e-mails wait: `max_per_day` of [relay] is reached"));
                false
            }
        }
    }
}

/// One connection: takes messages until there are no more.
async fn work(relay: Relay, jobs: Arc<Mutex<mpsc::Receiver<Job>>>, finish: mpsc::Sender<Ended>, stop: Stop) {
    let mut connection: Option<Connection> = None;
    loop {
        let job = jobs.lock().await.recv().await;
        let Some(Job { customer, contact, message }) = job else { break };
        let outcome = if stop.is_stopped() { None } else { send(&relay, &mut connection, &message, &stop).await };
        if finish.send(Ended { customer, contact, outcome }).await.is_err() {
            break;
        }
    }
    if let Some(connection) = connection {
        connection.quit().await;
    }
}

/// Sends one message; `None`: stopped before the relay can have taken it (D9).
async fn send(relay: &Relay, kept: &mut Option<Connection>, message: &Message, stop: &Stop) -> Option<Outcome> {
    let connection = match kept.take() {
        Some(connection) => connection,
        None => tokio::select! {
            opened = relay.connect() => match opened {
                Ok(connection) => connection,
                Err(outcome) => return Some(outcome),
            },
            () = stop.stopped() => return None,
        },
    };
    let progress = connection.progress();
    let sending = connection.send(message);
    tokio::pin!(sending);
    tokio::select! {
        biased;
        (outcome, connection) = &mut sending => {
            *kept = connection;
            return Some(outcome);
        }
        () = stop.stopped() => {
            if !progress.may_be_accepted() {
                return None;
            }
        }
    }
    // The final dot is on its way: its reply is waited for, up to its timer.
    let (outcome, _) = sending.await;
    Some(outcome)
}

/// When the next retry is due.
///
/// # Errors
/// The own database's.
pub async fn next_retry(office: &Office) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    outbox::next_retry(&mut office.db.snapshot().await?).await
}
