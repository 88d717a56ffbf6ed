//! A small office for tests: a ledger in memory, a timetable, and a log that remembers what its polls planned.

mod log;
mod steps;
mod words;
mod world;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

pub use log::{Fate, Log, Logged};
pub use steps::{after, email, email_after, notice, on, task, task_after, task_on};
pub use words::{contacts, lines, the};

use crate::ledger::Snapshot;
use crate::plan::Plan;
use crate::plan::agenda::Agenda;
use crate::plan::explain::{self, Line, Question, Tense};
use crate::plan::make::{Limits, make_with};
use crate::plan::rename::Renames;
use crate::timetable::evaluate::{self, Day};
use crate::timetable::history::{Controls, Facts};
use crate::timetable::occurrence::{Case, Occurrence};
use crate::timetable::personal::Personal;
use crate::timetable::{Timetable, events, file, stops};

/// The ledger, the rules, and everything that outlives a poll.
#[derive(Debug, Clone)]
pub struct Office {
    pub timetable: Timetable,
    pub ledger: Snapshot,
    pub controls: Controls,
    pub log: Log,
    pub facts: HashMap<String, Facts>,
    pub customer_since: HashMap<String, NaiveDate>,
    pub recorded_go_live: Option<NaiveDate>,
    pub renames: Renames,
    /// What becomes of the e-mails and notices that are planned.
    pub fate: Fate,
    pub accept_steps: bool,
    pub accept_volume: bool,
    pub may_skip: bool,
    /// Whom people look after, by what is open.
    pub personal: Personal,
    /// The instant for which plans are made; `None`: for the day as a whole.
    pub at: Option<DateTime<Utc>>,
    /// The steps that wait for a word about a rename.
    pub held_steps: BTreeSet<String>,
}

/// The timetable of a text; warnings are nothing.
pub fn timetable(text: &str) -> Timetable {
    match file::parse("timetable.toml", text) {
        Ok((timetable, _)) => timetable,
        Err(problems) => panic!("{text}\n{}", problems.iter().map(|p| p.render(false)).collect::<String>()),
    }
}

impl Office {
    /// An office with a whole timetable file.
    pub fn of(text: &str) -> Self {
        Self {
            timetable: timetable(text),
            ledger: Snapshot::default(),
            controls: Controls::default(),
            log: Log::default(),
            facts: HashMap::new(),
            customer_since: HashMap::new(),
            recorded_go_live: None,
            renames: Renames::default(),
            fate: Fate::Sent,
            accept_steps: false,
            accept_volume: false,
            may_skip: true,
            at: None,
            personal: Personal::default(),
            held_steps: BTreeSet::new(),
        }
    }

    /// An office with these steps for everybody, without quiet days, live since 2025.
    pub fn with(steps: &str) -> Self {
        Self::of(&plain("quiet_days = 0", steps))
    }

    /// The office gets another file.
    pub fn changes_its_file(&mut self, text: &str) {
        self.timetable = timetable(text);
    }

    /// Polls at an hour of the send window, if the day is a business day, and says what was planned.
    pub fn poll_on(&mut self, day: &str) -> Vec<String> {
        lines(&self.plan_on(day))
    }

    /// Likewise, and says nothing of what is skipped.
    pub fn contacts_on(&mut self, day: &str) -> Vec<String> {
        contacts(&self.plan_on(day))
    }

    /// Likewise, and hands out the plan itself.
    pub fn plan_on(&mut self, day: &str) -> Plan {
        let today = the(day);
        self.poll(today, self.timetable.calendar.is_business_day(today))
    }

    /// Polls in the evening: nothing may be sent.
    pub fn poll_in_the_evening_of(&mut self, day: &str) -> Vec<String> {
        lines(&self.poll(the(day), false))
    }

    /// One poll: observe, plan, write the plan down.
    pub fn poll(&mut self, today: NaiveDate, may_send: bool) -> Plan {
        self.looks_around(today, may_send);
        let plan = self.planned(today, may_send);
        self.log.write(&plan, self.fate);
        plan
    }

    /// What a poll does before it plans.
    pub fn looks_around(&mut self, today: NaiveDate, may_send: bool) {
        self.observe(today);
        if may_send && self.recorded_go_live.is_none() {
            self.recorded_go_live = Some(today);
        }
        self.look_for_renames();
    }

    /// What a poll would plan now, without observing or writing anything.
    pub fn planned(&self, today: NaiveDate, may_send: bool) -> Plan {
        self.planned_with(today, may_send, None)
    }

