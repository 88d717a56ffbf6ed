//! Erases a person's data from the log (D15): names, addresses, texts and messages go; ids, dates, steps, amounts, counts
//! and the chain of hashes stay.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::outbox::{self, Settled};
use super::{Event, Journal, State, pack, polls, suppress};
use crate::database::{DatabaseError, Tx};
use crate::vals;

/// How the content of the event begins that says of a contact that it was forgotten.
pub(super) const MARK: &str = "{\"forgotten\":";
/// What stands where a text had to go.
const GONE: &str = "(forgotten)";
/// An event that has something to erase; its contact was not only skipped, of which the log says nothing personal.
const TELLS: &str = "e.salt IS NOT NULL AND (e.content IS NULL OR e.content NOT LIKE '{\"forgotten\":%')";

/// What the log has of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traces {
    /// All contacts about the customer, or about invoices of the customer.
    pub contacts: Vec<String>,
    /// Those that have something to erase.
    pub telling: Vec<String>,
    /// Those that wait to be sent: they are cancelled.
    pub unsent: Vec<String>,
    /// E-mails that are being sent at this moment: nothing can be erased now.
    pub sending: usize,
    pub in_doubt: usize,
    pub open_tasks: usize,
    pub messages: usize,
    /// Notes, and those of holds, promises and disputes.
    pub notes: i64,
    /// The addresses that the log has of the customer.
    pub addresses: BTreeSet<String>,
    /// Those of them that are or were suppressed.
    pub suppressed: Vec<String>,
    /// Invoices that the last poll saw open.
    pub open: Vec<String>,
}

const INVOICES: &str = "SELECT invoice FROM contact_invoice WHERE customer = $1
                        UNION SELECT invoice FROM invoice_fact WHERE customer = $1";

/// Looks what there is. `known`: addresses that the ledger has of the customer.
///
/// # Errors
/// The database's own.
pub async fn look(tx: &mut Tx, customer: &str, known: &[String]) -> Result<Traces, DatabaseError> {
    let mut traces = Traces::default();
    let sql = format!(
        "SELECT c.id, c.kind, c.state, c.recipients, c.cc, c.message_pack, c.note, c.relay_reply,
                (SELECT count(*) FROM contact_event e WHERE e.contact = c.id AND {TELLS}) AS tells
         FROM contact c WHERE c.customer = $1 OR c.id IN (SELECT contact FROM contact_invoice WHERE customer = $1)
         ORDER BY c.id FOR UPDATE"
    );
    for row in tx.all(&sql, vals![customer]).await? {
        let (id, state): (String, State) = (row.text("id")?, row.parsed("state", "a state")?);
        traces.contacts.push(id.clone());
        let own: Vec<String> = row.json("recipients")?;
        let cc: Vec<String> = row.json("cc")?;
        let is_email = row.text("kind")? == "email";
        let packed = row.opt_text("message_pack")?.is_some();
        let texts = row.opt_text("note")?.is_some() || row.opt_text("relay_reply")?.is_some();
        let names = is_email && !(own.is_empty() && cc.is_empty());
        if names || packed || texts || (state != State::Skipped && row.int("tells")? > 0) {
            traces.telling.push(id.clone());
        }
        traces.messages += usize::from(packed);
        if is_email {
            traces.addresses.extend(own.into_iter().chain(cc));
        }
        match state {
            State::Planned | State::Queued | State::Retrying => traces.unsent.push(id),
            State::Sending => traces.sending += 1,
            State::InDoubt => traces.in_doubt += 1,
            State::Open | State::Snoozed => traces.open_tasks += 1,
            _ => {}
        }
    }
    traces.addresses.extend(known.iter().cloned());
    let sql = "SELECT DISTINCT address FROM suppression WHERE address IN ($1[]) OR contact IN ($2[]) ORDER BY address";
    for row in tx.all(sql, vals![json!(traces.addresses).to_string(), json!(traces.contacts).to_string()]).await? {
        let address = row.text("address")?;
        if !suppress::is_forgotten(&address) {
            traces.addresses.insert(address.clone());
            traces.suppressed.push(address);
        }
    }
    let sql = format!("SELECT count(*) AS n FROM control WHERE note IS NOT NULL AND {}", about());
    traces.notes = tx.first(&sql, vals![customer]).await?.map_or(Ok(0), |r| r.int("n"))?;
    let sql = format!("SELECT count(*) AS n FROM note WHERE said <> '{GONE}' AND {}", about());
    traces.notes += tx.first(&sql, vals![customer]).await?.map_or(Ok(0), |r| r.int("n"))?;
    let sql = "SELECT invoice FROM invoice_fact WHERE customer = $1 AND open = 1 ORDER BY invoice";
    traces.open = tx.all(sql, vals![customer]).await?.iter().map(|r| r.text("invoice")).collect::<Result<_, _>>()?;
    Ok(traces)
}

/// Controls of the customer `$1`.
fn about() -> String {
    format!("((about = 'customer' AND subject = $1) OR (about = 'invoice' AND subject IN ({INVOICES})))")
}

impl Traces {
    /// Whether nothing is left to erase.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.telling.is_empty() && self.suppressed.is_empty() && self.notes == 0
    }
}

