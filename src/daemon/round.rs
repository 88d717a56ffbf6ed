//! One delivery, as far as the log is concerned: what is committed together, and when nothing more may leave.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::crew::Job;
use super::deliver::Delivered;
use super::excerpt::LastRead;
use super::loader::{self, Loader, Ready};
use super::pace::Pace;
use super::prepare::Prepared;
use super::settle::{self, Ended};
use super::shift::Shift;
use super::stop::Stop;
use crate::contacts::outbox::{self, Settled};
use crate::contacts::pack::Packer;
use crate::contacts::queue::Queue;
use crate::contacts::{Journal, State, claim};
use crate::database::{DatabaseError, Tx};
use crate::plan::later::WINDOW;

/// After so many attempts in a row that did not reach the relay, the rest waits for the next poll.
const UNREACHED: u32 = 5;

/// The state of one delivery.
pub(super) struct Round<'a> {
    pub(super) shift: &'a Shift,
    pub(super) loader: Loader,
    queue: Queue,
    pub(super) ready: VecDeque<Ready>,
    /// What people had said when those were prepared.
    pub(super) controls: String,
    /// Until when those may leave (T26).
    pub(super) good_until: DateTime<Utc>,
    /// The loader has no more.
    pub(super) exhausted: bool,
    pub(super) pace: Pace,
    pub(super) done: Delivered,
    /// Nothing more is sent in this delivery.
    pub(super) closed: bool,
    /// Attempts in a row for which the relay was not reached.
    pub(super) unreached: u32,
    /// Intents of a commit whose answer was lost: not sent, whether they are in the log or not (D7).
    pub(super) unsure: Vec<String>,
    /// Taken from `ready` for a commit that has not succeeded yet.
    pub(super) taken: Vec<Ready>,
    /// What the breaker has put back into the queue (D4).
    pub(super) went_back: HashSet<String>,
    pub(super) packer: Packer,
}

/// What a turn brought.
pub(super) struct Turn {
    /// To be sent: their intents are durable.
    pub(super) jobs: Vec<Job>,
    /// Whether anything was committed.
    pub(super) wrote: bool,
}

impl<'a> Round<'a> {
    /// Nothing sent yet.
    pub(super) fn new(shift: &'a Shift, read: &Arc<LastRead>, queue: Queue, pace: Pace) -> Self {
        Self {
            shift,
            loader: Loader::new(&shift.office, read, shift.lease.id(), queue),
            queue,
            ready: VecDeque::new(),
            controls: String::new(),
            good_until: read.good_until(&shift.office, &BTreeSet::new()),
            exhausted: false,
            pace,
            done: Delivered::default(),
            closed: false,
            unreached: 0,
            unsure: Vec::new(),
            taken: Vec::new(),
            went_back: HashSet::new(),
            packer: Packer::default(),
        }
    }

    /// T26: the ledger is asked again when the last read is too old for what is ready; where that is the last of the
    /// queue, for its customers alone.
    pub(super) async fn look_at_ledger(&mut self, read: &mut Arc<LastRead>) {
        let office = &self.shift.office;
        if self.closed || !read.is_stale(office, &BTreeSet::new()) {
            return;
        }
        let customers = loader::customers(self.taken.iter().chain(&self.ready).map(|r| &r.entry));
        if customers.is_empty() || !read.is_stale(office, &customers) {
            return;
        }
        let few = if self.loader.is_used_up() { customers } else { BTreeSet::new() };
        let again = read.again(office, &few).await.unwrap_or_else(|error| Err(error.to_string()));
        match again {
            Ok(fresh) => {
                *read = Arc::new(fresh);
                self.loader.renew(read);
            }
            Err(error) => {
                self.done.problems.push(format!("the ledger cannot be asked again, so nothing more is sent (T26): {error}"));
                self.closed = true;
            }
        }
    }

