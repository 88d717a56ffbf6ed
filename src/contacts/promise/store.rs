//! The promises of the log: made, settled, shown.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use super::{Baseline, Part, Promise, Verdict};
use crate::contacts::control::{self, ControlKind, NewControl, Subject};
use crate::contacts::{facts, tasks};
use crate::database::{DatabaseError, Row, Tx, inconsistent};
use crate::ledger::{Whose, own};
use crate::vals;

/// Enters a promise; an older one about the same subject is replaced. The parts are in the order of their days.
///
/// # Errors
/// The database's own.
pub async fn enter(
    tx: &mut Tx,
    subject: &Subject,
    parts: &[Part],
    (note, author): (Option<&str>, &str),
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<(), DatabaseError> {
    let new = NewControl {
        kind: ControlKind::Promise,
        subject: subject.clone(),
        until: parts.first().map(|p| p.by),
        amount: parts.iter().map(|p| p.amount).sum(),
        note: note.map(str::to_owned),
        code: None,
        author: author.to_owned(),
    };
    control::enter(tx, &new, now).await?;
    let baseline = baseline(tx, subject, today).await?;
    let (about, id) = subject.parts();
    let sql = "UPDATE control SET baseline = $1 WHERE kind = 'promise' AND about = $2 AND subject = $3 AND ended_at IS NULL";
    tx.exec(sql, vals![json!(baseline).to_string(), about, id]).await?;
    for (position, part) in (0_i64..).zip(parts) {
        let sql = "INSERT INTO promise_part (control, position, promised_on, amount)
                   SELECT id, $3, $4, $5 FROM control WHERE kind = 'promise' AND about = $1 AND subject = $2 AND ended_at IS NULL";
        tx.exec(sql, vals![about, id, position, part.by, part.amount]).await?;
    }
    Ok(())
}

/// What is open: in the own ledger, or as the last poll has seen it.
async fn baseline(tx: &mut Tx, subject: &Subject, today: NaiveDate) -> Result<Baseline, DatabaseError> {
    let customer = match subject {
        Subject::Customer(id) => Some(id.clone()),
        Subject::Invoice(id) => tasks::customer_of(tx, id).await?,
    };
    let Some(customer) = customer else { return Ok(Baseline::new()) };
    let is_meant = |id: &str| match subject {
        Subject::Customer(_) => true,
        Subject::Invoice(own) => own == id,
    };
    let whose = [customer];
    let ledger = own::read_of(tx, today, Whose::These(&whose), None).await?;
    if !ledger.invoices.is_empty() {
        let open = ledger.invoices.into_values().filter(|i| i.is_open() && is_meant(&i.id));
        return Ok(open.map(|i| (i.id, (i.open_balance, i.currency))).collect());
    }
    let seen = facts::load(tx, Whose::These(&whose)).await?;
    let open = seen.into_iter().filter(|(id, f)| f.open && is_meant(id));
    Ok(open.map(|(id, f)| (id, (f.open_balance, f.currency))).collect())
}

/// The promises in force that have parts to settle.
///
/// # Errors
/// The database's own.
pub async fn unsettled(tx: &mut Tx) -> Result<Vec<Promise>, DatabaseError> {
    let sql = "SELECT c.id, c.about, c.subject, c.baseline, c.created_at, c.note, p.promised_on, p.amount, p.outcome
               FROM control c JOIN promise_part p ON p.control = c.id
               WHERE c.kind = 'promise' AND c.ended_at IS NULL
                 AND c.id IN (SELECT control FROM promise_part WHERE outcome IS NULL) ORDER BY c.id, p.position";
    let mut found: Vec<Promise> = Vec::new();
    for row in tx.all(sql, vec![]).await? {
        let control = row.int("id")?;
        if found.last().is_none_or(|p| p.control != control) {
            found.push(promise(&row, control)?);
        }
        if let Some(promise) = found.last_mut() {
            promise.parts.push(Part { by: row.date("promised_on")?, amount: row.opt_parsed("amount", "an amount")? });
            promise.settled += usize::from(row.opt_text("outcome")?.is_some());
        }
    }
    Ok(found)
}

fn promise(row: &Row, control: i64) -> Result<Promise, DatabaseError> {
    let subject = row.text("subject")?;
    let baseline = match row.opt_text("baseline")? {
        Some(text) => serde_json::from_str(&text).map_err(|_| inconsistent("baseline", text, "amounts by invoice"))?,
        None => Baseline::new(),
    };
    let made: DateTime<Utc> = row.parsed("created_at", "an instant")?;
    Ok(Promise {
        control,
        subject: if row.text("about")? == "invoice" { Subject::Invoice(subject) } else { Subject::Customer(subject) },
        baseline,
        since: made.date_naive(),
        parts: Vec::new(),
        settled: 0,
        note: row.opt_text("note")?,
    })
}

/// Writes what has become of parts. Returns the day until which the promise stops the timetable now; `None`: it is over.
///
/// # Errors
/// The database's own.
pub async fn settle(
    tx: &mut Tx,
    promise: &Promise,
    verdicts: &[(usize, Verdict)],
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<Option<NaiveDate>, DatabaseError> {
    for (place, verdict) in verdicts {
        let sql = "UPDATE promise_part SET outcome = $3, settled_on = $4 WHERE control = $1 AND position = $2";
        let position = i64::try_from(*place).unwrap_or(i64::MAX);
        tx.exec(sql, vals![promise.control, position, verdict.word(), today]).await?;
    }
    let after = promise.after(verdicts);
    if let Some(by) = after.now_by {
        tx.exec("UPDATE control SET until = $2 WHERE id = $1", vals![promise.control, by]).await?;
    }
    if after.until.is_none() {
        let sql = "UPDATE control SET ended_at = $2, ended_by = 'dunningd' WHERE id = $1";
        tx.exec(sql, vals![promise.control, now]).await?;
    }
    Ok(after.until)
}

/// What is known of a promise of a customer, part by part.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// `customer`, or the id of the invoice.
    pub about: String,
    pub made_at: String,
    pub by: NaiveDate,
    pub amount: Option<String>,
    /// `kept`, `broken`, `dropped`, `open`, or `replaced` before its day.
    pub outcome: String,
    pub settled_on: Option<NaiveDate>,
    pub note: Option<String>,
    pub author: String,
}

/// All promises of a customer and about these invoices, the oldest first.
///
/// # Errors
/// The database's own.
pub async fn of_customer(tx: &mut Tx, customer: &str, invoices: &BTreeSet<&str>) -> Result<Vec<Kept>, DatabaseError> {
    let sql =
        "SELECT c.about, c.subject, c.created_at, c.note, c.author, c.ended_at, p.promised_on, p.amount, p.outcome, p.settled_on
               FROM control c JOIN promise_part p ON p.control = c.id
               WHERE (c.about = 'customer' AND c.subject = $1) OR (c.about = 'invoice' AND c.subject IN ($2[]))
               ORDER BY c.id, p.position";
    let rows = tx.all(sql, vals![customer, json!(invoices).to_string()]).await?;
    rows.iter()
        .map(|row| {
            let over = row.opt_text("ended_at")?.is_some();
            let unsettled = if over { "replaced" } else { "open" };
            Ok(Kept {
                about: if row.text("about")? == "customer" { "customer".to_owned() } else { row.text("subject")? },
                made_at: row.text("created_at")?,
                by: row.date("promised_on")?,
                amount: row.opt_text("amount")?,
                outcome: row.opt_text("outcome")?.unwrap_or_else(|| unsettled.to_owned()),
                settled_on: row.opt_date("settled_on")?,
                note: row.opt_text("note")?,
                author: row.text("author")?,
            })
        })
        .collect()
}
