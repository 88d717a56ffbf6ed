//! T31: step ids that are gone while others appear.

use super::NOTHING;
use super::office::{Office, email, on, plain, the};

fn file(steps: &str) -> String {
    plain("quiet_days = 0", steps)
}

/// `first` went out on the 3rd; then the file is another.
fn after_change(steps: &str) -> Office {
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1"]);
    office.changes_its_file(&file(steps));
    office
}

#[test]
fn a_new_id_beside_one_that_is_gone_waits_for_a_persons_word() {
    // T31
    let mut office = after_change(&email("nudge", 1));
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05"), NOTHING, "until a person says otherwise, not for one poll");
    assert_eq!(office.renames.gone, ["first".to_owned()].into());
    assert_eq!(office.renames.appeared, ["nudge".to_owned()].into());
}

#[test]
fn renamed_from_goes_on_where_the_old_id_stood() {
    // T31
    let mut office = after_change(&email("nudge", 1));
    office.poll_on("2026-03-04");
    office.changes_its_file(&file(&(email("nudge", 1) + "renamed_from = \"first\"\n" + &email("second", 5))));
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    // `second` appeared while nothing was gone any more.
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1"]);
    // The file may forget it, the log does not.
    office.changes_its_file(&file(&(email("nudge", 1) + &email("second", 5))));
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
}

#[test]
fn accept_steps_makes_it_a_new_step() {
    // T31
    let mut office = after_change(&email("nudge", 1));
    office.poll_on("2026-03-04");
    office.accept_steps = true;
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: nudge/I1"]);
    office.accept_steps = false;
    office.given_an_invoice("I2", "C2", "2026-03-05");
    assert_eq!(office.poll_on("2026-03-06"), ["past-due: nudge/I2"], "accepted for good");
}

#[test]
fn every_id_that_is_gone_must_be_named() {
    // T31
    let mut office = Office::with(&(email("first", 1) + &email("second", 2)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.poll_on("2026-03-04");
    office.changes_its_file(&file(&(email("a", 1) + &email("b", 2) + "renamed_from = \"second\"\n" + &email("c", 3))));
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    assert_eq!(office.renames.appeared.len(), 3, "{:?}", office.renames);
    let named = email("a", 1) + "renamed_from = \"first\"\n" + &email("b", 2) + "renamed_from = \"second\"\n" + &email("c", 3);
    office.changes_its_file(&file(&named));
    assert_eq!(office.poll_on("2026-03-06"), ["past-due: c/I1"]);
}

#[test]
fn an_id_without_contacts_may_go_and_an_id_may_appear_alone() {
    // T31: only ids that have contacts in the log, and only if both happened.
    let mut office = Office::with(&(email("first", 1) + &email("later", 50)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.changes_its_file(&file(&(email("first", 1) + &email("second", 2))));
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: second/I1"]);
    office.changes_its_file(&file(&(email("first", 1) + &email("second", 2) + &email("third", 3))));
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: third/I1"]);
    office.changes_its_file(&file(&email("third", 3)));
    office.given_an_invoice("I2", "C2", "2026-03-03");
    assert_eq!(office.poll_on("2026-03-06"), ["past-due: third/I2"]);
}

#[test]
fn what_was_only_skipped_counts_as_a_contact() {
    // T31: "skipped ones count".
    let mut office = Office::with(&email("before", -5));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["skip moot: before/I1"]);
    office.changes_its_file(&file(&email("first", 1)));
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn a_new_event_waits_as_well_and_an_old_step_goes_on() {
    // T31: "the new ids, events included".
    let mut office = Office::with(&(email("first", 1) + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    office.changes_its_file(&file(&(on("hello", "issued") + &email("second", 5))));
    office.given_an_invoice("I2", "C1", "2026-05-04").issue_date = the("2026-03-09");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: second/I1"]);
}

#[test]
fn the_old_id_in_the_file_again_settles_it() {
    // T31: nothing is gone any more.
    let mut office = after_change(&email("nudge", 2));
    office.poll_on("2026-03-04");
    office.changes_its_file(&file(&(email("first", 1) + &email("nudge", 2))));
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: nudge/I1"]);
}

#[test]
fn renaming_the_new_id_once_more_does_not_slip_past_the_guard() {
    // T31: "until a person says otherwise"; a second edit of the file says nothing.
    let mut office = after_change(&email("nudge", 1));
    office.poll_on("2026-03-04");
    office.changes_its_file(&file(&email("nudge-again", 1)));
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    office.changes_its_file(&file(&(email("nudge-again", 1) + "renamed_from = \"first\"\n")));
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
    office.given_an_invoice("I2", "C2", "2026-03-08");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: nudge-again/I2"]);
}

#[test]
fn a_step_that_is_renamed_twice_is_still_itself() {
    // T31
    let mut office = after_change(&(email("nudge", 1) + "renamed_from = \"first\"\n"));
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    office.given_an_invoice("I2", "C2", "2026-03-04");
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: nudge/I2"]);
    office.changes_its_file(&file(&(email("reminder", 1) + "renamed_from = \"nudge\"\n")));
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
}
