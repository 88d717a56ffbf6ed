//! `[[segment]]` and its `match` (T6).

use super::*;
use crate::timetable::Match;

fn segments(lines: &str) -> String {
    format!("time_zone = \"UTC\"\n{lines}\n[[step]]\nid = \"first\"\nemail = \"x\"\ndays = 3\n")
}

#[test]
fn a_match_takes_every_key_and_one_word_or_a_list() {
    let t = good(&segments(
        "[[segment]]\nname = \"a\"\n[segment.match]\nrank = \"A\"\ncountry = [\"DE\", \"AT\"]\ncurrency = \"eur\"\n\
         customer_for_days_below = 180\ncustomer_for_days_from = 30\nopen_balance_from = \"0.50\"\nopen_balance_below = 900\n\
         [[segment]]\nname = \"b\"",
    ));
    let expected = Match {
        rank: Some(vec!["A".to_owned()]),
        country: Some(vec!["DE".to_owned(), "AT".to_owned()]),
        currency: Some(vec!["EUR".parse().unwrap()]),
        customer_for_days_below: Some(180),
        customer_for_days_from: Some(30),
        open_balance_from: Some("0.50".parse().unwrap()),
        open_balance_below: Some("900".parse().unwrap()),
    };
    assert_eq!(t.segments[0].matches, Some(expected));
    assert_eq!((t.segments[1].name.as_str(), &t.segments[1].matches), ("b", &None));
}

#[test]
fn the_last_segment_is_everybody_else_and_no_other_one_is() {
    let text = segments("[[segment]]\nname = \"a\"\n[[segment]]\nname = \"b\"\nmatch = { rank = \"A\" }");
    let expected = [
        "timetable.toml:2:1 «[[segment]]» segment `a` has no `match`; only the last one, everybody else, has none: say who \
         belongs here, or move it to the end",
        "timetable.toml:6:9 «{ rank = \"A\" }» the last segment has a `match`; the last one is for everybody else: leave `match` out",
    ];
    assert_eq!(said(&text), expected);
}

#[test]
fn two_segments_have_two_names_and_none_is_empty() {
    let text = segments("[[segment]]\nname = \"a\"\nmatch = { rank = \"A\" }\n[[segment]]\nname = \"a\"");
    assert_eq!(only(&text), "timetable.toml:5:1 «[[segment]]» two segments are named `a`; give each a name of its own");
    let empty = "timetable.toml:2:1 «[[segment]]» the segment's name is empty; write a word, such as name = \"new\"";
    assert_eq!(only(&segments("[[segment]]\nname = \"\"")), empty);
    let missing = "timetable.toml:2:1 «[[segment]]» `name` is missing; give the segment a name, such as name = \"new\"";
    assert_eq!(only(&segments("[[segment]]")), missing);
}

#[test]
fn what_a_match_can_never_mean_is_refused() {
    let wrong = |key: &str, at: &str| {
        let text = segments(&format!("[[segment]]\nname = \"a\"\nmatch = {{ {key} }}\n[[segment]]\nname = \"b\""));
        assert_eq!(only(&text), format!("timetable.toml:4:{at}"));
    };
    wrong("rank = \"Z\"", "18 «\"Z\"» unknown rank `Z`; known here: A, B, C, D");
    wrong("rank = \"a\"", "18 «\"a\"» unknown rank `a`; did you mean `A`?");
    wrong("rank = []", "18 «[]» `rank` is an empty list; name at least one, or leave it out");
    wrong("currency = \"EURO\"", "22 «\"EURO\"» `EURO` is no currency; a currency is a code of three letters, such as EUR");
    let exact = "put it in quotes, so that it stays exact: \"1.5\"";
    wrong("open_balance_from = 1.5", &format!("31 «1.5» 1.5 is no exact amount; {exact}"));
    let days = "`customer_for_days_below` is a whole number of days, not -4; write 0 or more";
    wrong("customer_for_days_below = -4", &format!("37 «-4» {days}"));
    wrong("", "9 «{  }» an empty `match` holds for everybody; name what must hold, or leave `match` out");
}
