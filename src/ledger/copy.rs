//! A copy of the accounts as one read has found them: usable rows, customer by customer, in a file that has no name and
//! goes with the process. Whoever plans or writes looks at some customers at a time, and a ledger of any size takes the
//! same memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::columns::{CUSTOMERS, Header, INVOICES, PAYMENTS, Set};
use super::model::{BadRow, Customer, Payment, Snapshot};
use super::own;
use super::record::{Fields, Record};
use super::rows::{InvoiceRow, LedgerRow};
use super::values::Spelling;

/// Up to so many bytes there is no file.
const ROOM: usize = 4 << 20;
/// So many customers stand on a page.
pub(super) const CUSTOMERS_A_PAGE: usize = 500;

/// The columns of the three queries.
#[derive(Debug, Clone)]
pub(super) struct Headers {
    pub(super) customers: Header,
    pub(super) invoices: Header,
    pub(super) payments: Header,
}

/// The copy of one read.
#[derive(Debug)]
pub struct Copied {
    kept: Kept,
    pages: Vec<Bounds>,
    /// `None`: there are no rows.
    headers: Option<Headers>,
    /// The rows that were left out (L2).
    pub bad_rows: Vec<BadRow>,
    /// Up to which day the payments are complete, as far as the accounts say (L10).
    pub payments_as_of: Option<NaiveDate>,
}

/// Where a page lies, and its first and last customer.
#[derive(Debug)]
struct Bounds {
    first: String,
    last: String,
    begin: u64,
    length: usize,
}

#[derive(Debug)]
enum Kept {
    Memory(Vec<u8>),
    File(File, u64),
}

/// A row on a page: to which set it belongs, and the number under which it came.
const MARK: usize = 1 + 8 + 4;

impl Copied {
    /// One without any customer.
    #[must_use]
    pub fn empty() -> Self {
        Self { kept: Kept::Memory(Vec::new()), pages: Vec::new(), headers: None, bad_rows: Vec::new(), payments_as_of: None }
    }

    /// How many pages there are: at least one, perhaps with nobody on it.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages.len().max(1)
    }

    /// The last customer of a page; `None`: everybody who comes later belongs to it, too.
    #[must_use]
    pub fn last_of(&self, page: usize) -> Option<&str> {
        self.pages.get(page).filter(|_| page + 1 < self.pages.len()).map(|bounds| bounds.last.as_str())
    }

    /// The picture of a page's customers. The first one has the rows that were left out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn page(&self, page: usize) -> io::Result<Snapshot> {
        let bad_rows = if page == 0 { self.bad_rows.clone() } else { Vec::new() };
        let mut rows = Rows::default();
        if let Some(bounds) = self.pages.get(page) {
            self.add(bounds, &mut rows)?;
        }
        Ok(Snapshot { payments_as_of: self.payments_as_of, ..rows.into_snapshot(bad_rows) })
    }

    /// The picture of everybody. The payments stand in the order in which they came.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn whole(&self) -> io::Result<Snapshot> {
        let mut rows = Rows::default();
        self.pages.iter().try_for_each(|bounds| self.add(bounds, &mut rows))?;
        Ok(Snapshot { payments_as_of: self.payments_as_of, ..rows.into_snapshot(self.bad_rows.clone()) })
    }

    /// The picture of some customers, and perhaps of their neighbours.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of<'a>(&self, customers: impl IntoIterator<Item = &'a str>) -> io::Result<Snapshot> {
        let place = |id: &str| {
            let page = self.pages.partition_point(|bounds| bounds.last.as_str() < id);
            self.pages.get(page).is_some_and(|bounds| bounds.first.as_str() <= id).then_some(page)
        };
        let wanted: BTreeSet<usize> = customers.into_iter().filter_map(place).collect();
        let mut rows = Rows::default();
        wanted.iter().filter_map(|page| self.pages.get(*page)).try_for_each(|bounds| self.add(bounds, &mut rows))?;
        Ok(Snapshot { payments_as_of: self.payments_as_of, ..rows.into_snapshot(Vec::new()) })
    }

    fn add(&self, bounds: &Bounds, rows: &mut Rows) -> io::Result<()> {
        let Some(headers) = &self.headers else { return Ok(()) };
        let read;
        let bytes = match &self.kept {
            Kept::Memory(all) => usize::try_from(bounds.begin).ok().and_then(|at| all.get(at..at + bounds.length)),
            Kept::File(file, _) => {
                let mut buffer = vec![0; bounds.length];
                file.read_exact_at(&mut buffer, bounds.begin)?;
                read = buffer;
                Some(read.as_slice())
            }
        };
        let (mut rest, mut record) = (bytes.ok_or_else(broken)?, Record::default());
        while let Some((mark, after)) = rest.split_first_chunk::<MARK>() {
            let [set, number @ .., a, b, c, d] = *mark;
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            let (row, next) = after.split_at_checked(length).ok_or_else(broken)?;
            record.unpack(row).ok_or_else(broken)?;
            rows.take(headers, set, u64::from_le_bytes(number), &record)?;
            rest = next;
        }
        Ok(())
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the copy of the accounts is not what was written")
}

