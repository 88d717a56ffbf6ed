//! T24: tasks, and the one review of a customer.

use super::NOTHING;
use super::office::{Office, plain, task};

#[test]
fn a_task_is_one_for_each_invoice_and_step_and_goes_to_the_collector() {
    // T24
    let mut office = Office::with(&task("call", "call", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-02");
    let plan = office.plan_on("2026-03-03");
    assert_eq!(super::office::lines(&plan), ["call: call/I1", "call: call/I2"]);
    assert_eq!(plan.contacts[0].to.iter().map(ToString::to_string).collect::<Vec<_>>(), ["collector@x.test"]);
}

#[test]
fn a_review_is_one_for_each_customer_and_step_while_it_is_open() {
    // T24
    let mut office = Office::with(&(task("check", "review", 1) + &task("deep", "review", 2)));
    office.given_an_invoice_of("I1", "C1", "2026-03-02", 5, "EUR");
    office.given_an_invoice_of("I2", "C1", "2026-03-02", 9, "EUR");
    office.given_an_invoice("I3", "C2", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["review: check/I2 check/I1", "review: check/I3"]);
    office.given_an_invoice("I4", "C1", "2026-03-03");
    // I4 joins the open review and is done with it; the other step has a review of its own.
    assert_eq!(office.poll_on("2026-03-04"), ["review: deep/I2 deep/I1", "review: deep/I3", "joins: check/I4"]);
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn after_a_review_is_finished_the_next_occurrence_opens_another() {
    // T24
    let mut office = Office::with(&task("check", "review", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-04");
    office.poll_on("2026-03-03");
    office.log.finish_tasks_of("check");
    assert_eq!(office.poll_on("2026-03-05"), ["review: check/I2"]);
}

#[test]
fn a_review_is_stopped_like_every_task() {
    // T19, T24
    let mut office = Office::with(&task("check", "review", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-02");
    office.holds("I2", None);
    assert_eq!(office.poll_on("2026-03-03"), ["review: check/I1"]);
    office.controls.invoice_holds.clear();
    assert_eq!(office.poll_on("2026-03-04"), ["joins: check/I2"]);
}

#[test]
fn a_step_that_becomes_a_review_by_a_new_file_still_repeats_nothing() {
    // T9, T24
    let mut office = Office::with(&task("check", "call", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.changes_its_file(&plain("quiet_days = 0", &task("check", "review", 1)));
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}
