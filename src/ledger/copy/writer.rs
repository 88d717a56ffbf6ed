//! Writes a copy of the accounts, page by page of customers.

use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::{Book, Bounds, Copied, Headers, Kept};
use crate::ledger::columns::{CUSTOMERS, INVOICES, PAYMENTS, Set};
use crate::ledger::model::BadRow;

/// Up to so many bytes there is no file.
const ROOM: usize = 1 << 20;

/// Writes a copy: customers by their ids, each with the rows that are theirs.
#[derive(Debug)]
pub(in crate::ledger) struct Writer {
    folder: PathBuf,
    book: Book,
    page: Vec<u8>,
    first: Option<String>,
    last: String,
}

impl Writer {
    /// One whose file lies in a folder, if it needs one.
    pub(in crate::ledger) fn new(folder: &Path, headers: Headers) -> Self {
        let book = Book { kept: Kept::Memory(Vec::new()), pages: Vec::new(), headers: Some(headers) };
        Self { folder: folder.to_owned(), book, page: Vec::new(), first: None, last: String::new() }
    }

    /// The next customer, whose own row follows.
    pub(in crate::ledger) fn customer(&mut self, id: &str) {
        self.first.get_or_insert_with(|| id.to_owned());
        id.clone_into(&mut self.last);
    }

    /// A row of that customer.
    pub(in crate::ledger) fn row(&mut self, set: &Set, number: u64, packed: &[u8]) {
        let which = [&CUSTOMERS, &INVOICES, &PAYMENTS].iter().position(|s| *s == set).unwrap_or_default();
        self.page.push(u8::try_from(which).unwrap_or_default());
        self.page.extend_from_slice(&number.to_le_bytes());
        self.page.extend_from_slice(&u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.page.extend_from_slice(packed);
    }

    /// Ends the page.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(in crate::ledger) fn end_page(&mut self) -> io::Result<()> {
        let Some(first) = self.first.take() else { return Ok(()) };
        if let Kept::Memory(all) = &mut self.book.kept
            && all.len() + self.page.len() > ROOM
        {
            let file = tempfile::tempfile_in(&self.folder)?;
            file.write_all_at(all, 0)?;
            self.book.kept = Kept::File(file, all.len() as u64);
        }
        let (last, length) = (std::mem::take(&mut self.last), self.page.len());
        let begin = match &mut self.book.kept {
            Kept::Memory(all) => {
                let begin = all.len() as u64;
                all.extend_from_slice(&self.page);
                begin
            }
            Kept::File(file, end) => {
                let begin = *end;
                file.write_all_at(&self.page, begin)?;
                *end += length as u64;
                begin
            }
        };
        self.book.pages.push(Bounds { first, last, begin, length });
        self.page.clear();
        Ok(())
    }

    /// The copy.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(in crate::ledger) fn finish(mut self, bad_rows: Vec<BadRow>, payments_as_of: Option<NaiveDate>) -> io::Result<Copied> {
        self.end_page()?;
        Ok(Copied { bad_rows, payments_as_of, ..Copied::of_book(self.book) })
    }
}
