//! One test for each cell of the table of phase × fault in `docs/delivery.md`. A cell is played with and without
//! PIPELINING where that makes a difference.

use super::*;
use crate::support::relay::{Act, say};

/// (cell, where, what, the outcome).
type Cell = (&'static str, At, Act, &'static str);

fn garbage() -> Act {
    say("HTTP/1.1 400 Bad Request")
}

fn half() -> Act {
    Act::SayAndClose(b"25".to_vec())
}

fn drip() -> Act {
    Act::Flood(b"2".to_vec(), Duration::from_millis(50))
}

fn endless_line() -> Act {
    Act::Flood(vec![b'2'; 16 * 1024], Duration::ZERO)
}

async fn play(cells: Vec<Cell>) {
    for (cell, at, act, expected) in cells {
        for offers in [&["PIPELINING"][..], &[]] {
            let waits = matches!(act, Act::Silence | Act::Flood(..));
            let script = Script::offering(offers).on(at, act.clone());
            let change = |settings| if waits { hurry(settings, at) } else { settings };
            let (outcome, connection, relay) = send_with(script, &message_to(&["a@x.test"]), change).await;
            let case = format!("{cell}, offering {offers:?}: {}", outcome.describe());
            assert_eq!(word(&outcome), expected, "{case}");
            let surely_not = !matches!(outcome, Outcome::Accepted { .. } | Outcome::InDoubt { .. });
            assert!(!surely_not || relay.accepted().is_empty(), "{case}: but the relay has accepted it");
            assert!(relay.accepted().len() <= 1, "{case}: accepted twice");
            if at == At::Data {
                // Time for the relay to read what should not be there.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(at > At::Data || expected == "accepted" || relay.bodies() == 0, "{case}: a message was begun");
            let goes_on = matches!(act, Act::Say(_)) && at >= At::Mail && outcome.reply().is_some_and(|r| r.code != 421);
            assert!(connection.is_some() == goes_on || expected == "accepted", "{case}: {goes_on}");
        }
    }
}

#[tokio::test]
async fn connecting() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let relay = Relay::new(settings(port), None, "example.com").unwrap();
    assert_eq!(word(&relay.connect().await.unwrap_err()), "retry connect");
    let mut nowhere = settings(25);
    nowhere.host = "relay.invalid".to_owned();
    nowhere.insecure = true;
    nowhere.timeouts.connect = Duration::from_secs(2);
    let relay = Relay::new(nowhere, None, "example.com").unwrap();
    assert_eq!(word(&relay.connect().await.unwrap_err()), "retry connect");
}

#[tokio::test]
async fn the_greeting() {
    play(vec![
        ("greeting, 421", At::Greeting, say("421 4.3.2 busy"), "slow-down greeting"),
        ("greeting, 4xx", At::Greeting, say("450 not now"), "retry greeting"),
        ("greeting, 5xx", At::Greeting, say("554 5.7.1 go away"), "relay greeting"),
        ("greeting, timeout", At::Greeting, Act::Silence, "retry greeting"),
        ("greeting, EOF", At::Greeting, Act::Close, "retry greeting"),
        ("greeting, reset", At::Greeting, Act::Reset, "retry greeting"),
        ("greeting, garbage", At::Greeting, garbage(), "retry greeting"),
        ("greeting, unexpected code", At::Greeting, say("354 go ahead"), "retry greeting"),
        ("greeting, half a line", At::Greeting, Act::SayAndClose(b"22".to_vec()), "retry greeting"),
        ("greeting, drip", At::Greeting, drip(), "retry greeting"),
        ("greeting, endless line", At::Greeting, endless_line(), "retry greeting"),
    ])
    .await;
}

#[tokio::test]
async fn ehlo() {
    play(vec![
        ("EHLO, 421", At::Ehlo, say("421 4.3.2 busy"), "slow-down ehlo"),
        ("EHLO, 4xx", At::Ehlo, say("451 not now"), "retry ehlo"),
        ("EHLO, 5xx without TLS and AUTH: HELO", At::Ehlo, say("502 what?"), "accepted"),
        ("EHLO, timeout", At::Ehlo, Act::Silence, "retry ehlo"),
        ("EHLO, EOF", At::Ehlo, Act::Close, "retry ehlo"),
        ("EHLO, reset", At::Ehlo, Act::Reset, "retry ehlo"),
        ("EHLO, garbage", At::Ehlo, garbage(), "retry ehlo"),
        ("EHLO, unexpected code", At::Ehlo, say("354 go ahead"), "retry ehlo"),
        ("EHLO, two replies", At::Ehlo, Act::Say(b"250 relay.test\r\n250 again\r\n".to_vec()), "retry mail"),
        ("EHLO, endless reply", At::Ehlo, Act::Flood(b"250-x\r\n".repeat(512), Duration::ZERO), "retry ehlo"),
    ])
    .await;
}

