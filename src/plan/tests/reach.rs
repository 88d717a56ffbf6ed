//! Steps that never go out, found by playing.

use std::collections::BTreeSet;

use super::office::{email, plain, task, the, timetable};
use crate::diagnostic::places::Places;
use crate::plan::reach;

fn said(above: &str, steps: &str) -> Vec<String> {
    let text = plain(above, steps);
    let rules = timetable(&text);
    let found = reach::lint(&Places::of("timetable.toml", &text), &rules, &BTreeSet::new(), the("2026-03-02"));
    found.iter().map(|p| format!("{} «{}» {}", p.code, &text[p.span.clone().unwrap()], p.message)).collect()
}

fn only(mut all: Vec<String>) -> String {
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn steps_that_go_out_are_not_spoken_of() {
    let steps = [email("a", -5), email("b", 3), task("t", "call", 9), email("c", 30)].join("");
    assert!(said("quiet_days = 3", &steps).is_empty());
    let shipped = include_str!("../../../config/timetable.toml");
    let places = Places::of("timetable.toml", shipped);
    assert!(reach::lint(&places, &timetable(shipped), &BTreeSet::new(), the("2026-03-02")).is_empty());
}

#[test]
fn a_step_that_waits_until_a_later_one_goes_instead_is_superseded_always() {
    let steps = [email("a", 3), email("b", 6), email("c", 10)].join("");
    let said = only(said("quiet_days = 9", &steps));
    assert!(said.starts_with("never-sent «days = 6» `b` never goes out: when it might, `c` has come to its date"), "{said}");
}

#[test]
fn a_step_that_expires_while_it_waits_never_goes_out() {
    let steps = [email("a", 3), email("b", 6).replace("days = 6", "days = 6\ngrace_days = 2")].join("");
    let said = only(said("quiet_days = 9", &steps));
    assert!(said.contains("`b` never goes out: it has always expired before it may (T13), with 2 days of grace"), "{said}");
    // A bridge of holidays is no reason: on other days it goes out.
    let bridge = "grace_days = 0\nholidays = [\"2026-03-05\", \"2026-03-06\"]";
    assert!(self::said(bridge, &email("a", 3)).is_empty());
}

#[test]
fn a_reminder_that_the_due_date_overtakes_is_moot_always() {
    let steps = [email("a", -5), email("b", -2)].join("");
    let said = only(said("quiet_days = 9", &steps));
    assert!(said.contains("`b` never goes out: the due date has always passed before it may (T12)"), "{said}");
}

#[test]
fn a_template_that_another_one_always_takes_the_place_of_is_named() {
    let said = only(said("", &[email("a", 3), email("b", 3)].join("")));
    assert!(said.contains("the template of `b` is never used: `a` falls on the same day"), "{said}");
}

#[test]
fn a_step_for_invoices_that_are_too_small_for_an_email_is_always_stopped() {
    let step = email("a", 3).replace("days = 3", "days = 3\nsizes = \"small\"");
    let said = only(said("min_balance = 100\nsizes = { large = 50 }", &step));
    assert!(said.contains("`a` never goes out: it is always stopped (min_balance, T19)"), "{said}");
    assert!(self::said("min_balance = 100\nsizes = { large = 500 }", &step).is_empty());
}
