//! Interest on late payments and the fixed compensation for the trouble: what a creditor may claim beside an open balance.
//! A template shows it; it is booked nowhere, and no rule looks at it.

mod accrue;
mod regime;
mod terms;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use accrue::{DayCount, Exact, Span};
pub use regime::{Regime, named, names};
pub use terms::Terms;

use super::MinBalance;
use crate::ledger::{Customer, Invoice, Payment};

/// `[interest]` of the timetable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// The law of all customers; with `by_country`, of those whose country has none here.
    pub regime: Option<String>,
    /// The law of the customer's country.
    pub by_country: bool,
    /// One rate in percent a year, by contract: it stands in the place of every other.
    pub rate: Option<Decimal>,
    /// `[[interest.rate]]`, which adds to the shipped rates or stands in their place.
    pub rates: Vec<OwnRate>,
    /// Percentage points, in the place of the law's.
    pub over_base: Option<Decimal>,
    /// In the place of the law's; 0: none.
    pub compensation: Option<MinBalance>,
    pub day_count: DayCount,
    /// Only for these segments.
    pub segments: Option<Vec<String>>,
}

/// A rate of the company's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRate {
    pub valid_from: NaiveDate,
    /// Which regime it is for; `None`: there is none.
    pub regime: Option<String>,
    pub percent: Percent,
}

/// What a rate of the file says, in percent a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Percent {
    /// The rate.
    Whole(Decimal),
    /// The base rate; the points come on top.
    Base(Decimal),
}

/// What may be claimed of one invoice on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Rounded to the decimals of the invoice's currency.
    pub interest: Decimal,
    pub compensation: Option<Decimal>,
    /// How the interest came about; never empty.
    pub spans: Vec<Span>,
}

/// Why nothing is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoClaim {
    /// The invoice is not open, or not past due.
    NotLate,
    /// `segments` leaves the customer out.
    Segment,
    /// The customer's country has no regime, and the file names none.
    NoRegime,
    /// The rate of this day is not known.
    UnknownRate(NaiveDate),
    /// It comes to less than the smallest coin, or to more than can be computed exactly.
    NoAmount,
}

impl Interest {
    /// The regime of a customer's country.
    #[must_use]
    pub fn regime_of(&self, country: Option<&str>) -> Option<&str> {
        let own = country.filter(|_| self.by_country).and_then(regime::of_country);
        own.or(self.regime.as_deref())
    }

    /// What may be claimed of an invoice, as of `today`; `payments` are those that were set against it.
    ///
    /// # Errors
    /// Why it is nothing.
    pub fn claim(
        &self,
        customer: &Customer,
        segment: &str,
        invoice: &Invoice,
        payments: &[&Payment],
        today: NaiveDate,
    ) -> Result<Claim, NoClaim> {
        if !invoice.is_open() || invoice.due_date >= today {
            return Err(NoClaim::NotLate);
        }
        if self.segments.as_ref().is_some_and(|l| !l.iter().any(|s| s == segment)) {
            return Err(NoClaim::Segment);
        }
        let terms = Terms::of(self, self.regime_of(customer.country.as_deref())).ok_or(NoClaim::NoRegime)?;
        let first = invoice.due_date.succ_opt().ok_or(NoClaim::NotLate)?;
        let rate_on = |day| terms.rate_on(if terms.fixed { first } else { day });
        let spans = accrue::spans(invoice, payments, terms.changes(), rate_on, today).map_err(NoClaim::UnknownRate)?;
        let debt = spans.first().ok_or(NoClaim::NoAmount)?.balance;
        let exact = spans.iter().try_fold(Exact::default(), |sum, span| sum.plus(span.interest(self.day_count)?));
        let interest = exact.and_then(|e| e.rounded(invoice.currency.decimals())).filter(|i| *i > Decimal::ZERO);
        Ok(Claim {
            interest: interest.ok_or(NoClaim::NoAmount)?,
            compensation: terms.compensation(self, debt, invoice.currency).filter(|c| *c > Decimal::ZERO),
            spans,
        })
    }
}
