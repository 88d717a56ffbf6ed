//! What the log says, as the timetable wants to know it (T9, T16, T24).

use std::collections::{BTreeMap, HashMap, HashSet};

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
    let renames = Renamed::load(tx).await?;
    let mut history = History::default();
    let sql =
        "SELECT i.invoice, i.step, i.occurrence, i.round, i.due_date, i.standing, coalesce(i.joined_on, c.date) AS date, c.number
               FROM invoice_fact f CROSS JOIN contact_invoice i ON i.invoice = f.invoice CROSS JOIN contact c ON c.id = i.contact
               WHERE (f.open = 1 OR (f.paid_on IS NOT NULL AND f.last_payment >= $1))
                 AND (i.standing = 'skipped'
                      OR (i.standing = 'counts' AND c.state NOT IN ('planned', 'queued', 'retrying')))";
    let thank_since = crate::timetable::events::oldest_payment_to_thank_for(timetable, today);
    for row in tx.all(sql, vals![thank_since]).await? {
        let of = history.invoices.entry(row.text("invoice")?).or_default();
        let key = (renames.present(row.text("step")?, row.int("number")?), row.count("occurrence")?);
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
                 AND merged_as IN ('past-due', 'coming-due') GROUP BY +customer";
    for row in tx.all(sql, vals![since]).await? {
        history.last_email.insert(row.text("customer")?, row.date("last")?);
    }
    let sql = "SELECT id, number, customer, step FROM contact WHERE kind = 'task' AND action = 'review' AND state IN ('open', 'snoozed')";
    for row in tx.all(sql, vec![]).await? {
        let step = renames.present(row.text("step")?, row.int("number")?);
        history.open_reviews.insert((row.text("customer")?, step), row.text("id")?);
    }
    Ok(history)
}

/// The ids that steps had before, what they became, and up to which contact (T31).
struct Renamed(HashMap<String, Vec<(i64, String)>>);

impl Renamed {
    async fn load(tx: &mut Tx) -> Result<Self, DatabaseError> {
        let mut renames: HashMap<String, Vec<(i64, String)>> = HashMap::new();
        for row in tx.all("SELECT old, new, up_to FROM step_rename ORDER BY old, up_to", vec![]).await? {
            renames.entry(row.text("old")?).or_default().push((row.int("up_to")?, row.text("new")?));
        }
        Ok(Self(renames))
    }

    /// What the step of a contact is called now.
    fn present(&self, step: String, contact: i64) -> String {
        let mut name = step;
        // A chain of renames ends: every link was new when it was made. The bound is for a table that was tampered with.
        for _ in 0..self.0.len() {
            match self.0.get(&name).and_then(|links| links.iter().find(|(up_to, _)| contact <= *up_to)) {
                Some((_, new)) => name.clone_from(new),
                None => break,
            }
        }
        name
    }
}

/// Keeps the file's `renamed_from` for good: the file may forget it, the log must not (T31).
///
/// # Errors
/// The database's own.
pub async fn keep_renames(tx: &mut Tx, timetable: &Timetable) -> Result<(), DatabaseError> {
    for step in &timetable.steps {
        for old in &step.renamed_from {
            let sql = "INSERT INTO step_rename (old, new, up_to) SELECT $1, $2, coalesce(max(number), 0) FROM contact
                       WHERE true ON CONFLICT (old, new) DO NOTHING";
            tx.exec(sql, vals![old, &step.id]).await?;
        }
    }
    Ok(())
}

/// Which of these steps have contacts in the log, skipped ones included, under whatever id they had then (T31).
///
/// # Errors
/// The database's own.
pub async fn steps_with_contacts(tx: &mut Tx, steps: &[&String]) -> Result<HashSet<String>, DatabaseError> {
    if steps.is_empty() {
        return Ok(HashSet::new());
    }
    let renames = Renamed::load(tx).await?;
    let sql =
        "SELECT i.step, min(c.number) AS first, max(c.number) AS last FROM contact_invoice i JOIN contact c ON c.id = i.contact
               GROUP BY i.step";
    let mut found = HashSet::new();
    for row in tx.all(sql, vec![]).await? {
        let step = row.text("step")?;
        for number in [row.int("first")?, row.int("last")?] {
            found.insert(renames.present(step.clone(), number));
        }
    }
    found.retain(|step| steps.contains(&step));
    Ok(found)
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
