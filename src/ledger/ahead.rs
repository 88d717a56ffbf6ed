//! Reads a file while the database writes what was read before.

use std::path::Path;

use tokio::sync::mpsc::Sender;

use super::csv::{CsvError, Rows};
use super::settings::Import;
use super::stored::Stored;
use crate::database::Val;

/// How many rows go to the database at once.
pub(super) const CHUNK: usize = 500;

/// A part of a file, and the bytes read up to there.
pub(super) type Chunk<T> = (Vec<Ready<T>>, u64);

/// A row on its way into its table.
pub(super) struct Ready<T> {
    pub(super) row: T,
    pub(super) values: Vec<Val>,
    /// File and line.
    pub(super) place: String,
}

impl<T: Stored> Ready<T> {
    pub(super) fn new(row: T, place: String) -> Self {
        Self { values: row.values(), row, place }
    }
}

/// Reads a file, and hands over its rows as long as somebody wants them.
pub(super) fn chunks<T: Stored>(path: &Path, settings: &Import, to: &Sender<Chunk<T>>) -> Result<Rows<T>, CsvError> {
    let mut rows = Rows::<T>::open(path, settings)?;
    let shown = path.display().to_string();
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        for next in rows.by_ref().take(CHUNK) {
            let (row, line) = next?;
            chunk.push(Ready::new(row, format!("{shown}:{line}")));
        }
        if chunk.is_empty() || to.blocking_send((chunk, rows.bytes_read())).is_err() {
            return Ok(rows);
        }
    }
}
