//! What is accepted, for whom, and over which connection.

use dunningd::delivery::RefusedRecipient;

use super::*;
use crate::support::relay::{Act, say};

#[tokio::test]
async fn a_message_goes_out_with_the_envelope_that_was_logged() {
    for offers in [&["PIPELINING", "SIZE 1000000", "8BITMIME"][..], &[]] {
        let (outcome, back, relay) = send_one(Script::offering(offers), &message_to(&["a@x.test", "b@y.test"])).await;
        assert_eq!(outcome.reply().unwrap().to_string(), "250 2.0.0 Ok: queued as 4711");
        assert!(back.is_some());
        let [accepted] = relay.accepted().try_into().unwrap();
        assert_eq!((accepted.from.as_str(), accepted.to), ("ar@example.com", vec!["a@x.test".to_owned(), "b@y.test".to_owned()]));
        assert_eq!(relay.commands()[0], "EHLO example.com");
        assert_eq!(relay.heard("MAIL FROM:<ar@example.com> SIZE=35"), offers.len() == 3, "{:?}", relay.commands());
    }
}

#[tokio::test]
async fn the_others_get_it_when_one_is_refused() {
    for offers in [&["PIPELINING"][..], &[]] {
        let script = Script::offering(offers).for_command(At::Rcpt, "b@", say("550 5.1.1 no such user"));
        let (outcome, back, relay) = send_one(script, &message_to(&["a@x.test", "b@x.test"])).await;
        let Outcome::Accepted { refused, .. } = &outcome else { panic!("{outcome:?}") };
        let [RefusedRecipient { address, reply, suppress: true }] = &refused[..] else { panic!("{refused:?}") };
        assert_eq!((address.to_string().as_str(), reply.code), ("b@x.test", 550));
        assert_eq!(relay.accepted()[0].to, ["a@x.test"]);
        assert!(back.is_some());
    }
}

#[tokio::test]
async fn nobody_gets_it_when_one_is_to_be_tried_later_and_then_each_gets_it_once() {
    for offers in [&["PIPELINING"][..], &[]] {
        let script = Script::offering(offers).once(At::Rcpt, say("250 ok")).once(At::Rcpt, say("451 4.3.0 later"));
        let (outcome, back, relay) = send_one(script, &message_to(&["a@x.test", "b@x.test"])).await;
        assert_eq!(word(&outcome), "retry rcpt");
        assert!(!relay.heard("DATA"), "{:?}", relay.commands());
        let (outcome, _) = back.unwrap().send(&message_to(&["a@x.test", "b@x.test"])).await;
        assert_eq!(word(&outcome), "accepted");
        let [accepted] = relay.accepted().try_into().unwrap();
        assert_eq!(accepted.to, ["a@x.test", "b@x.test"]);
        assert!(relay.heard("RSET"));
    }
}

#[tokio::test]
async fn every_recipient_refused_is_no_acceptance_and_the_connection_goes_on() {
    for offers in [&["PIPELINING"][..], &[]] {
        for recipients in [&["a@x.test", "b@x.test"][..], &["a@x.test"]] {
            let script = Script::offering(offers).for_command(At::Rcpt, "@x.test", say("550 5.1.1 unknown"));
            let (outcome, back, relay) = send_one(script, &message_to(recipients)).await;
            let Outcome::RecipientRefused { refused } = &outcome else { panic!("{outcome:?}") };
            assert!(refused.len() == recipients.len() && refused.iter().all(|r| r.suppress));
            let (outcome, _) = back.unwrap().send(&message_to(&["c@z.test"])).await;
            assert_eq!(word(&outcome), "accepted");
            let [accepted] = relay.accepted().try_into().unwrap();
            assert_eq!(accepted.to, ["c@z.test"]);
            assert_eq!(relay.connections(), 1);
        }
    }
}

#[tokio::test]
async fn a_relay_that_wants_a_message_for_nobody_gets_none() {
    let script = Script::offering(&["PIPELINING"]).on(At::Rcpt, say("550 5.1.1 unknown")).on(At::Data, say("354 go ahead"));
    let (outcome, back, relay) = send_one(script, &message_to(&["a@x.test"])).await;
    assert_eq!(word(&outcome), "recipient");
    assert!(back.is_none() && relay.accepted().is_empty());
}

#[tokio::test]
async fn a_relay_without_smtputf8_refuses_only_those_who_need_it() {
    let both = message_to(&["jürgen@firma.example", "info@münchen.example"]);
    let (outcome, _, relay) = send_one(Script::offering(&["PIPELINING"]), &both).await;
    let Outcome::Accepted { refused, .. } = &outcome else { panic!("{outcome:?}") };
    assert!(refused.len() == 1 && !refused[0].suppress && refused[0].reply.to_string().contains("SMTPUTF8"));
    assert_eq!(relay.accepted()[0].to, ["info@xn--mnchen-3ya.example"]);
    let (outcome, back, relay) = send_one(Script::offering(&[]), &message_to(&["jürgen@firma.example"])).await;
    assert_eq!(word(&outcome), "recipient");
    assert!(!relay.heard("MAIL") && back.is_some());
    let (outcome, _, relay) = send_one(Script::offering(&["SMTPUTF8", "8BITMIME"]), &both).await;
    assert_eq!(word(&outcome), "accepted");
    assert_eq!(relay.accepted()[0].to, ["jürgen@firma.example", "info@xn--mnchen-3ya.example"]);
    assert!(relay.heard("MAIL FROM:<ar@example.com> SMTPUTF8"));
}

