//! A read of the accounts into a copy that is ordered by customers. The rows come in any order and any number: they are
//! sorted outside of the memory. A payment belongs to the customer of its invoice; to its own, if it has none.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::QueryError;
use super::reading::{Came, Reading};
use crate::ledger::columns::{CUSTOMERS, INVOICES, PAYMENTS, Set};
use crate::ledger::copy::{Copied, Headers, Writer};
use crate::ledger::model::{Customer, Payment};
use crate::ledger::preset::Queries;
use crate::ledger::record::{Fault, Fields, Record};
use crate::ledger::rows::InvoiceRow;
use crate::ledger::settings::MaxBadRows;
use crate::ledger::sorter::{Item, Sorted, Sorter};
use crate::ledger::tally::Tally;
use crate::ledger::validate::{self, Identity, Ids, Memory};
use crate::ledger::values;
use crate::ledger::whose::Whose;
use crate::money::Currency;

/// All rows of one read that can be used by themselves.
pub(super) struct Gathered {
    headers: Headers,
    customers: Sorted,
    /// By their customers.
    invoices: Sorted,
    /// By the customers to whom they belong.
    payments: Sorted,
    /// The rows whose ids an earlier row had, and the number of that.
    twice_invoices: HashMap<u64, u64>,
    twice_payments: HashMap<u64, u64>,
    bad: Vec<crate::ledger::BadRow>,
    invoices_tally: Tally,
    payments_tally: Tally,
    max_bad_rows: MaxBadRows,
}

/// Reads the three sets. Files that are needed meanwhile lie in `folder`.
pub(super) async fn gather(
    reading: &mut Reading<'_>,
    queries: &Queries,
    folder: &Path,
    max_bad_rows: MaxBadRows,
) -> Result<Gathered, QueryError> {
    let sorter = || Sorter::new(folder);
    let (mut ids, mut packed) = (Ids::default(), Vec::new());
    let mut customers = sorter();
    let take = |came: Came<'_, Customer>| {
        if let Err(first) = ids.enter(came.id, came.number)
            && !came.id.is_empty()
        {
            return Ok(Err(validate::twice(came.id, first)));
        }
        let customer = match came.read {
            Ok(customer) => customer,
            Err(fault) => return Ok(Err(fault)),
        };
        ids.confirm(&customer.id);
        customers.push(customer.id.as_bytes(), came.number, pack(&mut packed, came.record)).map(Ok)
    };
    let (header, tally) = reading.rows(&queries.customers, take).await?;
    tally.check(max_bad_rows)?;
    let (of_customers, bad) = (header, tally.bad);

    // Each id with the customer of its invoice, which is empty if that cannot be used.
    let (mut invoices, mut named) = (sorter(), sorter());
    let take = |came: Came<'_, InvoiceRow>| {
        let usable = came.read.and_then(|i| validate::invoice(&i, ids.has(&i.customer_id), None).map(|()| i));
        let customer = usable.as_ref().map(|i| i.customer_id.as_bytes()).unwrap_or_default();
        named.push(came.id.as_bytes(), came.number, customer)?;
        match &usable {
            Ok(invoice) => {
                invoices.push(invoice.customer_id.as_bytes(), came.number, pack(&mut packed, came.record))?;
                Ok(Ok(()))
            }
            Err(fault) => Ok(Err(fault.clone())),
        }
    };
    let (of_invoices, invoices_tally) = reading.rows(&queries.invoices, take).await?;
    invoices_tally.check(max_bad_rows)?;
    let invoices = invoices.finish()?;

    let (mut payments, mut of_payment_ids, mut allocated) = (sorter(), sorter(), sorter());
    let take = |came: Came<'_, Payment>| {
        of_payment_ids.push(came.id.as_bytes(), came.number, b"")?;
        let payment = match came.read.and_then(|p| validate::payment(&p, ids.has(&p.customer_id), None, None).map(|()| p)) {
            Ok(payment) => payment,
            Err(fault) => return Ok(Err(fault)),
        };
        let row = pack(&mut packed, came.record);
        match &payment.invoice_id {
            None => payments.push(payment.customer_id.as_bytes(), came.number, row)?,
            Some(invoice) => allocated.push(invoice.as_bytes(), came.number, row)?,
        }
        Ok(Ok(()))
    };
    let (of_payments, payments_tally) = reading.rows(&queries.payments, take).await?;
    payments_tally.check(max_bad_rows)?;
    drop(ids);

    let headers = Headers { customers: of_customers, invoices: of_invoices, payments: of_payments };
    let settled = {
        let headers = headers.clone();
        move || -> io::Result<_> {
            let twice_payments = twice(of_payment_ids.finish()?)?;
            let (mut named, mut allocated) = (named.finish()?, allocated.finish()?);
            let twice_invoices = settle(&headers, &mut named, &mut allocated, &mut payments)?;
            Ok((twice_invoices, twice_payments, payments.finish()?))
        }
    };
    let settled = tokio::task::spawn_blocking(settled).await.map_err(io::Error::other)?;
    let (twice_invoices, twice_payments, payments) = settled?;
    let customers = customers.finish()?;
    Ok(Gathered {
        headers,
        customers,
        invoices,
        payments,
        twice_invoices,
        twice_payments,
        bad,
        invoices_tally,
        payments_tally,
        max_bad_rows,
    })
}

