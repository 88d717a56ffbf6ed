//! CSV files, as RFC 4180 has them and as spreadsheets write them (L4), read as a stream in constant memory.
//!
//! `encoding` gives UTF-8 bytes, `records` cuts them into cells, `table` finds the delimiter and the header and watches
//! over the rows' width, and [`Rows`] reads each row by the rules of [`super::rows`]. No database here.

mod below;
mod encoding;
mod records;
mod table;

use std::io;
use std::marker::PhantomData;
use std::path::Path;

use super::columns::HeaderError;
use super::model::{Customer, Payment};
use super::record::{Fault, Fields, Record};
use super::rows::{InvoiceRow, LedgerRow};
use super::settings::Import;
use super::tally::Tally;
use super::validate::Ids;
use super::values::Spelling;
pub(super) use encoding::Text;
pub(super) use records::Records;
pub(super) use table::flaw_text;
use table::{Line, Table};

/// Why a file as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    #[error("{file}: it cannot be read: {source}")]
    Unreadable { file: String, source: io::Error },
    #[error("{file}: it is {what}, not CSV; save or export it as \"CSV UTF-8\" first")]
    NotCsv { file: String, what: &'static str },
    #[error("{file}: it is empty; its first line has to name the columns")]
    Empty { file: String },
    #[error("{file}:{line}: the header line cannot be read: {problem}")]
    HeaderLine { file: String, line: u64, problem: String },
    #[error("{file}:{line}: {source}")]
    Columns { file: String, line: u64, source: HeaderError },
}

/// The usable rows of one file, each with its line. Bad rows are counted and named in the tally, and reading goes on.
#[derive(Debug)]
pub struct Rows<T> {
    table: Table,
    spelling: Spelling,
    record: Record,
    ids: Ids,
    left_out: Vec<String>,
    tally: Tally,
    row: PhantomData<fn() -> T>,
}

impl<T: LedgerRow> Rows<T> {
    /// Opens a file and reads its header line.
    ///
    /// # Errors
    /// When the file cannot be read, is no CSV, or lacks a needed column.
    pub fn open(path: &Path, settings: &Import) -> Result<Self, CsvError> {
        Ok(Self {
            table: Table::open(path, settings, T::SET)?,
            spelling: settings.spelling(),
            record: Record::default(),
            ids: Ids::default(),
            left_out: Vec::new(),
            tally: Tally::of(T::SET),
            row: PhantomData,
        })
    }

    /// The bytes of the file read so far, for a progress bar.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.table.bytes_read()
    }

    /// The rows so far, and the bad ones among them; whole when the iterator has ended.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The ids of the rows that were left out: the file names them all the same (L5).
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The tally, to be kept.
    #[must_use]
    pub fn into_tally(self) -> Tally {
        self.tally
    }

    fn row(&mut self, line: Line) -> Result<T, Fault> {
        if let Some(fault) = line.fault {
            return Err(fault);
        }
        let fields = Fields { header: self.table.header(), record: &self.record };
        if let Some(id) = fields.get("id") {
            self.ids
                .enter(id, line.first)
                .map_err(|first| Fault::new("id", id, format!("line {first} has the same id; an id is never used twice")))?;
        }
        T::read(&fields, &self.spelling)
    }
}

impl<T: LedgerRow> Iterator for Rows<T> {
    type Item = Result<(T, u64), CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.table.next(&mut self.record) {
                Ok(line) => line?,
                Err(error) => return Some(Err(error)),
            };
            let (first, rows) = (line.first, line.rows());
            self.tally.rows += rows;
            match self.row(line) {
                Ok(row) => return Some(Ok((row, first))),
                Err(fault) => {
                    self.left_out
                        .extend(Fields { header: self.table.header(), record: &self.record }.get("id").map(str::to_owned));
                    self.tally.leave_out_many(fault.at(T::SET, self.table.place(first)), rows);
                }
            }
        }
    }
}

/// Reads a file of customers, each with its line; `progress` is told the bytes read.
///
/// # Errors
/// See [`CsvError`]; bad rows are no error, they are in the tally.
pub fn read_customers(
    path: &Path,
    settings: &Import,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(Customer, u64),
) -> Result<Tally, CsvError> {
    read(path, settings, progress, each)
}

/// Reads a file of invoices, as [`read_customers`].
///
/// # Errors
/// See [`CsvError`].
pub fn read_invoices(
    path: &Path,
    settings: &Import,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(InvoiceRow, u64),
) -> Result<Tally, CsvError> {
    read(path, settings, progress, each)
}

/// Reads a file of payments, as [`read_customers`].
///
/// # Errors
/// See [`CsvError`].
pub fn read_payments(
    path: &Path,
    settings: &Import,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(Payment, u64),
) -> Result<Tally, CsvError> {
    read(path, settings, progress, each)
}

fn read<T: LedgerRow>(
    path: &Path,
    settings: &Import,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(T, u64),
) -> Result<Tally, CsvError> {
    let mut rows = Rows::<T>::open(path, settings)?;
    let mut told = 0;
    while let Some(row) = rows.next() {
        let (row, line) = row?;
        each(row, line);
        if rows.bytes_read() != told {
            told = rows.bytes_read();
            progress(told);
        }
    }
    progress(rows.bytes_read());
    Ok(rows.into_tally())
}

#[cfg(test)]
mod tests;
