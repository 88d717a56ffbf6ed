//! T11–T13: too early and too late.

use super::NOTHING;
use super::office::{Office, email, plain, task};
use crate::timetable::occurrence::Case;

#[test]
fn before_its_send_date_a_step_waits() {
    // T11
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-02"), NOTHING);
    assert_eq!(office.case_on("2026-03-02", "I1", "first", 0), Case::NotYet);
}

#[test]
fn a_reminder_may_still_go_out_on_the_due_date_and_is_moot_the_day_after() {
    // T12
    let mut office = Office::with(&email("before", -5));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    let mut on_the_day = office.clone();
    assert_eq!(on_the_day.poll_on("2026-03-12"), ["coming-due: before/I1"]);
    assert_eq!(office.poll_on("2026-03-13"), ["skip moot: before/I1"]);
    assert_eq!(office.poll_on("2026-03-14"), NOTHING);
}

#[test]
fn a_step_on_the_due_date_is_never_moot() {
    // T12
    let mut office = Office::with(&email("today", 0));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    assert_eq!(office.poll_on("2026-03-20"), ["past-due: today/I1"]);
}

#[test]
fn exactly_the_grace_days_are_in_time_and_one_more_is_not() {
    // T13: the send date is Tuesday the 3rd; ten days later is Friday the 13th.
    for (last, in_time) in [("2026-03-13", true), ("2026-03-14", false)] {
        let mut office = Office::with(&task("call", "call", 1));
        office.given_an_invoice("I1", "C1", "2026-03-02");
        let expected = if in_time { "call: call/I1" } else { "skip expired: call/I1" };
        assert_eq!(office.poll_on(last), [expected], "{last}");
        assert_eq!(office.poll_on(last), NOTHING);
    }
}

#[test]
fn the_grace_counts_from_the_send_date_and_not_from_the_planned_one() {
    // T13, T3: planned for Saturday the 7th, sent on Monday the 9th.
    let mut office = Office::of(&plain("grace_days = 0", &email("first", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: first/I1"]);
}

#[test]
fn a_step_may_have_a_grace_of_its_own() {
    // T13
    let steps = email("short", 1) + "grace_days = 0\n" + &task("long", "call", 1) + "grace_days = 30\n";
    let mut office = Office::with(&steps);
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-04-02"), ["call: long/I1", "skip expired: short/I1"]);
}

#[test]
fn what_is_both_moot_and_expired_is_moot() {
    // The order of T12 and T13.
    let mut office = Office::with(&email("before", -30));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    assert_eq!(office.poll_on("2026-03-12"), ["skip expired: before/I1"]);
    let mut office = Office::with(&email("before", -30));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    assert_eq!(office.poll_on("2026-03-13"), ["skip moot: before/I1"]);
}

#[test]
fn a_clock_that_cannot_be_right_writes_no_skips() {
    // T29
    let mut office = Office::with(&email("before", -5));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    office.may_skip = false;
    assert_eq!(office.poll_on("2026-03-13"), NOTHING);
    office.may_skip = true;
    assert_eq!(office.poll_on("2026-03-14"), ["skip moot: before/I1"]);
}

#[test]
fn what_was_skipped_may_still_go_out_when_the_due_date_moves() {
    // T9: skipped ones are not done.
    let mut office = Office::with(&email("before", -5));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    assert_eq!(office.poll_on("2026-03-13"), ["skip moot: before/I1"]);
    office.invoice("I1").due_date = "2026-03-20".parse().unwrap();
    assert_eq!(office.poll_on("2026-03-16"), ["coming-due: before/I1"]);
    assert_eq!(office.poll_on("2026-03-23"), NOTHING);
}
