//! Who works on what (D7): daemons with their leases, and the contacts that they have claimed.
//!
//! A lease runs by the database's clock. A daemon whose lease is over is fenced for good: what it had claimed returns to
//! the queue, what it was sending is in doubt. Nothing is put back by age alone.

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::{DateTime, Utc};

use super::Journal;
use super::entry::{self, Entry, Filter};
use super::outbox::{self, Settled};
use super::queue::Queue;
use crate::database::{DatabaseError, Tx, instant_text};
use crate::ledger::Whose;
use crate::ledger::reading::Page;
use crate::vals;

/// A daemon, as the others see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Daemon {
    pub id: String,
    /// Host and process.
    pub name: String,
    pub version: String,
    /// SHA-256 of its timetable.
    pub timetable: String,
    pub started_at: String,
    pub seen_at: String,
    /// Its connections to the relay (D6).
    pub connections: i64,
}

/// Registers a daemon for so many seconds; its id is the fencing token.
///
/// # Errors
/// The database's own.
pub async fn register(tx: &mut Tx, id: &str, name: &str, timetable: &str, lease: i64) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO daemon (id, name, version, timetable, started_at, seen_at, lease_until, connections)
               VALUES ($1, $2, $3, $4, {clock}, {clock}, {clock+$5}, 0)";
    tx.exec(sql, vals![id, name, env!("CARGO_PKG_VERSION"), timetable, lease]).await?;
    Ok(())
}

/// Renews a lease for so many seconds; `false`: it is over for good.
///
/// # Errors
/// The database's own.
pub async fn renew(tx: &mut Tx, id: &str, lease: i64, connections: i64) -> Result<bool, DatabaseError> {
    let sql =
        "UPDATE daemon SET seen_at = {clock}, lease_until = {clock+$2}, connections = $3 WHERE id = $1 AND ended_at IS NULL";
    Ok(tx.exec(sql, vals![id, lease, connections]).await? == 1)
}

/// A daemon works by another timetable from now on (D9).
///
/// # Errors
/// The database's own.
pub async fn works_by(tx: &mut Tx, id: &str, timetable: &str) -> Result<(), DatabaseError> {
    tx.exec("UPDATE daemon SET timetable = $2 WHERE id = $1", vals![id, timetable]).await?;
    Ok(())
}

/// Whether a lease still holds; it cannot be ended by others before this transaction is.
///
/// # Errors
/// The database's own.
pub async fn holds(tx: &mut Tx, id: &str) -> Result<bool, DatabaseError> {
    let sql = "SELECT 1 AS one FROM daemon WHERE id = $1 AND ended_at IS NULL FOR SHARE";
    Ok(tx.first(sql, vals![id]).await?.is_some())
}

/// Ends a daemon's own lease, when it stops: what it had claimed and not begun returns to the queue.
///
/// # Errors
/// The database's own.
pub async fn leave(tx: &mut Tx, id: &str) -> Result<(), DatabaseError> {
    // First: a claim of its own that is not committed yet is waited for, and released as well.
    tx.exec("UPDATE daemon SET ended_at = {clock}, connections = 0 WHERE id = $1 AND ended_at IS NULL", vals![id]).await?;
    release(tx, id).await
}

/// Gives back what a daemon has claimed and not begun.
///
/// # Errors
/// The database's own.
pub async fn release(tx: &mut Tx, id: &str) -> Result<(), DatabaseError> {
    let sql = "UPDATE contact SET daemon = NULL WHERE daemon = $1 AND state IN ('planned', 'queued', 'retrying')";
    tx.exec(sql, vals![id]).await?;
    Ok(())
}

/// The daemons at work, the oldest first.
///
/// # Errors
/// The database's own.
pub async fn at_work(tx: &mut Tx) -> Result<Vec<Daemon>, DatabaseError> {
    // Of a SQLite file the lock says who is at work, and no lease is renewed.
    let lasts = if tx.is_shared() { "AND lease_until >= {clock}" } else { "" };
    let sql = format!("SELECT * FROM daemon WHERE ended_at IS NULL {lasts} ORDER BY started_at, id");
    let daemon = |r: &crate::database::Row| {
        Ok(Daemon {
            id: r.text("id")?,
            name: r.text("name")?,
            version: r.text("version")?,
            timetable: r.text("timetable")?,
            started_at: r.text("started_at")?,
            seen_at: r.text("seen_at")?,
            connections: r.int("connections")?,
        })
    };
    tx.all(&sql, vec![]).await?.iter().map(daemon).collect()
}

