//! A clock that cannot be right sends nothing (T29). The machine's clock is set for the program alone, by libfaketime
//! (Debian's package `faketime`).

use std::path::Path;

use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use serde_json::Value;

use crate::support::company::{Company, Polled, Said, a_company, states};

const LIBRARIES: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

const TIMETABLE: &str = r#"
time_zone = "UTC"
send_window = { days = "mon-sun", from = "08:00", to = "17:30" }
quiet_days = 0
go_live = "2020-01-01"

[[segment]]
name = "all"

[[step]]
id = "past-due"
email = "past-due"
days = 3

[[step]]
id = "phone"
task = "call"
days = 3
"#;

/// A day that is surely after the program was built.
fn day(number: i64) -> NaiveDate {
    let built = DateTime::from_timestamp(env!("DUNNINGD_BUILT").parse().unwrap(), 0).unwrap();
    built.date_naive() + TimeDelta::days(7 + number)
}

/// A company with an invoice that is three days late on day 0, and one that is so on day 1.
fn company() -> Company {
    let mut company = a_company().with_timetable(TIMETABLE);
    company.given_an_invoice("I-1", "C-1", &(day(0) - Days::new(3)).to_string());
    company.given_an_invoice("I-2", "C-2", &(day(0) - Days::new(2)).to_string());
    company.import();
    company
}

/// Polls by the machine's clock, which shows this.
fn poll(company: &Company, day: NaiveDate, time: &str, flags: &[&str]) -> Polled {
    let library = LIBRARIES.into_iter().find(|l| Path::new(l).exists()).expect("libfaketime: apt-get install faketime");
    let mut command = company.command(&[&["run", "--once", "--format", "json"], flags].concat());
    command.env("LD_PRELOAD", library).env("FAKETIME", format!("@{day} {time}")).env("TZ", "UTC");
    // Timers go on as they are.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    Said::from(command.output().unwrap()).into()
}

fn assert_refused(polled: &Polled, why: &str) {
    let problems = polled.poll["problems"].to_string();
    assert!(problems.contains("T29") && problems.contains(why), "{polled:#?}");
    assert_eq!((polled.code, &polled.contacts), (Some(1), &Vec::<Value>::new()));
}

#[test]
fn five_minutes_before_the_last_event_are_believed_and_six_are_not() {
    let company = company();
    // Outside of the window a task appears, and that is an event.
    assert_eq!(poll(&company, day(0), "17:36:00", &[]).states(), ["C-1: open"]);
    let in_time = poll(&company, day(0), "17:31:30", &[]);
    assert_eq!((in_time.code, in_time.contacts.len()), (Some(0), 0), "{in_time:#?}");
    assert_eq!(in_time.poll["problems"].as_array().unwrap().len(), 0);
    assert_refused(&poll(&company, day(0), "17:29:00", &[]), "before the last event");
    assert_eq!(poll(&company, day(1), "09:00:00", &[]).states(), ["C-1: sent", "C-2: sent", "C-2: open"]);
}

#[test]
fn a_person_may_say_that_the_earlier_time_is_right() {
    let company = company();
    assert_eq!(poll(&company, day(0), "19:00:00", &[]).states(), ["C-1: open"]);
    assert_refused(&poll(&company, day(0), "10:00:00", &[]), "before the last event");
    assert_eq!(poll(&company, day(0), "10:01:00", &["--accept-clock"]).states(), ["C-1: sent"]);
}

#[test]
fn more_than_forty_five_days_after_the_last_poll_nothing_is_sent_and_nothing_is_skipped() {
    let company = company();
    assert_eq!(poll(&company, day(0), "10:00:00", &[]).states(), ["C-1: sent", "C-1: open"]);
    assert_refused(&poll(&company, day(46), "10:00:00", &[]), "more than 45 days after the last poll");
    assert_eq!(states(&company.log()), ["C-1: sent", "C-1: open"]);
}

#[test]
fn before_the_program_was_built_nothing_is_sent_and_a_given_instant_is_taken_as_it_is() {
    let company = company();
    assert_refused(&poll(&company, day(-30), "10:00:00", &[]), "before this program was built");
    assert!(company.log().is_empty());
    let given = company.poll_at(&format!("{}T10:00:00Z", day(0)));
    assert_eq!(given.states(), ["C-1: sent", "C-1: open"]);
    let earlier = company.poll_at(&format!("{}T10:00:00Z", day(-2)));
    assert_eq!(earlier.code, Some(0));
}

#[test]
fn a_clock_that_jumped_ahead_is_doubted_until_a_person_accepts_it() {
    let company = company();
    assert_eq!(poll(&company, day(0), "09:00:00", &[]).states(), ["C-1: sent", "C-1: open"]);
    for time in ["09:00:00", "09:15:00"] {
        let polled = poll(&company, day(46), time, &[]);
        assert!(polled.poll["problems"].to_string().contains("45 days"), "{polled:#?}");
        assert!(polled.contacts.iter().all(|c| c["kind"] == "task"), "{polled:#?}");
    }
    assert_eq!(poll(&company, day(46), "09:30:00", &["--accept-clock"]).code, Some(0));
    assert_eq!(poll(&company, day(46), "09:45:00", &[]).code, Some(0));
}
