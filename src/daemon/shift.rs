//! Everything that works together while this process is at work: the office, the relay, the lease and the mark.

use std::path::PathBuf;
use std::sync::Arc;

use super::lease::Lease;
use super::mark::{Mark, MarkError};
use super::office::Office;
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
    /// Takes the right to work on the office's database; `mark`: where the high-water mark lies, none for a scratch copy.
    ///
    /// # Errors
    /// When somebody else has the right (D8); when the mark cannot be read (D16).
    pub async fn begin(office: Office, relay: Relay, mark: Option<PathBuf>) -> Result<Self, ShiftError> {
        let lease = Lease::take(&office.db, &office.timetable_hash, relay.settings().max_connections as usize).await?;
        let mark = Mark::open(mark)?;
        Ok(Self { office: Arc::new(office), relay, lease, mark })
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
