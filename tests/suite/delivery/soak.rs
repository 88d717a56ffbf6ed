//! Many messages over several connections, with a fault of each kind on the way; at the end, what the relay accepted is
//! compared with what the outcomes said.

use std::collections::BTreeMap;

use super::*;
use crate::support::relay::{Act, say};

fn troubled() -> Script {
    let mut script = Script { close_after: Some(7), ..Script::offering(&["PIPELINING"]) };
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Dot] {
        for act in [say("451 4.3.0 later"), say("421 4.3.2 closing"), say("what?"), Act::Close, Act::Reset] {
            script = script.once(at, act);
        }
    }
    script.once(At::Dot, Act::SayAndClose(b"250-first line".to_vec())).once(At::Body, Act::Reset)
}

/// Sends until there is an outcome that is no retry.
async fn deliver(relay: Relay, numbers: Vec<usize>) -> Vec<(usize, String)> {
    let (mut connection, mut said) = (None, Vec::new());
    for number in numbers {
        let message = message_of(&["a@x.test"], format!("Subject: {number}\r\n\r\n.\r\n").as_bytes());
        loop {
            let open = match connection.take() {
                Some(open) => open,
                None => match relay.connect().await {
                    Ok(open) => open,
                    Err(_) => continue,
                },
            };
            let (outcome, back) = open.send(&message).await;
            connection = back;
            if !matches!(outcome, Outcome::Retry { .. }) {
                said.push((number, word(&outcome)));
                break;
            }
        }
    }
    said
}

#[tokio::test]
async fn whatever_goes_wrong_no_message_is_accepted_twice_and_none_is_lost() {
    let scripted = ScriptedRelay::start(troubled()).await;
    let relay = relay_to(&scripted);
    let workers = (0..4).map(|w| tokio::spawn(deliver(relay.clone(), (w * 25..w * 25 + 25).collect())));
    let mut said = BTreeMap::new();
    for worker in workers.collect::<Vec<_>>() {
        said.extend(worker.await.unwrap());
    }
    let mut taken = BTreeMap::<usize, usize>::new();
    for text in texts(&scripted.accepted()) {
        let number = text.lines().next().unwrap().trim_start_matches("Subject: ").parse().unwrap();
        *taken.entry(number).or_default() += 1;
    }
    assert_eq!(said.len(), 100);
    for (number, outcome) in said {
        let times = taken.get(&number).copied().unwrap_or(0);
        let right = match outcome.as_str() {
            "accepted" => times == 1,
            "doubt" => times <= 1,
            _ => false,
        };
        assert!(right, "message {number} is said to be {outcome} and was accepted {times} times");
    }
}
