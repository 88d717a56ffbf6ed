//! Whether the log was changed behind the program's back (D14): the chain from its first event, and what stands beside it.
//! Read page by page, so that a log of any length takes the same memory.

use super::chain::{self, Head};
use super::{forewarned, verify_contacts};
use crate::database::{DatabaseError, Row, Tx};
use crate::vals;

/// How many rows are read at once.
pub(super) const PAGE: u32 = 2_000;

/// One thing that is not as the program left it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub event: Option<i64>,
    pub contact: Option<String>,
    /// A sentence.
    pub finding: String,
}

impl Finding {
    pub(super) fn new(event: Option<i64>, contact: Option<&str>, finding: impl Into<String>) -> Self {
        Self { event, contact: contact.map(str::to_owned), finding: finding.into() }
    }
}

/// How much was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    pub events: u64,
    /// Events of which only the commitment is left (D15).
    pub forgotten: u64,
    pub contacts: u64,
    /// Kept messages that were hashed again.
    pub messages: u64,
    /// The newest event, to be noted elsewhere.
    pub head: Head,
}

/// Looks at everything; `found` hears of each thing that is not as it should be.
///
/// # Errors
/// The database's own.
pub async fn verify(tx: &mut Tx, found: &mut (impl FnMut(Finding) + Send)) -> Result<Verified, DatabaseError> {
    let mut verified = Verified::default();
    events(tx, &mut verified, found).await?;
    ends(tx, &verified.head, found).await?;
    verify_contacts::contacts(tx, &mut verified, found).await?;
    for letter in forewarned::differing(tx).await? {
        found(Finding::new(None, Some(&letter), "what is kept of who was forewarned is not what its first event says"));
    }
    Ok(verified)
}

/// Each event's number, hash and commitment.
async fn events(tx: &mut Tx, verified: &mut Verified, found: &mut impl FnMut(Finding)) -> Result<(), DatabaseError> {
    loop {
        let sql = format!("SELECT * FROM contact_event WHERE number > $1 ORDER BY number LIMIT {PAGE}");
        let rows = tx.all(&sql, vals![verified.head.number]).await?;
        for row in &rows {
            event(row, verified, found)?;
        }
        if rows.len() < PAGE as usize {
            return Ok(());
        }
    }
}

fn event(row: &Row, verified: &mut Verified, found: &mut impl FnMut(Finding)) -> Result<(), DatabaseError> {
    let (number, contact, hash) = (row.int("number")?, row.text("contact")?, row.text("hash")?);
    let (reason, reply, content) = (row.opt_text("reason")?, row.opt_text("relay_reply")?, row.opt_text("content")?);
    let (salt, commitment) = (row.opt_text("salt")?, row.text("commitment")?);
    let mut say = |text: String| found(Finding::new(Some(number), Some(&contact), text));
    verified.events += 1;
    match &salt {
        Some(salt) => {
            if chain::commitment(salt, reason.as_deref(), reply.as_deref(), content.as_deref()) != commitment {
                say("its reason, the relay's reply or its content was changed".to_owned());
            }
        }
        None => {
            verified.forgotten += 1;
            if reason.is_some() || reply.is_some() || content.is_some() {
                say("it is said to be forgotten, and has a reason, a reply or a content all the same".to_owned());
            }
        }
    }
    let before = &verified.head;
    if number == before.number + 1 {
        let (at, from, to) = (row.text("at")?, row.opt_text("from_state")?, row.text("to_state")?);
        if chain::link(before, &contact, &at, from.as_deref(), &to, &commitment).hash != hash {
            say("its hash is not that of what it says and of the event before it: one of the two was changed".to_owned());
        }
    } else {
        let (first, last) = (before.number + 1, number - 1);
        let missing = if first == last { format!("event {first} is") } else { format!("the events {first} to {last} are") };
        say(format!("{missing} missing before it"));
    }
    verified.head = Head { number, hash };
    Ok(())
}

/// The end of the chain, and events of no contact.
async fn ends(tx: &mut Tx, last: &Head, found: &mut impl FnMut(Finding)) -> Result<(), DatabaseError> {
    // Not `chain::head`: this only looks.
    let row = tx.first("SELECT number, hash FROM log_head WHERE one = 1", vec![]).await?;
    let noted =
        row.map_or(Ok(Head::default()), |r| Ok::<_, DatabaseError>(Head { number: r.int("number")?, hash: r.text("hash")? }))?;
    if noted.number > last.number {
        let (first, end) = (last.number + 1, noted.number);
        found(Finding::new(Some(end), None, format!("the log ends with event {}: {first} to {end} are missing", last.number)));
    } else if noted != *last {
        let text = format!("the log's head names event {} and another hash than the last event has", noted.number);
        found(Finding::new(Some(last.number), None, text));
    }
    let sql = "SELECT e.contact, min(e.number) AS number FROM contact_event e LEFT JOIN contact c ON c.id = e.contact
               WHERE c.id IS NULL GROUP BY e.contact ORDER BY 2";
    for row in tx.all(sql, vec![]).await? {
        let contact = row.text("contact")?;
        found(Finding::new(Some(row.int("number")?), Some(&contact), "its events are in the log, the contact is not"));
    }
    Ok(())
}
