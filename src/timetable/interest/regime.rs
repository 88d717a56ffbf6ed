//! What the law says of late payment, country by country: the data of `regimes.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::money::Currency;

/// Reference rates and the laws that use them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Regimes {
    base: BTreeMap<String, Base>,
    regime: BTreeMap<String, Regime>,
}

/// A reference rate through the half-years.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Base {
    /// In percent a year, from this day on.
    pub rates: Vec<(NaiveDate, Decimal)>,
}

/// One country's law.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    countries: Vec<String>,
    base: String,
    /// Percentage points.
    pub(super) over_base: Decimal,
    pub(super) round_up_to: Option<Decimal>,
    /// The rate of the first day stays.
    #[serde(default)]
    pub(super) fixed: bool,
    currency: Currency,
    /// From this debt on, this sum; the smallest first.
    compensation: Vec<(Decimal, Decimal)>,
}

impl Regime {
    /// The reference rate; of the shipped data there always is one, which a test looks at.
    pub(super) fn base(&self) -> Option<&'static Base> {
        all().base.get(&self.base)
    }

    /// The fixed sum for a debt; `None` in another currency than the law's.
    pub(super) fn compensation(&self, debt: Decimal, currency: Currency) -> Option<Decimal> {
        let bands = self.compensation.iter().filter(|_| currency == self.currency);
        bands.take_while(|(from, _)| *from <= debt).last().map(|(_, sum)| *sum)
    }
}

/// The shipped data.
pub(super) fn all() -> &'static Regimes {
    static ALL: OnceLock<Regimes> = OnceLock::new();
    ALL.get_or_init(|| toml::from_str(include_str!("regimes.toml")).unwrap_or_default())
}

/// The names of all regimes.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    all().regime.keys().map(String::as_str)
}

/// The regime of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Regime> {
    all().regime.get(name)
}

/// The regime of a country, as the ledger writes it.
pub(super) fn of_country(country: &str) -> Option<&'static str> {
    let has = |r: &Regime| r.countries.iter().any(|c| c.eq_ignore_ascii_case(country.trim()));
    all().regime.iter().find(|(_, r)| has(r)).map(|(name, _)| name.as_str())
}

/// The first day after the half-year of a day.
pub(super) fn next_half_year(day: NaiveDate) -> NaiveDate {
    let (year, month) = if day.month() < 7 { (day.year(), 7) } else { (day.year() + 1, 1) };
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rates_have_every_half_year_and_every_regime_its_base() {
        let all: Regimes = toml::from_str(include_str!("regimes.toml")).unwrap();
        assert!(all.base.len() >= 4 && all.regime.len() >= 12);
        for (name, base) in &all.base {
            for pair in base.rates.windows(2) {
                assert_eq!(next_half_year(pair[0].0), pair[1].0, "{name}");
            }
        }
        for (name, regime) in &all.regime {
            assert!(all.base.contains_key(&regime.base), "{name}");
            assert_eq!(regime.compensation[0].0, Decimal::ZERO, "{name}");
            assert!(regime.compensation.is_sorted(), "{name}");
        }
    }

    #[test]
    fn a_country_is_found_however_the_ledger_writes_it() {
        assert_eq!(of_country("de"), Some("de"));
        assert_eq!(of_country(" UK "), Some("gb"));
        assert_eq!(of_country("US"), None);
    }

    #[test]
    fn the_british_sum_grows_with_the_debt() {
        let gbp: Currency = "GBP".parse().unwrap();
        let sum = |debt: &str| named("gb").unwrap().compensation(debt.parse().unwrap(), gbp).map(|s| s.to_string());
        for (debt, expected) in [("0.01", "40"), ("999.99", "40"), ("1000", "70"), ("9999.99", "70"), ("10000.00", "100")] {
            assert_eq!(sum(debt).as_deref(), Some(expected), "{debt}");
        }
        assert_eq!(named("gb").unwrap().compensation(Decimal::TEN, "EUR".parse().unwrap()), None);
    }
}
