//! The task "find a better address" for a customer whose address the relay has refused (D4). It is of no step of the
//! timetable: it covers no invoice, so that it can neither do a step nor stand in its way (T9).

use chrono::{DateTime, Utc};

use super::tasks::{self, NewTask};
use super::{Journal, outbox};
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// The word of such a task, in place of its step as well.
pub const ACTION: &str = "better-address";
/// Why it is there.
const REASON: &str = "address refused";

/// Opens the task after an address of a contact was refused, unless the customer has one for this address that is open or
/// asleep. It is led by the contact's lead invoice, and goes to whom the customer's tasks go. Returns its id if it
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
    let sql = "SELECT customer, lead, date FROM contact WHERE id = $1";
    let Some(of) = tx.first(sql, vals![contact]).await? else { return Ok(None) };
    let customer = of.text("customer")?;
    // A digest is about no customer.
    if customer.is_empty() || !waiting(tx, &customer, address).await?.is_empty() {
        return Ok(None);
    }
    let date = of.date("date")?;
    let new = NewTask {
        word: ACTION.to_owned(),
        customer,
        lead: of.text("lead")?,
        origin: None,
        date,
        due_on: date,
        to: None,
        reason: REASON,
        rule: "D4",
        note: Some(format!("{}{reply} (contact {contact})", about(address))),
        author: None,
    };
    Ok(Some(tasks::open(tx, journal, &new, now).await?))
}

/// The address is good after all: its tasks are done.
///
/// # Errors
/// The database's own.
pub async fn close(tx: &mut Tx, address: &str, author: &str, reason: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql = "SELECT id FROM contact WHERE kind = 'task' AND action = $1 AND state IN ('open', 'snoozed')
                 AND substr(note, 1, length($2)) = $2 ORDER BY id";
    let mut journal = Journal::default();
    for row in tx.all(sql, vals![ACTION, about(address)]).await? {
        tasks::done(tx, &mut journal, &row.text("id")?, Some(reason), None, author, now).await?;
    }
    journal.write(tx, now).await.map(drop)
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
