//! A copy of the accounts as one read has found them: usable rows, customer by customer, in a file that has no name and
//! goes with the process. Whoever plans or writes looks at some customers at a time, and a ledger of any size takes the
//! same memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use chrono::NaiveDate;

use super::columns::Header;
use super::model::{BadRow, Customer, Payment, Snapshot};
use super::own;
use super::record::{Fields, Record};
use super::rows::{InvoiceRow, LedgerRow};
use super::values::Spelling;

/// So many customers stand on a page.
pub(super) const CUSTOMERS_A_PAGE: usize = 500;

mod writer;

pub(super) use writer::Writer;

/// The columns of the three queries.
#[derive(Debug, Clone)]
pub(super) struct Headers {
    pub(super) customers: Header,
    pub(super) invoices: Header,
    pub(super) payments: Header,
}

/// The copy of one read, with what was seen of some customers since.
#[derive(Debug, Clone)]
pub struct Copied {
    book: Arc<Book>,
    newer: Option<Arc<Newer>>,
    /// From when on a later look asks for changes, by the accounts' own clock (L8).
    pub since: Option<String>,
    /// The rows that were left out (L2).
    pub bad_rows: Vec<BadRow>,
    /// Up to which day the payments are complete, as far as the accounts say (L10).
    pub payments_as_of: Option<NaiveDate>,
}

/// The rows of one read.
#[derive(Debug)]
struct Book {
    kept: Kept,
    pages: Vec<Bounds>,
    /// `None`: there are no rows.
    headers: Option<Headers>,
}

/// Customers of whom there is a newer picture.
#[derive(Debug)]
struct Newer {
    customers: BTreeSet<String>,
    found: Snapshot,
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
        Self::of_book(Book { kept: Kept::Memory(Vec::new()), pages: Vec::new(), headers: None })
    }

    fn of_book(book: Book) -> Self {
        Self { book: Arc::new(book), newer: None, since: None, bad_rows: Vec::new(), payments_as_of: None }
    }

    /// The same with a newer picture of these customers.
    #[must_use]
    pub fn with(&self, customers: &BTreeSet<String>, found: Snapshot) -> Self {
        let payments_as_of = found.payments_as_of;
        let newer = match &self.newer {
            Some(before) => Newer {
                customers: before.customers.union(customers).cloned().collect(),
                found: before.found.with(customers, found),
            },
            None => Newer { customers: customers.clone(), found },
        };
        Self { newer: Some(Arc::new(newer)), payments_as_of, ..self.clone() }
    }

    /// Of how many customers there is a newer picture than that of the read.
    #[must_use]
    pub fn newer(&self) -> usize {
        self.newer.as_ref().map_or(0, |newer| newer.customers.len())
    }

    /// What was read, with the newer pictures of those customers that are meant.
    fn renewed(&self, read: Snapshot, is_meant: impl Fn(&String) -> bool) -> Snapshot {
        let read = match &self.newer {
            None => read,
            Some(newer) => {
                let customers: BTreeSet<String> = newer.customers.iter().filter(|id| is_meant(id)).cloned().collect();
                read.with(&customers, newer.found.of(&customers))
            }
        };
        Snapshot { payments_as_of: self.payments_as_of, ..read }
    }

    /// How many pages there are: at least one, perhaps with nobody on it.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.book.pages.len().max(1)
    }

    /// The last customer of a page; `None`: everybody who comes later belongs to it, too.
    #[must_use]
    pub fn last_of(&self, page: usize) -> Option<&str> {
        self.book.pages.get(page).filter(|_| page + 1 < self.book.pages.len()).map(|bounds| bounds.last.as_str())
    }

    /// The picture of a page's customers. The first one has the rows that were left out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn page(&self, page: usize) -> io::Result<Snapshot> {
        let bad_rows = if page == 0 { self.bad_rows.clone() } else { Vec::new() };
        let mut rows = Rows::default();
        if let Some(bounds) = self.book.pages.get(page) {
            self.book.add(bounds, &mut rows)?;
        }
        let (after, upto) = (page.checked_sub(1).and_then(|before| self.last_of(before)), self.last_of(page));
        let is_here = |id: &String| after.is_none_or(|after| id.as_str() > after) && upto.is_none_or(|upto| id.as_str() <= upto);
        Ok(self.renewed(rows.into_snapshot(bad_rows), is_here))
    }

    /// The picture of everybody. The payments stand in the order in which they came.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn whole(&self) -> io::Result<Snapshot> {
        let mut rows = Rows::default();
        self.book.pages.iter().try_for_each(|bounds| self.book.add(bounds, &mut rows))?;
        Ok(self.renewed(rows.into_snapshot(self.bad_rows.clone()), |_| true))
    }

    /// The picture of some customers, and perhaps of their neighbours.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of(&self, customers: &BTreeSet<String>) -> io::Result<Snapshot> {
        let pages = &self.book.pages;
        let place = |id: &String| {
            let page = pages.partition_point(|bounds| bounds.last < *id);
            pages.get(page).is_some_and(|bounds| bounds.first <= *id).then_some(page)
        };
        let wanted: BTreeSet<usize> = customers.iter().filter_map(place).collect();
        let mut rows = Rows::default();
        wanted.iter().filter_map(|page| pages.get(*page)).try_for_each(|bounds| self.book.add(bounds, &mut rows))?;
        Ok(self.renewed(rows.into_snapshot(Vec::new()), |id| customers.contains(id)))
    }
}

impl Book {
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
