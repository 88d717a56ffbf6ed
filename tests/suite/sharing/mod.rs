//! Several daemons on one PostgreSQL (D7): each test starts real processes, and compares what the relay took with the log.

mod away;
mod conflicts;
mod leases;
mod limits;
mod pooler;
mod schema;
mod standby;
mod together;

use std::collections::BTreeMap;

use crate::support::company::{Company, MORNING, a_company_on, text};
use crate::support::post::{Post, wait_until};
use crate::support::postgres::TestDatabase;
use crate::support::state;

/// A company with a database of a server, and so many customers with one overdue invoice each.
fn company(post: &Post, customers: usize) -> Company {
    company_on(TestDatabase::make(), post, customers)
}

fn company_on(database: TestDatabase, post: &Post, customers: usize) -> Company {
    let mut company = a_company_on(database).with_relay(post.port).with_database("lease = \"5s\"\n");
    for number in 0..customers {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    company
}

/// How often the relay has taken a reminder for each recipient.
fn taken(post: &Post) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for message in post.accepted() {
        *taken.entry(message.to[0].clone()).or_default() += 1;
    }
    taken
}

/// How many contacts are in each state.
fn states(company: &Company) -> BTreeMap<String, usize> {
    company.log().iter().fold(BTreeMap::new(), |mut all, contact| {
        *all.entry(text(contact, "state").to_owned()).or_default() += 1;
        all
    })
}

/// Nobody got it twice, and everybody got it whose contact says so.
fn assert_the_log_is_true(post: &Post, company: &Company) {
    let taken = taken(post);
    let twice: Vec<_> = taken.iter().filter(|(_, n)| **n > 1).collect();
    assert!(twice.is_empty(), "sent twice: {twice:?}");
    for contact in company.log() {
        let times = taken.get(contact["to"][0].as_str().unwrap()).copied().unwrap_or(0);
        match text(&contact, "state") {
            "sent" => assert_eq!(times, 1, "in the log and not at the relay: {contact}"),
            "in-doubt" | "sending" => {}
            _ => assert_eq!(times, 0, "at the relay and not in the log: {contact}"),
        }
    }
}

/// Everybody got it once, and nothing is in doubt.
fn assert_all_sent_once(post: &Post, company: &Company, customers: usize) {
    assert_the_log_is_true(post, company);
    assert_eq!(states(company), BTreeMap::from([("sent".to_owned(), customers)]));
}

/// Waits until the leases of processes that are gone or hang are over.
fn wait_for_leases(company: &Company) {
    let alive = "SELECT count(*) AS n FROM daemon WHERE ended_at IS NULL AND lease_until >= {clock}";
    wait_until("no lease is left", || state::numbers(&company.database(), alive)[0] == 0);
}

/// Polls until nothing waits any more. (A process that was stopped in the middle of a transaction holds it until the server
/// ends it.)
fn poll_until_quiet(company: &Company) {
    let waiting = "SELECT count(*) AS n FROM contact WHERE state IN ('planned', 'queued', 'sending')";
    wait_until("nothing waits any more", || {
        company.poll_at(MORNING);
        state::numbers(&company.database(), waiting)[0] == 0
    });
}
