//! `[[case]]`: its keys and words.

use super::*;
use crate::timetable::case::End;

const CASE: &str = "[[case]]\nname = \"c\"\namount = 5\ncurrency = \"EUR\"\ndue = \"2026-03-02\"\nunpaid_until = \"2026-04-01\"\n\
                    expect = [{ on = \"2026-03-05\", step = \"first\" }]";

#[test]
fn a_case_is_read_with_its_defaults() {
    let t = good(&file("", CASE));
    let case = &t.cases[0];
    assert_eq!((case.name.as_str(), case.issued.to_string()), ("c", "2026-01-31".to_owned()));
    assert_eq!(case.end, End::UnpaidUntil("2026-04-01".parse().unwrap()));
    assert_eq!((case.expect[0].step.as_str(), case.expect[0].on.to_string()), ("first", "2026-03-05".to_owned()));
    let paid = good(&file("", &CASE.replace("unpaid_until = \"2026-04-01\"", "paid_on = \"2026-03-10\"")));
    assert_eq!(paid.cases[0].end, End::PaidOn("2026-03-10".parse().unwrap()));
}

#[test]
fn an_unknown_word_of_a_case_is_shown_with_the_nearest_known_one() {
    let with = |old: &str, new: &str, line: usize, expected: &str| assert_below(&CASE.replace(old, new), line, expected);
    with("step = \"first\"", "step = \"frist\"", 6, "39 «\"frist\"» unknown step `frist`; did you mean `first`?");
    with("amount = 5", "amount = 5\nammount = 6", 3, "1 «ammount» unknown key `ammount`; did you mean `amount`?");
    with("on = \"", "no = 1, on = \"", 6, "13 «no» unknown key `no`; did you mean `on`?");
    with("name = \"c\"", "name = \"c\"\nrank = \"a\"", 2, "8 «\"a\"» unknown rank `a`; did you mean `A`?");
    with("name = \"c\"", "name = \"c\"\nsegment = \"vpi\"", 2, "11 «\"vpi\"» unknown segment `vpi`; did you mean `vip`?");
}

#[test]
fn a_case_that_says_too_little_or_too_much_is_refused() {
    let with = |old: &str, new: &str| only(&file("", &CASE.replace(old, new)));
    assert!(with("name = \"c\"\n", "").contains("`name` is missing; say what it is about"));
    assert!(with("due = \"2026-03-02\"\n", "").contains("`due` is missing"));
    assert!(with("unpaid_until = \"2026-04-01\"\n", "").contains("does not say whether the invoice is paid"));
    assert!(with("expect =", "paid_on = \"2026-03-10\"\nexpect =").contains("has both `unpaid_until` and `paid_on`"));
    assert!(with("2026-04-01", "2026-03-04").contains("the case ends on 2026-03-04, before this day"));
    assert!(with("2026-04-01", "2025-03-04").contains("the case ends before the invoice is issued"));
    assert!(with("2026-04-01", "2126-03-04").contains("longer than ten years"));
    assert!(with("expect =", "issued = \"2026-03-03\"\nexpect =").contains("issued after it is due"));
    assert!(with("\"EUR\"", "\"EURO\"").contains("`EURO` is no currency"));
}
