//! The cases of a file, played against what they expect.

use super::office::{email, on, plain, task, timetable};
use crate::plan::case;

/// What is said of the cases of a file with one segment: `line: message; help`.
fn said(steps: &str, cases: &str) -> Vec<String> {
    let text = plain("quiet_days = 3", &format!("{steps}\n{cases}"));
    let problems = case::check("timetable.toml", &text, &timetable(&text));
    let of = |p: &crate::diagnostic::Problem| {
        let place = &text[p.span.clone().unwrap()];
        format!("«{place}» {}; {}", p.message.split_once("\": ").unwrap().1, p.help.as_deref().unwrap())
    };
    problems.iter().map(of).collect()
}

fn a_case(end: &str, expect: &str) -> String {
    format!("[[case]]\nname = \"c\"\namount = 100\ncurrency = \"EUR\"\ndue = \"2026-03-02\"\n{end}\nexpect = [{expect}]")
}

#[test]
fn a_case_that_holds_is_silent() {
    let steps = [email("first", 3), task("call", "call", 8), on("thanks", "paid")].join("\n");
    let expect = "{ on = \"2026-03-05\", step = \"first\" }, { on = \"2026-03-10\", step = \"call\" }";
    assert!(said(&steps, &a_case("unpaid_until = \"2026-03-31\"", expect)).is_empty());
    let paid = "{ on = \"2026-03-05\", step = \"first\" }, { on = \"2026-03-06\", step = \"thanks\" }";
    assert!(said(&steps, &a_case("paid_on = \"2026-03-06\"", paid)).is_empty());
}

#[test]
fn a_day_that_differs_is_named_with_the_day_that_comes_instead() {
    let expect = "{ on = \"2026-03-06\", step = \"first\" }";
    let expected = format!(
        "«{expect}» `first` comes on Thu 5 Mar 2026, not on Fri 6 Mar 2026; write on = \"2026-03-05\", or change the timetable"
    );
    assert_eq!(said(&email("first", 3), &a_case("unpaid_until = \"2026-03-31\"", expect)), [expected]);
}

#[test]
fn what_comes_unexpected_is_listed_as_it_would_be_written() {
    let steps = [email("first", 3), task("call", "call", 8)].join("\n");
    let expected = "«expect» what comes, too, and is not expected: `first` on Thu 5 Mar 2026, `call` on Tue 10 Mar 2026; add \
                    { on = \"2026-03-05\", step = \"first\" }, { on = \"2026-03-10\", step = \"call\" }, or change the timetable";
    assert_eq!(said(&steps, &a_case("unpaid_until = \"2026-03-31\"", "")), [expected]);
}

#[test]
fn what_does_not_come_is_named_with_the_rule_that_stopped_it() {
    let steps = [email("first", 3), email("second", 5), task("call", "call", 40), on("thanks", "paid")].join("\n");
    let of = |step: &str| {
        let expect = format!(
            "{{ on = \"2026-03-05\", step = \"first\" }}, {{ on = \"2026-03-09\", step = \"second\" }}, {{ on = \"2026-03-20\", step = \"{step}\" }}"
        );
        said(&steps, &a_case("unpaid_until = \"2026-03-31\"", &expect)).remove(0)
    };
    assert!(of("call").contains("this invoice does not come to it"), "{}", of("call"));
    assert!(of("thanks").contains("(on = \"paid\")"), "{}", of("thanks"));
    assert!(of("first").contains("does not come on Fri 20 Mar 2026 once more"), "{}", of("first"));
    // Kept back until the end of the case.
    let steps = [email("first", 3), email("second", 4)].join("\n");
    let expect = "{ on = \"2026-03-05\", step = \"first\" }, { on = \"2026-03-06\", step = \"second\" }";
    let cut = said(&steps, &a_case("unpaid_until = \"2026-03-08\"", expect));
    assert!(cut[0].contains("on Sun 8 Mar 2026 it was deferred (T16)"), "{cut:?}");
}

#[test]
fn the_facts_of_a_case_decide_who_the_customer_is() {
    let file = "time_zone = \"UTC\"\n[sizes]\nlarge = 1000\n[[segment]]\nname = \"a\"\nmatch = { rank = \"A\", country = \"DE\" }\n\
                [[segment]]\nname = \"new\"\nmatch = { customer_for_days_below = 180 }\n[[segment]]\nname = \"rest\"\n\
                [[step]]\nid = \"s\"\nemail = \"s\"\ndays = { a = 1, new = 2, rest = 3 }\n\
                [[step]]\nid = \"l\"\ntask = \"call\"\nsizes = \"large\"\ncurrencies = \"USD\"\ndays = 9\n\
                [customer.C1]\nskip_steps = \"s\"\n";
    let came = |facts: &str| {
        let text = format!("{file}{}", a_case(&format!("unpaid_until = \"2026-03-31\"\n{facts}"), ""));
        let text = if facts.contains("amount") { text.replacen("amount = 100\n", "", 1) } else { text };
        let text = if facts.contains("currency") { text.replacen("currency = \"EUR\"\n", "", 1) } else { text };
        let problems = case::check("f", &text, &timetable(&text));
        problems.first().map_or(String::new(), |p| p.help.clone().unwrap())
    };
    assert!(came("").contains("2026-03-04"), "new: {}", came(""));
    assert!(came("customer_since = \"2020-01-01\"").contains("2026-03-05"));
    assert!(came("issued = \"2025-01-01\"").contains("2026-03-05"));
    assert!(came("rank = \"A\"\ncountry = \"DE\"").contains("2026-03-03"));
    assert!(came("segment = \"a\"").contains("2026-03-03"));
    assert_eq!(came("customer = \"C1\""), "");
    assert!(came("amount = 1000\ncurrency = \"USD\"").contains("step = \"l\""));
    assert!(!came("amount = 999\ncurrency = \"USD\"").contains("step = \"l\""));
}

#[test]
fn a_case_is_made_from_what_comes_and_holds_then() {
    let steps = [email("first", 3), task("call", "call", 8)].join("\n");
    let text = plain("quiet_days = 3", &format!("{steps}\n{}", a_case("unpaid_until = \"2026-03-31\"", "")));
    let rules = timetable(&text);
    let suggested = case::suggest(&rules, &rules.cases[0]);
    assert!(said(&steps, &suggested).is_empty(), "{suggested}");
    assert!(suggested.contains("name     = \"c\"\namount   = \"100.00\"\n"), "{suggested}");
}

#[test]
fn the_cases_that_are_shipped_hold() {
    let text = include_str!("../../../config/timetable.toml");
    let rules = timetable(text);
    assert_eq!(rules.cases.len(), 2);
    let problems = case::check("timetable.toml", text, &rules);
    assert!(problems.is_empty(), "{}", problems.iter().map(|p| p.render(false)).collect::<String>());
}
