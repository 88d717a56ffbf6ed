//! What the log has about an invoice, for the letter that comes next.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::json;

use super::State;
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// A contact of the log about an invoice, as far as a letter needs it.
#[derive(Debug, Clone)]
pub struct Past {
    pub customer: String,
    pub date: NaiveDate,
    pub step: String,
    pub kind: String,
    pub state: State,
    /// As the recipient has it: a relay may have put its own in (D11).
    pub message_id: Option<String>,
}

/// What the log has about each of these invoices, oldest first.
///
/// # Errors
/// The database's own.
pub async fn past_of(tx: &mut Tx, invoices: &[&str]) -> Result<HashMap<String, Vec<Past>>, DatabaseError> {
    const COLUMNS: &[&str] = &[
        "c.id",
        "i.invoice",
        "i.step",
        "c.customer",
        "c.date",
        "c.kind",
        "c.state",
        "coalesce(c.relay_message_id, c.message_id) AS message_id",
    ];
    let from = "contact_invoice i JOIN contact c ON c.id = i.contact WHERE i.invoice IN ($1[]) AND i.standing = 'counts'";
    let rows = tx.many(COLUMNS, from, vals![json!(invoices).to_string()]).await?;
    let mut rows = rows.iter().map(|row| Ok((row.text("id")?, row))).collect::<Result<Vec<_>, DatabaseError>>()?;
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let mut past: HashMap<String, Vec<Past>> = HashMap::new();
    for (_, row) in rows {
        let one = Past {
            customer: row.text("customer")?,
            date: row.date("date")?,
            step: row.text("step")?,
            kind: row.text("kind")?,
            state: row.parsed("state", "a state")?,
            message_id: row.opt_text("message_id")?,
        };
        past.entry(row.text("invoice")?).or_default().push(one);
    }
    Ok(past)
}
