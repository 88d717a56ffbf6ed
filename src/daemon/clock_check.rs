//! A clock that cannot be right (T29).

use chrono::{DateTime, TimeDelta, Utc};

use super::office::Office;
use crate::contacts::polls;
use crate::database::DatabaseError;

/// When the program was built, in seconds since 1970.
const BUILT: &str = env!("DUNNINGD_BUILT");

/// The state key of the last poll whose clock was believed or accepted.
pub(super) const BELIEVED: &str = "clock_believed";

/// Why the machine's clock cannot be right; `None`: it may be, or the instant was given with `--now`.
///
/// # Errors
/// The database's own.
pub async fn problem(office: &Office) -> Result<Option<String>, DatabaseError> {
    if office.clock().is_given() {
        return Ok(None);
    }
    let now = office.clock().now();
    let mut tx = office.db.snapshot().await?;
    let last_event = polls::last_event(&mut tx).await?;
    let last_poll = polls::value(&mut tx, BELIEVED).await?.and_then(|t| t.parse().ok());
    let built = BUILT.parse().ok().and_then(|s| DateTime::from_timestamp(s, 0)).unwrap_or_default();
    Ok(judge(now, built, last_event, last_poll))
}

fn judge(
    now: DateTime<Utc>,
    built: DateTime<Utc>,
    last_event: Option<DateTime<Utc>>,
    last_poll: Option<DateTime<Utc>>,
) -> Option<String> {
    if now < built {
        return Some(format!("the clock says {}, before this program was built ({})", said(now), said(built)));
    }
    if let Some(event) = last_event.filter(|e| now < *e - TimeDelta::minutes(5)) {
        let (by, event) = ((event - now).num_minutes(), said(event));
        return Some(format!(
            "the clock says {}, more than 5 minutes before the last event of the log ({event}, {by} minutes later)",
            said(now)
        ));
    }
    let poll = last_poll.filter(|p| now > *p + TimeDelta::days(45))?;
    let days = (now - poll).num_days();
    Some(format!("the clock says {}, more than 45 days after the last poll ({}, {days} days before)", said(now), said(poll)))
}

fn said(at: DateTime<Utc>) -> String {
    at.format("%F %T UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_back_and_forty_five_days_on_are_believed_and_more_is_not() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (built, now) = (at("2026-01-01T00:00:00Z"), at("2026-03-06T12:00:00Z"));
        assert_eq!(judge(now, built, Some(at("2026-03-06T12:05:00Z")), None), None);
        assert!(judge(now, built, Some(at("2026-03-06T12:05:01Z")), None).unwrap().contains("last event"));
        assert_eq!(judge(now, built, None, Some(at("2026-01-20T12:00:00Z"))), None);
        assert!(judge(now, built, None, Some(at("2026-01-20T11:59:59Z"))).unwrap().contains("45 days"));
        assert!(judge(at("2025-12-31T23:59:59Z"), built, None, None).unwrap().contains("built"));
    }
}
