//! `dunningd import`: CSV files into the own ledger, in one transaction, and twice is once (L5).

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc::channel;

use super::ahead::{self, CHUNK, Ready};
use super::csv::CsvError;
use super::model::{Customer, Payment};
use super::profile::{Profile, Translated};
use super::rows::InvoiceRow;
use super::settings::{Import, MaxBadRows};
use super::stored::{Known, Stored, upsert};
use super::tally::{Tally, TooManyBadRows};
use super::validate::Identity;
use crate::database::{Bulk, Column, DatabaseError, Row, TakenOff, Tx, text};
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
    tx.spread(true).await?;
    let mut work =
        Work { tx, settings, max_bad_rows, replace, progress, customers: Arc::default(), source: None, is_first: false };
    let done = work.sets(files).await;
    // Also after a failure, which is what is told then.
    let narrow = tx.spread(false).await;
    let done = done?;
    narrow?;
    Ok(done)
}

/// What an import with a profile does to the ledger beside the three sets.
#[derive(Debug)]
pub struct ByProfile {
    pub sets: Vec<Imported>,
    /// What a person should know, as sentences.
    pub remarks: Vec<String>,
}

/// Reads files with a profile into the own ledger. Customers that are known keep what the files say nothing of. If the files
/// have all that is open (`complete`), what came by the same profile and is no longer named is closed: an invoice becomes
/// void, and nobody is thanked (L5). Nothing is durable before the caller commits.
///
/// # Errors
/// As [`import`].
pub async fn import_by(
    tx: &mut Tx,
    profile: &Profile,
    found: Translated,
    max_bad_rows: MaxBadRows,
) -> Result<ByProfile, ImportError> {
    found.tally.check(max_bad_rows)?;
    let settings = Import::default();
    let mut progress = |_: &'static str, _: u64| {};
    let source = Some(profile.name.as_str());
    let replace = profile.file.complete;
    let mut work = Work {
        tx,
        settings: &settings,
        max_bad_rows,
        replace,
        progress: &mut progress,
        customers: Arc::default(),
        source,
        is_first: false,
    };
    let Translated { customers, invoices, payments, closed, left_out, tally, remarks } = found;
    let mut sets = vec![work.rows("customers", customers, &[], None).await?];
    work.know_customers().await?;
    sets.push(work.rows("invoices", invoices, &left_out, Some(tally)).await?);
    for (id, status) in closed {
        let sql = "UPDATE ledger_invoice SET status = $1 WHERE id = $2 AND status <> $1";
        if let Some(set) = sets.last_mut() {
            set.gone += work.tx.exec(sql, vals![status.word(), id]).await?;
        }
    }
    sets.push(work.rows("payments", payments, &left_out, None).await?);
    Ok(ByProfile { sets, remarks })
}

/// From so many bytes on it pays to fill a table without its indexes.
const LARGE: u64 = 256 << 10;

struct Work<'a> {
    tx: &'a mut Tx,
    settings: &'a Import,
    max_bad_rows: MaxBadRows,
    replace: bool,
    progress: &'a mut (dyn FnMut(&'static str, u64) + Send),
    /// The ids of the known customers.
    customers: Arc<HashSet<String>>,
    /// The profile that the rows come by.
    source: Option<&'a str>,
    /// Before this set there was no row in its table: none of its ids has stood for another one.
    is_first: bool,
}

