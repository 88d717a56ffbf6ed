//! `[approval]`.

use super::*;
use crate::timetable::approval::{Approve, Rules};

#[test]
fn the_hour_of_the_forewarning_and_its_readers_are_those_of_the_file() {
    assert_eq!(good(&file("", "")).approval, Rules::default());
    let rules = good(&file("", "[approval]\nat = \"09:05\"\nto = [\"a@x.test\", \"b@x.test\"]")).approval;
    let to: Vec<String> = rules.to.iter().map(ToString::to_string).collect();
    assert_eq!((rules.veto_days, good(&file("", "[approval]\nveto_days = 3")).approval.veto_days), (1, 3));
    assert_eq!((rules.at.unwrap().to_string(), to), ("09:05:00".to_owned(), vec!["a@x.test".to_owned(), "b@x.test".to_owned()]));
}

#[test]
fn what_is_no_hour_or_no_address_is_shown_at_its_place() {
    assert_below("[approval]\nat = \"9\"", 1, "6 «\"9\"» \"9\" is no time of day; write it as \"08:00\"");
    let alone = "`to` says whom an e-mail goes to, and without `at` there is none";
    let help = "write at = \"09:00\", the hour of the e-mail, or leave `to` out";
    assert_below("[approval]\nto = \"a@x.test\"", 1, &format!("6 «\"a@x.test\"» {alone}; {help}"));
    assert_below("[approval]\nta = 5", 1, "1 «ta» unknown key `ta`; did you mean `at`?");
}

#[test]
fn approve_is_true_false_or_veto_and_nothing_else() {
    let of = |word: &str| good(&file("", &format!("[customer.C1]\napprove = {word}"))).customers["C1"].approve;
    assert_eq!((of("true"), of("false"), of("\"veto\"")), (Some(Approve::Yes), Some(Approve::No), Some(Approve::Veto)));
    assert_below("[customer.C1]\napprove = \"vote\"", 1, "11 «\"vote\"» unknown word `vote`; known here: veto");
    let number = "11 «1» `approve` is true, false or \"veto\", not a number; write true, false or \"veto\"";
    assert_below("[customer.C1]\napprove = 1", 1, number);
    let days = "13 «0» `veto_days` is at least 1 and at most 30";
    let help = "write the business days for which an objection counts after somebody was told";
    assert_below("[approval]\nveto_days = 0", 1, &format!("{days}; {help}"));
    let text = file("", "approve = \"veto\"").replace("name = \"vip\"", "name = \"vip\"\napprove = true");
    let timetable = good(&text);
    assert_eq!((timetable.steps[0].approve, timetable.segments[0].approve), (Some(Approve::Veto), Some(Approve::Yes)));
}
