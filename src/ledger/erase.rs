//! Taking a customer out of the own ledger for good (D15).

use chrono::NaiveDate;

use super::own;
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// What the own ledger has of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    pub customer: bool,
    pub invoices: i64,
    pub payments: i64,
    /// The ids of the invoices on which something is owed.
    pub open: Vec<String>,
    /// The name and the addresses, as they stand there.
    pub texts: Vec<String>,
}

/// Looks what there is, as of a day.
///
/// # Errors
/// The database's own.
pub async fn look(tx: &mut Tx, customer: &str, today: NaiveDate) -> Result<Rows, DatabaseError> {
    let mut rows = Rows::default();
    if let Some(row) = tx.first("SELECT name, phone FROM ledger_customer WHERE id = $1", vals![customer]).await? {
        rows.customer = true;
        rows.texts.extend([Some(row.text("name")?), row.opt_text("phone")?].into_iter().flatten());
    }
    for (sql, n) in [
        ("SELECT count(*) AS n FROM ledger_invoice WHERE customer_id = $1", &mut rows.invoices),
        ("SELECT count(*) AS n FROM ledger_payment WHERE customer_id = $1", &mut rows.payments),
    ] {
        *n = tx.first(sql, vals![customer]).await?.map_or(Ok(0), |r| r.int("n"))?;
    }
    let snapshot = own::read(tx, today).await?;
    rows.open = snapshot.invoices.values().filter(|i| i.customer_id == customer && i.is_open()).map(|i| i.id.clone()).collect();
    rows.open.sort();
    if let Some(known) = snapshot.customers.get(customer) {
        rows.texts.extend(known.email.iter().chain(&known.cc).map(ToString::to_string));
    }
    Ok(rows)
}

/// Takes it all out.
///
/// # Errors
/// The database's own.
pub async fn erase(tx: &mut Tx, customer: &str) -> Result<(), DatabaseError> {
    tx.exec("DELETE FROM ledger_payment WHERE customer_id = $1", vals![customer]).await?;
    tx.exec("DELETE FROM ledger_invoice WHERE customer_id = $1", vals![customer]).await?;
    tx.exec("DELETE FROM ledger_customer WHERE id = $1", vals![customer]).await?;
    Ok(())
}