/// Erases what a look has found, and says so in the log, under a name. `texts`: names and other words of the ledger. The
/// caller has called [`super::claim::controls_change`] before the look, so that nothing is handed over meanwhile (D7).
///
/// # Errors
/// The database's own.
pub async fn erase(
    tx: &mut Tx,
    customer: &str,
    traces: &Traces,
    texts: &[String],
    author: &str,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    let mut journal = Journal::default();
    let cancelled: Vec<Settled> =
        traces.unsent.iter().map(|id| Settled::new(id, State::Cancelled, Some("forgotten".to_owned()))).collect();
    outbox::settle(tx, &mut journal, &cancelled, None, now).await?;
    journal.write(tx, now).await?;
    let (all, telling) = (json!(traces.contacts).to_string(), json!(traces.telling).to_string());
    messages(tx, &all).await?;
    let sql = "UPDATE contact SET cc = '[]', note = NULL, relay_reply = NULL,
                 recipients = CASE WHEN kind = 'email' THEN '[]' ELSE recipients END,
                 reason = CASE WHEN state = 'skipped' THEN reason END,
                 rule = CASE WHEN id IN ($2[]) THEN 'D15' ELSE rule END
               WHERE id IN ($1[])";
    tx.exec(sql, vals![&all, json!(traces.unsent).to_string()]).await?;
    let sql = format!(
        "UPDATE contact_event AS e SET reason = NULL, relay_reply = NULL, content = NULL, salt = NULL
         WHERE e.contact IN (SELECT id FROM contact WHERE state <> 'skipped' AND id IN ($1[])) AND {TELLS}"
    );
    tx.exec(&sql, vals![&telling]).await?;
    tx.exec(&format!("UPDATE control SET note = NULL WHERE note IS NOT NULL AND {}", about()), vals![customer]).await?;
    tx.exec(&format!("UPDATE note SET said = '{GONE}', author = '' WHERE {}", about()), vals![customer]).await?;
    tx.exec("UPDATE approval SET reason = NULL, author = NULL WHERE customer = $1", vals![customer]).await?;
    suppress::forget(tx, &traces.suppressed).await?;
    elsewhere(tx, traces, texts).await?;
    let said = format!("{author}: forgotten (D15)");
    let rows =
        tx.all("SELECT id, state FROM contact WHERE state <> 'skipped' AND id IN ($1[]) ORDER BY id", vals![&telling]).await?;
    let mut journal = Journal::default();
    for row in rows {
        let state: State = row.parsed("state", "a state")?;
        let event = Event::new(&row.text("id")?, Some(state), state, Some(said.clone()));
        journal.enter(Event { content: Some(format!("{MARK}true}}")), ..event });
    }
    journal.write(tx, now).await?;
    polls::set_value(tx, &format!("forgotten {customer}"), Some(&format!("{} by {author}", now.to_rfc3339()))).await
}

/// Every message of these contacts, those of earlier tries too, which nothing points to any more.
async fn messages(tx: &mut Tx, contacts: &str) -> Result<(), DatabaseError> {
    let sql = "SELECT id FROM message_pack WHERE id IN (SELECT message_pack FROM contact WHERE id IN ($1[]))
                 OR at IN (SELECT at FROM contact_event WHERE to_state = 'sending' AND contact IN ($1[])) ORDER BY id";
    let packs = tx.all(sql, vals![contacts]).await?.iter().map(|r| r.text("id")).collect::<Result<Vec<_>, _>>()?;
    let sql = "UPDATE contact SET message_pack = NULL, message_offset = NULL, message_length = NULL WHERE id IN ($1[])";
    tx.exec(sql, vals![contacts]).await?;
    for id in packs {
        pack::keep_what_is_pointed_to(tx, &id).await?;
    }
    Ok(())
}

/// What polls and the relay's pause have quoted.
async fn elsewhere(tx: &mut Tx, traces: &Traces, texts: &[String]) -> Result<(), DatabaseError> {
    for text in traces.addresses.iter().chain(texts).filter(|t| t.len() > 3) {
        let sql = "UPDATE poll SET problem = replace(problem, $1, $2) WHERE replace(problem, $1, '') <> problem";
        tx.exec(sql, vals![text, GONE]).await?;
    }
    for address in &traces.addresses {
        let sql = "UPDATE state SET value = replace(value, $1, $2) WHERE key = 'relay_pause' AND replace(value, $1, '') <> value";
        tx.exec(sql, vals![address, GONE]).await?;
    }
    Ok(())
}

/// When a customer was forgotten last, and by whom.
///
/// # Errors
/// The database's own.
pub async fn when(tx: &mut Tx, customer: &str) -> Result<Option<String>, DatabaseError> {
    polls::value(tx, &format!("forgotten {customer}")).await
}

/// Whether the log or the polls know a customer at all.
///
/// # Errors
/// The database's own.
pub async fn is_known(tx: &mut Tx, customer: &str) -> Result<bool, DatabaseError> {
    let sql = "SELECT 1 AS one FROM contact WHERE customer = $1 UNION ALL SELECT 1 FROM contact_invoice WHERE customer = $1
               UNION ALL SELECT 1 FROM invoice_fact WHERE customer = $1 UNION ALL SELECT 1 FROM control WHERE about = 'customer' AND subject = $1
               LIMIT 1";
    Ok(tx.first(sql, vals![customer]).await?.is_some())
}
