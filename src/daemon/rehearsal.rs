//! Plays days one after another on a scratch copy of the state (T32).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use super::office::Office;
use super::pass::{Pass, Report, pass};
use super::poll::Memory;
use super::shift::{Shift, ShiftError};
use super::stop;
use crate::clock::Clock;
use crate::contacts::control;
use crate::database::{Database, DatabaseError};
use crate::delivery::{Relay, RelayError};
use crate::ledger::own;
use crate::ledger::source::Source;
use crate::timetable::calendar;

/// Why days could not be played.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Shift(#[from] ShiftError),
    #[error(transparent)]
    Relay(#[from] RelayError),
    #[error("the scratch folder {folder}: {source}")]
    Scratch { folder: String, source: std::io::Error },
}

/// An office on a copy of the state; the copy goes when it is dropped.
#[derive(Debug)]
pub struct Rehearsal {
    shift: Shift,
    memory: Memory,
    _folder: tempfile::TempDir,
}

impl Rehearsal {
    /// Copies the state below `scratch`; e-mails go to `outbox`, or nowhere that lasts.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub async fn begin(mut office: Office, scratch: &Path, outbox: Option<PathBuf>) -> Result<Self, RehearsalError> {
        let failed = |source| RehearsalError::Scratch { folder: scratch.display().to_string(), source };
        let folder = tempfile::Builder::new().prefix("dunningd-rehearsal-").tempdir_in(scratch).map_err(failed)?;
        let copy = folder.path().join("state.db");
        office.db.copy_to(&copy).await?;
        office.db = Database::scratch(&copy).await?;
        if let Source::Own = office.source {
            office.source = Source::Played(Arc::new(own::Tables::load(&mut office.db.snapshot().await?).await?));
        }
        let relay = Relay::scratch(outbox.unwrap_or_else(|| folder.path().join("outbox")))?;
        let shift = Shift::begin(office, relay, None, Duration::from_secs(60)).await?;
        Ok(Self { shift, memory: Memory::default(), _folder: folder })
    }

    /// Polls once, at the first instant of the day's send window.
    ///
    /// # Errors
    /// The scratch copy's.
    pub async fn play(&mut self, day: NaiveDate) -> Result<Report, RehearsalError> {
        let timetable = &self.shift.office.timetable;
        let instant = calendar::instant(timetable.time_zone, day, timetable.calendar.window.from);
        self.shift.office.set_clock(Clock::Given(instant));
        let (_stopper, stop) = stop::pair();
        Ok(pass(&self.shift, &mut self.memory, Pass { rehearsal: true, ..Pass::default() }, &stop).await?)
    }

    /// How many holds, promises and disputes the copy has: they hold in the rehearsal as they do now.
    ///
    /// # Errors
    /// The scratch copy's.
    pub async fn controls(&self) -> Result<usize, RehearsalError> {
        let controls = control::in_force(&mut self.shift.office.db.snapshot().await?).await?;
        let held = controls.invoice_holds.len() + controls.customer_holds.len();
        Ok(held + controls.invoice_promises.len() + controls.customer_promises.len() + controls.disputes.len())
    }
}

/// Every calendar day from the first to the last.
pub fn days(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..).map_while(move |n| from.checked_add_signed(TimeDelta::days(n)).filter(|d| *d <= to))
}
