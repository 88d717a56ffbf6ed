//! The timetable that is shipped.

use super::*;
use crate::timetable::step::Merge;
use crate::timetable::{Action, Days, Step, When};

const SHIPPED: &str = include_str!("../../../../config/timetable.toml");

/// The row as a credit manager would draw it: what, for whom, on which days for strategic, established and new.
fn row(step: &Step) -> String {
    let what = match &step.action {
        Action::Email { template } => format!("e-mail {template}"),
        Action::Task { task } => format!("task {task}"),
        Action::Notice { template, .. } => format!("notice {template}"),
    };
    let days = |segment: &str| {
        let allowed = step.limits.segments.as_ref().is_none_or(|l| l.iter().any(|s| s == segment));
        let cell = match &step.when {
            When::On(event) => Some(event.word().to_owned()),
            When::After => None,
            When::Days { days: Days::All(days), .. } => Some(days.to_string()),
            When::Days { days: Days::BySegment(table), .. } => table.get(segment).map(ToString::to_string),
        };
        cell.filter(|_| allowed).unwrap_or_else(|| "-".to_owned())
    };
    let cells: Vec<String> = ["strategic", "established", "new"].map(days).into();
    let sizes = step.limits.sizes.as_ref().map(|s| format!(" {}", s.join(","))).unwrap_or_default();
    let repeat = step.repeat().map(|r| format!(" every {} until {}", r.every, r.until.unwrap())).unwrap_or_default();
    format!("{}: {what}: {}{sizes}{repeat}", step.id, cells.join(" / "))
}

#[test]
fn the_shipped_timetable_is_taken_without_a_word_and_has_these_rows() {
    let t = good(SHIPPED);
    let names: Vec<&str> = t.segments.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["strategic", "new", "established"]);
    let rows: Vec<String> = t.steps.iter().map(row).collect();
    let expected = [
        "invoice-issued: e-mail issued: - / issued / issued",
        "verify-large: task call: -20 / -20 / -23 large",
        "verify-medium: e-mail verify: - / -15 / -20 medium",
        "coming-due: e-mail reminder: -5 / -5 / -7",
        "dispute: task dispute: disputed / disputed / disputed",
        "past-due: e-mail past-due: 5 / 3 / 1",
        "first-call: task call: 12 / 10 / 7",
        "second-past-due: e-mail past-due: 20 / 15 / 12",
        "second-call: task call: 25 / 22 / 18",
        "tell-account-manager: notice notice: 28 / 25 / 21",
        "past-due-30: e-mail past-due-30: 30 / 30 / 30",
        "third-call: task call: 35 / 32 / 31",
        "past-due-45: e-mail past-due-45: 45 / 45 / 45",
        "credit-hold: task credit-hold: - / 50 / 45",
        "past-due-60: e-mail past-due-60: 60 / 60 / 60",
        "credit-review: task review: 75 / 60 / 50",
        "final-notice: e-mail final: - / 75 / 65",
        "statement: e-mail statement: 90 / 90 / 90 every 30 until 180",
        "promise-broken: task call: promise_broken / promise_broken / promise_broken",
        "thank-you: e-mail thank-you: paid / paid / paid",
    ];
    assert_eq!(rows, expected);
    assert!(t.steps.iter().all(|s| s.merge == Merge::Customer && s.grace_days.is_none() && s.renamed_from.is_empty()));
}
