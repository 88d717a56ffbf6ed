//! Two e-mails of one invoice on one day: said, and taken.

use super::*;

/// Whether the steps of these lines, below `first` (days = 3), are warned of.
fn is_warned_of(below: &str) -> bool {
    let (_, problems) = parse("timetable.toml", &file("", below)).unwrap_or_else(|all| panic!("{below}: {:?}", all[0].message));
    assert!(problems.len() < 2 && problems.iter().all(|p| p.severity == Severity::Warning));
    !problems.is_empty()
}

#[test]
fn two_emails_on_one_day_are_a_warning_with_its_place() {
    let message = "1 «[[step]]» warning: the e-mails `first` and `b` fall on one day; they make one e-mail, led by the smaller \
                   id: move one of them, or limit them to different segments or sizes";
    assert_below("[[step]]\nid = \"b\"\nemail = \"x\"\ndays = 3", 0, message);
}

#[test]
fn only_what_one_invoice_may_have_is_warned_of() {
    let b = |lines: &str| is_warned_of(&format!("[[step]]\nid = \"b\"\n{lines}"));
    assert!(b("email = \"x\"\ndays = { vip = 3, rest = 4 }"));
    assert!(b("email = \"x\"\ndays = 3\nsizes = \"large\""), "a large invoice has both");
    assert!(!b("email = \"x\"\ndays = 4"));
    assert!(!b("task = \"x\"\ndays = 3"));
    assert!(!b("notify = \"x\"\nto = \"collector\"\ndays = 3"));
    assert!(!b("email = \"x\"\non = \"paid\""));
}

#[test]
fn limits_that_share_no_invoice_are_not_warned_of() {
    let two = |b: &str, c: &str| {
        is_warned_of(&format!(
            "[[step]]\nid = \"b\"\nemail = \"x\"\ndays = 9\n{b}\n[[step]]\nid = \"c\"\nemail = \"x\"\ndays = 9\n{c}"
        ))
    };
    assert!(!two("sizes = \"large\"", "sizes = \"small\""));
    assert!(!two("segments = \"vip\"", "segments = \"rest\""));
    assert!(!two("ranks = \"A\"", "ranks = \"B\""));
    assert!(!two("currencies = \"EUR\"", "currencies = \"USD\""));
    assert!(two("sizes = \"large\"", "ranks = \"A\""));
    assert!(two("currencies = [\"EUR\", \"USD\"]", "currencies = \"USD\""));
}

#[test]
fn a_step_that_repeats_is_warned_of_on_its_later_days_too() {
    let two = |b: &str, c: &str| {
        is_warned_of(&format!("[[step]]\nid = \"b\"\nemail = \"x\"\n{b}\n[[step]]\nid = \"c\"\nemail = \"x\"\n{c}"))
    };
    assert!(two("days = 10\nrepeat_every = 10\nrepeat_until = 50", "days = 50"));
    assert!(!two("days = 10\nrepeat_every = 10\nrepeat_until = 49", "days = 50"));
    assert!(two("days = 11\nrepeat_every = 10", "days = 20\nrepeat_every = 7"));
    assert!(!two("days = 10\nrepeat_every = 4", "days = 11\nrepeat_every = 2"));
    assert!(!two("days = 11\nrepeat_every = 10\nrepeat_until = 40", "days = 20\nrepeat_every = 7"));
}
