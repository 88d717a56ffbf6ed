//! The planning of one poll, page by page of customers: a ledger of any size takes the same memory. The pages are in the
//! plan's order (T25); what several customers share, a notice, is gathered on a walk of its own before.

use std::collections::VecDeque;

use chrono::NaiveDate;

use super::belief::{self, Read};
use super::knowledge::Knowledge;
use super::poll::Inputs;
use super::sums::Sums;
use super::{agenda, go_live, observe, personal, renames, review, settled};
use crate::contacts::claim::Unsent;
use crate::contacts::control::EndedHold;
use crate::contacts::ids::Ids;
use crate::contacts::promise::{self, Promise};
use crate::contacts::record::Recorder;
use crate::contacts::{Journal, control, facts, history, tasks};
use crate::database::{DatabaseError, Tx};
use crate::ledger::Snapshot;
use crate::ledger::agenda::Seen;
use crate::ledger::reading::{Page, Reading};
use crate::plan::agenda::Agenda;
use crate::plan::make::{self, Limits, Waiting};
use crate::plan::merge::{self, Notices};
use crate::plan::{Kind, Plan, Planned, guard};
use crate::timetable::stops::Stop;

/// A walk over a reading.
pub(super) struct Walk<'a> {
    inputs: &'a Inputs<'a>,
    /// What is known of everybody, and of the customers of the page.
    pub(super) known: Knowledge,
    /// Promises with parts that are not settled.
    promises: Vec<Promise>,
    /// Holds that are over, and of which nobody has been told.
    ended_holds: Vec<EndedHold>,
    /// Since when there are reviews of customers.
    reviews_since: Option<NaiveDate>,
    /// The customers of the page, as this poll sees them.
    customers: Vec<Seen>,
    pub(super) limits: Limits,
    pub(super) seen: Read,
    /// What a person has to look at.
    pub(super) problems: Vec<String>,
    /// How many past-due steps wait for newer payments, and the reason (L10).
    too_old: u64,
    why_too_old: String,
    /// T28 holds the customers' e-mails.
    hold: bool,
    /// What was planned.
    pub(super) sums: Sums,
}

/// How a walk ended.
pub(super) enum Ended {
    /// The contacts that were written or changed, and those that were written as skipped.
    Planned(Ids, Ids),
    /// Why the ledger is not believed (T27): what was written is to be taken back.
    Refused(String),
    /// T28: it is to be taken back, and begun again with the e-mails held.
    TooMany,
}

impl<'a> Walk<'a> {
    /// Looks at all that does not hang on a customer.
    pub(super) async fn begin(
        tx: &mut Tx,
        journal: &mut Journal,
        inputs: &'a Inputs<'a>,
        reading: &mut Reading,
        hold: bool,
    ) -> Result<Self, DatabaseError> {
        let (timetable, today) = (&inputs.office.timetable, inputs.today);
        let may_send = inputs.in_window && inputs.trouble.is_none();
        let mut problems = Vec::new();
        let controls = control::in_force(tx).await?;
        tasks::wake(tx, journal, today, inputs.now).await?;
        let go_live = go_live::look(tx, timetable, may_send, today).await?;
        let held_steps = renames::look(tx, inputs, &mut problems).await?;
        let (sending_days, sent_today) = history::sending_days(tx, today).await?;
        let limits = Limits {
            may_send,
            at: inputs.at,
            may_skip: inputs.trouble.is_none(),
            sending_days,
            sent_today,
            accept_volume: inputs.accepted.volume || inputs.rehearsal,
        };
        problems.extend(inputs.trouble.map(str::to_owned));
        let personal = personal::of_day(tx, inputs.office, reading, today).await?;
        let known = Knowledge { controls, go_live, held_steps, personal, ..Knowledge::default() };
        let (seen, sums) = (Read::of(reading), Sums::default());
        Ok(Self {
            inputs,
            known,
            promises: promise::unsettled(tx).await?,
            ended_holds: control::ended_holds(tx, today).await?,
            reviews_since: review::since(tx, timetable, today).await?,
            customers: Vec::new(),
            limits,
            seen,
            problems,
            too_old: 0,
            why_too_old: String::new(),
            hold,
            sums,
        })
    }

