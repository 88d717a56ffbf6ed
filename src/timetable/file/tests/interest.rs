//! `[interest]`, `[[interest.rate]]` and `interest` of a step.

use super::*;

fn wrong(keys: &str) -> Vec<String> {
    let strip = |line: String| line.trim_start_matches("timetable.toml:").to_owned();
    said(&file("", &format!("[interest]\n{keys}"))).into_iter().map(strip).collect()
}

#[test]
fn a_file_without_interest_claims_none() {
    assert_eq!(good(&file("", "")).interest, None);
    assert!(good(&file("", "")).steps[0].interest);
}

#[test]
fn every_key_of_interest_is_read() {
    let text = "[interest]\nregime = \"de\"\nby_country = true\nover_base = \"5.5\"\ncompensation = { EUR = 40 }\n\
                day_count = \"actual/actual\"\nsegments = [\"vip\"]\n[[interest.rate]]\nvalid_from = \"2027-01-01\"\nbase = \"-0.5\"\n\
                [[interest.rate]]\nregime = \"gb\"\nvalid_from = 2027-01-01\nrate = 12";
    let interest = good(&file("", text)).interest.unwrap();
    assert_eq!(interest.regime.as_deref(), Some("de"));
    assert!(interest.by_country && interest.rate.is_none());
    assert_eq!(interest.over_base, Some("5.5".parse().unwrap()));
    assert_eq!(interest.segments.as_deref(), Some(&["vip".to_owned()][..]));
    let regimes: Vec<_> = interest.rates.iter().map(|r| r.regime.as_deref()).collect();
    assert_eq!(regimes, [Some("de"), Some("gb")]);
    let step = "[interest]\nrate = 10\n[[step]]\nid = \"b\"\nemail = \"x\"\ndays = 30\ninterest = false";
    assert!(!good(&file("", step)).steps[1].interest);
}

#[test]
fn mistakes_in_interest_are_shown_at_their_place() {
    assert_eq!(
        wrong("regime = \"dk\"")[0],
        "15:10 «\"dk\"» unknown regime `dk`; did you mean `de`?".replace("`de`", &nearest("dk"))
    );
    assert_eq!(
        wrong("day_count = \"actual/actual\""),
        [
            "14:1 «[interest]» [interest] does not say which rate; write regime = \"de\", by_country = true, or a rate of your own: rate = \"10\""
        ]
    );
    assert_eq!(wrong("rate = 10.5"), ["15:8 «10.5» 10.5 is no rate; put it in quotes, so that it stays exact: \"10.5\""]);
    assert_eq!(wrong("rate = \"1000\""), ["15:8 «\"1000\"» \"1000\" is no rate; write it in percent a year, such as \"10.15\""]);
    assert_eq!(
        wrong("rate = 10\nover_base = 3"),
        ["16:13 «3» `over_base` without a base rate; say whose: regime = \"de\", or by_country = true"]
    );
    assert_eq!(
        wrong("rate = 10\nday_count = \"30/360\""),
        ["16:13 «\"30/360\"» unknown day count `30/360`; known here: actual/365, actual/actual"]
    );
    assert_eq!(wrong("rate = 10\nsegments = [\"vpi\"]"), ["16:13 «\"vpi\"» unknown segment `vpi`; did you mean `vip`?"]);
    assert_eq!(wrong("rate = 10\nregimes = \"de\""), ["16:1 «regimes» unknown key `regimes`; did you mean `regime`?"]);
}

fn nearest(word: &str) -> String {
    let names = crate::timetable::interest::names();
    format!("`{}`", crate::diagnostic::nearest(word, names).unwrap())
}

#[test]
fn a_rate_by_date_says_from_when_and_of_what() {
    let rate = |keys: &str| wrong(&format!("by_country = true\n[[interest.rate]]\n{keys}"));
    assert_eq!(
        rate("valid_from = \"2027-01-01\"\nbase = 1"),
        ["16:1 «[[interest.rate]]» the rate does not say which regime it is for; write regime = \"de\""]
    );
    assert_eq!(
        rate("regime = \"de\"\nbase = 1"),
        ["16:1 «[[interest.rate]]» `valid_from` is missing; write its first day: valid_from = \"2027-01-01\""]
    );
    let help = "write base = \"1.27\" (the points come on top) or rate = \"10.27\"";
    assert_eq!(
        rate("regime = \"de\"\nvalid_from = \"2027-01-01\""),
        [format!("16:1 «[[interest.rate]]» the rate has no number; {help}")]
    );
    assert_eq!(
        rate("regime = \"de\"\nvalid_from = \"2027-01-01\"\nbase = 1\nrate = 9"),
        [format!("16:1 «[[interest.rate]]» the rate has both `base` and `rate`; {help}")]
    );
    let twice = "regime = \"de\"\nvalid_from = \"2027-01-01\"\nbase = 1\n";
    assert_eq!(
        rate(&format!("{twice}[[interest.rate]]\n{twice}")),
        ["20:1 «[[interest.rate]]» two rates are valid from 2027-01-01; keep one of them"]
    );
}

#[test]
fn a_task_shows_no_interest() {
    let text = "[[step]]\nid = \"b\"\ntask = \"call\"\ndays = 30\ninterest = true";
    assert_below(text, 4, "12 «true» `interest` is for e-mails and notices; leave it out");
}