impl Work<'_> {
    async fn sets(&mut self, files: Files<'_>) -> Result<Vec<Imported>, ImportError> {
        let mut done = Vec::new();
        if let Some(path) = files.customers {
            done.push(self.set::<Customer>(path).await?);
        }
        self.know_customers().await?;
        if let Some(path) = files.invoices {
            done.push(self.set::<InvoiceRow>(path).await?);
        }
        if let Some(path) = files.payments {
            done.push(self.set::<Payment>(path).await?);
        }
        Ok(done)
    }

    async fn know_customers(&mut self) -> Result<(), DatabaseError> {
        let rows = self.tx.many(&["id"], "ledger_customer", vec![]).await?;
        self.customers = Arc::new(rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?);
        Ok(())
    }

    async fn set<T: Stored>(&mut self, path: &Path) -> Result<Imported, ImportError> {
        self.begin(T::TABLE).await?;
        let large = std::fs::metadata(path).is_ok_and(|file| file.len() > LARGE);
        let taken = if self.is_first && large { self.tx.lay_bare(T::TABLE).await? } else { TakenOff::default() };
        // The file is read ahead while the database writes.
        let (to, mut read) = channel(2);
        let (path, shown, settings) = (path.to_owned(), path.display().to_string(), self.settings.clone());
        let customers = Arc::clone(&self.customers);
        let reader = tokio::task::spawn_blocking(move || ahead::chunks::<T>(&path, &settings, &customers, &to));
        let (mut faults, mut changed) = (Vec::new(), 0);
        while let Some((mut chunk, bytes)) = read.recv().await {
            changed += self.store(&mut chunk, &mut faults).await?;
            (self.progress)(T::SET.name, bytes);
        }
        let rows = reader.await.unwrap_or_else(|e| Err(CsvError::Unreadable { file: shown, source: io::Error::other(e) }))?;
        if !taken.is_nothing() {
            self.tx.put_on(taken).await?;
            self.tx.exec(T::WAKE, vec![]).await?;
        }
        self.name(rows.left_out()).await?;
        self.end::<T>(rows.into_tally(), faults, changed).await
    }

    /// Rows that have been read already. `tally`: that of what they were read from; without one they are counted here.
    async fn rows<T: Stored>(
        &mut self,
        set: &'static str,
        rows: Vec<(T, String)>,
        left_out: &[String],
        tally: Option<Tally>,
    ) -> Result<Imported, ImportError> {
        self.begin(T::TABLE).await?;
        let mut tally = tally.unwrap_or(Tally { set, rows: rows.len() as u64, bad_rows: 0, bad: Vec::new() });
        // The documents that are payments are counted with those.
        tally.rows = tally.bad_rows + rows.len() as u64;
        let (mut faults, mut changed) = (Vec::new(), 0);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut chunk: Vec<Ready<T>> =
                rows.by_ref().take(CHUNK).map(|(row, place)| Ready::new(row, place, &self.customers)).collect();
            changed += self.store(&mut chunk, &mut faults).await?;
        }
        self.name(left_out).await?;
        self.end::<T>(tally, faults, changed).await
    }

    async fn begin(&mut self, table: &str) -> Result<(), DatabaseError> {
        if self.replace {
            self.tx.exec("CREATE TEMP TABLE IF NOT EXISTS named (id TEXT PRIMARY KEY)", vec![]).await?;
            self.tx.exec("DELETE FROM named", vec![]).await?;
        }
        self.is_first =
            self.source.is_none() && self.tx.first(&format!("SELECT 1 AS n FROM {table} LIMIT 1"), vec![]).await?.is_none();
        Ok(())
    }

    async fn end<T: Stored>(
        &mut self,
        mut tally: Tally,
        faults: Vec<super::BadRow>,
        changed: u64,
    ) -> Result<Imported, ImportError> {
        faults.into_iter().for_each(|bad| tally.leave_out(bad));
        tally.check(self.max_bad_rows)?;
        let gone = match self.source {
            _ if !self.replace => 0,
            None => self.tx.exec(T::GONE, vec![]).await?,
            // Customers stay: they owe nothing, and somebody may have given their addresses.
            Some(_) if T::TABLE == "ledger_customer" => 0,
            Some(source) => self.tx.exec(&format!("{} AND source = $1", T::GONE), vals![source]).await?,
        };
        if self.replace {
            self.tx.exec("DROP TABLE named", vec![]).await?;
        }
        Ok(Imported { tally, changed, gone })
    }

    async fn store<T: Stored>(&mut self, chunk: &mut Vec<Ready<T>>, faults: &mut Vec<super::BadRow>) -> Result<u64, ImportError> {
        let ids: Vec<&str> = chunk.iter().map(|r| r.row.id()).collect();
        let asked: Vec<&str> = chunk.iter().flat_map(|r| r.row.asks_for()).collect();
        let mut known = Known { invoices: self.identities("ledger_invoice", &asked).await?, ..Known::default() };
        if T::TABLE != "ledger_customer" && !self.is_first {
            known.same = self.identities(T::TABLE, &ids).await?;
        }
        self.name(&ids).await?;
        let mut good = Bulk::new(T::COLUMNS);
        for Ready { row, customer_is_known, mut values, place } in chunk.drain(..) {
            match row.check(customer_is_known, &known) {
                Ok(()) => {
                    values.extend(vals![self.source, place]);
                    good.push(values);
                }
                Err(fault) => faults.push(fault.at(T::SET, place)),
            }
        }
        let keeps = self.source.is_some() && T::TABLE == "ledger_customer";
        Ok(self.tx.exec_bulk(&upsert(T::TABLE, T::COLUMNS, keeps), good, vec![]).await?)
    }

    /// Notes ids that the file names, those of rows that are left out included: a row that cannot be used does not void
    /// its invoice (L5).
    async fn name(&mut self, ids: &[impl AsRef<str> + Sync]) -> Result<(), DatabaseError> {
        if !self.replace {
            return Ok(());
        }
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
