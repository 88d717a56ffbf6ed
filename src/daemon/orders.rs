//! A person's word to a running daemon that a guard has tripped without need (T27–T29, T31): given by a command, taken at
//! the next poll, good for that one.

use chrono::{DateTime, Utc};

use super::mark::Mark;
use super::poll::Accepted;
use crate::contacts::polls;
use crate::database::{Database, DatabaseError, Tx};

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
