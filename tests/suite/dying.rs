//! The program is killed in the middle, told to stop in the middle, or started twice (D1, D2, D8, D9).

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use crate::support::company::{Company, MORNING, Running, Said, a_company, program, signal, text};
use crate::support::post::{Post, wait_until};
use crate::support::relay::Script;
use crate::support::state;

const CUSTOMERS: usize = 400;
const CONNECTIONS: i64 = 3;

/// A relay that needs some time for each message, and a company that has much to send.
fn much_to_send() -> (Post, Company) {
    let post = Post::open(Script { thinks: Duration::from_millis(3), ..Script::offering(&["PIPELINING"]) });
    let mut company = a_company().with_relay(post.port);
    for number in 0..CUSTOMERS {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.import();
    (post, company)
}

/// Numbers by chance, from a seed that a failure shows.
struct Dice(u64);

impl Dice {
    fn thrown() -> Self {
        let seed = std::hash::RandomState::new().build_hasher().finish() | 1;
        eprintln!("the seed of the dice is {seed}");
        Self(seed)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
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
        let doubts = if company.database().exists() { state::numbers(&company.database(), sending)[0] } else { 0 };
        assert!(doubts <= 2 * CONNECTIONS, "{doubts} in doubt after one kill");
        all_doubts += doubts;
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
    let mut company = a_company();
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
