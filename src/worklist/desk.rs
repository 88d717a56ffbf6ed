//! The tasks of many customers, put in order: the log and the books are each asked for all of them at once.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::figures::{self, Figures, Known};
use super::heard;
use super::priority::{About, Heard, Weighed, weigh};
use crate::contacts::{Entry, control, facts, personal};
use crate::database::{Database, DatabaseError, Tx};
use crate::ledger::query::QueryError;
use crate::ledger::source::{ReadError, Source};
use crate::ledger::{Snapshot, Whose, own};
use crate::timetable::Timetable;

/// So many customers of the own ledger are read together.
const PAGE: usize = 500;
/// Of more than these a query ledger is read as a whole.
const FEW: usize = 200;

/// What is known of the customers of some tasks.
#[derive(Debug)]
pub struct Desk<'a> {
    timetable: &'a Timetable,
    today: NaiveDate,
    customers: BTreeSet<String>,
    known: Known,
    heard: HashMap<String, Heard>,
    figures: HashMap<String, Figures>,
}

impl<'a> Desk<'a> {
    /// What the log and the books know.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn of(
        db: &Database,
        source: &Source,
        timetable: &'a Timetable,
        tasks: impl Iterator<Item = &Entry>,
        today: NaiveDate,
    ) -> Result<Self, ReadError> {
        let mut desk = Self::begin(&mut db.snapshot().await?, timetable, tasks, today).await?;
        desk.read(db, source).await?;
        Ok(desk)
    }

    /// What the log knows; the books are still to be looked at.
    ///
    /// # Errors
    /// The database's own.
    pub async fn begin(
        tx: &mut Tx,
        timetable: &'a Timetable,
        tasks: impl Iterator<Item = &Entry>,
        today: NaiveDate,
    ) -> Result<Self, DatabaseError> {
        let customers: BTreeSet<String> = tasks.map(|t| t.customer.clone()).collect();
        let ids: Vec<String> = customers.iter().cloned().collect();
        let heard = heard::of(tx, timetable, &ids, today).await?;
        let known = Known {
            controls: control::in_force(tx).await?,
            since: facts::customers_since(tx, Whose::These(&ids)).await?,
            // Those of the last poll's day: all that is asked on a day goes by them.
            personal: personal::kept(tx).await?.map(|(_, kept)| kept).unwrap_or_default(),
        };
        Ok(Self { timetable, today, customers, known, heard, figures: HashMap::new() })
    }

    /// Looks at a page of the books, ranks and all.
    pub fn look(&mut self, ledger: &Snapshot) {
        figures::look(self.timetable, ledger, &self.customers, &self.known, self.today, &mut self.figures);
    }

    fn rank_and_look(&mut self, mut page: Snapshot) {
        self.timetable.ranks.apply(&mut page, self.today);
        self.look(&page);
    }

    /// Reads the books of its customers.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn read(&mut self, db: &Database, source: &Source) -> Result<(), ReadError> {
        if self.customers.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = self.customers.iter().cloned().collect();
        match source {
            Source::Own => {
                let mut tx = db.snapshot().await?;
                for some in ids.chunks(PAGE) {
                    let page = own::read_of(&mut tx, self.today, Whose::These(some), None).await?;
                    self.rank_and_look(page);
                }
            }
            Source::Query(queries) => {
                let mut memory = facts::Remembered(db.snapshot().await?);
                if ids.len() <= FEW {
                    self.rank_and_look(queries.read_of(&ids, &mut memory).await?);
                    return Ok(());
                }
                let copy = queries.copy(&mut memory).await?;
                for page in 0..copy.pages() {
                    self.rank_and_look(copy.page(page).map_err(QueryError::from)?);
                }
            }
        }
        Ok(())
    }

    /// The figures of a customer; `None`: the books do not have it.
    #[must_use]
    pub fn figures(&self, customer: &str) -> Option<&Figures> {
        self.figures.get(customer)
    }

    /// How urgent a task is; `None`: the books do not have its customer.
    #[must_use]
    pub fn weigh(&self, task: &Entry) -> Option<Weighed> {
        let (nobody, heard) = (Heard::default(), self.heard.get(&task.customer));
        let figures = self.figures.get(&task.customer)?;
        Some(weigh(self.timetable, &about(task), figures, heard.unwrap_or(&nobody), self.today))
    }
}

/// What a task is about.
#[must_use]
pub fn about(task: &Entry) -> About<'_> {
    let mut invoices: BTreeSet<&str> = task.invoices.iter().map(|i| i.id.as_str()).collect();
    // One that nothing was open on is about what was paid: a word of thanks.
    let was_open = invoices.is_empty() || task.invoices.iter().any(|i| !i.open_balance.trim_matches(['0', '.']).is_empty());
    if invoices.is_empty() && !task.lead.is_empty() {
        invoices.insert(&task.lead);
    }
    About { invoices, was_open }
}
