//! The relay's limits per minute and per day, counted in the log so that they hold over restarts and over all daemons on
//! one database (D6).

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::throttle::Throttle;
use crate::contacts::{count, polls};
use crate::database::{DatabaseError, Tx, inconsistent};
use crate::delivery::Settings;

/// The state key of what is left of the rate after a complaint.
const THROTTLE: &str = "throttle";

/// How many messages may leave now.
#[derive(Debug)]
pub struct Pace {
    per_minute: Option<usize>,
    per_day: Option<usize>,
    throttle: Option<Throttle>,
    /// The instants of the intents of the last 24 hours, as far as a limit needs them.
    sent: VecDeque<DateTime<Utc>>,
}

async fn load(tx: &mut Tx) -> Result<Option<Throttle>, DatabaseError> {
    let Some(text) = polls::value(tx, THROTTLE).await? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| inconsistent("state.throttle", text, "a throttle"))
}

/// How many messages a minute the relay's complaints have left for now; `None`: there were none lately (D6).
///
/// # Errors
/// The database's own.
pub async fn throttle(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<u32>, DatabaseError> {
    Ok(load(tx).await?.and_then(|t| t.limit(now)))
}

impl Pace {
    /// Reads from the log what has left lately.
    ///
    /// # Errors
    /// The database's own.
    pub async fn load(tx: &mut Tx, settings: &Settings, now: DateTime<Utc>) -> Result<Self, DatabaseError> {
        let count = |n: Option<u32>| n.map(|n| n as usize);
        let mut pace = Self {
            per_minute: count(settings.max_per_minute),
            per_day: count(settings.max_per_day),
            throttle: None,
            sent: VecDeque::new(),
        };
        pace.reload(tx, now).await?;
        Ok(pace)
    }

    /// Reads again what other daemons may have sent, and what the relay told them.
    ///
    /// # Errors
    /// The database's own.
    pub async fn reload(&mut self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        self.throttle = load(tx).await?;
        let span = match (self.per_day, self.minute(now)) {
            (Some(_), _) => TimeDelta::days(1),
            (None, Some(_)) => TimeDelta::minutes(1),
            (None, None) => return Ok(()),
        };
        // A clock that went back leaves instants after now: they limit nothing.
        let since = count::intents_since(tx, now - span).await?;
        self.sent = since.into_iter().filter(|t| *t <= now).collect();
        Ok(())
    }

    /// The relay complains: from now on half as much leaves, for all daemons.
    ///
    /// # Errors
    /// The database's own.
    pub async fn slow_down(&mut self, tx: &mut Tx, now: DateTime<Utc>) -> Result<u32, DatabaseError> {
        let rate = match self.minute(now) {
            Some(rate) => rate,
            None => count::intents_since(tx, now - TimeDelta::minutes(1)).await?.len(),
        };
        let throttle = Throttle::complaint(self.throttle, u32::try_from(rate).unwrap_or(u32::MAX), now);
        polls::set_value(tx, THROTTLE, Some(&serde_json::to_string(&throttle).unwrap_or_default())).await?;
        self.reload(tx, now).await?;
        Ok(throttle.limit(now).unwrap_or(1))
    }

    /// Whether anything is limited.
    #[must_use]
    pub fn is_limited(&self, now: DateTime<Utc>) -> bool {
        self.per_day.is_some() || self.minute(now).is_some()
    }

    fn minute(&self, now: DateTime<Utc>) -> Option<usize> {
        let throttled = self.throttle.and_then(|t| t.limit(now)).map(|n| n as usize);
        [self.per_minute, throttled].into_iter().flatten().min()
    }

    fn since(&self, now: DateTime<Utc>, span: TimeDelta) -> usize {
        self.sent.iter().rev().take_while(|t| **t > now - span).count()
    }

    /// Whether one more may leave now.
    #[must_use]
    pub fn allows(&self, now: DateTime<Utc>) -> bool {
        self.minute(now).is_none_or(|n| self.since(now, TimeDelta::minutes(1)) < n)
            && self.per_day.is_none_or(|n| self.since(now, TimeDelta::days(1)) < n)
    }

    /// One leaves.
    pub fn count(&mut self, now: DateTime<Utc>) {
        if self.is_limited(now) {
            self.sent.push_back(now);
        }
    }

    /// How long until the limit per minute allows the next; `None`: the limit per day is reached.
    #[must_use]
    pub fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        if self.per_day.is_some_and(|n| self.since(now, TimeDelta::days(1)) >= n) {
            return None;
        }
        let n = self.minute(now)?;
        let oldest = self.sent.iter().rev().nth(n.saturating_sub(1))?;
        let wait = (*oldest + TimeDelta::minutes(1) - now).to_std().unwrap_or_default();
        Some(wait + Duration::from_millis(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(per_minute: Option<usize>, per_day: Option<usize>) -> Pace {
        Pace { per_minute, per_day, throttle: None, sent: VecDeque::new() }
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
    fn a_complaint_counts_where_it_allows_less() {
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut pace = pace(Some(10), None);
        pace.throttle = Some(Throttle::complaint(None, 4, start));
        for _ in 0..2 {
            assert!(pace.allows(start));
            pace.count(start);
        }
        assert!(!pace.allows(start));
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
