//! Whether a read of the ledger is believable (T27). Pure: what a read is measured by is handed in.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::model::{Invoice, Snapshot, Status};

/// `[ledger.guard]`: when a read of the ledger is not believed (T27).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The smallest believable part of the open invoices, customers or payments of an earlier read.
    #[cfg_attr(test, schemars(with = "String", extend("type" = ["string", "number"])))]
    pub min_ratio: Decimal,
    /// The greatest believable part of the known invoices whose open balance has risen.
    #[cfg_attr(test, schemars(with = "String", extend("type" = ["string", "number"])))]
    pub max_risen: Decimal,
    /// Below this many rows to compare with, nothing is refused.
    pub min_rows: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { min_ratio: Decimal::new(5, 1), max_risen: Decimal::new(2, 2), min_rows: 20 }
    }
}

/// How many risen balances are never suspicious.
const RISEN_ALWAYS_ALLOWED: u64 = 5;
/// How far back payments are compared.
const PAYMENT_DAYS: i64 = 90;

/// The counts of a read that later reads are measured by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadCounts {
    pub customers: u64,
    pub open_invoices: u64,
    /// The payments of each day, from 90 days before the read on.
    pub payments: BTreeMap<NaiveDate, u64>,
    pub bad_rows: u64,
}

impl ReadCounts {
    /// The counts of a read of a day.
    #[must_use]
    pub fn of(snapshot: &Snapshot, today: NaiveDate) -> Self {
        let since = payments_since(today);
        let mut payments = BTreeMap::new();
        for payment in snapshot.payments.iter().filter(|p| p.received_on >= since) {
            *payments.entry(payment.received_on).or_default() += 1;
        }
        Self {
            customers: snapshot.customers.len() as u64,
            open_invoices: snapshot.invoices.values().filter(|i| i.is_open()).count() as u64,
            payments,
            bad_rows: snapshot.bad_rows.len() as u64,
        }
    }

    /// Together with those of other customers of the same read.
    pub fn add(&mut self, others: Self) {
        self.customers += others.customers;
        self.open_invoices += others.open_invoices;
        others.payments.into_iter().for_each(|(day, n)| *self.payments.entry(day).or_default() += n);
        self.bad_rows += others.bad_rows;
    }
}

/// From which day on the payments are counted.
#[must_use]
pub fn payments_since(today: NaiveDate) -> NaiveDate {
    today - TimeDelta::days(PAYMENT_DAYS)
}

/// What a new read is measured by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures {
    /// The greatest of the good reads of the last 14 days, or that of the last one before them.
    pub customers: u64,
    pub open_invoices: u64,
    /// The last good read, with its day.
    pub last: Option<(NaiveDate, ReadCounts)>,
}

impl Measures {
    /// For so many days a good read is a measure.
    pub const DAYS: i64 = 14;

    /// Of the good reads before one of a day, oldest first; those that are too old for it count only if there is no other.
    #[must_use]
    pub fn of(reads: &[(NaiveDate, ReadCounts)], today: NaiveDate) -> Self {
        let Some(last) = reads.last() else { return Self::default() };
        let since = today - TimeDelta::days(Self::DAYS);
        let measure = || reads.iter().filter(|(day, _)| *day >= since).chain([last]).map(|(_, counts)| counts);
        Self {
            customers: measure().map(|c| c.customers).max().unwrap_or_default(),
            open_invoices: measure().map(|c| c.open_invoices).max().unwrap_or_default(),
            last: Some(last.clone()),
        }
    }
}

/// Why a read is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("only {now} {what}, where {of} had {before}: at least {} are believed (min_ratio = {ratio})", least(*.before, *.ratio))]
    TooFew { what: String, of: String, now: u64, before: u64, ratio: Decimal },
    #[error(
        "{risen} of {known} invoices owe more than at the last good read, that of {day}, {example}: at most {} are believed \
         (max_risen = {share})",
        most(*.known, *.share)
    )]
    Risen { risen: u64, known: u64, day: NaiveDate, share: Decimal, example: String },
}

/// The smallest number that is believed.
fn least(before: u64, ratio: Decimal) -> Decimal {
    (Decimal::from(before) * ratio).ceil()
}

/// The greatest number that is believed.
fn most(known: u64, share: Decimal) -> Decimal {
    (Decimal::from(known) * share).floor().max(Decimal::from(RISEN_ALWAYS_ALLOWED))
}

/// The invoices of a read that are in the last good one, too, and those of them that owe more than then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risen {
    pub known: u64,
    pub risen: u64,
    /// The one with the smallest id: what it owed then, and what now.
    pub first: Option<(String, Decimal, Decimal)>,
}

impl Risen {
    /// `before`: the open balance of each invoice of the last good read.
    #[must_use]
    pub fn of<'a>(snapshot: &Snapshot, before: impl Iterator<Item = (&'a str, Decimal)>) -> Self {
        let mut found = Self::default();
        for (id, balance) in before {
            if let Some(invoice) = snapshot.invoices.get(id) {
                found.known += 1;
                let owed = owed(invoice);
                if owed > balance {
                    found.risen += 1;
                    if found.first.as_ref().is_none_or(|(first, ..)| id < first.as_str()) {
                        found.first = Some((id.to_owned(), balance, owed));
                    }
                }
            }
        }
        found
    }

    /// Together with other invoices of the same read.
    pub fn add(&mut self, others: Self) {
        self.known += others.known;
        self.risen += others.risen;
        let smaller = |(id, ..): &(String, _, _)| self.first.as_ref().is_none_or(|(first, ..)| id < first);
        if let Some(first) = others.first.filter(smaller) {
            self.first = Some(first);
        }
    }
}

/// What counts as owed: a paid invoice owes nothing.
fn owed(invoice: &Invoice) -> Decimal {
    if invoice.status == Status::Paid { Decimal::ZERO } else { invoice.open_balance }
}

/// Compares a read with the earlier ones.
///
/// # Errors
/// The first reason not to believe it.
pub fn check(settings: &Settings, now: &ReadCounts, measures: &Measures, risen: Risen, today: NaiveDate) -> Result<(), Refusal> {
    let Some((last_day, last)) = &measures.last else { return Ok(()) };
    let ratio = settings.min_ratio;
    let few = |what: String, of: String, now: u64, before: u64| {
        if before >= settings.min_rows && Decimal::from(now) < least(before, ratio) {
            return Err(Refusal::TooFew { what, of, now, before, ratio });
        }
        Ok(())
    };
    let earlier = || "an earlier good read".to_owned();
    few("open invoices".to_owned(), earlier(), now.open_invoices, measures.open_invoices)?;
    few("customers".to_owned(), earlier(), now.customers, measures.customers)?;
    let since = payments_since(today);
    let sum =
        |read: &ReadCounts| if since > *last_day { 0 } else { read.payments.range(since..=*last_day).map(|(_, n)| n).sum() };
    let what = format!("payments of {since} to {last_day}");
    few(what, format!("the last good read, that of {last_day},"), sum(now), sum(last))?;
    let Risen { known, risen, first } = risen;
    let share = settings.max_risen;
    if known >= settings.min_rows && Decimal::from(risen) > most(known, share) {
        let example = first.map(|(id, was, owed)| format!("such as {id}, {owed} instead of {was}")).unwrap_or_default();
        return Err(Refusal::Risen { risen, known, day: *last_day, share, example });
    }
    Ok(())
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
