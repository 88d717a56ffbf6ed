//! Reads a TOML table key by key, keeps every problem with its place, and knows at the end which keys nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Problem, nearest};
use crate::money::plain_decimal;

/// The file that is read, and what is wrong with it so far.
#[derive(Debug)]
pub struct Source<'s> {
    pub file: &'s str,
    pub text: &'s str,
    pub problems: RefCell<Vec<Problem>>,
}

impl Source<'_> {
    /// Notes an error at a place, with what to do.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::error(self.file, self.text, Some(span), message).help(help));
    }

    /// Notes a warning at a place.
    pub fn warning(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::error(self.file, self.text, Some(span), message).help(help).as_warning());
    }

    /// Notes a word that is not one of the known ones.
    pub fn unknown<'k>(&self, span: Range<usize>, what: &str, word: &str, known: impl IntoIterator<Item = &'k str> + Clone) {
        let listed: Vec<&str> = known.clone().into_iter().collect();
        let help = match nearest(word, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if listed.is_empty() => "there is none in this file".to_owned(),
            None => format!("known here: {}", listed.join(", ")),
        };
        self.error(span, format!("unknown {what} `{word}`"), help);
    }
}

/// One table of the file.
#[derive(Debug)]
pub struct Table<'a, 's> {
    pub source: &'a Source<'s>,
    pub span: Range<usize>,
    table: &'a DeTable<'s>,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// A value with its place.
pub type Value<'a, 's> = &'a Spanned<DeValue<'s>>;

impl<'a, 's> Table<'a, 's> {
    pub fn new(source: &'a Source<'s>, span: Range<usize>, table: &'a DeTable<'s>) -> Self {
        Self { source, span, table, asked: RefCell::default() }
    }

    /// The table as a whole of a value, or an error that says what it is instead.
    pub fn of(source: &'a Source<'s>, value: Value<'a, 's>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::new(source, value.span(), table)),
            other => {
                source.error(value.span(), format!("a table is wanted here, not {}", a(other)), "write it as { key = value }");
                None
            }
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &'static str) -> Option<Value<'a, 's>> {
        self.asked.borrow_mut().insert(key);
        self.entries().find(|(k, _, _)| *k == key).map(|(_, _, v)| v)
    }

    /// Every key with its place and value.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Range<usize>, Value<'a, 's>)> + use<'a, 's> {
        let table = self.table;
        table.iter().map(|(k, v)| (k.get_ref().as_ref(), k.span(), v))
    }

    /// A key that must be there.
    pub fn needed(&self, key: &'static str, help: &str) -> Option<Value<'a, 's>> {
        let found = self.get(key);
        if found.is_none() {
            self.source.error(self.span.clone(), format!("`{key}` is missing"), help);
        }
        found
    }

    /// Says which keys nobody asked for. To be called last.
    pub fn finish(&self) {
        for (key, span, _) in self.entries() {
            if !self.asked.borrow().contains(key) {
                self.source.unknown(span, "key", key, self.asked.borrow().iter().copied());
            }
        }
    }

    pub fn string(&self, key: &'static str) -> Option<&'a str> {
        self.get(key).and_then(|v| string(self.source, v))
    }

    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if let DeValue::Boolean(b) = value.get_ref() {
            return Some(*b);
        }
        self.source.error(value.span(), format!("`{key}` is true or false, not {}", a(value.get_ref())), "write true or false");
        None
    }

    pub fn integer<T: TryFrom<i64>>(&self, key: &'static str) -> Option<T> {
        self.get(key).and_then(|v| integer(self.source, v, key))
    }

    pub fn amount(&self, key: &'static str) -> Option<Decimal> {
        self.get(key).and_then(|v| amount(self.source, v))
    }

    pub fn date(&self, key: &'static str) -> Option<NaiveDate> {
        self.get(key).and_then(|v| date(self.source, v))
    }

    /// One string or a list of strings, each with its place.
    pub fn strings(&self, key: &'static str) -> Option<Vec<(&'a str, Range<usize>)>> {
        let value = self.get(key)?;
        Some(items(value).filter_map(|v| string(self.source, v).map(|s| (s, v.span()))).collect())
    }
}

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
    let fits = number.and_then(|n| T::try_from(n).ok());
    // A century of days is more than any timetable means, and keeps every date computable.
    let sane = number.is_some_and(|n| n.abs() <= 36_525);
    if fits.is_none() || !sane {
        source.error(
            value.span(),
            format!("`{what}` is a whole number of days, not {}", shown(value)),
            "write a number such as 10 (a century at the most)",
        );
        return None;
    }
    fits
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
            source.error(value.span(), format!("{} is no exact amount", shown(value)), "write it as a text, such as \"5.00\"");
            None
        }
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
fn shown(value: Value<'_, '_>) -> String {
    match value.get_ref() {
        DeValue::String(s) => format!("\"{s}\""),
        DeValue::Integer(i) => i.as_str().to_owned(),
        DeValue::Float(f) => f.as_str().to_owned(),
        DeValue::Datetime(d) => d.to_string(),
        other => a(other).to_owned(),
    }
}

fn a(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
