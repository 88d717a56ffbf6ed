//! Holds, promises and disputes: entered by people, ended but never deleted (T19, T20).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::suppress;
use crate::database::{DatabaseError, Row, Tx};
use crate::timetable::history::{Controls, Hold};
use crate::vals;

/// What a control is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlKind {
    Hold,
    Promise,
    Dispute,
}

impl ControlKind {
    fn word(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Promise => "promise",
            Self::Dispute => "dispute",
        }
    }
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Invoice(String),
    Customer(String),
}

impl Subject {
    pub(super) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Invoice(id) => ("invoice", id),
            Self::Customer(id) => ("customer", id),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (about, id) = self.parts();
        write!(f, "{about} {id}")
    }
}

/// One hold, promise or dispute to enter.
#[derive(Debug, Clone)]
pub struct NewControl {
    pub kind: ControlKind,
    pub subject: Subject,
    /// The last day of a hold, the promised day of a promise.
    pub until: Option<NaiveDate>,
    pub amount: Option<Decimal>,
    pub note: Option<String>,
    /// Of a dispute: the word of its reason.
    pub code: Option<String>,
    pub author: String,
}

/// Enters a control; one of the same kind about the same subject is ended by it (a new promise replaces the old one).
///
/// # Errors
/// The database's own.
pub async fn enter(tx: &mut Tx, new: &NewControl, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    // First: whoever is about to send waits until this is done, or is seen as in flight.
    super::claim::controls_change(tx).await?;
    end(tx, new.kind, &new.subject, &new.author, now).await?;
    let (about, id) = new.subject.parts();
    let sql = "INSERT INTO control (kind, about, subject, until, amount, note, author, created_at, code)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = vals![new.kind.word(), about, id, new.until, new.amount, &new.note, &new.author, now, &new.code];
    tx.exec(sql, values).await?;
    Ok(())
}

/// Ends a control that is in force; says whether there was one.
///
/// # Errors
/// The database's own.
pub async fn end(
    tx: &mut Tx,
    kind: ControlKind,
    subject: &Subject,
    author: &str,
    now: DateTime<Utc>,
) -> Result<bool, DatabaseError> {
    super::claim::controls_change(tx).await?;
    let (about, id) = subject.parts();
    let sql =
        "UPDATE control SET ended_at = $1, ended_by = $2 WHERE kind = $3 AND about = $4 AND subject = $5 AND ended_at IS NULL";
    Ok(tx.exec(sql, vals![now, author, kind.word(), about, id]).await? > 0)
}

/// Everything that is in force.
///
/// # Errors
/// The database's own.
pub async fn in_force(tx: &mut Tx) -> Result<Controls, DatabaseError> {
    in_force_at(tx, None).await
}

/// What people had entered and not ended at an instant; `None`: now.
///
/// # Errors
/// The database's own.
pub async fn rows(tx: &mut Tx, at: Option<DateTime<Utc>>) -> Result<Vec<Row>, DatabaseError> {
    match at {
        None => tx.all("SELECT * FROM control WHERE ended_at IS NULL", vec![]).await,
        Some(at) => {
            let sql = "SELECT * FROM control WHERE created_at <= $1 AND (ended_at IS NULL OR ended_at > $1)";
            tx.all(sql, vals![at]).await
        }
    }
}

/// Everything that was in force at an instant; `None`: now.
///
/// # Errors
/// The database's own.
pub async fn in_force_at(tx: &mut Tx, at: Option<DateTime<Utc>>) -> Result<Controls, DatabaseError> {
    let mut controls = Controls {
        suppressed: suppress::in_force_at(tx, at).await?,
        forgotten: suppress::forgotten_in_force(tx).await?,
        ..Controls::default()
    };
    for row in rows(tx, at).await? {
        let (kind, about, subject) = (row.text("kind")?, row.text("about")?, row.text("subject")?);
        match (kind.as_str(), about.as_str()) {
            ("hold", "invoice") => put_hold(&mut controls.invoice_holds, subject, &row)?,
            ("hold", _) => put_hold(&mut controls.customer_holds, subject, &row)?,
            ("promise", "invoice") => put_promise(&mut controls.invoice_promises, subject, &row)?,
            ("promise", _) => put_promise(&mut controls.customer_promises, subject, &row)?,
            _ => {
                controls.disputes.insert(subject);
            }
        }
    }
    Ok(controls)
}

