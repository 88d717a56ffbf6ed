//! Business days and the send window (T3, T5).

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::SendWindow;
use super::holidays::Country;

/// The days of the week and the holidays of the company, or those that count for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub window: SendWindow,
    /// The file's own dates.
    pub holidays: BTreeSet<NaiveDate>,
    /// Their public holidays count, too.
    pub countries: Vec<Country>,
}

impl Calendar {
    /// One without holidays.
    #[must_use]
    pub fn of(window: SendWindow) -> Self {
        Self { window, holidays: BTreeSet::new(), countries: Vec::new() }
    }

    /// A day of the send window that is no holiday (T3).
    #[must_use]
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        self.window.opens_on(day) && !self.holidays.contains(&day) && !self.countries.iter().any(|c| c.rests_on(day))
    }

    /// Why a day is none: `a holiday`, `a holiday in DE`, `a Saturday`.
    #[must_use]
    pub fn why_closed(&self, day: NaiveDate) -> String {
        if self.holidays.contains(&day) {
            return "a holiday".to_owned();
        }
        let country = self.countries.iter().find(|c| c.rests_on(day));
        country.map_or_else(|| day.format("a %A").to_string(), |c| format!("a holiday in {}", c.code))
    }

    /// The send date of a planned date (T3): back to a business day for a step before the due date, forward otherwise.
    #[must_use]
    pub fn send_date(&self, planned: NaiveDate, days: i64) -> NaiveDate {
        let mut day = planned;
        while !self.is_business_day(day) {
            let next = if days < 0 { day.checked_sub_days(Days::new(1)) } else { day.checked_add_days(Days::new(1)) };
            match next {
                Some(next) => day = next,
                None => return day,
            }
        }
        day
    }

    /// The business day that lies so many business days after a day, or before it (T2).
    #[must_use]
    pub fn business_day(&self, from: NaiveDate, number: i64) -> NaiveDate {
        let mut day = from;
        for _ in 0..number.unsigned_abs() {
            let Some(next) = (if number < 0 { day.pred_opt() } else { day.succ_opt() }) else { return day };
            day = self.send_date(next, number);
        }
        day
    }
}

/// The local date and time of an instant (T1).
#[must_use]
pub fn local(zone: Tz, instant: DateTime<Utc>) -> (NaiveDate, NaiveTime) {
    let local = instant.with_timezone(&zone);
    (local.date_naive(), local.time())
}

/// The instant of a local date and time; the earlier one where summer time ends, the next one that exists where it
/// begins.
#[must_use]
pub fn instant(zone: Tz, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let wall = day.and_time(time);
    let mut wall_or_later = wall;
    // A gap is never longer than a day (Samoa, 2011): after that any answer is as good as another.
    for _ in 0..=(24 * 60) {
        if let Some(found) = zone.from_local_datetime(&wall_or_later).earliest() {
            return found.to_utc();
        }
        wall_or_later += chrono::TimeDelta::minutes(1);
    }
    wall.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar(holidays: &[&str]) -> Calendar {
        let window = SendWindow {
            days: [true, true, true, true, true, false, false],
            from: NaiveTime::from_hms_opt(8, 0, 0).unwrap(),
            to: NaiveTime::from_hms_opt(17, 30, 0).unwrap(),
        };
        Calendar { holidays: holidays.iter().map(|d| day(d)).collect(), ..Calendar::of(window) }
    }

    #[test]
    fn a_reminder_never_arrives_late_and_nobody_is_called_late_before_they_are() {
        let c = calendar(&["2026-12-25"]);
        assert_eq!(c.send_date(day("2026-12-26"), -1), day("2026-12-24"));
        assert_eq!(c.send_date(day("2026-12-25"), 0), day("2026-12-28"));
        assert_eq!(c.send_date(day("2026-12-28"), -3), day("2026-12-28"));
    }

    #[test]
    fn business_days_are_counted_over_weekends_and_holidays() {
        let c = calendar(&["2026-12-25", "2027-01-01"]);
        let wednesday = day("2026-12-23");
        assert_eq!(c.business_day(wednesday, 1), day("2026-12-24"));
        assert_eq!(c.business_day(wednesday, 2), day("2026-12-28"));
        assert_eq!(c.business_day(wednesday, 6), day("2027-01-04"));
        assert_eq!(c.business_day(day("2026-12-26"), -1), day("2026-12-24"), "a due date may be a Saturday");
        assert_eq!(c.business_day(day("2026-12-28"), -3), day("2026-12-22"));
    }

    #[test]
    fn the_window_opens_at_from_and_is_closed_at_to() {
        let window = calendar(&[]).window;
        let open = |at: &str| window.is_open(chrono_tz::UTC, at.parse().unwrap());
        assert!(!open("2026-03-06T07:59:59Z") && open("2026-03-06T08:00:00Z"));
        assert!(open("2026-03-06T17:29:59Z") && !open("2026-03-06T17:30:00Z"));
        assert!(!open("2026-03-07T10:00:00Z"));
    }

    #[test]
    fn an_hour_that_summer_time_skips_becomes_the_next_one_that_exists() {
        let berlin = chrono_tz::Europe::Berlin;
        let t = instant(berlin, day("2026-03-29"), NaiveTime::from_hms_opt(2, 30, 0).unwrap());
        assert_eq!(t.to_rfc3339(), "2026-03-29T01:00:00+00:00");
    }
}
