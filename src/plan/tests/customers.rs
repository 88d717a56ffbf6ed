//! T8: what the file says of single customers.

use super::NOTHING;
use super::office::{Office, email, the};

fn office(own: &str) -> Office {
    let segments = "[[segment]]\nname = \"vip\"\nmatch = { rank = \"A\" }\n[[segment]]\nname = \"rest\"\n";
    let steps = email("first", "{ vip = 9, rest = 1 }") + &email("second", 2) + "ranks = \"D\"\nsizes = \"small\"\n";
    let mut office =
        Office::of(&format!("time_zone = \"UTC\"\ngo_live = \"2025-01-01\"\n{segments}{steps}[customer.\"C1\"]\n{own}"));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-02");
    office
}

#[test]
fn the_files_segment_wins_over_the_ledgers() {
    // T8
    let mut office = office("segment = \"vip\"");
    office.customer("C1").segment = Some("rest".to_owned());
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I2"]);
    assert_eq!(office.poll_on("2026-03-11"), ["past-due: first/I1"]);
}

#[test]
fn a_skipped_step_is_not_there_at_all() {
    // T8
    let mut office = office("skip_steps = \"first\"");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I2"]);
    assert!(office.occurrences(the("2026-03-30"), "I1").is_empty());
}

#[test]
fn an_extra_step_does_not_ask_for_its_limits() {
    // T8
    let mut office = office("extra_steps = \"second\"\nquiet_days = 0");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1", "past-due: first/I2"]);
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: second/I1"]);
}

#[test]
fn the_files_addresses_and_language_win_over_the_ledgers() {
    // T8
    let mut office = office("to = \"a@x.test, b@x.test\"\ncc = [\"c@x.test\"]\nlanguage = \"de\"");
    office.customer("C1").language = Some("fr".to_owned());
    let plan = office.plan_on("2026-03-03");
    let shown = |list: &[crate::address::EmailAddress]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let (own, other) = (&plan.contacts[0], &plan.contacts[1]);
    assert_eq!((shown(&own.to), shown(&own.cc)), ("a@x.test b@x.test".to_owned(), "c@x.test".to_owned()));
    assert_eq!((own.language.as_deref(), other.language.as_deref()), (Some("de"), None));
    assert_eq!(shown(&other.to), "C2@x.test");
}

#[test]
fn a_suppressed_address_is_left_out_and_the_others_go_on() {
    // T8, T19
    let mut office = office("to = [\"a@x.test\", \"b@x.test\"]");
    office.controls.suppressed.insert(crate::address::EmailAddress::parse("a@x.test").unwrap());
    let plan = office.plan_on("2026-03-03");
    assert_eq!(plan.contacts[0].to.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b@x.test"]);
}

#[test]
fn a_pause_lasts_until_its_day_and_that_day_too() {
    // T8, T19
    let mut office = office("paused_until = \"2026-03-04\"");
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: first/I2"]);
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: first/I1"]);
}

#[test]
fn a_customer_may_have_quiet_days_of_its_own() {
    // T8, T16: an invoice a day, and three quiet days for everybody else.
    let mut office = office("quiet_days = 1");
    office.given_an_invoice("I3", "C1", "2026-03-03");
    office.given_an_invoice("I4", "C2", "2026-03-03");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1", "past-due: first/I2"]);
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: first/I3"]);
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
    assert_eq!(office.poll_on("2026-03-07"), NOTHING);
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: first/I4"]);
}
