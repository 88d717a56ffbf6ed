//! A read of the accounts into a copy that is ordered by customers. The rows come in any order and any number: they are
//! sorted outside of the memory. A payment belongs to the customer of its invoice; to its own, if it has none.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::QueryError;
use super::reading::{Came, Reading};
use crate::ledger::BadRow;
use crate::ledger::copy::Headers;
use crate::ledger::model::{Customer, Payment};
use crate::ledger::preset::Queries;
use crate::ledger::record::{Fields, Record};
use crate::ledger::rows::InvoiceRow;
use crate::ledger::settings::MaxBadRows;
use crate::ledger::sorter::{Item, Sorted, Sorter};
use crate::ledger::tally::Tally;
use crate::ledger::validate::{self, Ids};

/// All rows of one read that can be used by themselves.
pub(super) struct Gathered {
    pub(super) headers: Headers,
    pub(super) customers: Sorted,
    /// By their customers.
    pub(super) invoices: Sorted,
    /// By the customers to whom they belong.
    pub(super) payments: Sorted,
    /// The rows whose ids an earlier row had, and the number of that.
    pub(super) twice_invoices: HashMap<u64, u64>,
    pub(super) twice_payments: HashMap<u64, u64>,
    pub(super) bad: Vec<BadRow>,
    pub(super) invoices_tally: Tally,
    pub(super) payments_tally: Tally,
    pub(super) max_bad_rows: MaxBadRows,
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
