//! `[[segment]]` and its `match` (T6).

use super::approval;
use super::reader::Table;
use super::steps::{RANKS, words};
use super::values::{needed_items, string};
use crate::timetable::{Match, Segment};

/// The segments, in file order.
pub fn read(table: &Table<'_, '_>) -> Vec<Segment> {
    let source = table.source;
    let Some(list) = table.needed("segment", "write at least one: [[segment]] with name = \"all\"") else { return Vec::new() };
    let mut segments: Vec<Segment> = Vec::new();
    let list = needed_items(source, list, "write at least one segment");
    let count = list.len();
    for (place, value) in list.into_iter().enumerate() {
        let Some(one) = Table::of(source, value) else { continue };
        let name = one.needed("name", "give the segment a name, such as name = \"new\"").and_then(|v| string(source, v));
        if name.is_some_and(|name| name.trim().is_empty()) {
            source.error(value.span(), "the segment's name is empty", "write a word, such as name = \"new\"");
        }
        let name = name.unwrap_or_default();
        if !name.is_empty() && segments.iter().any(|s| s.name == name) {
            source.error(value.span(), format!("two segments are named `{name}`"), "give each a name of its own");
        }
        let matches = one.get("match");
        match (matches, place + 1 == count) {
            (Some(v), true) => {
                source.error(v.span(), "the last segment has a `match`", "the last one is for everybody else: leave `match` out")
            }
            (None, false) => {
                let help = "only the last one, everybody else, has none: say who belongs here, or move it to the end";
                let which = if name.is_empty() { "the segment".to_owned() } else { format!("segment `{name}`") };
                source.error(value.span(), format!("{which} has no `match`"), help)
            }
            _ => {}
        }
        let matches = matches.and_then(|v| Table::of(source, v)).map(|t| read_match(&t));
        let approve = approval::word(&one);
        let personal = one.boolean("personal");
        one.finish();
        segments.push(Segment { name: name.to_owned(), matches, approve, personal });
    }
    segments
}

fn read_match(table: &Table<'_, '_>) -> Match {
    let found = Match {
        rank: words(table, "rank", "rank", |w| RANKS.contains(&w), || RANKS.into_iter()),
        country: words(table, "country", "country", |_| true, std::iter::empty),
        currency: super::steps::currencies(table, "currency"),
        customer_for_days_below: table.integer::<u32>("customer_for_days_below").map(i64::from),
        customer_for_days_from: table.integer::<u32>("customer_for_days_from").map(i64::from),
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
