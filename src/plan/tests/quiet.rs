//! T16, T23: not every day an e-mail.

use super::NOTHING;
use super::office::{Fate, Office, email, notice, on, plain, task};
use crate::timetable::occurrence::Case;

fn office(quiet: u32, steps: &str) -> Office {
    Office::of(&plain(&format!("quiet_days = {quiet}"), steps))
}

#[test]
fn the_next_email_waits_for_so_many_full_days() {
    // T16: sent on Tuesday the 3rd; three full days; on Saturday nothing leaves, on Monday it does. In between: deferred.
    let mut office = office(3, &email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-03");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    for day in ["2026-03-04", "2026-03-05", "2026-03-06"] {
        assert_eq!(office.poll_on(day), NOTHING, "{day}");
        assert_eq!(office.case_on(day, "I2", "first", 0), Case::Deferred { until: "2026-03-07".parse().unwrap() });
    }
    assert_eq!(office.poll_on("2026-03-07"), NOTHING);
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: first/I2"]);
}

#[test]
fn with_one_quiet_day_the_second_day_after_is_the_next() {
    // T16: d + quiet_days + 1.
    let mut office = office(1, &email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-03");
    office.poll_on("2026-03-03");
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: first/I2"]);
}

#[test]
fn what_waits_is_said_with_its_reason() {
    // T16
    let mut office = office(3, &email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-03");
    office.poll_on("2026-03-03");
    let waiting = office.plan_on("2026-03-04").waiting;
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].invoice.as_str(), waiting[0].reason, waiting[0].rule), ("I2", "deferred", "T16"));
}

#[test]
fn events_tasks_and_notices_are_not_deferred_and_do_not_count() {
    // T16, T24
    let steps = on("issued", "issued") + &task("call", "call", 0) + &notice("tell", "collector", 0) + &email("first", 1);
    let mut office = office(3, &steps);
    office.given_an_invoice("I1", "C1", "2026-03-02").issue_date = "2026-03-02".parse().unwrap();
    assert_eq!(office.poll_on("2026-03-02"), ["issued: issued/I1", "notice to collector: tell/I1", "call: call/I1"]);
    office.given_an_invoice("I2", "C1", "2026-03-03").issue_date = "2026-03-03".parse().unwrap();
    assert_eq!(
        office.poll_on("2026-03-03"),
        ["past-due: first/I1", "issued: issued/I2", "notice to collector: tell/I2", "call: call/I2"]
    );
}

#[test]
fn an_email_that_failed_does_not_count() {
    // T22
    let mut office = office(3, &email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-03");
    office.fate = Fate::Failed;
    office.poll_on("2026-03-03");
    office.fate = Fate::Sent;
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: first/I2"]);
}

#[test]
fn one_customers_quiet_is_not_anothers() {
    // T16
    let mut office = office(3, &email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-03");
    office.poll_on("2026-03-03");
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: first/I2"]);
}

#[test]
fn a_deferred_step_may_expire() {
    // T13 comes before T16.
    let mut office = office(30, &email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-03");
    office.poll_on("2026-03-03");
    assert_eq!(office.poll_on("2026-03-14"), NOTHING);
    assert_eq!(office.poll_on("2026-03-15"), ["skip expired: first/I2"]);
}

#[test]
fn a_coming_due_email_gives_way_to_a_past_due_one_and_follows_after_the_quiet_days() {
    // T23
    let mut office = office(2, &(email("before", -5) + &email("first", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-08");
    let plan = office.plan_on("2026-03-03");
    assert_eq!(super::office::contacts(&plan), ["past-due: first/I1"]);
    assert_eq!((plan.waiting[0].invoice.as_str(), plan.waiting[0].rule), ("I2", "T23"));
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    assert_eq!(office.poll_on("2026-03-06"), ["coming-due: before/I2"]);
}

#[test]
fn without_quiet_days_both_go() {
    // T23: only "if quiet_days > 0".
    let mut office = office(0, &(email("before", -5) + &email("first", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-08");
    assert_eq!(office.contacts_on("2026-03-03"), ["past-due: first/I1", "coming-due: before/I2"]);
}

#[test]
fn a_past_due_email_that_is_stopped_takes_no_precedence() {
    // T23: "both due".
    let mut office = office(2, &(email("before", -5) + &email("first", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02").disputed = true;
    office.given_an_invoice("I2", "C1", "2026-03-08");
    assert_eq!(office.contacts_on("2026-03-03"), ["coming-due: before/I2"]);
}

#[test]
fn another_customers_past_due_email_takes_no_precedence() {
    // T23: "for one customer".
    let mut office = office(2, &(email("before", -5) + &email("first", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-08");
    assert_eq!(office.contacts_on("2026-03-03"), ["past-due: first/I1", "coming-due: before/I2"]);
}
