//! `[[case]]`: an invoice as the company means it, and what its timetable has to do about it. `check` plays it.

use std::ops::Range;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::money::Currency;

/// One `[[case]]` of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub name: String,
    /// The customer whose `[customer."ID"]` counts (T8).
    pub customer: Option<String>,
    /// The ledger's word for the customer's segment (T6).
    pub segment: Option<String>,
    pub rank: Option<String>,
    pub country: Option<String>,
    /// Its earliest issue date (T6); `None`: this is its first invoice.
    pub customer_since: Option<NaiveDate>,
    pub amount: Decimal,
    pub currency: Currency,
    pub issued: NaiveDate,
    pub due: NaiveDate,
    pub end: End,
    /// Everything that has to come, in any order; nothing else may come.
    pub expect: Vec<Expected>,
    /// Where the word `expect` stands in the file.
    pub span: Range<usize>,
}

/// How a case ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nobody pays; it is played up to this day, which is included.
    UnpaidUntil(NaiveDate),
    /// Paid in full on this day; it is played as long as somebody may be thanked.
    PaidOn(NaiveDate),
}

/// One contact that a case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub on: NaiveDate,
    pub step: String,
    /// Where it stands in the file.
    pub span: Range<usize>,
}
