//! Who was told of what before it leaves (T34): the occurrences that digests and forewarnings have named, for good.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime};
use serde_json::json;

use super::entry::Entry;
use crate::database::{DatabaseError, Row, Tx, inconsistent};
use crate::ledger::Whose;
use crate::timetable::approval::{Key, Leaves, Told};
use crate::vals;

/// What an e-mail to a colleague says of a contact that waits.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it covers: each occurrence, and whose it is.
    pub covered: Vec<(Key, String)>,
    /// From when on silence lets it leave; `None`: it waits for a word.
    pub leaves: Option<Leaves>,
}

impl Named {
    /// A contact that waits, with what is said of it.
    #[must_use]
    pub fn of(waits: &Entry, leaves: Option<Leaves>) -> Self {
        let key = |i: &super::EntryInvoice| ((i.id.clone(), i.step.clone(), i.occurrence, i.round), i.customer.clone());
        Self { covered: waits.invoices.iter().map(key).collect(), leaves }
    }

    /// For the event of the log.
    #[must_use]
    pub fn content(&self) -> serde_json::Value {
        let (on, from) = (self.leaves.map(|l| l.on), self.leaves.map(|l| written(l.from)));
        let covered: Vec<_> = self.covered.iter().map(|((i, s, o, r), _)| json!([i, s, o, r])).collect();
        json!({ "covered": covered, "leaves_on": on, "leaves_from": from })
    }
}

/// An hour, as the database and the log have it.
fn written(from: NaiveTime) -> String {
    from.format("%H:%M").to_string()
}

/// That somebody was told of a contact that leaves unless somebody objects.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ToldOf {
    /// The day from which on it leaves, and the hour of that day in the timetable's zone.
    pub leaves_on: NaiveDate,
    pub leaves_from: String,
    pub forewarned_on: NaiveDate,
    pub forewarned: String,
    #[serde(skip)]
    pub is: Told,
}

impl From<Told> for ToldOf {
    fn from(told: Told) -> Self {
        let from = told.leaves.from.format("%H:%M").to_string();
        Self { leaves_on: told.leaves.on, leaves_from: from, forewarned_on: told.on, forewarned: told.to.clone(), is: told }
    }
}

/// Keeps what an e-mail names.
///
/// # Errors
/// The database's own.
pub(super) async fn keep(tx: &mut Tx, letter: &str, named: &[Named]) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO forewarned (contact, invoice, step, occurrence, round, customer, leaves_on, leaves_from)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    for one in named {
        for ((invoice, step, occurrence, round), customer) in &one.covered {
            let (on, from) = (one.leaves.map(|l| l.on), one.leaves.map(|l| written(l.from)));
            tx.exec(sql, vals![letter, invoice, step, *occurrence, *round, customer, on, from]).await?;
        }
    }
    Ok(())
}

/// What was asked of these occurrences has ended: who was told is told anew when it comes again.
///
/// # Errors
/// The database's own.
pub(super) async fn withdraw(tx: &mut Tx, ended: &Entry) -> Result<(), DatabaseError> {
    let sql = "UPDATE forewarned SET counts = 0 WHERE invoice = $1 AND step = $2 AND occurrence = $3 AND round = $4";
    for i in &ended.invoices {
        tx.exec(sql, vals![&i.id, &i.step, i.occurrence, i.round]).await?;
    }
    Ok(())
}

/// What counts: the relay has taken the e-mail and nothing says that it came back, and silence was said to be enough.
const COUNTS: &str = "l.state = 'sent' AND f.counts = 1 AND f.leaves_on IS NOT NULL
                      AND NOT EXISTS (SELECT 1 FROM suppression s WHERE s.contact = l.id AND s.lifted_at IS NULL)";

/// Of which occurrences of some customers somebody was told, the first time that counts; `until`: before that day.
///
/// # Errors
/// The database's own.
pub async fn load(tx: &mut Tx, whose: Whose<'_>, until: Option<NaiveDate>) -> Result<HashMap<Key, Told>, DatabaseError> {
    let mut values = vec![];
    let sql = format!(
        "SELECT f.*, l.date, l.recipients FROM forewarned f JOIN contact l ON l.id = f.contact WHERE {COUNTS} AND {}",
        whose.sql("f.customer", &mut values)
    );
    let mut found: HashMap<Key, Told> = HashMap::new();
    for row in tx.all(&sql, values).await? {
        let told = told(&row)?;
        if until.is_none_or(|until| told.on < until) {
            first(&mut found, (row.text("invoice")?, row.text("step")?, row.count("occurrence")?, row.count("round")?), told);
        }
    }
    Ok(found)
}