    /// Notes what this poll sees of a page's customers; `is_new`: for the first time.
    pub(super) async fn look(
        &mut self,
        tx: &mut Tx,
        journal: &mut Journal,
        page: &Page,
        is_new: bool,
    ) -> Result<(), DatabaseError> {
        let (snapshot, today) = (&page.snapshot, self.inputs.today);
        // By a clock that cannot be right nothing has run out (T29).
        if self.limits.may_skip {
            let what = (&mut self.promises, &mut self.known.controls);
            let when = (today, self.inputs.now);
            settled::promises(tx, journal, &self.inputs.office.timetable, page, what, when).await?;
            settled::holds(tx, journal, page, &mut self.ended_holds, when).await?;
        }
        let before = belief::facts_of(tx, page).await?;
        self.customers = agenda::seen(page);
        if is_new {
            self.seen.add(page, &self.customers, &before, today);
        }
        let mut seen = before.clone();
        observe::observe(&self.inputs.office.timetable, &self.known.controls, snapshot, &mut seen, today);
        facts::save(tx, &before, &seen).await?;
        let before = facts::customers_since(tx, page.whose()).await?;
        let mut since = before.clone();
        facts::note_issue_dates(&mut since, snapshot);
        facts::save_customers_since(tx, &before, &since).await?;
        (self.known.facts, self.known.customer_since) = (seen, since);
        if let Some(since) = self.reviews_since.filter(|_| self.limits.may_skip) {
            let day = self.known.day(&self.inputs.office.timetable, snapshot, today);
            review::of_page(tx, journal, page, &day, since, self.inputs.now).await?;
        }
        Ok(())
    }

    /// The plan of a page that was looked at.
    pub(super) async fn find(&mut self, tx: &mut Tx, page: &Page, agenda: Option<&mut Agenda>) -> Result<Plan, DatabaseError> {
        let (timetable, today) = (&self.inputs.office.timetable, self.inputs.today);
        self.known.history = history::load(tx, timetable, today, page.whose()).await?;
        Ok(make::find(&self.known.day(timetable, &page.snapshot, today), &self.limits, agenda))
    }

    /// T27; `None`: the ledger is believed, or a person says that it is right.
    pub(super) async fn refusal(&mut self, tx: &mut Tx) -> Result<Option<String>, DatabaseError> {
        match self.seen.refusal(tx, self.inputs).await? {
            Some(said) if self.inputs.rehearsal => self.problems.push(said),
            Some(said) if !self.inputs.accepted.ledger => return Ok(Some(said)),
            _ => {}
        }
        Ok(None)
    }

    /// What is to be said of a plan beside it (L10, T28).
    pub(super) fn note(&mut self, plan: &Plan, snapshot: &Snapshot) {
        self.too_old += plan.waiting.iter().filter(|w| w.reason == Stop::PaymentsTooOld.word()).count() as u64;
        if self.why_too_old.is_empty() {
            self.why_too_old = snapshot.why_payments_too_old();
        }
    }

    /// The same, in sentences. `held`: how many e-mails wait (T28).
    pub(super) fn say(&mut self, held: u64) {
        let old = self.too_old;
        if old > 0 {
            let (what, why) = (if old == 1 { "past-due step waits" } else { "past-due steps wait" }, &self.why_too_old);
            self.problems.push(format!("{old} {what}: {why} (L10); they go out by the first poll that sees newer payments"));
        }
        if held > 0 {
            let help = "if that is meant, run `dunningd accept-volume`, or `dunningd run --once --accept-volume`";
            let measured = guard::measured(&self.inputs.office.timetable, &self.limits, held);
            self.problems.push(format!("{held} e-mails wait, far more than on other days (T28): {measured}; {help}"));
        }
    }

