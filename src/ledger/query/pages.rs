//! From the rows that were gathered to pages of customers: what the rows are beside each other decides which are left out (L2),
//! and whether the read can be believed (L3).

use std::collections::HashMap;
use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::QueryError;
use super::gather::Gathered;
use crate::ledger::columns::{CUSTOMERS, INVOICES, PAYMENTS, Set};
use crate::ledger::copy::{CUSTOMERS_A_PAGE, Copied, Headers, Writer};
use crate::ledger::record::{Fault, Fields, Record};
use crate::ledger::sorter::Item;
use crate::ledger::tally::Tally;
use crate::ledger::validate::{self, Identity, Memory};
use crate::ledger::values;
use crate::ledger::whose::Whose;
use crate::money::Currency;

impl Gathered {
    /// The copy.
    ///
    /// # Errors
    /// When the own database cannot be asked, or too many rows are bad (L3).
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
        self.customers.len() == CUSTOMERS_A_PAGE
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