    /// Takes the next page when the last one is used up. `wait`: there is nothing else to do meanwhile.
    pub(super) async fn fill(&mut self, wait: bool) -> Result<(), DatabaseError> {
        if self.closed || self.exhausted || !self.ready.is_empty() || !(wait || self.loader.is_ready()) {
            return Ok(());
        }
        match self.loader.next().await? {
            Some(page) => {
                self.controls = page.controls;
                self.good_until = page.good_until;
                self.ready = page.ready;
            }
            None => self.exhausted = true,
        }
        Ok(())
    }

    /// Makes outcomes durable, and with the same commit the intents of the next messages (D1). A database that is away, or
    /// full, is waited for as long as there are outcomes to write down: given up, they would become doubts.
    pub(super) async fn turn(
        &mut self,
        read: &Arc<LastRead>,
        results: &mut Vec<Ended>,
        room: usize,
        stop: &Stop,
    ) -> Result<Turn, DatabaseError> {
        let (_, _, may_send) = self.shift.office.present();
        // T5: what is still queued waits, and the next poll inside a window plans it afresh.
        self.closed |= !(may_send || self.queue == Queue::Letters) || self.shift.lease.is_fenced();
        if results.is_empty() && (self.closed || room == 0 || self.ready.is_empty()) {
            return Ok(Turn { jobs: Vec::new(), wrote: false });
        }
        loop {
            match self.write(read, results, room).await {
                Ok(jobs) => {
                    results.clear();
                    self.unsure.clear();
                    return Ok(Turn { jobs, wrote: true });
                }
                Err(error) if error.will_pass() && !(results.is_empty() && self.unsure.is_empty()) && !stop.is_stopped() => {
                    tracing::error!(%error, "the log cannot be written; nothing more is sent until it can");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn write(&mut self, read: &Arc<LastRead>, results: &[Ended], room: usize) -> Result<Vec<Job>, DatabaseError> {
        let shift = self.shift;
        let (now, _, _) = shift.office.present();
        let us = shift.lease.id();
        for again in self.taken.drain(..).rev() {
            self.ready.push_front(again);
        }
        let mut tx = shift.office.db.begin().await?;
        let mut journal = Journal::default();
        let holds = !tx.is_shared() || claim::holds(&mut tx, us).await?;
        let back =
            |id: &String| Settled::new(id, State::Queued, Some("the database's answer was lost; it was not sent".to_owned()));
        let unsure: Vec<Settled> = self.unsure.iter().map(back).collect();
        outbox::settle(&mut tx, &mut journal, &unsure, Some(us), now).await?;
        let relay = shift.relay.settings();
        let said = settle::write(&mut tx, &mut journal, results, &self.went_back, us, relay, now).await?;
        let mut problems = Vec::new();
        if said.complaints > 0 {
            let left = self.pace.slow_down(&mut tx, now).await?;
            problems.push(format!("the relay asks for less: {left} e-mails a minute for now, for all daemons (D6)"));
        }
        let unreached = if said.reached { 0 } else { self.unreached + said.unreached };
        let closed = self.closed || said.pause.is_some() || unreached >= UNREACHED || !holds;
        if !closed {
            self.take(&mut tx, read, room, now).await?;
        }
        let (jobs, changed) = self.intend(&mut tx, &mut journal, &mut problems, now).await?;
        let seen = shift.mark.number();
        let head = journal.write(&mut tx, now).await?;
        if head.number < seen {
            // D16, under our hands: a standby took over that did not have everything.
            self.closed = true;
            return Err(DatabaseError::Unfit {
                path: shift.office.db.name(),
                problem: format!("it went back in time: event {seen} of the log is gone; nothing more is sent (D16)"),
            });
        }
        let intended: Vec<String> = jobs.iter().map(|j| j.contact.clone()).collect();
        if let Err(error) = tx.commit().await {
            // D7: whether it happened is not known, and nothing of it is sent.
            self.taken.retain(|t| t.entry.contact.as_ref().is_none_or(|id| !intended.contains(id)));
            self.unsure.extend(intended);
            return Err(error);
        }
        self.taken.clear();
        shift.mark.note(&head, now);
        self.unreached = unreached;
        self.closed = closed;
        self.done.changed.extend(said.moved);
        self.done.changed.extend(said.requeued.iter().cloned());
        self.went_back.extend(said.requeued);
        self.done.changed.extend(said.tasks);
        self.done.changed.extend(changed);
        self.done.problems.extend(said.problems.into_iter().chain(problems));
        Ok(jobs)
    }

    /// The next that may leave, prepared anew where people have said something since.
    async fn take(&mut self, tx: &mut Tx, read: &LastRead, room: usize, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        if room == 0 || self.ready.is_empty() {
            return Ok(());
        }
        let office = &self.shift.office;
        let controls = claim::controls_now(tx).await?;
        if controls != self.controls || now > self.good_until {
            let entries = self.ready.drain(..).map(|r| r.entry).collect();
            self.ready = loader::prepare_all(tx, office, read, entries, now).await?;
            self.controls = controls;
            self.good_until = read.good_until(office, &loader::customers(self.ready.iter().map(|r| &r.entry)));
        }
        if tx.is_shared() && self.pace.is_limited(now) {
            claim::hold_pace(tx).await?;
            self.pace.reload(tx, now).await?;
        }
        while self.taken.len() < room && self.pace.allows(now) {
            let Some(next) = self.ready.pop_front() else { break };
            self.pace.count(now);
            self.taken.push(next);
        }
        Ok(())
    }

    /// Writes the intents of what is to be sent, and the end of what is not.
    async fn intend(
        &mut self,
        tx: &mut Tx,
        journal: &mut Journal,
        problems: &mut Vec<String>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Job>, Vec<String>), DatabaseError> {
        let (mut intents, mut jobs, mut failed, mut changed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let pack = &mut self.packer;
        pack.begin();
        for Ready { entry, prepared, closes } in &self.taken {
            let id = entry.contact.clone().unwrap_or_default();
            match prepared {
                Prepared::Send { intent, message } => {
                    intents.push(((**intent).clone(), Some(pack.add(&message.bytes))));
                    let (customer, message) = (entry.customer.clone(), Arc::clone(message));
                    let at_any_hour = self.queue == Queue::Letters;
                    jobs.push(Job { customer, contact: id, message, good_until: self.good_until.min(*closes), at_any_hour });
                }
                Prepared::Cancel { reason } => {
                    // Outside of its window a poll inside it plans it afresh (T5).
                    let rule = if *reason == WINDOW { "T5" } else { "T26" };
                    outbox::cancel(tx, journal, &id, reason, rule, now).await?;
                    changed.push(id);
                }
                Prepared::Fail { reason } => {
                    problems.push(format!("contact {id} cannot be written: {reason}"));
                    failed.push(Settled::new(&id, State::Failed, Some(reason.clone())));
                    changed.push(id);
                }
            }
        }
        if !intents.is_empty() {
            pack.write(tx, now).await?;
            let held = outbox::intend(tx, journal, &intents, self.shift.lease.id(), now).await?;
            jobs.retain(|j| held.contains(&j.contact));
        }
        outbox::settle(tx, journal, &failed, None, now).await?;
        Ok((jobs, changed))
    }

    /// Gives back what was claimed and not begun.
    pub(super) async fn finish(mut self) -> Result<Delivered, DatabaseError> {
        // What is still being claimed is given back as well.
        self.loader.arrive().await;
        self.done.timings.rendering = self.loader.rendering;
        if self.shift.office.db.is_shared() {
            let mut tx = self.shift.office.db.begin().await?;
            claim::release(&mut tx, self.shift.lease.id()).await?;
            tx.commit().await?;
        }
        Ok(self.done)
    }
}
