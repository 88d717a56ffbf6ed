//! When each customer of the own ledger has to be looked at again (L7): a poll costs what is due, not what there is. Who is
//! to be looked at because something has changed, the database says by itself (its triggers).

use std::collections::HashMap;

use chrono::NaiveDate;

use super::guard::ReadCounts;
use super::whose::Whose;
use crate::database::{Bulk, Column, DatabaseError, Row, Tx, int, text};
use crate::vals;

/// What the last poll has seen of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    woken: i64,
    look_on: String,
    in_ledger: bool,
    open_invoices: u64,
    invoices: u64,
}

/// What this poll sees of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub customer: String,
    /// The first day on which something may be due, unless something changes before; `None`: at the next poll.
    pub look_on: Option<NaiveDate>,
    pub in_ledger: bool,
    pub open_invoices: u64,
    pub invoices: u64,
}

/// The sums over all customers, as the last poll has left them (T27).
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Totals {
    pub customers: u64,
    pub open_invoices: u64,
    pub invoices: u64,
}

impl Totals {
    /// With what is seen of a customer in the place of what was seen of it before.
    pub fn replace(&mut self, before: Option<&Last>, now: &Seen) {
        let nothing = Last::default();
        let before = before.unwrap_or(&nothing);
        let sum = |all: u64, was: u64, is: u64| (all + is).saturating_sub(was);
        self.customers = sum(self.customers, before.in_ledger.into(), now.in_ledger.into());
        self.open_invoices = sum(self.open_invoices, before.open_invoices, now.open_invoices);
        self.invoices = sum(self.invoices, before.invoices, now.invoices);
    }

    /// Without a customer who is looked at anew: how many invoices of the others there are.
    pub fn leave_out(&mut self, before: &Last) {
        self.invoices = self.invoices.saturating_sub(before.invoices);
    }
}

/// Who has to be looked at on a day, in the order of the ids: whose day has come, who has changed, and for whom something
/// waits to be sent.
///
/// # Errors
/// The database's own.
pub async fn awake(tx: &mut Tx, today: NaiveDate) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT customer FROM customer_agenda WHERE look_on <= $1
               UNION SELECT i.customer FROM contact c JOIN THEN contact_invoice i ON i.contact = c.id
                 WHERE c.state IN ('planned', 'queued', 'retrying', 'sending') ORDER BY 1";
    tx.all(sql, vals![today]).await?.iter().map(|r| r.text("customer")).collect()
}

/// What the last poll has seen of some customers.
///
/// # Errors
/// The database's own.
pub async fn load(tx: &mut Tx, whose: Whose<'_>) -> Result<HashMap<String, Last>, DatabaseError> {
    let mut values = vec![];
    let sql = format!("SELECT * FROM customer_agenda WHERE {}", whose.sql("customer", &mut values));
    tx.all(&sql, values).await?.iter().map(|r| Ok((r.text("customer")?, last(r)?))).collect()
}

fn last(row: &Row) -> Result<Last, DatabaseError> {
    let number = |column| row.int(column).map(i64::unsigned_abs);
    Ok(Last {
        woken: row.int("woken")?,
        look_on: row.text("look_on")?,
        in_ledger: row.flag("in_ledger")?,
        open_invoices: number("open_invoices")?,
        invoices: number("invoices")?,
    })
}

const COLUMNS: &[Column] =
    &[text("customer"), int("woken"), text("look_on"), int("in_ledger"), int("open_invoices"), int("invoices")];

/// Notes what was seen. Who has changed since `before` was read stays awake: others may write at the same time.
///
/// # Errors
/// The database's own.
pub async fn save(tx: &mut Tx, before: &HashMap<String, Last>, seen: &[Seen]) -> Result<(), DatabaseError> {
    let mut rows = Bulk::new(COLUMNS);
    let mut changed = Vec::new();
    for now in seen {
        // Who has no row was made after `before` was read.
        let Some(last) = before.get(&now.customer) else { continue };
        let look_on = now.look_on.map(|day| day.min(super::own::THE_LAST_DAY).to_string()).unwrap_or_default();
        let (open_invoices, invoices) = (now.open_invoices, now.invoices);
        let next = Last { woken: last.woken, look_on, in_ledger: now.in_ledger, open_invoices, invoices };
        if next != *last {
            changed.push(&now.customer);
            let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            rows.push(vals![&now.customer, next.woken, next.look_on, next.in_ledger, number(open_invoices), number(invoices)]);
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    // Who is being changed just now is left alone, and not waited for.
    let sql = "SELECT customer FROM customer_agenda WHERE customer IN ($1[]) FOR UPDATE SKIP LOCKED";
    let ours = tx.all(sql, vals![serde_json::json!(changed).to_string()]).await?;
    let ours = ours.iter().map(|r| r.text("customer")).collect::<Result<Vec<_>, _>>()?;
    // The counts are in the totals by now, whoever has changed; only the sleep depends on it.
    let sql = "UPDATE customer_agenda SET look_on = CASE WHEN customer_agenda.woken = r.woken THEN r.look_on ELSE '' END,
                 in_ledger = r.in_ledger, open_invoices = r.open_invoices, invoices = r.invoices
               FROM {rows} r WHERE customer_agenda.customer = r.customer AND customer_agenda.customer IN ($2[])";
    tx.exec_bulk(sql, rows, vals![serde_json::json!(ours).to_string()]).await?;
    Ok(())
}

/// How many payments were received on each day, from one day to another.
///
/// # Errors
/// The database's own.
pub async fn payments(tx: &mut Tx, counts: &mut ReadCounts, from: NaiveDate, to: NaiveDate) -> Result<(), DatabaseError> {
    let sql = "SELECT received_on, count(*) AS n FROM ledger_payment WHERE received_on >= $1 AND received_on <= $2 GROUP BY 1";
    counts.payments.clear();
    for row in tx.all(sql, vals![from, to]).await? {
        counts.payments.insert(row.date("received_on")?, row.int("n")?.unsigned_abs());
    }
    Ok(())
}

/// The next day on which the ledger shows something of some customers that it has already (L6): an invoice that is issued, a
/// payment that is received later.
///
/// # Errors
/// The database's own.
pub async fn to_come(tx: &mut Tx, today: NaiveDate, whose: Whose<'_>) -> Result<HashMap<String, NaiveDate>, DatabaseError> {
    let mut values = vals![today];
    let who = [
        format!(
            "SELECT customer_id AS who, issue_date AS day FROM ledger_invoice WHERE issue_date > $1 AND {}",
            whose.sql("customer_id", &mut values)
        ),
        format!(
            "SELECT customer_id, received_on FROM ledger_payment WHERE received_on > $1 AND {}",
            whose.sql("customer_id", &mut values)
        ),
        format!(
            "SELECT i.customer_id, p.received_on FROM ledger_invoice i JOIN THEN ledger_payment p ON p.invoice_id = i.id
             WHERE p.received_on > $1 AND {}",
            whose.sql("i.customer_id", &mut values)
        ),
    ];
    let sql = format!("SELECT who, min(day) AS day FROM ({}) c GROUP BY who", who.join(" UNION ALL "));
    tx.all(&sql, values).await?.iter().map(|r| Ok((r.text("who")?, r.date("day")?))).collect()
}
