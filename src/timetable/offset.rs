//! How far from the due date a step falls: calendar days, or business days (T2).

use std::fmt;

use chrono::NaiveDate;

use super::{Calendar, SendWindow};

/// A cell of the timetable; negative: before the due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    Days(i64),
    /// Written `"5bd"`; never 0. `usual`: the calendar days that they take in weeks without holidays.
    BusinessDays {
        number: i64,
        usual: i64,
    },
}

impl Offset {
    /// Business days, in weeks that have those of the window.
    #[must_use]
    pub fn business(number: i64, window: &SendWindow) -> Self {
        let week = window.days.iter().map(|open| i64::from(*open)).sum::<i64>().max(1);
        let usual = (number.abs() * 7 + week / 2) / week * number.signum();
        Self::BusinessDays { number, usual }
    }

    /// The calendar days from a due date to the planned date: what the other rules reckon with.
    #[must_use]
    pub fn days_from(self, calendar: &Calendar, due: NaiveDate) -> i64 {
        match self {
            Self::Days(days) => days,
            Self::BusinessDays { number, .. } => (calendar.business_day(due, number) - due).num_days(),
        }
    }

    /// The calendar days of an invoice that nothing is known of.
    #[must_use]
    pub fn usual_days(self) -> i64 {
        match self {
            Self::Days(days) => days,
            Self::BusinessDays { usual, .. } => usual,
        }
    }

    /// As a person says it: `5 business days before the due date`.
    #[must_use]
    pub fn in_words(self) -> String {
        let (number, unit) = match self {
            Self::Days(0) => return "the due date".to_owned(),
            Self::Days(days) => (days, "day"),
            Self::BusinessDays { number, .. } => (number, "business day"),
        };
        let (several, side) = (if number.abs() == 1 { "" } else { "s" }, if number < 0 { "before" } else { "after" });
        format!("{} {unit}{several} {side} the due date", number.abs())
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}"),
            Self::BusinessDays { number, .. } => write!(f, "{number}bd"),
        }
    }
}

impl serde::Serialize for Offset {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Days(days) => s.serialize_i64(*days),
            Self::BusinessDays { .. } => s.collect_str(self),
        }
    }
}
