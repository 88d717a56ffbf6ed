//! The relay's limits per minute and per day, counted in the log so that they hold over restarts (D6).

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::contacts::outbox;
use crate::database::{DatabaseError, Tx};
use crate::delivery::Settings;

/// How many messages may leave now.
#[derive(Debug)]
pub struct Pace {
    per_minute: Option<usize>,
    per_day: Option<usize>,
    /// The instants of the intents of the last 24 hours, as far as a limit needs them.
    sent: VecDeque<DateTime<Utc>>,
    /// How long this delivery has waited: an instant given with `--now` does not move by itself.
    passed: TimeDelta,
    clock_stands: bool,
}

impl Pace {
    /// Reads from the log what has left lately.
    ///
    /// # Errors
    /// The database's own.
    pub async fn load(tx: &mut Tx, settings: &Settings, clock_stands: bool, now: DateTime<Utc>) -> Result<Self, DatabaseError> {
        let (per_minute, per_day) = (settings.max_per_minute, settings.max_per_day);
        let since = match (per_minute, per_day) {
            (_, Some(_)) => Some(now - TimeDelta::days(1)),
            (Some(_), None) => Some(now - TimeDelta::minutes(1)),
            _ => None,
        };
        let sent = match since {
            // A clock that went back leaves instants after now: they limit nothing.
            Some(since) => outbox::intents_since(tx, since).await?.into_iter().filter(|t| *t <= now).collect(),
            None => VecDeque::new(),
        };
        let count = |n: Option<u32>| n.map(|n| n as usize);
        Ok(Self { per_minute: count(per_minute), per_day: count(per_day), sent, passed: TimeDelta::zero(), clock_stands })
    }

    fn is_limited(&self) -> bool {
        self.per_minute.is_some() || self.per_day.is_some()
    }

    fn since(&self, now: DateTime<Utc>, span: TimeDelta) -> usize {
        self.sent.iter().rev().take_while(|t| **t > now + self.passed - span).count()
    }

    /// Whether one more may leave now.
    #[must_use]
    pub fn allows(&self, now: DateTime<Utc>) -> bool {
        self.per_minute.is_none_or(|n| self.since(now, TimeDelta::minutes(1)) < n)
            && self.per_day.is_none_or(|n| self.since(now, TimeDelta::days(1)) < n)
    }

    /// One leaves.
    pub fn count(&mut self, now: DateTime<Utc>) {
        if self.is_limited() {
            self.sent.push_back(now + self.passed);
        }
    }

    /// How long until the limit per minute allows the next; `None`: the limit per day is reached.
    #[must_use]
    pub fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        if self.per_day.is_some_and(|n| self.since(now, TimeDelta::days(1)) >= n) {
            return None;
        }
        let n = self.per_minute?;
        let oldest = self.sent.iter().rev().nth(n.saturating_sub(1))?;
        let wait = (*oldest + TimeDelta::minutes(1) - now - self.passed).to_std().unwrap_or_default();
        Some(wait + Duration::from_millis(10))
    }

    /// So long was waited; a clock that runs knows that by itself.
    pub fn pass(&mut self, waited: Duration) {
        if self.clock_stands {
            self.passed += TimeDelta::from_std(waited).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(per_minute: Option<usize>, per_day: Option<usize>) -> Pace {
        Pace { per_minute, per_day, sent: VecDeque::new(), passed: TimeDelta::zero(), clock_stands: false }
    }

    #[test]
    fn no_more_leave_in_any_sixty_seconds_than_allowed() {
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut pace = pace(Some(2), None);
        for _ in 0..2 {
            assert!(pace.allows(start));
            pace.count(start);
        }
        assert!(!pace.allows(start + TimeDelta::seconds(59)));
        assert!(pace.wait(start + TimeDelta::seconds(59)).is_some());
        assert!(pace.allows(start + TimeDelta::seconds(60)));
    }

    #[test]
    fn the_limit_of_the_day_is_not_waited_for() {
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut pace = pace(None, Some(1));
        pace.count(start);
        assert!(!pace.allows(start + TimeDelta::hours(23)));
        assert_eq!(pace.wait(start), None);
        assert!(pace.allows(start + TimeDelta::hours(24)));
    }
}
