//! The keys of `[interest]`.

use schemars::JsonSchema;

use super::{Amount, AmountOrTable, Date, OneOrMany};

/// Interest on late payments and a fixed compensation: by a country's law, or by contract.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Interest {
    /// Whose law: `"de"`, `"gb"`, …; `"eu"` is the least of directive 2011/7/EU. With `by_country`: for customers whose
    /// country has none here.
    regime: Option<String>,
    /// The law of the customer's country, from the ledger's column. Default: false.
    by_country: Option<bool>,
    /// One rate in percent a year, by contract, in the place of the law's; or `[[interest.rate]]`, rates by date.
    rate: Option<RateOrRates>,
    /// Percentage points over the base rate, in the place of the law's.
    over_base: Option<Percent>,
    /// The fixed sum, in the place of the law's: one amount in the invoice's currency, or a table by currency. 0: none.
    compensation: Option<AmountOrTable>,
    /// `"actual/365"`, or `"actual/actual"`: days of a leap year are each one of 366. Default: actual/365.
    day_count: Option<String>,
    /// Only for customers of these segments. Default: all.
    segments: Option<OneOrMany>,
}

/// One rate, or several by date.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum RateOrRates {
    One(Percent),
    Several(Vec<Rate>),
}

/// A rate that the program does not know yet, or another one than it knows.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Rate {
    /// The first day on which it counts.
    valid_from: Date,
    /// The base rate; the points come on top.
    base: Option<Percent>,
    /// The whole rate, in the place of `base`.
    rate: Option<Percent>,
    /// Which regime it is for. Default: the one of `[interest]`.
    regime: Option<String>,
}

/// Percent a year, or percentage points: `"10.15"`, or a whole number.
type Percent = Amount;
