//! What the log says, as the timetable wants to know it (T9, T16, T24).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde_json::json;

use super::{approval, forewarned, heard};
use crate::address::EmailAddress;
use crate::database::{DatabaseError, Tx, Val};
use crate::ledger::Whose;
use crate::timetable::Timetable;
use crate::timetable::history::{Done, History, Left};
use crate::timetable::stops::mailbox;
use crate::vals;

/// The history of some customers' open invoices (as the facts have them) and of all that were paid lately, on a day.
///
/// # Errors
/// The database's own.
pub async fn load(tx: &mut Tx, timetable: &Timetable, today: NaiveDate, whose: Whose<'_>) -> Result<History, DatabaseError> {
    let mut values = vals![crate::timetable::events::oldest_payment_to_thank_for(timetable, today)];
    let from = format!(
        "invoice_fact f JOIN THEN contact_invoice i ON i.invoice = f.invoice JOIN THEN contact c ON c.id = i.contact
         WHERE (f.open = 1 OR (f.paid_on IS NOT NULL AND f.last_payment >= $1)) AND {}",
        whose.sql("f.customer", &mut values)
    );
    of(tx, &from, values, timetable, today, whose).await
}

/// The history of all invoices, open or not.
///
/// # Errors
/// The database's own.
pub async fn load_whole(tx: &mut Tx, timetable: &Timetable, today: NaiveDate) -> Result<History, DatabaseError> {
    let from = "contact_invoice i JOIN contact c ON c.id = i.contact WHERE 1 = 1";
    of(tx, from, vec![], timetable, today, Whose::Everybody).await
}

async fn of(
    tx: &mut Tx,
    from: &str,
    values: Vec<Val>,
    timetable: &Timetable,
    today: NaiveDate,
    whose: Whose<'_>,
) -> Result<History, DatabaseError> {
    let mut history = History::default();
    let sql = format!(
        "SELECT i.invoice, i.step_now, i.occurrence, i.round, i.due_date, i.standing, coalesce(i.joined_on, c.date) AS date,
           c.id, c.state
         FROM {from} AND (i.standing = 'skipped'
                          OR (i.standing = 'counts' AND c.state NOT IN ('planned', 'queued', 'retrying')))"
    );
    let came_back = if timetable.has_follow_ups() { came_back(tx).await? } else { HashSet::new() };
    for row in tx.all(&sql, values).await? {
        let of = history.invoices.entry(row.text("invoice")?).or_default();
        let key = (row.text("step_now")?, row.count("occurrence")?);
        if row.text("standing")? == "skipped" {
            of.skipped.insert(key);
            continue;
        }
        let left = if came_back.contains(&row.text("id")?) { Left::Failed } else { left(&row.text("state")?) };
        let done = Done { due_date: row.date("due_date")?, on: row.date("date")?, round: row.count("round")?, left };
        let newest = of.done.entry(key).or_insert(done);
        if (done.round, done.on) > (newest.round, newest.on) {
            *newest = done;
        }
    }
    history.approvals = approval::load(tx, timetable, whose, None).await?;
    if timetable.knows_veto() {
        history.told = forewarned::load(tx, whose, None).await?;
    }
    if timetable.has_follow_ups() {
        history.heard = heard::load(tx, timetable, whose, None).await?;
    }
    let quiet = timetable.customers.values().filter_map(|c| c.quiet_days).chain([timetable.quiet_days]).max().unwrap_or(0);
    let since = today.checked_sub_signed(chrono::TimeDelta::days(i64::from(quiet) + 1)).unwrap_or(NaiveDate::MIN);
    let mut values = vals![since];
    let index = if whose == Whose::Everybody { "contact_sent" } else { "contact_by_customer" };
    let sql = format!(
        "SELECT customer, max(date) AS last FROM contact INDEXED BY {index}
         WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending') AND date >= $1
           AND merged_as IN ('past-due', 'coming-due') AND {} GROUP BY customer",
        whose.sql("customer", &mut values)
    );
    for row in tx.all(&sql, values).await? {
        history.last_email.insert(row.text("customer")?, row.date("last")?);
    }
    if timetable.merges_by_address() {
        history.last_to = last_to(tx, "date >= $1", vals![since]).await?;
        // An e-mail counts for all whose invoices were in it, whoever led it.
        let sql = "SELECT i.customer, max(c.date) AS last FROM contact c JOIN contact_invoice i ON i.contact = c.id
                   WHERE c.kind = 'email' AND c.state IN ('sent', 'in-doubt', 'sending') AND c.date >= $1
                     AND c.merged_as IN ('past-due', 'coming-due') AND i.standing = 'counts' GROUP BY i.customer";
        for row in tx.all(sql, vals![since]).await? {
            let last = row.date("last")?;
            history.last_email.entry(row.text("customer")?).and_modify(|known| *known = last.max(*known)).or_insert(last);
        }
    }
    let mut values = vec![];
    let sql = format!(
        "SELECT c.id, c.customer, i.step_now FROM contact c JOIN contact_invoice i ON i.contact = c.id AND i.position = 0
         WHERE c.kind = 'task' AND c.action = 'review' AND c.state IN ('open', 'snoozed') AND {}",
        whose.sql("c.customer", &mut values)
    );
    for row in tx.all(&sql, values).await? {
        let step = row.text("step_now")?;
        history.open_reviews.insert((row.text("customer")?, step), row.text("id")?);
    }
    Ok(history)
}