/// Ends the leases of daemons that are gone, and settles what they left. On a database with one daemon all others are
/// gone; on a shared one those whose lease is over (D7). What they were sending may have been accepted, and so may what this
/// process itself left (`us`; it sends nothing just now): `judge` says of a contact and the number of its tries what becomes
/// of it (D2). Returns these contacts.
///
/// # Errors
/// The database's own.
pub async fn bury(
    tx: &mut Tx,
    journal: &mut Journal,
    us: &str,
    judge: impl Fn(&str, u32) -> Settled,
    now: DateTime<Utc>,
) -> Result<Vec<String>, DatabaseError> {
    let over = if tx.is_shared() { "AND lease_until < {clock}" } else { "" };
    let sql = format!("SELECT id FROM daemon WHERE ended_at IS NULL AND id <> $1 {over} ORDER BY id FOR UPDATE SKIP LOCKED");
    let gone = tx.all(&sql, vals![us]).await?.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    for id in gone {
        leave(tx, &id).await?;
    }
    // Also what a daemon left that could not say any more how it had gone when it stopped.
    let sql = "SELECT id, attempts FROM contact WHERE state = 'sending' AND (daemon = $1
                 OR NOT EXISTS (SELECT 1 FROM daemon d WHERE d.id = contact.daemon AND d.ended_at IS NULL))
               ORDER BY id FOR UPDATE";
    let rows = tx.all(sql, vals![us]).await?;
    let settled = rows.iter().map(|r| Ok(judge(&r.text("id")?, r.count("attempts")?)));
    let settled = settled.collect::<Result<Vec<_>, DatabaseError>>()?;
    outbox::settle(tx, journal, &settled, None, now).await?;
    let doubts = settled.into_iter().map(|s| s.contact).collect();
    Ok(doubts)
}

/// Claims up to `how_many` contacts that may be sent now, in the order in which they were planned, after one of them. On a
/// database with one daemon nothing needs to be claimed.
///
/// # Errors
/// The database's own.
pub async fn claim(
    tx: &mut Tx,
    us: &str,
    after: &str,
    how_many: u32,
    queue: Queue,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, DatabaseError> {
    let sql = format!(
        "SELECT id FROM contact INDEXED BY contact_waits WHERE state IN ('planned', 'queued', 'retrying') AND state <> 'planned' AND id > $1 AND {}
           AND (not_before IS NULL OR not_before <= $2) AND (daemon IS NULL OR daemon = $3) ORDER BY id LIMIT $4
         FOR UPDATE SKIP LOCKED",
        queue.sql()
    );
    // Held until the commit: nobody ends the lease meanwhile, and no claim is left behind one that was ended.
    if tx.is_shared() && !holds(tx, us).await? {
        return Ok(Vec::new());
    }
    let rows = tx.all(&sql, vals![after, instant_text(now), us, how_many]).await?;
    let ids = rows.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if tx.is_shared() {
        let list = serde_json::json!(ids).to_string();
        tx.exec("UPDATE contact SET daemon = $1 WHERE id IN ($2[])", vals![us, list]).await?;
    }
    entry::list(tx, &Filter { contacts: Some(ids), ..Filter::default() }).await
}

/// Holds the sharing out of connections until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn hold_shares(tx: &mut Tx) -> Result<(), DatabaseError> {
    tx.first("SELECT value FROM state WHERE key = 'shares' FOR UPDATE", vec![]).await?;
    Ok(())
}

/// Holds the counting of what has left lately until the transaction ends: two daemons must not both take the last place
/// that a limit leaves (D6).
///
/// # Errors
/// The database's own.
pub async fn hold_pace(tx: &mut Tx) -> Result<(), DatabaseError> {
    tx.first("SELECT value FROM state WHERE key = 'pace' FOR UPDATE", vec![]).await?;
    Ok(())
}

