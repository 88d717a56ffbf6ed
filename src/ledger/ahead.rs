//! Reads a file while the database writes what was read before.

use std::collections::HashSet;
use std::path::Path;

use tokio::sync::mpsc::Sender;

use super::csv::{CsvError, Rows};
use super::settings::Import;
use super::stored::Stored;
use crate::database::Val;

/// How many rows go to the database at once.
pub(super) const CHUNK: usize = 512;

/// A part of a file, and the bytes read up to there.
pub(super) type Chunk<T> = (Vec<Ready<T>>, u64);

/// A row on its way into its table.
pub(super) struct Ready<T> {
    pub(super) row: T,
    pub(super) customer_is_known: bool,
    pub(super) values: Vec<Val>,
    /// File and line.
    pub(super) place: String,
}

impl<T: Stored> Ready<T> {
    pub(super) fn new(row: T, place: String, customers: &HashSet<String>) -> Self {
        let customer_is_known = row.customer().is_none_or(|id| customers.contains(id));
        Self { values: row.values(), customer_is_known, row, place }
    }
}

/// Reads a file, and hands over its rows as long as somebody wants them.
pub(super) fn chunks<T: Stored>(
    path: &Path,
    settings: &Import,
    customers: &HashSet<String>,
    to: &Sender<Chunk<T>>,
) -> Result<Rows<T>, CsvError> {
    let mut rows = Rows::<T>::open(path, settings)?;
    let shown = path.display().to_string();
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        for next in rows.by_ref().take(CHUNK) {
            let (row, line) = next?;
            chunk.push(Ready::new(row, format!("{shown}:{line}"), customers));
        }
        if chunk.is_empty() || to.blocking_send((chunk, rows.bytes_read())).is_err() {
            return Ok(rows);
        }
    }
}
