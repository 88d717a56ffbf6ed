//! Segments whose unpaid invoices are forgotten: nothing happens after the first month.

use super::{Lints, allows};
use crate::timetable::segment::SMALL;
use crate::timetable::{Step, Timetable};

/// Days past due after which something has to happen still.
const MONTH: i64 = 30;

impl Lints<'_> {
    pub(super) fn gaps(&mut self) {
        let mut sizes: Vec<&str> = self.timetable.sizes.thresholds.keys().map(String::as_str).collect();
        sizes.push(SMALL);
        for segment in &self.timetable.segments {
            let last_of = |size: &str| {
                let steps = self.timetable.steps.iter().filter(|s| allows(s, &segment.name) && is_for(s, size));
                steps.filter_map(|s| last_day(self.timetable, s, &segment.name)).max()
            };
            let forgotten: Vec<&str> = sizes.iter().copied().filter(|size| last_of(size).is_none_or(|d| d <= MONTH)).collect();
            let Some(first) = forgotten.first() else { continue };
            let whose = match forgotten.len() == sizes.len() {
                true => format!("customers of `{}`", segment.name),
                false => format!("{} invoices of customers of `{}`", forgotten.join(" and "), segment.name),
            };
            let latest = forgotten.iter().filter_map(|size| last_of(size)).max().or_else(|| last_of(first));
            let message = match latest {
                Some(day) if day >= 0 => format!("after day {day} past due, nothing happens any more for {whose}"),
                Some(_) => format!("after the due date, nothing happens for {whose}"),
                None => format!("no step is for {whose}: they are never reminded"),
            };
            let help =
                "add a step after day 30 (a call, a last letter, or a statement with repeat_every), so that nobody is forgotten";
            let place = self.places.segment(&segment.name, "name");
            self.problems.push(self.places.problem("nothing-after", place, message, help).as_warning());
        }
    }
}

/// Whether an ordinary invoice of a size has the step.
fn is_for(step: &Step, size: &str) -> bool {
    let limits = &step.limits;
    limits.sizes.as_ref().is_none_or(|l| l.iter().any(|s| s == size)) && limits.ranks.is_none() && limits.currencies.is_none()
}

/// The last day on which a step falls for a segment.
fn last_day(timetable: &Timetable, step: &Step, segment: &str) -> Option<i64> {
    let first = timetable.usual_day(step, segment)?;
    Some(match step.repeat() {
        None => first,
        Some(r) => r.until.map_or(i64::MAX, |until| first + (until - first).max(0) / r.every * r.every),
    })
}