fn pack<'p>(packed: &'p mut Vec<u8>, record: &Record) -> &'p [u8] {
    packed.clear();
    record.pack(packed);
    packed
}

/// The rows of ids that an earlier row had.
fn twice(mut ids: Sorted) -> io::Result<HashMap<u64, u64>> {
    let (mut found, mut item, mut first) = (HashMap::new(), Item::default(), Item::default());
    while ids.next(&mut item)? {
        if !item.key.is_empty() && first.number > 0 && first.key == item.key {
            found.insert(item.number, first.number);
        } else {
            std::mem::swap(&mut first, &mut item);
        }
    }
    Ok(found)
}

/// Brings payments to the customers of their invoices; finds invoices with the id of an earlier one.
fn settle(
    headers: &Headers,
    invoices: &mut Sorted,
    allocated: &mut Sorted,
    payments: &mut Sorter,
) -> io::Result<HashMap<u64, u64>> {
    let (mut found, mut item, mut first, mut payment) = (HashMap::new(), Item::default(), Item::default(), Item::default());
    let mut record = Record::default();
    let mut bring = |payment: &Item, home: &[u8]| {
        if !home.is_empty() {
            return payments.push(home, payment.number, &payment.row);
        }
        record.unpack(&payment.row);
        let own = Fields { header: &headers.payments, record: &record }.get("customer_id").unwrap_or_default();
        payments.push(own.as_bytes(), payment.number, &payment.row)
    };
    while invoices.next(&mut item)? {
        if !item.key.is_empty() && first.number > 0 && first.key == item.key {
            found.insert(item.number, first.number);
            continue;
        }
        while allocated.key().is_some_and(|of| of <= item.key.as_slice()) && allocated.next(&mut payment)? {
            let home = if payment.key == item.key { item.row.as_slice() } else { b"" };
            bring(&payment, home)?;
        }
        std::mem::swap(&mut first, &mut item);
    }
    while allocated.next(&mut payment)? {
        bring(&payment, b"")?;
    }
    Ok(found)
}

impl Gathered {
    /// The copy: what the rows are beside each other decides which of them are left out (L2), and whether the read can be
    /// believed (L3).
    pub(super) async fn copy(
        mut self,
        folder: &Path,
        memory: &mut impl Memory,
        payments_as_of: Option<NaiveDate>,
    ) -> Result<Copied, QueryError> {
        let mut writer = Writer::new(folder, self.headers.clone());
        let (mut page, mut after) = (Page::default(), String::new());
        loop {
            page.clear();
            let more = self.page(&mut page)?;
            let upto = page.customers.last().map(|(id, ..)| id.clone());
            let whose = match (more, &upto) {
                (true, Some(upto)) => Whose::Between { after: &after, upto: Some(upto) },
                _ if after.is_empty() => Whose::Everybody,
                _ => Whose::Between { after: &after, upto: None },
            };
            let ids: Vec<&str> = page.invoices.iter().map(|i| i.id.as_str()).collect();
            let before = if ids.is_empty() { HashMap::new() } else { memory.recall(whose, &ids).await? };
            self.write(&page, &before, &mut writer)?;
            match upto.filter(|_| more) {
                Some(upto) => after = upto,
                None => break,
            }
        }
        self.invoices_tally.check(self.max_bad_rows)?;
        self.payments_tally.check(self.max_bad_rows)?;
        self.bad.append(&mut self.invoices_tally.bad);
        self.bad.append(&mut self.payments_tally.bad);
        Ok(writer.finish(self.bad, payments_as_of)?)
    }

