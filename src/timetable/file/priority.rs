//! `[priority]`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::reader::{Source, Table};
use super::values::{Value, items, number};
use crate::timetable::priority::{Ladder, Priority, RANKS};
use crate::timetable::{Aging, Sizes, segment};

/// A greater factor drowns all others.
const MOST: u32 = 100;

/// The factors; what the file does not say is as usual.
pub fn read(table: &Table<'_, '_>, aging: &Aging, sizes: &Sizes) -> Priority {
    let source = table.source;
    let mut own = Priority::usual(aging, sizes);
    let Some(table) = table.get("priority").and_then(|v| Table::of(source, v)) else { return own };
    if let Some(value) = table.get("aging") {
        own.aging = classes(source, value, aging, own.aging);
    }
    if let Some(value) = table.get("rank") {
        for (key, span, value) in entries(source, value) {
            match factor(source, value) {
                Some(f) if key == "none" => own.no_rank = f,
                Some(f) if RANKS.contains(&key) => drop(own.ranks.insert(key.to_owned(), f)),
                Some(_) => source.unknown(span, "rank", key, RANKS.into_iter().chain(["none"])),
                None => {}
            }
        }
    }
    if let Some(value) = table.get("silence") {
        let (ladder, words) = ladder(source, value, &["never"]);
        own.silence = ladder;
        own.never = words.get("never").copied().unwrap_or(own.never);
    }
    if let Some(value) = table.get("amount") {
        for (key, span, value) in entries(source, value) {
            match factor(source, value) {
                Some(f) if own.sizes.knows(key) => drop(own.amount.insert(key.to_owned(), f)),
                Some(_) => {
                    let known = own.sizes.thresholds.keys().map(String::as_str).chain([segment::SMALL]);
                    source.unknown(span, "size", key, known);
                }
                None => {}
            }
        }
    }
    if let Some(value) = table.get("broken") {
        own.broken = ladder(source, value, &[]).0;
    }
    if let Some(value) = table.get("days_late") {
        own.days_late = ladder(source, value, &[]).0;
    }
    own.over_limit = table.get("over_limit").and_then(|v| factor(source, v)).unwrap_or(own.over_limit);
    own.no_email = table.get("no_email").and_then(|v| factor(source, v)).unwrap_or(own.no_email);
    own.personal_factor = table.get("personal_factor").and_then(|v| factor(source, v)).unwrap_or(own.personal_factor);
    if let Some(value) = table.get("personal") {
        match value.get_ref() {
            DeValue::Boolean(false) => {}
            DeValue::String(word) if word.as_ref() == "pareto" => own.pareto = true,
            _ => {
                let help =
                    "leave it out where nobody is to be found by what is open; a segment and a customer have personal = true";
                source.error(value.span(), "`personal` of [priority] is \"pareto\" or false", help);
            }
        }
    }
    own.look_back = table.integer("look_back").unwrap_or(own.look_back);
    table.finish();
    own
}

type Entry<'a, 's> = (&'a str, std::ops::Range<usize>, Value<'a, 's>);

fn entries<'a, 's>(source: &'a Source<'s>, value: Value<'a, 's>) -> Vec<Entry<'a, 's>> {
    Table::of(source, value).map(|t| t.entries().collect()).unwrap_or_default()
}

/// One factor for each class of `[aging]`.
fn classes(source: &Source<'_>, value: Value<'_, '_>, aging: &Aging, usual: Vec<Decimal>) -> Vec<Decimal> {
    let found: Vec<Decimal> = items(value).filter_map(|v| factor(source, v)).collect();
    let wanted = aging.classes();
    if found.len() == wanted.len() {
        return found;
    }
    if items(value).count() != wanted.len() {
        let names: Vec<String> = wanted.iter().map(crate::timetable::aging::Bucket::name).collect();
        let help = format!("write one for each: {}", names.join(", "));
        source.error(value.span(), format!("`aging` has a factor for each of the {} classes of [aging]", wanted.len()), help);
    }
    usual
}

/// `{ 14 = "1.25", 30 = "1.5" }`: from so many on, the factor; and words of their own.
fn ladder<'a>(source: &'a Source<'_>, value: Value<'a, '_>, words: &[&'static str]) -> (Ladder, BTreeMap<&'a str, Decimal>) {
    let (mut ladder, mut named) = (Ladder::default(), BTreeMap::new());
    for (key, span, value) in entries(source, value) {
        let Some(f) = factor(source, value) else { continue };
        match key.parse::<u32>() {
            _ if words.contains(&key) => drop(named.insert(key, f)),
            Ok(from) if from <= 36_525 => drop(ladder.0.insert(from, f)),
            _ => {
                let also = words.iter().map(|w| format!(", or `{w}`")).collect::<String>();
                let help = format!("write from how many on a factor counts, as in {{ 14 = 1.25, 30 = 1.5 }}{also}");
                source.error(span, format!("`{key}` is no whole number"), help);
            }
        }
    }
    (ladder, named)
}

fn factor(source: &Source<'_>, value: Value<'_, '_>) -> Option<Decimal> {
    if let DeValue::Table(_) | DeValue::Array(_) = value.get_ref() {
        source.error(value.span(), "a factor is a number", "write it as 1.5");
        return None;
    }
    let found = number(source, value)?;
    if found > Decimal::from(MOST) {
        source.error(value.span(), format!("a factor is at most {MOST}"), "1 changes nothing, 2 counts twice as much");
        return None;
    }
    if found.normalize().scale() > 2 {
        source.error(value.span(), "a factor has two decimals at the most", "write it as 1.25");
        return None;
    }
    Some(found.normalize())
}