/// Rows that are read back.
#[derive(Default)]
struct Rows {
    customers: Vec<Customer>,
    invoices: Vec<InvoiceRow>,
    payments: Vec<(u64, Payment)>,
}

impl Rows {
    fn take(&mut self, headers: &Headers, set: u8, number: u64, record: &Record) -> io::Result<()> {
        fn read<T: LedgerRow>(header: &Header, record: &Record) -> io::Result<T> {
            T::read(&Fields { header, record }, &Spelling::of_queries()).map_err(|_| broken())
        }
        match set {
            0 => self.customers.push(read(&headers.customers, record)?),
            1 => self.invoices.push(read(&headers.invoices, record)?),
            _ => self.payments.push((number, read(&headers.payments, record)?)),
        }
        Ok(())
    }

    fn into_snapshot(mut self, bad_rows: Vec<BadRow>) -> Snapshot {
        self.payments.sort_by_key(|(number, _)| *number);
        own::assemble(self.customers, self.invoices, self.payments.into_iter().map(|(_, p)| p).collect(), bad_rows)
    }
}

/// Writes a copy: customers by their ids, each with the rows that are theirs.
#[derive(Debug)]
pub(super) struct Writer {
    folder: PathBuf,
    copy: Copied,
    page: Vec<u8>,
    first: Option<String>,
    last: String,
}

impl Writer {
    /// One whose file lies in a folder, if it needs one.
    pub(super) fn new(folder: &Path, headers: Headers) -> Self {
        let copy = Copied { headers: Some(headers), ..Copied::empty() };
        Self { folder: folder.to_owned(), copy, page: Vec::new(), first: None, last: String::new() }
    }

    /// The next customer, whose own row follows.
    pub(super) fn customer(&mut self, id: &str) {
        self.first.get_or_insert_with(|| id.to_owned());
        id.clone_into(&mut self.last);
    }

    /// A row of that customer.
    pub(super) fn row(&mut self, set: &Set, number: u64, packed: &[u8]) {
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
    pub(super) fn end_page(&mut self) -> io::Result<()> {
        let Some(first) = self.first.take() else { return Ok(()) };
        if let Kept::Memory(all) = &mut self.copy.kept
            && all.len() + self.page.len() > ROOM
        {
            let file = tempfile::tempfile_in(&self.folder)?;
            file.write_all_at(all, 0)?;
            self.copy.kept = Kept::File(file, all.len() as u64);
        }
        let (last, length) = (std::mem::take(&mut self.last), self.page.len());
        let begin = match &mut self.copy.kept {
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
        self.copy.pages.push(Bounds { first, last, begin, length });
        self.page.clear();
        Ok(())
    }

    /// The copy.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn finish(mut self, bad_rows: Vec<BadRow>, payments_as_of: Option<NaiveDate>) -> io::Result<Copied> {
        self.end_page()?;
        Ok(Copied { bad_rows, payments_as_of, ..self.copy })
    }
}
