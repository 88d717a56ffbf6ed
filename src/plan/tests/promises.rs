//! T19, T20: a promise that is broken.

use super::NOTHING;
use super::office::{Office, task_on};

fn office() -> Office {
    let mut office = Office::with(&task_on("ask", "call", "promise_broken"));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-02");
    office
}

#[test]
fn a_promise_is_broken_on_the_day_after_its_grace() {
    // T20: promised for the 4th, two days of grace.
    let mut office = office();
    office.is_promised("I1", "2026-03-04");
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
    assert_eq!(office.poll_on("2026-03-07"), ["call: ask/I1"]);
    assert_eq!(office.poll_on("2026-03-08"), NOTHING);
}

#[test]
fn a_promise_that_had_run_out_before_the_invoice_was_seen_is_no_event() {
    // T20: it happens only between two polls.
    let mut office = office();
    office.is_promised("I1", "2026-03-04");
    assert_eq!(office.poll_on("2026-03-09"), NOTHING);
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
}

#[test]
fn a_promise_that_is_kept_is_not_broken() {
    // T20: "the balance is still open".
    let mut office = office();
    office.is_promised("I1", "2026-03-04");
    office.poll_on("2026-03-04");
    office.is_paid("I1", 100, "2026-03-05");
    assert_eq!(office.poll_on("2026-03-09"), NOTHING);
}

#[test]
fn a_new_promise_replaces_the_old_one() {
    // T19
    let mut office = office();
    office.is_promised("I1", "2026-03-04");
    office.poll_on("2026-03-04");
    office.is_promised("I1", "2026-03-11");
    assert_eq!(office.poll_on("2026-03-09"), NOTHING);
    assert_eq!(office.poll_on("2026-03-13"), NOTHING);
    assert_eq!(office.poll_on("2026-03-14"), ["call: ask/I1"]);
}

#[test]
fn a_customers_broken_promise_is_one_event_for_each_of_its_open_invoices() {
    // T20: I1 has a later promise of its own, which counts for it.
    let mut office = office();
    office.given_an_invoice("I3", "C1", "2026-03-02");
    office.customer_promises("C1", "2026-03-04");
    office.is_promised("I1", "2026-03-06");
    office.poll_on("2026-03-04");
    office.is_paid("I3", 100, "2026-03-05");
    assert_eq!(office.poll_on("2026-03-07"), ["call: ask/I2"]);
    assert_eq!(office.poll_on("2026-03-09"), ["call: ask/I1"]);
}

#[test]
fn a_second_broken_promise_of_one_invoice_says_nothing_more() {
    // T20: once for an invoice and event.
    let mut office = office();
    office.is_promised("I1", "2026-03-04");
    office.poll_on("2026-03-04");
    assert_eq!(office.poll_on("2026-03-07"), ["call: ask/I1"]);
    office.is_promised("I1", "2026-03-11");
    office.poll_on("2026-03-11");
    assert_eq!(office.poll_on("2026-03-14"), NOTHING);
}
