//! What the daemon works with, opened once: the office in which contacts are prepared.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::clock::Clock;
use crate::database::Database;
use crate::ledger::freshness::MaxAge;
use crate::ledger::guard::{self, Measures, ReadCounts, Risen};
use crate::ledger::source::Source;
use crate::ledger::validate::Identity;
use crate::ledger::{self, Snapshot};
use crate::message::dkim::Signer;
use crate::message::{Company, Renderer, attach};
use crate::timetable::stops::{self, Sums};
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
    pub guard: guard::Settings,
    /// L10.
    pub payments_max_age: Option<MaxAge>,
    pub renderer: Renderer,
    pub company: Company,
    pub default_language: String,
    pub attachments: attach::Settings,
    /// How long the bytes of messages are kept (D14).
    pub keep_messages: TimeDelta,
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
        let (today, time) = calendar::local(self.timetable.time_zone, now);
        (now, today, self.timetable.calendar.may_send(today, time))
    }
}

/// Why the ledger gave no fresh picture.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error(transparent)]
    Read(#[from] ledger::source::ReadError),
    #[error("the ledger is not believed (T27): {0}")]
    Refused(#[from] guard::Refusal),
}

/// The last believed picture of the ledger, and when it was made (T26).
#[derive(Debug)]
pub struct LastRead {
    pub snapshot: Snapshot,
    pub at: DateTime<Utc>,
    pub day: NaiveDate,
    /// The unallocated payments.
    pub unallocated: Sums,
    /// The ids of each customer's invoices.
    by_customer: HashMap<String, Vec<String>>,
}

impl LastRead {
    /// A picture that was made now.
    #[must_use]
    pub fn new(snapshot: Snapshot, at: DateTime<Utc>, day: NaiveDate) -> Self {
        let mut by_customer: HashMap<String, Vec<String>> = HashMap::new();
        for (id, invoice) in &snapshot.invoices {
            by_customer.entry(invoice.customer_id.clone()).or_default().push(id.clone());
        }
        Self { unallocated: stops::unallocated(&snapshot), snapshot, at, day, by_customer }
    }

    /// An invoice has come into the picture.
    pub fn note_invoice(&mut self, id: &str) {
        if let Some(invoice) = self.snapshot.invoices.get(id) {
            self.by_customer.entry(invoice.customer_id.clone()).or_default().push(id.to_owned());
        }
    }

    /// The invoices of a customer, by id.
    #[must_use]
    pub fn invoices_of(&self, customer: &str) -> Vec<&ledger::Invoice> {
        let ids = self.by_customer.get(customer).into_iter().flatten();
        ids.filter_map(|id| self.snapshot.invoices.get(id)).collect()
    }

    /// Whether the picture is older than `recheck_after`, or of another day (T26).
    #[must_use]
    pub fn is_stale(&self, office: &Office) -> bool {
        let (now, today, _) = office.present();
        // A clock that went back says nothing about its age.
        let age = now.signed_duration_since(self.at).to_std();
        !age.is_ok_and(|age| age <= office.timetable.recheck_after) || today != self.day
    }

    /// Until when what was prepared from this picture may leave.
    #[must_use]
    pub fn good_until(&self, office: &Office) -> DateTime<Utc> {
        let lasts = chrono::TimeDelta::from_std(office.timetable.recheck_after).unwrap_or(chrono::TimeDelta::MAX);
        self.at.checked_add_signed(lasts).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Reads the ledger again (T26).
    ///
    /// # Errors
    /// When the ledger cannot be asked, or what it says cannot be believed beside the picture before (T27): then nothing
    /// is sent.
    pub async fn again(&self, office: &Office) -> Result<Self, RefreshError> {
        let (now, today, _) = office.present();
        let identity = |i: &ledger::Invoice| Identity { customer_id: i.customer_id.clone(), currency: i.currency };
        let known: HashMap<String, Identity> = self.snapshot.invoices.iter().map(|(id, i)| (id.clone(), identity(i))).collect();
        let mut fresh = office.source.read(&office.db, &known, today).await?;
        // A rehearsal's picture asks for none.
        fresh.payments_wanted = self.snapshot.payments_wanted.and_then(|_| Some(office.payments_max_age?.oldest(today)));
        let (before, counts) = (ReadCounts::of(&self.snapshot, self.day), ReadCounts::of(&fresh, today));
        let (customers, open_invoices) = (before.customers, before.open_invoices);
        let measures = Measures { customers, open_invoices, last: Some((self.day, before)) };
        let owed = self.snapshot.invoices.iter().map(|(id, i)| (id.as_str(), i.open_balance));
        guard::check(&office.guard, &counts, &measures, Risen::of(&fresh, owed), today)?;
        Ok(Self::new(fresh, now, today))
    }
}