fn put_hold(holds: &mut BTreeMap<String, Hold>, subject: String, row: &Row) -> Result<(), DatabaseError> {
    holds.insert(subject, Hold { until: row.opt_date("until")?, reason: row.opt_text("note")?.unwrap_or_default() });
    Ok(())
}

fn put_promise(promises: &mut BTreeMap<String, NaiveDate>, subject: String, row: &Row) -> Result<(), DatabaseError> {
    if let Some(by) = row.opt_date("until")? {
        promises.insert(subject, by);
    }
    Ok(())
}

/// A hold whose last day is over, and of which nobody has been told.
#[derive(Debug, Clone)]
pub struct EndedHold {
    pub control: i64,
    pub subject: Subject,
    pub until: NaiveDate,
    pub note: Option<String>,
    pub author: String,
}

/// All of them, on a day.
///
/// # Errors
/// The database's own.
pub async fn ended_holds(tx: &mut Tx, today: NaiveDate) -> Result<Vec<EndedHold>, DatabaseError> {
    let sql = "SELECT * FROM control WHERE kind = 'hold' AND ended_at IS NULL AND told_on IS NULL AND until < $1 ORDER BY id";
    let rows = tx.all(sql, vals![today]).await?;
    rows.iter()
        .map(|row| {
            let id = row.text("subject")?;
            Ok(EndedHold {
                control: row.int("id")?,
                subject: if row.text("about")? == "invoice" { Subject::Invoice(id) } else { Subject::Customer(id) },
                until: row.date("until")?,
                note: row.opt_text("note")?,
                author: row.text("author")?,
            })
        })
        .collect()
}

/// Somebody has been told.
///
/// # Errors
/// The database's own.
pub async fn told(tx: &mut Tx, control: i64, today: NaiveDate) -> Result<(), DatabaseError> {
    tx.exec("UPDATE control SET told_on = $2 WHERE id = $1", vals![control, today]).await?;
    Ok(())
}

/// How many e-mails about an invoice or a customer are being sent at this moment.
///
/// # Errors
/// The database's own.
pub async fn in_flight(tx: &mut Tx, subject: &Subject) -> Result<u64, DatabaseError> {
    let (column, id) = match subject {
        Subject::Invoice(id) => ("invoice", id),
        Subject::Customer(id) => ("customer", id),
    };
    let sql = format!(
        "SELECT count(DISTINCT c.id) AS n FROM contact c JOIN contact_invoice i ON i.contact = c.id
         WHERE c.state = 'sending' AND i.{column} = $1"
    );
    let row = tx.first(&sql, vals![id]).await?;
    row.map_or(Ok(0), |r| Ok(r.int("n")?.unsigned_abs()))
}

/// Whether a poll or an import has seen an invoice or a customer.
///
/// # Errors
/// The database's own.
pub async fn is_known(tx: &mut Tx, subject: &Subject) -> Result<bool, DatabaseError> {
    let (sql, id) = match subject {
        Subject::Invoice(id) => {
            ("SELECT 1 FROM invoice_fact WHERE invoice = $1 UNION ALL SELECT 1 FROM ledger_invoice WHERE id = $1 LIMIT 1", id)
        }
        Subject::Customer(id) => {
            ("SELECT 1 FROM invoice_fact WHERE customer = $1 UNION ALL SELECT 1 FROM ledger_customer WHERE id = $1 LIMIT 1", id)
        }
    };
    Ok(tx.first(sql, vals![id]).await?.is_some())
}
