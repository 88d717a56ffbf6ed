//! What the log says, as the timetable wants to know it (T9, T16, T24).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::database::{DatabaseError, Tx};
use crate::timetable::Timetable;
use crate::timetable::history::{Done, History};
use crate::vals;

/// The history of the open invoices (as the facts have them) and of all who were paid lately, on a day.
///
/// # Errors
/// The database's own.
pub async fn load(tx: &mut Tx, timetable: &Timetable, today: NaiveDate) -> Result<History, DatabaseError> {
    let renames = renames(tx).await?;
    let present = |step: String| -> String {
        let mut name = step;
        // A chain of renames ends: every link was new when it was made. The bound is for a table that was tampered with.
        for _ in 0..renames.len() {
            match renames.get(&name) {
                Some(new) => name.clone_from(new),
                None => break,
            }
        }
        name
    };
    let mut history = History::default();
    let sql = "SELECT i.invoice, i.step, i.occurrence, i.round, i.due_date, i.standing, coalesce(i.joined_on, c.date) AS date
               FROM invoice_fact f JOIN contact_invoice i ON i.invoice = f.invoice JOIN contact c ON c.id = i.contact
               WHERE (f.open = 1 OR (f.paid_on IS NOT NULL AND f.last_payment >= $1))
                 AND (i.standing = 'skipped'
                      OR (i.standing = 'counts' AND c.state NOT IN ('planned', 'queued', 'retrying')))";
    let thank_since = crate::timetable::events::oldest_payment_to_thank_for(timetable, today);
    for row in tx.all(sql, vals![thank_since]).await? {
        let of = history.invoices.entry(row.text("invoice")?).or_default();
        let key = (present(row.text("step")?), row.count("occurrence")?);
        if row.text("standing")? == "skipped" {
            of.skipped.insert(key);
            continue;
        }
        let done = Done { due_date: row.date("due_date")?, on: row.date("date")?, round: row.count("round")? };
        let newest = of.done.entry(key).or_insert(done);
        if (done.round, done.on) > (newest.round, newest.on) {
            *newest = done;
        }
    }
    let quiet = timetable.customers.values().filter_map(|c| c.quiet_days).chain([timetable.quiet_days]).max().unwrap_or(0);
    let since = today.checked_sub_signed(chrono::TimeDelta::days(i64::from(quiet) + 1)).unwrap_or(NaiveDate::MIN);
    let sql = "SELECT customer, max(date) AS last FROM contact
               WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending') AND date >= $1
                 AND merged_as IN ('past-due', 'coming-due') GROUP BY customer";
    for row in tx.all(sql, vals![since]).await? {
        history.last_email.insert(row.text("customer")?, row.date("last")?);
    }
    let sql = "SELECT id, customer, step FROM contact WHERE kind = 'task' AND action = 'review' AND state IN ('open', 'snoozed')";
    for row in tx.all(sql, vec![]).await? {
        history.open_reviews.insert((row.text("customer")?, present(row.text("step")?)), row.text("id")?);
    }
    Ok(history)
}

/// The ids that steps had before, and what they are now (T31).
async fn renames(tx: &mut Tx) -> Result<HashMap<String, String>, DatabaseError> {
    let rows = tx.all("SELECT old, new FROM step_rename", vec![]).await?;
    rows.iter().map(|r| Ok((r.text("old")?, r.text("new")?))).collect()
}

/// Keeps the file's `renamed_from` for good: the file may forget it, the log must not (T31).
///
/// # Errors
/// The database's own.
pub async fn keep_renames(tx: &mut Tx, timetable: &Timetable) -> Result<(), DatabaseError> {
    for step in &timetable.steps {
        // An id that is in the file again is itself, whatever it was renamed to once.
        tx.exec("DELETE FROM step_rename WHERE old = $1", vals![&step.id]).await?;
        for old in &step.renamed_from {
            let sql = "INSERT INTO step_rename (old, new) VALUES ($1, $2) ON CONFLICT (old) DO UPDATE SET new = excluded.new";
            tx.exec(sql, vals![old, &step.id]).await?;
        }
    }
    Ok(())
}

/// Whether the log has a contact of a step, skipped ones included (T31).
///
/// # Errors
/// The database's own.
pub async fn steps_with_contacts(tx: &mut Tx, steps: &[String]) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT value FROM json_each($1) WHERE value IN (SELECT step FROM contact_invoice)";
    let rows = tx.all(sql, vals![serde_json::Value::from_iter(steps.iter().cloned()).to_string()]).await?;
    rows.iter().map(|r| r.text("value")).collect()
}

/// The customer e-mails of the last 20 sending days before a day, newest first, and those of the day itself (T28).
///
/// # Errors
/// The database's own.
pub async fn sending_days(tx: &mut Tx, today: NaiveDate) -> Result<(Vec<u64>, u64), DatabaseError> {
    let sql = "SELECT date, count(*) AS n FROM contact
               WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending') AND date <= $1
               GROUP BY date ORDER BY date DESC LIMIT 21";
    let rows = tx.all(sql, vals![today]).await?;
    let days = rows
        .iter()
        .map(|r| Ok((r.date("date")?, r.int("n")?.unsigned_abs())))
        .collect::<Result<BTreeMap<_, _>, DatabaseError>>()?;
    let before: Vec<u64> = days.range(..today).rev().map(|(_, n)| *n).take(20).collect();
    Ok((before, days.get(&today).copied().unwrap_or(0)))
}
