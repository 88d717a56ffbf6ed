//! Tasks of the log: done, snoozed, awake again (T24), given to somebody else, and those that a person adds.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use ulid::Ulid;

use super::{Event, Journal, State, outbox};
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// What became of an order to change a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Yes,
    /// There is no contact of this id, or it is no task.
    NoSuchTask,
    /// It is done already.
    AlreadyDone,
}

/// Whether a task can be changed; it is held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn waiting(tx: &mut Tx, id: &str) -> Result<Changed, DatabaseError> {
    Ok(match outbox::state_of(tx, id).await? {
        Some(State::Open | State::Snoozed) => Changed::Yes,
        Some(State::Done) => Changed::AlreadyDone,
        _ => Changed::NoSuchTask,
    })
}

/// A task is done. `result`: what came of it, in one of the worklist's words; without a note the old one stays.
///
/// # Errors
/// The database's own.
pub async fn done(
    tx: &mut Tx,
    journal: &mut Journal,
    id: &str,
    note: Option<&str>,
    result: Option<&str>,
    author: &str,
    now: DateTime<Utc>,
) -> Result<Changed, DatabaseError> {
    let found = waiting(tx, id).await?;
    if found == Changed::Yes {
        let said: Vec<&str> = result.into_iter().chain(note).collect();
        outbox::change(tx, journal, id, State::Done, Some(&format!("{author}: {}", said.join(", "))), now).await?;
        let sql = "UPDATE contact SET note = coalesce($2, note), result = $3, snoozed_until = NULL, reason = NULL WHERE id = $1";
        tx.exec(sql, vals![id, note, result]).await?;
    }
    Ok(found)
}

/// A task sleeps, that day included. It is due on `due_on`, the first business day after it.
///
/// # Errors
/// The database's own.
pub async fn snooze(
    tx: &mut Tx,
    journal: &mut Journal,
    id: &str,
    until: NaiveDate,
    due_on: NaiveDate,
    author: &str,
    now: DateTime<Utc>,
) -> Result<Changed, DatabaseError> {
    let found = waiting(tx, id).await?;
    if found == Changed::Yes {
        outbox::change(tx, journal, id, State::Snoozed, Some(&format!("{author}: until {until}")), now).await?;
        let sql = "UPDATE contact SET snoozed_until = $2, due_on = $3, reason = NULL WHERE id = $1";
        tx.exec(sql, vals![id, until, due_on]).await?;
    }
    Ok(found)
}

/// A task goes to somebody else.
///
/// # Errors
/// The database's own.
pub async fn assign(
    tx: &mut Tx,
    journal: &mut Journal,
    id: &str,
    to: &str,
    author: &str,
    now: DateTime<Utc>,
) -> Result<Changed, DatabaseError> {
    let found = waiting(tx, id).await?;
    if found == Changed::Yes {
        let state = outbox::state_of(tx, id).await?.unwrap_or(State::Open);
        journal.enter(Event::new(id, Some(state), state, Some(format!("{author}: to {to}"))));
        let sql = "UPDATE contact SET recipients = $2, changed_at = $3 WHERE id = $1";
        tx.exec(sql, vals![id, json!([to]).to_string(), now]).await?;
    }
    Ok(found)
}

/// Wakes the tasks whose sleep is over.
///
/// # Errors
/// The database's own.
pub async fn wake(tx: &mut Tx, journal: &mut Journal, today: NaiveDate, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    for row in tx.all("SELECT id FROM contact WHERE state = 'snoozed' AND snoozed_until < $1", vals![today]).await? {
        let id = row.text("id")?;
        outbox::change(tx, journal, &id, State::Open, None, now).await?;
        tx.exec("UPDATE contact SET snoozed_until = NULL WHERE id = $1", vals![&id]).await?;
    }
    Ok(())
}

/// A task that is of no step of the timetable. It covers no invoice, so that it can neither do a step nor stand in its way
/// (T9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The word of the task, in the place of its step as well: `call`.
    pub word: String,
    pub customer: String,
    /// The invoice that it is about; empty: the customer.
    pub lead: String,
    /// The contact whose invoices it is about.
    pub origin: Option<String>,
    /// The day on which it appears, and the one by which it is to be done.
    pub date: NaiveDate,
    pub due_on: NaiveDate,
    /// Whom it goes to, a JSON list of addresses; `None`: to whom the customer's tasks go.
    pub to: Option<String>,
    /// Why it is there, and by which rule.
    pub reason: &'static str,
    pub rule: &'static str,
    pub note: Option<String>,
    /// Who has added it.
    pub author: Option<String>,
}

