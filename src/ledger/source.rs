//! Where the ledger is read from: the own tables, or the user's queries.

use chrono::NaiveDate;

use super::model::Snapshot;
use super::own;
use super::query::{QueryError, QueryLedger};
use super::reading::{Reading, Which};
use super::validate::Memory;
use crate::database::{Database, DatabaseError, Tx};

/// The source of the ledger.
#[derive(Debug, Clone)]
pub enum Source {
    Own,
    Query(Box<QueryLedger>),
}

/// Why the ledger could not be read: the poll that asked for it sends nothing (T27).
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Own(#[from] DatabaseError),
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl Source {
    /// One consistent picture of the ledger: of the own one as of a day (L6), of a query ledger as it stands now.
    /// `memory`: what the ids of invoices stood for at earlier reads (L2), as a snapshot of the own database knows it.
    ///
    /// # Errors
    /// When the ledger cannot be asked, or what it says cannot be believed (L3).
    pub async fn read<M: Memory>(
        &self,
        db: &Database,
        memory: impl FnOnce(Tx) -> M,
        as_of: NaiveDate,
    ) -> Result<Snapshot, ReadError> {
        let mut own = db.snapshot().await?;
        match self {
            Self::Own => Ok(own::read(&mut own, as_of).await?),
            Self::Query(queries) => Ok(queries.read(&mut memory(own)).await?),
        }
    }

    /// The same, customer by customer, of `which` of the own ledger's. `own`: a snapshot of the own database. `payments_wanted`: up to which day the payments have to be
    /// (L10).
    ///
    /// # Errors
    /// When the ledger cannot be asked, or what it says cannot be believed (L3).
    pub async fn open<M: Memory>(
        &self,
        own: Tx,
        memory: impl FnOnce(Tx) -> M,
        as_of: NaiveDate,
        payments_wanted: Option<NaiveDate>,
        which: Which,
    ) -> Result<Reading, ReadError> {
        match self {
            Self::Own => Ok(Reading::own(own, as_of, payments_wanted, which)),
            Self::Query(queries) => {
                let copy = queries.copy(&mut memory(own)).await?;
                Ok(Reading::copy(copy, payments_wanted, matches!(which, Which::OnePage), None))
            }
        }
    }
}
