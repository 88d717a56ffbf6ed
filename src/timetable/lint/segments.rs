//! Segments that nobody can be in (T6), except by the ledger's own column `segment`.

use super::Lints;
use crate::timetable::{Match, Segment};

const OWN_WORD: &str = "only the ledger's own column `segment` would still put customers there";

impl Lints<'_> {
    pub(super) fn segments(&mut self) {
        let segments = &self.timetable.segments;
        for (place, segment) in segments.iter().enumerate() {
            let earlier = &segments[..place];
            let Some(matches) = &segment.matches else {
                if let Some((young, old)) = covered_by_age(earlier) {
                    let message = format!("nobody is left for `{}`: `{}` and `{}` take everybody", segment.name, young, old);
                    self.nobody(segment, "name", message, "leave a gap between the two, or leave this segment out", true);
                }
                continue;
            };
            if let Some((key, message)) = contradiction(matches) {
                let message = format!("nobody can be in `{}`: {message}", segment.name);
                let help = format!("change `{key}`; {OWN_WORD}");
                self.nobody(segment, "match", message, &help, false);
            } else if let Some(first) = earlier.iter().find(|e| e.matches.as_ref().is_some_and(|e| takes_all(e, matches))) {
                let message = format!(
                    "nobody is matched by `{}`: `{}`, which stands above it, takes them all (T6)",
                    segment.name, first.name
                );
                let help = format!("move `{}` above `{}`, or narrow that `match`; {OWN_WORD}", segment.name, first.name);
                self.nobody(segment, "match", message, &help, true);
            }
        }
    }

    fn nobody(&mut self, segment: &Segment, key: &str, message: String, help: &str, warning: bool) {
        let problem = self.places.problem("segment-empty", self.places.segment(&segment.name, key), message, help);
        self.problems.push(if warning { problem.as_warning() } else { problem });
    }
}

/// A `match` that holds for nobody: the key, and why.
fn contradiction(m: &Match) -> Option<(&'static str, String)> {
    let (below, from) = (m.customer_for_days_below, m.customer_for_days_from);
    if let Some(limit) = below.filter(|limit| *limit <= from.unwrap_or(0)) {
        let message = format!("no customer is one for less than {limit} and for at least {} days", from.unwrap_or(0));
        return Some(("customer_for_days_below", message));
    }
    let (below, from) = (m.open_balance_below, m.open_balance_from);
    let limit = below.filter(|limit| *limit <= from.unwrap_or_default())?;
    let message = format!("no open balance is below {limit} and at least {}", from.unwrap_or_default());
    Some(("open_balance_below", message))
}

/// Whether everybody for whom `later` holds is one for whom `earlier` does.
fn takes_all(earlier: &Match, later: &Match) -> bool {
    fn within<T: PartialEq>(earlier: Option<&Vec<T>>, later: Option<&Vec<T>>) -> bool {
        earlier.is_none_or(|e| later.is_some_and(|l| l.iter().all(|x| e.contains(x))))
    }
    fn at_most<T: PartialOrd>(earlier: Option<T>, later: Option<T>) -> bool {
        earlier.is_none_or(|e| later.is_some_and(|l| l <= e))
    }
    fn at_least<T: PartialOrd>(earlier: Option<T>, later: Option<T>) -> bool {
        earlier.is_none_or(|e| later.is_some_and(|l| l >= e))
    }
    within(earlier.rank.as_ref(), later.rank.as_ref())
        && within(earlier.country.as_ref(), later.country.as_ref())
        && within(earlier.currency.as_ref(), later.currency.as_ref())
        && at_most(earlier.customer_for_days_below, later.customer_for_days_below)
        && at_least(earlier.customer_for_days_from, later.customer_for_days_from)
        && at_most(earlier.open_balance_below, later.open_balance_below)
        && at_least(earlier.open_balance_from, later.open_balance_from)
}

/// Two segments by age alone, with nobody between them.
fn covered_by_age(segments: &[Segment]) -> Option<(&str, &str)> {
    let alone = |m: &Match, only: Match| *m == only;
    let below = segments.iter().filter_map(|s| {
        let limit = s.matches.as_ref()?.customer_for_days_below?;
        let only = Match { customer_for_days_below: Some(limit), ..Match::default() };
        alone(s.matches.as_ref()?, only).then_some((limit, s.name.as_str()))
    });
    let from = segments.iter().filter_map(|s| {
        let limit = s.matches.as_ref()?.customer_for_days_from?;
        let only = Match { customer_for_days_from: Some(limit), ..Match::default() };
        alone(s.matches.as_ref()?, only).then_some((limit, s.name.as_str()))
    });
    let (young, old) = (below.max()?, from.min()?);
    (old.0 <= young.0).then_some((young.1, old.1))
}
