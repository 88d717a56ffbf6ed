//! The program is killed in the middle, told to stop in the middle, or started twice (D1, D2, D8, D9).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use crate::support::company::{Company, MORNING, Running, Said, a_company, a_company_with_a_file, program, signal, text};
use crate::support::dice::Dice;
use crate::support::post::{Post, wait_until};
use crate::support::relay::{Act, At, Script};
use crate::support::state;

const CUSTOMERS: usize = 400;
const CONNECTIONS: i64 = 3;

/// A relay that needs some time for each message, and a company that has much to send.
fn much_to_send() -> (Post, Company) {
    let post = Post::open(Script { thinks: Duration::from_millis(3), ..Script::offering(&["PIPELINING"]) });
    let mut company = a_company().with_relay(post.port).with_database("lease = \"5s\"\n");
    for number in 0..CUSTOMERS {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    (post, company)
}

/// How often the relay has taken a reminder for each recipient.
fn taken(post: &Post) -> BTreeMap<String, usize> {
    wait_until("the relay is through with what it was given", || post.open_connections() == 0);
    let mut taken = BTreeMap::new();
    for message in post.accepted() {
        assert_eq!(message.to.len(), 1);
        *taken.entry(message.to[0].clone()).or_default() += 1;
    }
    taken
}

/// Each contact is sent and was taken once, or is in doubt and was taken at most once; returns how many are in doubt.
fn assert_nothing_is_doubled_or_lost(post: &Post, company: &Company) -> usize {
    let (taken, log) = (taken(post), company.log());
    assert!(taken.values().all(|n| *n == 1), "sent twice: {:?}", taken.iter().filter(|(_, n)| **n > 1).collect::<Vec<_>>());
    assert_eq!(log.len(), CUSTOMERS);
    let mut doubts = 0;
    for contact in &log {
        let times = taken.get(contact["to"][0].as_str().unwrap()).copied().unwrap_or(0);
        match text(contact, "state") {
            "sent" => assert_eq!(times, 1, "{contact}"),
            "in-doubt" => doubts += 1,
            state => panic!("{state}: {contact}"),
        }
    }
    doubts
}

#[test]
fn whenever_it_is_killed_nothing_is_sent_twice_and_nothing_is_forgotten() {
    let (post, company) = much_to_send();
    let mut dice = Dice::thrown();
    let mut all_doubts = 0;
    for _ in 0..10 {
        let goal = post.accepted().len() + dice.below(45) as usize;
        let mut child = company.begin_poll_at(MORNING);
        wait_until("some were sent", || post.accepted().len() >= goal || child.try_wait().unwrap().is_some());
        std::thread::sleep(Duration::from_micros(dice.below(8_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let sending = "SELECT count(*) AS n FROM contact WHERE state = 'sending'";
        let of_one = "SELECT count(*) AS n FROM contact WHERE state = 'sending' GROUP BY daemon";
        let most = state::numbers(&company.database(), of_one).into_iter().max().unwrap_or(0);
        assert!(most <= 2 * CONNECTIONS, "{most} in doubt after one kill");
        all_doubts += state::numbers(&company.database(), sending)[0];
    }
    if company.is_shared() {
        // The last one's lease runs out before anybody else touches what it had.
        let alive = "SELECT count(*) AS n FROM daemon WHERE ended_at IS NULL AND lease_until >= {clock}";
        wait_until("the last lease is over", || state::numbers(&company.database(), alive)[0] == 0);
    }
    let last = company.poll_at(MORNING);
    assert_eq!(last.code, Some(i32::from(last.contacts.iter().any(|c| c["state"] == "in-doubt"))), "{}", last.poll);
    let doubts = assert_nothing_is_doubled_or_lost(&post, &company);
    eprintln!("{doubts} in doubt after ten kills");
    // A round that was killed before it began leaves the doubts of the round before to the next one.
    assert!(doubts as i64 <= all_doubts, "{doubts} in doubt, but only {all_doubts} were being sent");
    let before = post.accepted().len();
    for at in [MORNING, "2026-03-05T09:00:00-05:00"] {
        assert!(company.poll_at(at).contacts.is_empty());
    }
    assert_eq!(post.accepted().len(), before, "what is in doubt is never sent again by itself");
}

#[test]
fn told_to_stop_in_the_middle_it_ends_by_itself_and_the_next_poll_sends_the_rest() {
    for name in ["TERM", "INT"] {
        let (post, company) = much_to_send();
        let child = company.begin_poll_at(MORNING);
        wait_until("some were sent", || post.accepted().len() >= 40);
        signal(&child, name);
        let said = child.finish();
        assert!(said.code.is_some(), "it ended by itself: {said:#?}");
        let states: BTreeMap<String, usize> = company.log().iter().fold(BTreeMap::new(), |mut all, c| {
            *all.entry(text(c, "state").to_owned()).or_default() += 1;
            all
        });
        assert_eq!(states["sent"], taken(&post).len());
        assert_eq!(states.keys().collect::<Vec<_>>(), ["queued", "sent"], "{states:?}");
        assert_eq!(company.poll_at(MORNING).code, Some(0));
        assert_eq!(assert_nothing_is_doubled_or_lost(&post, &company), 0);
    }
}

#[test]
fn a_second_one_on_the_same_database_stops_with_exit_code_3() {
    let mut company = a_company_with_a_file();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    let mut first = Running(company.command(&["run"]).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(first.stderr.take().unwrap()).lines();
    assert!(lines.any(|l| l.unwrap().contains("ready")));
    let other = company.path("other");
    std::fs::create_dir(&other).unwrap();
    for file in ["dunningd.toml", "timetable.toml"] {
        std::fs::copy(company.path("config").join(file), other.join(file)).unwrap();
    }
    for linked in ["dunningd.db", "templates"] {
        std::os::unix::fs::symlink(company.path("config").join(linked), other.join(linked)).unwrap();
    }
    let before = company.state();
    for args in [&["run"][..], &["run", "--once"]] {
        company.run(args).exits(3).says("another dunningd already works on");
        let linked = program(args).arg("--config").arg(&other).output().unwrap();
        Said::from(linked).exits(3).says("another dunningd already works on");
    }
    assert_eq!(company.state(), before);
    let status = company.run_at(MORNING, &["status", "--format", "json"]).json();
    assert_eq!(status[0]["running"], true);
    signal(&first, "TERM");
    assert_eq!(first.wait().unwrap().code(), Some(0));
    company.run_at(MORNING, &["run", "--once"]).exits(0);
}

/// The phases of a dialogue, and whether the final dot was written when the relay falls silent there (it does so in the body
/// without reading it).
const PHASES: [(At, bool); 7] = [
    (At::Greeting, false),
    (At::Ehlo, false),
    (At::Mail, false),
    (At::Rcpt, false),
    (At::Data, false),
    (At::Body, true),
    (At::Dot, true),
];

/// A relay that falls silent there, once, and a company with one connection to it that is there now.
fn silent_at(at: At) -> (Post, Company, Running) {
    let post = Post::open(Script::default().once(at, Act::Silence));
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n[relay.timeouts]\ndot = \"5s\"\n",
        post.port
    );
    let mut company = a_company().with_relay_settings(&relay).with_database("lease = \"5s\"\n");
    for number in 0..6 {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    let child = company.begin_poll_at(MORNING);
    let sending = "SELECT count(*) AS n FROM contact WHERE state = 'sending'";
    wait_until("it has begun", || post.connections() == 1 && state::numbers(&company.database(), sending)[0] > 0);
    // And has come as far as the relay lets it.
    std::thread::sleep(Duration::from_millis(300));
    (post, company, child)
}

/// Polls until nothing waits; says how many are in doubt.
fn settle(company: &Company) -> usize {
    let waiting = "SELECT count(*) AS n FROM contact WHERE state IN ('planned', 'queued', 'sending')";
    wait_until("nothing waits any more", || {
        company.poll_at(MORNING);
        state::numbers(&company.database(), waiting)[0] == 0
    });
    company.log().iter().filter(|c| c["state"] == "in-doubt").count()
}

#[test]
fn killed_in_any_phase_it_leaves_at_most_what_was_in_flight_in_doubt_and_sends_the_rest_once() {
    for (at, post, company) in PHASES.map(|(at, _)| {
        let (post, company, mut child) = silent_at(at);
        child.kill().unwrap();
        child.wait().unwrap();
        (at, post, company)
    }) {
        let doubts = settle(&company);
        assert!((1..=2).contains(&doubts), "{at:?}: {doubts} in doubt");
        let status = company.run_at(MORNING, &["status", "--format", "json"]);
        assert_eq!(status.code, Some(1), "{at:?}: a person has to look: {status:#?}");
        let taken = taken_so_far(&post);
        assert!(taken.values().all(|n| *n == 1), "{at:?}: {taken:?}");
        let sent = company.log().iter().filter(|c| c["state"] == "sent").count();
        assert_eq!(sent, 6 - doubts, "{at:?}");
        assert!(sent <= taken.len(), "{at:?}: {taken:?}");
        let before = post.accepted().len();
        for _ in 0..3 {
            company.poll_at(MORNING);
        }
        assert_eq!(post.accepted().len(), before, "{at:?}: what is in doubt is not sent again by itself");
    }
}

#[test]
fn told_to_stop_in_any_phase_it_ends_and_doubts_only_what_was_handed_over_whole() {
    for (at, dot_was_written) in PHASES {
        let (post, company, child) = silent_at(at);
        signal(&child, "TERM");
        let said = child.finish();
        assert!(said.code.is_some(), "{at:?}: {said:#?}");
        let states: Vec<String> = company.log().iter().map(|c| text(c, "state").to_owned()).collect();
        assert!(!states.contains(&"sending".to_owned()), "{at:?}: {states:?}");
        let doubts = states.iter().filter(|s| *s == "in-doubt").count();
        assert_eq!(doubts, usize::from(dot_was_written), "{at:?}: {states:?}");
        assert_eq!(settle(&company), doubts, "{at:?}");
        let taken = taken_so_far(&post);
        assert!(taken.values().all(|n| *n == 1) && taken.len() >= 6 - doubts, "{at:?}: {taken:?}");
    }
}

fn taken_so_far(post: &Post) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for message in post.accepted() {
        *taken.entry(message.to[0].clone()).or_default() += 1;
    }
    taken
}

#[test]
fn killed_while_it_plans_it_has_planned_all_or_nothing_and_the_next_poll_plans_the_same() {
    const MANY: usize = 1_500;
    let post = Post::kind();
    let mut company = a_company().with_relay(post.port).with_database("lease = \"5s\"\n");
    for number in 0..MANY {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    let mut dice = Dice::thrown();
    // Before the window opens: it plans, and sends nothing. `plan` says what a poll inside the window would do.
    let early = "2026-03-04T07:00:00-05:00";
    for _ in 0..4 {
        let mut child = company.begin_poll_at(MORNING);
        std::thread::sleep(Duration::from_millis(300 + dice.below(900)));
        child.kill().unwrap();
        child.wait().unwrap();
        let log = state::numbers(&company.database(), "SELECT count(*) AS n FROM contact")[0];
        assert!(log == 0 || log == MANY as i64, "{log} of {MANY} are planned");
        let orphans = "SELECT count(*) AS n FROM contact_invoice WHERE contact NOT IN (SELECT id FROM contact)";
        assert_eq!(state::numbers(&company.database(), orphans), [0]);
        let events = "SELECT count(*) AS n FROM contact_event WHERE from_state IS NULL";
        assert_eq!(state::numbers(&company.database(), events), [log]);
        if log > 0 {
            break;
        }
    }
    company.poll_at(early);
    settle(&company);
    assert_eq!(company.log().len(), MANY);
    assert!(taken_so_far(&post).values().all(|n| *n == 1));
}

#[test]
fn an_import_that_is_killed_leaves_the_old_ledger_whole_and_thanks_nobody() {
    let mut company = a_company().with_steps("[[step]]\nid = \"thanks\"\nemail = \"thank-you\"\non = \"paid\"\n");
    for number in 0..2_000 {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    company.poll_at("2026-03-03T19:00:00-05:00");
    let ledger = "SELECT count(*) AS n FROM ledger_invoice UNION ALL SELECT count(*) FROM ledger_payment
                  UNION ALL SELECT count(*) FROM ledger_invoice WHERE status = 'open'";
    let before = state::numbers(&company.database(), ledger);
    for number in 0..1_000 {
        company.given_a_payment(&format!("P-{number}"), &format!("C-{number}"), &format!("I-{number}"), "2026-03-02");
    }
    company.write_files();
    let mut dice = Dice::thrown();
    for _ in 0..5 {
        let files = ["--customers", "customers.csv", "--invoices", "invoices.csv", "--payments", "payments.csv"];
        let mut import = company.command(&[&["import", "--replace"], &files[..]].concat());
        let mut child = Running(import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        std::thread::sleep(Duration::from_millis(40 + dice.below(250)));
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = state::numbers(&company.database(), ledger);
        if now != before {
            assert_eq!(now, [2_000, 1_000, 2_000], "all of the new one, or nothing of it");
            break;
        }
    }
    let states = company.poll_at("2026-03-03T19:10:00-05:00").states();
    assert!(
        states.is_empty() || company.log().iter().all(|c| c["step"] != "thanks" || states.len() == 1_000),
        "{}",
        states.len()
    );
}
