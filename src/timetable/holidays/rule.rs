//! One holiday, by rule: the head of `countries.toml` says how they are written.

use std::str::FromStr;

use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};
use serde::{Deserialize, Deserializer};

/// When it falls, and in which years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub fall: Fall,
    from: i32,
    to: i32,
}

/// When in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fall {
    Day {
        month: u32,
        day: u32,
    },
    /// Days from Easter Sunday.
    Easter(i64),
    /// `None`: the last one.
    Weekday {
        month: u32,
        weekday: Weekday,
        number: Option<u8>,
    },
    /// From a day on, or back from it.
    Near {
        month: u32,
        day: u32,
        weekday: Weekday,
        back: bool,
    },
}

impl Rule {
    /// Its day in a year; `None`: it has none.
    pub fn day_in(&self, year: i32) -> Option<NaiveDate> {
        if !(self.from..=self.to).contains(&year) {
            return None;
        }
        match self.fall {
            Fall::Day { month, day } => NaiveDate::from_ymd_opt(year, month, day),
            Fall::Easter(days) => easter(year)?.checked_add_signed(TimeDelta::try_days(days)?),
            Fall::Weekday { month, weekday, number } => {
                let nth = |n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n);
                number.map_or_else(|| nth(5).or_else(|| nth(4)), nth)
            }
            Fall::Near { month, day, weekday, back } => {
                let step = TimeDelta::days(if back { -1 } else { 1 });
                let begin = NaiveDate::from_ymd_opt(year, month, day)?;
                (0..7).map(|n| begin + step * n).find(|d| d.weekday() == weekday)
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar.
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let lunar = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - lunar + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no rule of a holiday");
        let mut words: Vec<&str> = text.split(' ').collect();
        let (mut from, mut to) = (i32::MIN, i32::MAX);
        while let [.., which @ ("from" | "to" | "in"), year] = words.as_slice() {
            let year = year.parse().map_err(|_| wrong())?;
            from = if *which == "to" { from } else { year };
            to = if *which == "from" { to } else { year };
            words.truncate(words.len() - 2);
        }
        Ok(Self { fall: fall(&words).ok_or_else(wrong)?, from, to })
    }
}

fn fall(words: &[&str]) -> Option<Fall> {
    let day_of = |text: &str| {
        let (month, day) = text.split_once('-')?;
        Some((month.parse().ok()?, day.parse().ok()?))
    };
    Some(match words {
        [one] => match one.strip_prefix("easter") {
            Some(days) => Fall::Easter(days.parse().ok()?),
            None => day_of(one).map(|(month, day)| Fall::Day { month, day })?,
        },
        [day, weekday, way @ ("next" | "back")] => {
            let (month, day) = day_of(day)?;
            Fall::Near { month, day, weekday: weekday.parse().ok()?, back: *way == "back" }
        }
        [month, weekday, number] => Fall::Weekday {
            month: month.parse().ok()?,
            weekday: weekday.parse().ok()?,
            number: if *number == "last" { None } else { Some(number.parse().ok()?) },
        },
        _ => return None,
    })
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_day_one_from_easter_a_weekday_or_one_near_a_day() {
        let in_2026 = |rule: &str| rule.parse::<Rule>().unwrap().day_in(2026).map(|d| d.to_string());
        for (rule, day) in [
            ("12-25", "2026-12-25"),
            ("easter-2", "2026-04-03"),
            ("05 mon last", "2026-05-25"),
            ("01 mon 3", "2026-01-19"),
            ("06-20 sat next", "2026-06-20"),
            ("11-22 wed back", "2026-11-18"),
            ("10-04 from 2026 to 2027", "2026-10-04"),
        ] {
            assert_eq!(in_2026(rule).as_deref(), Some(day), "{rule}");
        }
        assert_eq!((in_2026("10-04 from 2027"), in_2026("10-04 in 2025"), in_2026("02-29")), (None, None, None));
        for wrong in ["", "easter", "12", "12-25 soon", "05 mon next", "05 xyz 1", "12-25 from"] {
            assert!(wrong.parse::<Rule>().is_err(), "{wrong:?}");
        }
    }
}