#[tokio::test]
async fn mail_from() {
    play(vec![
        ("MAIL, 421", At::Mail, say("421 4.4.5 too many"), "slow-down mail"),
        ("MAIL, 4.7.x", At::Mail, say("450 4.7.1 slower"), "slow-down mail"),
        ("MAIL, 4xx", At::Mail, say("452 4.3.1 disk full"), "retry mail"),
        ("MAIL, 5xx sender", At::Mail, say("553 5.7.1 not your address"), "relay mail"),
        ("MAIL, 5.7.60", At::Mail, say("550 5.7.60 cannot send as"), "relay mail"),
        ("MAIL, 5.3.4", At::Mail, say("552 5.3.4 too big"), "message mail"),
        ("MAIL, timeout", At::Mail, Act::Silence, "retry mail"),
        ("MAIL, EOF", At::Mail, Act::Close, "retry mail"),
        ("MAIL, reset", At::Mail, Act::Reset, "retry mail"),
        ("MAIL, garbage", At::Mail, garbage(), "retry mail"),
        ("MAIL, unexpected code", At::Mail, say("354 go ahead"), "retry mail"),
        ("MAIL, half a line", At::Mail, half(), "retry mail"),
        ("MAIL, drip", At::Mail, drip(), "retry mail"),
        ("MAIL, endless line", At::Mail, endless_line(), "retry mail"),
    ])
    .await;
}

#[tokio::test]
async fn rcpt_to() {
    play(vec![
        ("RCPT, 421", At::Rcpt, say("421 4.3.2 closing"), "slow-down rcpt"),
        ("RCPT, greylisting", At::Rcpt, say("451 4.7.1 greylisted"), "slow-down rcpt"),
        ("RCPT, 4xx", At::Rcpt, say("450 4.2.1 mailbox busy"), "retry rcpt"),
        ("RCPT, 5.1.1", At::Rcpt, say("550 5.1.1 no such user"), "recipient"),
        ("RCPT, 5.7.1", At::Rcpt, say("550 5.7.1 policy"), "recipient"),
        ("RCPT, quota", At::Rcpt, say("550 5.4.5 daily quota"), "relay rcpt"),
        ("RCPT, timeout", At::Rcpt, Act::Silence, "retry rcpt"),
        ("RCPT, EOF", At::Rcpt, Act::Close, "retry rcpt"),
        ("RCPT, reset", At::Rcpt, Act::Reset, "retry rcpt"),
        ("RCPT, garbage", At::Rcpt, garbage(), "retry rcpt"),
        ("RCPT, unexpected code", At::Rcpt, say("354 go ahead"), "retry rcpt"),
        ("RCPT, half a line", At::Rcpt, half(), "retry rcpt"),
    ])
    .await;
}

#[tokio::test]
async fn data() {
    play(vec![
        ("DATA, 421", At::Data, say("421 4.3.2 closing"), "slow-down data"),
        ("DATA, 4xx", At::Data, say("451 not now"), "retry data"),
        ("DATA, 5xx", At::Data, say("554 5.5.1 no valid recipients"), "message data"),
        ("DATA, 5xx relay", At::Data, say("554 5.2.0 quota"), "relay data"),
        ("DATA, timeout", At::Data, Act::Silence, "retry data"),
        ("DATA, EOF", At::Data, Act::Close, "retry data"),
        ("DATA, reset", At::Data, Act::Reset, "retry data"),
        ("DATA, garbage", At::Data, garbage(), "retry data"),
        ("DATA, 250", At::Data, say("250 fine"), "retry data"),
        ("DATA, 334", At::Data, say("334 what?"), "retry data"),
        ("DATA, half a line", At::Data, half(), "retry data"),
        ("DATA, 354 and a refusal", At::Data, Act::Say(b"354 go\r\n421 closing\r\n".to_vec()), "slow-down body"),
        ("DATA, two replies", At::Data, Act::Say(b"354 go\r\n250 accepted\r\n".to_vec()), "retry body"),
    ])
    .await;
}

