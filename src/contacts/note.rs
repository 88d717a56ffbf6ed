//! What people note about customers and invoices.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::control::Subject;
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// `customer`, or the id of the invoice.
    pub about: String,
    pub at: DateTime<Utc>,
    pub author: String,
    pub text: String,
    /// It tells of a reply of the customer (T33).
    pub reply: bool,
}

/// Writes one down; `reply`: the customer has replied, and what follows an unanswered e-mail does not come (T33).
///
/// # Errors
/// The database's own.
pub async fn add(
    tx: &mut Tx,
    subject: &Subject,
    text: &str,
    reply: bool,
    author: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    if reply {
        // What is about to leave is looked at again (T26).
        super::claim::controls_change(tx).await?;
    }
    let (about, id) = subject.parts();
    let sql = "INSERT INTO note (about, subject, said, author, created_at, reply) VALUES ($1, $2, $3, $4, $5, $6)";
    tx.exec(sql, vals![about, id, text, author, now, reply]).await?;
    Ok(())
}

/// Those about a customer and about these invoices, the oldest first; `at`: those that there were at an instant.
///
/// # Errors
/// The database's own.
pub async fn list(
    tx: &mut Tx,
    customer: Option<&str>,
    invoices: &BTreeSet<&str>,
    at: Option<DateTime<Utc>>,
) -> Result<Vec<Note>, DatabaseError> {
    let sql = "SELECT about, subject, said, author, created_at, reply FROM note
               WHERE ((about = 'customer' AND subject = $1) OR (about = 'invoice' AND subject IN ($2[]))) AND created_at <= $3
               ORDER BY id";
    let until = at.map_or_else(|| "9999-12-31".to_owned(), crate::database::instant_text);
    let rows = tx.all(sql, vals![customer.unwrap_or_default(), json!(invoices).to_string(), until]).await?;
    rows.iter()
        .map(|row| {
            Ok(Note {
                about: if row.text("about")? == "customer" { "customer".to_owned() } else { row.text("subject")? },
                at: row.parsed("created_at", "an instant")?,
                author: row.text("author")?,
                text: row.text("said")?,
                reply: row.flag("reply")?,
            })
        })
        .collect()
}
