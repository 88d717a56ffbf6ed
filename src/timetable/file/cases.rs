//! `[[case]]`: what the company expects of its own timetable.

use chrono::NaiveDate;

use super::reader::{Source, Table};
use super::steps::{RANKS, Steps};
use super::values::{Value, amount, date, items, string};
use crate::timetable::Segment;
use crate::timetable::case::{Case, End, Expected};

/// Days from the invoice to its due date, unless the case says so.
const USUAL_TERM: i64 = 30;

/// The cases that can be read, in file order.
pub fn read(table: &Table<'_, '_>, segments: &[Segment], steps: &Steps) -> Vec<Case> {
    let source = table.source;
    let Some(list) = table.get("case") else { return Vec::new() };
    let read = |value| {
        let one = Table::of(source, value)?;
        let case = read_one(&one, segments, steps);
        one.finish();
        case
    };
    items(list).filter_map(read).collect()
}

fn read_one(table: &Table<'_, '_>, segments: &[Segment], steps: &Steps) -> Option<Case> {
    let source = table.source;
    let name = table.needed("name", "say what it is about: name = \"a large invoice that nobody pays\"");
    let (name, customer) = (name.and_then(|v| string(source, v)), table.string("customer"));
    let segment = table.get("segment").and_then(|v| Some((string(source, v)?, v.span())));
    if let Some((name, span)) = segment.as_ref().filter(|(name, _)| !segments.iter().any(|s| s.name == *name)) {
        source.unknown(span.clone(), "segment", name, segments.iter().map(|s| s.name.as_str()));
    }
    let rank = table.get("rank").and_then(|v| Some((string(source, v)?, v.span())));
    if let Some((rank, span)) = rank.as_ref().filter(|(rank, _)| !RANKS.contains(rank)) {
        source.unknown(span.clone(), "rank", rank, RANKS);
    }
    let (country, since) = (table.string("country"), table.date("customer_since"));
    let total = table.needed("amount", "write what the invoice is over: amount = \"1200.00\"").and_then(|v| amount(source, v));
    let currency = table.needed("currency", "write the invoice's currency: currency = \"EUR\"");
    let currency = currency.and_then(|v| {
        let text = string(source, v)?;
        text.parse().map_err(|reason: String| source.error(v.span(), format!("`{text}` is no currency"), reason)).ok()
    });
    let due_value = table.needed("due", "write the due date: due = \"2026-03-02\"");
    let due = due_value.and_then(|v| date(source, v));
    let issued_value = table.get("issued");
    let issued =
        issued_value.map_or_else(|| due.map(|due| crate::timetable::step::planned_date(due, -USUAL_TERM)), |v| date(source, v));
    if let (Some(value), Some(issued), Some(due)) = (issued_value, issued, due)
        && issued > due
    {
        source.error(value.span(), "the invoice is issued after it is due", "see that both dates are right");
    }
    let end = read_end(table, issued);
    let expect = table.needed("expect", "write what has to come: expect = [{ on = \"2026-03-05\", step = \"past-due\" }], or []");
    let expected = expect.map(|v| items(v).filter_map(|v| read_expected(source, v, steps, end)).collect());
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Some(Case {
        name: name?.to_owned(),
        customer: owned(customer),
        segment: segment.map(|(s, _)| s.to_owned()),
        rank: rank.map(|(r, _)| r.to_owned()),
        country: owned(country),
        customer_since: since,
        amount: total?,
        currency: currency?,
        issued: issued?,
        due: due?,
        end: end?,
        expect: expected?,
        span: table.entries().find(|(key, _, _)| *key == "expect")?.1,
    })
}

fn read_end(table: &Table<'_, '_>, issued: Option<NaiveDate>) -> Option<End> {
    let source = table.source;
    let help = "write unpaid_until = \"2026-06-30\", or paid_on = \"2026-03-20\"";
    let (value, end) = match (table.get("unpaid_until"), table.get("paid_on")) {
        (Some(v), None) => (v, End::UnpaidUntil(date(source, v)?)),
        (None, Some(v)) => (v, End::PaidOn(date(source, v)?)),
        (None, None) => {
            source.error(table.span.clone(), "the case does not say whether the invoice is paid", help);
            return None;
        }
        (Some(_), Some(paid)) => {
            source.error(paid.span(), "the case has both `unpaid_until` and `paid_on`", "keep one of them");
            return None;
        }
    };
    let (End::UnpaidUntil(day) | End::PaidOn(day)) = end;
    if issued.is_some_and(|issued| day < issued) {
        source.error(value.span(), "the case ends before the invoice is issued", help);
        return None;
    }
    // What is played day by day has to end some day.
    if issued.is_some_and(|issued| (day - issued).num_days() > 3660) {
        source.error(value.span(), "the case is longer than ten years", help);
        return None;
    }
    Some(end)
}

fn read_expected(source: &Source<'_>, value: Value<'_, '_>, steps: &Steps, end: Option<End>) -> Option<Expected> {
    let table = Table::of(source, value)?;
    let help = "write it as { on = \"2026-03-05\", step = \"past-due\" }";
    let (on, step) = (table.needed("on", help), table.needed("step", help));
    table.finish();
    let (day, id) = (on.and_then(|v| date(source, v)), step.and_then(|v| string(source, v)));
    if let (Some(value), Some(id)) = (step, id)
        && !steps.ids.iter().any(|known| known == id)
    {
        source.unknown(value.span(), "step", id, steps.ids.iter().map(String::as_str));
    }
    if let (Some(value), Some(day), Some(End::UnpaidUntil(last))) = (on, day, end)
        && day > last
    {
        source.error(value.span(), format!("the case ends on {last}, before this day"), "move `unpaid_until` to a later day");
    }
    Some(Expected { on: day?, step: id?.to_owned(), span: value.span() })
}
