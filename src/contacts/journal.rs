//! What happens to contacts in one transaction, written at its end: several of them share the statements.

use chrono::{DateTime, Utc};

use super::chain::{self, Event, Head};
use crate::database::{DatabaseError, Tx};

/// The events of one transaction, in their order.
#[derive(Debug, Default)]
#[must_use = "what is not written has not happened"]
pub struct Journal(Vec<Event>);

impl Journal {
    /// One more.
    pub fn enter(&mut self, event: Event) {
        self.0.push(event);
    }

    /// Appends them to the log; to be called last, just before the commit. Says what the newest event is then.
    ///
    /// # Errors
    /// The database's own.
    pub async fn write(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<Head, DatabaseError> {
        chain::append(tx, &self.0, now).await
    }
}
