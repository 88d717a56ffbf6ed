//! Where the rows of the own ledger come from: the file and line that changed each last.

use std::collections::HashMap;

use super::whose::Whose;
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// The origins of some customers' rows, by set and id. Rows from before there were any have none.
///
/// # Errors
/// The database's own.
pub async fn of(tx: &mut Tx, whose: Whose<'_>) -> Result<HashMap<(&'static str, String), String>, DatabaseError> {
    let mut found = HashMap::new();
    for (set, table, column) in [
        ("customers", "ledger_customer", "id"),
        ("invoices", "ledger_invoice", "customer_id"),
        ("payments", "ledger_payment", "customer_id"),
    ] {
        let mut values = vec![];
        let who = whose.sql(column, &mut values);
        let sql = format!("SELECT id, source, origin FROM {table} WHERE origin IS NOT NULL AND {who}");
        for row in tx.all(&sql, values).await? {
            let by = row.opt_text("source")?.map(|profile| format!(" ({profile})")).unwrap_or_default();
            let origin = row.opt_text("origin")?.unwrap_or_default();
            found.insert((set, row.text("id")?), format!("{origin}{by}"));
        }
    }
    Ok(found)
}

/// Whose an id is: a customer's own, or that of the customer of an invoice of this id or number.
///
/// # Errors
/// The database's own.
pub async fn customers_of(tx: &mut Tx, id: &str) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT id FROM ledger_customer WHERE id = $1
               UNION SELECT customer_id FROM ledger_invoice WHERE id = $1 OR number = $1 ORDER BY 1";
    tx.all(sql, vals![id]).await?.iter().map(|r| r.text("id")).collect()
}
