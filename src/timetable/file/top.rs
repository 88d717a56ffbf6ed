//! The keys above the tables, `min_balance` and `[sizes]`.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono_tz::Tz;
use rust_decimal::Decimal;
use toml::de::DeValue;

use super::reader::{Source, Table};
use super::values::{Value, amount, date, items, string};
use super::{aging, approval, cases, customers, interest, priority, rank, review, segments, steps, window, worklist};
use crate::money::Currency;
use crate::timetable::holidays::{self, Country};
use crate::timetable::{Calendar, MinBalance, Sizes, Timetable};

/// The whole file. Where it is wrong, a default stands in, so that all of its problems are found at once.
pub fn read(table: &Table<'_, '_>) -> Timetable {
    let source = table.source;
    let time_zone = table.needed("time_zone", "write the zone of the company, such as time_zone = \"Europe/Berlin\"");
    let time_zone = time_zone.and_then(|v| zone(source, v));
    let window = table.get("send_window").map_or_else(window::default, |v| window::read(source, v));
    let mut calendar = Calendar::of(window);
    if let Some(value) = table.get("holidays") {
        holidays(source, value, &mut calendar);
    }
    let customer_calendars = match table.boolean("customer_holidays") {
        Some(true) => holidays::all().map(|country| (country.code, with_country(&calendar, country))).collect(),
        _ => BTreeMap::new(),
    };
    let sizes = table.get("sizes").map(|v| sizes(source, v)).unwrap_or_default();
    let segments = segments::read(table);
    let zone_or_utc = time_zone.unwrap_or(Tz::UTC);
    let customer_windows = window::of_customers(table, zone_or_utc, window, &segments);
    let steps = steps::read(table, &segments, &sizes, &window);
    let aging = aging::read(table);
    let timetable = Timetable {
        time_zone: zone_or_utc,
        calendar,
        customer_calendars,
        customer_windows,
        quiet_days: table.integer("quiet_days").unwrap_or(3),
        grace_days: table.integer("grace_days").unwrap_or(10),
        min_balance: table.get("min_balance").map_or(MinBalance::All(Decimal::ZERO), |v| min_balance(source, v)),
        go_live: table.date("go_live"),
        promise_grace_days: table.integer("promise_grace_days").unwrap_or(2),
        resend_after_days: table.integer("resend_after_days").unwrap_or(14),
        recheck_after: table.get("recheck_after").and_then(|v| duration(source, v)).unwrap_or(Duration::from_secs(15 * 60)),
        volume_guard: table.amount("volume_guard").unwrap_or(Decimal::from(5)),
        customers: customers::read(table, &segments, &steps),
        interest: interest::read(table, &segments),
        priority: priority::read(table, &aging, &sizes),
        ranks: rank::read(table),
        review: review::read(table, &segments),
        approval: approval::read(table),
        aging,
        worklist: worklist::read(table),
        cases: cases::read(table, &segments, &steps),
        sizes,
        segments,
        steps: steps.steps,
    };
    table.finish();
    timetable
}

/// Own dates, and countries whose public holidays count.
fn holidays(source: &Source<'_>, value: Value<'_, '_>, calendar: &mut Calendar) {
    for item in items(value) {
        match item.get_ref().as_str().filter(|text| text.starts_with(char::is_alphabetic) && !text.contains(' ')) {
            Some(code) => match holidays::of(code) {
                Some(country) => calendar.countries.push(country),
                None => source.unknown(item.span(), "country", code, holidays::all().map(|c| c.code)),
            },
            None => calendar.holidays.extend(date(source, item)),
        }
    }
}

fn with_country(calendar: &Calendar, country: Country) -> Calendar {
    let mut own = calendar.clone();
    own.countries.push(country);
    own
}

pub fn zone(source: &Source<'_>, value: Value<'_, '_>) -> Option<Tz> {
    let name = string(source, value)?;
    let found = name.parse().ok();
    if found.is_none() {
        let near: Vec<String> =
            chrono_tz::TZ_VARIANTS.iter().filter(|z| near(z.name(), name)).map(|z| format!("`{}`", z.name())).take(5).collect();
        let help = match near.as_slice() {
            [] => "write a name of the IANA list, such as Europe/Berlin".to_owned(),
            near => format!("did you mean {}?", near.join(" or ")),
        };
        source.error(value.span(), format!("unknown time zone `{name}`"), help);
    }
    found
}

/// Only zones that share a part with what was written: the whole list helps nobody.
fn near(zone: &str, written: &str) -> bool {
    let last = |s: &str| s.rsplit('/').next().unwrap_or_default().to_lowercase();
    zone.eq_ignore_ascii_case(written) || crate::diagnostic::nearest(&last(written), [last(zone).as_str()]).is_some()
}

fn duration(source: &Source<'_>, value: Value<'_, '_>) -> Option<Duration> {
    let text = string(source, value)?;
    let read = crate::duration::parse(text);
    read.map_err(|problem| source.error(value.span(), problem, "write it as \"15m\", \"4h\" or \"3d\"")).ok()
}

/// One amount, or a table of amounts by currency.
pub(super) fn min_balance(source: &Source<'_>, value: Value<'_, '_>) -> MinBalance {
    match value.get_ref() {
        DeValue::Table(_) => MinBalance::ByCurrency(by_currency(source, value, |v| amount(source, v))),
        _ => MinBalance::All(amount(source, value).unwrap_or_default()),
    }
}

fn by_currency<'a, 's, T>(
    source: &'a Source<'s>,
    value: Value<'a, 's>,
    read: impl Fn(Value<'a, 's>) -> Option<T>,
) -> BTreeMap<Currency, T> {
    let Some(table) = Table::of(source, value) else { return BTreeMap::new() };
    let entry = |(key, span, value): (&str, std::ops::Range<usize>, Value<'a, 's>)| match key.parse() {
        Ok(currency) => read(value).map(|v| (currency, v)),
        Err(reason) => {
            source.error(span, format!("`{key}` is no currency"), reason);
            None
        }
    };
    table.entries().filter_map(entry).collect()
}

fn sizes(source: &Source<'_>, value: Value<'_, '_>) -> Sizes {
    let mut sizes = Sizes::default();
    let Some(table) = Table::of(source, value) else { return sizes };
    for (key, span, value) in table.entries().filter(|(_, _, v)| !v.get_ref().is_table()) {
        if key == crate::timetable::segment::SMALL {
            source.error(span, "`small` is what lies below all sizes", "leave it out");
        } else {
            // A threshold that cannot be read still makes the name known.
            sizes.thresholds.insert(key.to_owned(), amount(source, value).unwrap_or_default());
        }
    }
    for (key, span, value) in table.entries().filter(|(_, _, v)| v.get_ref().is_table()) {
        let Ok(currency) = key.parse::<Currency>() else {
            source.error(span, format!("`{key}` is no currency"), "write [sizes.EUR]");
            continue;
        };
        let Some(own) = Table::of(source, value) else { continue };
        for (name, span, value) in own.entries() {
            if !sizes.thresholds.contains_key(name) {
                source.unknown(span, "size", name, sizes.thresholds.keys().map(String::as_str));
            } else if let Some(threshold) = amount(source, value) {
                sizes.by_currency.entry(currency).or_default().insert(name.to_owned(), threshold);
            }
        }
    }
    sizes
}
