//! Addresses that no e-mail goes to any more (D4), with the evidence.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::address::EmailAddress;
use crate::database::{DatabaseError, Tx, inconsistent};
use crate::vals;

/// Suppresses an address; one that is suppressed already keeps its first evidence.
///
/// # Errors
/// The database's own.
pub async fn add(tx: &mut Tx, address: &str, evidence: &str, contact: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO suppression (address, evidence, contact, created_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (address) WHERE lifted_at IS NULL DO NOTHING";
    tx.exec(sql, vals![address, evidence, contact, now]).await?;
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

/// Lifts what a contact's refusal suppressed: it was not the address's fault.
///
/// # Errors
/// The database's own.
pub async fn lift_of(tx: &mut Tx, contact: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    tx.exec("UPDATE suppression SET lifted_at = $2 WHERE contact = $1 AND lifted_at IS NULL", vals![contact, now]).await?;
    Ok(())
}
