//! Two timetables played over the same days.

use super::office::{email, plain, the, timetable};
use crate::plan::Kind;
use crate::plan::compare::{Change, Played, compare};

fn played(date: &str, step: &str, occurrence: u32, invoice: &str) -> Played {
    let (customer, segment) = ("C1".to_owned(), "all".to_owned());
    Played {
        date: the(date),
        kind: Kind::Email,
        step: step.to_owned(),
        occurrence,
        invoice: invoice.to_owned(),
        customer,
        segment,
    }
}

#[test]
fn the_same_is_no_difference_and_another_day_is_a_move() {
    let other = timetable(&plain("", &email("first", 3)));
    let now =
        [played("2026-03-05", "first", 0, "I1"), played("2026-03-05", "first", 0, "I2"), played("2026-03-05", "first", 1, "I1")];
    assert_eq!(compare(&now, &now, &other), []);
    let then =
        [played("2026-03-09", "first", 0, "I1"), played("2026-03-05", "first", 0, "I2"), played("2026-03-06", "first", 0, "I3")];
    let found = compare(&now, &then, &other);
    let short: Vec<_> = found.iter().map(|d| (d.change, d.played.invoice.as_str(), d.played.occurrence, d.was)).collect();
    let want = [(Change::Gone, "I1", 1, None), (Change::Added, "I3", 0, None), (Change::Moved, "I1", 0, Some(the("2026-03-05")))];
    assert_eq!(short, want);
}

#[test]
fn a_renamed_step_is_the_same_step() {
    let renamed = timetable(&plain("", &(email("nudge", 3) + "renamed_from = \"first\"\n")));
    let (now, then) = ([played("2026-03-05", "first", 0, "I1")], [played("2026-03-05", "nudge", 0, "I1")]);
    assert_eq!(compare(&now, &then, &renamed), []);
    let new = timetable(&plain("", &email("nudge", 3)));
    assert_eq!(compare(&now, &then, &new).len(), 2);
}
