//! What contacts are prepared from: the last believed read of the ledger, and some customers' part of it (T26).

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, Utc};

use super::belief;
use super::office::Office;
use crate::database::{DatabaseError, Tx};
use crate::ledger::copy::Copied;
use crate::ledger::query::QueryLedger;
use crate::ledger::ranks::Ranks;
use crate::ledger::source::Source;
use crate::ledger::validate::Identity;
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
    copy: Option<Copied>,
    /// Of some customers there is a newer look: when it was, and whose.
    look: Option<(DateTime<Utc>, BTreeSet<String>)>,
}

/// For more customers than these the whole ledger is read.
const FEW: usize = 200;
/// The same of those of whom something has changed since the last poll, and of all changes of a day.
const CHANGED: (usize, usize) = (1_000, 5_000);

impl LastRead {
    /// A read that was made now. `copy`: its rows, where they are not in the own ledger.
    #[must_use]
    pub fn new(at: DateTime<Utc>, day: NaiveDate, payments_wanted: Option<NaiveDate>, copy: Option<Copied>) -> Self {
        Self { at, day, payments_wanted, copy, look: None }
    }

    /// What the ledger has of some customers, at least, with the ranks that count.
    ///
    /// # Errors
    /// The own database's; when the copy of the accounts cannot be read.
    pub async fn of(&self, tx: &mut Tx, customers: &[String], ranks: &Ranks) -> Result<Arc<Excerpt>, DatabaseError> {
        let mut snapshot = match &self.copy {
            Some(copy) => {
                let read = copy.of(&customers.iter().cloned().collect()).map_err(DatabaseError::Copy)?;
                Snapshot { payments_wanted: self.payments_wanted, ..read }
            }
            None => own::read_of(tx, self.day, Whose::These(customers), self.payments_wanted).await?,
        };
        ranks.apply(&mut snapshot, self.day);
        Ok(Arc::new(Excerpt::new(Arc::new(snapshot), self.day)))
    }

    /// When these customers were looked at.
    fn seen_at(&self, customers: &BTreeSet<&str>) -> DateTime<Utc> {
        let covers = |look: &&(DateTime<Utc>, BTreeSet<String>)| customers.iter().all(|c| look.1.contains(*c));
        self.look.as_ref().filter(|_| !customers.is_empty()).filter(covers).map_or(self.at, |look| look.0)
    }

    /// Whether the read of these customers is older than `recheck_after`, or of another day (T26).
    #[must_use]
    pub fn is_stale(&self, office: &Office, customers: &BTreeSet<&str>) -> bool {
        let (now, today, _) = office.present();
        // A clock that went back says nothing about its age.
        let age = now.signed_duration_since(self.seen_at(customers)).to_std();
        !age.is_ok_and(|age| age <= office.timetable.recheck_after) || today != self.day
    }

