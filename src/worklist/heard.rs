//! When customers were heard from, and what they promised and did not keep: asked of the log for many customers at once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::json;

use super::outcome::Outcome;
use super::priority::Heard;
use crate::database::{DatabaseError, Tx};
use crate::timetable::{Timetable, calendar};
use crate::vals;

/// What the log knows of customers at the end of a day. A customer is heard from by a call that reached somebody, a promise
/// and a dispute; payments stand in the books.
///
/// # Errors
/// The database's own.
pub async fn of(
    tx: &mut Tx,
    timetable: &Timetable,
    customers: &[&str],
    today: NaiveDate,
) -> Result<HashMap<String, Heard>, DatabaseError> {
    let mut found: HashMap<String, Heard> = HashMap::new();
    let zone = timetable.time_zone;
    let end = today.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| calendar::instant(zone, next, NaiveTime::MIN));
    let ids = json!(customers).to_string();
    let words: Vec<&str> = Outcome::ALL.into_iter().filter(|o| o.is_heard()).map(Outcome::word).collect();
    let calls = "SELECT customer, action || ', ' || result AS how, max(changed_at) AS at FROM contact
                 WHERE kind = 'task' AND state = 'done' AND customer IN ($1[]) AND result IN ($2[]) AND changed_at < $3
                 GROUP BY customer, action, result";
    let said = "SELECT customer, 'a ' || kind AS how, max(created_at) AS at FROM
                  (SELECT subject AS customer, kind, created_at FROM control WHERE about = 'customer' AND subject IN ($1[])
                   UNION ALL SELECT f.customer, c.kind, c.created_at FROM control c JOIN invoice_fact f ON f.invoice = c.subject
                     WHERE c.about = 'invoice' AND f.customer IN ($1[])) s
                WHERE kind IN ('promise', 'dispute') AND created_at < $2 GROUP BY customer, kind";
    let mut rows = tx.all(calls, vals![&ids, json!(words).to_string(), end]).await?;
    rows.extend(tx.all(said, vals![&ids, end]).await?);
    for row in rows {
        let at: DateTime<Utc> = row.parsed("at", "an instant")?;
        let last = (calendar::local(zone, at).0, row.text("how")?);
        let heard = found.entry(row.text("customer")?).or_default();
        if heard.last.as_ref().is_none_or(|known| *known < last) {
            heard.last = Some(last);
        }
    }
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