/// Whether a contact in a state has reached whom it is for (T33).
pub(super) fn left(state: &str) -> Left {
    match state {
        "sent" => Left::Sent,
        "failed" => Left::Failed,
        _ => Left::Open,
    }
}

/// The e-mails that were taken by the relay and came back from all their recipients (T33).
pub(super) async fn came_back(tx: &mut Tx) -> Result<HashSet<String>, DatabaseError> {
    let sql = "SELECT c.id, c.recipients, s.address FROM suppression s JOIN contact c ON c.id = s.contact
               WHERE s.lifted_at IS NULL AND c.state = 'sent'";
    let mut to: HashMap<String, Vec<String>> = HashMap::new();
    for row in tx.all(sql, vec![]).await? {
        let (id, address) = (row.text("id")?, row.text("address")?);
        let all: Vec<String> = row.json("recipients")?;
        to.entry(id).or_insert(all).retain(|a| *a != address);
    }
    Ok(to.into_iter().filter(|(_, reached)| reached.is_empty()).map(|(id, _)| id).collect())
}

/// The last due-date e-mail to each mailbox (T16, T22), of the contacts of a condition.
///
/// # Errors
/// The database's own.
pub(super) async fn last_to(
    tx: &mut Tx,
    which: &str,
    values: Vec<Val>,
) -> Result<BTreeMap<Vec<EmailAddress>, NaiveDate>, DatabaseError> {
    let sql = format!(
        "SELECT recipients, max(date) AS last FROM contact
         WHERE kind = 'email' AND state IN ('sent', 'in-doubt', 'sending') AND merged_as IN ('past-due', 'coming-due')
           AND {which} GROUP BY recipients"
    );
    let mut found: BTreeMap<Vec<EmailAddress>, NaiveDate> = BTreeMap::new();
    for row in tx.all(&sql, values).await? {
        let recipients: Vec<String> = row.json("recipients")?;
        let recipients: Vec<EmailAddress> = recipients.iter().filter_map(|a| EmailAddress::parse(a).ok()).collect();
        let (mailbox, last) = (mailbox(&recipients), row.date("last")?);
        found.entry(mailbox).and_modify(|known| *known = last.max(*known)).or_insert(last);
    }
    Ok(found)
}

/// The file's `renamed_from`: the contacts of the old id count for the new one from now on, also when the file forgets it
/// again or uses the old id for another step (T31).
///
/// # Errors
/// The database's own.
pub async fn keep_renames(tx: &mut Tx, timetable: &Timetable) -> Result<(), DatabaseError> {
    for step in &timetable.steps {
        for old in step.renamed_from.iter().filter(|old| timetable.step(old).is_none()) {
            // Where both have one for the same occurrence, each is done by its own.
            for (standing, same_round) in [("counts", "AND other.round = i.round"), ("skipped", ""), ("gone", "AND false")] {
                let sql = format!(
                    "UPDATE contact_invoice AS i SET step_now = $2 WHERE step_now = $1 AND standing = $3 AND NOT EXISTS
                       (SELECT 1 FROM contact_invoice other WHERE other.invoice = i.invoice AND other.step_now = $2
                        AND other.occurrence = i.occurrence AND other.standing = $3 {same_round})"
                );
                tx.exec(&sql, vals![old, &step.id, standing]).await?;
            }
            let sql = "UPDATE approval AS a SET step = $2 WHERE step = $1 AND NOT EXISTS
                         (SELECT 1 FROM approval other WHERE other.invoice = a.invoice AND other.step = $2
                          AND other.occurrence = a.occurrence AND other.round = a.round)";
            tx.exec(sql, vals![old, &step.id]).await?;
            let sql = "UPDATE forewarned AS f SET step = $2 WHERE step = $1 AND NOT EXISTS
                         (SELECT 1 FROM forewarned other WHERE other.contact = f.contact AND other.invoice = f.invoice
                          AND other.step = $2 AND other.occurrence = f.occurrence AND other.round = f.round)";
            tx.exec(sql, vals![old, &step.id]).await?;
        }
    }
    Ok(())
}

/// Which of these steps have contacts in the log, skipped ones included, under whatever id they had then (T31).
///
/// # Errors
/// The database's own.
pub async fn steps_with_contacts(tx: &mut Tx, steps: &[&String]) -> Result<BTreeMap<String, i64>, DatabaseError> {
    let sql = "SELECT step_now, count(DISTINCT contact) AS n FROM contact_invoice WHERE step_now IN ($1[]) GROUP BY step_now";
    let rows = tx.all(sql, vals![json!(steps).to_string()]).await?;
    rows.iter().map(|r| Ok((r.text("step_now")?, r.int("n")?))).collect()
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
