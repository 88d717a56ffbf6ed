//! The keys above the tables, the send window and the sizes.

use std::time::Duration;

use chrono::NaiveTime;
use rust_decimal::Decimal;

use super::*;
use crate::timetable::MinBalance;

#[test]
fn every_key_that_is_left_out_has_the_default_of_the_documentation() {
    let t = good(&file("", ""));
    assert_eq!((t.quiet_days, t.grace_days, t.promise_grace_days, t.resend_after_days), (3, 10, 2, 14));
    assert_eq!((t.min_balance, t.volume_guard), (MinBalance::All(Decimal::ZERO), Decimal::from(5)));
    assert_eq!((t.recheck_after, t.go_live), (Duration::from_secs(15 * 60), None));
    assert_eq!(t.calendar.window.days, [true, true, true, true, true, false, false]);
    let hour = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
    assert_eq!((t.calendar.window.from, t.calendar.window.to), (hour(8), hour(18)));
    assert!(t.calendar.holidays.is_empty() && t.customers.is_empty());
    assert_eq!(t.time_zone, chrono_tz::UTC);
}

#[test]
fn every_key_that_is_given_is_taken() {
    let t = good(&file(
        "quiet_days = 0\ngrace_days = 20\npromise_grace_days = 5\nresend_after_days = 30\nrecheck_after = \"4h\"\n\
         volume_guard = \"2.5\"\nmin_balance = { EUR = \"7.50\", USD = 8 }\ngo_live = \"2026-12-01\"\n\
         holidays = [\"2026-12-25\", 2027-01-01]\nsend_window = { days = \"sat-mon,wed\", from = \"07:15\", to = \"12:00\" }",
        "[sizes.EUR]\nlarge = 800",
    ));
    assert_eq!((t.quiet_days, t.grace_days, t.promise_grace_days, t.resend_after_days), (0, 20, 5, 30));
    assert_eq!((t.recheck_after, t.volume_guard.to_string()), (Duration::from_secs(4 * 3600), "2.5".to_owned()));
    let limit = |code: &str| t.min_balance.of(code.parse().unwrap()).to_string();
    assert_eq!((limit("EUR"), limit("USD"), limit("GBP")), ("7.50".to_owned(), "8".to_owned(), "0".to_owned()));
    assert_eq!(t.calendar.window.days, [true, false, true, false, false, true, true]);
    let days: Vec<String> = t.calendar.holidays.iter().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-12-25", "2027-01-01"]);
    assert_eq!(t.sizes.size_of(Decimal::from(900), "EUR".parse().unwrap()), "large");
    assert_eq!(t.sizes.size_of(Decimal::from(900), "USD".parse().unwrap()), "small");
}

#[test]
fn a_date_may_be_a_text_or_a_date_of_toml() {
    for go_live in ["go_live = \"2026-12-01\"", "go_live = 2026-12-01"] {
        assert_eq!(good(&file(go_live, "")).go_live.unwrap().to_string(), "2026-12-01");
    }
    assert_top("go_live = \"soon\"", "11 «\"soon\"» \"soon\" is no date; write it as \"2026-12-25\"");
    let late = "11 «2026-12-01T10:00:00» 2026-12-01T10:00:00 is no date; write it as \"2026-12-25\"";
    assert_top("go_live = 2026-12-01T10:00:00", late);
    assert_top("holidays = [\"2026-02-30\"]", "13 «\"2026-02-30\"» \"2026-02-30\" is no date; write it as \"2026-12-25\"");
    assert_top("holidays = 5", "12 «5» 5 is no date; write it as \"2026-12-25\"");
}

#[test]
fn a_whole_number_is_neither_a_text_nor_broken_nor_below_zero() {
    let plain = "write it without quotes and without a point, such as 10";
    assert_top("quiet_days = \"3\"", &format!("14 «\"3\"» `quiet_days` is a whole number of days, not \"3\"; {plain}"));
    assert_top("grace_days = 2.5", &format!("14 «2.5» `grace_days` is a whole number of days, not 2.5; {plain}"));
    assert_top("grace_days = []", &format!("14 «[]» `grace_days` is a whole number of days, not a list; {plain}"));
    assert_top("quiet_days = -1", "14 «-1» `quiet_days` is a whole number of days, not -1; write 0 or more");
}

#[test]
fn an_absurd_number_is_refused_whatever_its_size() {
    for number in ["36526", "99999999999", "-9223372036854775808", "99999999999999999999999"] {
        let message = format!("`quiet_days` is a whole number of days, not {number}; a century (36525) is the most");
        assert_top(&format!("quiet_days = {number}"), &format!("14 «{number}» {message}"));
    }
    assert_eq!(good(&file("quiet_days = 36_525", "")).quiet_days, 36_525);
}

#[test]
fn an_amount_is_exact_and_not_below_zero() {
    let quotes = "put it in quotes, so that it stays exact: \"5.0\"";
    assert_top("min_balance = 5.0", &format!("15 «5.0» 5.0 is no exact amount; {quotes}"));
    assert_top("min_balance = { EUR = 5.0 }", &format!("23 «5.0» 5.0 is no exact amount; {quotes}"));
    let digits = "write digits and a point, such as \"5.00\"";
    assert_top("min_balance = \"5,00\"", &format!("15 «\"5,00\"» \"5,00\" is no exact amount; {digits}"));
    assert_top("min_balance = -5", "15 «-5» an amount here is not negative; write 0 or more");
    assert_top("volume_guard = \"-0.5\"", "16 «\"-0.5\"» an amount here is not negative; write 0 or more");
    let euro = "17 «EURO» `EURO` is no currency; a currency is a code of three letters, such as EUR";
    assert_top("min_balance = { EURO = 5 }", euro);
}

