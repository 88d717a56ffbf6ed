//! How people work through their tasks: `[worklist]`.

use chrono::NaiveDate;

use super::Calendar;

/// `[worklist]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worklist {
    /// Business days after a call that reached nobody, until the next try.
    pub retry_days: u32,
}

impl Default for Worklist {
    fn default() -> Self {
        Self { retry_days: 2 }
    }
}

impl Worklist {
    /// The day of the next try after a call of a day that reached nobody.
    #[must_use]
    pub fn next_try(&self, calendar: &Calendar, today: NaiveDate) -> NaiveDate {
        calendar.business_day(today, self.retry_days.into())
    }
}
