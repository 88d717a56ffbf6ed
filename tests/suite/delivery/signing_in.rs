//! AUTH, and the secret that it takes.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::support::relay::{Act, say};

/// Sends one message with user `ar` and password `hunter2`.
async fn send(script: Script, mechanism: Option<&str>) -> (Outcome, ScriptedRelay, Relay) {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(script).await;
    let relay = relay_with(&scripted, mechanism, dir.path());
    let outcome = match relay.connect().await {
        Ok(connection) => connection.send(&message_to(&["a@x.test"])).await.0,
        Err(outcome) => outcome,
    };
    (outcome, scripted, relay)
}

fn relay_with(scripted: &ScriptedRelay, mechanism: Option<&str>, dir: &std::path::Path) -> Relay {
    let file = dir.join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut settings = match scripted.falls_silent_at() {
        Some(at) => hurry(settings(scripted.port), at),
        None => settings(scripted.port),
    };
    settings.username = Some("ar".to_owned());
    settings.password_file = Some(file);
    settings.auth = mechanism.and_then(|m| toml::from_str::<Settings>(&format!("auth = {m:?}")).unwrap().auth);
    Relay::new(settings, None, "example.com").unwrap()
}

#[tokio::test]
async fn each_mechanism_says_what_it_should() {
    // printf '\0ar\0hunter2' | base64; 'ar'; 'hunter2'; 'user=ar\x01auth=Bearer hunter2\x01\x01'
    for (offer, mechanism, said) in [
        ("AUTH LOGIN PLAIN", None, &["AUTH PLAIN AGFyAGh1bnRlcjI="][..]),
        ("AUTH LOGIN", None, &["AUTH LOGIN", "YXI=", "aHVudGVyMg=="]),
        ("AUTH LOGIN PLAIN", Some("login"), &["AUTH LOGIN", "YXI=", "aHVudGVyMg=="]),
        ("AUTH XOAUTH2 PLAIN", Some("xoauth2"), &["AUTH XOAUTH2 dXNlcj1hcgFhdXRoPUJlYXJlciBodW50ZXIyAQE="]),
    ] {
        let (outcome, relay, _) = send(Script::offering(&[offer]), mechanism).await;
        assert_eq!(word(&outcome), "accepted", "{offer}: {}", outcome.describe());
        assert_eq!(relay.commands()[1..=said.len()], *said, "{offer}");
    }
}

#[tokio::test]
async fn a_mechanism_that_is_not_offered_is_not_tried() {
    for (offers, mechanism) in [(&["AUTH CRAM-MD5"][..], None), (&[], None), (&["AUTH PLAIN"], Some("xoauth2"))] {
        let (outcome, relay, _) = send(Script::offering(offers), mechanism).await;
        assert_eq!(word(&outcome), "relay auth", "{offers:?}");
        assert!(!relay.heard("AUTH") && !relay.heard("MAIL"));
    }
}

#[tokio::test]
async fn the_cells_of_auth() {
    for (cell, act, expected) in [
        ("AUTH, 454", say("454 4.7.0 later"), "slow-down auth"),
        ("AUTH, 432", say("432 4.3.2 too many connections"), "slow-down auth"),
        ("AUTH, 4xx", say("451 later"), "retry auth"),
        ("AUTH, 535", say("535 5.7.8 wrong"), "relay auth"),
        ("AUTH, 534", say("534 5.7.9 too weak"), "relay auth"),
        ("AUTH, 550 5.7.30", say("550 5.7.30 basic authentication is not supported"), "relay auth"),
        ("AUTH, timeout", Act::Silence, "retry auth"),
        ("AUTH, EOF", Act::Close, "retry auth"),
        ("AUTH, reset", Act::Reset, "retry auth"),
        ("AUTH, garbage", say("what?"), "relay auth"),
        ("AUTH, unexpected code", say("354 go"), "relay auth"),
    ] {
        for (offer, mechanism) in [("AUTH PLAIN", None), ("AUTH LOGIN", None), ("AUTH XOAUTH2", Some("xoauth2"))] {
            let (outcome, relay, _) = send(Script::offering(&[offer]).on(At::Auth, act.clone()), mechanism).await;
            assert_eq!(word(&outcome), expected, "{cell}, {offer}: {}", outcome.describe());
            assert!(!relay.heard("MAIL") && outcome.is_about_relay(), "{cell}");
            assert!(!format!("{outcome:?} {}", outcome.describe()).contains("hunter2"), "{cell}");
        }
    }
    let challenge = Script::offering(&["AUTH XOAUTH2"]).on(At::Auth, say("334 eyJzdGF0dXMiOiI0MDEifQ=="));
    let (outcome, relay, _) = send(challenge, Some("xoauth2")).await;
    assert_eq!((word(&outcome), outcome.reply().unwrap().code), ("relay auth".to_owned(), 535));
    assert_eq!(relay.commands().last().unwrap(), "");
}

