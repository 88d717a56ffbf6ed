//! What happens to contacts in one transaction, written at its end: several of them share the statements.

use chrono::{DateTime, Utc};

use super::chain::{self, Event, Head};
use crate::database::{DatabaseError, Tx};

/// So many events are much.
const MANY: usize = 1_000;

/// The events of one transaction, in their order.
#[derive(Debug, Default)]
#[must_use = "what is not written has not happened"]
pub struct Journal(Vec<Event>);

impl Journal {
    /// One more.
    pub fn enter(&mut self, event: Event) {
        self.0.push(event);
    }

    /// Appends what has gathered, when it is much; where others write at the same time it is left for the end, so that they
    /// need not wait.
    ///
    /// # Errors
    /// The database's own.
    pub async fn write_some(&mut self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        if self.0.len() >= MANY && !tx.is_shared() {
            chain::append(tx, &std::mem::take(&mut self.0), now).await?;
        }
        Ok(())
    }

    /// Appends them to the log; to be called last, just before the commit. Says what the newest event is then.
    ///
    /// # Errors
    /// The database's own.
    pub async fn write(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Head, DatabaseError> {
        chain::append(tx, &self.0, now).await
    }
}
