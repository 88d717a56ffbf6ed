//! The rates that are in force for some customers: the law's, with what the company's file adds.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::regime::{self, Regime, next_half_year};
use super::{Interest, Percent};
use crate::money::Currency;

/// Rates by the day from which they count, in percent a year.
#[derive(Debug)]
pub struct Terms {
    regime: Option<&'static Regime>,
    rates: BTreeMap<NaiveDate, Decimal>,
    /// A rate counts for its half-year, and not longer.
    half_yearly: bool,
    /// The rate of the first day stays.
    pub fixed: bool,
}

impl Terms {
    /// The terms of a regime, or of a file without one; `None` if that has no rate either.
    #[must_use]
    pub fn of(interest: &Interest, name: Option<&str>) -> Option<Self> {
        let regime = name.and_then(regime::named);
        if let Some(rate) = interest.rate {
            let rates = BTreeMap::from([(NaiveDate::MIN, rate)]);
            return Some(Self { regime, rates, half_yearly: false, fixed: false });
        }
        let on_top = interest.over_base.or(regime.map(|r| r.over_base)).unwrap_or_default();
        let whole = |base: Decimal| {
            let sum = base.saturating_add(on_top).max(Decimal::ZERO);
            regime.and_then(|r| r.round_up_to).map_or(sum, |step| round_up(sum, step))
        };
        let law = regime.and_then(Regime::base).into_iter().flat_map(|b| &b.rates);
        let mut rates: BTreeMap<NaiveDate, Decimal> = law.map(|(from, base)| (*from, whole(*base))).collect();
        rates.extend(interest.rates.iter().filter(|own| own.regime.as_deref() == name).map(|own| {
            let rate = match own.percent {
                Percent::Whole(rate) => rate,
                Percent::Base(base) => whole(base),
            };
            (own.valid_from, rate)
        }));
        let fixed = regime.is_some_and(|r| r.fixed);
        (!rates.is_empty()).then_some(Self { regime, rates, half_yearly: regime.is_some(), fixed })
    }

    /// The rate of a day; `None`: it is not known.
    #[must_use]
    pub fn rate_on(&self, day: NaiveDate) -> Option<Decimal> {
        let (from, rate) = self.rates.range(..=day).next_back()?;
        (!self.half_yearly || day < next_half_year(*from)).then_some(*rate)
    }

    /// The first day of whose rate nothing is known; `None`: there is none.
    #[must_use]
    pub fn unknown_from(&self) -> Option<NaiveDate> {
        self.rates.keys().next_back().filter(|_| self.half_yearly).map(|last| next_half_year(*last))
    }

    /// The days on which another rate may begin, or none be known any more.
    pub fn changes(&self) -> impl Iterator<Item = NaiveDate> {
        let ends = self.rates.keys().filter(|_| self.half_yearly).map(|from| next_half_year(*from));
        self.rates.keys().copied().chain(ends)
    }

    /// The fixed sum for a debt.
    #[must_use]
    pub fn compensation(&self, interest: &Interest, debt: Decimal, currency: Currency) -> Option<Decimal> {
        match &interest.compensation {
            Some(own) => Some(own.of(currency)),
            None => self.regime?.compensation(debt, currency),
        }
    }
}

/// The smallest multiple of `step` that is not smaller.
fn round_up(rate: Decimal, step: Decimal) -> Decimal {
    rate.checked_div(step).map_or(rate, |times| (times.ceil() * step).normalize())
}
