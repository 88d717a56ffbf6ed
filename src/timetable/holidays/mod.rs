//! The public holidays of countries, and of parts of them (T3): data (`countries.toml`), worked out once.

mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::Deserialize;

use rule::{Fall, Rule};

/// The years whose holidays are known.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

static COUNTRIES: LazyLock<BTreeMap<String, BTreeSet<NaiveDate>>> = LazyLock::new(|| work_out().unwrap_or_default());

/// A country or a part of one, with its public holidays.
#[derive(Clone, Copy)]
pub struct Country {
    /// `DE`, or `DE-BY`.
    pub code: &'static str,
    days: &'static BTreeSet<NaiveDate>,
}

impl Country {
    /// Whether it has a public holiday on this day.
    #[must_use]
    pub fn rests_on(&self, day: NaiveDate) -> bool {
        self.days.contains(&day)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl PartialEq for Country {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Country {}

/// The country of a code, in letters of either case; `None`: its holidays are not known.
#[must_use]
pub fn of(code: &str) -> Option<Country> {
    COUNTRIES.get_key_value(code.trim().to_ascii_uppercase().as_str()).map(|(code, days)| Country { code, days })
}

/// All that are known.
pub fn all() -> impl Iterator<Item = Country> + Clone {
    COUNTRIES.iter().map(|(code, days)| Country { code, days })
}

/// A table of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    like: Option<String>,
    weekend: Option<Weekend>,
    days: Vec<Rule>,
}

/// Where a day of the year that falls on a weekend is made up for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Weekend {
    Nearest,
    Next,
}

fn work_out() -> Result<BTreeMap<String, BTreeSet<NaiveDate>>, toml::de::Error> {
    let table: BTreeMap<String, Rules> = toml::from_str(include_str!("countries.toml"))?;
    let mut found = BTreeMap::new();
    for (code, own) in &table {
        let like = own.like.as_ref().and_then(|code| table.get(code)).map_or(&[][..], |other| &other.days);
        let rules: Vec<&Rule> = like.iter().chain(&own.days).collect();
        // A holiday of the first of January may be made up for in the year before.
        let years = (*YEARS.start()..=YEARS.end() + 1).flat_map(|year| of_year(&rules, own.weekend, year));
        found.insert(code.clone(), years.collect());
    }
    Ok(found)
}

fn of_year(rules: &[&Rule], weekend: Option<Weekend>, year: i32) -> BTreeSet<NaiveDate> {
    let falls: BTreeMap<NaiveDate, &Fall> = rules.iter().filter_map(|r| Some((r.day_in(year)?, &r.fall))).collect();
    let mut days: BTreeSet<NaiveDate> = falls.keys().copied().collect();
    for (day, _) in falls.iter().filter(|(day, fall)| matches!(fall, Fall::Day { .. }) && is_weekend(**day)) {
        let instead = match weekend {
            None => None,
            Some(Weekend::Nearest) if day.weekday() == Weekday::Sat => day.pred_opt(),
            Some(Weekend::Nearest) => day.succ_opt(),
            Some(Weekend::Next) => day.iter_days().find(|d| !is_weekend(*d) && !days.contains(d)),
        };
        days.extend(instead);
    }
    days
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_rules_say_what_a_well_kept_list_says() {
        work_out().unwrap();
        let mut compared = BTreeSet::new();
        for line in include_str!("known.txt").lines().filter(|l| !l.starts_with('#')) {
            let (place, known) = line.split_once(": ").unwrap();
            let (code, year) = place.split_once(' ').unwrap();
            let own = of(code).unwrap().days.iter().filter(|d| d.year().to_string() == year && d.weekday() != Weekday::Sun);
            assert_eq!(own.map(|d| d.format("%m-%d").to_string()).collect::<Vec<_>>().join(" "), known, "{place}");
            compared.insert(code);
        }
        assert!(all().all(|country| compared.contains(country.code)));
    }

    #[test]
    fn a_code_is_known_in_letters_of_either_case() {
        assert_eq!(of("de-by").map(|c| c.code), Some("DE-BY"));
        assert!(of("Germany").is_none());
        assert!(of("GB").unwrap().rests_on("2026-12-28".parse().unwrap()), "for Boxing Day, a Saturday");
        assert!(of("US").unwrap().rests_on("2027-12-31".parse().unwrap()), "for the New Year of the year after, a Saturday");
    }
}
