//! E-mails that wait for a person's word (T34): asked, approved, rejected.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Entry, Journal, State, forewarned, outbox};
use crate::database::{DatabaseError, Tx, Val, inconsistent};
use crate::ledger::Whose;
use crate::plan::Planned;
use crate::timetable::approval::{Key, Told, Verdict};
use crate::timetable::{Timetable, calendar};
use crate::vals;

/// The `reason` of a contact that waits for it.
pub const WAITS: &str = "approval";

/// What was asked and answered about some customers' invoices; `until`: before that instant.
///
/// # Errors
/// The database's own.
pub async fn load(
    tx: &mut Tx,
    timetable: &Timetable,
    whose: Whose<'_>,
    until: Option<DateTime<Utc>>,
) -> Result<HashMap<Key, Verdict>, DatabaseError> {
    let mut values = vec![];
    let sql = format!("SELECT * FROM approval WHERE {}", whose.sql("customer", &mut values));
    let mut found = HashMap::new();
    for row in tx.all(&sql, values).await? {
        let key = (row.text("invoice")?, row.text("step")?, row.count("occurrence")?, row.count("round")?);
        let asked = Verdict::Asked { since: row.date("asked_on")? };
        let at: Option<DateTime<Utc>> = row.opt_parsed("answered_at", "an instant")?;
        let verdict = match row.text("verdict")?.as_str() {
            _ if until.is_some_and(|until| at.is_some_and(|at| at >= until)) => asked,
            "asked" => asked,
            "approved" => Verdict::Approved,
            "rejected" => Verdict::Rejected {
                on: calendar::local(timetable.time_zone, at.unwrap_or_default()).0,
                author: row.opt_text("author")?.unwrap_or_default(),
                reason: row.opt_text("reason")?,
            },
            other => return Err(inconsistent("approval.verdict", other.to_owned(), "a verdict")),
        };
        found.insert(key, verdict);
    }
    Ok(found)
}

/// Notes that a contact of the plan asks for it, as far as that is not known.
///
/// # Errors
/// The database's own.
pub(super) async fn ask(tx: &mut Tx, planned: &Planned) -> Result<(), DatabaseError> {
    let Some(asked) = &planned.asked else { return Ok(()) };
    let sql = "INSERT INTO approval (invoice, step, occurrence, round, customer, verdict, asked_on)
               VALUES ($1, $2, $3, $4, $5, 'asked', $6) ON CONFLICT DO NOTHING";
    for c in &planned.covered {
        let values = vals![&c.invoice, &c.step, c.occurrence, c.round, &c.customer, asked.since];
        tx.exec(sql, values).await?;
    }
    Ok(())
}

/// What was asked has ended without an answer: when it comes again, it is asked anew.
///
/// # Errors
/// The database's own.
pub(super) async fn withdraw(tx: &mut Tx, ended: &Entry) -> Result<(), DatabaseError> {
    let sql = "DELETE FROM approval WHERE invoice = $1 AND step = $2 AND occurrence = $3 AND round = $4 AND verdict = 'asked'";
    for i in &ended.invoices {
        tx.exec(sql, vals![&i.id, &i.step, i.occurrence, i.round]).await?;
    }
    forewarned::withdraw(tx, ended).await
}

/// Who lets a contact leave to which nobody has objected.
#[must_use]
pub fn nobody(told: &Told) -> String {
    format!("nobody objected; forewarned on {} to {}", told.on, told.to)
}

/// Notes that a contact of the plan leaves since nobody has objected: an approval with an author that says so.
///
/// # Errors
/// The database's own.
pub(super) async fn let_go(tx: &mut Tx, planned: &Planned, told: &Told, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO approval (invoice, step, occurrence, round, customer, verdict, asked_on, author, answered_at)
               VALUES ($1, $2, $3, $4, $5, 'approved', $6, $7, $8)
               ON CONFLICT (invoice, step, occurrence, round) DO UPDATE
                 SET verdict = excluded.verdict, author = excluded.author, answered_at = excluded.answered_at
                 WHERE approval.verdict = 'asked'";
    for c in &planned.covered {
        let values = vals![&c.invoice, &c.step, c.occurrence, c.round, &c.customer, told.on, nobody(told), now];
        tx.exec(sql, values).await?;
    }
    Ok(())
}