#[tokio::test]
async fn the_body_before_the_dot() {
    let big = message_of(&["a@x.test"], &b"0123456789abcdef\r\n".repeat(4 << 20 >> 4));
    for (cell, act, expected) in [
        ("body, early 4xx", Act::SayAndClose(b"452 4.3.1 full\r\n".to_vec()), "retry body"),
        ("body, early 421", Act::SayAndClose(b"421 closing\r\n".to_vec()), "slow-down body"),
        ("body, early 5xx", Act::SayAndClose(b"554 5.7.1 virus\r\n".to_vec()), "message body"),
        ("body, early quota", Act::SayAndClose(b"554 5.2.0 quota\r\n".to_vec()), "relay body"),
        ("body, early 250", Act::SayAndClose(b"250 fine\r\n".to_vec()), "retry body"),
        ("body, early 250 and silence", Act::Flood(b"250 fine\r\n".to_vec(), Duration::from_secs(9)), "retry body"),
        ("body, garbage", Act::Flood(b"what?\r\n".to_vec(), Duration::from_secs(9)), "retry body"),
        ("body, EOF", Act::Close, "retry body"),
        ("body, reset", Act::Reset, "retry body"),
        ("body, not read on", Act::Flood(Vec::new(), Duration::from_secs(9)), "retry body"),
    ] {
        let script = Script::offering(&["PIPELINING"]).on(At::Body, act);
        let (outcome, connection, relay) = send_with(script, &big, |settings| hurry(settings, At::Body)).await;
        let case = format!("{cell}: {}", outcome.describe());
        assert_eq!(word(&outcome), expected, "{case}");
        assert!(relay.accepted().is_empty() && connection.is_none(), "{case}");
    }
}

#[tokio::test]
async fn after_the_dot() {
    let long = format!("250 {}\r\n", "x".repeat(50_000));
    play(vec![
        ("dot, 421", At::Dot, say("421 4.3.2 closing"), "slow-down dot"),
        ("dot, 4xx", At::Dot, say("451 4.3.0 not now"), "retry dot"),
        ("dot, 5xx content", At::Dot, say("554 5.7.1 spam"), "message dot"),
        ("dot, 5xx quota", At::Dot, say("554 5.2.0 quota"), "relay dot"),
        ("dot, 5.1.1 for one", At::Dot, say("550 5.1.1 unknown"), "recipient"),
        ("dot, timeout", At::Dot, Act::Silence, "doubt"),
        ("dot, EOF", At::Dot, Act::Close, "doubt"),
        ("dot, reset", At::Dot, Act::Reset, "doubt"),
        ("dot, garbage", At::Dot, garbage(), "doubt"),
        ("dot, 3xx", At::Dot, say("354 go ahead"), "doubt"),
        ("dot, 1xx", At::Dot, say("150 wait"), "doubt"),
        ("dot, half a line", At::Dot, Act::SayAndClose(b"250 O".to_vec()), "doubt"),
        ("dot, drip", At::Dot, drip(), "doubt"),
        ("dot, endless line", At::Dot, endless_line(), "doubt"),
        ("dot, two codes", At::Dot, Act::Say(b"250-a\r\n451 b\r\n".to_vec()), "doubt"),
        ("dot, bare 250", At::Dot, say("250"), "accepted"),
        ("dot, other 2xx", At::Dot, say("299 whatever"), "accepted"),
        ("dot, Latin-1", At::Dot, Act::Say(b"250 best\xe4tigt\r\n".to_vec()), "accepted"),
        ("dot, long 2xx", At::Dot, say(&long), "accepted"),
        ("dot, 250 and EOF", At::Dot, Act::SayAndClose(b"250 ok\r\n".to_vec()), "accepted"),
        ("dot, first line of 250, then EOF", At::Dot, Act::SayAndClose(b"250-ok\r\n".to_vec()), "accepted"),
    ])
    .await;
}

#[tokio::test]
async fn what_comes_after_acceptance_changes_nothing() {
    for (cell, script) in [
        ("QUIT never answered", Script::offering(&[]).on(At::Quit, Act::Silence)),
        ("QUIT, reset", Script::offering(&[]).on(At::Quit, Act::Reset)),
        ("QUIT, 5xx", Script::offering(&[]).on(At::Quit, say("500 no"))),
    ] {
        let scripted = ScriptedRelay::start(script).await;
        let mut settings = settings(scripted.port);
        settings.max_per_connection = 1;
        let relay = Relay::new(settings, None, "example.com").unwrap();
        let (outcome, back) = relay.connect().await.unwrap().send(&message_to(&["a@x.test"])).await;
        assert_eq!(word(&outcome), "accepted", "{cell}");
        assert!(back.is_none(), "{cell}");
    }
    let two = Script::offering(&[]).on(At::Dot, Act::Say(b"250 ok\r\n250 ok again\r\n".to_vec()));
    let (outcome, back, _) = send_one(two, &message_to(&["a@x.test"])).await;
    assert_eq!(word(&outcome), "accepted");
    assert!(back.is_none(), "a relay that says more than it was asked is out of step");
}
