//! Everything that works together while this process is at work: the office, the relay, the lease and the mark.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::lease::Lease;
use super::mark::{Mark, MarkError};
use super::office::Office;
use crate::contacts::claim;
use crate::database::DatabaseError;
use crate::delivery::Relay;

/// A process at work. To be ended with [`Shift::end`].
#[derive(Debug)]
pub struct Shift {
    pub office: Arc<Office>,
    pub relay: Relay,
    pub lease: Lease,
    pub mark: Mark,
}

/// Why work cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ShiftError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Mark(#[from] MarkError),
}

impl Shift {
    /// Takes the right to work on the office's database, for as long as `lease` from each renewal (D7); `mark`: where the
    /// high-water mark lies, none for a scratch copy.
    ///
    /// # Errors
    /// When somebody else has the right (D8); when the mark cannot be read (D16).
    pub async fn begin(office: Office, relay: Relay, mark: Option<PathBuf>, lease: Duration) -> Result<Self, ShiftError> {
        let connections = relay.settings().max_connections as usize;
        let lease = Lease::take(&office.db, &office.timetable_hash, connections, lease).await?;
        let mark = Mark::open(mark)?;
        Ok(Self { office: Arc::new(office), relay, lease, mark })
    }

    /// Two daemons with different timetables must not plan in turn: the one that was there first does (D7). Says so if that
    /// is not this one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn other_timetable(&self) -> Result<Option<String>, DatabaseError> {
        if !self.office.db.is_shared() {
            return Ok(None);
        }
        let daemons = claim::at_work(&mut self.office.db.snapshot().await?).await?;
        let first = daemons.first().filter(|d| d.id != self.lease.id() && d.timetable != self.office.timetable_hash);
        Ok(first.map(|first| {
            format!(
                "another daemon ({}) works by another timetable.toml: it plans and this one does not, until both have the same one",
                first.name
            )
        }))
    }

    /// Works with another office and relay from now on (D9); the right and the mark stay.
    pub fn move_into(&mut self, office: Office, relay: Relay) {
        self.lease.allow(relay.settings().max_connections as usize);
        (self.office, self.relay) = (Arc::new(office), relay);
    }

    /// Gives back what was claimed, and the right.
    ///
    /// # Errors
    /// When the mark cannot be written, or the database is not there: the others notice by themselves.
    pub async fn end(self) -> Result<(), ShiftError> {
        self.mark.save().await?;
        Ok(self.lease.end().await?)
    }
}
