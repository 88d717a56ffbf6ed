//! Limits of a step that no customer and no invoice can meet (T2, T7), and sizes that no invoice has.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Lints, allows, names};
use crate::timetable::segment::SMALL;
use crate::timetable::{Match, Sizes, Step};

impl Lints<'_> {
    pub(super) fn limits(&mut self) {
        let unreachable = unreachable(&self.timetable.sizes);
        for step in &self.timetable.steps {
            self.segments_and_days(step);
            if let Some(sizes) = step.limits.sizes.as_ref().filter(|l| l.iter().all(|s| unreachable.contains_key(s.as_str()))) {
                let message = format!("`{}` never goes out: no invoice is {}", step.id, names(sizes));
                self.never(step, "sizes", message, "change [sizes], or `sizes` of the step", false);
            }
            self.ranks(step);
        }
    }

    /// `segments` and the table of `days` have to agree.
    fn segments_and_days(&mut self, step: &Step) {
        let has = self.segments_of(step);
        let all: Vec<&str> = self.timetable.segments.iter().map(|s| s.name.as_str()).collect();
        if all.is_empty() {
            return;
        }
        if has.is_empty() {
            let message = format!("`{}` never goes out: `days` has no day for any segment of `segments`", step.id);
            self.never(step, "segments", message, "name the same segments in both, or leave `segments` out", true);
            return;
        }
        if !matches!(step.when, crate::timetable::When::Days { .. }) || step.limits.segments.is_none() {
            return;
        }
        let (limited, days) = (|s: &&str| allows(step, s), |s: &&str| step.days_for(s).is_some());
        let by_segment = matches!(&step.when, crate::timetable::When::Days { days: crate::timetable::Days::BySegment(_), .. });
        let no_day: Vec<&str> = all.iter().copied().filter(|s| limited(s) && !days(s)).collect();
        let left_out: Vec<&str> = all.iter().copied().filter(|s| by_segment && !limited(s) && days(s)).collect();
        if !no_day.is_empty() {
            let message =
                format!("`{}` never goes out for {}: `segments` names it, and `days` has no day for it", step.id, names(&no_day));
            self.step("never-sent", step, "segments", message, "give it a day, or take it out of `segments`");
        }
        if !left_out.is_empty() {
            let message = format!(
                "`{}` never goes out for {}: `days` has a day for it, and `segments` leaves it out",
                step.id,
                names(&left_out)
            );
            self.step("never-sent", step, "days", message, "name it in `segments`, or take it out of `days`");
        }
    }

    /// A rank that no customer of the step's segments has, unless the ledger's own column puts one there.
    fn ranks(&mut self, step: &Step) {
        let Some(wanted) = step.limits.ranks.as_ref().filter(|_| !self.never_sent.contains(&step.id)) else { return };
        let has = self.segments_of(step);
        if has.iter().any(|segment| wanted.iter().any(|rank| self.may_have(segment, rank))) {
            return;
        }
        let message = format!("`{}` never goes out: no customer of {} has the rank {}", step.id, names(&has), names(wanted));
        let help = "change `ranks`, or the segments of the step; only the ledger's own column `segment` would make an exception";
        self.never(step, "ranks", message, help, false);
    }

    /// Whether a customer of this rank can come to a segment by its `match`.
    fn may_have(&self, segment: &str, rank: &str) -> bool {
        let lists = |m: &Match| m.rank.as_ref().is_none_or(|l| l.iter().any(|r| r == rank));
        for s in &self.timetable.segments {
            if s.name == segment {
                return s.matches.as_ref().is_none_or(lists);
            }
            let ranks_alone = |m: &&Match| **m == Match { rank: m.rank.clone(), ..Match::default() };
            if s.matches.as_ref().filter(ranks_alone).is_some_and(lists) {
                return false;
            }
        }
        false
    }

    fn never(&mut self, step: &Step, key: &str, message: String, help: &str, error: bool) {
        let problem = self.places.problem("never-sent", self.places.step(&step.id, key), message, help);
        self.problems.push(if error { problem } else { problem.as_warning() });
        self.never_sent.insert(step.id.clone());
    }

    /// Sizes that no invoice has, in any currency.
    pub(super) fn sizes(&mut self) {
        for (size, instead) in unreachable(&self.timetable.sizes) {
            let place = self.places.key(&["sizes", size]).or_else(|| self.places.key(&["sizes", instead]));
            let message = format!("no invoice is `{size}`: whatever reaches it is `{instead}` (T7)");
            let help = "give each size a threshold of its own, above 0";
            self.problems.push(self.places.problem("size-empty", place, message, help).as_warning());
        }
    }
}

/// The sizes that no total has, each with the one that takes its place.
fn unreachable(sizes: &Sizes) -> BTreeMap<&str, &str> {
    let general: BTreeMap<&str, Decimal> = sizes.thresholds.iter().map(|(n, l)| (n.as_str(), *l)).collect();
    let by_currency = sizes.by_currency.values().map(|own| {
        let mut limits = general.clone();
        limits.extend(own.iter().map(|(n, l)| (n.as_str(), *l)));
        limits
    });
    let mut all: Vec<BTreeMap<&str, Decimal>> = by_currency.collect();
    all.push(general.clone());
    // As `Sizes::size_of` has it: the greatest threshold that is reached, and of equal ones the greater name.
    let names: BTreeSet<&str> = general.keys().copied().chain([SMALL]).collect();
    let mut found = BTreeMap::new();
    for name in names {
        let others: Vec<&str> = all.iter().filter_map(|limits| instead(limits, name)).collect();
        if others.len() == all.len()
            && let Some(other) = others.last()
        {
            found.insert(name, *other);
        }
    }
    found
}

/// The size that every total has which reaches `size`, if that is another one. As `Sizes::size_of` has it: the greatest
/// threshold that is reached, and of equal ones the greater name; `small` below all of them.
fn instead<'s>(limits: &BTreeMap<&'s str, Decimal>, size: &str) -> Option<&'s str> {
    let own = limits.get(size).copied();
    let reached = |(n, l): &(&&str, &Decimal)| match own {
        Some(at) => **l == at && **n > size,
        None => **l <= Decimal::ZERO,
    };
    limits.iter().filter(reached).max_by_key(|(n, l)| (**l, **n)).map(|(n, _)| *n)
}
