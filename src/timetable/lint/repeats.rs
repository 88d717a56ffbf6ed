//! Occurrences that `repeat_until` cuts off (T4).

use super::{Lints, names};

impl Lints<'_> {
    pub(super) fn repeats(&mut self) {
        for step in &self.timetable.steps {
            let Some((repeat, until)) = step.repeat().and_then(|r| Some((r, r.until?))) else { continue };
            let firsts: Vec<(&str, i64)> =
                self.segments_of(step).into_iter().filter_map(|s| Some((s, step.days_for(s)?))).collect();
            let never: Vec<&str> = firsts.iter().filter(|(_, first)| first + repeat.every > until).map(|(s, _)| *s).collect();
            let Some(first) = firsts.iter().map(|(_, first)| *first).max().filter(|_| !never.is_empty()) else { continue };
            // The reader has said it of one that ends before it begins.
            if firsts.iter().all(|(_, first)| *first > until) {
                continue;
            }
            let whom = if never.len() == firsts.len() { String::new() } else { format!(" for {}", names(&never)) };
            let message = format!(
                "`{}` never repeats{whom}: the second one would fall on day {}, after `repeat_until`",
                step.id,
                first + repeat.every
            );
            let help = format!("write repeat_until = {} or more, or leave both out", first + repeat.every);
            self.step("never-repeats", step, "repeat_until", message, &help);
        }
    }
}
