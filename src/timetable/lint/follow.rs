//! Steps that follow an e-mail which some of their customers never get (T33).

use super::{Lints, allows, names};
use crate::timetable::{After, Step, When};

impl Lints<'_> {
    pub(super) fn follow_ups(&mut self) {
        for step in &self.timetable.steps {
            let Some(after) = &step.after else { continue };
            let Some(before) = self.timetable.step(&after.step) else { continue };
            self.who_follows(step, before);
            self.own_days(step, before, after);
            let quiet = self.timetable.quiet_days;
            if step.is_email() && before.event().is_none() && after.silent_days < quiet {
                let message = format!(
                    "`{}` follows `{}` after {} silent days, and quiet_days = {quiet} keeps it back (T16)",
                    step.id, before.id, after.silent_days
                );
                self.step("quiet-days", step, "silent_days", message, &format!("write silent_days = {quiet} or more"));
            }
        }
    }

    /// The segments and the limits of the two have to agree.
    fn who_follows(&mut self, step: &Step, before: &Step) {
        let (own, theirs) = (self.segments_of(step), self.segments_of(before));
        let without: Vec<&str> = own.iter().copied().filter(|s| !theirs.contains(s)).collect();
        if !without.is_empty() {
            let whom = if without.len() == own.len() { String::new() } else { format!(" for {}", names(&without)) };
            let whose = if without.len() == 1 { "that segment does" } else { "those segments do" };
            let message = format!("`{}` never goes out{whom}: {whose} not have `{}`, which it follows", step.id, before.id);
            let help = "follow an e-mail that they have, or leave them out with `segments`";
            self.step("never-sent", step, "after", message, help);
            if without.len() == own.len() {
                self.never_sent.insert(step.id.clone());
            }
        }
        let (limits, other) = (&step.limits, &before.limits);
        let currencies = |list: &Option<Vec<crate::money::Currency>>| {
            list.as_ref().map(|l| l.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let pairs = [
            ("sizes", limits.sizes.clone(), other.sizes.clone()),
            ("ranks", limits.ranks.clone(), other.ranks.clone()),
            ("currencies", currencies(&limits.currencies), currencies(&other.currencies)),
        ];
        for (key, own, theirs) in pairs {
            let Some(theirs) = theirs else { continue };
            if own.is_none_or(|own| own.iter().any(|word| !theirs.contains(word))) {
                let message =
                    format!("`{}` goes out only where `{}` does, which has {key} = {theirs:?} (T33)", step.id, before.id);
                self.step("never-sent", step, "after", message, &format!("write the same `{key}`, so that the file says so"));
            }
        }
    }

    /// `days` that are over before the silence can be.
    fn own_days(&mut self, step: &Step, before: &Step, after: &After) {
        if step.when == When::After {
            return;
        }
        let falls = |segment: &&str| {
            let first = self.timetable.usual_day(before, segment)? + i64::from(after.silent_days) + 1;
            Some((step.days_for(segment)?, first))
        };
        let segments = self.segments_of(step);
        let all: Vec<(i64, i64)> = segments.iter().filter(|s| allows(step, s)).filter_map(falls).collect();
        if let Some((own, first)) = all.first().filter(|_| all.iter().all(|(own, first)| own <= first)) {
            let message = format!(
                "`days` of `{}` ({own}) says nothing: after `{}` and {} silent days it comes on day {first} at the earliest",
                step.id, before.id, after.silent_days
            );
            self.step("never-early", step, "days", message, "leave `days` out, or write a later one");
        }
    }
}
