//! Plays days one after another on a copy of the state in memory (T32): nothing is written but the e-mails.
//!
//! What is planned, and what an e-mail says, is the code of a real poll; what the log would remember of it is kept beside
//! (`crate::plan::remember`), so that months over a large ledger take seconds.

mod begin;
mod ledger;
mod post;
mod promises;
mod review;

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use begin::{Paying, RehearsalError};

use super::excerpt::Excerpt;
use super::knowledge::Knowledge;
use super::office::Office;
use super::poll;
use crate::contacts::past::Past;
use crate::contacts::promise::Promise;
use crate::contacts::review::Last;
use crate::contacts::tasks::NewTask;
use crate::contacts::{Entry, State};
use crate::ledger::guard::ReadCounts;
use crate::ledger::played::Played;
use crate::plan::agenda::Agenda;
use crate::plan::make::{Limits, Waiting, make_with};
use crate::plan::{Covered, Kind, Plan, Planned};
use crate::timetable::calendar;
use crate::timetable::events::Paid;

/// An office whose days go by.
#[derive(Debug)]
pub struct Rehearsal {
    office: Office,
    /// The ledger as of the day.
    read: Excerpt,
    to_come: Played,
    known: Knowledge,
    /// How many invoices the day before had; `None`: there was no day before.
    seen: Option<u64>,
    /// What has been received for each invoice.
    paid: HashMap<String, Paid>,
    /// Which invoices need not be looked at.
    agenda: Agenda,
    /// The good reads of the last days (T27).
    reads: Vec<(NaiveDate, ReadCounts)>,
    /// The customer e-mails of the last sending days, newest first (T28), and of the present day.
    sending_days: Vec<u64>,
    sent_today: (NaiveDate, u64),
    /// What the log would have of an invoice, for the letter that comes next; read when it is wanted.
    past: HashMap<String, Vec<Past>>,
    /// The segments of the reviews that were made on these days.
    reviews: HashMap<String, String>,
    /// The last credit review of each customer, and since when there are some.
    reviewed: HashMap<String, Last>,
    reviews_since: Option<NaiveDate>,
    /// How many contacts there were so far: their ids count up.
    made: u128,
    /// Where e-mails are written; `None`: nowhere.
    emails: Option<PathBuf>,
    /// Promises with parts that are not settled, and the tasks of those that were found broken on the day.
    promises: Vec<Promise>,
    broken: Vec<NewTask>,
    /// What is to be said of the first day.
    problems: Vec<String>,
}

/// What a day brought.
#[derive(Debug)]
pub struct PlayedDay {
    /// In the plan's order (T25), skipped ones last.
    pub contacts: Vec<Entry>,
    pub waiting: Vec<Waiting>,
    /// What joined a review that was open already: the review's segment, if it was made on these days (T24).
    pub joined: Vec<(Option<String>, Covered)>,
    pub problems: Vec<String>,
}

impl Rehearsal {
    /// Polls once, at the first instant of the day's send window. Days are played in their order.
    ///
    /// # Errors
    /// When an e-mail cannot be written.
    pub async fn play(&mut self, day: NaiveDate) -> Result<PlayedDay, RehearsalError> {
        let timetable = &self.office.timetable;
        let now = calendar::instant(timetable.time_zone, day, timetable.calendar.window.from);
        let mut problems = std::mem::take(&mut self.problems);
        self.look_at_ledger(day, &mut problems);
        let plan = self.plan(day, &mut problems);
        let mut contacts = self.carry_out(&plan, now).await?;
        contacts.extend(self.broken_promises(now));
        contacts.extend(self.review(day, now));
        let segment = |review: &String| self.reviews.get(review).cloned();
        let joined = plan.additions.iter().map(|(review, covered)| (segment(review), covered.clone())).collect();
        Ok(PlayedDay { contacts, waiting: plan.waiting, joined, problems })
    }

    fn plan(&mut self, day: NaiveDate, problems: &mut Vec<String>) -> Plan {
        let may_send = self.office.timetable.calendar.is_business_day(day);
        if may_send && self.known.go_live.is_none() {
            self.known.go_live = Some(day);
        }
        if self.sent_today.0 != day {
            let (_, sent) = std::mem::replace(&mut self.sent_today, (day, 0));
            self.sending_days.splice(0..0, (sent > 0).then_some(sent));
            self.sending_days.truncate(20);
        }
        let limits = Limits {
            may_send,
            at: None,
            may_skip: true,
            sending_days: self.sending_days.clone(),
            sent_today: self.sent_today.1,
            accept_volume: true,
        };
        let today = self.known.day(&self.office.timetable, &self.read.snapshot, day);
        let plan = make_with(&today, &limits, Some(&mut self.agenda));
        problems.extend(poll::over_volume(&self.office.timetable, &limits, &plan));
        plan
    }

    /// Writes the e-mails, and remembers what the log would.
    async fn carry_out(&mut self, plan: &Plan, now: DateTime<Utc>) -> Result<Vec<Entry>, RehearsalError> {
        let mut entries: Vec<Entry> = plan.contacts.iter().chain(&plan.skips).map(|p| self.entry(p, now)).collect();
        if let Some(folder) = self.emails.clone() {
            self.read_past(&entries).await?;
            post::write(&self.office, &self.read, &self.known, &self.past, &folder, &mut entries, now)?;
        }
        for (planned, entry) in plan.contacts.iter().chain(&plan.skips).zip(&entries) {
            let id = entry.contact.as_deref().unwrap_or_default();
            if entry.state == State::Cancelled {
                continue;
            }
            let left = entry.state == State::Sent;
            self.known.history.remember(planned, id, left);
            self.sent_today.1 += u64::from(left && planned.kind == Kind::Email);
            if planned.is_review() {
                self.reviews.insert(id.to_owned(), planned.segment.clone());
            }
            if self.emails.is_some() && planned.reason.is_none() {
                self.keep_past(entry);
            }
        }
        let today = self.read.day;
        plan.additions.iter().for_each(|(_, covered)| self.known.history.is_done(covered, today));
        Ok(entries)
    }

    fn entry(&mut self, planned: &Planned, now: DateTime<Utc>) -> Entry {
        self.made += 1;
        let id = ulid::Ulid::from_parts(now.timestamp_millis().unsigned_abs(), self.made);
        let mut entry = Entry { contact: Some(id.to_string()), ..Entry::of_plan(planned) };
        if entry.state == State::Planned {
            (entry.state, entry.attempts) = (State::Sent, 1);
        }
        entry
    }

    /// How many holds, promises and disputes there are: they hold on these days as they do now.
    #[must_use]
    pub fn controls(&self) -> usize {
        let controls = &self.known.controls;
        let held = controls.invoice_holds.len() + controls.customer_holds.len();
        held + controls.invoice_promises.len() + controls.customer_promises.len() + controls.disputes.len()
    }
}

/// Every calendar day from the first to the last.
pub fn days(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..).map_while(move |n| from.checked_add_signed(TimeDelta::days(n)).filter(|d| *d <= to))
}
