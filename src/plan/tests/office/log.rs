//! A contact log in memory: what the real one keeps and forgets, and its unique keys.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use crate::plan::explain::{self, Records, Standing};
use crate::plan::{Covered, Kind, Plan, Planned};
use crate::timetable::Timetable;
use crate::timetable::approval::{Key, Told, Verdict};
use crate::timetable::follow::Heard;
use crate::timetable::history::{Done, History, Left};
use crate::timetable::stops::mailbox;

/// What becomes of what is planned to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Sent,
    /// Refused for good: done, but nothing was sent.
    Failed,
    /// The window closed before: it goes back, and the next poll plans it afresh.
    LeftQueued,
}

/// A contact of the log.
#[derive(Debug, Clone)]
pub struct Logged {
    pub id: String,
    pub contact: Planned,
    pub failed: bool,
    /// Of a task: still open.
    pub open: bool,
}

/// The log, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Log {
    pub contacts: Vec<Logged>,
    renamed: BTreeMap<String, String>,
    once: HashSet<(String, String, u32, Option<u32>)>,
    /// The last that was heard of customers, payments aside (T33).
    pub heard: HashMap<String, Heard>,
    /// What persons have said (T34).
    pub approvals: HashMap<Key, Verdict>,
    /// Of what somebody was told.
    pub told: HashMap<Key, Told>,
}

impl Log {
    /// Writes a plan down; an occurrence that is there already breaks the test, as the database's unique key would (T9).
    pub fn write(&mut self, plan: &Plan, fate: Fate) {
        for contact in plan.contacts.iter().chain(&plan.skips) {
            if contact.kind != Kind::Task && contact.reason.is_none() && fate == Fate::LeftQueued {
                continue;
            }
            for covered in &contact.covered {
                self.enter(covered, contact.reason.is_some());
            }
            let is_task = contact.kind == Kind::Task && contact.reason.is_none();
            self.contacts.push(Logged {
                id: format!("contact-{}", self.contacts.len()),
                contact: contact.clone(),
                failed: fate == Fate::Failed && !is_task && contact.reason.is_none(),
                open: is_task,
            });
        }
        for (id, covered) in &plan.additions {
            self.enter(covered, false);
            let review = self.contacts.iter_mut().find(|c| c.id == *id && c.open).expect("an open review");
            review.contact.covered.push(covered.clone());
        }
    }

    fn enter(&mut self, c: &Covered, skipped: bool) {
        let key = (c.invoice.clone(), self.present(&c.step), c.occurrence, (!skipped).then_some(c.round));
        assert!(self.once.insert(key.clone()), "twice in the log: {key:?}");
    }

    /// A person finishes every open task of a step.
    pub fn finish_tasks_of(&mut self, step: &str) {
        for task in self.contacts.iter_mut().filter(|c| c.contact.step == step) {
            task.open = false;
        }
    }

    pub fn keep_renames(&mut self, timetable: &Timetable) {
        for step in &timetable.steps {
            self.renamed.remove(&step.id);
            for old in &step.renamed_from {
                self.renamed.insert(old.clone(), step.id.clone());
            }
        }
    }

    fn present(&self, step: &str) -> String {
        let mut name = step;
        for _ in 0..self.renamed.len() {
            name = self.renamed.get(name).map_or(name, String::as_str);
        }
        name.to_owned()
    }

    pub fn has_contacts(&self, step: &str) -> bool {
        self.contacts.iter().any(|c| c.contact.covered.iter().any(|o| o.step == step))
    }

    /// The customer e-mails of the last 20 sending days before a day, and those of the day (T28).
    pub fn sending_days(&self, today: NaiveDate) -> (Vec<u64>, u64) {
        let mut days: BTreeMap<NaiveDate, u64> = BTreeMap::new();
        for sent in self.sent().filter(|c| c.kind == Kind::Email) {
            *days.entry(sent.date).or_default() += 1;
        }
        let before = days.range(..today).rev().map(|(_, n)| *n).take(20).collect();
        (before, days.get(&today).copied().unwrap_or(0))
    }

    /// What has really left.
    pub fn sent(&self) -> impl Iterator<Item = &Planned> {
        self.contacts.iter().filter(|c| !c.failed).map(|c| &c.contact).filter(|c| c.kind != Kind::Task && c.reason.is_none())
    }

    /// The log, as the timetable wants to know it.
    pub fn history(&self) -> History {
        let mut history = History {
            heard: self.heard.clone(),
            approvals: self.approvals.clone(),
            told: self.told.clone(),
            ..History::default()
        };
        for logged in &self.contacts {
            let contact = &logged.contact;
            for c in &contact.covered {
                let of = history.invoices.entry(c.invoice.clone()).or_default();
                let key = (self.present(&c.step), c.occurrence);
                if contact.reason.is_some() {
                    of.skipped.insert(key);
                    continue;
                }
                let left = match contact.kind {
                    Kind::Task => Left::Open,
                    _ if logged.failed => Left::Failed,
                    _ => Left::Sent,
                };
                let done = Done { due_date: c.due_date, on: contact.date, round: c.round, left };
                let newest = of.done.entry(key).or_insert(done);
                if (done.round, done.on) > (newest.round, newest.on) {
                    *newest = done;
                }
            }
            if contact.reason.is_none() && contact.kind == Kind::Email && contact.group.is_due_date() && !logged.failed {
                for c in &contact.covered {
                    let last = history.last_email.entry(c.customer.clone()).or_insert(contact.date);
                    *last = (*last).max(contact.date);
                }
                let last = history.last_to.entry(mailbox(&contact.to)).or_insert(contact.date);
                *last = (*last).max(contact.date);
            }
            if logged.open && contact.action == "review" {
                history.open_reviews.insert((contact.customer.clone(), self.present(&contact.step)), logged.id.clone());
            }
        }
        history
    }

    /// The log, as `explain` wants to know it.
    pub fn records(&self) -> Records {
        let one = |logged: &Logged, c: &Covered| explain::Logged {
            contact: logged.id.clone(),
            kind: logged.contact.kind,
            is_due_date: logged.contact.group.is_due_date(),
            customer: c.customer.clone(),
            invoice: c.invoice.clone(),
            step: self.present(&c.step),
            occurrence: c.occurrence,
            round: c.round,
            due_date: c.due_date,
            date: logged.contact.date,
            state: match (logged.contact.reason, logged.contact.kind, logged.failed) {
                (Some(_), ..) => "skipped",
                (_, Kind::Task, _) => "open",
                (.., true) => "failed",
                _ => "sent",
            }
            .to_owned(),
            standing: if logged.contact.reason.is_some() { Standing::Skipped } else { Standing::Counts },
            reason: logged.contact.reason.map(str::to_owned),
            rule: logged.contact.rule.to_owned(),
            relay_reply: None,
            snoozed_until: None,
            note: None,
            before: true,
        };
        let contacts = self.contacts.iter().flat_map(|l| l.contact.covered.iter().map(move |c| one(l, c))).collect();
        Records { contacts, ..Records::default() }
    }
}
