//! To which addresses each customer was written last.

use std::collections::HashMap;

use crate::database::{DatabaseError, Tx};
use crate::ledger::Whose;

/// The recipients of the last e-mail to each of some customers; of those who are forgotten there are none.
///
/// # Errors
/// The database's own.
pub async fn last_recipients(tx: &mut Tx, whose: Whose<'_>) -> Result<HashMap<String, Vec<String>>, DatabaseError> {
    let mut values = vec![];
    // The ids are in the order of time.
    let sql = format!(
        "SELECT customer, recipients FROM contact WHERE id IN (SELECT max(id) FROM contact
           WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending') AND {} GROUP BY customer)",
        whose.sql("customer", &mut values)
    );
    let mut found = HashMap::new();
    for row in tx.all(&sql, values).await? {
        let recipients: Vec<String> = row.json("recipients")?;
        if !recipients.is_empty() {
            found.insert(row.text("customer")?, recipients);
        }
    }
    Ok(found)
}
