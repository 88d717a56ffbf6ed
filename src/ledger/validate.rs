//! What makes a readable row unusable beside the others (L2). The caller looks up what is known.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::model::Payment;
use super::record::Fault;
use super::rows::InvoiceRow;
use super::whose::Whose;
use crate::database::DatabaseError;
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
    alike(row.invoice_id.as_deref().unwrap_or_default(), row.currency, invoice.map(|i| i.currency))
}

/// Checks the currency of a payment against that of its invoice.
///
/// # Errors
/// The fault that leaves the payment out (L2).
pub fn alike(invoice: &str, paid_in: Currency, of_invoice: Option<Currency>) -> Result<(), Fault> {
    match of_invoice {
        Some(currency) if currency != paid_in => {
            Err(Fault::new("currency", paid_in.as_str(), format!("its invoice {invoice} is in {currency}")))
        }
        _ => Ok(()),
    }
}

fn customer(id: &str, is_known: bool) -> Result<(), Fault> {
    if is_known { Ok(()) } else { Err(Fault::new("customer_id", id, "there is no usable customer with this id")) }
}

/// Checks an id against what it stood for before.
///
/// # Errors
/// The fault that leaves the row out (L2).
pub fn same(id: &str, customer_id: &str, currency: Currency, before: Option<&Identity>) -> Result<(), Fault> {
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

/// What the ids of invoices stood for at earlier reads (L2). Of a read of any size some are asked for at a time.
pub trait Memory: Send {
    /// Of those of these customers, and of these ids.
    ///
    /// # Errors
    /// The own database's.
    fn recall(
        &mut self,
        customers: Whose<'_>,
        invoices: &[&str],
    ) -> impl Future<Output = Result<HashMap<String, Identity>, DatabaseError>> + Send;
}

impl Memory for HashMap<String, Identity> {
    async fn recall(&mut self, _: Whose<'_>, invoices: &[&str]) -> Result<HashMap<String, Identity>, DatabaseError> {
        Ok(invoices.iter().filter_map(|id| Some(((*id).to_owned(), self.get(*id)?.clone()))).collect())
    }
}

/// The ids of one read, to find two rows with one id (L2): each row after the first is left out. Keeps 25 bytes an
/// id (and room to grow: about 80 MB for a million).
#[derive(Debug, Default)]
pub struct Ids {
    // A fingerprint of 128 bits under two random keys: no two ids of a ledger share one by chance or by intent.
    places: HashMap<(u64, u64), (u64, bool)>,
    keys: (RandomState, RandomState),
}

impl Ids {
    fn fingerprint(&self, id: &str) -> (u64, u64) {
        (self.keys.0.hash_one(id), self.keys.1.hash_one(id))
    }

    /// Enters an id with the number of its row.
    ///
    /// # Errors
    /// The number of the row that had the id first.
    pub fn enter(&mut self, id: &str, row: u64) -> Result<(), u64> {
        let fingerprint = self.fingerprint(id);
        match self.places.entry(fingerprint).or_insert((row, false)).0 {
            first if first == row => Ok(()),
            first => Err(first),
        }
    }

    /// The row of an id that was entered can be used.
    pub fn confirm(&mut self, id: &str) {
        let fingerprint = self.fingerprint(id);
        if let Some((_, is_usable)) = self.places.get_mut(&fingerprint) {
            *is_usable = true;
        }
    }

    /// Whether a usable row has this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.places.get(&self.fingerprint(id)).is_some_and(|(_, is_usable)| *is_usable)
    }
}

/// The fault of a row whose id another one had before.
#[must_use]
pub fn twice(id: &str, first: u64) -> Fault {
    Fault::new("id", id, format!("row {first} has the same id; an id is never used twice"))
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
        ids.confirm("a");
        assert_eq!(ids.enter("b", 3), Ok(()));
        assert_eq!(ids.enter("a", 4), Err(2));
        assert!(ids.has("a") && !ids.has("b") && !ids.has("c"));
    }
}
