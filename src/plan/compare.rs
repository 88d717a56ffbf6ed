//! Two timetables played over the same days: what goes out under one and not under the other, and what on another day.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::Kind;
use crate::timetable::Timetable;

/// One falling of a step for an invoice that went out on a played day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    pub date: NaiveDate,
    pub kind: Kind,
    pub step: String,
    pub occurrence: u32,
    pub invoice: String,
    pub customer: String,
    pub segment: String,
}

/// What the other timetable changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Added,
    Gone,
    Moved,
}

impl Change {
    /// The word of the JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Gone => "gone",
            Self::Moved => "moved",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub change: Change,
    /// As the other timetable has it; of what is gone, as it was.
    pub played: Played,
    /// Of what has moved: the day before.
    pub was: Option<NaiveDate>,
}

/// The differences, in the order of their days, customers and invoices. A step that the other file says was renamed is the
/// same step (T31).
#[must_use]
pub fn compare(now: &[Played], then: &[Played], other: &Timetable) -> Vec<Difference> {
    let renamed: HashMap<&str, &str> =
        other.steps.iter().flat_map(|s| s.renamed_from.iter().map(|old| (old.as_str(), s.id.as_str()))).collect();
    let name = |step: &str| renamed.get(step).copied().unwrap_or(step).to_owned();
    let key = |p: &Played| (p.invoice.clone(), name(&p.step), p.occurrence);
    // An occurrence may fall twice: a due date that moved (T18).
    let mut before: BTreeMap<_, Vec<&Played>> = BTreeMap::new();
    now.iter().for_each(|p| before.entry(key(p)).or_default().push(p));
    let mut found = Vec::new();
    for played in then {
        let same = before.get_mut(&key(played)).filter(|list| !list.is_empty()).map(|list| list.remove(0));
        let (change, was) = match same {
            Some(same) if same.date == played.date => continue,
            Some(same) => (Change::Moved, Some(same.date)),
            None => (Change::Added, None),
        };
        found.push(Difference { change, played: played.clone(), was });
    }
    let gone = before.into_values().flatten();
    found.extend(gone.map(|p| Difference { change: Change::Gone, played: p.clone(), was: None }));
    let order = |d: &Difference| {
        let p = &d.played;
        (p.date, p.customer.clone(), p.invoice.clone(), p.step.clone(), p.occurrence, d.change)
    };
    found.sort_by_key(order);
    found
}
