//! One read of the ledger (L1), customer by customer: a ledger of any size takes the same memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use super::agenda::{self, Last, Totals};
use super::guard::ReadCounts;
use super::model::Snapshot;
use super::own;
use super::whose::Whose;
use crate::database::{DatabaseError, Tx};

/// So many customers of the own ledger are looked at together.
const CUSTOMERS: u32 = 500;

/// One read, from which pages are taken.
#[derive(Debug)]
pub struct Reading(From);

#[derive(Debug)]
enum From {
    /// All pages come from the same transaction.
    Own { tx: Tx, as_of: NaiveDate, payments_wanted: Option<NaiveDate>, which: Which, at: At },
    /// One page.
    Whole { all: Arc<Snapshot>, is_taken: bool },
}

/// Which customers of the own ledger are read.
#[derive(Debug)]
pub enum Which {
    /// Everybody on one page.
    OnePage,
    /// Everybody.
    All,
    /// These, in the order of their ids, and what the last poll has seen of all (L7).
    These(Vec<String>, Totals),
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    After(String),
    Place(usize),
    End,
}

/// Some customers with all that is theirs.
#[derive(Debug)]
pub struct Page {
    pub snapshot: Arc<Snapshot>,
    whose: Who,
    /// What the last poll has seen of them; empty: nobody knows.
    pub before: HashMap<String, Last>,
    /// When the ledger shows something more of them that it has already.
    pub to_come: HashMap<String, NaiveDate>,
}

#[derive(Debug)]
enum Who {
    /// From behind one id up to another one; `None`: to the last.
    Between(String, Option<String>),
    /// In the order of their ids.
    These(Vec<String>),
}

impl Who {
    fn whose(&self) -> Whose<'_> {
        match self {
            Self::Between(after, None) if after.is_empty() => Whose::Everybody,
            Self::Between(after, upto) => Whose::Between { after, upto: upto.as_deref() },
            Self::These(ids) => Whose::These(ids),
        }
    }
}

impl Page {
    /// Who is on it. Of those that a reading has, each is on one page.
    #[must_use]
    pub fn whose(&self) -> Whose<'_> {
        self.whose.whose()
    }

    /// Whether a customer is on it, if there is one of this id.
    #[must_use]
    pub fn has(&self, customer: &str) -> bool {
        match &self.whose {
            Who::Between(after, upto) => {
                (after.is_empty() || customer > after.as_str()) && upto.as_deref().is_none_or(|upto| customer <= upto)
            }
            Who::These(ids) => ids.binary_search_by(|id| id.as_str().cmp(customer)).is_ok(),
        }
    }

    /// Whether all customers are on it.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        matches!(&self.whose, Who::Between(after, None) if after.is_empty())
    }

    /// All ids of customers that anything on it names.
    #[must_use]
    pub fn customers(&self) -> BTreeSet<&str> {
        let asked = match &self.whose {
            Who::These(ids) => ids.as_slice(),
            Who::Between(..) => &[],
        };
        let named = self.snapshot.invoices.values().map(|i| &i.customer_id);
        let known = self.snapshot.customers.keys().chain(self.before.keys());
        asked.iter().chain(known).chain(named).map(String::as_str).collect()
    }
}

impl Reading {
    /// The own ledger as of a day, in a transaction that sees one picture of it. `payments_wanted`: up to which day the
    /// payments have to be (L10).
    #[must_use]
    pub fn own(tx: Tx, as_of: NaiveDate, payments_wanted: Option<NaiveDate>, which: Which) -> Self {
        let at = Self::beginning(&which);
        Self(From::Own { tx, as_of, payments_wanted, which, at })
    }

    /// A picture that was taken as a whole.
    #[must_use]
    pub fn whole(all: Snapshot) -> Self {
        Self(From::Whole { all: Arc::new(all), is_taken: false })
    }

    fn beginning(which: &Which) -> At {
        match which {
            Which::These(ids, _) if ids.is_empty() => At::End,
            Which::These(..) => At::Place(0),
            _ => At::After(String::new()),
        }
    }

    /// The next page; `None`: that was all.
    ///
    /// # Errors
    /// The database's own.
    pub async fn next(&mut self) -> Result<Option<Page>, DatabaseError> {
        let (tx, as_of, payments_wanted, which, at) = match &mut self.0 {
            From::Whole { is_taken: true, .. } => return Ok(None),
            From::Whole { all, is_taken } => {
                *is_taken = true;
                let whose = Who::Between(String::new(), None);
                let (before, to_come) = (HashMap::new(), HashMap::new());
                return Ok(Some(Page { snapshot: Arc::clone(all), whose, before, to_come }));
            }
            From::Own { tx, as_of, payments_wanted, which, at } => (tx, *as_of, *payments_wanted, which, at),
        };
        let whose = match (&*which, &*at) {
            (_, At::End) => return Ok(None),
            (Which::These(ids, _), At::Place(begin)) => {
                let end = ids.len().min(begin + CUSTOMERS as usize);
                let some = ids[*begin..end].to_vec();
                *at = if end == ids.len() { At::End } else { At::Place(end) };
                Who::These(some)
            }
            (_, At::Place(_)) => return Ok(None),
            (which, At::After(after)) => {
                let upto = match which {
                    Which::OnePage => None,
                    _ => own::last_of_page(tx, after, CUSTOMERS).await?,
                };
                let whose = Who::Between(after.clone(), upto.clone());
                *at = upto.map_or(At::End, At::After);
                whose
            }
        };
        let snapshot = own::read_of(tx, as_of, whose.whose(), payments_wanted).await?;
        let (before, to_come) = match which {
            Which::OnePage => (HashMap::new(), HashMap::new()),
            _ => (agenda::load(tx, whose.whose()).await?, agenda::to_come(tx, as_of, whose.whose()).await?),
        };
        Ok(Some(Page { snapshot: Arc::new(snapshot), whose, before, to_come }))
    }

    /// Whether there is one page only.
    #[must_use]
    pub fn is_one_page(&self) -> bool {
        matches!(self.0, From::Whole { .. } | From::Own { which: Which::OnePage, .. })
    }

    /// What the last poll has seen of everybody, where not everybody is looked at.
    #[must_use]
    pub fn totals(&self) -> Option<&Totals> {
        match &self.0 {
            From::Own { which: Which::These(_, totals), .. } => Some(totals),
            _ => None,
        }
    }

    /// Counts the payments of a span of days, of everybody.
    ///
    /// # Errors
    /// The database's own.
    pub async fn count_payments(&mut self, counts: &mut ReadCounts, from: NaiveDate, to: NaiveDate) -> Result<(), DatabaseError> {
        match &mut self.0 {
            From::Own { tx, .. } => agenda::payments(tx, counts, from, to).await,
            From::Whole { .. } => Ok(()),
        }
    }

    /// Begins again: the same pages in the same order.
    pub fn rewind(&mut self) {
        match &mut self.0 {
            From::Own { which, at, .. } => *at = Self::beginning(which),
            From::Whole { is_taken, .. } => *is_taken = false,
        }
    }

    /// The picture, if it was taken as a whole.
    #[must_use]
    pub fn into_whole(self) -> Option<Arc<Snapshot>> {
        match self.0 {
            From::Own { .. } => None,
            From::Whole { all, .. } => Some(all),
        }
    }
}
