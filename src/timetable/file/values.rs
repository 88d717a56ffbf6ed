//! Single values of the file: texts, whole numbers, exact amounts, dates.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::DeValue;

use super::reader::Source;
use crate::money::plain_decimal;

/// A value with its place.
pub type Value<'a, 's> = &'a Spanned<DeValue<'s>>;

/// More days than any timetable means.
const CENTURY: i64 = 36_525;

/// The items of a list; a single value is a list of one.
pub fn items<'a, 's>(value: Value<'a, 's>) -> Box<dyn Iterator<Item = Value<'a, 's>> + 'a> {
    match value.get_ref() {
        DeValue::Array(list) => Box::new(list.iter()),
        _ => Box::new(std::iter::once(value)),
    }
}

pub fn string<'a>(source: &Source<'_>, value: Value<'a, '_>) -> Option<&'a str> {
    let found = value.get_ref().as_str();
    if found.is_none() {
        source.error(value.span(), format!("a text is wanted here, not {}", a(value.get_ref())), "put it in quotes");
    }
    found
}

pub fn integer<T: TryFrom<i64>>(source: &Source<'_>, value: Value<'_, '_>, what: &str) -> Option<T> {
    let number = value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
    // A century of days is more than any timetable means, and keeps every date computable.
    let sane = number.filter(|n| (-CENTURY..=CENTURY).contains(n));
    let fits = sane.and_then(|n| T::try_from(n).ok());
    if fits.is_none() {
        let help = match number {
            Some(n) if n < 0 && sane.is_some() => "write 0 or more",
            _ if value.get_ref().as_integer().is_some() => "a century (36525) is the most",
            _ => "write it without quotes and without a point, such as 10",
        };
        source.error(value.span(), format!("`{what}` is a whole number of days, not {}", shown(value)), help);
    }
    fits
}

/// The items of a list that must not be empty: an empty one would mean nobody, which is never meant.
pub fn needed_items<'a, 's>(source: &Source<'_>, value: Value<'a, 's>, help: &str) -> Vec<Value<'a, 's>> {
    let found: Vec<_> = items(value).collect();
    if found.is_empty() {
        source.error(value.span(), "the list is empty", help);
    }
    found
}

/// An exact amount: a text such as "5.00", or a whole number.
pub fn amount(source: &Source<'_>, value: Value<'_, '_>) -> Option<Decimal> {
    let text = match value.get_ref() {
        DeValue::String(s) => s.as_ref(),
        DeValue::Integer(i) if i.radix() == 10 => i.as_str(),
        _ => "",
    };
    match plain_decimal(text) {
        Ok(amount) if !amount.is_sign_negative() || amount.is_zero() => Some(amount),
        Ok(_) => {
            source.error(value.span(), "an amount here is not negative", "write 0 or more");
            None
        }
        Err(_) => {
            let help = match value.get_ref() {
                DeValue::Float(f) => format!("put it in quotes, so that it stays exact: \"{}\"", f.as_str()),
                _ => "write digits and a point, such as \"5.00\"".to_owned(),
            };
            source.error(value.span(), format!("{} is no exact amount", shown(value)), help);
            None
        }
    }
}

/// An exact number that is no amount of money: as an amount, or with a bare point (`1.5`), which is as exact as it is written.
pub fn number(source: &Source<'_>, value: Value<'_, '_>) -> Option<Decimal> {
    match value.get_ref() {
        DeValue::Float(f) => match plain_decimal(f.as_str()) {
            Ok(number) if !number.is_sign_negative() => Some(number),
            _ => {
                source.error(value.span(), format!("{} is no plain number", f.as_str()), "write 0 or more, such as 1.5");
                None
            }
        },
        _ => amount(source, value),
    }
}

/// A date: a text "2026-12-25" or TOML's own date.
pub fn date(source: &Source<'_>, value: Value<'_, '_>) -> Option<NaiveDate> {
    let text = match value.get_ref() {
        DeValue::String(s) => s.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        _ => String::new(),
    };
    let found = NaiveDate::from_str(&text).ok();
    if found.is_none() {
        source.error(value.span(), format!("{} is no date", shown(value)), "write it as \"2026-12-25\"");
    }
    found
}

/// The value as the user wrote it, for a message.
pub fn shown(value: Value<'_, '_>) -> String {
    match value.get_ref() {
        DeValue::String(s) => format!("\"{s}\""),
        DeValue::Integer(i) => i.as_str().to_owned(),
        DeValue::Float(f) => f.as_str().to_owned(),
        DeValue::Datetime(d) => d.to_string(),
        other => a(other).to_owned(),
    }
}

/// What a value is, for a message.
pub fn a(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
