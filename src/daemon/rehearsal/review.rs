//! The credit reviews of a played day.

use chrono::{DateTime, NaiveDate, Utc};

use super::Rehearsal;
use crate::contacts::Entry;
use crate::contacts::review::Last;
use crate::daemon::review;
use crate::plan::contact::Group;
use crate::plan::{Kind, Planned};

impl Rehearsal {
    /// The tasks that a poll would open.
    pub(super) fn review(&mut self, day: NaiveDate, now: DateTime<Utc>) -> Vec<Entry> {
        let Some(since) = self.reviews_since else { return Vec::new() };
        let today = self.known.day(&self.office.timetable, &self.read.snapshot, day);
        let mut made = Vec::new();
        for due in review::due(&today, &self.reviewed, since) {
            let before = self.reviewed.remove(&due.customer).and_then(|last| last.made);
            let (note, figures) = due.paper.map_or((None, None), |(note, figures)| (Some(note), Some((day, figures))));
            self.reviewed.insert(due.customer.clone(), Last { period: due.period, made: figures.or(before) });
            let Some(note) = note else { continue };
            let planned = Planned {
                kind: Kind::Task,
                group: Group::Task,
                action: review::WORD.to_owned(),
                step: review::WORD.to_owned(),
                occurrence: 0,
                date: day,
                reason: None,
                rule: "T24",
                customer: due.customer,
                segment: due.segment,
                to: due.to.into_iter().collect(),
                cc: Vec::new(),
                language: None,
                covered: Vec::new(),
                asked: None,
                unopposed: None,
            };
            made.push((planned, note));
        }
        made.into_iter().map(|(planned, note)| Entry { note: Some(note), ..self.entry(&planned, now) }).collect()
    }
}
