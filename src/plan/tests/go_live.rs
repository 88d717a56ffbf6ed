//! T10: an old ledger is never blasted.

use super::NOTHING;
use super::office::{Office, email, on, plain, task};
use crate::timetable::occurrence::Case;

fn office(above: &str) -> Office {
    let steps = email("first", 1) + &email("second", 30) + &task("call", "call", 2);
    let mut office = Office::of(&format!("time_zone = \"UTC\"\n{above}\n[[segment]]\nname = \"all\"\n{steps}"));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office
}

#[test]
fn a_step_whose_send_date_is_before_go_live_never_goes_out_and_is_not_written() {
    // T10: `first` falls on the 3rd; the day of go-live itself is live.
    let mut live_later = office("go_live = \"2026-03-04\"");
    assert_eq!(live_later.poll_on("2026-03-04"), ["call: call/I1"]);
    assert_eq!(live_later.case_on("2026-03-05", "I1", "first", 0), Case::BeforeGoLive);
    assert_eq!(live_later.poll_on("2026-03-31"), NOTHING);
    assert_eq!(live_later.poll_on("2026-04-01"), ["past-due: second/I1"]);
    assert_eq!(office("go_live = \"2026-03-03\"").poll_on("2026-03-04"), ["past-due: first/I1", "call: call/I1"]);
}

#[test]
fn the_send_date_counts_and_not_the_planned_one() {
    // T10, T3: planned for Saturday the 7th, sent on Monday the 9th.
    let mut office = Office::of(&plain("go_live = \"2026-03-09\"", &email("first", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: first/I1"]);
}

#[test]
fn without_a_date_in_the_file_it_is_the_first_poll_that_may_send() {
    // T10: on Saturday and in the evening nothing is live yet, not even a task.
    let mut office = office("");
    assert_eq!(office.poll_on("2026-02-28"), NOTHING);
    assert_eq!(office.poll_in_the_evening_of("2026-03-04"), NOTHING);
    assert_eq!(office.case_on("2026-03-04", "I1", "call", 0), Case::BeforeGoLive);
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    assert_eq!(office.recorded_go_live.unwrap().to_string(), "2026-03-05");
    assert_eq!(office.poll_on("2026-04-01"), ["past-due: second/I1"]);
}

#[test]
fn the_files_date_wins_over_the_one_that_was_recorded() {
    // T10
    let mut office = office("");
    office.poll_on("2026-03-04");
    office.timetable.go_live = Some("2026-04-06".parse().unwrap());
    assert_eq!(office.poll_on("2026-04-01"), NOTHING);
}

#[test]
fn before_go_live_nothing_is_written_either() {
    // T10: not even what is moot or expired.
    let mut office = Office::of(&plain("go_live = \"2026-06-01\"", &(email("before", -5) + &email("first", 1))));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-31"), NOTHING);
    assert_eq!(office.poll_on("2026-06-01"), NOTHING);
    assert!(office.log.contacts.is_empty());
}

#[test]
fn a_step_that_repeats_goes_on_with_what_falls_after_go_live() {
    // T4, T10
    let mut office = Office::of(&plain("go_live = \"2026-03-02\"", &(email("statement", 10) + "repeat_every = 30\n")));
    office.given_an_invoice("I1", "C1", "2020-01-01");
    let lines: Vec<String> = (2..=31).flat_map(|d| office.poll_on(&format!("2026-03-{d:02}"))).collect();
    assert_eq!(lines, ["past-due: statement.75/I1"]);
}

#[test]
fn an_event_that_was_seen_before_go_live_never_goes_out() {
    // T10, T20
    let mut office = Office::of(&plain("go_live = \"2026-03-05\"", &(on("part", "partly_paid") + &on("thanks", "paid"))));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-02");
    office.is_paid("I1", 10, "2026-03-03");
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
    office.is_paid("I1", 90, "2026-03-04");
    assert_eq!(office.poll_on("2026-03-06"), ["paid: thanks/I1"]);
}
