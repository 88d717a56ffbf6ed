//! Addresses that no e-mail goes to any more (D4), with the evidence.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{chain, claim, polls};
use crate::address::EmailAddress;
use crate::database::{DatabaseError, Row, Tx, inconsistent};
use crate::timetable::history::Forgotten;
use crate::vals;

/// Who lifts what a contact's refusal suppressed, when it was the relay's fault.
const DAEMON: &str = "dunningd";
/// How a suppression begins of which only a salted hash of the address is left (D15).
const FORGOTTEN: &str = "forgotten:";
/// The state key of the salt.
const SALT: &str = "suppression_salt";

/// Whether an address of a suppression was forgotten: a salted hash stands in its place.
#[must_use]
pub fn is_forgotten(address: &str) -> bool {
    address.starts_with(FORGOTTEN)
}

/// Leaves of addresses no more than salted hashes: a relay has called them no good, and they must stay recognisable should
/// somebody enter them again (D15).
///
/// # Errors
/// The database's own.
pub async fn forget(tx: &mut Tx, addresses: &[String]) -> Result<(), DatabaseError> {
    if addresses.is_empty() {
        return Ok(());
    }
    let salt = match polls::value(tx, SALT).await? {
        Some(salt) => salt,
        None => {
            let salt = chain::salt();
            polls::set_value(tx, SALT, Some(&salt)).await?;
            salt
        }
    };
    for address in addresses {
        let known = EmailAddress::parse(address).map_or_else(|_| chain::salt(), |a| a.fingerprint(&salt));
        let sql = "UPDATE suppression SET address = $2, evidence = '', lifted_reason = NULL WHERE address = $1";
        tx.exec(sql, vals![address, format!("{FORGOTTEN}{known}")]).await?;
    }
    Ok(())
}

/// The addresses that are suppressed and of which only a salted hash is left.
///
/// # Errors
/// The database's own.
pub async fn forgotten_in_force(tx: &mut Tx) -> Result<Forgotten, DatabaseError> {
    let rows = tx.all("SELECT address FROM suppression WHERE lifted_at IS NULL AND address LIKE 'forgotten:%'", vec![]).await?;
    if rows.is_empty() {
        return Ok(Forgotten::default());
    }
    let salt = polls::value(tx, SALT).await?.unwrap_or_default();
    let hash = |row: &Row| Ok(row.text("address")?.trim_start_matches(FORGOTTEN).to_owned());
    Ok(Forgotten { salt, hashes: rows.iter().map(hash).collect::<Result<_, DatabaseError>>()? })
}

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

/// The addresses that were suppressed at an instant; `None`: that are now.
///
/// # Errors
/// The database's own.
pub async fn in_force_at(tx: &mut Tx, at: Option<DateTime<Utc>>) -> Result<BTreeSet<EmailAddress>, DatabaseError> {
    let (which, values) = match at {
        None => ("lifted_at IS NULL", vec![]),
        Some(at) => ("created_at < $1 AND (lifted_at IS NULL OR lifted_at > $1)", vals![at]),
    };
    let sql = format!("SELECT address FROM suppression WHERE {which} AND address NOT LIKE 'forgotten:%'");
    let rows = tx.all(&sql, values).await?;
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
    let salt = polls::value(tx, SALT).await?.unwrap_or_default();
    let hash = EmailAddress::parse(address).map(|a| format!("{FORGOTTEN}{}", a.fingerprint(&salt))).unwrap_or_default();
    let sql = "UPDATE suppression SET lifted_at = $2, lifted_by = $3, lifted_reason = $4
               WHERE address IN ($1, $5) AND lifted_at IS NULL";
    Ok(tx.exec(sql, vals![address, now, author, reason, hash]).await? > 0)
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
