//! What is to be sent, is being sent, and how it went (D1–D4).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::chain::Event;
use super::{Journal, State};
use crate::database::{Bulk, Column, DatabaseError, Tx, inconsistent, int, text};
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

/// Where the bytes of a message are kept: the pack, the first byte and how many (D14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub pack: String,
    pub offset: i64,
    pub length: i64,
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
    /// It may have been accepted: what leaves again are the same bytes (D2).
    pub resend: bool,
    /// The Message-ID under which the relay has passed it on, where that is another one (D11).
    pub relay_message_id: Option<String>,
}

impl Settled {
    /// An end without a word of the relay.
    #[must_use]
    pub fn new(contact: &str, state: State, reason: Option<String>) -> Self {
        Self {
            contact: contact.to_owned(),
            state,
            reason,
            relay_reply: None,
            not_before: None,
            resend: false,
            relay_message_id: None,
        }
    }
}

const INTENT: &[Column] = &[
    text("id"),
    text("date"),
    text("message_id"),
    text("sha256"),
    text("recipients"),
    text("cc"),
    text("language"),
    text("pack"),
    int("start"),
    int("length"),
];

const FRESH: &[Column] = &[text("contact"), text("invoice"), int("days_past_due"), text("open_balance"), text("due_date")];

/// Writes the intents to send: after the commit, and not before, the dialogues may begin (D1). `daemon` is the fencing
/// token (D7). Returns the contacts for which it holds; the others are not waiting any more (cancelled meanwhile, say),
/// or somebody else works on them, and must not be sent.
///
/// # Errors
/// The database's own.
pub async fn intend(
    tx: &mut Tx,
    journal: &mut Journal,
    intents: &[(Intent, Option<Place>)],
    daemon: &str,
    now: DateTime<Utc>,
) -> Result<HashSet<String>, DatabaseError> {
    let ids = Value::from_iter(intents.iter().map(|(i, _)| i.contact.as_str())).to_string();
    // By the ids alone: PostgreSQL would rather look through all that waits.
    let ours = "contact WHERE id IN ($1[]) FOR UPDATE SKIP LOCKED";
    let mut waiting: HashMap<String, State> = HashMap::new();
    for row in tx.many(STANDING, ours, vals![ids]).await? {
        let (state, owner) = (row.parsed("state", "a state")?, row.opt_text("daemon")?);
        let waits = matches!(state, State::Queued | State::Retrying);
        if waits && owner.is_none_or(|owner| owner == daemon) {
            waiting.insert(row.text("id")?, state);
        }
    }
    let (mut rows, mut covered) = (Bulk::new(INTENT), Bulk::new(FRESH));
    for (intent, place) in intents {
        let Some(from) = waiting.get(&intent.contact) else { continue };
        take_out(tx, intent).await?;
        let (to, cc) = (json!(intent.to).to_string(), json!(intent.cc).to_string());
        rows.push(vals![
            &intent.contact,
            intent.date,
            &intent.message_id,
            &intent.sha256,
            &to,
            &cc,
            &intent.language,
            place.as_ref().map(|p| &p.pack),
            place.as_ref().map(|p| p.offset),
            place.as_ref().map(|p| p.length)
        ]);
        for f in &intent.covered {
            covered.push(vals![&intent.contact, &f.invoice, f.days_past_due, f.open_balance, f.due_date]);
        }
        let content = json!({ "date": intent.date, "to": intent.to, "cc": intent.cc, "message_id": intent.message_id,
                              "sha256": intent.sha256, "customer": intent.customer });
        let event = Event::new(&intent.contact, Some(*from), State::Sending, None);
        journal.enter(Event { content: Some(content.to_string()), ..event });
    }
    let sql = "UPDATE contact SET state = 'sending', date = r.date, message_id = r.message_id, message_sha256 = r.sha256,
                 recipients = r.recipients, cc = r.cc, language = r.language, message_pack = r.pack, message_offset = r.start,
                 message_length = r.length, attempts = attempts + 1, not_before = NULL, reason = NULL, daemon = $2,
                 changed_at = $3
               FROM {rows} r WHERE contact.id = r.id";
    tx.exec_bulk(sql, rows, vals![daemon, now]).await?;
    let sql = "UPDATE contact_invoice SET days_past_due = r.days_past_due, open_balance = r.open_balance, due_date = r.due_date
               FROM {rows} r WHERE contact_invoice.contact = r.contact AND contact_invoice.invoice = r.invoice";
    tx.exec_bulk(sql, covered, vec![]).await?;
    Ok(waiting.into_keys().collect())
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

const SETTLED: &[Column] = &[
    text("id"),
    text("state"),
    text("reason"),
    text("relay_reply"),
    text("not_before"),
    int("resend"),
    text("relay_message_id"),
];

/// Moves contacts into their states. `daemon`: these are the outcomes of what this daemon was sending, and count only where
/// it still is its to say (D7). Returns the contacts that were moved.
///
/// # Errors
/// The database's own; when there is no such contact.
pub async fn settle(
    tx: &mut Tx,
    journal: &mut Journal,
    all: &[Settled],
    daemon: Option<&str>,
    now: DateTime<Utc>,
) -> Result<HashSet<String>, DatabaseError> {
    let mut moved = HashSet::new();
    if all.is_empty() {
        return Ok(moved);
    }
    let before = states(tx, all.iter().map(|s| s.contact.as_str())).await?;
    let mut rows = Bulk::new(SETTLED);
    for one in all {
        let id = &one.contact;
        let (from, owner) = before.get(id).ok_or_else(|| inconsistent("contact.id", id.clone(), "a contact of the log"))?;
        // What another daemon has found in doubt may still be settled by the one that heard the relay's answer.
        let ours = daemon.is_none_or(|d| owner.as_deref() == Some(d) && matches!(from, State::Sending | State::InDoubt));
        if !ours || !moved.insert(id.clone()) {
            continue;
        }
        let resend = one.resend;
        rows.push(vals![id, one.state.word(), &one.reason, &one.relay_reply, one.not_before, resend, &one.relay_message_id]);
        let event = Event::new(id, Some(*from), one.state, one.reason.clone());
        journal.enter(Event { relay_reply: one.relay_reply.clone(), ..event });
    }
    // Who was sending it is kept while that is in doubt, so that a late answer is known to be about this try. What is once
    // to leave with the same bytes does so at every try, until it has an end.
    let sql = "UPDATE contact SET state = r.state, reason = r.reason, relay_reply = coalesce(r.relay_reply, contact.relay_reply),
                 relay_message_id = coalesce(r.relay_message_id, contact.relay_message_id),
                 resend = CASE WHEN r.state IN ('queued', 'retrying') AND (r.resend = 1 OR contact.resend = 1) THEN 1 ELSE 0 END,
                 not_before = r.not_before, daemon = CASE WHEN r.state = 'in-doubt' THEN contact.daemon END, changed_at = $2
               FROM {rows} r WHERE contact.id = r.id";
    tx.exec_bulk(sql, rows, vals![now]).await?;
    // What may have been accepted counts as done, also when it is given up (D2, T9).
    let is_gone =
        |s: &&Settled| s.state == State::Cancelled && before.get(&s.contact).is_none_or(|(from, _)| *from != State::InDoubt);
    let gone: Vec<&str> = all.iter().filter(is_gone).map(|s| s.contact.as_str()).collect();
    if !gone.is_empty() {
        tx.exec("UPDATE contact_invoice SET standing = 'gone' WHERE contact IN ($1[])", vals![json!(gone).to_string()]).await?;
    }
    Ok(moved)
}

/// These contacts were not really tried: the relay was not reached, or refused us (D3).
///
/// # Errors
/// The database's own.
pub async fn take_back_attempt(tx: &mut Tx, ids: &[&str]) -> Result<(), DatabaseError> {
    if !ids.is_empty() {
        let sql = "UPDATE contact SET attempts = attempts - 1 WHERE attempts > 0 AND id IN ($1[])";
        tx.exec(sql, vals![json!(ids).to_string()]).await?;
    }
    Ok(())
}

/// Moves one contact into a state.
///
/// # Errors
/// As [`settle`].
pub async fn change(
    tx: &mut Tx,
    journal: &mut Journal,
    id: &str,
    to: State,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    settle(tx, journal, &[Settled::new(id, to, reason.map(str::to_owned))], None, now).await.map(drop)
}

/// Cancels a contact by a rule.
///
/// # Errors
/// The database's own.
pub async fn cancel(
    tx: &mut Tx,
    journal: &mut Journal,
    id: &str,
    reason: &str,
    rule: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    change(tx, journal, id, State::Cancelled, Some(reason), now).await?;
    tx.exec("UPDATE contact SET rule = $2 WHERE id = $1", vals![id, rule]).await?;
    Ok(())
}

/// The state of a contact, held until the transaction ends; `None`: there is none of this id.
///
/// # Errors
/// The database's own.
pub async fn state_of(tx: &mut Tx, id: &str) -> Result<Option<State>, DatabaseError> {
    Ok(states(tx, std::iter::once(id)).await?.remove(id).map(|(state, _)| state))
}

const STANDING: &[&str] = &["id", "state", "daemon"];

type Standing = (State, Option<String>);

/// The states of contacts and who works on them, held against other writers until the transaction ends.
async fn states<'a>(tx: &mut Tx, ids: impl Iterator<Item = &'a str>) -> Result<HashMap<String, Standing>, DatabaseError> {
    let ids = Value::from_iter(ids).to_string();
    let rows = tx.many(STANDING, "contact WHERE id IN ($1[]) ORDER BY id FOR UPDATE", vals![ids]).await?;
    rows.iter().map(|r| Ok((r.text("id")?, (r.parsed("state", "a state")?, r.opt_text("daemon")?)))).collect()
}
