//! T20: `issued`, `partly_paid` and `disputed`, and what all events have in common.

use super::NOTHING;
use super::office::{Office, email, notice, on, plain, task_on, the};

fn office(steps: &str) -> Office {
    let mut office = Office::with(steps);
    office.given_an_invoice("I1", "C1", "2026-04-02").issue_date = the("2026-03-02");
    office
}

#[test]
fn an_invoice_is_issued_when_it_is_first_seen_and_only_then() {
    // T20
    let mut office = office(&on("hello", "issued"));
    assert_eq!(office.poll_on("2026-03-03"), ["issued: hello/I1"]);
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.plan_on("2026-03-04").contacts.len(), 0);
    assert_eq!(office.log.contacts[0].contact.rule, "T20");
}

#[test]
fn an_invoice_that_was_issued_before_go_live_or_too_long_ago_is_not_announced() {
    // T20: issued on the 2nd; the grace is ten days.
    assert_eq!(office(&on("hello", "issued")).poll_on("2026-03-12"), ["issued: hello/I1"]);
    assert_eq!(office(&on("hello", "issued")).poll_on("2026-03-13"), NOTHING);
    let own_grace = on("hello", "issued") + "grace_days = 11\n";
    assert_eq!(office(&own_grace).poll_on("2026-03-13"), ["issued: hello/I1"]);
    let mut office = Office::of(&plain("go_live = \"2026-03-03\"", &on("hello", "issued")));
    office.given_an_invoice("I1", "C1", "2026-04-02").issue_date = the("2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
}

#[test]
fn a_draft_is_announced_when_it_becomes_an_invoice() {
    // T20: all but `paid` need an open invoice.
    let mut office = office(&on("hello", "issued"));
    office.invoice("I1").status = crate::ledger::Status::Draft;
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
    office.invoice("I1").status = crate::ledger::Status::Open;
    assert_eq!(office.poll_on("2026-03-04"), ["issued: hello/I1"]);
}

#[test]
fn what_the_first_poll_finds_is_no_part_payment_and_no_dispute() {
    // T20: they happen between two polls.
    let mut office = office(&(on("part", "partly_paid") + &task_on("talk", "dispute", "disputed")));
    office.is_paid("I1", 10, "2026-03-02");
    office.is_disputed("I1");
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    office.is_paid("I1", 10, "2026-03-04");
    assert_eq!(office.poll_on("2026-03-05"), ["partly_paid: part/I1"]);
}

#[test]
fn each_event_goes_out_once_for_an_invoice() {
    // T20
    let mut office = office(&(on("part", "partly_paid") + &task_on("talk", "dispute", "disputed")));
    office.poll_on("2026-03-03");
    office.is_paid("I1", 10, "2026-03-03");
    office.is_disputed("I1");
    assert_eq!(office.poll_on("2026-03-04"), ["partly_paid: part/I1", "dispute: talk/I1"]);
    office.controls.disputes.clear();
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    office.is_disputed("I1");
    office.is_paid("I1", 10, "2026-03-05");
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
}

#[test]
fn a_payment_that_leaves_nothing_or_goes_back_is_no_part_payment() {
    // T20
    let mut paid = office(&on("part", "partly_paid"));
    paid.poll_on("2026-03-03");
    paid.is_paid("I1", 100, "2026-03-03");
    assert_eq!(paid.poll_on("2026-03-04"), NOTHING);
    let mut back = office(&on("part", "partly_paid"));
    back.is_paid("I1", 40, "2026-03-02");
    back.poll_on("2026-03-03");
    back.is_paid("I1", -40, "2026-03-03");
    assert_eq!(back.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn an_event_goes_out_for_so_many_days_after_the_poll_that_saw_it() {
    // T20: seen on Wednesday the 4th in the evening; ten days later is Saturday the 14th.
    let mut office = office(&on("part", "partly_paid"));
    office.poll_on("2026-03-03");
    office.is_paid("I1", 10, "2026-03-03");
    assert_eq!(office.poll_in_the_evening_of("2026-03-04"), NOTHING);
    office.timetable.calendar.window.days = [true; 7];
    assert_eq!(office.clone().poll_on("2026-03-14"), ["partly_paid: part/I1"]);
    assert_eq!(office.poll_on("2026-03-15"), NOTHING);
    assert!(office.log.contacts.is_empty(), "an event that is too late writes nothing");
}

#[test]
fn only_do_not_contact_and_a_missing_address_stop_the_email_of_an_event() {
    // T20
    type Happens = fn(&mut Office);
    let stops: [(bool, Happens); 8] = [
        (true, |o| o.customer("C1").do_not_contact = true),
        (true, |o| o.customer("C1").email.clear()),
        (true, |o| o.bounces("C1")),
        (false, |o| o.holds("I1", None)),
        (false, |o| o.is_disputed("I1")),
        (false, |o| o.is_promised("I1", "2026-05-01")),
        (false, |o| o.given_unallocated("C1", 5_000, "EUR")),
        (false, |o| o.timetable.customers.entry("C1".to_owned()).or_default().paused_until = Some(the("2026-05-01"))),
    ];
    for (n, (stops, happen)) in stops.into_iter().enumerate() {
        let mut office = office(&(on("hello", "issued") + &task_on("look", "look", "issued")));
        happen(&mut office);
        let expected: &[&str] = if stops { &["look: look/I1"] } else { &["issued: hello/I1", "look: look/I1"] };
        assert_eq!(office.poll_on("2026-03-03"), expected, "{n}");
    }
}

#[test]
fn an_event_that_was_stopped_may_still_go_out_within_its_days() {
    // T20: stopped, it writes nothing, and it is not done.
    let mut office = office(&on("hello", "issued"));
    office.customer("C1").do_not_contact = true;
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
    office.customer("C1").do_not_contact = false;
    assert_eq!(office.poll_on("2026-03-05"), ["issued: hello/I1"]);
}

#[test]
fn the_limits_of_a_step_hold_for_events_too() {
    // T7, T8, T20
    let mut limited = office(&(on("hello", "issued") + "ranks = \"A\"\n"));
    assert_eq!(limited.poll_on("2026-03-03"), NOTHING);
    let mut skipped = Office::of(&(plain("", &on("hello", "issued")) + "[customer.C1]\nskip_steps = \"hello\"\n"));
    skipped.given_an_invoice("I1", "C1", "2026-04-02").issue_date = the("2026-03-02");
    assert_eq!(skipped.poll_on("2026-03-03"), NOTHING);
}

#[test]
fn a_dispute_may_be_told_to_a_colleague() {
    // T20, T24
    let step = notice("tell", "account_manager", 0).replace("days = 0", "on = \"disputed\"");
    let mut office = office(&step);
    office.poll_on("2026-03-03");
    office.invoice("I1").disputed = true;
    office.holds("I1", None);
    assert_eq!(office.poll_on("2026-03-04"), ["notice to manager: tell/I1"]);
}

#[test]
fn an_event_neither_supersedes_a_step_nor_is_superseded() {
    // T14 speaks of `days`.
    let mut office = office(&(on("part", "partly_paid") + &email("before", -29)));
    office.poll_on("2026-03-02");
    office.is_paid("I1", 10, "2026-03-03");
    assert_eq!(office.poll_on("2026-03-04"), ["coming-due: before/I1", "partly_paid: part/I1"]);
}
