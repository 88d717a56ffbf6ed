//! `[customer."ID"]` (T8).

use super::*;

#[test]
fn a_customer_may_have_every_setting_of_its_own() {
    let t = good(&file(
        "",
        "[customer.\"C-1042\"]\nsegment = \"vip\"\nskip_steps = \"first\"\nextra_steps = [\"first\"]\nto = \"a@x.test, b@x.test\"\n\
         cc = [\"c@x.test\", \"d@x.test\"]\nlanguage = \"de\"\nquiet_days = 7\npaused_until = 2027-01-15",
    ));
    let own = t.customer("C-1042").unwrap();
    let list =
        |l: &Option<Vec<crate::address::EmailAddress>>| l.as_ref().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        (list(&own.to), list(&own.cc)),
        (vec!["a@x.test".into(), "b@x.test".into()], vec!["c@x.test".into(), "d@x.test".into()])
    );
    assert_eq!((own.segment.as_deref(), own.language.as_deref(), own.quiet_days), (Some("vip"), Some("de"), Some(7)));
    assert!(own.skip_steps.contains("first") && own.extra_steps.contains("first"));
    assert_eq!(own.paused_until.unwrap().to_string(), "2027-01-15");
    let plain = good(&file("", "[customer.C1]"));
    assert_eq!(plain.customer("C1"), Some(&Default::default()));
}

#[test]
fn what_a_customer_names_must_be_there() {
    let wrong = |line: &str, expected: &str| assert_below(&format!("[customer.C1]\n{line}"), 1, expected);
    wrong("segment = \"vop\"", "11 «\"vop\"» unknown segment `vop`; did you mean `vip`?");
    wrong("skip_steps = [\"frist\"]", "15 «\"frist\"» unknown step `frist`; did you mean `first`?");
    wrong("extra_steps = \"frist\"", "15 «\"frist\"» unknown step `frist`; did you mean `first`?");
    wrong("to = \"nobody\"", "6 «\"nobody\"» \"nobody\" is no address: it has no @; write it as name@example.com");
    wrong("cc = [\"a@x.test\", 5]", "19 «5» a text is wanted here, not a number; put it in quotes");
    wrong("language = 5", "12 «5» a text is wanted here, not a number; put it in quotes");
    wrong("segment = [\"vip\"]", "11 «[\"vip\"]» a text is wanted here, not a list; put it in quotes");
    wrong("paused_until = \"x\"", "16 «\"x\"» \"x\" is no date; write it as \"2026-12-25\"");
    wrong("quiet_days = -1", "14 «-1» `quiet_days` is a whole number of days, not -1; write 0 or more");
}

#[test]
fn an_extra_step_needs_a_plain_number_of_days() {
    let message = "15 «\"b\"» `b` cannot be an extra step; an extra step needs one number of `days` for all";
    for when in ["days = { vip = 5 }", "on = \"paid\""] {
        let below = format!("[[step]]\nid = \"b\"\nemail = \"x\"\n{when}\n[customer.C1]\nextra_steps = \"b\"");
        assert_below(&below, 5, message);
    }
}

#[test]
fn a_customer_is_a_table() {
    let table = "a table is wanted here, not a number; write it as { key = value }";
    assert_top("customer = 5", &format!("12 «5» {table}"));
    assert_top("customer = { C1 = 5 }", &format!("19 «5» {table}"));
}
