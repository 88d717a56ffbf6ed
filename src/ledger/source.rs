//! Where the ledger is read from: the own tables, or the user's queries.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::model::Snapshot;
use super::own;
use super::query::{QueryError, QueryLedger};
use super::reading::{Reading, Which};
use super::validate::Identity;
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
    /// `known`: what the ids of invoices stood for at earlier reads (L2).
    ///
    /// # Errors
    /// When the ledger cannot be asked, or what it says cannot be believed (L3).
    pub async fn read(&self, db: &Database, known: &HashMap<String, Identity>, as_of: NaiveDate) -> Result<Snapshot, ReadError> {
        match self {
            Self::Own => Ok(own::read(&mut db.snapshot().await?, as_of).await?),
            Self::Query(queries) => Ok(queries.read(known).await?),
        }
    }

    /// The same, customer by customer, of `which` of the own ledger's. `own`: a snapshot of the own database. `payments_wanted`: up to which day the payments have to be
    /// (L10).
    ///
    /// # Errors
    /// When the ledger cannot be asked, or what it says cannot be believed (L3).
    pub async fn open(
        &self,
        own: Tx,
        known: &HashMap<String, Identity>,
        as_of: NaiveDate,
        payments_wanted: Option<NaiveDate>,
        which: Which,
    ) -> Result<Reading, ReadError> {
        match self {
            Self::Own => Ok(Reading::own(own, as_of, payments_wanted, which)),
            Self::Query(queries) => Ok(Reading::whole(Snapshot { payments_wanted, ..queries.read(known).await? })),
        }
    }
}
