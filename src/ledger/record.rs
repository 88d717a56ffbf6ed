//! One record of a source: its cells as text, by the names of the columns; and what is said when one cannot be used.

use std::collections::BTreeMap;

use super::columns::{Header, Set};
use super::model::BadRow;

/// The cells of one row, in the order of the source's columns. Made to be used again for the next row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// Takes all cells out.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a cell; a null of a query is an empty one.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// The cell at a position, without white space around it.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.text.get(start..end).map(str::trim)
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All cells in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Writes the cells behind what is there, so that [`Record::unpack`] reads them.
    pub(super) fn pack(&self, into: &mut Vec<u8>) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        into.extend_from_slice(&number(self.ends.len()));
        self.ends.iter().for_each(|end| into.extend_from_slice(&number(*end)));
        into.extend_from_slice(self.text.as_bytes());
    }

    /// Takes the cells that were packed; `None`: these are none.
    pub(super) fn unpack(&mut self, packed: &[u8]) -> Option<()> {
        self.clear();
        let (cells, rest) = packed.split_first_chunk::<4>()?;
        let (ends, text) = rest.split_at_checked(u32::from_le_bytes(*cells) as usize * 4)?;
        self.ends.extend(ends.as_chunks::<4>().0.iter().map(|end| u32::from_le_bytes(*end) as usize));
        self.text.push_str(std::str::from_utf8(text).ok()?);
        Some(())
    }

    /// From bytes with the end of each cell. Gives the bytes back when they are not UTF-8.
    pub(super) fn fill(&mut self, text: Vec<u8>, ends: &[usize]) -> Result<(), Vec<u8>> {
        self.clear();
        self.text = String::from_utf8(text).map_err(std::string::FromUtf8Error::into_bytes)?;
        self.ends.extend_from_slice(ends);
        Ok(())
    }

    /// The buffer, for the next record.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        self.ends.clear();
        let mut buffer = std::mem::take(&mut self.text).into_bytes();
        buffer.clear();
        buffer
    }
}

/// A record with the names of its columns.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    pub header: &'a Header,
    pub record: &'a Record,
}

impl<'a> Fields<'a> {
    /// The value of a documented column; `None` when the source lacks it or the cell is empty.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&'a str> {
        self.header.place(column).and_then(|at| self.record.get(at)).filter(|v| !v.is_empty())
    }

    /// The values of the unknown columns that are not empty.
    #[must_use]
    pub fn extra(&self) -> BTreeMap<String, String> {
        let cells = self.header.extra().filter_map(|(name, at)| Some((name, self.record.get(at)?)));
        cells.filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
    }

    pub(super) fn text(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    pub(super) fn read<T>(&self, column: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, Fault> {
        self.get(column).map(|value| read(value).map_err(|problem| Fault::new(column, value, problem))).transpose()
    }

    pub(super) fn need<T>(&self, column: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Fault> {
        self.read(column, read)?.ok_or_else(|| Fault::new(column, "", "it is needed, and it is empty"))
    }
}

/// Why a row cannot be used (L2): the column, its value, the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub column: String,
    pub value: String,
    pub problem: String,
}

impl Fault {
    /// A fault; a long value is cut, since it is meant for a person.
    #[must_use]
    pub fn new(column: &str, value: &str, problem: impl Into<String>) -> Self {
        let mut shown: String = value.chars().take(80).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self { column: column.to_owned(), value: shown, problem: problem.into() }
    }

    /// The bad row at its place.
    #[must_use]
    pub fn at(self, set: &Set, place: impl Into<String>) -> BadRow {
        BadRow { set: set.name, place: place.into(), column: self.column, value: self.value, problem: self.problem }
    }
}