#[tokio::test]
async fn a_message_that_is_too_big_is_refused_before_it_is_named() {
    let (outcome, back, relay) = send_one(Script::offering(&["SIZE 20"]), &message_to(&["a@x.test"])).await;
    assert_eq!(word(&outcome), "message mail");
    assert!(outcome.describe().contains("35 octets and the relay takes 20"), "{}", outcome.describe());
    assert!(!relay.heard("MAIL") && back.is_some());
    let (outcome, ..) = send_one(Script::offering(&["SIZE 0"]), &message_to(&["a@x.test"])).await;
    assert_eq!(word(&outcome), "accepted");
}

#[tokio::test]
async fn a_message_that_is_larger_than_the_configuration_allows_is_refused_before_it_is_named() {
    for (most, expected) in [(34, "message mail"), (35, "accepted")] {
        let limited = |settings| Settings { max_message_size: Some(most), ..settings };
        let script = Script::offering(&["SIZE 1000000"]);
        let (outcome, back, relay) = send_with(script, &message_to(&["a@x.test"]), limited).await;
        assert_eq!(word(&outcome), expected);
        assert!(back.is_some() && relay.heard("MAIL") == (most == 35), "{}", outcome.describe());
    }
}

#[tokio::test]
async fn a_hostile_body_stays_inside_of_the_message() {
    let hostile = b"Subject: x\r\n\r\n.\r\n..\r\n.a\nMAIL FROM:<v@y.test>\r.\rRCPT TO:<v@y.test>\n.\n\0.\r\nend";
    let (outcome, _, relay) = send_one(Script::offering(&["PIPELINING"]), &message_of(&["a@x.test"], hostile)).await;
    assert_eq!(word(&outcome), "accepted");
    let [text] = texts(&relay.accepted()).try_into().unwrap();
    assert_eq!(text, "Subject: x\r\n\r\n.\r\n..\r\n.a\r\nMAIL FROM:<v@y.test>\r\n.\r\nRCPT TO:<v@y.test>\r\n.\r\n.\r\nend\r\n");
    assert!(!relay.heard("MAIL FROM:<v@y.test>"));
    let long = message_of(&["a@x.test"], &[&b"Subject: x\r\n\r\n"[..], &[b'x'; 5000]].concat());
    let (outcome, _, relay) = send_one(Script::offering(&[]), &long).await;
    assert_eq!(word(&outcome), "message mail");
    assert!(!relay.heard("MAIL"), "{}", outcome.describe());
}

#[tokio::test]
async fn a_big_message_arrives_as_it_was_given() {
    let bytes = b"Subject: x\r\n\r\n".iter().copied().chain(b".0123456789abcdef\r\n".repeat(200_000)).collect::<Vec<_>>();
    let (outcome, _, relay) = send_one(Script::offering(&["PIPELINING"]), &message_of(&["a@x.test"], &bytes)).await;
    assert_eq!(word(&outcome), "accepted");
    assert!(relay.accepted()[0].message == bytes);
}

#[tokio::test]
async fn a_connection_carries_many_messages_and_is_closed_when_it_has_carried_enough() {
    let scripted = ScriptedRelay::start(Script::offering(&["PIPELINING"])).await;
    let mut settings = settings(scripted.port);
    settings.max_per_connection = 3;
    let relay = Relay::new(settings, None, "example.com").unwrap();
    let mut connection = Some(relay.connect().await.unwrap());
    for _ in 0..7 {
        let open = match connection.take() {
            Some(open) => open,
            None => relay.connect().await.unwrap(),
        };
        let (outcome, back) = open.send(&message_to(&["a@x.test"])).await;
        assert_eq!(word(&outcome), "accepted");
        connection = back;
    }
    assert_eq!((scripted.accepted().len(), scripted.connections()), (7, 3));
}

#[tokio::test]
async fn an_idle_connection_that_the_relay_has_closed_costs_nobody_anything() {
    let script = Script { close_after: Some(1), ..Script::offering(&["PIPELINING"]) };
    let (outcome, back, relay) = send_one(script, &message_to(&["a@x.test"])).await;
    assert_eq!(word(&outcome), "accepted");
    let mut connection = back;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (outcome, back) = connection.unwrap().send(&message_to(&["b@x.test"])).await;
        assert_eq!(word(&outcome), "accepted");
        connection = back;
    }
    assert_eq!(relay.accepted().len(), 4);
}

