//! When customers were heard from, and what they promised and did not keep: asked of the log for many customers at once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::priority::Heard;
use crate::contacts::heard;
use crate::database::{DatabaseError, Tx};
use crate::ledger::Whose;
use crate::timetable::{Timetable, calendar};
use crate::vals;

/// What the log knows of customers at the end of a day: the last that was heard of them, as T33 has it (payments stand in
/// the books), and their broken promises.
///
/// # Errors
/// The database's own.
pub async fn of(
    tx: &mut Tx,
    timetable: &Timetable,
    customers: &[String],
    today: NaiveDate,
) -> Result<HashMap<String, Heard>, DatabaseError> {
    let end = |next| calendar::instant(timetable.time_zone, next, NaiveTime::MIN);
    let end: Option<DateTime<Utc>> = today.succ_opt().map(end);
    let last = heard::load(tx, timetable, Whose::These(customers), end).await?;
    let told = |(id, heard): (String, crate::timetable::follow::Heard)| {
        (id, Heard { last: Some((heard.on, format!("a {}", heard.by.word()))), broken: 0 })
    };
    let mut found: HashMap<String, Heard> = last.into_iter().map(told).collect();
    let broken = "SELECT coalesce(f.customer, c.subject) AS customer, count(*) AS n
                  FROM promise_part p JOIN control c ON c.id = p.control
                    LEFT JOIN invoice_fact f ON c.about = 'invoice' AND f.invoice = c.subject
                  WHERE p.outcome = 'broken' AND p.settled_on >= $1 AND p.settled_on <= $2 GROUP BY 1";
    let since = super::figures::since(&timetable.priority, today);
    for row in tx.all(broken, vals![since, today]).await? {
        found.entry(row.text("customer")?).or_default().broken = row.count("n")?;
    }
    Ok(found)
}
