//! The promises of a played day: kept or broken by the ledger, as polls do it.

use chrono::{DateTime, NaiveDate, Utc};

use super::Rehearsal;
use crate::contacts::Entry;
use crate::daemon::settled;
use crate::plan::contact::Group;
use crate::plan::{Kind, Planned};
use crate::timetable::stops;

impl Rehearsal {
    /// Settles the parts whose day, and its grace, are over. What polls would make a task of is kept for [`Self::broken_promises`].
    pub(super) fn settle_promises(&mut self, day: NaiveDate) {
        let (timetable, ledger) = (&self.office.timetable, &self.read.snapshot);
        for mut one in std::mem::take(&mut self.promises) {
            let verdicts = one.judge(ledger, |by| day > stops::promise_end(timetable, by));
            if !verdicts.is_empty() {
                settled::stop_until(&mut self.known.controls, &one.subject, one.after(&verdicts).until);
                self.broken.extend(settled::broken(&one, &verdicts, ledger, day));
                one.settled += verdicts.len();
            }
            if one.settled < one.parts.len() {
                self.promises.push(one);
            }
        }
    }

    /// The tasks of the promises that were found broken, unless the timetable itself says what is to happen then.
    pub(super) fn broken_promises(&mut self, now: DateTime<Utc>) -> Vec<Entry> {
        let new = std::mem::take(&mut self.broken);
        if settled::says_what_follows(&self.office.timetable) {
            return Vec::new();
        }
        let made = new.into_iter().map(|task| {
            let customer = self.read.snapshot.customers.get(&task.customer);
            let planned = Planned {
                kind: Kind::Task,
                group: Group::Task,
                action: task.word.clone(),
                step: task.word,
                occurrence: 0,
                date: task.date,
                reason: None,
                rule: task.rule,
                to: customer.and_then(|c| c.collector.clone()).into_iter().collect(),
                customer: task.customer,
                segment: String::new(),
                cc: Vec::new(),
                language: None,
                covered: Vec::new(),
                asked: None,
                unopposed: None,
            };
            let entry = self.entry(&planned, now);
            let invoice = (!task.lead.is_empty()).then_some(task.lead);
            Entry { note: task.note, reason: Some(task.reason.to_owned()), lead: invoice.unwrap_or_default(), ..entry }
        });
        made.collect()
    }
}