#[tokio::test]
async fn a_refused_sign_in_is_tried_three_times_an_hour_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(Script::offering(&["AUTH PLAIN"]).on(At::Auth, say("535 5.7.8 wrong"))).await;
    let relay = relay_with(&scripted, None, dir.path());
    for _ in 0..6 {
        assert_eq!(word(&relay.connect().await.unwrap_err()), "relay auth");
    }
    assert_eq!(scripted.commands().iter().filter(|c| c.starts_with("AUTH")).count(), 3);
}

#[tokio::test]
async fn a_renewed_password_is_taken_up_by_the_next_connection() {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(Script::offering(&["AUTH PLAIN"])).await;
    let relay = relay_with(&scripted, None, dir.path());
    relay.connect().await.unwrap().quit().await;
    std::fs::write(dir.path().join("password"), "swordfish").unwrap();
    relay.connect().await.unwrap().quit().await;
    let auths: Vec<_> = scripted.commands().into_iter().filter(|c| c.starts_with("AUTH")).collect();
    assert!(auths.len() == 2 && auths[0] != auths[1], "{auths:?}");
}

#[tokio::test]
async fn a_sign_in_without_a_password_is_an_error_before_anything_is_connected() {
    let mut settings = settings(1);
    settings.username = Some("ar".to_owned());
    let error = Relay::new(settings, None, "example.com").unwrap_err().to_string();
    assert!(error.contains("password_file"), "{error}");
}

#[tokio::test]
async fn a_systemd_credential_is_the_password() {
    let credentials = tempfile::tempdir().unwrap();
    std::fs::write(credentials.path().join("relay-password"), "hunter2").unwrap();
    let scripted = ScriptedRelay::start(Script::offering(&["AUTH PLAIN"])).await;
    let mut settings = settings(scripted.port);
    settings.username = Some("ar".to_owned());
    settings.helo_name = Some("books.example.com".to_owned());
    let relay = Relay::new(settings, Some(credentials.path().to_owned()), "example.com").unwrap();
    relay.connect().await.unwrap().quit().await;
    assert_eq!(scripted.commands()[..2], ["EHLO books.example.com", "AUTH PLAIN AGFyAGh1bnRlcjI="]);
}

/// A program that counts its runs in a file and prints `token-N`.
fn token_program(dir: &std::path::Path, then: &str) -> Vec<String> {
    let script = dir.join("oauth-token");
    let text = format!("#!/bin/sh\necho \"$@\" >> {0}/runs\n{then}\necho token-$(wc -l < {0}/runs)\n", dir.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    [script.to_str().unwrap(), "--for", "ar@example.com; $(id)"].map(str::to_owned).to_vec()
}

fn with_token(scripted: &ScriptedRelay, command: Vec<String>) -> Relay {
    let mut settings = settings(scripted.port);
    settings.username = Some("ar".to_owned());
    settings.token_command = Some(command);
    Relay::new(settings, None, "example.com").unwrap()
}

#[tokio::test]
async fn a_token_of_a_program_signs_in_by_xoauth2_and_is_asked_for_once() {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(Script::offering(&["AUTH PLAIN XOAUTH2"])).await;
    let relay = with_token(&scripted, token_program(dir.path(), ""));
    for _ in 0..3 {
        relay.connect().await.unwrap().quit().await;
    }
    let auths: Vec<_> = scripted.commands().into_iter().filter(|c| c.starts_with("AUTH")).collect();
    // printf 'user=ar\x01auth=Bearer token-1\x01\x01' | base64
    assert_eq!(auths, ["AUTH XOAUTH2 dXNlcj1hcgFhdXRoPUJlYXJlciB0b2tlbi0xAQE="; 3]);
    // The words reach the program as they are: there is no shell.
    assert_eq!(std::fs::read_to_string(dir.path().join("runs")).unwrap(), "--for ar@example.com; $(id)\n");
}

#[tokio::test]
async fn a_token_that_the_relay_refuses_is_not_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(Script::offering(&["AUTH XOAUTH2"]).once(At::Auth, say("535 5.7.3 expired"))).await;
    let relay = with_token(&scripted, token_program(dir.path(), ""));
    let refused = relay.connect().await.unwrap_err();
    assert_eq!(word(&refused), "relay auth");
    assert!(!format!("{refused:?} {}", refused.describe()).contains("token-1"));
    relay.connect().await.unwrap().quit().await;
    assert_eq!(std::fs::read_to_string(dir.path().join("runs")).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn a_program_without_a_token_pauses_delivery_and_is_no_refused_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(Script::offering(&["AUTH XOAUTH2"])).await;
    let fails = "if [ ! -e $(dirname $0)/well ]; then echo token-secret; echo 'no network' >&2; exit 1; fi";
    let relay = with_token(&scripted, token_program(dir.path(), fails));
    for _ in 0..5 {
        let refused = relay.connect().await.unwrap_err();
        assert_eq!(word(&refused), "relay auth");
        let says = refused.describe();
        assert!(says.contains("oauth-token failed (exit status: 1) and said: no network") && !says.contains("secret"), "{says}");
    }
    assert!(!scripted.heard("AUTH"));
    std::fs::write(dir.path().join("well"), "").unwrap();
    relay.connect().await.unwrap().quit().await;
}
