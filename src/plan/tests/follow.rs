//! T33: a step that follows an e-mail which was sent and stayed without answer.

use super::NOTHING;
use super::office::{Fate, Office, email, email_after, plain, task, task_after, the};
use crate::plan::{Kind, last_look};
use crate::timetable::follow::{Answer, Heard, Pending};
use crate::timetable::occurrence::Case;
use crate::timetable::stops::{self, Stop};

/// Due on Monday, 2 March 2026; the e-mail goes out on Saturday's next business day, Monday the 9th.
fn office() -> Office {
    let mut office = Office::with(&(email("first", 7) + &task_after("call", "call", "first", 7)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office
}

fn heard(office: &mut Office, customer: &str, by: Answer, on: &str) {
    office.log.heard.insert(customer.to_owned(), Heard { on: the(on), by });
}

#[test]
fn the_call_comes_after_so_many_full_days_of_silence_and_once() {
    let mut office = office();
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: first/I1"]);
    assert_eq!(office.poll_on("2026-03-16"), NOTHING, "that is the seventh day");
    assert_eq!(office.poll_on("2026-03-17"), ["call: call/I1"]);
    assert_eq!(office.poll_on("2026-03-18"), NOTHING);
    assert_eq!(office.poll_on("2026-06-18"), NOTHING);
    assert!(matches!(office.case_on("2026-03-18", "I1", "call", 0), Case::Done { .. }));
}

#[test]
fn a_silence_that_ends_on_a_weekend_is_over_on_the_monday() {
    // T3
    let mut office = Office::with(&(email("first", 3) + &task_after("call", "call", "first", 7)));
    office.given_an_invoice("I1", "C1", "2026-03-03");
    office.poll_on("2026-03-06");
    assert_eq!(office.poll_on("2026-03-14"), NOTHING);
    assert_eq!(office.poll_on("2026-03-16"), ["call: call/I1"]);
    let mut late = Office::with(&(email("first", 3) + &task_after("call", "call", "first", 7) + "grace_days = 2\n"));
    late.given_an_invoice("I1", "C1", "2026-03-03");
    late.poll_on("2026-03-06");
    assert_eq!(late.poll_on("2026-03-18").len(), 1, "the grace counts from the Monday (T13)");
    let mut expired = late.clone();
    expired.log = Default::default();
    expired.poll_on("2026-03-06");
    assert_eq!(expired.poll_on("2026-03-19"), ["skip expired: call/I1"]);
}

#[test]
fn whatever_comes_back_from_the_customer_ends_it() {
    for by in [Answer::Call, Answer::Promise, Answer::Dispute, Answer::Reply] {
        let mut office = office();
        office.poll_on("2026-03-09");
        heard(&mut office, "C1", by, "2026-03-10");
        assert_eq!(office.poll_on("2026-03-17"), NOTHING, "{by:?}");
        assert_eq!(office.poll_on("2026-05-04"), NOTHING, "{by:?}");
        let line = office.line("2026-03-17", "I1", "call", "answered");
        assert_eq!((line.rule, line.reason.as_deref(), line.since), ("T33", Some("answered"), Some(the("2026-03-10"))));
        assert!(line.explanation.contains("first, sent on Mon 9 Mar, was answered on Tue 10 Mar by a"), "{}", line.explanation);
    }
    let mut before = office();
    heard(&mut before, "C1", Answer::Call, "2026-03-08");
    before.poll_on("2026-03-09");
    heard(&mut before, "C2", Answer::Call, "2026-03-12");
    assert_eq!(before.poll_on("2026-03-17"), ["call: call/I1"], "what came before the e-mail, or from others, is no answer");
}

#[test]
fn what_was_skipped_before_the_answer_waits_for_nobody() {
    let mut office = Office::with(&(email("first", 1) + &email_after("second", "first", 7) + &email("third", 10)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-05-02");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    let superseded = office.poll_on("2026-03-13");
    assert!(superseded.contains(&"past-due: third/I1".to_owned()), "{superseded:?}");
    assert!(superseded.contains(&"skip superseded: second/I1".to_owned()), "{superseded:?}");
    office.is_paid("I2", 10, "2026-03-14");
    let plan = office.plan_on("2026-03-16");
    assert!(plan.waiting.is_empty() && plan.contacts.is_empty(), "{plan:#?}");
}

#[test]
fn a_payment_for_any_of_the_customers_invoices_is_an_answer() {
    let mut office = office();
    office.given_an_invoice("I2", "C1", "2026-05-02");
    office.poll_on("2026-03-09");
    office.is_paid("I2", 10, "2026-03-12");
    let plan = office.plan_on("2026-03-17");
    assert!(plan.contacts.is_empty(), "{plan:#?}");
    let waits: Vec<_> = plan.waiting.iter().map(|w| (w.step.as_str(), w.reason, w.rule)).collect();
    assert_eq!(waits, [("call", "answered", "T33")]);
    assert!(office.plan_on("2026-03-30").waiting.is_empty(), "its grace is over, and nobody waits for it any more");
    let mut taken_back = super::follow::office();
    taken_back.poll_on("2026-03-09");
    taken_back.given_an_invoice("I2", "C1", "2026-05-02");
    taken_back.is_paid("I2", -10, "2026-03-12");
    assert_eq!(taken_back.poll_on("2026-03-17"), ["call: call/I1"], "money that goes back is no answer");
}

#[test]
fn an_email_that_did_not_leave_is_not_followed() {
    let mut failed = office();
    failed.fate = Fate::Failed;
    failed.poll_on("2026-03-09");
    failed.fate = Fate::Sent;
    assert_eq!(failed.poll_on("2026-03-20"), NOTHING);
    let line = failed.line("2026-03-20", "I1", "call", "never");
    assert!(line.explanation.contains("first did not reach the customer on Mon 9 Mar"), "{}", line.explanation);

    let mut stopped = office();
    stopped.customer("C1").email.clear();
    stopped.poll_on("2026-03-09");
    assert_eq!(stopped.case_on("2026-03-17", "I1", "call", 0), Case::Waits(Pending::Unsent));
    assert!(stopped.line("2026-03-17", "I1", "call", "waiting").planned_date.is_none());
    assert_eq!(stopped.poll_on("2026-03-20"), ["skip expired: first/I1"]);
    let line = stopped.line("2026-03-20", "I1", "call", "never");
    assert!(line.explanation.contains("first was not sent (expired): this step does not come (T33)"), "{}", line.explanation);
    assert_eq!(stopped.poll_on("2026-04-20"), NOTHING);
}

#[test]
fn with_days_of_its_own_both_must_have_come() {
    let file = |days: u32| email("first", 7) + &task("call", "call", days) + &super::office::after("first", 3);
    let mut late = Office::with(&file(30));
    late.given_an_invoice("I1", "C1", "2026-03-02");
    late.poll_on("2026-03-09");
    assert_eq!(late.poll_on("2026-03-13"), NOTHING);
    assert_eq!(late.poll_on("2026-03-31"), NOTHING);
    assert_eq!(late.poll_on("2026-04-01"), ["call: call/I1"]);
    // The e-mail goes out late: its own day alone is not enough, and its grace does not run before.
    let mut early = Office::with(&file(8));
    early.given_an_invoice("I1", "C1", "2026-03-02");
    early.poll_on("2026-03-16");
    assert_eq!(early.poll_on("2026-03-19"), NOTHING);
    assert_eq!(early.poll_on("2026-03-20"), ["call: call/I1"]);
}

#[test]
fn follow_ups_follow_one_another_and_each_email_of_a_step_that_repeats() {
    let steps = email("first", 1) + &email_after("second", "first", 6) + &task_after("call", "call", "second", 2);
    let mut chain = Office::with(&steps);
    chain.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(chain.poll_on("2026-03-03"), ["past-due: first/I1"]);
    assert_eq!(chain.poll_on("2026-03-10"), ["past-due: second/I1"]);
    assert_eq!(chain.poll_on("2026-03-12"), NOTHING);
    assert_eq!(chain.poll_on("2026-03-13"), ["call: call/I1"]);
    let mut answered = Office::with(&steps);
    answered.given_an_invoice("I1", "C1", "2026-03-02");
    answered.poll_on("2026-03-03");
    heard(&mut answered, "C1", Answer::Reply, "2026-03-04");
    assert_eq!(answered.poll_on("2026-03-13"), NOTHING);
    assert_eq!(answered.case_on("2026-03-13", "I1", "call", 0), Case::Waits(Pending::Ended("answered")));

    let repeats = email("first", 1) + "repeat_every = 14\nrepeat_until = 15\n" + &task_after("call", "call", "first", 6);
    let mut twice = Office::with(&repeats);
    twice.given_an_invoice("I1", "C1", "2026-03-02");
    twice.poll_on("2026-03-03");
    heard(&mut twice, "C1", Answer::Call, "2026-03-05");
    assert_eq!(twice.poll_on("2026-03-10"), NOTHING);
    assert_eq!(twice.poll_on("2026-03-17"), ["past-due: first.1/I1"]);
    assert_eq!(twice.poll_on("2026-03-24"), ["call: call.1/I1"], "what was said before the second one is no answer to it");
}

#[test]
fn who_does_not_have_the_earlier_step_does_not_have_what_follows_it() {
    let mut office = Office::of(&plain(
        "quiet_days = 0",
        &(email("first", 7) + "sizes = [\"large\"]\n" + &task_after("call", "call", "first", 7) + "[sizes]\nlarge = 1000\n"),
    ));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-09"), NOTHING);
    assert_eq!(office.case_on("2026-03-17", "I1", "call", 0), Case::Waits(Pending::Absent));
}

#[test]
fn a_due_date_that_moves_brings_the_follow_up_again_only_with_its_email() {
    // T18
    let mut office = office();
    office.poll_on("2026-03-09");
    assert_eq!(office.poll_on("2026-03-17"), ["call: call/I1"]);
    office.invoice("I1").due_date = the("2026-04-06");
    assert_eq!(office.poll_on("2026-03-18"), NOTHING);
    assert_eq!(office.poll_on("2026-04-13"), ["past-due: first/I1 (again)"]);
    assert_eq!(office.poll_on("2026-04-20"), NOTHING);
    assert_eq!(office.poll_on("2026-04-21"), ["call: call/I1 (again)"]);
    assert_eq!(office.poll_on("2026-04-22"), NOTHING);
    // Before the call was made, it waits for the e-mail of the new date.
    let mut moved = super::follow::office();
    moved.poll_on("2026-03-09");
    moved.invoice("I1").due_date = the("2026-04-06");
    assert_eq!(moved.poll_on("2026-03-17"), NOTHING);
    assert_eq!(moved.case_on("2026-03-17", "I1", "call", 0), Case::Waits(Pending::Unsent));
}

#[test]
fn the_last_look_asks_for_an_answer_once_more() {
    // T26
    let mut office = Office::with(&(email("first", 7) + &email_after("second", "first", 7)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-09");
    let stops = |office: &Office, step: &str| {
        office.on(the("2026-03-17"), |day| {
            let invoice = &office.ledger.invoices["I1"];
            let account = day.account(&office.ledger.customers["C1"], &[invoice], &stops::sums(&office.ledger));
            last_look::stops_now(day, &account, invoice, Kind::Email, None, Some(15), (step, 0))
        })
    };
    assert_eq!(stops(&office, "second"), None);
    heard(&mut office, "C1", Answer::Reply, "2026-03-17");
    assert_eq!((stops(&office, "second"), stops(&office, "first")), (Some(Stop::Answered), None));
}
