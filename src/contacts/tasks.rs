//! Tasks of the log: done, snoozed, awake again (T24).

use chrono::{DateTime, NaiveDate, Utc};

use super::{Journal, State, outbox};
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

async fn waiting(tx: &mut Tx, id: &str) -> Result<Changed, DatabaseError> {
    Ok(match outbox::state_of(tx, id).await? {
        Some(State::Open | State::Snoozed) => Changed::Yes,
        Some(State::Done) => Changed::AlreadyDone,
        _ => Changed::NoSuchTask,
    })
}

/// A task is done.
///
/// # Errors
/// The database's own.
pub async fn done(tx: &mut Tx, id: &str, note: &str, author: &str, now: DateTime<Utc>) -> Result<Changed, DatabaseError> {
    let found = waiting(tx, id).await?;
    if found == Changed::Yes {
        let mut journal = Journal::default();
        outbox::change(tx, &mut journal, id, State::Done, Some(&format!("{author}: {note}")), now).await?;
        journal.write(tx, now).await?;
        tx.exec("UPDATE contact SET note = $2, snoozed_until = NULL, reason = NULL WHERE id = $1", vals![id, note]).await?;
    }
    Ok(found)
}

/// A task sleeps, that day included.
///
/// # Errors
/// The database's own.
pub async fn snooze(tx: &mut Tx, id: &str, until: NaiveDate, author: &str, now: DateTime<Utc>) -> Result<Changed, DatabaseError> {
    let found = waiting(tx, id).await?;
    if found == Changed::Yes {
        let mut journal = Journal::default();
        outbox::change(tx, &mut journal, id, State::Snoozed, Some(&format!("{author}: until {until}")), now).await?;
        journal.write(tx, now).await?;
        tx.exec("UPDATE contact SET snoozed_until = $2, reason = NULL WHERE id = $1", vals![id, until]).await?;
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