/// Who has approved contacts that do not wait any more: said of each of them.
///
/// # Errors
/// The database's own.
pub async fn name_authors(tx: &mut Tx, entries: &mut [Entry]) -> Result<(), DatabaseError> {
    let ids = serde_json::Value::from_iter(entries.iter().filter(|e| e.state != State::Planned).map(|e| e.contact.as_deref()));
    let sql = "SELECT i.contact, max(a.author) AS author FROM contact_invoice i
                 JOIN approval a ON a.invoice = i.invoice AND a.step = i.step_now AND a.occurrence = i.occurrence AND a.round = i.round
               WHERE i.contact IN ($1[]) AND i.standing = 'counts' AND a.verdict = 'approved' GROUP BY i.contact";
    let rows = tx.all(sql, vals![ids.to_string()]).await?;
    let rows = rows.iter().map(|r| Ok((r.text("contact")?, r.opt_text("author")?)));
    let authors = rows.collect::<Result<HashMap<_, _>, DatabaseError>>()?;
    for entry in entries {
        entry.approved_by = entry.contact.as_ref().and_then(|id| authors.get(id)).cloned().flatten();
    }
    Ok(())
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    Approve,
    /// It is not sent, for this reason.
    Reject(&'a str),
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Yes,
    NoSuchContact,
    /// It is in this state, and waits for no word.
    NotAsked(State),
}

/// Answers for one contact, under a name.
///
/// # Errors
/// The database's own.
pub async fn answer(
    tx: &mut Tx,
    journal: &mut Journal,
    id: &str,
    answer: Answer<'_>,
    author: &str,
    now: DateTime<Utc>,
) -> Result<Answered, DatabaseError> {
    match outbox::state_of(tx, id).await? {
        None => return Ok(Answered::NoSuchContact),
        Some(State::Planned) => {}
        Some(other) => return Ok(Answered::NotAsked(other)),
    }
    let (verdict, reason, state) = match answer {
        Answer::Approve => ("approved", None, State::Queued),
        Answer::Reject(reason) => ("rejected", Some(reason), State::Cancelled),
    };
    let sql = "INSERT INTO approval (invoice, step, occurrence, round, customer, verdict, asked_on, author, answered_at, reason)
               SELECT i.invoice, i.step_now, i.occurrence, i.round, i.customer, $2, coalesce(c.asked_on, c.date), $3, $4, $5
               FROM contact_invoice i JOIN contact c ON c.id = i.contact WHERE c.id = $1 AND i.standing = 'counts'
               ON CONFLICT (invoice, step, occurrence, round) DO UPDATE
                 SET verdict = excluded.verdict, author = excluded.author, answered_at = excluded.answered_at,
                     reason = excluded.reason";
    tx.exec(sql, vals![id, verdict, author, now, reason]).await?;
    let said = reason.map_or_else(|| format!("{author}: {verdict}"), |r| format!("{author}: {verdict}: {r}"));
    outbox::change(tx, journal, id, state, Some(&said), now).await?;
    if state == State::Cancelled {
        tx.exec("UPDATE contact SET rule = 'T34' WHERE id = $1", vals![id]).await?;
    }
    Ok(Answered::Yes)
}

/// The ids of those that wait for a word, of all collectors or of one, the oldest first.
///
/// # Errors
/// The database's own.
pub async fn waiting(tx: &mut Tx, collector: Option<&str>) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT id FROM contact WHERE state = 'planned' AND (CAST($1 AS TEXT) IS NULL OR asks = $1) ORDER BY id";
    let collector: Val = collector.map(str::to_owned).into();
    tx.all(sql, vec![collector]).await?.iter().map(|r| r.text("id")).collect()
}

/// How many wait for a word, and since when.
///
/// # Errors
/// The database's own.
pub async fn count(tx: &mut Tx) -> Result<(u64, Option<NaiveDate>), DatabaseError> {
    let row = tx.first("SELECT count(*) AS n, min(asked_on) AS since FROM contact WHERE state = 'planned'", vec![]).await?;
    row.map_or(Ok((0, None)), |r| Ok((r.int("n")?.unsigned_abs(), r.opt_date("since")?)))
}