    /// Until when what was prepared for these customers from this read may leave.
    #[must_use]
    pub fn good_until(&self, office: &Office, customers: &BTreeSet<&str>) -> DateTime<Utc> {
        let lasts = chrono::TimeDelta::from_std(office.timetable.recheck_after).unwrap_or(chrono::TimeDelta::MAX);
        self.seen_at(customers).checked_add_signed(lasts).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Looks again (T26), and judges as a poll does (T27). A query ledger is asked for these customers alone, if there are
    /// some and few; what looks worse than before then (more is owed, a payment or a customer is gone, a row is bad) is
    /// judged by a read of the whole ledger. The inner error is a sentence.
    ///
    /// # Errors
    /// The own database's.
    pub async fn again(&self, office: &Office, customers: &BTreeSet<&str>) -> Result<Result<Self, String>, DatabaseError> {
        let (now, today, _) = office.present();
        let (Source::Query(queries), Some(copy)) = (&office.source, &self.copy) else { return belief::read(office).await };
        if today != self.day || customers.is_empty() || customers.len() > FEW {
            return belief::read(office).await;
        }
        let customers: BTreeSet<String> = customers.iter().map(|c| (*c).to_owned()).collect();
        match renewed(queries, copy, &customers).await? {
            Some(copy) => {
                let seen = Self::new(self.at, self.day, self.payments_wanted, Some(copy));
                Ok(Ok(Self { look: Some((now, customers)), ..seen }))
            }
            None => belief::read(office).await,
        }
    }

    /// The ledger as it is now, by those of whom something has changed since (L8), and how many they are. `None`: all of it is
    /// to be read, because this is of another day, the ledger does not say what has changed, that is too much, or it looks
    /// worse than before.
    ///
    /// # Errors
    /// When the copy of the accounts cannot be read.
    pub(super) async fn brought_up_to_date(&self, office: &Office) -> Result<Option<(Copied, usize)>, DatabaseError> {
        let (_, today, _) = office.present();
        let (Source::Query(queries), Some(copy)) = (&office.source, &self.copy) else { return Ok(None) };
        let Some(since) = copy.since.as_deref().filter(|_| today == self.day && copy.newer() < CHANGED.1) else {
            return Ok(None);
        };
        // What the full read says of it, if it fails, too, is said.
        let Ok(Some((customers, next))) = queries.changed_since(Some(since), CHANGED.0).await else { return Ok(None) };
        let changed = match customers.is_empty() {
            true => queries.as_fresh(copy).await.ok(),
            false => renewed(queries, copy, &customers).await?,
        };
        Ok(changed.map(|mut copy| {
            copy.since = Some(next);
            (copy, customers.len())
        }))
    }
}

/// The copy with a new look at some customers. `None`: the accounts cannot be asked, or it looks worse than before.
async fn renewed(queries: &QueryLedger, copy: &Copied, customers: &BTreeSet<String>) -> Result<Option<Copied>, DatabaseError> {
    let before = copy.of(customers).map_err(DatabaseError::Copy)?.of(customers);
    let ids: Vec<String> = customers.iter().cloned().collect();
    let found = queries.read_of(&ids, &mut known(&before)).await;
    Ok(found.ok().filter(|now| is_no_worse(&before, now)).map(|now| copy.with(customers, now)))
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
    /// The places of each invoice's payments, once somebody has asked.
    payments: OnceLock<HashMap<String, Vec<usize>>>,
}

impl Excerpt {
    /// The picture of a day.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, day: NaiveDate) -> Self {
        let mut by_customer: HashMap<String, Vec<String>> = HashMap::new();
        for (id, invoice) in &snapshot.invoices {
            by_customer.entry(invoice.customer_id.clone()).or_default().push(id.clone());
        }
        Self { unallocated: stops::sums(&snapshot), snapshot, day, by_customer, payments: OnceLock::new() }
    }

    /// Payments have come into the picture.
    pub fn note_payments(&mut self) {
        self.unallocated = stops::sums(&self.snapshot);
        self.payments = OnceLock::new();
    }

    /// The payments that were set against an invoice.
    #[must_use]
    pub fn payments_of(&self, invoice: &str) -> Vec<&ledger::Payment> {
        let places = self.payments.get_or_init(|| {
            let mut places: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, payment) in self.snapshot.payments.iter().enumerate() {
                if let Some(invoice) = &payment.invoice_id {
                    places.entry(invoice.clone()).or_default().push(place);
                }
            }
            places
        });
        places.get(invoice).into_iter().flatten().filter_map(|place| self.snapshot.payments.get(*place)).collect()
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

/// What the ids of the invoices stand for (L2).
fn known(snapshot: &Snapshot) -> HashMap<String, Identity> {
    let identity = |i: &ledger::Invoice| Identity { customer_id: i.customer_id.clone(), currency: i.currency };
    snapshot.invoices.iter().map(|(id, i)| (id.clone(), identity(i))).collect()
}

/// Whether nothing speaks against a look at some customers.
fn is_no_worse(before: &Snapshot, now: &Snapshot) -> bool {
    let owes_more = |i: &ledger::Invoice| before.invoices.get(&i.id).is_some_and(|b| i.open_balance > b.open_balance);
    now.bad_rows.is_empty()
        && before.customers.keys().all(|c| now.customers.contains_key(c))
        && now.payments.len() >= before.payments.len()
        && !now.invoices.values().any(owes_more)
}
