//! Dates, days and lists, as a person reads them.

use chrono::{Datelike, NaiveDate};

/// `Sat 5 Dec`, with the year if it is not that of the day that is explained.
#[must_use]
pub fn date(day: NaiveDate, on: NaiveDate) -> String {
    let format = if day.year() == on.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
    day.format(format).to_string()
}

/// `1 day`, `2 days`.
#[must_use]
pub fn count(n: u64, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// `a, b and c`.
#[must_use]
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `past-due`, or `statement, occurrence 2` of a step that repeats.
#[must_use]
pub fn step(id: &str, occurrence: u32) -> String {
    if occurrence == 0 { id.to_owned() } else { format!("{id}, occurrence {occurrence}") }
}
