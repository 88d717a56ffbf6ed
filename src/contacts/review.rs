//! Which customer was reviewed in which period, and what it was like then.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::database::{DatabaseError, Tx};
use crate::ledger::Whose;
use crate::vals;

/// The last review of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The first day of its period.
    pub period: NaiveDate,
    /// The last one that had something to look at: its day, and what the customer was like then, as JSON.
    pub made: Option<(NaiveDate, String)>,
}

/// The last reviews of some customers.
///
/// # Errors
/// The database's own.
pub async fn last(tx: &mut Tx, whose: Whose<'_>) -> Result<HashMap<String, Last>, DatabaseError> {
    let mut values = vec![];
    let sql = format!("SELECT * FROM review WHERE {} ORDER BY customer, period", whose.sql("customer", &mut values));
    let mut found: HashMap<String, Last> = HashMap::new();
    for row in tx.all(&sql, values).await? {
        let (period, made_on) = (row.date("period")?, row.date("made_on")?);
        let made = row.opt_text("figures")?.map(|figures| (made_on, figures));
        let before = found.remove(&row.text("customer")?).and_then(|last| last.made);
        found.insert(row.text("customer")?, Last { period, made: made.or(before) });
    }
    Ok(found)
}

/// Keeps that a customer was reviewed in a period: `false`, nothing, if it was.
///
/// # Errors
/// The database's own.
pub async fn keep(
    tx: &mut Tx,
    customer: &str,
    period: NaiveDate,
    made_on: NaiveDate,
    figures: Option<&str>,
) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO review (customer, period, made_on, figures) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(tx.exec(sql, vals![customer, period, made_on, figures]).await? > 0)
}

/// The task that a review has made.
///
/// # Errors
/// The database's own.
pub async fn note_task(tx: &mut Tx, customer: &str, period: NaiveDate, contact: &str) -> Result<(), DatabaseError> {
    let sql = "UPDATE review SET contact = $3 WHERE customer = $1 AND period = $2";
    tx.exec(sql, vals![customer, period, contact]).await.map(drop)
}
