//! One read of the ledger (L1), customer by customer: a ledger of any size takes the same memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use super::agenda::{self, Last, Totals};
use super::copy::Copied;
use super::guard::ReadCounts;
use super::model::Snapshot;
use super::own_pages::{Ahead, Pages};
use super::ranks::Ranks;
use super::whose::Whose;
use crate::database::{DatabaseError, Tx};

/// One read, from which pages are taken.
#[derive(Debug)]
pub struct Reading {
    from: From,
    /// The ranks that count, and of which day they are.
    ranks: Option<(Ranks, NaiveDate)>,
}

#[derive(Debug)]
enum From {
    Own(Ahead),
    /// A query ledger, copied.
    Copy {
        copy: Copied,
        payments_wanted: Option<NaiveDate>,
        in_one: bool,
        reread: Option<usize>,
        at: usize,
    },
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

/// Some customers with all that is theirs.
#[derive(Debug)]
pub struct Page {
    pub snapshot: Arc<Snapshot>,
    pub(super) whose: Who,
    /// What the last poll has seen of them; empty: nobody knows.
    pub before: HashMap<String, Last>,
    /// When the ledger shows something more of them that it has already.
    pub to_come: HashMap<String, NaiveDate>,
}

#[derive(Debug)]
pub(super) enum Who {
    /// From behind one id up to another one; `None`: to the last.
    Between(String, Option<String>),
    /// In the order of their ids.
    These(Vec<String>),
}

impl Who {
    pub(super) fn whose(&self) -> Whose<'_> {
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
        Self { from: From::Own(Ahead::new(Pages::new(tx, as_of, payments_wanted, which))), ranks: None }
    }

    /// A copy of the accounts: of everybody, on one page if that is asked for. `reread`: of how many customers it was read just
    /// now, if not of all (L8).
    #[must_use]
    pub fn copy(copy: Copied, payments_wanted: Option<NaiveDate>, in_one: bool, reread: Option<usize>) -> Self {
        Self { from: From::Copy { copy, payments_wanted, in_one, reread, at: 0 }, ranks: None }
    }

    /// The same, with the ranks of a day that the books suggest, where they count.
    #[must_use]
    pub fn ranked(self, ranks: &Ranks, day: NaiveDate) -> Self {
        Self { ranks: Some((ranks.clone(), day)), ..self }
    }

    /// The next page; `None`: that was all.
    ///
    /// # Errors
    /// The database's own.
    pub async fn next(&mut self) -> Result<Option<Page>, DatabaseError> {
        let mut page = self.turn().await?;
        if let (Some(page), Some((ranks, day))) = (&mut page, &self.ranks) {
            // All that is a customer's is on its page.
            ranks.apply(Arc::make_mut(&mut page.snapshot), *day);
        }
        Ok(page)
    }

    async fn turn(&mut self) -> Result<Option<Page>, DatabaseError> {
        match &mut self.from {
            From::Own(ahead) => ahead.next().await,
            From::Copy { copy, payments_wanted, in_one, at, .. } => {
                let page = Self::page_of(copy, *payments_wanted, *in_one, *at)?;
                *at += 1;
                Ok(page)
            }
        }
    }

    fn page_of(
        copy: &Copied,
        payments_wanted: Option<NaiveDate>,
        in_one: bool,
        at: usize,
    ) -> Result<Option<Page>, DatabaseError> {
        let pages = if in_one { 1 } else { copy.pages() };
        if at >= pages {
            return Ok(None);
        }
        let snapshot = if in_one { copy.whole() } else { copy.page(at) }.map_err(DatabaseError::Copy)?;
        let after = at.checked_sub(1).and_then(|before| copy.last_of(before)).unwrap_or_default();
        let whose = Who::Between(after.to_owned(), copy.last_of(at).filter(|_| !in_one).map(str::to_owned));
        let snapshot = Arc::new(Snapshot { payments_wanted, ..snapshot });
        Ok(Some(Page { snapshot, whose, before: HashMap::new(), to_come: HashMap::new() }))
    }

    /// Whether there is one page only.
    #[must_use]
    pub fn is_one_page(&self) -> bool {
        match &self.from {
            From::Own(ahead) => ahead.is_one_page(),
            From::Copy { in_one, .. } => *in_one,
        }
    }

    /// Whether the same may be read again at any time: it is no picture of the own database.
    #[must_use]
    pub fn is_copy(&self) -> bool {
        matches!(self.from, From::Copy { .. })
    }

    /// Of how many customers the ledger was read; `None`: of all whose rows are here (L8).
    #[must_use]
    pub fn reread(&self) -> Option<usize> {
        match &self.from {
            From::Copy { reread, .. } => *reread,
            From::Own(_) => None,
        }
    }

    /// What the last poll has seen of everybody, where not everybody is looked at.
    #[must_use]
    pub fn totals(&self) -> Option<&Totals> {
        match &self.from {
            From::Own(ahead) => ahead.totals(),
            From::Copy { .. } => None,
        }
    }

    /// Counts the payments of a span of days, of everybody.
    ///
    /// # Errors
    /// The database's own.
    pub async fn count_payments(&mut self, counts: &mut ReadCounts, from: NaiveDate, to: NaiveDate) -> Result<(), DatabaseError> {
        match &mut self.from {
            From::Own(ahead) => agenda::payments(&mut ahead.at_rest().await?.tx, counts, from, to).await,
            From::Copy { .. } => Ok(()),
        }
    }

    /// Begins again: the same pages in the same order.
    ///
    /// # Errors
    /// The database's own.
    pub async fn rewind(&mut self) -> Result<(), DatabaseError> {
        match &mut self.from {
            From::Own(ahead) => ahead.rewind().await,
            From::Copy { at, .. } => {
                *at = 0;
                Ok(())
            }
        }
    }

    /// The copy, if it is one.
    #[must_use]
    pub fn into_copy(self) -> Option<Copied> {
        match self.from {
            From::Own(_) => None,
            From::Copy { copy, .. } => Some(copy),
        }
    }
}
