//! The tasks in a calendar program (RFC 5545): a file for each collector, and one of all.

mod feed;
mod files;
mod settings;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::item::{self, Item, Wanted};
use crate::contacts::tasks;
use crate::database::{DatabaseError, Tx};
use crate::ledger::Customer;

pub use feed::written;
pub use files::write;
pub use settings::{Entries, Settings};

/// Whom a task is about, as the ledger knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    pub name: String,
    pub phone: Option<String>,
}

impl From<&Customer> for Who {
    fn from(customer: &Customer) -> Self {
        Self { name: customer.name.clone(), phone: customer.phone.clone() }
    }
}

/// What stands in the calendars: the tasks that are open or asleep.
#[derive(Debug)]
pub struct Tasks {
    items: Vec<Item>,
    /// When each was changed last.
    changed: HashMap<String, DateTime<Utc>>,
    today: NaiveDate,
}

impl Tasks {
    /// Reads them. `of`: only those of this collector.
    ///
    /// # Errors
    /// The database's own.
    pub async fn read(tx: &mut Tx, of: Option<&str>, today: NaiveDate) -> Result<Self, DatabaseError> {
        let wanted = Wanted { asleep: true, of: of.map(str::to_owned), ..Wanted::default() };
        let items = item::list(tx, &wanted, today).await?;
        let ids: Vec<&str> = items.iter().filter_map(|i| i.entry.contact.as_deref()).collect();
        let changed = tasks::changed_at(tx, &ids).await?;
        Ok(Self { items, changed, today })
    }

    /// The customers that they are about.
    #[must_use]
    pub fn customers(&self) -> BTreeSet<&str> {
        self.items.iter().map(|i| i.entry.customer.as_str()).collect()
    }

    /// The collectors that have one, in small letters.
    #[must_use]
    pub fn collectors(&self) -> BTreeSet<String> {
        self.items.iter().flat_map(|i| i.entry.to.iter().map(|to| to.to_lowercase())).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
