//! `[[case]]`.

use schemars::JsonSchema;

use super::{Amount, Date, Rank};

/// An invoice, and what the timetable has to do about it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Case {
    /// What it is about, for the messages.
    name: String,
    /// The customer whose `[customer."ID"]` counts.
    customer: Option<String>,
    /// The segment that the ledger's own column says.
    segment: Option<String>,
    /// The customer's rank.
    rank: Option<Rank>,
    /// The customer's country.
    country: Option<String>,
    /// The customer's earliest invoice. Default: this one is the first.
    customer_since: Option<Date>,
    /// What the invoice is over.
    amount: Amount,
    /// Its currency, such as `EUR`.
    currency: String,
    /// When it is issued. Default: 30 days before it is due.
    issued: Option<Date>,
    /// When it is due.
    due: Date,
    /// Nobody pays; it is played up to this day.
    unpaid_until: Option<Date>,
    /// It is paid in full on this day.
    paid_on: Option<Date>,
    /// Everything that has to come: nothing else may.
    expect: Vec<Expected>,
}

/// A contact that has to come.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Expected {
    /// The day.
    on: Date,
    /// The step's id.
    step: String,
}
