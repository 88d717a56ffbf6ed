//! D4: the relay refuses us, or everybody. Delivery pauses, the queue is kept; for all daemons and over restarts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::contacts::polls;
use crate::database::{DatabaseError, Tx, inconsistent};

/// The state key of the pause.
const KEY: &str = "relay_pause";
/// Minutes of the first, second … pause in a row.
const MINUTES: [i64; 6] = [5, 15, 30, 60, 120, 240];

/// A pause, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub until: DateTime<Utc>,
    /// What the relay said.
    pub reason: String,
    /// How many in a row.
    times: usize,
}

/// The pause in force or just over, if there is one.
///
/// # Errors
/// The database's own.
pub async fn load(tx: &mut Tx) -> Result<Option<Pause>, DatabaseError> {
    let Some(text) = polls::value(tx, KEY).await? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| inconsistent("state.relay_pause", text, "a pause"))
}

/// Why nothing may leave now, if so.
///
/// # Errors
/// The database's own.
pub async fn problem(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<String>, DatabaseError> {
    let pause = load(tx).await?.filter(|p| now < p.until);
    Ok(pause.map(|p| format!("delivery pauses until {} and the queue is kept: {}", p.until.format("%F %R UTC"), p.reason)))
}

/// Pauses; longer each time, until something was accepted again.
///
/// # Errors
/// The database's own.
pub async fn begin(tx: &mut Tx, reason: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let before = load(tx).await?;
    if before.as_ref().is_some_and(|p| now < p.until) {
        return Ok(());
    }
    let times = before.map_or(0, |p| p.times + 1).min(MINUTES.len() - 1);
    let pause = Pause { until: now + TimeDelta::minutes(MINUTES[times]), reason: reason.to_owned(), times };
    polls::set_value(tx, KEY, Some(&serde_json::to_string(&pause).unwrap_or_default())).await
}

/// Something was accepted: the next pause is a first one again.
///
/// # Errors
/// The database's own.
pub async fn end(tx: &mut Tx) -> Result<(), DatabaseError> {
    polls::set_value(tx, KEY, None).await
}
