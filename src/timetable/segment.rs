//! Who a customer is and how large an invoice is (T6, T7).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Timetable;
use super::approval::Approve;
use crate::ledger::Customer;
use crate::money::Currency;

/// One `[[segment]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub name: String,
    /// `None`: everybody else (the last one).
    pub matches: Option<Match>,
    /// Whether e-mails to its customers wait for a person's word (T34).
    pub approve: Option<Approve>,
    /// Whether people look after its customers; `None`: what they owe says it.
    pub personal: Option<bool>,
}

/// The keys of a `match`; each one that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    pub rank: Option<Vec<String>>,
    pub country: Option<Vec<String>>,
    /// One of the customer's open invoices has it.
    pub currency: Option<Vec<Currency>>,
    /// Days since the customer's earliest issue date.
    pub customer_for_days_below: Option<i64>,
    pub customer_for_days_from: Option<i64>,
    /// Of all the customer's open invoices: one currency reaches it.
    pub open_balance_from: Option<Decimal>,
    /// No currency reaches it.
    pub open_balance_below: Option<Decimal>,
}

/// What a `match` looks at beside the customer's own columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The sum of the customer's open invoices, by currency.
    pub open: BTreeMap<Currency, Decimal>,
    /// The part of it whose due date has passed.
    pub past_due: BTreeMap<Currency, Decimal>,
    /// The earliest issue date ever seen of the customer, paid invoices included.
    pub customer_since: Option<NaiveDate>,
}

impl Match {
    fn holds(&self, customer: &Customer, standing: &Standing, today: NaiveDate) -> bool {
        let listed = |list: &Option<Vec<String>>, value: &Option<String>| {
            list.as_ref().is_none_or(|l| value.as_ref().is_some_and(|v| l.contains(v)))
        };
        let days = standing.customer_since.map(|since| (today - since).num_days());
        let reaches = |limit: Decimal| standing.open.values().any(|sum| *sum >= limit);
        listed(&self.rank, &customer.rank)
            && listed(&self.country, &customer.country)
            && self.currency.as_ref().is_none_or(|l| l.iter().any(|c| standing.open.contains_key(c)))
            && self.customer_for_days_below.is_none_or(|limit| days.is_some_and(|d| d < limit))
            && self.customer_for_days_from.is_none_or(|limit| days.is_some_and(|d| d >= limit))
            && self.open_balance_from.is_none_or(reaches)
            && self.open_balance_below.is_none_or(|limit| !reaches(limit))
    }
}

/// Why a customer is in its segment (T6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<'t> {
    /// `[customer."ID"]` says so (T8).
    File,
    /// The ledger's own value, which the file names.
    Ledger,
    /// The first whose `match` holds.
    Match(&'t Match),
    /// No other one matches.
    Last,
}

/// The customer's segment and why (T6): the file's own word for the customer (T8), the ledger's if the file names it, else
/// the first that matches. `None`: the file has no segment.
#[must_use]
pub fn found<'t>(
    timetable: &'t Timetable,
    customer: &Customer,
    standing: &Standing,
    today: NaiveDate,
) -> Option<(&'t Segment, Why<'t>)> {
    let named = |name: &String| timetable.segments.iter().find(|s| s.name == *name);
    let own = timetable.customer(&customer.id).and_then(|c| c.segment.as_ref()).and_then(named).map(|s| (s, Why::File));
    own.or_else(|| customer.segment.as_ref().and_then(named).map(|s| (s, Why::Ledger))).or_else(|| {
        let holds = |s: &&Segment| s.matches.as_ref().is_none_or(|m| m.holds(customer, standing, today));
        timetable.segments.iter().find(holds).map(|s| (s, s.matches.as_ref().map_or(Why::Last, Why::Match)))
    })
}

/// The customer's segment (T6).
#[must_use]
pub fn segment_of<'t>(timetable: &'t Timetable, customer: &Customer, standing: &Standing, today: NaiveDate) -> &'t str {
    found(timetable, customer, standing, today).map_or("", |(segment, _)| &segment.name)
}

/// After how many days as a customer one may come into another segment.
pub fn tenures(timetable: &Timetable) -> impl Iterator<Item = i64> {
    let matches = timetable.segments.iter().filter_map(|s| s.matches.as_ref());
    matches.flat_map(|m| [m.customer_for_days_below, m.customer_for_days_from]).flatten()
}

/// The thresholds of `[sizes]` and `[sizes.CURRENCY]` (T7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    pub thresholds: BTreeMap<String, Decimal>,
    pub by_currency: BTreeMap<Currency, BTreeMap<String, Decimal>>,
}

/// The class below all thresholds.
pub const SMALL: &str = "small";

impl Sizes {
    /// The largest class whose threshold the total reaches; [`SMALL`] below all of them.
    #[must_use]
    pub fn size_of(&self, total: Decimal, currency: Currency) -> &str {
        let own = self.by_currency.get(&currency);
        let threshold = |name: &String, general: Decimal| own.and_then(|o| o.get(name)).copied().unwrap_or(general);
        self.thresholds
            .iter()
            .map(|(name, general)| (threshold(name, *general), name.as_str()))
            .filter(|(limit, _)| total >= *limit)
            .max()
            .map_or(SMALL, |(_, name)| name)
    }

    /// Whether the file has a class of this name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        name == SMALL || self.thresholds.contains_key(name)
    }
}
