//! What the log counts: tries, intents, states.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::State;
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// The instants of the intents since an instant, oldest first (D6).
///
/// # Errors
/// The database's own.
pub async fn intents_since(tx: &mut Tx, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DatabaseError> {
    let sql = "SELECT at FROM contact_event WHERE to_state = 'sending' AND at > $1 ORDER BY at";
    tx.all(sql, vals![since]).await?.iter().map(|r| r.parsed("at", "an instant")).collect()
}

/// How often each contact was tried.
///
/// # Errors
/// The database's own.
pub async fn attempts(tx: &mut Tx, ids: &[&str]) -> Result<HashMap<String, u32>, DatabaseError> {
    let rows = tx.all("SELECT id, attempts FROM contact WHERE id IN ($1[])", vals![json!(ids).to_string()]).await?;
    rows.iter().map(|r| Ok((r.text("id")?, r.count("attempts")?))).collect()
}

/// How many contacts are in each state.
///
/// # Errors
/// The database's own.
pub async fn counts(tx: &mut Tx) -> Result<HashMap<State, i64>, DatabaseError> {
    let rows = tx.all("SELECT state, count(*) AS n FROM contact GROUP BY state", vec![]).await?;
    rows.iter().map(|r| Ok((r.parsed("state", "a state")?, r.int("n")?))).collect()
}

/// How many e-mails and notices wait to be sent, and when the next of those is due that are to be tried again.
///
/// # Errors
/// The database's own.
pub async fn waiting(tx: &mut Tx) -> Result<(i64, Option<String>), DatabaseError> {
    let sql = "SELECT count(*) AS n, min(not_before) AS next FROM contact WHERE state IN ('queued', 'retrying')";
    let row = tx.first(sql, vec![]).await?;
    row.map_or(Ok((0, None)), |r| Ok((r.int("n")?, r.opt_text("next")?)))
}
