//! T4: a step that repeats.

use super::NOTHING;
use super::office::{Office, email, the};

/// The days of March to June 2026 on which something was planned, and what.
fn played(office: &mut Office) -> Vec<String> {
    let days = the("2026-03-01").iter_days().take_while(|d| *d < the("2026-07-01"));
    let day = |d: chrono::NaiveDate| office.poll_on(&d.to_string()).into_iter().map(move |line| format!("{d} {line}"));
    days.flat_map(day).collect()
}

#[test]
fn it_repeats_up_to_and_including_the_last_day() {
    // T4: 10, 40 and 70 days after the 1st of March; 70 is the end.
    let mut office = Office::with(&(email("statement", 10) + "repeat_every = 30\nrepeat_until = 70\n"));
    office.given_an_invoice("I1", "C1", "2026-03-01");
    let expected =
        ["2026-03-11 past-due: statement/I1", "2026-04-10 past-due: statement.1/I1", "2026-05-11 past-due: statement.2/I1"];
    assert_eq!(played(&mut office), expected);
}

#[test]
fn one_day_less_and_the_last_one_does_not_fall() {
    // T4
    let mut office = Office::with(&(email("statement", 10) + "repeat_every = 30\nrepeat_until = 69\n"));
    office.given_an_invoice("I1", "C1", "2026-03-01");
    assert_eq!(played(&mut office).len(), 2);
}

#[test]
fn without_an_end_it_goes_on_for_years() {
    // T4
    let mut office = Office::with(&(email("statement", 10) + "repeat_every = 30\n"));
    office.given_an_invoice("I1", "C1", "2026-03-01");
    assert_eq!(played(&mut office).len(), 4);
    // 1090 days after the due date; what fell in the years between is long expired.
    let late = office.poll_on("2029-02-23");
    assert_eq!(late[0], "past-due: statement.36/I1");
    assert_eq!(late.len(), 1 + 32, "{late:?}");
    assert!(late[1..].iter().all(|l| l.starts_with("skip expired: statement.")));
}

#[test]
fn each_occurrence_is_a_step_of_its_own() {
    // T4, T14: an occurrence that nobody could send gives way to the next one.
    let mut office = Office::with(&(email("statement", 10) + "repeat_every = 5\n"));
    office.given_an_invoice("I1", "C1", "2026-03-01");
    office.holds("I1", Some("2026-03-16"));
    assert_eq!(office.poll_on("2026-03-11"), NOTHING);
    assert_eq!(office.poll_on("2026-03-17"), ["past-due: statement.1/I1", "skip superseded: statement/I1"]);
    assert_eq!(office.poll_on("2026-03-23"), ["past-due: statement.2/I1"]);
}

#[test]
fn a_step_may_repeat_from_before_the_due_date_to_after_it() {
    // T3, T4: Saturday the 7th goes back to Friday, Saturday the 14th goes on to Monday.
    let mut office = Office::with(&(email("nudge", -7) + "repeat_every = 7\nrepeat_until = 0\n"));
    office.given_an_invoice("I1", "C1", "2026-03-14");
    assert_eq!(played(&mut office), ["2026-03-06 coming-due: nudge/I1", "2026-03-16 past-due: nudge.1/I1"]);
}
