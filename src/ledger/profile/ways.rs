//! Which way the dates and the amounts of a file are to be read: the profile names what is possible, the file decides, and
//! where it does not, the settings.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::error::ProfileError;
use super::file::File;
use super::sheet::Doc;
use super::spelling::{Verdict, judge};
use super::translate::Given;
use crate::ledger::values::{self, DateFormat, DecimalSeparator, Spelling};
use crate::money::Currency;

/// How the cells of a file are read.
#[derive(Debug)]
pub struct Ways {
    dates: DateFormat,
    decimals: BTreeMap<Currency, DecimalSeparator>,
    times: bool,
}

const AMOUNTS: [&str; 6] = ["open_balance", "total", "paid", "amount", "debit", "credit"];
const DATES: [&str; 2] = ["issue_date", "due_date"];

/// A day, perhaps with a time behind it that the profile says is to be dropped.
fn day(text: &str, times: bool) -> &str {
    match text.split_once(['T', ' ']).filter(|_| times) {
        Some((day, time)) if time.contains(':') => day,
        _ => text,
    }
}

impl Ways {
    /// Finds them out. `of`: the documents with their currencies.
    ///
    /// # Errors
    /// The cell that can be read in two ways, or the two that contradict each other.
    pub fn find(file: &File, given: &Given<'_>, of: &[(&Doc, Option<Currency>)]) -> Result<Self, ProfileError> {
        let cells = |names: &'static [&'static str]| {
            of.iter().flat_map(move |(doc, currency)| names.iter().filter_map(move |n| Some((doc.get(n)?, *currency))))
        };
        let dates: Vec<&str> = cells(&DATES).map(|(text, _)| day(text, file.times)).collect();
        let formats = match &given.date_format {
            Some(format) => vec![format.clone()],
            None => file.date_format.as_ref().map_or(vec![given.import.date_format.clone()], super::file::OneOrMore::all),
        };
        let read = |cell: &str, way: usize| {
            let spelling = Spelling::of_files(formats.get(way)?.clone(), None);
            values::date(cell, &spelling).ok()
        };
        let settled = formats.iter().position(|f| *f == given.import.date_format);
        let way = match (judge(&dates, formats.len(), read), settled) {
            (Verdict::Way(way), _) => way,
            (_, Some(way)) => way,
            (Verdict::Either { cell, ways }, None) => return Err(ProfileError::Dates { cell, ways: both(&formats, ways) }),
            (Verdict::Mixed { cells, ways }, None) => return Err(ProfileError::MixedDates { cells, ways: both(&formats, ways) }),
        };
        let separators = file
            .decimal_separator
            .as_ref()
            .map_or(vec![DecimalSeparator::Point, DecimalSeparator::Comma], super::file::OneOrMore::all);
        let mut by_currency: BTreeMap<Currency, Vec<&str>> = BTreeMap::new();
        for (text, currency) in cells(&AMOUNTS) {
            currency.iter().for_each(|c| by_currency.entry(*c).or_default().push(text));
        }
        let mut decimals = BTreeMap::new();
        for (currency, texts) in by_currency {
            decimals.insert(currency, separator(&texts, currency, &separators, given)?);
        }
        Ok(Self { dates: formats.get(way).cloned().unwrap_or_default(), decimals, times: file.times })
    }

    /// Reads a date.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn date(&self, text: &str) -> Result<chrono::NaiveDate, String> {
        values::date(day(text, self.times), &Spelling::of_files(self.dates.clone(), None))
    }

    /// Reads an amount; `CR` behind it means negative, as a minus does.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn amount(&self, text: &str, currency: Currency) -> Result<Decimal, String> {
        amount(text, currency, self.decimals.get(&currency).copied().unwrap_or(DecimalSeparator::Point))
    }
}

/// An exponent is what a spreadsheet has made of a long number.
fn amount(text: &str, currency: Currency, decimal: DecimalSeparator) -> Result<Decimal, String> {
    let spelling = Spelling::of_files(DateFormat::default(), Some(decimal));
    if let Some(credit) = text.strip_suffix("CR").or_else(|| text.strip_suffix("Cr")) {
        return values::amount(credit, Some(currency), &spelling).map(|a| -a);
    }
    let debit = text.strip_suffix("DR").or_else(|| text.strip_suffix("Dr")).unwrap_or(text);
    values::amount(debit, Some(currency), &spelling)
}

fn separator(
    texts: &[&str],
    currency: Currency,
    separators: &[DecimalSeparator],
    given: &Given<'_>,
) -> Result<DecimalSeparator, ProfileError> {
    let read = |cell: &str, way: usize| amount(cell, currency, *separators.get(way)?).ok();
    let settled = given.import.decimal_separator;
    match (judge(texts, separators.len(), read), settled) {
        (Verdict::Way(way), _) => Ok(separators.get(way).copied().unwrap_or(DecimalSeparator::Point)),
        (_, Some(separator)) => Ok(separator),
        (Verdict::Either { cell, .. }, None) => Err(ProfileError::Amounts { cell }),
        (Verdict::Mixed { cells, .. }, None) => Err(ProfileError::MixedAmounts { cells, currency }),
    }
}

fn both(formats: &[DateFormat], (one, other): (usize, usize)) -> (String, String) {
    let name = |at: usize| formats.get(at).map(ToString::to_string).unwrap_or_default();
    (name(one), name(other))
}
