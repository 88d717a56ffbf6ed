//! T18: a due date that moves.

use super::NOTHING;
use super::office::{Office, email, task, the};

/// An office in which `first` (days = 1) went out on Tuesday the 3rd of March, and the due date then moved.
fn moved_to(due: &str) -> Office {
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    office.invoice("I1").due_date = the(due);
    office
}

#[test]
fn fourteen_days_after_the_sending_are_not_enough_and_fifteen_are() {
    // T18: planned for the 17th, 14 days after the 3rd.
    let mut office = moved_to("2026-03-16");
    assert_eq!(office.poll_on("2026-03-17"), NOTHING);
    // Planned for the 18th, 15 days after it.
    let mut office = moved_to("2026-03-17");
    assert_eq!(office.poll_on("2026-03-17"), NOTHING);
    assert_eq!(office.poll_on("2026-03-18"), ["past-due: first/I1 (again)"]);
    assert_eq!(office.poll_on("2026-03-19"), NOTHING);
}

#[test]
fn the_planned_date_counts_and_not_the_business_day_that_it_moves_to() {
    // T18
    let mut office = Office::with(&email("first", 1));
    office.timetable.resend_after_days = 11;
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.invoice("I1").due_date = the("2026-03-13");
    // Planned for Saturday the 14th, sent on Monday the 16th: 11 and 13 days after the 3rd.
    assert_eq!(office.poll_on("2026-03-16"), NOTHING);
}

#[test]
fn a_due_date_that_moves_back_to_what_it_was_re_opens_nothing() {
    // T18
    let mut office = moved_to("2026-05-04");
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
    office.invoice("I1").due_date = the("2026-03-02");
    assert_eq!(office.poll_on("2026-03-11"), NOTHING);
}

#[test]
fn it_may_be_renegotiated_twice() {
    // T18
    let mut office = moved_to("2026-04-06");
    assert_eq!(office.poll_on("2026-04-07"), ["past-due: first/I1 (again)"]);
    office.invoice("I1").due_date = the("2026-05-04");
    let plan = office.plan_on("2026-05-05");
    assert_eq!(plan.contacts[0].covered[0].round, 2);
    assert!(office.plan_on("2026-05-06").contacts.is_empty());
}

#[test]
fn a_task_is_re_opened_like_an_email() {
    // T18
    let mut office = Office::with(&task("call", "call", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.invoice("I1").due_date = the("2026-04-06");
    assert_eq!(office.poll_on("2026-04-07"), ["call: call/I1 (again)"]);
}

#[test]
fn a_step_that_is_open_again_supersedes_nothing_until_it_is_sent_again() {
    // T14, T18: of the old sending of `second` nothing is left once the due date has moved a month.
    let mut office = Office::with(&(email("first", 1) + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1"]);
    office.invoice("I1").due_date = the("2026-04-06");
    assert_eq!(office.poll_on("2026-04-07"), ["past-due: first/I1 (again)"]);
    assert_eq!(office.poll_on("2026-04-13"), ["past-due: second/I1 (again)"]);
}

#[test]
fn a_due_date_that_moves_a_little_keeps_the_later_step_done_and_the_earlier_one_superseded() {
    // T14, T18: moved by 5 days, both count as done; the step between them is not sent after the later one.
    let mut office = Office::with(&(email("first", 1) + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.holds("I1", Some("2026-03-08"));
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1", "skip superseded: first/I1"]);
    office.invoice("I1").due_date = the("2026-03-09");
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
}
