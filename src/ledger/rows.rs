//! One record of a source, columns by name and values as text, to a row of the ledger. CSV files and query ledgers
//! share this: whatever makes a [`Record`] and a [`Header`] is read by the same rules (L2).

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

use super::columns::{CUSTOMERS, Header, INVOICES, PAYMENTS, Set};
use super::model::{BadRow, Customer, Invoice, Payment, Status};
use super::values::{self, Spelling};
use crate::address::EmailAddress;
use crate::money::Currency;

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

    fn text(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    fn read<T>(&self, column: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, Fault> {
        self.get(column).map(|value| read(value).map_err(|problem| Fault::new(column, value, problem))).transpose()
    }

    fn need<T>(&self, column: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Fault> {
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

/// What a row of one set is read to.
pub trait LedgerRow: Sized {
    /// The set and its columns.
    const SET: &'static Set;

    /// Reads a row.
    ///
    /// # Errors
    /// The first column that makes the row unusable.
    fn read(fields: &Fields<'_>, spelling: &Spelling) -> Result<Self, Fault>;
}

/// An invoice as its row has it: whether `open_balance` was given decides what payments mean for it (L6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    pub id: String,
    pub number: String,
    pub customer_id: String,
    pub issue_date: NaiveDate,
    pub due_date: NaiveDate,
    pub currency: Currency,
    pub total: Decimal,
    /// `None`: total less the payments.
    pub open_balance: Option<Decimal>,
    pub status: Status,
    pub disputed: bool,
    pub po_number: Option<String>,
    pub payment_url: Option<String>,
    pub document_path: Option<String>,
    pub extra: BTreeMap<String, String>,
}

impl InvoiceRow {
    /// The invoice, when `paid` has been received for it: the given open balance wins (L6), a paid one owes nothing.
    #[must_use]
    pub fn into_invoice(self, paid: Decimal) -> Invoice {
        let open_balance = match self.status {
            Status::Paid => Decimal::ZERO,
            _ => self.open_balance.unwrap_or(self.total - paid),
        };
        Invoice {
            id: self.id,
            number: self.number,
            customer_id: self.customer_id,
            issue_date: self.issue_date,
            due_date: self.due_date,
            currency: self.currency,
            total: self.total,
            open_balance,
            status: self.status,
            disputed: self.disputed,
            po_number: self.po_number,
            payment_url: self.payment_url,
            document_path: self.document_path,
            extra: self.extra,
        }
    }
}

impl LedgerRow for Customer {
    const SET: &'static Set = &CUSTOMERS;

    /// An address that cannot be used does not make the row bad: it is kept in `unusable_addresses`.
    fn read(fields: &Fields<'_>, spelling: &Spelling) -> Result<Self, Fault> {
        let mut unusable = Vec::new();
        let mut addresses = |column: &str| {
            let (good, bad) = EmailAddress::parse_list(fields.get(column).unwrap_or_default());
            unusable.extend(bad);
            good
        };
        let (email, cc) = (addresses("email"), addresses("cc"));
        let (account_manager, collector) =
            (addresses("account_manager").into_iter().next(), addresses("collector").into_iter().next());
        Ok(Self {
            id: fields.need("id", values::id)?,
            name: fields.need("name", |v| Ok(v.to_owned()))?,
            email,
            cc,
            language: fields.text("language"),
            country: fields.text("country"),
            segment: fields.text("segment"),
            rank: fields.read("rank", values::rank)?,
            phone: fields.text("phone"),
            account_manager,
            collector,
            do_not_contact: fields.read("do_not_contact", values::yes_or_no)?.unwrap_or_default(),
            credit_limit: fields.read("credit_limit", |v| values::amount(v, None, spelling))?,
            unallocated_credit: fields.read("unallocated_credit", |v| values::amount(v, None, spelling))?.unwrap_or_default(),
            extra: fields.extra(),
            unusable_addresses: unusable,
        })
    }
}

impl LedgerRow for InvoiceRow {
    const SET: &'static Set = &INVOICES;

    fn read(fields: &Fields<'_>, spelling: &Spelling) -> Result<Self, Fault> {
        let id = fields.need("id", values::id)?;
        let currency = fields.need("currency", values::currency)?;
        let due_date = fields.need("due_date", |v| values::date(v, spelling))?;
        let issue_date = fields.read("issue_date", |v| values::date(v, spelling))?.unwrap_or(due_date);
        if due_date.checked_add_months(Months::new(12)).is_some_and(|year_later| year_later < issue_date) {
            let problem = format!("it is more than a year before the issue date {issue_date}");
            return Err(Fault::new("due_date", fields.get("due_date").unwrap_or_default(), problem));
        }
        let word = |v: &str| Status::from_word(v).ok_or_else(|| "a status is open, paid, void or draft".to_owned());
        Ok(Self {
            number: fields.read("number", values::id)?.unwrap_or_else(|| id.clone()),
            id,
            customer_id: fields.need("customer_id", values::id)?,
            issue_date,
            due_date,
            currency,
            total: fields.need("total", |v| values::amount(v, Some(currency), spelling))?,
            open_balance: fields.read("open_balance", |v| values::amount(v, Some(currency), spelling))?,
            status: fields.read("status", word)?.unwrap_or_default(),
            disputed: fields.read("disputed", values::yes_or_no)?.unwrap_or_default(),
            po_number: fields.text("po_number"),
            payment_url: fields.text("payment_url"),
            document_path: fields.text("document_path"),
            extra: fields.extra(),
        })
    }
}

impl LedgerRow for Payment {
    const SET: &'static Set = &PAYMENTS;

    fn read(fields: &Fields<'_>, spelling: &Spelling) -> Result<Self, Fault> {
        let id = fields.need("id", values::id)?;
        let currency = fields.need("currency", values::currency)?;
        Ok(Self {
            id,
            customer_id: fields.need("customer_id", values::id)?,
            invoice_id: fields.read("invoice_id", values::id)?,
            received_on: fields.need("received_on", |v| values::date(v, spelling))?,
            amount: fields.need("amount", |v| values::amount(v, Some(currency), spelling))?,
            currency,
        })
    }
}
