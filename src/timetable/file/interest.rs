//! `[interest]` and `[[interest.rate]]`.

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::reader::{Source, Table};
use super::values::{Value, date, items, shown, string};
use crate::money::plain_decimal;
use crate::timetable::interest::{DayCount, OwnRate, Percent, names};
use crate::timetable::{Action, Interest, Segment};

/// More percent than anybody means.
const MOST: i64 = 100;

/// What may be claimed for late payment, if the file says anything of it.
pub fn read(table: &Table<'_, '_>, segments: &[Segment]) -> Option<Interest> {
    let source = table.source;
    let table = Table::of(source, table.get("interest")?)?;
    let regime = table.get("regime").and_then(|v| regime(source, v));
    let by_country = table.boolean("by_country").unwrap_or(false);
    let given = table.get("rate");
    let (mut rate, mut rates) = (None, Vec::new());
    match given.map(|v| (v, v.get_ref())) {
        Some((v, DeValue::Array(_))) => rates = own_rates(source, v, regime.as_deref(), by_country),
        Some((v, _)) => rate = percent(source, v),
        None => {}
    }
    if table.get("regime").is_none() && !by_country && given.is_none() {
        let help = "write regime = \"de\", by_country = true, or a rate of your own: rate = \"10\"";
        source.error(table.span.clone(), "[interest] does not say which rate", help);
    }
    let over_base = table.get("over_base");
    if let Some(value) = over_base.filter(|_| table.get("regime").is_none() && !by_country && rates.is_empty()) {
        source.error(value.span(), "`over_base` without a base rate", "say whose: regime = \"de\", or by_country = true");
    }
    let interest = Interest {
        regime,
        by_country,
        rate,
        rates,
        over_base: over_base.and_then(|v| percent(source, v)),
        compensation: table.get("compensation").map(|v| super::top::min_balance(source, v)),
        day_count: table.get("day_count").and_then(|v| day_count(source, v)).unwrap_or_default(),
        segments: super::steps::words(
            &table,
            "segments",
            "segment",
            |w| segments.iter().any(|s| s.name == w),
            || segments.iter().map(|s| s.name.as_str()),
        ),
    };
    table.finish();
    Some(interest)
}

/// `interest` of a step.
pub fn of_step(table: &Table<'_, '_>, action: Option<&Action>) -> bool {
    if let (Some(value), Some(Action::Task { .. })) = (table.get("interest"), action) {
        table.source.error(value.span(), "`interest` is for e-mails and notices", "leave it out");
    }
    table.boolean("interest").unwrap_or(true)
}

fn regime(source: &Source<'_>, value: Value<'_, '_>) -> Option<String> {
    let word = string(source, value)?;
    if names().any(|name| name == word) {
        return Some(word.to_owned());
    }
    source.unknown(value.span(), "regime", word, names());
    None
}

fn day_count(source: &Source<'_>, value: Value<'_, '_>) -> Option<DayCount> {
    let word = string(source, value)?;
    let found = DayCount::ALL.into_iter().find(|c| c.word() == word);
    if found.is_none() {
        source.unknown(value.span(), "day count", word, DayCount::ALL.map(DayCount::word));
    }
    found
}

/// Percent a year, exactly; a base rate may be negative.
fn percent(source: &Source<'_>, value: Value<'_, '_>) -> Option<Decimal> {
    let text = match value.get_ref() {
        DeValue::String(s) => s.as_ref(),
        DeValue::Integer(i) if i.radix() == 10 => i.as_str(),
        _ => "",
    };
    let found = plain_decimal(text).ok().filter(|p| p.abs() <= Decimal::from(MOST));
    if found.is_none() {
        let help = match value.get_ref() {
            DeValue::Float(f) => format!("put it in quotes, so that it stays exact: \"{}\"", f.as_str()),
            _ => "write it in percent a year, such as \"10.15\"".to_owned(),
        };
        source.error(value.span(), format!("{} is no rate", shown(value)), help);
    }
    found
}

fn own_rates(source: &Source<'_>, list: Value<'_, '_>, regime: Option<&str>, by_country: bool) -> Vec<OwnRate> {
    let mut found: Vec<OwnRate> = Vec::new();
    for value in items(list) {
        let Some(one) = Table::of(source, value) else { continue };
        let Some(rate) = own_rate(&one, regime, by_country) else { continue };
        if found.iter().any(|r| (r.valid_from, &r.regime) == (rate.valid_from, &rate.regime)) {
            source.error(value.span(), format!("two rates are valid from {}", rate.valid_from), "keep one of them");
        }
        found.push(rate);
    }
    found
}

fn own_rate(table: &Table<'_, '_>, of_file: Option<&str>, by_country: bool) -> Option<OwnRate> {
    let source = table.source;
    let from = table.needed("valid_from", "write its first day: valid_from = \"2027-01-01\"").and_then(|v| date(source, v));
    let own = table.get("regime").map(|v| regime(source, v));
    let percents = (table.get("base"), table.get("rate"));
    table.finish();
    if own.is_none() && of_file.is_none() && by_country {
        source.error(table.span.clone(), "the rate does not say which regime it is for", "write regime = \"de\"");
    }
    let regime = match own {
        Some(name) => Some(name?),
        None => of_file.map(str::to_owned),
    };
    let percent = match percents {
        (Some(base), None) => Percent::Base(percent(source, base)?),
        (None, Some(rate)) => Percent::Whole(percent(source, rate)?),
        (base, _) => {
            let what = if base.is_some() { "the rate has both `base` and `rate`" } else { "the rate has no number" };
            source.error(table.span.clone(), what, "write base = \"1.27\" (the points come on top) or rate = \"10.27\"");
            return None;
        }
    };
    Some(OwnRate { valid_from: from?, regime, percent })
}
