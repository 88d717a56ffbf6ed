//! What a poll sees of the invoices, beside what was seen before (T20).

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::ledger::Snapshot;
use crate::timetable::history::{Controls, Facts};
use crate::timetable::{Timetable, events};

/// What this poll sees of every invoice; one that the read does not have any more keeps its facts, and is not open.
pub(super) fn observe(
    timetable: &Timetable,
    controls: &Controls,
    snapshot: &Snapshot,
    facts: &mut HashMap<String, Facts>,
    today: NaiveDate,
) {
    for (_, fact) in facts.iter_mut().filter(|(id, _)| !snapshot.invoices.contains_key(*id)) {
        (fact.in_read, fact.open) = (false, false);
    }
    let paid = events::payments_by_invoice(snapshot);
    for (id, invoice) in &snapshot.invoices {
        let paid = paid.get(id.as_str()).copied().unwrap_or_default();
        let seen = events::observe(timetable, controls, facts.get(id), invoice, paid, today);
        match facts.get_mut(id) {
            Some(before) => *before = seen,
            None => drop(facts.insert(id.clone(), seen)),
        }
    }
}
