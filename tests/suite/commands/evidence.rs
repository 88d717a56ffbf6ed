//! What an invoice's file holds, and that it can be checked without dunningd (D14, R44).

use std::io::Read as _;

use dunningd::contacts::chain::{Head, commitment, link};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::support::post::Post;
use crate::support::state;

fn unpacked(company: &Company, name: &str) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(company.path(name)).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().to_owned();
        files.insert(name, bytes);
    }
    files
}

/// One that was sent twice about, one of another customer.
fn sent() -> (Post, Company) {
    let post = Post::kind();
    let mut company = a_company().with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_overdue_invoice("I-2", "C-1");
    company.given_an_overdue_invoice("I-3", "C-3");
    company.import();
    company.poll_at(MORNING);
    company.poll_at("2026-03-10T09:00:00-04:00");
    (post, company)
}

#[test]
fn every_message_is_in_it_byte_for_byte_with_the_relays_answer_and_the_hashes_of_all_files() {
    let (post, company) = sent();
    company.run(&["evidence", "I-1", "--out", "e.zip"]).exits(0).says("2 contacts about invoice I-1, 2 messages");
    let files = unpacked(&company, "e.zip");
    let contacts: Vec<Value> = serde_json::from_slice(&files["contacts.json"]).unwrap();
    assert_eq!(states(&contacts), ["C-1: sent", "C-1: sent"]);
    for contact in &contacts {
        let message = &files[text(contact, "file")];
        assert!(post.accepted().iter().any(|a| a.message == *message), "not what the relay has");
        let hash: String = Sha256::digest(message).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(text(contact, "message_sha256"), hash);
    }
    let readme = String::from_utf8(files["README.txt"].clone()).unwrap();
    for says in [
        "about invoice I-1",
        "covers      I-1 (100.00 USD",
        "I-2 (100.00 USD",
        "250 2.0.0 Ok: queued as 4711",
        "no proof of receipt",
        "ap@c-1.example",
    ] {
        assert!(readme.contains(says), "{says:?} is not in {readme}");
    }
    let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
    assert_eq!(sums.lines().count(), files.len() - 1);
    for line in sums.lines() {
        let (hash, name) = line.split_once("  ").unwrap();
        let found: String = Sha256::digest(&files[name]).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(found, hash, "{name}");
    }
    assert!(files.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("c-3.example")), "another customer's address");
}

#[test]
fn its_events_can_be_checked_with_what_is_in_it() {
    let (_post, company) = sent();
    company.run(&["evidence", "I-1", "--out", "e.zip"]).exits(0);
    let files = unpacked(&company, "e.zip");
    let events: Vec<Value> = serde_json::from_slice(&files["events.json"]).unwrap();
    let chain: Vec<Value> =
        String::from_utf8(files["chain.jsonl"].clone()).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let word = |v: &Value, name: &str| v[name].as_str().map(str::to_owned);
    for pair in chain.windows(2) {
        let (before, one) = (&pair[0], &pair[1]);
        let before = Head { number: before["number"].as_i64().unwrap(), hash: text(before, "hash").to_owned() };
        let from = word(one, "from_state");
        let made =
            link(&before, text(one, "contact"), text(one, "at"), from.as_deref(), text(one, "to_state"), text(one, "commitment"));
        assert_eq!((made.number, made.hash.as_str()), (one["number"].as_i64().unwrap(), text(one, "hash")));
    }
    for event in &events {
        let (reason, reply, content) = (word(event, "reason"), word(event, "relay_reply"), word(event, "content"));
        let made = commitment(text(event, "salt"), reason.as_deref(), reply.as_deref(), content.as_deref());
        assert_eq!(made, text(event, "commitment"));
        assert!(chain.iter().any(|c| c["number"] == event["number"] && c["hash"] == event["hash"]));
    }
    let head = state::numbers(&company.database(), "SELECT number AS n FROM log_head")[0];
    assert_eq!(chain.last().unwrap()["number"], head);
    assert_eq!(events.iter().filter(|e| e["to_state"] == "sent").count(), 2);
}

#[test]
fn it_is_the_same_each_time_and_never_overwrites() {
    let (_post, company) = sent();
    company.run(&["evidence", "I-1", "--out", "a.zip"]).exits(0);
    company.run(&["evidence", "I-1", "--out", "b.zip"]).exits(0);
    let bytes = |name: &str| std::fs::read(company.path(name)).unwrap();
    assert_eq!(bytes("a.zip"), bytes("b.zip"));
    std::fs::write(company.path("c.zip"), "mine").unwrap();
    company.run(&["evidence", "I-1", "--out", "c.zip"]).exits(2).says("is there already and is not overwritten");
    assert_eq!(bytes("c.zip"), b"mine");
    company.run(&["evidence", "I-7", "--out", "d.zip"]).exits(2).says("no contact about invoice I-7");
    company.run(&["evidence", "I-1", "--out", "no/d.zip"]).exits(2).says("cannot be written");
    let left: Vec<_> = files(&company.path("")).into_keys().filter(|f| f.contains("evidence") || f.contains("d.zip")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_message_that_was_changed_is_said_to_be_another_one() {
    let (_post, company) = sent();
    state::edit(
        &company.database(),
        &["UPDATE contact SET message_offset = message_offset + 1 WHERE customer = 'C-1' AND step = 'past-due'"],
    );
    company.run(&["evidence", "I-1", "--out", "e.zip"]).exits(1).says("are not those that were handed over");
    let readme = String::from_utf8(unpacked(&company, "e.zip")["README.txt"].clone()).unwrap();
    assert!(readme.contains("IS NOT what was handed over"), "{readme}");
}
