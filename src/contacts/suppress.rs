//! Addresses that no e-mail goes to any more (D4), with the evidence.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::claim;
use crate::address::EmailAddress;
use crate::database::{DatabaseError, Row, Tx, inconsistent};
use crate::vals;

/// Who lifts what a contact's refusal suppressed, when it was the relay's fault.
const DAEMON: &str = "dunningd";

/// An address that is or was suppressed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Suppression {
    pub address: String,
    pub since: DateTime<Utc>,
    /// The relay's reply.
    pub evidence: String,
    /// The contact that was refused.
    pub contact: Option<String>,
    pub lifted: Option<Lifted>,
}

/// How a suppression ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lifted {
    pub at: DateTime<Utc>,
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// Suppresses an address; one that is suppressed already keeps its first evidence.
///
/// # Errors
/// The database's own.
pub async fn add(tx: &mut Tx, address: &str, evidence: &str, contact: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO suppression (address, evidence, contact, created_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (address) WHERE lifted_at IS NULL DO NOTHING";
    if tx.exec(sql, vals![address, evidence, contact, now]).await? > 0 {
        claim::controls_change(tx).await?;
    }
    Ok(())
}

/// The addresses that are suppressed.
///
/// # Errors
/// The database's own.
pub async fn in_force(tx: &mut Tx) -> Result<BTreeSet<EmailAddress>, DatabaseError> {
    let rows = tx.all("SELECT address FROM suppression WHERE lifted_at IS NULL", vec![]).await?;
    let address = |text: String| EmailAddress::parse(&text).map_err(|_| inconsistent("suppression.address", text, "an address"));
    rows.iter().map(|r| address(r.text("address")?)).collect()
}

/// The suppressions, oldest first; with `lifted` also those that are over.
///
/// # Errors
/// The database's own.
pub async fn list(tx: &mut Tx, lifted: bool) -> Result<Vec<Suppression>, DatabaseError> {
    let which = if lifted { "" } else { "WHERE lifted_at IS NULL" };
    let sql = format!("SELECT * FROM suppression {which} ORDER BY created_at, address");
    tx.all(&sql, vec![]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Suppression, DatabaseError> {
    let lifted = match row.opt_parsed("lifted_at", "an instant")? {
        Some(at) => Some(Lifted { at, by: row.opt_text("lifted_by")?, reason: row.opt_text("lifted_reason")? }),
        None => None,
    };
    Ok(Suppression {
        address: row.text("address")?,
        since: row.parsed("created_at", "an instant")?,
        evidence: row.text("evidence")?,
        contact: row.opt_text("contact")?,
        lifted,
    })
}

/// How many addresses are suppressed.
///
/// # Errors
/// The database's own.
pub async fn count(tx: &mut Tx) -> Result<i64, DatabaseError> {
    let row = tx.first("SELECT count(*) AS n FROM suppression WHERE lifted_at IS NULL", vec![]).await?;
    row.map_or(Ok(0), |row| row.int("n"))
}

/// A person's word that an address is good: e-mails go there from the next poll on. False: it is not suppressed.
///
/// # Errors
/// The database's own.
pub async fn lift(tx: &mut Tx, address: &str, author: &str, reason: &str, now: DateTime<Utc>) -> Result<bool, DatabaseError> {
    let sql =
        "UPDATE suppression SET lifted_at = $2, lifted_by = $3, lifted_reason = $4 WHERE address = $1 AND lifted_at IS NULL";
    Ok(tx.exec(sql, vals![address, now, author, reason]).await? > 0)
}

/// Lifts what a contact's refusal suppressed: it was not the address's fault.
///
/// # Errors
/// The database's own.
pub async fn lift_of(tx: &mut Tx, contact: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql =
        "UPDATE suppression SET lifted_at = $2, lifted_by = $3, lifted_reason = $4 WHERE contact = $1 AND lifted_at IS NULL";
    tx.exec(sql, vals![contact, now, DAEMON, "the relay refused everybody"]).await?;
    Ok(())
}
