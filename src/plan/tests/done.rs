//! T9: what is done is never done again.

use super::NOTHING;
use super::office::{Fate, Office, email, plain, task};
use crate::timetable::occurrence::Case;

#[test]
fn a_step_is_done_once_for_an_invoice_however_often_it_is_polled() {
    // T9
    let mut office = Office::with(&(email("first", 1) + &task("call", "call", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1", "call: call/I1"]);
    for day in ["2026-03-03", "2026-03-04", "2026-03-31", "2027-03-03"] {
        assert_eq!(office.poll_on(day), NOTHING, "{day}");
    }
    assert!(matches!(office.case_on("2026-03-31", "I1", "first", 0), Case::Done { .. }));
}

#[test]
fn an_email_that_failed_for_good_is_done() {
    // T9
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.fate = Fate::Failed;
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn a_task_that_somebody_has_finished_stays_done() {
    // T9
    let mut office = Office::with(&task("call", "call", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["call: call/I1"]);
    office.log.finish_tasks_of("call");
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn what_was_left_in_the_queue_is_not_done() {
    // T5, T9
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.fate = Fate::LeftQueued;
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: first/I1"]);
}

#[test]
fn another_file_with_other_days_repeats_nothing() {
    // T9, T18: "a file that changes re-opens nothing".
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.changes_its_file(&plain("quiet_days = 0", &email("first", 20)));
    assert_eq!(office.poll_on("2026-03-23"), NOTHING);
}

#[test]
fn of_an_invoice_that_is_not_open_nothing_is_planned_and_nothing_is_written() {
    // The lead-in to T9.
    use crate::ledger::Status;
    for status in [Status::Paid, Status::Void, Status::Draft] {
        let mut office = Office::with(&(email("before", -5) + &email("first", 1) + &task("call", "call", 1)));
        office.given_an_invoice("I1", "C1", "2026-03-02").status = status;
        assert_eq!(office.poll_on("2026-03-03"), NOTHING);
        assert_eq!(office.poll_on("2026-04-03"), NOTHING);
    }
}
