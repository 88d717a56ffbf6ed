//! `dunningd import`: CSV files into the own ledger, in one transaction, and twice is once (L5).

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::json;

use super::csv::{CsvError, Rows};
use super::model::{Customer, Payment};
use super::rows::InvoiceRow;
use super::settings::{Import, MaxBadRows};
use super::stored::{Known, Stored};
use super::tally::{Tally, TooManyBadRows};
use super::validate::Identity;
use crate::database::{Bulk, Column, DatabaseError, Row, Tx, text};
use crate::vals;

/// The files of one import; a set that is not named stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files<'a> {
    pub customers: Option<&'a Path>,
    pub invoices: Option<&'a Path>,
    pub payments: Option<&'a Path>,
}

/// Why an import changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error(transparent)]
    TooManyBadRows(#[from] TooManyBadRows),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What an import did to one set.
#[derive(Debug, Clone)]
pub struct Imported {
    pub tally: Tally,
    /// Rows that are new or differ from before.
    pub changed: u64,
    /// `replace`: rows that the file no longer names.
    pub gone: u64,
}

/// Reads the files into the tables of the own ledger. `progress` is told the set and the bytes read of its file. Nothing
/// is durable before the caller commits.
///
/// # Errors
/// A file that cannot be read, more bad rows than may be (L3), or the database's own.
pub async fn import(
    tx: &mut Tx,
    files: Files<'_>,
    settings: &Import,
    max_bad_rows: MaxBadRows,
    replace: bool,
    progress: &mut (dyn FnMut(&'static str, u64) + Send),
) -> Result<Vec<Imported>, ImportError> {
    let mut done = Vec::new();
    let mut work = Work { tx, settings, max_bad_rows, replace, progress, customers: HashSet::new() };
    if let Some(path) = files.customers {
        done.push(work.set::<Customer>(path).await?);
    }
    for row in work.tx.all("SELECT id FROM ledger_customer", vec![]).await? {
        work.customers.insert(row.text("id")?);
    }
    if let Some(path) = files.invoices {
        done.push(work.set::<InvoiceRow>(path).await?);
    }
    if let Some(path) = files.payments {
        done.push(work.set::<Payment>(path).await?);
    }
    Ok(done)
}

/// How many rows go to the database at once.
const CHUNK: usize = 500;

struct Work<'a> {
    tx: &'a mut Tx,
    settings: &'a Import,
    max_bad_rows: MaxBadRows,
    replace: bool,
    progress: &'a mut (dyn FnMut(&'static str, u64) + Send),
    /// The ids of the known customers.
    customers: HashSet<String>,
}

impl Work<'_> {
    async fn set<T: Stored>(&mut self, path: &Path) -> Result<Imported, ImportError> {
        self.tx.exec("CREATE TEMP TABLE IF NOT EXISTS named (id TEXT PRIMARY KEY)", vec![]).await?;
        self.tx.exec("DELETE FROM named", vec![]).await?;
        let mut rows = Rows::<T>::open(path, self.settings)?;
        let (mut chunk, mut faults, mut changed) = (Vec::with_capacity(CHUNK), Vec::new(), 0);
        loop {
            let next = rows.next().transpose()?;
            let last = next.is_none();
            chunk.extend(next);
            if chunk.len() == CHUNK || (last && !chunk.is_empty()) {
                changed += self.store(path, &mut chunk, &mut faults).await?;
                (self.progress)(T::SET.name, rows.bytes_read());
            }
            if last {
                break;
            }
        }
        self.name(rows.left_out()).await?;
        let mut tally = rows.into_tally();
        faults.into_iter().for_each(|bad| tally.leave_out(bad));
        tally.check(self.max_bad_rows)?;
        let gone = if self.replace { self.tx.exec(T::GONE, vec![]).await? } else { 0 };
        self.tx.exec("DROP TABLE named", vec![]).await?;
        Ok(Imported { tally, changed, gone })
    }

    async fn store<T: Stored>(
        &mut self,
        path: &Path,
        chunk: &mut Vec<(T, u64)>,
        faults: &mut Vec<super::BadRow>,
    ) -> Result<u64, ImportError> {
        let ids: Vec<&str> = chunk.iter().map(|(r, _)| r.id()).collect();
        let asked: Vec<&str> = chunk.iter().flat_map(|(r, _)| r.asks_for()).collect();
        let mut known = Known { invoices: self.identities("ledger_invoice", &asked).await?, ..Known::default() };
        if T::TABLE != "ledger_customer" {
            known.same = self.identities(T::TABLE, &ids).await?;
        }
        self.name(&ids).await?;
        let mut good = Bulk::new(T::COLUMNS);
        for (row, line) in chunk.drain(..) {
            match row.check(&self.customers, &known) {
                Ok(()) => good.push(row.values()),
                Err(fault) => faults.push(fault.at(T::SET, format!("{}:{line}", path.display()))),
            }
        }
        Ok(self.tx.exec_bulk(&upsert(T::TABLE, T::COLUMNS), good, vec![]).await?)
    }

    /// Notes ids that the file names, those of rows that are left out included: a row that cannot be used does not void
    /// its invoice (L5).
    async fn name(&mut self, ids: &[impl AsRef<str> + Sync]) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO named (id) SELECT r.id FROM {rows} r WHERE true ON CONFLICT DO NOTHING";
        const COLUMNS: &[Column] = &[text("id")];
        let mut rows = Bulk::new(COLUMNS);
        ids.iter().for_each(|id| rows.push(vals![id.as_ref()]));
        self.tx.exec_bulk(sql, rows, vec![]).await?;
        Ok(())
    }

    async fn identities(&mut self, table: &str, ids: &[&str]) -> Result<HashMap<String, Identity>, DatabaseError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!("SELECT id, customer_id, currency FROM {table} WHERE id IN ($1[])");
        let rows = self.tx.all(&sql, vals![json!(ids).to_string()]).await?;
        let identity = |r: &Row| {
            let identity = Identity { customer_id: r.text("customer_id")?, currency: r.parsed("currency", "a currency")? };
            Ok((r.text("id")?, identity))
        };
        rows.iter().map(identity).collect()
    }
}

/// Inserts rows; those that are there already are changed only where they differ, so that the count of changed rows is
/// true.
fn upsert(table: &str, columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(Column::name).collect();
    let values: Vec<String> = names.iter().map(|c| format!("r.{c}")).collect();
    let sets: Vec<String> = names[1..].iter().map(|c| format!("{c} = excluded.{c}")).collect();
    let differs: Vec<String> = names[1..].iter().map(|c| format!("{table}.{c} IS DISTINCT FROM excluded.{c}")).collect();
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {{rows}} r WHERE true ON CONFLICT (id) DO UPDATE SET {} WHERE {}",
        names.join(", "),
        values.join(", "),
        sets.join(", "),
        differs.join(" OR ")
    )
}