/// Takes the right to plan until the transaction ends; `false`: another daemon is planning (D7).
///
/// # Errors
/// The database's own.
pub async fn plan_alone(tx: &mut Tx) -> Result<bool, DatabaseError> {
    if tx.is_shared() {
        // A planner that hangs loses its transaction, and with it the right and all that it has written.
        tx.exec("SET LOCAL idle_in_transaction_session_timeout = '10min'", vec![]).await?;
    }
    Ok(tx.first("SELECT key FROM state WHERE key = 'planner' FOR UPDATE SKIP LOCKED", vec![]).await?.is_some())
}

/// When people last changed what may leave – holds, promises, disputes, suppressions –, as a text that is compared only.
/// Nobody changes it before this transaction ends.
///
/// # Errors
/// The database's own.
pub async fn controls_now(tx: &mut Tx) -> Result<String, DatabaseError> {
    let row = tx.first("SELECT value FROM state WHERE key = 'controls' FOR SHARE", vec![]).await?;
    row.map_or(Ok(String::new()), |r| r.text("value"))
}

/// The same, without holding it.
///
/// # Errors
/// The database's own.
pub async fn controls_seen(tx: &mut Tx) -> Result<String, DatabaseError> {
    let row = tx.first("SELECT value FROM state WHERE key = 'controls'", vec![]).await?;
    row.map_or(Ok(String::new()), |r| r.text("value"))
}

/// To be called by whoever changes what may leave: what was prepared before is prepared anew, and what is being handed over
/// at this moment is seen by [`super::control::in_flight`].
///
/// # Errors
/// The database's own.
pub async fn controls_change(tx: &mut Tx) -> Result<(), DatabaseError> {
    tx.exec("UPDATE state SET value = $1 WHERE key = 'controls'", vals![ulid::Ulid::new().to_string()]).await?;
    Ok(())
}

/// Whether something is waiting to be sent now that nobody has claimed.
///
/// # Errors
/// The database's own.
pub async fn is_waiting(tx: &mut Tx, queue: Queue, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let sql = format!(
        "SELECT 1 AS one FROM contact WHERE state IN ('planned', 'queued', 'retrying') AND state <> 'planned' AND {}
           AND (not_before IS NULL OR not_before <= $1) AND daemon IS NULL LIMIT 1",
        queue.sql()
    );
    Ok(tx.first(&sql, vals![instant_text(now)]).await?.is_some())
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub struct Unsent {
    pub notices: Vec<String>,
    /// E-mails, by customer.
    emails: BTreeMap<String, Vec<String>>,
}

impl Unsent {
    /// The e-mails to the customers of a page.
    pub fn take(&mut self, page: &Page) -> Vec<String> {
        match page.whose() {
            Whose::Everybody => std::mem::take(&mut self.emails).into_values().flatten().collect(),
            Whose::These(ids) => ids.iter().filter_map(|id| self.emails.remove(id)).flatten().collect(),
            Whose::Between { after, upto } => {
                let (begin, end) = (Bound::Excluded(after.to_owned()), upto.map(str::to_owned));
                let range = (begin, end.map_or(Bound::Unbounded, Bound::Included));
                self.emails.extract_if(range, |_, _| true).flat_map(|(_, ids)| ids).collect()
            }
        }
    }
}

/// Holds what waits to be sent until the transaction ends, so that nobody begins to send it meanwhile; says which (D7).
///
/// # Errors
/// The database's own.
pub async fn hold_unsent(tx: &mut Tx) -> Result<Unsent, DatabaseError> {
    let sql = "SELECT id, kind, customer FROM contact INDEXED BY contact_waits
               WHERE state IN ('planned', 'queued', 'retrying') AND merged_as NOT IN ('digest', 'forewarning') ORDER BY id FOR UPDATE";
    let mut unsent = Unsent::default();
    for row in tx.all(sql, vec![]).await? {
        match row.text("kind")?.as_str() {
            "notice" => unsent.notices.push(row.text("id")?),
            _ => unsent.emails.entry(row.text("customer")?).or_default().push(row.text("id")?),
        }
    }
    Ok(unsent)
}
