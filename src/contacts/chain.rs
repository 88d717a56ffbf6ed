//! The log's events as a chain (D14): each one's hash is made of the hash before it, so that a change made behind the
//! program's back is found.
//!
//! What may have to be forgotten (D15) – the reason, the relay's words, what the contact was – goes into the chain by a
//! salted commitment only: with the salt erased, the value can be erased, too, and the chain stays whole.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::State;
use crate::database::{Bulk, Column, DatabaseError, Tx, int, text};
use crate::hex::hex;
use crate::vals;

/// One change of a contact.
#[derive(Debug, Clone)]
pub struct Event {
    pub contact: String,
    /// `None`: it was made.
    pub from: Option<State>,
    pub to: State,
    pub reason: Option<String>,
    pub relay_reply: Option<String>,
    /// JSON: what the contact was, when it was made or handed over.
    pub content: Option<String>,
}

impl Event {
    /// A change with a reason and nothing else.
    #[must_use]
    pub fn new(contact: &str, from: Option<State>, to: State, reason: Option<String>) -> Self {
        Self { contact: contact.to_owned(), from, to, reason, relay_reply: None, content: None }
    }
}

/// The newest event of the log: its number and its hash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// 0: the log is empty.
    pub number: i64,
    /// In hexadecimal; empty: the log is empty.
    pub hash: String,
}

/// The hash of what may have to be forgotten.
#[must_use]
pub fn commitment(salt: &str, reason: Option<&str>, relay_reply: Option<&str>, content: Option<&str>) -> String {
    let mut digest = Sha256::new();
    for part in [Some(salt), reason, relay_reply, content] {
        enter(&mut digest, part);
    }
    hex(&digest.finalize())
}

/// The hash of an event.
#[must_use]
pub fn link(before: &Head, contact: &str, at: &str, from: Option<&str>, to: &str, commitment: &str) -> Head {
    let number = before.number + 1;
    let mut digest = Sha256::new();
    digest.update(number.to_be_bytes());
    for part in [Some(before.hash.as_str()), Some(contact), Some(at), from, Some(to), Some(commitment)] {
        enter(&mut digest, part);
    }
    Head { number, hash: hex(&digest.finalize()) }
}

/// With its length before it, so that no two lists of parts look the same.
fn enter(digest: &mut Sha256, part: Option<&str>) {
    match part {
        Some(part) => {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        None => digest.update(u64::MAX.to_be_bytes()),
    }
}

async fn newest(tx: &mut Tx, held: &str) -> Result<Head, DatabaseError> {
    let row = tx.first(&format!("SELECT number, hash FROM log_head WHERE one = 1{held}"), vec![]).await?;
    row.map_or(Ok(Head::default()), |r| Ok(Head { number: r.int("number")?, hash: r.text("hash")? }))
}

const COLUMNS: &[Column] = &[
    int("number"),
    text("contact"),
    text("from_state"),
    text("to_state"),
    text("reason"),
    text("relay_reply"),
    text("content"),
    text("salt"),
    text("commitment"),
    text("hash"),
];

/// Appends events, in this order; says what the newest one is then. Holds the end of the log against other
/// writers until the transaction ends: to be called last.
///
/// # Errors
/// The database's own.
pub async fn append(tx: &mut Tx, events: &[Event], now: DateTime<Utc>) -> Result<Head, DatabaseError> {
    if events.is_empty() {
        return newest(tx, "").await;
    }
    let mut head = newest(tx, " FOR UPDATE").await?;
    let at = crate::database::instant_text(now);
    let mut rows = Bulk::new(COLUMNS);
    for e in events {
        let salt = salt();
        let commitment = commitment(&salt, e.reason.as_deref(), e.relay_reply.as_deref(), e.content.as_deref());
        let (from, to) = (e.from.map(State::word), e.to.word());
        head = link(&head, &e.contact, &at, from, to, &commitment);
        let hash = &head.hash;
        rows.push(vals![head.number, &e.contact, from, to, &e.reason, &e.relay_reply, &e.content, salt, commitment, hash]);
    }
    let sql = "INSERT INTO contact_event (number, contact, at, from_state, to_state, reason, relay_reply, content, salt, commitment, hash)
               SELECT r.number, r.contact, $2, r.from_state, r.to_state, r.reason, r.relay_reply, r.content, r.salt, r.commitment, r.hash
               FROM {rows} r ORDER BY r.n";
    tx.exec_bulk(sql, rows, vals![at]).await?;
    tx.exec("UPDATE log_head SET number = $1, hash = $2 WHERE one = 1", vals![head.number, &head.hash]).await?;
    Ok(head)
}

/// Forty hexadecimal digits by chance.
pub(super) fn salt() -> String {
    let random = || ulid::Ulid::new().random();
    format!("{:020x}{:020x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_every_part_and_on_the_one_before() {
        let head = link(&Head::default(), "A", "2026-03-02T09:00:00.000Z", None, "queued", "c");
        assert_eq!((head.number, head.hash.len()), (1, 64));
        let others = [
            link(&Head { number: 1, hash: String::new() }, "A", "2026-03-02T09:00:00.000Z", None, "queued", "c"),
            link(&Head { number: 0, hash: "x".to_owned() }, "A", "2026-03-02T09:00:00.000Z", None, "queued", "c"),
            link(&Head::default(), "B", "2026-03-02T09:00:00.000Z", None, "queued", "c"),
            link(&Head::default(), "A", "2026-03-02T09:00:00.001Z", None, "queued", "c"),
            link(&Head::default(), "A", "2026-03-02T09:00:00.000Z", Some(""), "queued", "c"),
            link(&Head::default(), "A", "2026-03-02T09:00:00.000Z", None, "sent", "c"),
            link(&Head::default(), "A", "2026-03-02T09:00:00.000Z", None, "queued", "d"),
        ];
        assert!(others.iter().all(|o| o.hash != head.hash));
    }

    #[test]
    fn a_commitment_tells_apart_where_one_part_ends_and_the_next_begins() {
        let all = [
            commitment("s", Some("ab"), Some("c"), None),
            commitment("s", Some("a"), Some("bc"), None),
            commitment("s", Some("abc"), None, None),
            commitment("s", None, Some("abc"), None),
            commitment("t", Some("ab"), Some("c"), None),
        ];
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
