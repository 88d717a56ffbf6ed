//! The file of a profile, as it is written: every key, and what is wrong with one, with its place.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::problems::problems;
use crate::diagnostic::{Problem, places::Places, words};
use crate::ledger::settings::{Delimiter, Encoding};
use crate::ledger::values::{DateFormat, DecimalSeparator};
use crate::money::Currency;

/// One value, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub enum OneOrMore<T> {
    One(T),
    Several(Vec<T>),
}

impl<T: Clone> OneOrMore<T> {
    /// All of them.
    pub fn all(&self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one.clone()],
            Self::Several(several) => several.clone(),
        }
    }
}

/// Where a value stands: in the first of these columns that is filled.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "the name of a column, a list of names, or { column = …, tag = … }")]
pub enum Place {
    Columns(OneOrMore<String>),
    Part(Part),
}

/// A part of a column's text, or whether there is any.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub column: OneOrMore<String>,
    /// The value of `tag:value` in a list with commas.
    pub tag: Option<String>,
    /// Any text in the column means yes.
    #[serde(default)]
    pub filled: bool,
}

impl Place {
    /// The names of the columns.
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Columns(names) => names.all(),
            Self::Part(part) => part.column.all(),
        }
    }
}

/// What the rows of one document have to do with each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lines {
    /// A document is one row.
    #[default]
    One,
    /// Each row repeats what the document has as a whole (line items).
    Repeat,
    /// The rows are postings: what they add up to is open.
    Sum,
}

/// What a row says of which only the first cell is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The customer of the rows beneath it.
    Customer,
    /// Nothing, such as a span of days.
    Ignore,
}

/// How the file writes what a customer has to its credit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CreditSign {
    #[default]
    Negative,
    Positive,
}

/// What the words of the column `kind` mean.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kinds {
    pub invoice: Vec<String>,
    /// A credit note or a payment that is not set against an invoice yet: its open amount is the customer's credit.
    pub credit: Vec<String>,
    /// A payment of the invoice that the column `pays` names.
    pub payment: Vec<String>,
    /// Rows that are none of these.
    pub ignore: Vec<String>,
}

/// What the words of the column `status` mean.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusWords {
    pub open: Vec<String>,
    pub paid: Vec<String>,
    pub void: Vec<String>,
    pub draft: Vec<String>,
}

/// A second file, with what is open on each invoice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balances {
    pub number: String,
    pub open_balance: String,
    pub currency: Option<String>,
}

/// The columns that a profile may name.
pub const COLUMNS: [&str; 31] = [
    "kind",
    "number",
    "id",
    "customer_id",
    "customer_name",
    "issue_date",
    "due_date",
    "terms",
    "currency",
    "total",
    "open_balance",
    "paid",
    "amount",
    "debit",
    "credit",
    "status",
    "disputed",
    "po_number",
    "payment_url",
    "document_path",
    "pays",
    "email",
    "account",
    "cc",
    "phone",
    "language",
    "country",
    "segment",
    "rank",
    "account_manager",
    "collector",
];

/// A profile as its file has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    pub extends: Option<String>,
    pub title: Option<String>,
    pub menu: Option<String>,
    pub checked: Option<String>,
    pub notes: Vec<String>,
    pub encoding: Option<Encoding>,
    pub delimiter: Option<Delimiter>,
    pub date_format: Option<OneOrMore<DateFormat>>,
    pub times: bool,
    pub decimal_separator: Option<OneOrMore<DecimalSeparator>>,
    pub currency: Option<Currency>,
    pub currencies: BTreeMap<String, Currency>,
    pub id: Vec<String>,
    pub lines: Lines,
    pub group: Option<Group>,
    pub totals: Vec<String>,
    pub grand_total: Option<String>,
    pub complete: bool,
    pub credit_sign: CreditSign,
    pub negative_is_credit: bool,
    pub empty: Vec<String>,
    pub keep: BTreeMap<String, Vec<String>>,
    pub default_due_days: Option<u32>,
    pub terms: BTreeMap<String, u32>,
    pub columns: BTreeMap<String, Place>,
    pub extra: Vec<String>,
    pub kinds: Kinds,
    pub status: StatusWords,
    pub balances: Option<Balances>,
}

/// Reads the text of a profile; `base` gives the text of the one that it extends.
///
/// # Errors
/// What is wrong with it, with its place.
pub fn parse(name: &str, text: &str, base: impl Fn(&str) -> Result<&'static str, String>) -> Result<File, Vec<Problem>> {
    let places = Places::of(name, text);
    let own: File = toml::from_str(text).map_err(|error| {
        let (message, help, code) = words::said(error.message().trim());
        let help = help.replace("docs/reference.md", "docs/imports.md");
        vec![Problem::error(name, text, error.span(), message).help(help).coded(code)]
    })?;
    let file = match &own.extends {
        None => own,
        Some(extended) => {
            let wrong = |sentence: String| {
                vec![places.problem(
                    "unknown-word",
                    places.key(&["extends"]),
                    sentence,
                    "`dunningd import --profiles` lists them",
                )]
            };
            let base = base(extended).map_err(wrong)?;
            let both = beneath(base, text).map_err(|e| wrong(e.to_string()))?;
            both.try_into().map_err(|e: toml::de::Error| wrong(e.to_string()))?
        }
    };
    let problems = problems(&file, &places);
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// The one text over the other: a table's keys one by one, all else as a whole.
fn beneath(base: &str, own: &str) -> Result<toml::Table, toml::de::Error> {
    fn lay(over: toml::Table, under: &mut toml::Table) {
        for (key, value) in over {
            match (value, under.get_mut(&key)) {
                (toml::Value::Table(over), Some(toml::Value::Table(under))) if !over.contains_key("column") => lay(over, under),
                (value, _) => drop(under.insert(key, value)),
            }
        }
    }
    let mut under: toml::Table = toml::from_str(base)?;
    let own: toml::Table = toml::from_str(own)?;
    lay(own, &mut under);
    Ok(under)
}