#[tokio::test]
async fn no_more_connections_are_open_than_the_relay_is_said_to_bear() {
    let scripted = ScriptedRelay::start(Script::offering(&["PIPELINING"])).await;
    let mut settings = settings(scripted.port);
    settings.max_connections = 2;
    let relay = Relay::new(settings, None, "example.com").unwrap();
    let sends = (0..8).map(|_| {
        let relay = relay.clone();
        tokio::spawn(async move {
            let (outcome, back) = relay.connect().await.unwrap().send(&message_to(&["a@x.test"])).await;
            back.unwrap().quit().await;
            word(&outcome)
        })
    });
    for send in sends.collect::<Vec<_>>() {
        assert_eq!(send.await.unwrap(), "accepted");
    }
    assert_eq!((scripted.accepted().len(), scripted.most_open() <= 3), (8, true));
}

#[tokio::test]
async fn a_send_that_is_dropped_tells_how_far_it_came() {
    for (at, reached, may_be) in [(At::Rcpt, Phase::Mail, false), (At::Dot, Phase::Dot, true)] {
        let scripted = ScriptedRelay::start(Script::offering(&[]).on(at, Act::Silence)).await;
        let connection = relay_to(&scripted).connect().await.unwrap();
        let progress = connection.progress();
        let message = message_to(&["a@x.test"]);
        let is_there = async {
            while !(scripted.heard("RCPT") && scripted.accepted().is_empty() != may_be) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            _ = connection.send(&message) => panic!("the relay has said nothing"),
            () = is_there => {}
        }
        assert!(progress.phase() >= reached, "{:?}", progress.phase());
        assert_eq!(progress.may_be_accepted(), may_be);
    }
}

#[tokio::test]
async fn a_try_has_an_end_even_if_each_timer_is_kept() {
    let scripted = ScriptedRelay::start(Script::offering(&[]).on(At::Rcpt, Act::Silence)).await;
    let mut settings = settings(scripted.port);
    settings.timeouts.rcpt = Duration::from_secs(3600);
    settings.timeouts.attempt = Duration::from_millis(300);
    let relay = Relay::new(settings, None, "example.com").unwrap();
    let (outcome, back) = relay.connect().await.unwrap().send(&message_to(&["a@x.test"])).await;
    assert_eq!(word(&outcome), "retry rcpt");
    assert!(back.is_none());
}

#[tokio::test]
async fn one_silent_connection_holds_up_no_other() {
    let script = Script::offering(&["PIPELINING"]).once(At::Dot, Act::Silence);
    let scripted = ScriptedRelay::start(script).await;
    let mut settings = settings(scripted.port);
    settings.timeouts.dot = Duration::from_secs(3);
    let relay = Relay::new(settings, None, "example.com").unwrap();
    let (first, second) = (relay.connect().await.unwrap(), relay.connect().await.unwrap());
    let message = message_to(&["a@x.test"]);
    let ((one, _), (two, _)) = tokio::join!(first.send(&message), second.send(&message));
    let mut words = [word(&one), word(&two)];
    words.sort();
    assert_eq!(words, ["accepted", "doubt"]);
}

#[tokio::test]
async fn a_connection_that_falls_silent_in_any_phase_is_given_up_and_the_three_others_go_on() {
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Dot] {
        let scripted = ScriptedRelay::start(Script::offering(&[]).once(at, Act::Silence)).await;
        let relay = Relay::new(hurry(settings(scripted.port), at), None, "example.com").unwrap();
        let sends = (0..4).map(|_| {
            let relay = relay.clone();
            tokio::spawn(async move {
                let mut said = Vec::new();
                let mut kept = None;
                for _ in 0..3 {
                    let connection = match kept.take() {
                        Some(connection) => Ok(connection),
                        None => relay.connect().await,
                    };
                    let (outcome, back) = match connection {
                        Ok(connection) => connection.send(&message_to(&["a@x.test"])).await,
                        Err(outcome) => (outcome, None),
                    };
                    said.push(word(&outcome));
                    kept = back;
                }
                said
            })
        });
        let mut said = Vec::new();
        for send in sends.collect::<Vec<_>>() {
            said.extend(send.await.unwrap());
        }
        let others = said.iter().filter(|word| *word == "accepted").count();
        let given_up = if at == At::Dot { "doubt".to_owned() } else { format!("retry {}", format!("{at:?}").to_lowercase()) };
        assert_eq!((others, said.contains(&given_up)), (11, true), "{at:?}: {said:?}");
    }
}

#[tokio::test]
async fn messages_may_be_written_to_files_instead() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("transport = \"file\"\ndirectory = {:?}", dir.path().join("out"));
    let relay = Relay::new(toml::from_str(&text).unwrap(), None, "example.com").unwrap();
    assert!(relay.is_loopback_or_file());
    assert!(relay.probe().await.unwrap().sentences[0].contains("nothing leaves this machine"));
    let mut connection = relay.connect().await.unwrap();
    for _ in 0..2 {
        let (outcome, back) = connection.send(&message_to(&["a@x.test"])).await;
        assert!(outcome.reply().unwrap().to_string().starts_with("250 2.0.0 written to"), "{outcome:?}");
        connection = back.unwrap();
    }
    let files: Vec<_> = std::fs::read_dir(dir.path().join("out")).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files, ["01J.1@example.com.eml"]);
}
