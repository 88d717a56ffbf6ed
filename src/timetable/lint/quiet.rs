//! E-mails that are nearer to each other than `quiet_days` allows: the second one waits (T16).

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Lints, names};
use crate::timetable::file::overlap;
use crate::timetable::step::planned_date;
use crate::timetable::{Calendar, Offset, Step};

impl<'a> Lints<'a> {
    pub(super) fn quiet_days(&mut self) {
        let quiet = i64::from(self.timetable.quiet_days);
        for step in self.timetable.steps.iter().filter(|s| s.is_email()) {
            if let Some(repeat) = step.repeat().filter(|r| r.every <= quiet) {
                let message = format!(
                    "`{}` comes again after {} days, and quiet_days = {quiet} keeps it back (T16)",
                    step.id, repeat.every
                );
                let help = format!("write repeat_every = {} or more, or lower quiet_days", quiet + 1);
                self.step("quiet-days", step, "repeat_every", message, &help);
            }
            // By the e-mail before it, the segments in which it comes too early, and the days of both.
            let mut early: BTreeMap<&str, (Vec<&str>, Offset, Offset)> = BTreeMap::new();
            for segment in self.segments_of(step) {
                let Some(offset) = step.offset_for(segment) else { continue };
                let day = offset.usual_days();
                let Some((before, first)) = self.email_before(step, segment, day) else { continue };
                let apart = day - first;
                let Some(first) = before.offset_for(segment) else { continue };
                if apart <= quiet && self.weekdays_that_wait(first, offset) > 0 {
                    early.entry(&before.id).or_insert_with(|| (Vec::new(), first, offset)).0.push(segment);
                }
            }
            for (before, (segments, first, day)) in early {
                let all = segments.len() == self.segments_of(step).len();
                let whom = if all { String::new() } else { format!(" for {}", names(&segments)) };
                let often = match self.weekdays_that_wait(first, day) {
                    7 => "always waits".to_owned(),
                    n => format!("waits on {n} of 7 weekdays"),
                };
                let message = format!(
                    "`{}` (day {day}) {often}{whom}: quiet_days = {quiet}, and the e-mail `{before}` (day {first}) went too short a \
                     while before (T16)",
                    step.id
                );
                let help = format!("put it on day {} or later, or lower quiet_days", first.usual_days() + quiet + 1);
                self.step("quiet-days", step, "days", message, &help);
            }
        }
    }

    /// The last e-mail before a day that an invoice with this step may have, too.
    fn email_before(&self, step: &Step, segment: &str, day: i64) -> Option<(&'a Step, i64)> {
        self.emails_beside(step, segment).into_iter().filter(|(_, d)| *d < day).max_by_key(|(_, d)| *d)
    }

    /// The first one after a day.
    pub(super) fn email_after(&self, step: &Step, segment: &str, day: i64) -> Option<(&'a Step, i64)> {
        self.emails_beside(step, segment).into_iter().filter(|(_, d)| *d > day).min_by_key(|(_, d)| *d)
    }

    /// The other e-mails that an invoice with this step may have, and their first days.
    fn emails_beside(&self, step: &Step, segment: &str) -> Vec<(&'a Step, i64)> {
        let others = self.timetable.steps.iter().filter(|s| s.is_email() && s.id != step.id);
        let may_meet = others.filter(|s| super::allows(s, segment) && overlap(&s.limits, &step.limits));
        may_meet.filter_map(|s| Some((s, s.days_for(segment)?))).collect()
    }

    /// On how many weekdays of the due date the second e-mail waits, both moved to business days. Holidays are exceptions,
    /// and are not looked at.
    fn weekdays_that_wait(&self, first: Offset, second: Offset) -> usize {
        let calendar = Calendar::of(self.timetable.calendar.window);
        let send = |due: NaiveDate, offset: Offset| {
            let days = offset.days_from(&calendar, due);
            calendar.send_date(planned_date(due, days), days)
        };
        let dues = (0..7).filter_map(|n| NaiveDate::default().checked_add_days(Days::new(n)));
        let quiet = i64::from(self.timetable.quiet_days);
        dues.filter(|due| (send(*due, second) - send(*due, first)).num_days() <= quiet).count()
    }
}
