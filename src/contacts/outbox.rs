//! What is to be sent, is being sent, and how it went (D1–D4).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::control::Subject;
use super::entry::{self, Entry, Filter};
use super::{State, record};
use crate::database::{DatabaseError, Tx, inconsistent};
use crate::vals;

/// The durable intent to send a contact (D1).
#[derive(Debug, Clone)]
pub struct Intent {
    pub contact: String,
    pub date: NaiveDate,
    pub message_id: String,
    pub sha256: String,
    /// The recipients as they are now, and the language it is written in.
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub language: String,
    /// The covered invoices as they are now.
    pub covered: Vec<FreshInvoice>,
    /// The places of the covered invoices that were taken out before it leaves (T26).
    pub taken_out: Vec<(String, String, u32)>,
}

/// A covered invoice, as the e-mail shows it.
#[derive(Debug, Clone)]
pub struct FreshInvoice {
    pub invoice: String,
    pub days_past_due: i64,
    pub open_balance: Decimal,
    pub due_date: NaiveDate,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct Settled {
    pub contact: String,
    pub state: State,
    pub reason: Option<String>,
    pub relay_reply: Option<String>,
    /// When to try again (retrying).
    pub not_before: Option<DateTime<Utc>>,
}

impl Settled {
    /// An end without a word of the relay.
    #[must_use]
    pub fn new(contact: &str, state: State, reason: Option<String>) -> Self {
        Self { contact: contact.to_owned(), state, reason, relay_reply: None, not_before: None }
    }
}

/// The contacts that may be sent now, in the order in which they were planned.
///
/// # Errors
/// The database's own.
pub async fn ready(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<Entry>, DatabaseError> {
    let states = vec![State::Planned, State::Queued, State::Retrying];
    let mut entries = entry::list(tx, &Filter { states, ..Filter::default() }).await?;
    let now = crate::database::instant_text(now);
    entries.retain(|e| e.not_before.as_ref().is_none_or(|t| *t <= now));
    Ok(entries)
}

/// When the next retry is due, if there is one.
///
/// # Errors
/// The database's own.
pub async fn next_retry(tx: &mut Tx) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let row = tx.first("SELECT min(not_before) AS t FROM contact WHERE state = 'retrying'", vec![]).await?;
    match row {
        Some(row) => row.opt_parsed("t", "an instant"),
        None => Ok(None),
    }
}

/// Writes the intent to send: after the commit, and not before, the dialogue may begin (D1). `false`: the contact is not
/// waiting any more (cancelled meanwhile, say), and must not be sent.
///
/// # Errors
/// The database's own.
pub async fn intend(tx: &mut Tx, intent: &Intent, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let id = &intent.contact;
    let Some(from) = state_of(tx, id).await? else { return Ok(false) };
    if !matches!(from, State::Planned | State::Queued | State::Retrying) {
        return Ok(false);
    }
    for (invoice, step, occurrence) in &intent.taken_out {
        let sql =
            "UPDATE contact_invoice SET standing = 'gone' WHERE contact = $1 AND invoice = $2 AND step = $3 AND occurrence = $4";
        tx.exec(sql, vals![id, invoice, step, *occurrence]).await?;
    }
    if !intent.taken_out.is_empty() {
        let sql = "UPDATE contact SET lead = (SELECT invoice FROM contact_invoice WHERE contact = $1 AND standing <> 'gone'
                   ORDER BY position LIMIT 1) WHERE id = $1";
        tx.exec(sql, vals![id]).await?;
    }
    let sql = "UPDATE contact SET state = 'sending', date = $2, message_id = $3, message_sha256 = $4, attempts = attempts + 1,
               not_before = NULL, reason = NULL, changed_at = $5, recipients = $6, cc = $7, language = $8 WHERE id = $1";
    let list = |l: &[String]| serde_json::Value::from_iter(l.iter().cloned()).to_string();
    let (to, cc) = (list(&intent.to), list(&intent.cc));
    tx.exec(sql, vals![id, intent.date, &intent.message_id, &intent.sha256, now, to, cc, &intent.language]).await?;
    for fresh in &intent.covered {
        let sql = "UPDATE contact_invoice SET days_past_due = $3, open_balance = $4, due_date = $5
                   WHERE contact = $1 AND invoice = $2 AND (days_past_due <> $3 OR open_balance <> $4 OR due_date <> $5)";
        let values = vals![id, &fresh.invoice, fresh.days_past_due, fresh.open_balance, fresh.due_date];
        tx.exec(sql, values).await?;
    }
    record::event(tx, id, Some(from), State::Sending, None, None, now).await?;
    Ok(true)
}

/// Writes how an attempt ended.
///
/// # Errors
/// The database's own.
pub async fn settle(tx: &mut Tx, settled: &Settled, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let (reason, reply) = (settled.reason.as_deref(), settled.relay_reply.as_deref());
    change(tx, &settled.contact, settled.state, reason, reply, now).await?;
    if settled.not_before.is_some() {
        tx.exec("UPDATE contact SET not_before = $2 WHERE id = $1", vals![&settled.contact, settled.not_before]).await?;
    }
    Ok(())
}

