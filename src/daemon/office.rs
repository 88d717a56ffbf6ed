//! What the daemon works with, opened once: the office in which contacts are prepared.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::Calendars;
use crate::clock::Clock;
use crate::database::Database;
use crate::digest;
use crate::ledger::freshness::MaxAge;
use crate::ledger::guard;
use crate::ledger::inbox::Inbox;
use crate::ledger::source::Source;
use crate::message::dkim::Signer;
use crate::message::{Company, Renderer, attach};
use crate::timetable::{Timetable, calendar};

/// Everything that polls and deliveries need.
#[derive(Debug)]
pub struct Office {
    pub clock: Mutex<Clock>,
    pub db: Database,
    pub timetable: Timetable,
    /// SHA-256 of its file: daemons that work together have the same one (D7).
    pub timetable_hash: String,
    pub source: Source,
    /// The folder that files for the own ledger are dropped into.
    pub inbox: Option<Inbox>,
    pub guard: guard::Settings,
    /// L10.
    pub payments_max_age: Option<MaxAge>,
    pub renderer: Renderer,
    pub company: Company,
    pub default_language: String,
    pub attachments: attach::Settings,
    /// How long the bytes of messages are kept (D14).
    pub keep_messages: TimeDelta,
    /// The morning's e-mails to colleagues; `None`: there are none.
    pub digest: Option<digest::Settings>,
    /// The worklist for calendar programs; `None`: there is none.
    pub calendars: Option<Calendars>,
    /// Signs what leaves; `None`: nothing is signed.
    pub signer: Option<Signer>,
}

impl Office {
    /// Where the present comes from.
    #[must_use]
    pub fn clock(&self) -> Clock {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes another instant for the present.
    pub fn set_clock(&self, clock: Clock) {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    /// So long was waited: an instant given with `--now` does not move by itself, and what left before the wait must not
    /// count as if it had left now (D6).
    pub fn wait(&self, waited: std::time::Duration) {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Clock::Given(instant) = *clock {
            *clock = Clock::Given(instant + TimeDelta::from_std(waited).unwrap_or_default());
        }
    }

    /// The present instant, its day in the timetable's zone, and whether e-mails may leave now (T1, T5).
    #[must_use]
    pub fn present(&self) -> (DateTime<Utc>, NaiveDate, bool) {
        let now = self.clock().now();
        (now, calendar::local(self.timetable.time_zone, now).0, self.timetable.is_open(now))
    }

    /// Up to which day the payments have to be (L10): as of the present, also when another day is asked about.
    #[must_use]
    pub fn payments_wanted(&self) -> Option<NaiveDate> {
        let (_, today, _) = self.present();
        self.payments_max_age.map(|age| age.oldest(today))
    }
}
