//! What the polls have seen of invoices and customers (T6, T20, T27).

use std::collections::HashMap;

use crate::database::{Bulk, Column, DatabaseError, Row, Tx, int, text};
use crate::ledger::validate::{Identity, Memory};
use crate::ledger::{Snapshot, Whose};
use crate::timetable::history::Facts;
use crate::vals;
use chrono::NaiveDate;

/// The facts of the invoices of some customers: of all that a poll ever saw.
///
/// # Errors
/// The database's own.
pub async fn load(tx: &mut Tx, whose: Whose<'_>) -> Result<HashMap<String, Facts>, DatabaseError> {
    let mut values = vec![];
    let from = format!("invoice_fact WHERE {}", whose.sql("customer", &mut values));
    tx.many(FACTS, &from, values).await?.iter().map(facts).collect()
}

/// The facts of some invoices.
///
/// # Errors
/// The database's own.
pub async fn of(tx: &mut Tx, invoices: &[&str]) -> Result<HashMap<String, Facts>, DatabaseError> {
    let mut found = HashMap::new();
    for some in invoices.chunks(CHUNK) {
        let list = serde_json::json!(some).to_string();
        let rows = tx.all("SELECT * FROM invoice_fact WHERE invoice IN ($1[])", vals![list]).await?;
        found.extend(rows.iter().map(facts).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(found)
}

const FACTS: &[&str] = &[
    "invoice",
    "customer",
    "currency",
    "first_seen",
    "open_balance",
    "open",
    "in_read",
    "seen_open",
    "disputed",
    "part_paid",
    "last_payment",
    "promise_ended",
    "paid_on",
    "partly_paid_on",
    "promise_broken_on",
    "disputed_on",
    "copy_asked_on",
    "copies",
];

fn facts(row: &Row) -> Result<(String, Facts), DatabaseError> {
    let facts = Facts {
        customer: row.text("customer")?,
        currency: row.parsed("currency", "a currency")?,
        first_seen: row.date("first_seen")?,
        open_balance: row.amount("open_balance")?,
        open: row.flag("open")?,
        in_read: row.flag("in_read")?,
        seen_open: row.flag("seen_open")?,
        disputed: row.flag("disputed")?,
        part_paid: row.amount("part_paid")?,
        last_payment: row.opt_date("last_payment")?,
        promise_ended: row.opt_date("promise_ended")?,
        paid_on: row.opt_date("paid_on")?,
        partly_paid_on: row.opt_date("partly_paid_on")?,
        promise_broken_on: row.opt_date("promise_broken_on")?,
        disputed_on: row.opt_date("disputed_on")?,
        copy_asked_on: row.opt_date("copy_asked_on")?,
        copies: row.count("copies")?,
    };
    Ok((row.text("invoice")?, facts))
}

/// How many rows go to the database at once.
const CHUNK: usize = 1_000;

/// Writes the facts that differ from those before; what people have asked for is left as it is.
///
/// # Errors
/// The database's own.
pub async fn save(tx: &mut Tx, before: &HashMap<String, Facts>, after: &HashMap<String, Facts>) -> Result<(), DatabaseError> {
    let changed = after.iter().filter(|(id, f)| before.get(*id) != Some(*f));
    let columns: Vec<&str> = COLUMNS.iter().map(|c| c.name()).collect();
    let (list, values) = (columns.join(", "), columns.iter().map(|c| format!("r.{c}")).collect::<Vec<_>>().join(", "));
    let sets: Vec<String> = columns[1..].iter().map(|c| format!("{c} = excluded.{c}")).collect();
    let sql = format!(
        "INSERT INTO invoice_fact ({list}) SELECT {values} FROM {{rows}} r WHERE true
         ON CONFLICT (invoice) DO UPDATE SET {}",
        sets.join(", ")
    );
    let mut rows = Bulk::new(COLUMNS);
    for (invoice, f) in changed {
        rows.push(vals![
            invoice,
            &f.customer,
            f.currency.to_string(),
            f.first_seen,
            f.open_balance,
            f.open,
            f.in_read,
            f.seen_open,
            f.disputed,
            f.part_paid,
            f.last_payment,
            f.promise_ended,
            f.paid_on,
            f.partly_paid_on,
            f.promise_broken_on,
            f.disputed_on
        ]);
        if rows.len() == CHUNK {
            tx.exec_bulk(&sql, std::mem::replace(&mut rows, Bulk::new(COLUMNS)), vec![]).await?;
        }
    }
    tx.exec_bulk(&sql, rows, vec![]).await?;
    Ok(())
}

const COLUMNS: &[Column] = &[
    text("invoice"),
    text("customer"),
    text("currency"),
    text("first_seen"),
    text("open_balance"),
    int("open"),
    int("in_read"),
    int("seen_open"),
    int("disputed"),
    text("part_paid"),
    text("last_payment"),
    text("promise_ended"),
    text("paid_on"),
    text("partly_paid_on"),
    text("promise_broken_on"),
    text("disputed_on"),
];

/// A customer has asked for a copy of an invoice. `false`: no poll has seen it open.
///
/// # Errors
/// The database's own.
pub async fn ask_for_copy(tx: &mut Tx, invoice: &str, today: NaiveDate) -> Result<bool, DatabaseError> {
    let sql = "UPDATE invoice_fact SET copy_asked_on = $2, copies = copies + 1 WHERE invoice = $1 AND open = 1";
    Ok(tx.exec(sql, vals![invoice, today]).await? > 0)
}

/// Since when customers have been some: the earliest issue date ever seen of each (T6).
///
/// # Errors
/// The database's own.
pub async fn customers_since(tx: &mut Tx, whose: Whose<'_>) -> Result<HashMap<String, NaiveDate>, DatabaseError> {
    let mut values = vec![];
    let sql = format!("SELECT customer, earliest_issue FROM customer_fact WHERE {}", whose.sql("customer", &mut values));
    let rows = tx.all(&sql, values).await?;
    rows.iter().map(|r| Ok((r.text("customer")?, r.date("earliest_issue")?))).collect()
}

/// What the ids of invoices stood for (L2), as a snapshot of the database knows it.
#[derive(Debug)]
pub struct Remembered(pub Tx);

impl Memory for Remembered {
    async fn recall(&mut self, customers: Whose<'_>, invoices: &[&str]) -> Result<HashMap<String, Identity>, DatabaseError> {
        let mut values = vec![];
        let sql =
            format!("SELECT invoice, customer, currency FROM invoice_fact WHERE {}", customers.sql("customer", &mut values));
        let rows = self.0.all(&sql, values).await?;
        let mut known = rows.iter().map(identity).collect::<Result<HashMap<_, _>, _>>()?;
        // Those that were another customer's.
        let others: Vec<&str> = invoices.iter().copied().filter(|id| !known.contains_key(*id)).collect();
        for some in others.chunks(CHUNK) {
            let sql = "SELECT invoice, customer, currency FROM invoice_fact WHERE invoice IN ($1[])";
            let rows = self.0.all(sql, vals![serde_json::json!(some).to_string()]).await?;
            known.extend(rows.iter().map(identity).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(known)
    }
}

fn identity(row: &Row) -> Result<(String, Identity), DatabaseError> {
    let identity = Identity { customer_id: row.text("customer")?, currency: row.parsed("currency", "a currency")? };
    Ok((row.text("invoice")?, identity))
}

/// Takes the issue dates of a read into account.
pub fn note_issue_dates(since: &mut HashMap<String, NaiveDate>, snapshot: &Snapshot) {
    for invoice in snapshot.invoices.values() {
        match since.get_mut(&invoice.customer_id) {
            Some(earliest) => *earliest = (*earliest).min(invoice.issue_date),
            None => {
                since.insert(invoice.customer_id.clone(), invoice.issue_date);
            }
        }
    }
}

/// Writes what differs from before.
///
/// # Errors
/// The database's own.
pub async fn save_customers_since(
    tx: &mut Tx,
    before: &HashMap<String, NaiveDate>,
    after: &HashMap<String, NaiveDate>,
) -> Result<(), DatabaseError> {
    let rows: Vec<(&String, &NaiveDate)> = after.iter().filter(|(id, day)| before.get(*id) != Some(*day)).collect();
    for chunk in rows.chunks(CHUNK) {
        const COLUMNS: &[Column] = &[text("customer"), text("earliest_issue")];
        let mut bulk = Bulk::new(COLUMNS);
        chunk.iter().for_each(|(customer, day)| bulk.push(vals![*customer, **day]));
        let sql =
            "INSERT INTO customer_fact (customer, earliest_issue) SELECT r.customer, r.earliest_issue FROM {rows} r WHERE true
                   ON CONFLICT (customer) DO UPDATE SET earliest_issue = excluded.earliest_issue";
        tx.exec_bulk(sql, bulk, vec![]).await?;
    }
    Ok(())
}
