//! What is no TOML, and keys that the file does not know, at every level.

use super::*;

#[test]
fn what_is_no_toml_is_shown_at_its_place() {
    assert_top("quiet_days = 3 4", "14 «3 4» string values must be quoted, expected literal string; mend the TOML first");
    assert_top("go_live = 2026-13-01", "11 «2026-13-01» invalid date, expected month between 01 and 12; mend the TOML first");
    let twice = only(&file("quiet_days = 3\nquiet_days = 4", ""));
    assert_eq!(twice, "timetable.toml:3:1 «quiet_days» duplicate key; mend the TOML first");
}

#[test]
fn a_bracket_that_is_never_closed_is_not_said_of_every_line_after_it() {
    let all = said(&file("holidays = [1,\n2", ""));
    assert_eq!(all.len(), 3, "{all:#?}");
    assert!(all[0].starts_with("timetable.toml:4:1"), "{all:#?}");
}

#[test]
fn an_unknown_key_is_shown_with_the_nearest_known_one_at_every_level() {
    assert_top("quite_days = 3", "1 «quite_days» unknown key `quite_days`; did you mean `quiet_days`?");
    let window = "17 «day» unknown key `day`; did you mean `days`?";
    assert_top("send_window = { day = \"mon-fri\" }", window);
    let size = "1 «lrage» unknown size `lrage`; did you mean `large`?";
    assert_below("[sizes.EUR]\nlrage = 5", 1, size);
    let step = "1 «reapeat_every» unknown key `reapeat_every`; did you mean `repeat_every`?";
    assert_below("[[step]]\nid = \"b\"\nemail = \"x\"\ndays = 5\nreapeat_every = 5", 4, step);
    let customer = "1 «skip_step» unknown key `skip_step`; did you mean `skip_steps`?";
    assert_below("[customer.C1]\nskip_step = \"first\"", 1, customer);
    assert_below("[[steps]]\nid = \"b\"", 0, "3 «steps» unknown key `steps`; did you mean `step`?");
}

#[test]
fn an_unknown_key_of_a_segment_or_its_match_is_shown_too() {
    let text = file("", "").replace("name = \"rest\"", "name = \"rest\"\nnmae = 5").replace("rank =", "county = \"DE\", rank =");
    let expected = [
        "timetable.toml:7:11 «county» unknown key `county`; did you mean `country`?",
        "timetable.toml:10:1 «nmae» unknown key `nmae`; did you mean `name`?",
    ];
    assert_eq!(said(&text), expected);
}

#[test]
fn a_word_that_is_like_no_other_is_answered_with_the_list() {
    let all = "known here: approve, cc, extra_steps, language, paused_until, personal, quiet_days, segment, skip_steps, to";
    assert_below("[customer.C1]\nmood = 5", 1, &format!("1 «mood» unknown key `mood`; {all}"));
}

#[test]
fn several_problems_are_all_told_in_the_order_of_the_file() {
    let text = file(
        "send_window = { from = \"9\", to = 5 }\nquiet_days = \"3\"\nquite_days = 3\nmin_balance = 1.5",
        "[[step]]\nid = \"b\"\nemail = \"x\"\non = \"paydi\"\n[customer.C1]\nskip_steps = [\"b\", \"c\"]\nlanguage = 5",
    );
    let places: Vec<String> = said(&text).iter().map(|l| l.split(" «").next().unwrap().replace("timetable.toml:", "")).collect();
    assert_eq!(places, ["2:24", "2:34", "3:14", "4:1", "5:15", "20:6", "22:20", "23:12"]);
}

#[test]
fn an_empty_file_is_asked_for_what_it_needs() {
    let expected = [
        "timetable.toml:1:1 «» `time_zone` is missing; write the zone of the company, such as time_zone = \"Europe/Berlin\"",
        "timetable.toml:1:1 «» `segment` is missing; write at least one: [[segment]] with name = \"all\"",
        "timetable.toml:1:1 «» `step` is missing; write at least one [[step]]",
    ];
    assert_eq!(said(""), expected);
    let text = "time_zone = \"UTC\"\nstep = []\nsegment = []";
    let expected = [
        "timetable.toml:2:8 «[]» the list is empty; write at least one [[step]]",
        "timetable.toml:3:11 «[]» the list is empty; write at least one segment",
    ];
    assert_eq!(said(text), expected);
}

#[test]
fn a_line_that_is_no_toml_does_not_hide_what_is_wrong_elsewhere() {
    let text = file("quiet_days = 3 4", "[[step]]\nid = \"b\"\nemail = \"x\"\ndays = ten\non = \"paydi\"\nsizes = [\"lagre\"]");
    let all = said(&text);
    let starts = ["2:14", "17:8", "18:6 «\"paydi\"» unknown event", "19:10 «\"lagre\"» unknown size"];
    assert_eq!(all.len(), starts.len(), "{all:#?}");
    for (line, start) in all.iter().zip(starts) {
        assert!(line.starts_with(&format!("timetable.toml:{start}")), "{all:#?}");
    }
    // A name that cannot be read is no reason to doubt where it is used.
    let renamed = said(&file("", "[customer.C1]\nskip_steps = [\"second\"]\n[[step]]\nid = second\nemail = \"x\"\ndays = 9"));
    assert_eq!(renamed.len(), 1, "{renamed:#?}");
}
