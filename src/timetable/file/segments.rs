//! `[[segment]]` and its `match` (T6).

use super::reader::{Table, items};
use crate::timetable::{Match, Segment};

/// The segments, in file order.
pub fn read(table: &Table<'_, '_>) -> Vec<Segment> {
    let source = table.source;
    let Some(list) = table.needed("segment", "write at least one: [[segment]] with name = \"all\"") else { return Vec::new() };
    let mut segments: Vec<Segment> = Vec::new();
    let count = items(list).count();
    for (place, value) in items(list).enumerate() {
        let Some(one) = Table::of(source, value) else { continue };
        let name =
            one.needed("name", "give the segment a name").and_then(|v| super::reader::string(source, v)).unwrap_or_default();
        if segments.iter().any(|s| s.name == name) {
            source.error(value.span(), format!("two segments are named `{name}`"), "give each a name of its own");
        }
        let matches = one.get("match");
        match (matches, place + 1 == count) {
            (Some(v), true) => {
                source.error(v.span(), "the last segment has a `match`", "the last one is for everybody else: leave `match` out")
            }
            (None, false) => {
                source.error(value.span(), format!("segment `{name}` has no `match`"), "only the last one may be without")
            }
            _ => {}
        }
        let matches = matches.and_then(|v| Table::of(source, v)).map(|t| read_match(&t));
        one.finish();
        segments.push(Segment { name: name.to_owned(), matches });
    }
    segments
}

fn read_match(table: &Table<'_, '_>) -> Match {
    let texts = |key| table.strings(key).map(|l| l.into_iter().map(|(s, _)| s.to_owned()).collect::<Vec<_>>());
    let found = Match {
        rank: texts("rank"),
        country: texts("country"),
        currency: super::steps::currencies(table, "currency"),
        customer_for_days_below: table.integer("customer_for_days_below"),
        customer_for_days_from: table.integer("customer_for_days_from"),
        open_balance_from: table.amount("open_balance_from"),
        open_balance_below: table.amount("open_balance_below"),
    };
    if table.entries().next().is_none() {
        table.source.error(
            table.span.clone(),
            "an empty `match` holds for everybody",
            "name what must hold, or leave `match` out",
        );
    }
    table.finish();
    found
}
