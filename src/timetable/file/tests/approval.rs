//! `[approval]`.

use super::*;
use crate::timetable::approval::Rules;

#[test]
fn the_hour_of_the_forewarning_and_its_readers_are_those_of_the_file() {
    assert_eq!(good(&file("", "")).approval, Rules::default());
    let rules = good(&file("", "[approval]\nat = \"09:05\"\nto = [\"a@x.test\", \"b@x.test\"]")).approval;
    let to: Vec<String> = rules.to.iter().map(ToString::to_string).collect();
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
