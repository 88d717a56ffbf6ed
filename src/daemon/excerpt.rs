//! What contacts are prepared from: the last believed read of the ledger, and some customers' part of it (T26).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::office::Office;
use crate::database::{DatabaseError, Tx};
use crate::ledger::{self, Snapshot, Whose, own};
use crate::timetable::stops::{self, Sums};

/// The last believed read of the ledger: when it was made (T26), and where its rows are found.
#[derive(Debug)]
pub struct LastRead {
    pub at: DateTime<Utc>,
    pub day: NaiveDate,
    /// Up to which day the payments have to be (L10).
    payments_wanted: Option<NaiveDate>,
    /// `None`: they are read from the own ledger when they are needed.
    whole: Option<Arc<Excerpt>>,
}

impl LastRead {
    /// A read that was made now. `whole`: all of it, where it was read as a whole.
    #[must_use]
    pub fn new(at: DateTime<Utc>, day: NaiveDate, payments_wanted: Option<NaiveDate>, whole: Option<Arc<Snapshot>>) -> Self {
        Self { at, day, payments_wanted, whole: whole.map(|all| Arc::new(Excerpt::new(all, day))) }
    }

    /// What the ledger has of some customers, at least.
    ///
    /// # Errors
    /// The own database's.
    pub async fn of(&self, tx: &mut Tx, customers: &[String]) -> Result<Arc<Excerpt>, DatabaseError> {
        if let Some(whole) = &self.whole {
            return Ok(Arc::clone(whole));
        }
        let snapshot = own::read_of(tx, self.day, Whose::These(customers)).await?;
        let snapshot = Snapshot { payments_wanted: self.payments_wanted, ..snapshot };
        Ok(Arc::new(Excerpt::new(Arc::new(snapshot), self.day)))
    }

    /// Whether the read is older than `recheck_after`, or of another day (T26).
    #[must_use]
    pub fn is_stale(&self, office: &Office) -> bool {
        let (now, today, _) = office.present();
        // A clock that went back says nothing about its age.
        let age = now.signed_duration_since(self.at).to_std();
        !age.is_ok_and(|age| age <= office.timetable.recheck_after) || today != self.day
    }

    /// Until when what was prepared from this read may leave.
    #[must_use]
    pub fn good_until(&self, office: &Office) -> DateTime<Utc> {
        let lasts = chrono::TimeDelta::from_std(office.timetable.recheck_after).unwrap_or(chrono::TimeDelta::MAX);
        self.at.checked_add_signed(lasts).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// The ledger as of a day, or some customers' part of it.
#[derive(Debug)]
pub struct Excerpt {
    pub snapshot: Arc<Snapshot>,
    pub day: NaiveDate,
    /// The unallocated payments.
    pub unallocated: Sums,
    /// The ids of each customer's invoices.
    by_customer: HashMap<String, Vec<String>>,
}

impl Excerpt {
    /// The picture of a day.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, day: NaiveDate) -> Self {
        let mut by_customer: HashMap<String, Vec<String>> = HashMap::new();
        for (id, invoice) in &snapshot.invoices {
            by_customer.entry(invoice.customer_id.clone()).or_default().push(id.clone());
        }
        Self { unallocated: stops::unallocated(&snapshot), snapshot, day, by_customer }
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
}
