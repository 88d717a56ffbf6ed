//! A record to a row of the ledger. CSV files and query ledgers share this: whatever makes a [`Record`] and a [`Header`]
//! is read by the same rules (L2).
//!
//! [`Record`]: super::record::Record
//! [`Header`]: super::columns::Header

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

use super::columns::{CUSTOMERS, INVOICES, PAYMENTS, Set};
use super::model::{Customer, Invoice, Payment, Status};
use super::record::{Fault, Fields};
use super::values::{self, Spelling};
use crate::address::EmailAddress;
use crate::money::Currency;

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
            rank_is_computed: false,
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

#[cfg(test)]
mod tests {
    use super::super::columns::Header;
    use super::super::record::Record;
    use super::*;

    #[test]
    fn the_record_of_a_query_is_read_by_the_same_rules_and_told_what_mends_it() {
        let header = Header::of(&PAYMENTS, ["id", "customer_id", "received_on", "amount", "currency", "invoice_id"]).unwrap();
        let read = |cells: [&str; 6]| {
            let mut record = Record::default();
            cells.iter().for_each(|cell| record.push(cell));
            Payment::read(&Fields { header: &header, record: &record }, &Spelling::of_queries())
        };
        let payment = read(["7", "C1", "2026-03-02 00:00:00", "1.000", "EUR", ""]).unwrap();
        assert_eq!((payment.amount, payment.invoice_id), (Decimal::ONE, None));
        let fault = read(["7", "C1", "03/04/2026", "1.00", "EUR", ""]).unwrap_err();
        assert!(fault.problem.contains("let the query give dates as yyyy-mm-dd"), "{fault:?}");
        let bad = fault.at(Payment::SET, "payments query, id 7").to_string();
        assert!(bad.starts_with("payments query, id 7: received_on \"03/04/2026\": "), "{bad}");
    }
}
