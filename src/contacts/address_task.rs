//! The task "find a better address" for a customer whose address the relay has refused (D4). It is of no step of the
//! timetable: it covers no invoice, so that it can neither do a step nor stand in its way (T9).

use chrono::{DateTime, TimeDelta, Utc};
use ulid::Ulid;

use super::{Event, Journal, State, outbox};
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// The word of such a task, in place of its step as well.
pub const ACTION: &str = "better-address";
/// Why it is there.
const REASON: &str = "address refused";

/// Opens the task after an address of a contact was refused, unless the customer has one for this address that is open or
/// asleep. It is led by the contact's lead invoice, and goes to whoever had the customer's last task. Returns its id if it
/// is new.
///
/// # Errors
/// The database's own.
pub async fn open(
    tx: &mut Tx,
    journal: &mut Journal,
    contact: &str,
    address: &str,
    reply: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, DatabaseError> {
    let sql = "SELECT customer, segment, lead, date FROM contact WHERE id = $1";
    let Some(of) = tx.first(sql, vals![contact]).await? else { return Ok(None) };
    let customer = of.text("customer")?;
    if !waiting(tx, &customer, address).await?.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT recipients FROM contact WHERE customer = $1 AND kind = 'task' ORDER BY id DESC LIMIT 1";
    let collector = tx.first(sql, vals![&customer]).await?.map(|row| row.text("recipients")).transpose()?;
    // Behind every contact of this millisecond, so that the log shows it after the one that was refused.
    let id = Ulid::from_datetime((now + TimeDelta::milliseconds(1)).into()).to_string();
    let sql = "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, reason, rule, customer, segment,
                                    recipients, cc, lead, attempts, note, created_at, changed_at)
               VALUES ($1, 'task', 'task', $2, $2, 0, $3, 'open', $4, 'D4', $5, $6, $7, '[]', $8, 0, $9, $10, $10)";
    let note = format!("{}{reply} (contact {contact})", about(address));
    let (segment, lead, date) = (of.text("segment")?, of.text("lead")?, of.date("date")?);
    let collector = collector.unwrap_or_else(|| "[]".to_owned());
    tx.exec(sql, vals![&id, ACTION, date, REASON, &customer, segment, collector, lead, note, now]).await?;
    journal.enter(Event::new(&id, None, State::Open, Some(REASON.to_owned())));
    Ok(Some(id))
}

/// The address is good after all: its tasks are done.
///
/// # Errors
/// The database's own.
pub async fn close(tx: &mut Tx, address: &str, author: &str, reason: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql = "SELECT id FROM contact WHERE kind = 'task' AND action = $1 AND state IN ('open', 'snoozed')
                 AND substr(note, 1, length($2)) = $2 ORDER BY id";
    for row in tx.all(sql, vals![ACTION, about(address)]).await? {
        super::tasks::done(tx, &row.text("id")?, reason, author, now).await?;
    }
    Ok(())
}

/// Takes back the tasks of a contact's refusal: it was the relay's fault, and not the address's.
///
/// # Errors
/// The database's own.
pub async fn withdraw(tx: &mut Tx, journal: &mut Journal, contact: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql = "SELECT id FROM contact WHERE kind = 'task' AND action = $1 AND state IN ('open', 'snoozed')
                 AND note LIKE '%(contact ' || $2 || ')' ORDER BY id";
    for row in tx.all(sql, vals![ACTION, contact]).await? {
        outbox::cancel(tx, journal, &row.text("id")?, "the relay refused everybody", "D4", now).await?;
    }
    Ok(())
}

/// How the note of a task about an address begins.
fn about(address: &str) -> String {
    format!("{address}: ")
}

async fn waiting(tx: &mut Tx, customer: &str, address: &str) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT id FROM contact WHERE customer = $1 AND kind = 'task' AND action = $2 AND state IN ('open', 'snoozed')
                 AND substr(note, 1, length($3)) = $3";
    tx.all(sql, vals![customer, ACTION, about(address)]).await?.iter().map(|row| row.text("id")).collect()
}
