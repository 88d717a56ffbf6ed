//! A person's word to a running daemon that a guard has tripped without need (T27–T29, T31): given by a command, taken at
//! the next poll, good for that one. And the word to read the files anew, for one daemon, which answers it (D9).

use chrono::{DateTime, Utc};

use super::mark::Mark;
use super::poll::Accepted;
use crate::contacts::polls;
use crate::database::{Database, DatabaseError, Tx, inconsistent};

/// What can be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ledger,
    Volume,
    Steps,
    Clock,
    Gap,
}

impl Order {
    /// All of them, each with its word.
    const ALL: [(Self, &'static str); 5] =
        [(Self::Ledger, "ledger"), (Self::Volume, "volume"), (Self::Steps, "steps"), (Self::Clock, "clock"), (Self::Gap, "gap")];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(o, _)| *o == self).map_or("", |(_, word)| word)
    }

    fn key(self) -> String {
        format!("accept_{}", self.word())
    }
}

/// Gives an order, under a name, for the next poll.
///
/// # Errors
/// The database's own.
pub async fn give(tx: &mut Tx, order: Order, author: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    if order == Order::Gap {
        return Mark::accept(tx, now).await;
    }
    polls::set_value(tx, &order.key(), Some(author)).await
}

/// Takes the orders that were given since the last poll.
///
/// # Errors
/// The database's own.
pub async fn take(db: &Database, now: DateTime<Utc>) -> Result<Accepted, DatabaseError> {
    let mut tx = db.begin().await?;
    let mut accepted = Accepted::default();
    for (order, word) in Order::ALL {
        let Some(author) = polls::value(&mut tx, &order.key()).await? else { continue };
        tracing::warn!(by = author, at = %now, "the {word} is accepted for this poll");
        match order {
            Order::Ledger => accepted.ledger = true,
            Order::Volume => accepted.volume = true,
            Order::Steps => accepted.steps = true,
            Order::Clock => accepted.clock = true,
            Order::Gap => accepted.gap = true,
        }
        polls::set_value(&mut tx, &order.key(), None).await?;
    }
    tx.commit().await?;
    Ok(accepted)
}

/// What became of a reload (D9).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// Of the order that is answered; `None`: a signal asked.
    pub order: Option<String>,
    pub at: DateTime<Utc>,
    /// Otherwise the daemon goes on with what it had.
    pub taken: bool,
    /// What has changed, or what is wrong; one sentence each.
    pub said: Vec<String>,
}

fn reload_key(daemon: &str) -> String {
    format!("reload {daemon}")
}

fn answer_key(daemon: &str) -> String {
    format!("reloaded {daemon}")
}

/// Asks a daemon to read its files anew; `None` takes the order back.
///
/// # Errors
/// The database's own.
pub async fn ask_to_reload(tx: &mut Tx, daemon: &str, order: Option<&str>) -> Result<(), DatabaseError> {
    polls::set_value(tx, &reload_key(daemon), order).await
}

/// The order to reload that a daemon has not answered yet.
///
/// # Errors
/// The database's own.
pub async fn reload_asked(tx: &mut Tx, daemon: &str) -> Result<Option<String>, DatabaseError> {
    polls::value(tx, &reload_key(daemon)).await
}

/// Keeps what became of a daemon's reload, for who has asked and for `status`; `None` forgets it.
///
/// # Errors
/// The database's own.
pub async fn answer(tx: &mut Tx, daemon: &str, answer: Option<&Answer>) -> Result<(), DatabaseError> {
    let text = answer.and_then(|a| serde_json::to_string(a).ok());
    polls::set_value(tx, &reload_key(daemon), None).await?;
    polls::set_value(tx, &answer_key(daemon), text.as_deref()).await
}

/// What became of a daemon's last reload.
///
/// # Errors
/// The database's own.
pub async fn answered(tx: &mut Tx, daemon: &str) -> Result<Option<Answer>, DatabaseError> {
    let Some(text) = polls::value(tx, &answer_key(daemon)).await? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| inconsistent("state.reloaded", text, "JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_order_is_taken_by_one_poll_and_by_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::scratch(&folder.path().join("x.db")).await.unwrap();
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut tx = db.begin().await.unwrap();
        give(&mut tx, Order::Ledger, "tester", now).await.unwrap();
        give(&mut tx, Order::Clock, "tester", now).await.unwrap();
        tx.commit().await.unwrap();
        let first = take(&db, now).await.unwrap();
        assert!(first.ledger && first.clock && !first.volume && !first.steps && !first.gap);
        let second = take(&db, now).await.unwrap();
        assert!(!second.ledger && !second.clock);
    }
}
