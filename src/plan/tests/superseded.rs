//! T14: of the e-mails about one invoice only the latest goes out.

use super::NOTHING;
use super::office::{Fate, Office, email, notice, plain, task};
use crate::timetable::occurrence::Case;

#[test]
fn of_two_that_have_come_to_their_day_the_later_one_goes() {
    // T14
    let mut office = Office::with(&(email("first", 1) + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1", "skip superseded: first/I1"]);
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
}

#[test]
fn a_later_one_that_is_stopped_still_supersedes() {
    // T14: it has come to its send date; that it is stopped does not matter. A promise stops both here.
    let mut office = Office::with(&(email("first", 1) + "grace_days = 20\n" + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.is_promised("I1", "2026-03-20");
    assert_eq!(office.poll_on("2026-03-09"), ["skip superseded: first/I1"]);
    assert_eq!(office.case_on("2026-03-09", "I1", "first", 0), Case::Superseded { step: "second".to_owned(), number: 0 });
}

#[test]
fn a_later_one_that_has_expired_or_is_not_yet_due_does_not() {
    // T14: `second` expires at once, `first` has a long grace.
    let steps = email("first", 1) + "grace_days = 20\n" + &email("second", 5) + "grace_days = 0\n" + &email("third", 30);
    let mut office = Office::with(&steps);
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-10"), ["past-due: first/I1", "skip expired: second/I1"]);
}

#[test]
fn a_later_one_that_is_done_supersedes_even_one_that_comes_to_its_day_afterwards() {
    // T14: the file moves `first` behind the sending of `second`.
    let mut office = Office::with(&email("second", 5));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1"]);
    office.accept_steps = true;
    office.changes_its_file(&plain("quiet_days = 0", &(email("second", 12) + &email("between", 9))));
    assert_eq!(office.poll_on("2026-03-11"), ["skip superseded: between/I1"]);
}

#[test]
fn a_later_occurrence_that_is_done_supersedes_after_the_file_has_cut_the_repeating_short() {
    // T4, T14: 15 days after the due date the third statement went out; a new step of 14 days comes too late.
    let mut office = Office::with(&(email("statement", 5) + "repeat_every = 5\n"));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    for day in ["2026-03-09", "2026-03-12", "2026-03-17"] {
        assert_eq!(office.poll_on(day).len(), 1, "{day}");
    }
    let cut = email("statement", 5) + "repeat_every = 5\nrepeat_until = 5\n" + &email("late", 14);
    office.changes_its_file(&plain("quiet_days = 0", &cut));
    assert_eq!(office.poll_on("2026-03-18"), ["skip superseded: late/I1"]);
    assert_eq!(office.case_on("2026-03-18", "I1", "late", 0), Case::Superseded { step: "statement".to_owned(), number: 2 });
}

#[test]
fn a_later_one_that_the_customer_no_longer_has_does_not() {
    // T14: "of a step that the customer still has".
    let steps = email("first", 1) + &email("second", 5);
    let mut office = Office::with(&steps);
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.fate = Fate::LeftQueued;
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    office.fate = Fate::Sent;
    office.changes_its_file(&(plain("quiet_days = 0", &steps) + "[customer.C1]\nskip_steps = \"first\"\n"));
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1"]);
    office.changes_its_file(&(plain("quiet_days = 0", &steps) + "[customer.C1]\nskip_steps = \"second\"\n"));
    assert_eq!(office.poll_on("2026-03-10"), ["past-due: first/I1"]);
}

#[test]
fn one_that_failed_for_good_supersedes_as_one_that_was_sent() {
    // T9, T14
    let mut office = Office::with(&(email("first", 1) + "grace_days = 30\n" + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.holds("I1", Some("2026-03-08"));
    office.fate = Fate::Failed;
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1", "skip superseded: first/I1"]);
    office.fate = Fate::Sent;
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
}

#[test]
fn a_past_due_email_supersedes_the_reminder_that_never_went_out() {
    // T12 comes before T14, and decides here.
    let mut office = Office::with(&(email("before", -5) + &email("first", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1", "skip moot: before/I1"]);
    let mut office = Office::with(&(email("before", -5) + &email("earlier", -9)));
    office.given_an_invoice("I1", "C1", "2026-03-12");
    assert_eq!(office.poll_on("2026-03-09"), ["coming-due: before/I1", "skip superseded: earlier/I1"]);
}

#[test]
fn tasks_and_notices_neither_supersede_nor_are_superseded() {
    // T14
    let steps =
        task("call", "call", 1) + &task("visit", "visit", 5) + &notice("tell", "collector", 2) + &notice("cry", "collector", 6);
    let mut office = Office::with(&(steps + &email("mail", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    let expected =
        ["past-due: mail/I1", "notice to collector: cry/I1", "notice to collector: tell/I1", "call: call/I1", "visit: visit/I1"];
    assert_eq!(office.poll_on("2026-03-10"), expected);
}

#[test]
fn two_on_the_same_day_do_not_supersede_one_another() {
    // The last sentence of "When a step goes out": they make one e-mail, led by the smaller id.
    let mut office = Office::with(&(email("b", 1) + &email("a", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    let plan = office.plan_on("2026-03-03");
    assert_eq!(super::office::lines(&plan), ["past-due: a/I1 b/I1"]);
    assert_eq!(plan.contacts[0].action, "a");
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn an_invoice_supersedes_nothing_of_another_invoice() {
    // T14
    let mut office = Office::with(&(email("first", 1) + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-06");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1 first/I2", "skip superseded: first/I1"]);
}
