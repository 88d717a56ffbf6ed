//! When an e-mail may leave to a customer (T5): in the company's window, or in one for its country or segment.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{Timetable, calendar};
use crate::ledger::Customer;

/// When e-mails and notices may leave (T5): on these days of the week, `from` inclusive, `to` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendWindow {
    /// Monday first.
    pub days: [bool; 7],
    pub from: NaiveTime,
    pub to: NaiveTime,
}

impl SendWindow {
    /// Whether it opens on a day.
    #[must_use]
    pub fn opens_on(&self, day: NaiveDate) -> bool {
        self.days[day.weekday().num_days_from_monday() as usize]
    }

    /// Whether it is open at an instant, by the clocks of a zone.
    #[must_use]
    pub fn is_open(&self, zone: Tz, at: DateTime<Utc>) -> bool {
        let (day, time) = calendar::local(zone, at);
        self.opens_on(day) && self.from <= time && time < self.to
    }

    fn closes(&self, zone: Tz, at: DateTime<Utc>) -> DateTime<Utc> {
        calendar::instant(zone, calendar::local(zone, at).0, self.to)
    }
}

/// One `[[customer_window]]`: when e-mails leave to the customers whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerWindow {
    /// As the ledger writes them; `None`: all.
    pub countries: Option<Vec<String>>,
    /// `None`: all.
    pub segments: Option<Vec<String>>,
    pub time_zone: Tz,
    pub window: SendWindow,
}

impl CustomerWindow {
    fn is_for(&self, customer: &Customer, segment: &str) -> bool {
        let country = customer.country.as_deref().unwrap_or_default().trim();
        self.countries.as_ref().is_none_or(|l| l.iter().any(|c| c.eq_ignore_ascii_case(country)))
            && self.segments.as_ref().is_none_or(|l| l.iter().any(|s| s == segment))
    }
}

impl Timetable {
    /// The window of a customer, and the zone of its times: the first that is for it, else the company's.
    #[must_use]
    pub fn window_of(&self, customer: &Customer, segment: &str) -> (Tz, SendWindow) {
        let own = self.customer_windows.iter().find(|w| w.is_for(customer, segment));
        own.map_or((self.time_zone, self.calendar.window), |w| (w.time_zone, w.window))
    }

    /// Whether an e-mail may leave to a customer (T5) at an instant of today; `None`: at some time of this day.
    #[must_use]
    pub fn may_email(&self, customer: &Customer, segment: &str, today: NaiveDate, at: Option<DateTime<Utc>>) -> bool {
        let (zone, window) = self.window_of(customer, segment);
        let open = at.map_or_else(|| window.opens_on(today), |at| window.is_open(zone, at));
        open && self.calendar_of(customer).is_business_day(today)
    }

    /// The first day from one on, on which an e-mail may leave to a customer; `None`: there is none for a year.
    #[must_use]
    pub fn next_day_for(&self, customer: &Customer, segment: &str, from: NaiveDate) -> Option<NaiveDate> {
        from.iter_days().take(366).find(|day| self.may_email(customer, segment, *day, None))
    }

    /// When the window of a customer closes; `None`: no e-mail may leave to it now (T5).
    #[must_use]
    pub fn open_for(&self, customer: &Customer, segment: &str, today: NaiveDate, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (zone, window) = self.window_of(customer, segment);
        self.may_email(customer, segment, today, Some(at)).then(|| window.closes(zone, at))
    }

    /// When the window of notices closes, which is the company's; `None`: none may leave now (T5).
    #[must_use]
    pub fn open_for_colleagues(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (zone, window) = (self.time_zone, self.calendar.window);
        let open = window.is_open(zone, at) && self.calendar.is_business_day(calendar::local(zone, at).0);
        open.then(|| window.closes(zone, at))
    }

    /// Whether anything may leave, to whomever (T5).
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let theirs = || self.customer_windows.iter().any(|w| w.window.is_open(w.time_zone, at));
        self.calendar.is_business_day(calendar::local(self.time_zone, at).0)
            && (self.calendar.window.is_open(self.time_zone, at) || theirs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::file;

    /// A company in Berlin, 08:00 to 18:00, and two kinds of customers elsewhere.
    const FILE: &str = r#"
time_zone = "Europe/Berlin"
holidays = "2026-03-05"
[[customer_window]]
countries = "US"
segments = "vip"
time_zone = "America/New_York"
from = "09:00"
to = "12:00"
[[customer_window]]
countries = ["JP", "US"]
time_zone = "Asia/Tokyo"
[[segment]]
name = "vip"
match = { rank = "A" }
[[segment]]
name = "rest"
[[step]]
id = "a"
email = "x"
days = 3
"#;

    fn timetable() -> Timetable {
        file::parse("timetable.toml", FILE).unwrap().0
    }

    fn customer(country: &str) -> Customer {
        Customer { country: Some(country.to_owned()), ..Customer::default() }
    }

    /// Whether an e-mail may leave, and until when.
    fn until(country: &str, segment: &str, at: &str) -> Option<String> {
        let (timetable, at) = (timetable(), at.parse().unwrap());
        let today = calendar::local(timetable.time_zone, at).0;
        timetable.open_for(&customer(country), segment, today, at).map(|closes| closes.format("%a %H:%M").to_string())
    }

    #[test]
    fn an_email_leaves_by_the_clocks_of_the_customer() {
        let (morning, afternoon) = ("2026-03-04T08:00:00Z", "2026-03-04T15:00:00Z");
        assert_eq!([morning, afternoon].map(|at| until("DE", "rest", at)), [Some("Wed 17:00".into()), Some("Wed 17:00".into())]);
        assert_eq!([morning, afternoon].map(|at| until("jp", "rest", at)), [Some("Wed 09:00".into()), None]);
        assert_eq!([morning, afternoon].map(|at| until("US", "vip", at)), [None, Some("Wed 17:00".into())]);
        assert_eq!(until("US", "rest", morning), Some("Wed 09:00".into()), "the first that is for it counts");
        assert_eq!(until("jp", "rest", "2026-03-05T08:00:00Z"), None, "a holiday of the company");
        assert_eq!(until("jp", "rest", "2026-03-06T23:30:00Z"), None, "Saturday there and here");
    }

    #[test]
    fn something_may_leave_while_one_of_the_windows_is_open() {
        let (timetable, night) = (timetable(), "2026-03-04T01:00:00Z".parse().unwrap());
        assert!(timetable.is_open(night) && timetable.open_for_colleagues(night).is_none());
        assert!(timetable.open_for_colleagues("2026-03-04T08:00:00Z".parse().unwrap()).is_some());
        assert!(!timetable.is_open("2026-03-04T22:00:00Z".parse().unwrap()), "it is seven in the morning in Tokyo");
    }
}