/// Says of contacts that wait and that silence lets leave, who was told and from when on they leave.
///
/// # Errors
/// The database's own.
pub(super) async fn tell(tx: &mut Tx, entries: &mut [Entry]) -> Result<(), DatabaseError> {
    let waiting: Vec<&str> = entries.iter().filter(|e| e.veto).filter_map(|e| e.contact.as_deref()).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT f.*, l.date, l.recipients FROM contact_invoice i
           JOIN forewarned f ON f.invoice = i.invoice AND f.step = i.step_now AND f.occurrence = i.occurrence AND f.round = i.round
           JOIN contact l ON l.id = f.contact
         WHERE i.contact IN ($1[]) AND i.standing = 'counts' AND {COUNTS}"
    );
    let mut found: HashMap<Key, Told> = HashMap::new();
    for row in tx.all(&sql, vals![json!(waiting).to_string()]).await? {
        let told = told(&row)?;
        first(&mut found, (row.text("invoice")?, row.text("step")?, row.count("occurrence")?, row.count("round")?), told);
    }
    for entry in entries.iter_mut().filter(|e| e.veto) {
        let key = |i: &super::EntryInvoice| (i.id.clone(), i.step.clone(), i.occurrence, i.round);
        let all: Option<Vec<&Told>> = entry.invoices.iter().map(|i| found.get(&key(i))).collect();
        entry.told = all.and_then(|all| all.into_iter().max_by_key(|t| t.leaves)).cloned().map(Into::into);
    }
    Ok(())
}

fn first(found: &mut HashMap<Key, Told>, key: Key, told: Told) {
    let known = found.entry(key).or_insert_with(|| told.clone());
    // Of several on one day, always the same reader is named.
    if (told.on, told.leaves, &told.to) < (known.on, known.leaves, &known.to) {
        *known = told;
    }
}

fn told(row: &Row) -> Result<Told, DatabaseError> {
    let to: Vec<String> = row.json("recipients")?;
    let from = row.text("leaves_from")?;
    let hour = NaiveTime::parse_from_str(&from, "%H:%M").map_err(|_| inconsistent("leaves_from", from, "an hour"))?;
    let leaves = Leaves { on: row.date("leaves_on")?, from: hour };
    Ok(Told { on: row.date("date")?, to: to.join(", "), leaves })
}

/// The e-mails of which the log's events say other occurrences, or another hour, than what is kept.
///
/// # Errors
/// The database's own.
pub(super) async fn differing(tx: &mut Tx) -> Result<Vec<String>, DatabaseError> {
    let sql =
        "SELECT id FROM contact WHERE merged_as IN ('digest', 'forewarning') UNION SELECT contact FROM forewarned ORDER BY 1";
    let letters = tx.all(sql, vec![]).await?.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::new();
    for letter in letters {
        let sql = "SELECT content FROM contact_event WHERE contact = $1 AND from_state IS NULL";
        let content = tx.first(sql, vals![&letter]).await?.map(|r| r.opt_text("content")).transpose()?.flatten();
        let content: serde_json::Value = content.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let rows = tx.all("SELECT * FROM forewarned WHERE contact = $1", vals![&letter]).await?;
        let mut kept = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let mut said: Vec<String> = content["named"].as_array().into_iter().flatten().flat_map(lines).collect();
        kept.sort();
        said.sort();
        if kept != said {
            found.push(letter);
        }
    }
    Ok(found)
}

/// An occurrence as the event has it, without its step, which may have been renamed since (T31).
fn lines(named: &serde_json::Value) -> Vec<String> {
    let line = |c: &serde_json::Value| format!("{} {} {} {} {}", c[0], c[2], c[3], named["leaves_on"], named["leaves_from"]);
    named["covered"].as_array().into_iter().flatten().map(line).collect()
}

/// The same of a row.
fn line(row: &Row) -> Result<String, DatabaseError> {
    let (on, from) = (json!(row.opt_text("leaves_on")?), json!(row.opt_text("leaves_from")?));
    Ok(format!("{} {} {} {on} {from}", json!(row.text("invoice")?), row.count("occurrence")?, row.count("round")?))
}
