//! `send_window` and `[[customer_window]]` (T5).

use chrono::NaiveTime;
use chrono_tz::Tz;

use super::reader::{Source, Table};
use super::steps::words;
use super::top;
use super::values::{Value, items, string};
use crate::timetable::{CustomerWindow, Segment, SendWindow};

const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Without `send_window`.
pub fn default() -> SendWindow {
    let hour = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap_or_default();
    SendWindow { days: [true, true, true, true, true, false, false], from: hour(8), to: hour(18) }
}

/// `send_window`.
pub fn read(source: &Source<'_>, value: Value<'_, '_>) -> SendWindow {
    let Some(table) = Table::of(source, value) else { return default() };
    let window = hours(&table, default());
    table.finish();
    window
}

/// `[[customer_window]]`: what it leaves out is as for the company.
pub fn of_customers(table: &Table<'_, '_>, zone: Tz, window: SendWindow, segments: &[Segment]) -> Vec<CustomerWindow> {
    let source = table.source;
    let Some(list) = table.get("customer_window") else { return Vec::new() };
    let mut found: Vec<CustomerWindow> = Vec::new();
    for value in items(list) {
        let Some(one) = Table::of(source, value) else { continue };
        let known = || segments.iter().map(|s| s.name.as_str());
        let own = CustomerWindow {
            countries: words(&one, "countries", "country", |_| true, std::iter::empty),
            segments: words(&one, "segments", "segment", |w| segments.iter().any(|s| s.name == w), known),
            time_zone: one.get("time_zone").and_then(|v| top::zone(source, v)).unwrap_or(zone),
            window: hours(&one, window),
        };
        let for_all = |w: &CustomerWindow| w.countries.is_none() && w.segments.is_none();
        if for_all(&own) {
            let help = "write countries = [\"JP\"] or segments = [\"strategic\"]; `send_window` is for all others";
            source.error(value.span(), "the window does not say whose it is", help);
        }
        one.finish();
        found.push(own);
    }
    found
}

fn hours(table: &Table<'_, '_>, default: SendWindow) -> SendWindow {
    let source = table.source;
    let time = |key, otherwise| table.get(key).map_or(Some(otherwise), |v| time(source, v));
    let days = table.get("days").map_or(Some(default.days), |v| weekdays(source, v));
    let (from, to) = (time("from", default.from), time("to", default.to));
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        let help = "`from` is earlier than `to`, both on one day";
        let message = if from == to { "the send window is empty" } else { "the send window closes before it opens" };
        source.error(table.span.clone(), message, help);
    }
    SendWindow { days: days.unwrap_or(default.days), from: from.unwrap_or(default.from), to: to.unwrap_or(default.to) }
}

/// A time of day: `"08:00"`.
pub fn time(source: &Source<'_>, value: Value<'_, '_>) -> Option<NaiveTime> {
    let text = string(source, value)?;
    let found = NaiveTime::parse_from_str(text, "%H:%M").ok();
    if found.is_none() {
        source.error(value.span(), format!("\"{text}\" is no time of day"), "write it as \"08:00\"");
    }
    found
}

/// `"mon-fri"`, `"mon,wed-fri"`, `["mon", "tue"]`; a range may wrap (`"sat-mon"`).
fn weekdays(source: &Source<'_>, value: Value<'_, '_>) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for item in items(value) {
        for part in string(source, item)?.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let index = |name: &str| DAY_NAMES.iter().position(|d| *d == name.trim().to_lowercase());
            let (Some(first), Some(last)) = (index(first), index(last)) else {
                source.unknown(item.span(), "day", part.trim(), DAY_NAMES);
                return None;
            };
            for i in 0..=(last + 7 - first) % 7 {
                days[(first + i) % 7] = true;
            }
        }
    }
    if days == [false; 7] {
        source.error(value.span(), "no day to send on", "write at least one, such as \"mon-fri\"");
        return None;
    }
    Some(days)
}
