//! `[review]`: at which intervals a person looks at each customer's credit, and on which day.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Months, NaiveDate};
use sha2::{Digest as _, Sha256};

use super::Calendar;

/// How long a period is. Periods begin with the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    Month,
    Quarter,
    HalfYear,
    Year,
}

impl Every {
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::HalfYear, Self::Year];

    /// The word of the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half-year",
            Self::Year => "year",
        }
    }

    /// Its months.
    #[must_use]
    pub fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        }
    }

    /// The first day of the period of a day, and of the one after it.
    #[must_use]
    pub fn period(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        let month = day.month0() / self.months() * self.months() + 1;
        let first = NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        (first, first.checked_add_months(Months::new(self.months())).unwrap_or(NaiveDate::MAX))
    }
}

/// `[review]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// For customers of all segments; `None`: see `by_segment`.
    pub every: Option<Every>,
    /// By segment; those that are not named have none.
    pub by_segment: BTreeMap<String, Every>,
    /// Each customer has a business day of its own in the period; else all have the first one.
    pub spread: bool,
}

impl Review {
    /// How often a customer of a segment is reviewed; `None`: never.
    #[must_use]
    pub fn every(&self, segment: &str) -> Option<Every> {
        self.every.or_else(|| self.by_segment.get(segment).copied())
    }
}

/// When a customer is reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The first day of the period, which stands for it.
    pub period: NaiveDate,
    pub every: Every,
    /// The customer's day in it.
    pub day: NaiveDate,
    /// The customer's day in the next one.
    pub next: NaiveDate,
}

/// The days of the customers; it remembers which days of a period are business days.
#[derive(Debug)]
pub struct Diary<'t> {
    review: &'t Review,
    calendar: &'t Calendar,
    days: HashMap<(NaiveDate, NaiveDate), Vec<NaiveDate>>,
}

impl<'t> Diary<'t> {
    #[must_use]
    pub fn new(review: &'t Review, calendar: &'t Calendar) -> Self {
        Self { review, calendar, days: HashMap::new() }
    }

    /// When a customer of a segment is reviewed; `None`: never.
    pub fn when(&mut self, segment: &str, customer: &str, today: NaiveDate) -> Option<When> {
        let every = self.review.every(segment)?;
        let (period, after) = every.period(today);
        let day = self.day_in((period, after), customer);
        Some(When { period, every, day, next: self.day_in(every.period(after), customer) })
    }

    /// The next day on which a customer may have to be reviewed, after today's reviews; `None`: never.
    pub fn next(&mut self, segment: &str, customer: &str, today: NaiveDate) -> Option<NaiveDate> {
        let when = self.when(segment, customer, today)?;
        Some(if today < when.day { when.day } else { when.next })
    }

    /// Always the same one for the same customer and period. A period without business days has its first day.
    fn day_in(&mut self, period: (NaiveDate, NaiveDate), customer: &str) -> NaiveDate {
        let (first, after) = period;
        let calendar = self.calendar;
        let open = self.days.entry(period).or_insert_with(|| {
            first.iter_days().take_while(|day| *day < after).filter(|day| calendar.is_business_day(*day)).collect()
        });
        let drawn = Sha256::digest(customer.as_bytes()).iter().take(4).fold(0_usize, |n, b| n * 256 + usize::from(*b));
        let place = if self.review.spread { drawn.checked_rem(open.len()).unwrap_or(0) } else { 0 };
        open.get(place).copied().unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::SendWindow;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        let nine = chrono::NaiveTime::from_hms_opt(9, 0, 0).unwrap();
        let days = [true, true, true, true, true, false, false];
        Calendar { holidays: [day("2026-01-01")].into(), ..Calendar::of(SendWindow { days, from: nine, to: nine }) }
    }

    #[test]
    fn periods_begin_with_the_year() {
        let period = |every: Every| every.period(day("2026-08-31"));
        assert_eq!(period(Every::Month), (day("2026-08-01"), day("2026-09-01")));
        assert_eq!(period(Every::Quarter), (day("2026-07-01"), day("2026-10-01")));
        assert_eq!(period(Every::HalfYear), (day("2026-07-01"), day("2027-01-01")));
        assert_eq!(period(Every::Year), (day("2026-01-01"), day("2027-01-01")));
    }

    #[test]
    fn each_customer_has_a_business_day_of_its_own_or_all_have_the_first_one() {
        let calendar = calendar();
        let spread = Review { every: Some(Every::Quarter), spread: true, ..Review::default() };
        let mut diary = Diary::new(&spread, &calendar);
        let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
        for n in 0..1_000 {
            let when = diary.when("all", &format!("C-{n}"), day("2026-02-11")).unwrap();
            assert_eq!(when.period, day("2026-01-01"));
            assert!(when.day < day("2026-04-01") && when.next >= day("2026-04-01") && calendar.is_business_day(when.day));
            *days.entry(when.day).or_default() += 1;
        }
        assert!(days.len() == 63 && days.values().all(|n| (4..=32).contains(n)), "spread evenly: {days:?}");
        let once = Review { by_segment: [("a".to_owned(), Every::Month)].into(), ..Review::default() };
        let mut diary = Diary::new(&once, &calendar);
        let when = diary.when("a", "C-1", day("2026-01-20")).unwrap();
        assert_eq!((when.day, when.next), (day("2026-01-02"), day("2026-02-02")));
        assert_eq!(diary.when("b", "C-1", day("2026-01-20")), None);
    }
}
