//! What a timetable says that is hardly meant: found by reading it, for `check` alone.

mod deadlines;
mod follow;
mod gaps;
mod interest;
mod limits;
mod quiet;
mod repeats;
mod segments;
mod veto;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use interest::{said_of_rates, unknown_rates};

use super::{Step, Timetable};
use crate::diagnostic::Problem;
use crate::diagnostic::places::Places;

/// Everything that was found.
#[derive(Debug)]
pub struct Lints<'a> {
    timetable: &'a Timetable,
    places: &'a Places<'a>,
    pub problems: Vec<Problem>,
    /// The steps that can never go out: nothing else has to be said of them.
    pub never_sent: BTreeSet<String>,
}

/// Reads a timetable for what can never happen, or hardly as it was meant.
#[must_use]
pub fn lint<'a>(places: &'a Places<'a>, timetable: &'a Timetable) -> Lints<'a> {
    let mut lints = Lints { timetable, places, problems: Vec::new(), never_sent: BTreeSet::new() };
    lints.segments();
    lints.sizes();
    lints.limits();
    lints.repeats();
    lints.follow_ups();
    lints.quiet_days();
    lints.gaps();
    lints.deadlines();
    lints.veto();
    lints
}

impl<'a> Lints<'a> {
    /// A warning about a key of a step.
    fn step(&mut self, code: &'static str, step: &Step, key: &str, message: String, help: &str) {
        let problem = self.places.problem(code, self.places.step(&step.id, key), message, help);
        self.problems.push(problem.as_warning());
    }

    /// The segments whose customers have a step: those that it is limited to, and that its `days` has a day for.
    fn segments_of(&self, step: &Step) -> Vec<&'a str> {
        let names = self.timetable.segments.iter().map(|s| s.name.as_str());
        names.filter(|name| allows(step, name) && step.is_for_segment(name)).collect()
    }
}

/// Whether the limits of a step leave a segment in (T7).
fn allows(step: &Step, segment: &str) -> bool {
    step.limits.segments.as_ref().is_none_or(|l| l.iter().any(|s| s == segment))
}

/// Names for people: `a`, `b` and `c`.
fn names<S: AsRef<str>>(list: &[S]) -> String {
    let quoted: Vec<String> = list.iter().map(|s| format!("`{}`", s.as_ref())).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
