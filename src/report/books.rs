//! The ledger as of a day, customer by customer, for whoever only counts.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::contacts::facts;
use crate::database::{Database, DatabaseError, Tx};
use crate::ledger::ranks::Ranks;
use crate::ledger::reading::{Reading, Which};
use crate::ledger::source::{ReadError, Source};
use crate::ledger::{Snapshot, own};

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the ledger could not be read: {0}")]
    Read(#[from] ReadError),
    #[error(
        "the ledger is read with queries, which only know how it stands now: {asked} is past. An own ledger (`dunningd import`) \
         knows the days before today, too"
    )]
    PastQuery { asked: NaiveDate },
}

/// A read of the ledger, and since when its customers have been customers.
#[derive(Debug)]
pub struct Books {
    reading: Reading,
    tx: Tx,
    /// What a reader should know about these numbers, in sentences.
    pub notes: Vec<String>,
    bad_rows: usize,
}

/// Some customers with all that is theirs.
pub type Page = (std::sync::Arc<Snapshot>, HashMap<String, NaiveDate>);

impl Books {
    /// Opens the ledger as of a day, with the ranks that count.
    ///
    /// # Errors
    /// When the ledger cannot be read, or not as of that day.
    pub async fn open(
        db: &Database,
        source: &Source,
        ranks: &Ranks,
        on: NaiveDate,
        today: NaiveDate,
    ) -> Result<Self, ReportError> {
        let mut tx = db.snapshot().await?;
        let mut notes = Vec::new();
        if matches!(source, Source::Query(_)) && on < today {
            return Err(ReportError::PastQuery { asked: on });
        }
        if on > today {
            notes.push("As things stand now, if nobody pays.".to_owned());
        } else if on < today {
            notes.extend(of_now(own::balances_of_now(&mut tx, on).await?, on));
        }
        let reading = source.open(db.snapshot().await?, facts::Remembered, on, None, Which::All).await?.ranked(ranks, on);
        Ok(Self { reading, tx, notes, bad_rows: 0 })
    }

    /// The next customers; `None`: that was all.
    ///
    /// # Errors
    /// The database's own.
    pub async fn next(&mut self) -> Result<Option<Page>, DatabaseError> {
        let Some(page) = self.reading.next().await? else {
            if self.bad_rows > 0 {
                let rows = if self.bad_rows == 1 {
                    "1 row of the ledger is"
                } else {
                    &format!("{} rows of the ledger are", self.bad_rows)
                };
                let named = "`dunningd check` and `dunningd status` name what is wrong.";
                self.notes.push(format!("{rows} bad: what is owed may be missing here. {named}"));
                self.bad_rows = 0;
            }
            return Ok(None);
        };
        let mut since = facts::customers_since(&mut self.tx, page.whose()).await?;
        facts::note_issue_dates(&mut since, &page.snapshot);
        self.bad_rows += page.snapshot.bad_rows.len();
        Ok(Some((page.snapshot, since)))
    }
}

/// What was received for each invoice that is in the ledger, in the invoice's own currency: the day and the amount.
pub(super) fn payments(ledger: &Snapshot) -> HashMap<&str, Vec<(NaiveDate, Decimal)>> {
    let mut paid: HashMap<&str, Vec<(NaiveDate, Decimal)>> = HashMap::new();
    for payment in &ledger.payments {
        let invoice = payment.invoice_id.as_deref().and_then(|id| ledger.invoices.get(id));
        if let Some(invoice) = invoice.filter(|i| i.currency == payment.currency) {
            paid.entry(&invoice.id).or_default().push((payment.received_on, payment.amount));
        }
    }
    paid
}

fn of_now(invoices: u32, on: NaiveDate) -> Option<String> {
    let (invoices, has) = match invoices {
        0 => return None,
        1 => ("1 invoice has".to_owned(), "its balance"),
        n => (format!("{n} invoices have"), "their balances"),
    };
    Some(format!(
        "{invoices} payments after {on}, but the ledger gives {has} itself, as of now: such a balance is not taken back to {on} (L6)."
    ))
}
