//! What the log has about an invoice, with all that is needed to check it (D14).

use serde_json::json;

use super::entry::{self, Entry, Filter};
use crate::database::{DatabaseError, Row, Tx};
use crate::vals;

/// A contact, and the hash of its message as it was last handed over.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Exhibit {
    #[serde(flatten)]
    pub entry: Entry,
    pub message_sha256: Option<String>,
    pub created_at: String,
}

/// One event, with what its hash is made of.
#[derive(Debug, Clone, serde::Serialize)]
pub struct EventRow {
    pub number: i64,
    pub contact: String,
    pub at: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub reason: Option<String>,
    pub relay_reply: Option<String>,
    pub content: Option<String>,
    /// `None`: forgotten (D15).
    pub salt: Option<String>,
    pub commitment: String,
    pub hash: String,
}

/// One event, as far as the chain needs it: nothing of it says whom it is about.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Link {
    pub number: i64,
    pub contact: String,
    pub at: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub commitment: String,
    pub hash: String,
}

/// Every contact about an invoice, in whatever state, the oldest first: those that cover it or once did, and those that it
/// leads.
///
/// # Errors
/// The database's own.
pub async fn contacts(tx: &mut Tx, invoice: &str) -> Result<Vec<Exhibit>, DatabaseError> {
    let sql = "SELECT c.id, c.message_sha256, c.created_at FROM contact c
               WHERE c.lead = $1 OR c.id IN (SELECT contact FROM contact_invoice WHERE invoice = $1) ORDER BY c.id";
    let rows = tx.all(sql, vals![invoice]).await?;
    let ids = rows.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    let entries = entry::list(tx, &Filter { contacts: Some(ids), ..Filter::default() }).await?;
    let exhibit = |(entry, row): (Entry, &Row)| {
        Ok(Exhibit { entry, message_sha256: row.opt_text("message_sha256")?, created_at: row.text("created_at")? })
    };
    entries.into_iter().zip(&rows).map(exhibit).collect()
}

/// All events of these contacts, the oldest first.
///
/// # Errors
/// The database's own.
pub async fn events(tx: &mut Tx, contacts: &[&str]) -> Result<Vec<EventRow>, DatabaseError> {
    let sql = "SELECT * FROM contact_event WHERE contact IN ($1[]) ORDER BY number";
    tx.all(sql, vals![json!(contacts).to_string()]).await?.iter().map(event).collect()
}

fn event(row: &Row) -> Result<EventRow, DatabaseError> {
    Ok(EventRow {
        number: row.int("number")?,
        contact: row.text("contact")?,
        at: row.text("at")?,
        from_state: row.opt_text("from_state")?,
        to_state: row.text("to_state")?,
        reason: row.opt_text("reason")?,
        relay_reply: row.opt_text("relay_reply")?,
        content: row.opt_text("content")?,
        salt: row.opt_text("salt")?,
        commitment: row.text("commitment")?,
        hash: row.text("hash")?,
    })
}

/// The chain from an event on, at most so many links.
///
/// # Errors
/// The database's own.
pub async fn chain(tx: &mut Tx, from: i64, how_many: u32) -> Result<Vec<Link>, DatabaseError> {
    let sql = "SELECT number, contact, at, from_state, to_state, commitment, hash FROM contact_event
               WHERE number >= $1 ORDER BY number LIMIT $2";
    let link = |row: &Row| {
        Ok(Link {
            number: row.int("number")?,
            contact: row.text("contact")?,
            at: row.text("at")?,
            from_state: row.opt_text("from_state")?,
            to_state: row.text("to_state")?,
            commitment: row.text("commitment")?,
            hash: row.text("hash")?,
        })
    };
    tx.all(sql, vals![from, how_many]).await?.iter().map(link).collect()
}
