//! The last that was heard of customers (T33): calls that reached somebody, promises, disputes and replies. Payments are the
//! ledger's.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::database::{DatabaseError, Tx, inconsistent, instant_text};
use crate::ledger::Whose;
use crate::timetable::follow::{Answer, Heard};
use crate::timetable::{Timetable, calendar};
use crate::vals;

/// The results of a task after which the call is tried again: nobody was reached.
pub const NOBODY: [&str; 2] = ["voicemail", "unreachable"];

/// The last of each of these customers; `until`: before that instant.
///
/// # Errors
/// The database's own.
pub async fn load(
    tx: &mut Tx,
    timetable: &Timetable,
    whose: Whose<'_>,
    until: Option<DateTime<Utc>>,
) -> Result<HashMap<String, Heard>, DatabaseError> {
    let end = until.map_or_else(|| "9999-12-31".to_owned(), instant_text);
    let mut values = vals![end, json!(NOBODY).to_string()];
    let mut of = |column| whose.sql(column, &mut values);
    let entered = "UNION ALL SELECT s.subject, s.kind, s.created_at FROM control s WHERE s.about = 'customer'
                     AND s.kind IN ('promise', 'dispute') AND s.created_at < $1";
    let noted = "UNION ALL SELECT n.subject, 'reply', n.created_at FROM note n WHERE n.about = 'customer' AND n.reply = 1
                   AND n.created_at < $1";
    let sql = format!(
        "SELECT who, what, max(at) AS at FROM (
           SELECT c.customer AS who, 'call' AS what, c.changed_at AS at FROM contact c
             WHERE c.kind = 'task' AND c.state = 'done' AND c.result IS NOT NULL AND c.result NOT IN ($2[]) AND c.changed_at < $1
               AND {}
           {entered} AND {}
           UNION ALL SELECT f.customer, s.kind, s.created_at FROM control s JOIN invoice_fact f ON f.invoice = s.subject
             WHERE s.about = 'invoice' AND s.kind IN ('promise', 'dispute') AND s.created_at < $1 AND {}
           {noted} AND {}
           UNION ALL SELECT f.customer, 'reply', n.created_at FROM note n JOIN invoice_fact f ON f.invoice = n.subject
             WHERE n.about = 'invoice' AND n.reply = 1 AND n.created_at < $1 AND {}) h
         GROUP BY who, what",
        of("c.customer"),
        of("s.subject"),
        of("f.customer"),
        of("n.subject"),
        of("f.customer"),
    );
    let mut found: HashMap<String, Heard> = HashMap::new();
    let mut note = |who: String, heard: Heard| {
        let last = found.entry(who).or_insert(heard);
        *last = heard.max(*last);
    };
    for row in tx.all(&sql, values).await? {
        let what = row.text("what")?;
        let by = Answer::from_word(&what).ok_or_else(|| inconsistent("what", what, "an answer"))?;
        let at: DateTime<Utc> = row.parsed("at", "an instant")?;
        note(row.text("who")?, Heard { on: calendar::local(timetable.time_zone, at).0, by });
    }
    // The ledger's own word: a dispute that people have entered is known with its day.
    let mut values = vec![];
    let on = match until {
        None => String::new(),
        Some(at) => {
            values.extend(vals![calendar::local(timetable.time_zone, at).0]);
            "AND disputed_on < $1".to_owned()
        }
    };
    let sql = format!(
        "SELECT customer, max(disputed_on) AS last FROM invoice_fact f WHERE disputed_on IS NOT NULL {on} AND {}
           AND NOT EXISTS (SELECT 1 FROM control s WHERE s.kind = 'dispute' AND s.about = 'invoice' AND s.subject = f.invoice
                           AND substr(s.created_at, 1, 10) <= f.disputed_on
                           AND (s.ended_at IS NULL OR substr(s.ended_at, 1, 10) >= f.disputed_on))
         GROUP BY customer",
        whose.sql("customer", &mut values)
    );
    for row in tx.all(&sql, values).await? {
        note(row.text("customer")?, Heard { on: row.date("last")?, by: Answer::Dispute });
    }
    Ok(found)
}