    /// Plans all pages, and writes the plan down. `unsent`: what waited to be sent, held since before.
    pub(super) async fn plan(
        &mut self,
        tx: &mut Tx,
        journal: &mut Journal,
        reading: &mut Reading,
        unsent: &mut Unsent,
    ) -> Result<Ended, DatabaseError> {
        let mut recorder = Recorder::new(self.inputs.today, self.limits.may_send, self.hold, self.inputs.now);
        let apart = !reading.is_one_page() && self.inputs.office.timetable.steps.iter().any(crate::timetable::Step::is_notice);
        let mut notices = VecDeque::new();
        if apart {
            let mut found = self.gather(tx, journal, reading, &unsent.notices).await?;
            self.seen.complete(reading, self.inputs.today).await?;
            if let Some(refusal) = self.refusal(tx).await? {
                return Ok(Ended::Refused(refusal));
            }
            recorder.settle(tx, journal, &mut found, std::mem::take(&mut unsent.notices)).await?;
            notices.extend(found.contacts);
            reading.rewind().await?;
        }
        while let Some(page) = reading.next().await? {
            self.look(tx, journal, &page, !apart).await?;
            let mut agenda = Agenda::default();
            let mut plan = self.find(tx, &page, Some(&mut agenda)).await?;
            self.note(&plan, &page.snapshot);
            self.sums.emails += guard::emails(&plan);
            if self.hold {
                guard::hold(&mut plan);
            } else if !self.limits.accept_volume && guard::is_over(&self.inputs.office.timetable, &self.limits, self.sums.emails)
            {
                return Ok(Ended::TooMany);
            }
            let mut waiting = unsent.take(&page);
            if apart {
                plan.contacts.retain(|c| c.kind != Kind::Notice);
            } else {
                waiting.append(&mut unsent.notices);
            }
            recorder.settle(tx, journal, &mut plan, waiting).await?;
            while notices.front().is_some_and(|n: &Planned| page.has(&n.customer)) {
                plan.contacts.extend(notices.pop_front());
            }
            merge::sort(&mut plan.contacts);
            self.sums.add(&plan);
            recorder.write(tx, journal, &plan).await?;
            self.put_to_sleep(tx, &page, &agenda).await?;
            journal.write_some(tx, self.inputs.now).await?;
        }
        if !apart {
            self.seen.complete(reading, self.inputs.today).await?;
            if let Some(refusal) = self.refusal(tx).await? {
                return Ok(Ended::Refused(refusal));
            }
        }
        if reading.is_copy() {
            // The own ledger, if it is read again some day, is read as a whole then.
            agenda::forget(tx).await?;
        } else if !reading.is_one_page() {
            agenda::keep(tx, self.inputs.office, self.inputs.today, &self.seen.totals).await?;
        }
        self.say(if self.hold { self.sums.emails } else { 0 });
        let (changed, skipped) = recorder.finish(tx, journal).await?;
        Ok(Ended::Planned(changed, skipped))
    }

    /// Says when the customers of a page have to be looked at again (L7).
    async fn put_to_sleep(&mut self, tx: &mut Tx, page: &Page, next: &Agenda) -> Result<(), DatabaseError> {
        let mut seen = std::mem::take(&mut self.customers);
        // By a clock that cannot be right nothing was skipped that is to be (T29).
        if self.limits.may_skip {
            let day = self.known.day(&self.inputs.office.timetable, &page.snapshot, self.inputs.today);
            agenda::put_to_sleep(&mut seen, page, &day, next);
        }
        crate::ledger::agenda::save(tx, &page.before, &seen).await
    }

    /// The notices of everybody, and in which case those are that wait to be sent.
    async fn gather(
        &mut self,
        tx: &mut Tx,
        journal: &mut Journal,
        reading: &mut Reading,
        unsent: &[String],
    ) -> Result<Plan, DatabaseError> {
        let (mut notices, mut found) = (Notices::default(), Plan::default());
        let steps = &self.inputs.office.timetable.steps;
        let is_notice = |step: &String| steps.iter().any(|s| s.id == *step && s.is_notice());
        while let Some(page) = reading.next().await? {
            self.look(tx, journal, &page, true).await?;
            let plan = self.find(tx, &page, None).await?;
            notices.add(plan.contacts.into_iter().filter(|c| c.kind == Kind::Notice));
            if !unsent.is_empty() {
                found.skips.extend(plan.skips.into_iter().filter(|c| c.kind == Kind::Notice));
                found.waiting.extend(plan.waiting.into_iter().filter(|w: &Waiting| is_notice(&w.step)));
            }
        }
        found.contacts = notices.into_contacts();
        Ok(found)
    }
}
