//! What `check` says of the relay: presets, rows of the table of refusals, tokens.

use super::*;
use crate::support::company::LATE_CALL;

/// The `[relay]` that is in force with these lines.
fn effective(lines: &str) -> toml::Table {
    let company = a_company().with_relay_settings(lines);
    let said = company.run(&["check", "--offline", "--effective"]).exits(0);
    let all: toml::Table = toml::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:#?}"));
    all["relay"].as_table().unwrap().clone()
}

#[test]
fn a_preset_brings_its_values_and_the_file_and_the_environment_win() {
    let relay = effective(
        "preset = \"microsoft-365\"\nusername = \"ar@us.example\"\ntoken_command = [\"oauth-token\"]\nmax_per_minute = 20\n",
    );
    let text = |key: &str| relay[key].as_str().unwrap();
    assert_eq!((text("host"), text("tls"), text("auth")), ("smtp.office365.com", "required", "xoauth2"));
    let number = |key: &str| relay[key].as_integer().unwrap();
    assert_eq!((number("port"), number("max_connections"), number("max_per_day")), (587, 3, 10_000));
    assert_eq!((number("max_per_minute"), number("max_message_size")), (20, 35_000_000));
    let company = a_company().with_relay_settings("host = \"x.test\"\n");
    let mut command = company.command(&["check", "--offline", "--effective"]);
    let said: crate::support::company::Said = command
        .env("DUNNINGD__RELAY__PRESET", "amazon-ses")
        .env("DUNNINGD__RELAY__REGION", "eu-west-1")
        .env("DUNNINGD__RELAY__USERNAME", "AKIA")
        .env("DUNNINGD__RELAY__MAX_PER_MINUTE", "840")
        .output()
        .unwrap()
        .into();
    let said = said.exits(0).says("host = \"x.test\"").says("max_per_minute = 840").says("max_message_size = 40000000");
    assert!(said.err.contains("sandbox"), "{said:#?}");
}

#[test]
fn every_preset_takes_effect() {
    for (lines, host) in [
        ("preset = \"amazon-ses\"\nregion = \"us-east-1\"\nusername = \"u\"\n", "email-smtp.us-east-1.amazonaws.com"),
        ("preset = \"microsoft-365\"\nusername = \"u\"\n", "smtp.office365.com"),
        ("preset = \"google-workspace\"\n", "smtp-relay.gmail.com"),
        ("preset = \"mailgun\"\nregion = \"us\"\nusername = \"u\"\n", "smtp.mailgun.org"),
        ("preset = \"sendgrid\"\n", "smtp.sendgrid.net"),
        ("preset = \"postmark\"\nusername = \"u\"\n", "smtp.postmarkapp.com"),
    ] {
        let relay = effective(lines);
        assert_eq!((relay["host"].as_str(), relay["port"].as_integer()), (Some(host), Some(587)), "{lines}");
        assert!(relay["max_message_size"].as_integer().is_some(), "{lines}");
        let own =
            effective(&format!("{lines}host = \"relay.test\"\nport = 2525\nmax_message_size = 1000\nmax_connections = 2\n"));
        assert_eq!((own["host"].as_str(), own["port"].as_integer()), (Some("relay.test"), Some(2525)), "{lines}");
        assert_eq!((own["max_message_size"].as_integer(), own["max_connections"].as_integer()), (Some(1000), Some(2)), "{lines}");
    }
}

#[test]
fn a_trap_that_matters_is_a_warning_and_the_others_are_told_on_demand() {
    let basic = "preset = \"microsoft-365\"\nusername = \"u\"\nauth = \"login\"\n";
    let company = a_company().with_steps(LATE_CALL).with_relay_settings(basic);
    let said = company.run(&["check", "--offline"]).exits(0).says("warning").says("5.7.30");
    assert!(!said.err.contains("Sent Items"), "{said:#?}");
    company.run(&["check", "--offline", "--effective"]).exits(0).says("Sent Items").says("5.7.30");
    let token = company.with_relay_settings("preset = \"microsoft-365\"\nusername = \"u\"\ntoken_command = [\"oauth-token\"]\n");
    let said = token.run(&["check", "--offline"]).exits(0);
    assert!(said.err.is_empty(), "{said:#?}");
    let fast = token.with_relay_settings("preset = \"microsoft-365\"\nusername = \"u\"\nmax_per_minute = 300\n");
    fast.run(&["check", "--offline"]).exits(0).says("max_per_minute is 300, and microsoft-365 allows 30");
}

#[test]
fn what_is_wrong_with_the_relays_settings_is_named_with_what_to_do() {
    let token = "host = \"x.test\"\nusername = \"u\"\ntoken_command = ";
    for (lines, says) in [
        ("preset = \"amazon-sess\"\n".to_owned(), "did you mean `amazon-ses`?"),
        ("preset = \"my-own\"\n".to_owned(), "there are amazon-ses, google-workspace"),
        ("preset = \"amazon-ses\"\nusername = \"u\"\n".to_owned(), "region = \"us-east-1\""),
        ("preset = \"mailgun\"\nregion = \"asia\"\nusername = \"u\"\n".to_owned(), "it has eu, us"),
        ("preset = \"postmark\"\n".to_owned(), "not as whom"),
        (format!("{token}[\"t\"]\npassword_file = \"p\"\n"), "keep one of the two"),
        (format!("{token}[\"t\"]\nauth = \"plain\"\n"), "by \"xoauth2\" only"),
        (format!("{token}[]\n"), "the program is missing"),
        (format!("{token}\"oauth-token --for ar@example.com\"\n"), "dunningd.toml:"),
        ("host = \"x.test\"\nmax_message_size = 0\n".to_owned(), "0 would send nothing"),
    ] {
        let said = a_company().with_relay_settings(&lines).run(&["check", "--offline"]).exits(2);
        assert!(said.err.contains(says), "{lines}: {said:#?}");
    }
}

#[test]
fn a_bad_row_of_refusals_is_named_with_its_place() {
    let row = |keys: &str| format!("host = \"x.test\"\n\n[[relay.refusal]]\n{keys}");
    for (keys, says, place) in [
        ("codes = [\"550\"]\nscope = \"recipent\"\naction = \"fail\"\n", "did you mean `recipient`?", "dunningd.toml:9:9"),
        ("codes = [\"550\"]\nscope = \"relay\"\naction = \"stop\"\n", "unknown word `stop`", "dunningd.toml:10:10"),
        (
            "codes = [\"550\"]\nphases = [\"rctp\"]\nscope = \"relay\"\naction = \"pause\"\n",
            "did you mean `rcpt`?",
            "dunningd.toml:9:11",
        ),
        ("codes = [\"450\"]\nscope = \"recipient\"\naction = \"suppress\"\n", "a 4xx says", "dunningd.toml:7:1"),
        ("scope = \"relay\"\naction = \"pause\"\n", "missing key `codes`", "dunningd.toml:7:1"),
    ] {
        let said = a_company().with_relay_settings(&row(keys)).run(&["check", "--offline"]).exits(2);
        assert!(said.err.contains(says) && said.err.contains(place), "{says} {place}: {said:#?}");
    }
}
