//! The daemon itself, by the machine's clock: one poll on its schedule, what it tells systemd and the log, a decent end.

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Days, Timelike as _, Utc};
use serde_json::Value;

use crate::support::company::{Company, Running, a_company, signal, text};
use crate::support::post::{Post, wait_until};
use crate::support::state;

#[expect(clippy::disallowed_methods, reason = "the daemon under test goes by this clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A zone in which it is neither midnight nor about to be.
fn zone_by_day() -> (&'static str, i64) {
    if (4..20).contains(&now().hour()) { ("UTC", 0) } else { ("Etc/GMT+10", -10) }
}

const TIMETABLE: &str = r#"
time_zone = "ZONE"
send_window = { days = "mon-sun", from = "00:00", to = "23:59" }
go_live = "2020-01-01"

[[segment]]
name = "all"

[[step]]
id = "past-due"
email = "past-due"
days = 3
"#;

/// A company that polls every minute, with so many invoices that are past due today; the first is I-1 of C-1.
fn polled_every_minute(post: &Post, invoices: u32, settings: &str) -> Company {
    let (zone, hours) = zone_by_day();
    let due = (now() + chrono::TimeDelta::hours(hours)).date_naive() - Days::new(3);
    let mut company = a_company()
        .with_timetable(&TIMETABLE.replace("ZONE", zone))
        .with_relay(post.port)
        .with_settings(&format!("\n[poll]\nschedule = [\"* * * * *\"]\n{settings}"));
    for number in 1..=invoices {
        company.given_an_invoice(&format!("I-{number}"), &format!("C-{number}"), &due.to_string());
    }
    company.import();
    company
}

#[test]
fn the_daemon_polls_on_its_schedule_tells_systemd_and_ends_decently() {
    let post = Post::kind();
    let company = polled_every_minute(&post, 1, "");

    let systemd = UnixDatagram::bind(company.path("notify")).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = company.command(&["run", "--format", "json"]);
    let daemon = command.env("NOTIFY_SOCKET", company.path("notify")).stderr(Stdio::piped()).spawn();
    let mut daemon = Running(daemon.unwrap());
    let said = Arc::new(Mutex::new(Vec::<Value>::new()));
    let (lines, heard) = (BufReader::new(daemon.stderr.take().unwrap()).lines(), Arc::clone(&said));
    let listening = std::thread::spawn(move || {
        for line in lines {
            let line = line.unwrap();
            assert!(!line.contains("ap@c-1.example"), "a whole address in the log: {line}");
            heard.lock().unwrap().push(serde_json::from_str(&line).unwrap());
        }
    });
    let word = || {
        let mut bytes = [0; 500];
        let length = systemd.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    assert_eq!(word().trim(), "READY=1");
    wait_until("the slot was polled", || said.lock().unwrap().iter().any(|l| l["message"] == "polled"));
    signal(&daemon, "TERM");
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    listening.join().unwrap();

    assert_eq!(post.only().to, ["ap@c-1.example"]);
    assert_eq!(text(&company.contact(), "state"), "sent");
    let said = said.lock().unwrap();
    let polled = said.iter().find(|l| l["message"] == "polled").unwrap();
    assert_eq!((&polled["contacts.sent"], &polled["ledger.open_invoices"]), (&1.into(), &1.into()), "{polled}");
    let messages: Vec<&str> = said.iter().map(|l| text(l, "message")).collect();
    assert_eq!((messages.first(), messages.last()), (Some(&"ready"), Some(&"stopped")));
    let mut words = vec![word()];
    while !words.last().unwrap().contains("STOPPING=1") {
        words.push(word());
    }
    let polls = "SELECT count(*) AS n FROM poll WHERE slot IS NOT NULL AND believed = 1";
    assert!(state::numbers(&company.database(), polls)[0] >= 1, "the slot is kept by its name (T30)");
}

#[test]
fn a_word_that_the_ledger_is_right_is_taken_by_the_next_poll_of_the_running_daemon_and_does_not_last() {
    let post = Post::kind();
    let company = polled_every_minute(&post, 6, "[ledger.guard]\nmin_rows = 2\n");
    company.run(&["run", "--once"]).exits(0);
    let invoices = std::fs::read_to_string(company.path("invoices.csv")).unwrap();
    let few: Vec<&str> = invoices.lines().take(2).collect();
    std::fs::write(company.path("invoices.csv"), few.join("\n") + "\n").unwrap();
    company.import_files().exits(0);
    company.run(&["run", "--once"]).exits(1).says("the ledger is not believed (T27)");
    company.run(&["accept-gap"]).exits(0).says("there is no gap");

    let mut daemon = Running(company.command(&["run", "--format", "json"]).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(daemon.stderr.take().unwrap()).lines();
    let mut next = |message: &str| loop {
        let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        if line["message"] == message {
            break line;
        }
    };
    next("ready");
    company.run(&["accept-ledger"]).exits(0).says("at the next poll, 20").says("it holds for that poll only");
    let mut polled = next("polled");
    if polled["poll.believed"] == false {
        // That slot was polled just before the word came.
        polled = next("polled");
    }
    assert_eq!(polled["poll.believed"], true);
    let waiting = "SELECT count(*) AS n FROM state WHERE key = 'accept_ledger'";
    assert_eq!(state::numbers(&company.database(), waiting), [0], "it is taken once");
    signal(&daemon, "TERM");
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
    company.run(&["accept-volume"]).exits(0).says("which is not running now").says("run --once --accept-volume");
    let json = company.run(&["accept-steps", "--format", "json"]).exits(0).json();
    assert_eq!((&json[0]["accepted"], &json[0]["given"], &json[0]["poll"]), (&"steps".into(), &true.into(), &Value::Null));
}
