//! `[rank]`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reader::{Source, Table};
use super::values::{Value, number};
use crate::ledger::ranks::{Limits, Ranks, Use};
use crate::money::Currency;

/// More months than a ledger has.
const MOST_MONTHS: u32 = 120;
/// The letters that have a limit; what no limit lets in is D.
const LIMITED: [&str; 3] = ["A", "B", "C"];

/// How ranks are computed, and whether they count.
pub fn read(table: &Table<'_, '_>) -> Ranks {
    let source = table.source;
    let mut ranks = Ranks::default();
    let Some(table) = table.get("rank").and_then(|v| Table::of(source, v)) else { return ranks };
    if let Some(value) = table.get("use") {
        match value.get_ref().as_str() {
            Some("ledger") => ranks.uses = Use::Ledger,
            Some("missing") => ranks.uses = Use::Missing,
            Some("computed") => ranks.uses = Use::Computed,
            _ => {
                let help = "write \"ledger\", \"missing\" (computed where the ledger has none) or \"computed\"";
                source.error(value.span(), "`use` says which rank counts", help);
            }
        }
    }
    ranks.months = table.integer("months").unwrap_or(ranks.months);
    if let Some(value) = table.get("months").filter(|_| !(1..=MOST_MONTHS).contains(&ranks.months)) {
        source.error(value.span(), format!("`months` is between 1 and {MOST_MONTHS}"), "write 12 for a year");
    }
    if let Some(value) = table.get("volume") {
        let (limits, by_currency) = volume(source, value, ranks.volume);
        (ranks.volume, ranks.volume_in) = (limits, by_currency);
    }
    if let Some(own) = table.get("days_late").and_then(|v| limits(source, v, ranks.days_late, true)) {
        ranks.days_late = own;
    }
    if let Some(own) = table.get("margin").and_then(|v| limits(source, v, ranks.margin, false)) {
        ranks.margin = own;
    }
    if let Some(column) = table.string("margin_column") {
        column.clone_into(&mut ranks.margin_column);
    }
    if let Some(value) = table.get("weights")
        && let Some(own) = Table::of(source, value)
    {
        for (place, key) in ["volume", "days_late", "margin"].into_iter().enumerate() {
            ranks.weights[place] = own.get(key).and_then(|v| number(source, v)).unwrap_or(ranks.weights[place]);
        }
        own.finish();
        if ranks.weights.iter().all(Decimal::is_zero) {
            source.error(value.span(), "nothing counts", "one weight at least is more than 0");
        }
    }
    table.finish();
    ranks
}

/// `{ A = …, B = …, C = … }`; and in `[rank.volume.JPY]` those of one currency.
fn volume(source: &Source<'_>, value: Value<'_, '_>, usual: Limits) -> (Limits, BTreeMap<Currency, Limits>) {
    let Some(table) = Table::of(source, value) else { return (usual, BTreeMap::new()) };
    let mut by_currency = BTreeMap::new();
    for (key, span, value) in table.entries().filter(|(_, _, v)| v.get_ref().is_table()) {
        match key.parse::<Currency>() {
            Ok(currency) => drop(by_currency.insert(currency, limits(source, value, usual, false).unwrap_or(usual))),
            Err(_) => source.error(span, format!("`{key}` is no currency"), "write [rank.volume.EUR]"),
        }
    }
    let own = letters(source, &table, value, usual, false);
    (own.unwrap_or(usual), by_currency)
}

fn limits(source: &Source<'_>, value: Value<'_, '_>, usual: Limits, rises: bool) -> Option<Limits> {
    letters(source, &Table::of(source, value)?, value, usual, rises)
}

/// The limits of the three letters, which rise from A to C, or fall.
fn letters(source: &Source<'_>, table: &Table<'_, '_>, value: Value<'_, '_>, usual: Limits, rises: bool) -> Option<Limits> {
    let mut found = usual;
    let mut is_given = false;
    for (key, span, value) in table.entries().filter(|(_, _, v)| !v.get_ref().is_table()) {
        match LIMITED.iter().position(|letter| *letter == key) {
            Some(place) => {
                is_given = true;
                found[place] = number(source, value)?;
            }
            None => source.unknown(span, "rank", key, LIMITED),
        }
    }
    let in_order = found.windows(2).all(|w| if rises { w[0] <= w[1] } else { w[0] >= w[1] });
    if is_given && !in_order {
        let (message, help) = match rises {
            true => ("the limits rise from A to C", "write them as in { A = 5, B = 15, C = 30 }"),
            false => ("the limits fall from A to C", "write them as in { A = 100000, B = 25000, C = 5000 }"),
        };
        source.error(value.span(), message, help);
        return None;
    }
    Some(found)
}
