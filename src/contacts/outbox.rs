//! What is to be sent, is being sent, and how it went (D1–D4).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

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
    /// The covered invoices that differ from what was planned, as they are now.
    pub covered: Vec<FreshInvoice>,
    /// The places of the covered invoices that were taken out before it leaves (T26).
    pub taken_out: Vec<(String, String, u32)>,
    /// The lead's, which may be another one after something was taken out (T22): template, customer and segment.
    pub action: String,
    pub customer: String,
    pub segment: String,
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

/// Writes the intents to send: after the commit, and not before, the dialogues may begin (D1). Returns the contacts for
/// which it holds; the others are not waiting any more (cancelled meanwhile, say), and must not be sent.
///
/// # Errors
/// The database's own.
pub async fn intend(tx: &mut Tx, intents: &[Intent], now: DateTime<Utc>) -> Result<HashSet<String>, DatabaseError> {
    let before = states(tx, intents.iter().map(|i| i.contact.as_str())).await?;
    let waits = |i: &&Intent| matches!(before.get(&i.contact), Some(State::Planned | State::Queued | State::Retrying));
    let (mut rows, mut covered, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for intent in intents.iter().filter(waits) {
        take_out(tx, intent).await?;
        rows.push(json!([
            intent.contact,
            intent.date,
            intent.message_id,
            intent.sha256,
            Value::from_iter(intent.to.iter().cloned()).to_string(),
            Value::from_iter(intent.cc.iter().cloned()).to_string(),
            intent.language,
        ]));
        let fresh =
            |f: &FreshInvoice| json!([intent.contact, f.invoice, f.days_past_due, f.open_balance.to_string(), f.due_date]);
        covered.extend(intent.covered.iter().map(fresh));
        events.push(json!([intent.contact, before.get(&intent.contact).map(|s| s.word()), State::Sending.word()]));
    }
    let sql =
        "UPDATE contact SET state = 'sending', date = j.value ->> 1, message_id = j.value ->> 2, message_sha256 = j.value ->> 3,
                 recipients = j.value ->> 4, cc = j.value ->> 5, language = j.value ->> 6, attempts = attempts + 1,
                 not_before = NULL, reason = NULL, changed_at = $2
               FROM json_each($1) j WHERE contact.id = j.value ->> 0";
    tx.exec(sql, vals![Value::Array(rows).to_string(), now]).await?;
    if !covered.is_empty() {
        let sql =
            "UPDATE contact_invoice SET days_past_due = j.value ->> 2, open_balance = j.value ->> 3, due_date = j.value ->> 4
                   FROM json_each($1) j WHERE contact = j.value ->> 0 AND invoice = j.value ->> 1";
        tx.exec(sql, vals![Value::Array(covered).to_string()]).await?;
    }
    record::events(tx, events, now).await?;
    Ok(intents.iter().filter(waits).map(|i| i.contact.clone()).collect())
}

/// T26: what was taken out of a contact before it leaves; the first of the rest leads it.
async fn take_out(tx: &mut Tx, intent: &Intent) -> Result<(), DatabaseError> {
    let id = &intent.contact;
    for (invoice, step, occurrence) in &intent.taken_out {
        let sql =
            "UPDATE contact_invoice SET standing = 'gone' WHERE contact = $1 AND invoice = $2 AND step = $3 AND occurrence = $4";
        tx.exec(sql, vals![id, invoice, step, *occurrence]).await?;
    }
    if !intent.taken_out.is_empty() {
        let sql = "UPDATE contact SET action = $2, customer = $3, segment = $4, (lead, step, occurrence) =
                     (SELECT invoice, step, occurrence FROM contact_invoice WHERE contact = $1 AND standing <> 'gone'
                      ORDER BY position LIMIT 1)
                   WHERE id = $1";
        tx.exec(sql, vals![id, &intent.action, &intent.customer, &intent.segment]).await?;
    }
    Ok(())
}

/// Moves contacts into their states, and appends the events.
///
/// # Errors
/// The database's own; when there is no such contact.
pub async fn settle(tx: &mut Tx, all: &[Settled], now: DateTime<Utc>) -> Result<(), DatabaseError> {
    if all.is_empty() {
        return Ok(());
    }
    let before = states(tx, all.iter().map(|s| s.contact.as_str())).await?;
    let (mut rows, mut events) = (Vec::new(), Vec::new());
    for one in all {
        let id = &one.contact;
        let from = before.get(id).ok_or_else(|| inconsistent("contact.id", id.clone(), "a contact of the log"))?;
        let not_before = one.not_before.map(crate::database::instant_text);
        rows.push(json!([id, one.state.word(), one.reason, one.relay_reply, not_before]));
        events.push(json!([id, from.word(), one.state.word(), one.reason, one.relay_reply]));
    }
    let sql =
        "UPDATE contact SET state = j.value ->> 1, reason = j.value ->> 2, relay_reply = coalesce(j.value ->> 3, relay_reply),
                 not_before = j.value ->> 4, changed_at = $2
               FROM json_each($1) j WHERE contact.id = j.value ->> 0";
    tx.exec(sql, vals![Value::Array(rows).to_string(), now]).await?;
    let gone: Vec<&str> = all.iter().filter(|s| s.state == State::Cancelled).map(|s| s.contact.as_str()).collect();
    if !gone.is_empty() {
        let sql = "UPDATE contact_invoice SET standing = 'gone' WHERE contact IN (SELECT value FROM json_each($1))";
        tx.exec(sql, vals![json!(gone).to_string()]).await?;
    }
    record::events(tx, events, now).await
}

/// These contacts were not really tried: the relay was not reached, or refused us (D3).
///
/// # Errors
/// The database's own.
pub async fn take_back_attempt(tx: &mut Tx, ids: &[&str]) -> Result<(), DatabaseError> {
    if !ids.is_empty() {
        let sql = "UPDATE contact SET attempts = attempts - 1 WHERE attempts > 0 AND id IN (SELECT value FROM json_each($1))";
        tx.exec(sql, vals![json!(ids).to_string()]).await?;
    }
    Ok(())
}

/// Moves one contact into a state.
///
/// # Errors
/// As [`settle`].
pub async fn change(tx: &mut Tx, id: &str, to: State, reason: Option<&str>, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    settle(tx, &[Settled::new(id, to, reason.map(str::to_owned))], now).await
}

/// Cancels a contact by a rule.
///
/// # Errors
/// The database's own.
pub async fn cancel(tx: &mut Tx, id: &str, reason: &str, rule: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    change(tx, id, State::Cancelled, Some(reason), now).await?;
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

/// How often each contact was tried.
///
/// # Errors
/// The database's own.
pub async fn attempts(tx: &mut Tx, ids: &[&str]) -> Result<HashMap<String, u32>, DatabaseError> {
    let sql = "SELECT id, attempts FROM contact WHERE id IN (SELECT value FROM json_each($1))";
    let rows = tx.all(sql, vals![json!(ids).to_string()]).await?;
    rows.iter().map(|r| Ok((r.text("id")?, r.count("attempts")?))).collect()
}

/// The state of a contact; `None`: there is none of this id.
///
/// # Errors
/// The database's own.
pub async fn state_of(tx: &mut Tx, id: &str) -> Result<Option<State>, DatabaseError> {
    Ok(states(tx, std::iter::once(id)).await?.remove(id))
}

async fn states<'a>(tx: &mut Tx, ids: impl Iterator<Item = &'a str>) -> Result<HashMap<String, State>, DatabaseError> {
    let ids = Value::from_iter(ids).to_string();
    let rows = tx.all("SELECT id, state FROM contact WHERE id IN (SELECT value FROM json_each($1))", vals![ids]).await?;
    rows.iter().map(|r| Ok((r.text("id")?, r.parsed("state", "a state")?))).collect()
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
        change(tx, id, State::InDoubt, Some("the program ended while it was being sent"), now).await?;
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