    /// The rows of the next customers. `true`: there are more.
    fn page(&mut self, page: &mut Page) -> io::Result<bool> {
        let mut item = Item::default();
        while !page.is_full() && self.customers.next(&mut item)? {
            let Item { key, number, row } = std::mem::take(&mut item);
            let (mut invoices, mut payments) = (0, 0);
            while self.invoices.key().is_some_and(|of| of <= key.as_slice()) && self.invoices.next(&mut item)? {
                page.invoice(&self.headers, std::mem::take(&mut item));
                invoices += 1;
            }
            while self.payments.key().is_some_and(|of| of <= key.as_slice()) && self.payments.next(&mut item)? {
                page.payments.push(std::mem::take(&mut item));
                payments += 1;
            }
            page.customers.push((String::from_utf8_lossy(&key).into_owned(), number, row, invoices, payments));
        }
        Ok(self.customers.key().is_some())
    }

    fn write(&mut self, page: &Page, before: &HashMap<String, Identity>, writer: &mut Writer) -> io::Result<()> {
        let mut currencies: HashMap<&str, Currency> = HashMap::new();
        let (mut invoices, mut payments) = (page.invoices.iter(), page.payments.iter());
        let mut record = Record::default();
        for (id, number, row, of_invoices, of_payments) in &page.customers {
            writer.customer(id);
            writer.row(&CUSTOMERS, *number, row);
            currencies.clear();
            for invoice in invoices.by_ref().take(*of_invoices) {
                let known = match self.twice_invoices.get(&invoice.number) {
                    Some(first) => Err(validate::twice(&invoice.id, *first)),
                    None => validate::same(&invoice.id, id, invoice.currency, before.get(&invoice.id)),
                };
                match known {
                    Ok(()) => {
                        currencies.insert(&invoice.id, invoice.currency);
                        writer.row(&INVOICES, invoice.number, &invoice.row);
                    }
                    Err(fault) => leave_out(&mut self.invoices_tally, &INVOICES, &invoice.id, fault),
                }
            }
            for payment in payments.by_ref().take(*of_payments) {
                record.unpack(&payment.row);
                let fields = Fields { header: &self.headers.payments, record: &record };
                let (id, of) = (fields.get("id").unwrap_or_default(), fields.get("invoice_id").unwrap_or_default());
                let judged = match self.twice_payments.get(&payment.number) {
                    Some(first) => Err(validate::twice(id, *first)),
                    None => match fields.get("currency").map(values::currency) {
                        Some(Ok(currency)) => validate::alike(of, currency, currencies.get(of).copied()),
                        _ => Ok(()),
                    },
                };
                match judged {
                    Ok(()) => writer.row(&PAYMENTS, payment.number, &payment.row),
                    Err(fault) => leave_out(&mut self.payments_tally, &PAYMENTS, id, fault),
                }
            }
        }
        writer.end_page()
    }
}

fn leave_out(tally: &mut Tally, set: &Set, id: &str, fault: Fault) {
    tally.leave_out(fault.at(set, format!("{} query, id {id}", set.name)));
}

/// The rows of some customers.
#[derive(Default)]
struct Page {
    /// Each with its number, its row, and how many invoices and payments it has.
    customers: Vec<(String, u64, Vec<u8>, usize, usize)>,
    invoices: Vec<Invoice>,
    payments: Vec<Item>,
}

/// An invoice as far as it is judged beside others.
struct Invoice {
    id: String,
    currency: Currency,
    number: u64,
    row: Vec<u8>,
}

impl Page {
    fn clear(&mut self) {
        self.customers.clear();
        self.invoices.clear();
        self.payments.clear();
    }

    fn is_full(&self) -> bool {
        self.customers.len() == crate::ledger::copy::CUSTOMERS_A_PAGE
    }

    fn invoice(&mut self, headers: &Headers, Item { number, row, .. }: Item) {
        let mut record = Record::default();
        record.unpack(&row);
        let fields = Fields { header: &headers.invoices, record: &record };
        // It was read before: both are there.
        if let (Some(id), Some(Ok(currency))) = (fields.get("id"), fields.get("currency").map(values::currency)) {
            self.invoices.push(Invoice { id: id.to_owned(), currency, number, row });
        }
    }
}
