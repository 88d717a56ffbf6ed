//! `days`, `on` and the repeats of a step (T2, T4, T20).

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::reader::{Source, Table};
use super::values::{Value, integer, string};
use crate::timetable::{Days, Event, Offset, Repeat, Segment, SendWindow, When};

/// They are counted one by one: about two years are more than any timetable means.
const BUSINESS_DAYS: u64 = 500;

/// The two keys, and how it repeats; `follows`: the step has `after`.
pub fn read(table: &Table<'_, '_>, segments: &[Segment], window: &SendWindow, follows: bool) -> Option<When> {
    let source = table.source;
    let (days, on) = (table.get("days"), table.get("on"));
    let (every, until) = (table.get("repeat_every"), table.get("repeat_until"));
    if let Some(every) = every.filter(|_| follows) {
        let help = "a follow-up comes once for each e-mail that it follows: let that one repeat, or leave it out";
        source.error(every.span(), "`after` and `repeat_every` do not go together", help);
        return None;
    }
    match (days, on) {
        (None, None) if follows => {
            if let Some(until) = until {
                source.error(until.span(), "`repeat_until` without `repeat_every`", "leave it out");
            }
            Some(When::After)
        }
        (None, Some(on)) if follows => {
            source.error(on.span(), "`on` and `after` do not go together", "keep one of them: an event, or an e-mail's silence");
            None
        }
        (Some(days), None) => {
            let days = read_days(table, days, segments, window)?;
            let until_days: Option<i64> = until.and_then(|v| integer(source, v, "repeat_until"));
            let Some(every) = every else {
                if let Some(until) = until {
                    source.error(until.span(), "`repeat_until` without `repeat_every`", "say how often: repeat_every = 30");
                }
                return Some(When::Days { days, repeat: None });
            };
            if let (Some(until), Some(end)) = (until, until_days.filter(|end| first_of(&days).is_some_and(|first| *end < first)))
            {
                let help = "write the days from the due date after which it stops, or leave it out";
                source.warning(
                    until.span(),
                    format!("`repeat_until` ({end}) lies before the step's first day: it does not repeat"),
                    help,
                );
            }
            let number: i64 = integer(source, every, "repeat_every")?;
            if number < 1 {
                source.error(every.span(), "`repeat_every` is at least 1", "write the days between two occurrences");
                return None;
            }
            Some(When::Days { days, repeat: Some(Repeat { every: number, until: until_days }) })
        }
        (None, Some(on)) => {
            for extra in [every, until].into_iter().flatten() {
                source.error(extra.span(), "an event does not repeat", "it goes out once for an invoice: leave it out");
            }
            let text = string(source, on)?;
            let found = Event::ALL.into_iter().find(|e| e.word() == text);
            if found.is_none() {
                source.unknown(on.span(), "event", text, Event::ALL.map(Event::word));
            }
            found.map(When::On)
        }
        (days, _) => {
            let message =
                if days.is_some() { "the step has both `days` and `on`" } else { "the step has neither `days` nor `on`" };
            source.error(table.span.clone(), message, "write one of them: days = 30, or on = \"paid\"");
            None
        }
    }
}

fn read_days(table: &Table<'_, '_>, value: Value<'_, '_>, segments: &[Segment], window: &SendWindow) -> Option<Days> {
    let source = table.source;
    let DeValue::Table(_) = value.get_ref() else { return offset(source, value, window).map(Days::All) };
    let by_segment = Table::of(source, value)?;
    let mut days = BTreeMap::new();
    for (name, span, value) in by_segment.entries() {
        if !segments.iter().any(|s| s.name == name) {
            source.unknown(span, "segment", name, segments.iter().map(|s| s.name.as_str()));
        } else if let Some(offset) = offset(source, value, window) {
            days.insert(name.to_owned(), offset);
        }
    }
    if by_segment.entries().next().is_none() {
        source.error(value.span(), "`days` names no segment", "write a number for each segment that has the step");
    }
    Some(Days::BySegment(days))
}

/// Calendar days as a number, business days as `"5bd"`.
fn offset(source: &Source<'_>, value: Value<'_, '_>, window: &SendWindow) -> Option<Offset> {
    let text = value.get_ref().as_str().filter(|text| text.parse::<i64>().is_err());
    let Some(text) = text else { return integer(source, value, "days").map(Offset::Days) };
    let number = text.strip_suffix("bd").and_then(|n| n.parse().ok());
    let sane = number.filter(|n: &i64| (1..=BUSINESS_DAYS).contains(&n.unsigned_abs()));
    if sane.is_none() {
        let help = format!("write 5 for calendar days, or \"5bd\" for business days, of which {BUSINESS_DAYS} are the most");
        source.error(value.span(), format!("\"{text}\" is no number of days"), help);
    }
    sane.map(|number| Offset::business(number, window))
}

/// The earliest day on which a segment has the step.
fn first_of(days: &Days) -> Option<i64> {
    match days {
        Days::All(offset) => Some(offset.usual_days()),
        Days::BySegment(table) => table.values().map(|o| o.usual_days()).min(),
    }
}
