//! The polls: what each one read and did, and the few single values that outlive them (T10, T27, T30, T31).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::database::{DatabaseError, Row, Tx, inconsistent};
use crate::ledger::guard::{Measures, ReadCounts};
use crate::vals;

/// What may leave after a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MayDeliver {
    All,
    /// E-mails to customers wait for a person's word (T28).
    Notices,
    /// The ledger or the clock is not believed (T27, T29), or the database went back in time (D16).
    #[default]
    Nothing,
}

impl MayDeliver {
    const ALL: [(Self, &'static str); 3] = [(Self::All, "all"), (Self::Notices, "notices"), (Self::Nothing, "nothing")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(may, _)| *may == self).map_or("nothing", |(_, word)| word)
    }
}

/// What a poll read and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollRecord {
    /// The slot's local date and time as written in the schedule (T30); `None`: not by the schedule.
    pub slot: Option<String>,
    pub at: DateTime<Utc>,
    pub date: NaiveDate,
    pub believed: bool,
    pub read: ReadCounts,
    /// Contacts by kind and state.
    pub outcome: BTreeMap<String, u64>,
    pub may_deliver: MayDeliver,
    /// Why the read was not believed, or what else a person should know.
    pub problem: Option<String>,
}

/// Writes a poll. `accepted`: a person believed its read, so it is the only measure from now on.
///
/// # Errors
/// The database's own; a slot that was polled already is one of them (T30).
pub async fn record(tx: &mut Tx, poll: &PollRecord, accepted: bool) -> Result<(), DatabaseError> {
    if accepted {
        tx.exec("UPDATE poll SET is_measure = 0 WHERE is_measure = 1", vec![]).await?;
    }
    let sql =
        "INSERT INTO poll (slot, at, date, believed, is_measure, customers, open_invoices, payments, bad_rows, outcome, problem,
                           may_deliver)
               VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = vals![
        poll.slot.clone(),
        poll.at,
        poll.date,
        poll.believed,
        count(poll.read.customers),
        count(poll.read.open_invoices),
        json(&poll.read.payments),
        count(poll.read.bad_rows),
        json(&poll.outcome),
        poll.problem.clone(),
        poll.may_deliver.word()
    ];
    tx.exec(sql, values).await?;
    Ok(())
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The good reads by which one of a day is measured, oldest first: those of the last 14 days, or the last one before them.
/// Only the last one has its payments.
///
/// # Errors
/// The database's own.
pub async fn good_reads(tx: &mut Tx, today: NaiveDate) -> Result<Vec<(NaiveDate, ReadCounts)>, DatabaseError> {
    let since = today - TimeDelta::days(Measures::DAYS);
    let sql = "SELECT p.date, p.customers, p.open_invoices, p.bad_rows,
                 CASE WHEN p.number = last.number THEN p.payments ELSE '{}' END AS payments
               FROM poll p, (SELECT max(number) AS number FROM poll WHERE is_measure = 1) last
               WHERE p.is_measure = 1 AND (p.date >= $1 OR p.number = last.number) ORDER BY p.number";
    tx.all(sql, vals![since]).await?.iter().map(read_counts).collect()
}

fn read_counts(row: &Row) -> Result<(NaiveDate, ReadCounts), DatabaseError> {
    let counts = ReadCounts {
        customers: row.int("customers")?.unsigned_abs(),
        open_invoices: row.int("open_invoices")?.unsigned_abs(),
        payments: row.json("payments")?,
        bad_rows: row.int("bad_rows")?.unsigned_abs(),
    };
    Ok((row.date("date")?, counts))
}

fn may_deliver(row: &Row) -> Result<MayDeliver, DatabaseError> {
    let word = row.text("may_deliver")?;
    let found = MayDeliver::ALL.iter().find(|(_, w)| *w == word).map(|(may, _)| *may);
    found.ok_or_else(|| inconsistent("poll.may_deliver", word, "all, notices or nothing"))
}

/// What may leave after the last poll, if that was on this day.
///
/// # Errors
/// The database's own.
pub async fn may_deliver_on(tx: &mut Tx, today: NaiveDate) -> Result<Option<MayDeliver>, DatabaseError> {
    let row = tx.first("SELECT date, may_deliver FROM poll ORDER BY number DESC LIMIT 1", vec![]).await?;
    match row {
        Some(row) if row.date("date")? == today => may_deliver(&row).map(Some),
        _ => Ok(None),
    }
}

/// The newest polls, newest first.
///
/// # Errors
/// The database's own.
pub async fn latest(tx: &mut Tx, how_many: u32) -> Result<Vec<PollRecord>, DatabaseError> {
    let rows = tx.all("SELECT * FROM poll ORDER BY number DESC LIMIT $1", vals![how_many]).await?;
    rows.iter().map(poll).collect()
}

/// The polls of a day, oldest first.
///
/// # Errors
/// The database's own.
pub async fn of_day(tx: &mut Tx, day: NaiveDate) -> Result<Vec<PollRecord>, DatabaseError> {
    let rows = tx.all("SELECT * FROM poll WHERE date = $1 ORDER BY number", vals![day]).await?;
    rows.iter().map(poll).collect()
}

fn poll(row: &Row) -> Result<PollRecord, DatabaseError> {
    let (date, read) = read_counts(row)?;
    Ok(PollRecord {
        slot: row.opt_text("slot")?,
        at: row.parsed("at", "an instant")?,
        date,
        believed: row.flag("believed")?,
        read,
        outcome: row.json("outcome")?,
        may_deliver: may_deliver(row)?,
        problem: row.opt_text("problem")?,
    })
}

/// Whether a slot of the schedule was polled already (T30).
///
/// # Errors
/// The database's own.
pub async fn is_polled(tx: &mut Tx, slot: &str) -> Result<bool, DatabaseError> {
    Ok(tx.first("SELECT 1 AS one FROM poll WHERE slot = $1", vals![slot]).await?.is_some())
}

/// A value that outlives the polls.
///
/// # Errors
/// The database's own.
pub async fn value(tx: &mut Tx, key: &str) -> Result<Option<String>, DatabaseError> {
    let row = tx.first("SELECT value FROM state WHERE key = $1", vals![key]).await?;
    row.map(|r| r.text("value")).transpose()
}

/// Sets a value; `None` takes it away.
///
/// # Errors
/// The database's own.
pub async fn set_value(tx: &mut Tx, key: &str, value: Option<&str>) -> Result<(), DatabaseError> {
    match value {
        Some(value) => {
            let sql = "INSERT INTO state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            tx.exec(sql, vals![key, value]).await?
        }
        None => tx.exec("DELETE FROM state WHERE key = $1", vals![key]).await?,
    };
    Ok(())
}

/// The instant of the newest event of the log, if there is one (T29).
///
/// # Errors
/// The database's own.
pub async fn last_event(tx: &mut Tx) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let row = tx.first("SELECT at AS t FROM contact_event ORDER BY number DESC LIMIT 1", vec![]).await?;
    Ok(row.map(|r| r.opt_parsed("t", "an instant")).transpose()?.flatten())
}

/// The hash of an event of the log; `None`: there is none of this number (D14).
///
/// # Errors
/// The database's own.
pub async fn event_hash(tx: &mut Tx, number: i64) -> Result<Option<String>, DatabaseError> {
    let row = tx.first("SELECT hash FROM contact_event WHERE number = $1", vals![number]).await?;
    row.map(|r| r.text("hash")).transpose()
}