/// Moves a contact into a state, and appends the event.
///
/// # Errors
/// The database's own; when there is no such contact.
pub async fn change(
    tx: &mut Tx,
    id: &str,
    to: State,
    reason: Option<&str>,
    reply: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let from = state_of(tx, id).await?.ok_or_else(|| inconsistent("contact.id", id.to_owned(), "a contact of the log"))?;
    let sql =
        "UPDATE contact SET state = $2, reason = $3, relay_reply = coalesce($4, relay_reply), changed_at = $5 WHERE id = $1";
    tx.exec(sql, vals![id, to.word(), reason, reply, now]).await?;
    if to == State::Cancelled {
        tx.exec("UPDATE contact_invoice SET standing = 'gone' WHERE contact = $1", vals![id]).await?;
    }
    record::event(tx, id, Some(from), to, reason, reply, now).await
}

/// The Message-IDs of the e-mails to this customer about an invoice that have left, oldest first (D11).
///
/// # Errors
/// The database's own.
pub async fn thread_of(tx: &mut Tx, invoice: &str, customer: &str) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT DISTINCT c.id, c.message_id FROM contact_invoice i JOIN contact c ON c.id = i.contact
               WHERE i.invoice = $1 AND c.customer = $2 AND c.kind = 'email' AND c.state IN ('sent', 'in-doubt') AND i.standing = 'counts'
                 AND c.message_id IS NOT NULL ORDER BY c.id";
    tx.all(sql, vals![invoice, customer]).await?.iter().map(|r| r.text("message_id")).collect()
}

/// Cancels a contact by a rule.
///
/// # Errors
/// The database's own.
pub async fn cancel(tx: &mut Tx, id: &str, reason: &str, rule: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    change(tx, id, State::Cancelled, Some(reason), None, now).await?;
    tx.exec("UPDATE contact SET rule = $2 WHERE id = $1", vals![id, rule]).await?;
    Ok(())
}

/// The instants of the intents since an instant, oldest first (D6).
///
/// # Errors
/// The database's own.
pub async fn intents_since(tx: &mut Tx, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DatabaseError> {
    let sql = "SELECT at FROM contact_event WHERE to_state = 'sending' AND at > $1 ORDER BY at";
    tx.all(sql, vals![since]).await?.iter().map(|r| r.parsed("at", "an instant")).collect()
}

/// How often a contact was tried, and on which day it was planned.
///
/// # Errors
/// The database's own; when there is no such contact.
pub async fn attempts(tx: &mut Tx, id: &str) -> Result<u32, DatabaseError> {
    let row = tx.first("SELECT attempts FROM contact WHERE id = $1", vals![id]).await?;
    row.map_or(Ok(0), |r| r.count("attempts"))
}

/// The state of a contact; `None`: there is none of this id.
///
/// # Errors
/// The database's own.
pub async fn state_of(tx: &mut Tx, id: &str) -> Result<Option<State>, DatabaseError> {
    let row = tx.first("SELECT state FROM contact WHERE id = $1", vals![id]).await?;
    row.map(|r| r.parsed("state", "a state")).transpose()
}

/// After a crash: what was being sent may have been accepted, so it is in doubt (D2). To be called by the holder of the
/// daemon's lock, before anything is sent. Returns their ids.
///
/// # Errors
/// The database's own.
pub async fn doubt_what_was_sending(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<String>, DatabaseError> {
    let rows = tx.all("SELECT id FROM contact WHERE state = 'sending' ORDER BY id", vec![]).await?;
    let ids = rows.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    for id in &ids {
        change(tx, id, State::InDoubt, Some("the program ended while it was being sent"), None, now).await?;
    }
    Ok(ids)
}

/// How many contacts are in each state.
///
/// # Errors
/// The database's own.
pub async fn counts(tx: &mut Tx) -> Result<HashMap<State, i64>, DatabaseError> {
    let rows = tx.all("SELECT state, count(*) AS n FROM contact GROUP BY state", vec![]).await?;
    rows.iter().map(|r| Ok((r.parsed("state", "a state")?, r.int("n")?))).collect()
}

/// How many e-mails about an invoice or a customer are being sent at this moment.
///
/// # Errors
/// The database's own.
pub async fn in_flight(tx: &mut Tx, subject: &Subject) -> Result<u64, DatabaseError> {
    let (column, id) = match subject {
        Subject::Invoice(id) => ("invoice", id),
        Subject::Customer(id) => ("customer", id),
    };
    let sql = format!(
        "SELECT count(DISTINCT c.id) AS n FROM contact c JOIN contact_invoice i ON i.contact = c.id
         WHERE c.state = 'sending' AND i.{column} = $1"
    );
    let row = tx.first(&sql, vals![id]).await?;
    row.map_or(Ok(0), |r| Ok(r.int("n")?.unsigned_abs()))
}

/// Whether a poll or an import has seen an invoice or a customer.
///
/// # Errors
/// The database's own.
pub async fn is_known(tx: &mut Tx, subject: &Subject) -> Result<bool, DatabaseError> {
    let (sql, id) = match subject {
        Subject::Invoice(id) => {
            ("SELECT 1 FROM invoice_fact WHERE invoice = $1 UNION ALL SELECT 1 FROM ledger_invoice WHERE id = $1 LIMIT 1", id)
        }
        Subject::Customer(id) => {
            ("SELECT 1 FROM invoice_fact WHERE customer = $1 UNION ALL SELECT 1 FROM ledger_customer WHERE id = $1 LIMIT 1", id)
        }
    };
    Ok(tx.first(sql, vals![id]).await?.is_some())
}
