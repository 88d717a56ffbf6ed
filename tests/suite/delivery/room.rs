//! A relay that bears fewer connections than are allowed to it (D6).

use super::*;

/// Sends one message after another, as a worker of the daemon does: it keeps its connection while it can.
async fn work(relay: Relay, messages: usize) -> Vec<String> {
    let (mut kept, mut said) = (None, Vec::new());
    for _ in 0..messages {
        let connection: Connection = match kept.take() {
            Some(connection) => connection,
            None => match relay.connect().await {
                Ok(connection) => connection,
                Err(outcome) => {
                    said.push(word(&outcome));
                    continue;
                }
            },
        };
        let (outcome, back) = connection.send(&message_to(&["a@x.test"])).await;
        said.push(word(&outcome));
        kept = back;
    }
    // An idle connection is kept, as one is whose worker waits for a message.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(600)).await;
        drop(kept);
    });
    said
}

#[tokio::test]
async fn a_relay_that_refuses_the_third_connection_gets_two_and_every_message_once() {
    for (at, reply, offers) in [
        (At::Greeting, "421 4.4.5 Too many connections from your host", &["PIPELINING"][..]),
        (At::Ehlo, "421 4.7.0 Too many concurrent sessions", &["PIPELINING"]),
        (At::Auth, "432 4.3.2 Concurrent connections limit exceeded", &["AUTH PLAIN"]),
    ] {
        let script = Script { bears: Some((2, at, reply)), thinks: Duration::from_millis(2), ..Script::offering(offers) };
        let scripted = ScriptedRelay::start(script).await;
        let credentials = tempfile::tempdir().unwrap();
        std::fs::write(credentials.path().join("relay-password"), "hunter2").unwrap();
        let mut settings = settings(scripted.port);
        settings.max_connections = 6;
        settings.username = (at == At::Auth).then(|| "ar".to_owned());
        let relay = Relay::new(settings, Some(credentials.path().to_owned()), "example.com").unwrap();
        let workers: Vec<_> = (0..6).map(|_| tokio::spawn(work(relay.clone(), 10))).collect();
        for worker in workers {
            assert_eq!(worker.await.unwrap(), vec!["accepted"; 10], "{reply}");
        }
        assert_eq!((scripted.accepted().len(), scripted.most_open()), (60, 2), "{reply}");
        assert!(scripted.turned_away() <= 4, "{reply}: {} were turned away", scripted.turned_away());
    }
}

#[tokio::test]
async fn a_relay_that_refuses_the_only_connection_is_tried_later() {
    let scripted = ScriptedRelay::start(Script { bears: Some((0, At::Greeting, "421 4.3.2 busy")), ..Script::default() }).await;
    let relay = relay_to(&scripted);
    for _ in 0..3 {
        assert_eq!(word(&relay.connect().await.unwrap_err()), "slow-down greeting");
    }
    assert_eq!(scripted.turned_away(), 3);
}

#[tokio::test]
async fn an_idle_connection_is_used_by_another_and_its_owner_takes_the_next() {
    let scripted = ScriptedRelay::start(Script::offering(&["PIPELINING"])).await;
    let mut settings = settings(scripted.port);
    settings.max_connections = 1;
    let relay = Relay::new(settings, None, "example.com").unwrap();
    let message = message_to(&["a@x.test"]);
    let first = relay.connect().await.unwrap();
    let (outcome, first) = first.send(&message).await;
    assert_eq!(word(&outcome), "accepted");
    let (outcome, second) = relay.connect().await.unwrap().send(&message).await;
    assert_eq!(word(&outcome), "accepted");
    let (outcome, _) = first.unwrap().send(&message).await;
    assert_eq!(word(&outcome), "accepted");
    drop(second);
    assert_eq!((scripted.accepted().len(), scripted.connections()), (3, 1));
}
