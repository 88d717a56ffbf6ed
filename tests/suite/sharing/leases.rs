//! A daemon that dies, or is suspended: what it had claimed returns to the queue, what it was sending is in doubt.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::support::company::signal;
use crate::support::relay::{Act, At, Gate, Script};

fn one_connection(post: &Post) -> String {
    format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n", post.port)
}

#[test]
fn one_that_was_suspended_sends_nothing_any_more_of_what_it_had_claimed() {
    let post = Post::open(Script { thinks: Duration::from_millis(20), ..Script::offering(&["PIPELINING"]) });
    let company = company(&post, 300);
    let first = company.begin_poll_at(MORNING);
    wait_until("some were sent", || post.accepted().len() >= 20);
    signal(&first, "STOP");
    let sending = "SELECT count(*) AS n FROM contact WHERE state = 'sending'";
    let claimed = "SELECT count(*) AS n FROM contact WHERE state = 'queued' AND daemon IS NOT NULL";
    assert!(state::numbers(&company.database(), claimed)[0] > 0, "it had claimed more than it was sending");
    wait_for_leases(&company);
    poll_until_quiet(&company);
    let doubts = states(&company).get("in-doubt").copied().unwrap_or(0);
    assert!((1..=6).contains(&doubts), "{doubts} in doubt: at most twice its connections");
    assert_eq!(state::numbers(&company.database(), sending), [0]);
    assert_the_log_is_true(&post, &company);

    let before = post.accepted().len();
    signal(&first, "CONT");
    let said = first.finish();
    assert!(said.code.is_some(), "it ends by itself: {said:#?}");
    assert_eq!(post.accepted().len(), before, "it had begun to send nothing of what the relay takes now: {said:#?}");
    poll_until_quiet(&company);
    assert_the_log_is_true(&post, &company);
    // What it knows not to have been accepted is no doubt any more, and is tried later.
    assert!(states(&company).keys().all(|s| ["sent", "in-doubt", "retrying"].contains(&s.as_str())), "{:?}", states(&company));
}

#[test]
fn one_that_is_killed_in_any_phase_leaves_a_doubt_and_no_double_and_the_rest_is_sent() {
    let phases = [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Body, At::Dot].map(|at| {
        let post = Post::open(Script::default().once(at, Act::Silence));
        let company = company(&post, 12).with_relay_settings(&one_connection(&post));
        let mut child = company.begin_poll_at(MORNING);
        let sending = "SELECT count(*) AS n FROM contact WHERE state = 'sending'";
        wait_until("it has begun", || post.connections() == 1 && state::numbers(&company.database(), sending)[0] > 0);
        // And has come as far as the relay lets it.
        std::thread::sleep(Duration::from_millis(200));
        child.kill().unwrap();
        child.wait().unwrap();
        (at, post, company)
    });
    for (at, post, company) in phases {
        wait_for_leases(&company);
        poll_until_quiet(&company);
        assert_the_log_is_true(&post, &company);
        let found = states(&company);
        let doubts = found.get("in-doubt").copied().unwrap_or(0);
        assert!((1..=2).contains(&doubts), "{at:?}: {found:?}");
        assert_eq!(found["sent"], 12 - doubts, "{at:?}: {found:?}");
    }
}

#[test]
fn what_a_dead_one_had_claimed_and_not_begun_returns_to_the_queue_when_its_lease_is_over_and_is_no_doubt() {
    let gate = Gate::shut();
    let post = Post::open(Script::default().once(At::Greeting, Act::Wait(gate.clone())));
    let company = company(&post, 3).with_relay_settings(&one_connection(&post));
    let child = company.begin_poll_at(MORNING);
    wait_until("it is connecting", || post.connections() > 0);
    signal(&child, "TERM");
    gate.open();
    child.finish();
    assert_eq!(states(&company), BTreeMap::from([("queued".to_owned(), 3)]), "stopped before anything was begun (D9)");
    company.server().sql(
        "INSERT INTO daemon SELECT '0BBB', 'gone', version, timetable, '2026', '2026',
           to_char((clock_timestamp() + interval '3 s') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), 0, NULL FROM daemon;
         UPDATE contact SET daemon = '0BBB' WHERE lead = 'I-0'",
    );
    company.poll_at(MORNING);
    assert_eq!(taken(&post).get("ap@c-0.example"), None, "it is another's until that one's lease is over");
    wait_for_leases(&company);
    poll_until_quiet(&company);
    assert_all_sent_once(&post, &company, 3);
}
