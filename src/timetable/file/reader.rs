//! Reads a TOML table key by key, keeps every problem with its place, and knows at the end which keys nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use toml::de::{DeTable, DeValue};

use super::values::{Value, a, amount, date, integer, items, string};
use crate::diagnostic::{Problem, nearest};

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
        self.coded("invalid", span, message, help);
    }

    fn coded(&self, code: &'static str, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::error(self.file, self.text, Some(span), message).help(help).coded(code));
    }

    /// Notes a warning at a place.
    pub fn warning(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.borrow_mut().push(Problem::error(self.file, self.text, Some(span), message).help(help).as_warning());
    }

    /// Notes a word that is not one of the known ones.
    pub fn unknown<'k>(&self, span: Range<usize>, what: &str, word: &str, known: impl IntoIterator<Item = &'k str> + Clone) {
        let listed: Vec<&str> = known.clone().into_iter().collect();
        // A word of one letter is near to every other one: there the list says more.
        let in_other_letters = listed.iter().copied().find(|k| k.eq_ignore_ascii_case(word));
        let near = in_other_letters.or_else(|| nearest(word, known).filter(|_| word.chars().count() > 1));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if listed.is_empty() => "there is none in this file".to_owned(),
            None => format!("known here: {}", listed.join(", ")),
        };
        let code = if what == "key" { "unknown-key" } else { "unknown-word" };
        self.coded(code, span, format!("unknown {what} `{word}`"), help);
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
            self.source.coded("missing-key", self.span.clone(), format!("`{key}` is missing"), help);
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

    /// Likewise, of at least one.
    pub fn some_strings(&self, key: &'static str) -> Option<Vec<(&'a str, Range<usize>)>> {
        let value = self.get(key)?;
        if items(value).next().is_none() {
            self.source.error(value.span(), format!("`{key}` is an empty list"), "name at least one, or leave it out");
        }
        self.strings(key)
    }
}
