//! A relay that asks for less: later, and over fewer connections (D3, D6).

use super::*;

const LATER: &str = "2026-03-04T11:00:00-05:00";

#[test]
fn a_421_in_any_phase_is_tried_later_and_nobody_has_failed() {
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Dot] {
        let closes = || Act::SayAndClose(b"421 4.3.2 closing\r\n".to_vec());
        let post = Post::open(Script::offering(&["PIPELINING"]).once(at, closes()).once(at, say("421 4.3.2 closing")));
        let company = owed_by(&post, &["C-1", "C-2"]);
        company.poll_at(MORNING);
        let log = company.log();
        assert!(log.iter().all(|c| ["sent", "retrying", "queued"].contains(&text(c, "state"))), "{at:?}: {:?}", states(&log));
        company.poll_at(LATER);
        assert!(company.log().iter().all(|c| c["state"] == "sent"), "{at:?}: {:?}", states(&company.log()));
        assert_eq!(post.accepted().len(), 2, "{at:?}");
        assert_the_log_says_what_the_relay_knows(&company, &post);
    }
}

#[test]
fn a_greylisted_message_is_accepted_once_and_its_tries_have_the_same_sender_and_recipient() {
    // A relay that greylists for 300 seconds: what comes sooner is refused again.
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.7.1 greylisted, come back in 300 seconds")));
    let company = owed_by(&post, &["C-1"]);
    let tries = || post.commands().iter().filter(|c| c.starts_with("RCPT")).count();
    for minute in 0..=10 {
        company.poll_at(&format!("2026-03-04T09:{minute:02}:00-05:00"));
        assert!(tries() == 1 || minute >= 5, "tried again after {minute} minutes");
    }
    assert_eq!((tries(), post.only().to), (2, vec!["ap@c-1.example".to_owned()]));
    let mut triplets: Vec<String> =
        post.commands().into_iter().filter(|c| c.starts_with("MAIL") || c.starts_with("RCPT")).collect();
    triplets.sort();
    triplets.dedup();
    assert_eq!(triplets.len(), 2, "{triplets:?}");
}

#[test]
fn a_relay_that_refuses_the_third_connection_is_sent_everything_over_two() {
    for reply in ["421 4.4.5 Too many connections from your host", "432 4.3.2 Concurrent connections limit exceeded"] {
        let thinks = std::time::Duration::from_millis(2);
        let post = Post::open(Script { bears: Some((2, At::Greeting, reply)), thinks, ..Script::default() });
        let customers: Vec<String> = (1..=24).map(|n| format!("C-{n:02}")).collect();
        let customers: Vec<&str> = customers.iter().map(String::as_str).collect();
        let settings = format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 5\n", post.port);
        let company = owed_by(&post, &customers).with_relay_settings(&settings);
        let polled = company.poll_at(MORNING);
        assert_eq!(polled.code, Some(0), "{polled:#?}");
        assert!(company.log().iter().all(|c| c["state"] == "sent" && c["attempts"] == 1), "{:?}", states(&company.log()));
        assert_eq!((post.accepted().len(), post.most_open()), (24, 2), "{reply}");
        assert!(post.turned_away() <= 3, "{reply}: {} connections were too many", post.turned_away());
        assert_the_log_says_what_the_relay_knows(&company, &post);
    }
}

#[test]
fn a_relay_that_is_not_found_or_not_reached_keeps_the_queue() {
    let settings = "host = \"relay.localhost\"\nport = 9\ntls = \"none\"\n[relay.timeouts]\nconnect = \"5s\"\n";
    let mut company = a_company().with_relay_settings(settings);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(1));
    assert!(["queued", "retrying"].contains(&text(&company.contact(), "state")), "{}", company.contact());
    assert_eq!(company.contact()["attempts"], 0);
    let post = Post::kind();
    let company = company.with_relay(post.port);
    assert_eq!(company.poll_at(LATER).states(), ["C-1: sent"]);
}

#[test]
fn what_the_relay_does_after_its_250_leaves_the_message_sent() {
    for act in [Act::Silence, Act::Reset, Act::Close, say("500 what?")] {
        let post = Post::open(Script::default().on(At::Quit, act));
        let company = owed_by(&post, &["C-1"]);
        assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
        assert_the_log_says_what_the_relay_knows(&company, &post);
    }
}

#[test]
fn a_relay_that_talks_without_end_costs_little_memory_and_only_one_try() {
    use std::time::Duration;
    for (at, bytes) in [
        (At::Mail, vec![b'2'; 64 * 1024]),
        (At::Mail, b"250-x\r\n".repeat(8 * 1024)),
        (At::Greeting, b"220-x\r\n".repeat(8 * 1024)),
    ] {
        let post = Post::open(Script::default().once(at, Act::Flood(bytes, Duration::ZERO)));
        let company = owed_by(&post, &["C-1"]);
        let mut poll = company.begin_poll_at(MORNING);
        let mut most = 0;
        while poll.try_wait().unwrap().is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", poll.id())).unwrap_or_default();
            let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<u64>().ok());
            most = most.max(peak.unwrap_or_default());
            std::thread::sleep(Duration::from_millis(2));
        }
        poll.finish();
        assert!(most > 0 && most < 64 * 1024, "{most} KiB");
        assert_eq!(text(&company.contact(), "state"), "retrying");
        assert_eq!(company.poll_at(LATER).states(), ["C-1: sent"]);
    }
}
