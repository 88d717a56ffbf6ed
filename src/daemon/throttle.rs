//! D6: a relay that asks for less gets half, and the rate recovers slowly.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Several connections hear the same complaint: it counts once within this time.
const ONCE_IN: TimeDelta = TimeDelta::seconds(30);
/// After each such time without a complaint a quarter more is allowed.
const RECOVERS: TimeDelta = TimeDelta::minutes(5);

/// What is left of the rate after the last complaint. Kept in the database, for all daemons and over restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    /// Messages in any 60 seconds, just after the complaint.
    per_minute: u32,
    /// At this rate it is over.
    until: u32,
    at: DateTime<Utc>,
}

impl Throttle {
    /// The relay complains. `rate` is what was allowed, or what went out in the last minute where nothing was set.
    #[must_use]
    pub fn complaint(before: Option<Self>, rate: u32, now: DateTime<Utc>) -> Self {
        match before {
            Some(before) if now - before.at < ONCE_IN && now >= before.at => before,
            Some(before) if before.limit(now).is_some() => {
                let rate = before.limit(now).unwrap_or(rate).min(rate.max(1));
                Self { per_minute: (rate / 2).max(1), until: before.until, at: now }
            }
            _ => Self { per_minute: (rate / 2).max(1), until: rate.max(2), at: now },
        }
    }

    /// How many messages may leave in any 60 seconds; `None`: it has recovered.
    #[must_use]
    pub fn limit(&self, now: DateTime<Utc>) -> Option<u32> {
        let steps = ((now - self.at).num_seconds() / RECOVERS.num_seconds()).clamp(0, 200);
        let mut rate = self.per_minute;
        for _ in 0..steps {
            rate = rate.saturating_add((rate / 4).max(1));
            if rate >= self.until {
                return None;
            }
        }
        Some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_complaint_halves_the_rate_and_it_recovers_slowly() {
        let throttle = Throttle::complaint(None, 100, at(0));
        assert_eq!(throttle.limit(at(0)), Some(50));
        assert_eq!(throttle.limit(at(4)), Some(50));
        assert_eq!(throttle.limit(at(5)), Some(62));
        assert_eq!(throttle.limit(at(10)), Some(77));
        assert_eq!(throttle.limit(at(20)), None);
    }

    #[test]
    fn one_complaint_of_many_connections_counts_once_and_the_next_halves_again() {
        let first = Throttle::complaint(None, 100, at(0));
        assert_eq!(Throttle::complaint(Some(first), 100, at(0)), first);
        let second = Throttle::complaint(Some(first), 50, at(1));
        assert_eq!(second.limit(at(1)), Some(25));
        assert_eq!(second.limit(at(600)), None);
    }

    #[test]
    fn it_never_stops_altogether() {
        let mut throttle = None;
        for minute in 0..20 {
            throttle = Some(Throttle::complaint(throttle, 1, at(minute)));
        }
        assert_eq!(throttle.unwrap().limit(at(20)), Some(1));
    }
}