#[test]
fn a_duration_needs_its_unit() {
    let expected = "17 «\"15\"» \"15\" is no duration: write a whole number and a unit, as in 90s, 15m, 4h or 3d; \
                    write it as \"15m\", \"4h\" or \"3d\"";
    assert_top("recheck_after = \"15\"", expected);
    assert_top("recheck_after = 15", "17 «15» a text is wanted here, not a number; put it in quotes");
}

#[test]
fn an_unknown_time_zone_is_answered_with_those_that_may_be_meant() {
    let zone = |name: &str| only(&file("", "").replace("\"UTC\"", &format!("\"{name}\"")));
    let at = |name: &str| format!("timetable.toml:1:13 «\"{name}\"» unknown time zone `{name}`; ");
    assert_eq!(zone("Europe/Berlni"), at("Europe/Berlni") + "did you mean `Europe/Berlin`?");
    assert_eq!(zone("europe/london"), at("europe/london") + "did you mean `Europe/London`?");
    assert_eq!(zone("Mars/Olympus"), at("Mars/Olympus") + "write a name of the IANA list, such as Europe/Berlin");
}

#[test]
fn a_send_window_is_open_for_some_time_on_some_day() {
    let both = "`from` is earlier than `to`, both on one day";
    let window = "send_window = { from = \"18:00\" }";
    assert_top(window, &format!("15 «{{ from = \"18:00\" }}» the send window is empty; {both}"));
    let window = "send_window = { from = \"09:00\", to = \"08:00\" }";
    let message = format!("15 «{{ from = \"09:00\", to = \"08:00\" }}» the send window closes before it opens; {both}");
    assert_top(window, &message);
    assert_top("send_window = { days = [] }", "24 «[]» no day to send on; write at least one, such as \"mon-fri\"");
    let days = "known here: mon, tue, wed, thu, fri, sat, sun";
    assert_top("send_window = { days = \"weekend\" }", &format!("24 «\"weekend\"» unknown day `weekend`; {days}"));
    assert_top("send_window = { days = [\"mon\", \"thr\"] }", "32 «\"thr\"» unknown day `thr`; did you mean `thu`?");
    assert_top("send_window = { from = \"8\" }", "24 «\"8\"» \"8\" is no time of day; write it as \"08:00\"");
    assert_top("send_window = { to = 17:30:00 }", "22 «17:30:00» a text is wanted here, not a date or a time; put it in quotes");
    assert_top("send_window = \"all day\"", "15 «\"all day\"» a table is wanted here, not a text; write it as { key = value }");
}

#[test]
fn the_smallest_size_has_no_threshold_and_the_others_have_one() {
    let sizes = |lines: &str| only(&file("", "").replace("large = \"1000\"", lines));
    let small = "timetable.toml:4:1 «small» `small` is what lies below all sizes; leave it out";
    assert_eq!(sizes("small = 0\nlarge = 5"), small);
    assert!(sizes("large = \"much\"").starts_with("timetable.toml:4:9 «\"much\"» \"much\" is no exact amount"));
    assert_eq!(sizes("large = 5\n[sizes.EURO]"), "timetable.toml:5:8 «EURO» `EURO` is no currency; write [sizes.EUR]");
    let below = "timetable.toml:6:9 «-5» an amount here is not negative; write 0 or more";
    assert_eq!(sizes("large = 5\n[sizes.EUR]\nlarge = -5"), below);
}

#[test]
fn a_holiday_is_a_date_or_a_country_that_is_known() {
    let t = good(&file("holidays = [\"DE-BY\", \"2026-12-24\"]\ncustomer_holidays = true", ""));
    assert_eq!((t.calendar.countries[0].code, t.calendar.holidays.len()), ("DE-BY", 1));
    assert_eq!(t.customer_calendars["AT"].countries.iter().map(|c| c.code).collect::<Vec<_>>(), ["DE-BY", "AT"]);
    assert_top("holidays = \"Dec 25\"", "12 «\"Dec 25\"» \"Dec 25\" is no date; write it as \"2026-12-25\"");
    assert_top("holidays = \"DE-BX\"", "12 «\"DE-BX\"» unknown country `DE-BX`; did you mean `DE-BB`?");
}

#[test]
fn a_window_of_customers_says_whose_it_is_and_has_the_companys_hours_where_it_says_nothing() {
    let t = good(&file("send_window = { from = \"07:00\" }", "[[customer_window]]\ncountries = \"JP\"\nto = \"16:00\""));
    let own = &t.customer_windows[0];
    assert_eq!(
        (own.time_zone, own.window.from.to_string(), own.window.to.to_string()),
        (t.time_zone, "07:00:00".into(), "16:00:00".into())
    );
    let whose = "write countries = [\"JP\"] or segments = [\"strategic\"]; `send_window` is for all others";
    assert_below(
        "[[customer_window]]\nfrom = \"09:00\"",
        0,
        &format!("1 «[[customer_window]]» the window does not say whose it is; {whose}"),
    );
    assert_below("[[customer_window]]\nsegments = \"vpi\"", 1, "12 «\"vpi\"» unknown segment `vpi`; did you mean `vip`?");
    assert_below(
        "[[customer_window]]\nsegments = \"vip\"\nzone = \"UTC\"",
        2,
        "1 «zone» unknown key `zone`; known here: countries, days, from, segments, time_zone, to",
    );
}
