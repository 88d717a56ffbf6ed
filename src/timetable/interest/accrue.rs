//! Simple interest, exactly: the spans of one balance and one rate, and what they come to.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;

use crate::ledger::{Invoice, Payment};

/// How the days of a year are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayCount {
    /// Every day is one of 365.
    #[default]
    Actual365,
    /// A day of a leap year is one of 366.
    ActualActual,
}

impl DayCount {
    pub const ALL: [Self; 2] = [Self::Actual365, Self::ActualActual];

    /// The word of `day_count`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Actual365 => "actual/365",
            Self::ActualActual => "actual/actual",
        }
    }
}

/// Days in a row with one balance and one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    pub balance: Decimal,
    /// Percent a year.
    pub rate: Decimal,
}

impl Span {
    /// How many days, both ends included.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.until - self.from).num_days() + 1
    }

    /// What it comes to; `None` if the numbers are too large to be exact.
    #[must_use]
    pub fn interest(&self, count: DayCount) -> Option<Exact> {
        let of_366 = if count == DayCount::ActualActual { leap_days(self.from, self.until) } else { 0 };
        let part = |days: i64| self.balance.checked_mul(self.rate)?.checked_mul(Decimal::from(days));
        Some(Exact { of_365: part(self.days() - of_366)?, of_366: part(of_366)? })
    }
}

/// The days of a span that lie in leap years.
fn leap_days(from: NaiveDate, until: NaiveDate) -> i64 {
    let year = |year: i32| {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?.max(from);
        let last = NaiveDate::from_ymd_opt(year, 12, 31)?.min(until);
        first.leap_year().then(|| (last - first).num_days() + 1)
    };
    (from.year()..=until.year()).filter_map(year).sum()
}

/// Interest as it is before it is rounded: balance × percent × days, by the length of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exact {
    of_365: Decimal,
    of_366: Decimal,
}

impl Exact {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let (of_365, of_366) = (self.of_365.checked_add(other.of_365)?, self.of_366.checked_add(other.of_366)?);
        Some(Self { of_365, of_366 })
    }

    /// The amount, rounded once, half up.
    #[must_use]
    pub fn rounded(self, decimals: u32) -> Option<Decimal> {
        let years = Decimal::from(365 * 366);
        let sum = self.of_365.checked_mul(Decimal::from(366))?.checked_add(self.of_366.checked_mul(Decimal::from(365))?)?;
        let amount = sum.checked_div(years.checked_mul(Decimal::ONE_HUNDRED)?)?;
        Some(amount.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
    }
}

/// The spans of a late invoice, from the day after its due date up to and including `today`. What is open today is known;
/// what was open before is found by taking back the payments, of which each still bears interest on the day it came. A
/// balance that fell without a payment (a credit note) counts as if it had been so small from the beginning. `changes`: the
/// days on which another rate begins.
///
/// # Errors
/// The first day whose rate is not known.
pub fn spans(
    invoice: &Invoice,
    payments: &[&Payment],
    changes: impl Iterator<Item = NaiveDate>,
    rate_on: impl Fn(NaiveDate) -> Option<Decimal>,
    today: NaiveDate,
) -> Result<Vec<Span>, NaiveDate> {
    let Some(first) = invoice.due_date.succ_opt().filter(|first| *first <= today) else { return Ok(Vec::new()) };
    let counted: Vec<_> = payments.iter().filter(|p| p.received_on <= today && p.currency == invoice.currency).collect();
    let most = invoice.total.max(invoice.open_balance);
    let open_on = |day| {
        let later = counted.iter().filter(|p| p.received_on >= day).map(|p| p.amount);
        later.fold(invoice.open_balance, Decimal::saturating_add).clamp(Decimal::ZERO, most.max(Decimal::ZERO))
    };
    let begins = counted.iter().filter_map(|p| p.received_on.succ_opt()).chain(changes).filter(|d| first < *d && *d <= today);
    let begins: BTreeSet<NaiveDate> = begins.chain([first]).collect();
    let mut spans: Vec<Span> = Vec::new();
    let ends = begins.iter().skip(1).filter_map(NaiveDate::pred_opt).chain([today]);
    for (from, until) in begins.iter().copied().zip(ends) {
        let balance = open_on(from);
        let rate = rate_on(from).ok_or(from)?;
        match spans.last_mut() {
            Some(last) if (last.balance, last.rate) == (balance, rate) => last.until = until,
            _ => spans.push(Span { from, until, balance, rate }),
        }
    }
    spans.retain(|s| !s.balance.is_zero());
    Ok(spans)
}