/// Opens it. Returns its id.
///
/// # Errors
/// The database's own.
pub async fn open(tx: &mut Tx, journal: &mut Journal, new: &NewTask, now: DateTime<Utc>) -> Result<String, DatabaseError> {
    // Behind every contact of this millisecond, so that the log shows it after the one that it follows from.
    let id = Ulid::from_datetime((now + TimeDelta::milliseconds(1)).into()).to_string();
    let sql = "SELECT segment FROM contact WHERE customer = $1 AND segment <> '' ORDER BY id DESC LIMIT 1";
    let segment = tx.first(sql, vals![&new.customer]).await?.map(|r| r.text("segment")).transpose()?.unwrap_or_default();
    let to = match &new.to {
        Some(to) => to.clone(),
        None => collector(tx, &new.customer).await?,
    };
    let sql = "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, reason, rule, customer, segment,
                                    recipients, cc, lead, attempts, note, due_on, origin, created_at, changed_at)
               VALUES ($1, 'task', 'task', $2, $2, 0, $3, 'open', $4, $5, $6, $7, $8, '[]', $9, 0, $10, $11, $12, $13, $13)";
    let values = vals![
        &id,
        &new.word,
        new.date,
        new.reason,
        new.rule,
        &new.customer,
        segment,
        to,
        &new.lead,
        &new.note,
        new.due_on,
        &new.origin,
        now
    ];
    tx.exec(sql, values).await?;
    let said = new.author.as_ref().map_or_else(|| new.reason.to_owned(), |author| format!("{author}: {}", new.reason));
    let content = json!({ "kind": "task", "date": new.date, "customer": new.customer, "task": new.word, "note": new.note });
    let event = Event::new(&id, None, State::Open, Some(said));
    journal.enter(Event { content: Some(content.to_string()), ..event });
    Ok(id)
}

/// Whom the customer's tasks go to: the own ledger's collector, or whoever had the customer's last task.
async fn collector(tx: &mut Tx, customer: &str) -> Result<String, DatabaseError> {
    let sql = "SELECT collector FROM ledger_customer WHERE id = $1";
    if let Some(collector) = tx.first(sql, vals![customer]).await?.map(|r| r.opt_text("collector")).transpose()?.flatten() {
        return Ok(json!([collector]).to_string());
    }
    let sql = "SELECT recipients FROM contact WHERE customer = $1 AND kind = 'task' ORDER BY id DESC LIMIT 1";
    Ok(tx.first(sql, vals![customer]).await?.map(|r| r.text("recipients")).transpose()?.unwrap_or_else(|| "[]".to_owned()))
}

/// When each of these tasks was changed last.
///
/// # Errors
/// The database's own.
pub async fn changed_at(tx: &mut Tx, ids: &[&str]) -> Result<HashMap<String, DateTime<Utc>>, DatabaseError> {
    let rows = tx.all("SELECT id, changed_at FROM contact WHERE id IN ($1[])", vals![json!(ids).to_string()]).await?;
    rows.iter().map(|r| Ok((r.text("id")?, r.parsed("changed_at", "an instant")?))).collect()
}

/// How things stand with the tasks that wait, as a text that is compared only.
///
/// # Errors
/// The database's own.
pub async fn state_of_all(tx: &mut Tx) -> Result<String, DatabaseError> {
    let sql = "SELECT count(*) AS n, coalesce(max(changed_at), '') AS at FROM contact WHERE state IN ('open', 'snoozed')";
    let row = tx.first(sql, vec![]).await?;
    row.map_or(Ok(String::new()), |r| Ok(format!("{} {}", r.int("n")?, r.text("at")?)))
}

/// The customer of an invoice, as the polls or the own ledger know it.
///
/// # Errors
/// The database's own.
pub async fn customer_of(tx: &mut Tx, invoice: &str) -> Result<Option<String>, DatabaseError> {
    let sql =
        "SELECT customer FROM invoice_fact WHERE invoice = $1 UNION ALL SELECT customer_id FROM ledger_invoice WHERE id = $1
               LIMIT 1";
    tx.first(sql, vals![invoice]).await?.map(|r| r.text("customer")).transpose()
}
