//! What makes a readable row unusable beside the others (L2). Pure: the caller looks up
//! what is known.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::model::Payment;
use super::record::Fault;
use super::rows::InvoiceRow;
use crate::money::Currency;

/// What may never change under an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub customer_id: String,
    pub currency: Currency,
}

/// Checks an invoice against what is known: whether its customer is, and what its id stood for before.
///
/// # Errors
/// The fault that leaves the row out (L2).
pub fn invoice(row: &InvoiceRow, customer_is_known: bool, before: Option<&Identity>) -> Result<(), Fault> {
    customer(&row.customer_id, customer_is_known)?;
    same(&row.id, &row.customer_id, row.currency, before)
}

/// Checks a payment: as [`invoice`], and its currency against its invoice's. An invoice that is not in the ledger is
/// no fault: it may be older than the ledger, or come with a later import.
///
/// # Errors
/// The fault that leaves the row out (L2).
pub fn payment(
    row: &Payment,
    customer_is_known: bool,
    invoice: Option<&Identity>,
    before: Option<&Identity>,
) -> Result<(), Fault> {
    customer(&row.customer_id, customer_is_known)?;
    same(&row.id, &row.customer_id, row.currency, before)?;
    match invoice {
        Some(invoice) if invoice.currency != row.currency => Err(Fault::new(
            "currency",
            row.currency.as_str(),
            format!("its invoice {} is in {}", row.invoice_id.as_deref().unwrap_or_default(), invoice.currency),
        )),
        _ => Ok(()),
    }
}

fn customer(id: &str, is_known: bool) -> Result<(), Fault> {
    if is_known { Ok(()) } else { Err(Fault::new("customer_id", id, "there is no usable customer with this id")) }
}

fn same(id: &str, customer_id: &str, currency: Currency, before: Option<&Identity>) -> Result<(), Fault> {
    let Some(before) = before else { return Ok(()) };
    if before.customer_id != customer_id {
        let problem = format!("the id {id} stood for customer {} before; an id is never used twice", before.customer_id);
        return Err(Fault::new("customer_id", customer_id, problem));
    }
    if before.currency != currency {
        let problem = format!("the id {id} was in {} before; an id is never used twice", before.currency);
        return Err(Fault::new("currency", currency.as_str(), problem));
    }
    Ok(())
}

/// The ids of one read, to find two rows with one id (L2): each row after the first is left out. Keeps 24 bytes an
/// id (and room to grow: about 80 MB for a million).
#[derive(Debug, Default)]
pub struct Ids {
    // A fingerprint of 128 bits under two random keys: no two ids of a ledger share one by chance or by intent.
    places: HashMap<(u64, u64), u64>,
    keys: (RandomState, RandomState),
}

impl Ids {
    /// Enters an id with the number of its row.
    ///
    /// # Errors
    /// The number of the row that had the id first.
    pub fn enter(&mut self, id: &str, row: u64) -> Result<(), u64> {
        let fingerprint = (self.keys.0.hash_one(id), self.keys.1.hash_one(id));
        match *self.places.entry(fingerprint).or_insert(row) {
            first if first == row => Ok(()),
            first => Err(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn identity(customer: &str, currency: &str) -> Identity {
        Identity { customer_id: customer.to_owned(), currency: currency.parse().unwrap() }
    }

    fn a_payment() -> Payment {
        Payment {
            id: "p1".to_owned(),
            customer_id: "c1".to_owned(),
            invoice_id: Some("i1".to_owned()),
            received_on: "2026-03-02".parse().unwrap(),
            amount: Decimal::TEN,
            currency: "EUR".parse().unwrap(),
        }
    }

    #[test]
    fn a_payment_in_another_currency_than_its_invoice_is_the_bad_row() {
        let fault = payment(&a_payment(), true, Some(&identity("c1", "USD")), None).unwrap_err();
        assert_eq!((fault.column.as_str(), fault.value.as_str()), ("currency", "EUR"));
        assert_eq!(fault.problem, "its invoice i1 is in USD");
        assert_eq!(payment(&a_payment(), true, Some(&identity("c1", "EUR")), None), Ok(()));
        assert_eq!(payment(&a_payment(), true, None, None), Ok(()));
    }

    #[test]
    fn an_unknown_customer_leaves_the_row_out() {
        let fault = payment(&a_payment(), false, None, None).unwrap_err();
        assert_eq!((fault.column.as_str(), fault.value.as_str()), ("customer_id", "c1"));
    }

    #[test]
    fn an_id_that_now_has_another_customer_or_currency_leaves_the_row_out() {
        assert_eq!(payment(&a_payment(), true, None, Some(&identity("c1", "EUR"))), Ok(()));
        let fault = payment(&a_payment(), true, None, Some(&identity("c2", "EUR"))).unwrap_err();
        assert!(fault.column == "customer_id" && fault.problem.contains("customer c2 before"), "{fault:?}");
        let fault = payment(&a_payment(), true, None, Some(&identity("c1", "USD"))).unwrap_err();
        assert!(fault.column == "currency" && fault.problem.contains("USD before"), "{fault:?}");
    }

    #[test]
    fn the_second_row_with_an_id_is_told_the_first() {
        let mut ids = Ids::default();
        assert_eq!(ids.enter("a", 2), Ok(()));
        assert_eq!(ids.enter("b", 3), Ok(()));
        assert_eq!(ids.enter("a", 4), Err(2));
    }
}
