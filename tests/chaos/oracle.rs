//! Compares what the relay took, the log and the ledger: the invariants I1 to I8.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dunningd::contacts::chain::{Head, link};
use dunningd::database::Database;
use serde_json::Value;

use crate::books::Books;
use crate::mischief::has_clock_steps;
use crate::support::company::text;
use crate::support::post::Post;
use crate::support::relay::Accepted;
use crate::{CONNECTIONS, LEASE, PER_MINUTE, RECHECK};

/// A message may be on its way for so long after it was begun.
const ON_ITS_WAY: Duration = Duration::from_secs(4);

pub fn judge(books: &Books, post: &Post, seed: u64) {
    let accepted = post.accepted();
    let log: Vec<Value> = books.company.log().into_iter().filter(|c| c["kind"] == "email").collect();
    let of: BTreeMap<&str, &Value> = log.iter().map(|c| (text(c, "contact"), c)).collect();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for message in &accepted {
        let id = message.header("X-Dunningd-Contact");
        *times.entry(id.clone()).or_default() += 1;
        let contact =
            of.get(id.as_str()).unwrap_or_else(|| panic!("I2: contact {id} was sent and is not in the log (seed {seed})"));
        let state = text(contact, "state");
        assert!(
            ["sent", "in-doubt", "failed"].contains(&state),
            "I2: contact {id} was sent and is {state} (seed {seed}): {contact}"
        );
        not_paid_before(books, message, contact, seed);
        let to: Vec<&str> = contact["to"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        let known = format!("ap@{}.example", text(contact, "customer").to_lowercase());
        assert_eq!(message.to, to, "I4: contact {id} (seed {seed})");
        assert_eq!(message.to, [known], "I4: contact {id} (seed {seed})");
    }
    let twice: Vec<_> = times.iter().filter(|(_, n)| **n > 1).collect();
    assert!(twice.is_empty(), "I1: sent twice: {twice:?} (seed {seed})");
    for contact in log.iter().filter(|c| c["state"] == "sent") {
        let id = text(contact, "contact");
        assert_eq!(times.get(id), Some(&1), "I2: contact {id} is sent in the log only (seed {seed}): {contact}");
    }
    each_invoice_ends(books, &log, seed);
    rate(&accepted, seed);
    tokio::runtime::Runtime::new().unwrap().block_on(chain(books, seed));
    eprintln!("{} accepted, {} contacts, {} invoices paid meanwhile", accepted.len(), log.len(), books.paid.len());
    assert!(accepted.len() > 50, "hardly anything was sent (seed {seed})");
}

/// I3: what was paid is not asked for, as soon as the last look at the ledger can have known.
fn not_paid_before(books: &Books, message: &Accepted, contact: &Value, seed: u64) {
    for invoice in contact["invoices"].as_array().unwrap() {
        let Some(paid) = books.paid.get(text(invoice, "id")) else { continue };
        let late = message.at.saturating_duration_since(*paid);
        let most = RECHECK + LEASE + ON_ITS_WAY;
        assert!(late <= most, "I3: invoice {} was asked for {late:?} after its payment (seed {seed}): {contact}", invoice["id"]);
    }
}

/// I1 and I8: an invoice that is owed has one contact, which has ended or waits for the relay; nothing is left half-way.
fn each_invoice_ends(books: &Books, log: &[Value], seed: u64) {
    let mut ends: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for contact in log {
        let state = text(contact, "state");
        assert!(
            ["sent", "in-doubt", "failed", "cancelled", "retrying", "skipped"].contains(&state),
            "I8: contact {} is still {state} (seed {seed}): {contact}",
            text(contact, "contact")
        );
        if ["sent", "in-doubt", "failed", "retrying"].contains(&state) {
            for invoice in contact["invoices"].as_array().unwrap() {
                ends.entry(text(invoice, "id").to_owned()).or_default().push(contact);
            }
        }
    }
    for invoice in books.invoices() {
        let found = ends.get(&invoice).map_or(0, Vec::len);
        assert!(found <= 1, "I1: invoice {invoice} has {found} contacts (seed {seed}): {:#?}", ends[&invoice]);
        let owed = !books.paid.contains_key(&invoice);
        assert!(found == 1 || !owed, "I8: invoice {invoice} is owed and has no contact (seed {seed})");
    }
}

/// I6, where no clock made steps: what leaves in a minute, and what was on its way when it began.
fn rate(accepted: &[Accepted], seed: u64) {
    if has_clock_steps(seed) {
        return;
    }
    let mut at: Vec<Instant> = accepted.iter().map(|m| m.at).collect();
    at.sort();
    for (n, first) in at.iter().enumerate() {
        let within = at[n..].iter().take_while(|t| t.duration_since(*first) < Duration::from_secs(60)).count();
        assert!(within <= PER_MINUTE + 2 * CONNECTIONS, "I6: {within} within a minute (seed {seed})");
    }
}

/// D14: the log's events are one chain, whoever wrote them.
async fn chain(books: &Books, seed: u64) {
    let db = Database::open(&books.company.database()).await.unwrap();
    let mut tx = db.snapshot().await.unwrap();
    let mut head = Head::default();
    for row in tx.all("SELECT * FROM contact_event ORDER BY number", vec![]).await.unwrap() {
        let (contact, at, to) = (row.text("contact").unwrap(), row.text("at").unwrap(), row.text("to_state").unwrap());
        let (from, commitment) = (row.opt_text("from_state").unwrap(), row.text("commitment").unwrap());
        head = link(&head, &contact, &at, from.as_deref(), &to, &commitment);
        let found = Head { number: row.int("number").unwrap(), hash: row.text("hash").unwrap() };
        assert_eq!(found, head, "D14: event {} of contact {contact} (seed {seed})", found.number);
    }
    let last = tx.first("SELECT number, hash FROM log_head", vec![]).await.unwrap().unwrap();
    assert_eq!(last.text("hash").unwrap(), head.hash, "D14: the head of the log (seed {seed})");
}