    /// Likewise, without a look at what the agenda passes over.
    pub fn planned_with(&self, today: NaiveDate, may_send: bool, agenda: Option<&mut Agenda>) -> Plan {
        let (sending_days, sent_today) = self.log.sending_days(today);
        let limits = Limits {
            may_send,
            at: self.at,
            may_skip: self.may_skip,
            sending_days,
            sent_today,
            accept_volume: self.accept_volume,
        };
        self.on(today, |day| make_with(day, &limits, agenda))
    }

    /// Every occurrence of an invoice on a day, as `explain` has it.
    pub fn occurrences(&self, today: NaiveDate, invoice: &str) -> Vec<(String, u32, Case, NaiveDate)> {
        self.on(today, |day| {
            let invoice = &self.ledger.invoices[invoice];
            let own: Vec<_> = self.ledger.invoices.values().filter(|i| i.customer_id == invoice.customer_id).collect();
            let sums = stops::sums(&self.ledger);
            let account = day.account(&self.ledger.customers[&invoice.customer_id], &own, &sums);
            let found = evaluate::invoice(day, &account, invoice);
            found.into_iter().map(|o: Occurrence<'_>| (o.step.id.clone(), o.number, o.case, o.send_date)).collect()
        })
    }

    /// The case of a step's occurrence for an invoice: `case_on("2026-03-02", "I1", "first", 0)`.
    pub fn case_on(&self, day: &str, invoice: &str, step: &str, number: u32) -> Case {
        let all = self.occurrences(the(day), invoice);
        let found = all.iter().find(|(id, n, _, _)| id == step && *n == number);
        found.unwrap_or_else(|| panic!("no {step} {number} among {all:?}")).2.clone()
    }

    /// What is explained of an invoice on a day, as things stand.
    pub fn explained(&self, today: NaiveDate, may_send: bool, invoice: &str) -> Vec<Line> {
        let plan = self.planned(today, may_send);
        let records = self.log.records();
        self.on(today, |day| {
            let invoice = &self.ledger.invoices[invoice];
            let own: Vec<_> = self.ledger.invoices.values().filter(|i| i.customer_id == invoice.customer_id).collect();
            let question = Question {
                day,
                plan: &plan,
                records: &records,
                tense: Tense::Present,
                in_window: may_send,
                customer: &self.ledger.customers[&invoice.customer_id],
                invoices: &own,
                sums: &stops::sums(&self.ledger),
            };
            explain::invoice(&question, &question.account(), invoice)
        })
    }

    /// The line of a step, of the first occurrence that is in this case.
    pub fn line(&self, day: &str, invoice: &str, step: &str, case: &str) -> Line {
        let today = the(day);
        let lines = self.explained(today, self.timetable.calendar.is_business_day(today), invoice);
        let found = lines.iter().find(|l| l.step == step && l.case == case);
        found.unwrap_or_else(|| panic!("no {step} that is {case} in {lines:#?}")).clone()
    }

    /// Does something with the day's inputs.
    pub fn on<T>(&self, today: NaiveDate, ask: impl FnOnce(&Day<'_>) -> T) -> T {
        let history = self.log.history();
        ask(&Day {
            timetable: &self.timetable,
            snapshot: &self.ledger,
            history: &history,
            facts: &self.facts,
            customer_since: &self.customer_since,
            controls: &self.controls,
            personal: &self.personal,
            today,
            go_live: self.timetable.go_live.or(self.recorded_go_live),
            held_steps: &self.held_steps,
        })
    }

    fn observe(&mut self, today: NaiveDate) {
        let paid = events::payments_by_invoice(&self.ledger);
        let mut seen: HashMap<String, Facts> = HashMap::new();
        for (id, f) in &self.facts {
            seen.insert(id.clone(), Facts { in_read: false, open: false, ..f.clone() });
        }
        for (id, invoice) in &self.ledger.invoices {
            let paid = paid.get(id.as_str()).copied().unwrap_or_default();
            let now = events::observe(&self.timetable, &self.controls, self.facts.get(id), invoice, paid, today);
            seen.insert(id.clone(), now);
            let since = self.customer_since.entry(invoice.customer_id.clone()).or_insert(invoice.issue_date);
            *since = (*since).min(invoice.issue_date);
        }
        self.facts = seen;
    }

    fn look_for_renames(&mut self) {
        self.log.keep_renames(&self.timetable);
        self.renames = self.renames.look(&self.timetable, |id| self.log.has_contacts(id), self.accept_steps);
        self.held_steps.clone_from(&self.renames.appeared);
    }
}

/// A file with one segment: the keys of the top and the steps.
pub fn plain(above: &str, steps: &str) -> String {
    let live = if above.contains("go_live") { "" } else { "go_live = \"2025-01-01\"\n" };
    format!("time_zone = \"UTC\"\n{live}{above}\n[[segment]]\nname = \"all\"\n{steps}")
}
