//! TLS: verified, or nothing is said (D13).

use std::sync::Arc;

use super::*;
use crate::support::certificates::Certificate;
use crate::support::relay::{Act, say};

/// A relay with STARTTLS under this certificate.
fn starttls(certificate: &Certificate) -> Script {
    Script {
        tls: Some(Arc::clone(&certificate.server)),
        offers_after_tls: vec!["PIPELINING".to_owned(), "AUTH PLAIN".to_owned()],
        ..Script::offering(&["STARTTLS"])
    }
}

/// Settings that trust the certificate, with a sign-in.
fn trusting(port: u16, tls: &str, certificate: Option<&Certificate>, dir: &tempfile::TempDir) -> Settings {
    use std::os::unix::fs::PermissionsExt as _;
    let password = dir.path().join("password");
    std::fs::write(&password, "hunter2").unwrap();
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut settings = settings(port);
    settings.host = "localhost".to_owned();
    settings.tls = toml::from_str::<Settings>(&format!("tls = {tls:?}")).unwrap().tls;
    settings.username = Some("ar".to_owned());
    settings.password_file = Some(password);
    settings.ca_file = certificate.map(|certificate| {
        let ca = dir.path().join("ca.pem");
        certificate.write_to(&ca);
        ca
    });
    settings
}

async fn send(script: Script, tls: &str, trusted: Option<&Certificate>) -> (Outcome, ScriptedRelay) {
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(script).await;
    let settings = trusting(scripted.port, tls, trusted, &dir);
    let settings = scripted.falls_silent_at().map_or(settings.clone(), |at| hurry(settings, at));
    let relay = Relay::new(settings, None, "example.com").unwrap();
    let outcome = match relay.connect().await {
        Ok(connection) => connection.send(&message_to(&["a@x.test"])).await.0,
        Err(outcome) => outcome,
    };
    (outcome, scripted)
}

#[track_caller]
fn assert_refused(outcome: &Outcome, relay: &ScriptedRelay, names: &str) {
    assert_eq!(word(outcome), "relay starttls", "{}", outcome.describe());
    assert!(outcome.describe().contains(names), "{}", outcome.describe());
    assert!(!relay.heard("AUTH") && !relay.heard("MAIL"), "{:?}", relay.commands());
}

#[tokio::test]
async fn mail_goes_over_starttls_to_a_relay_with_a_good_certificate() {
    let certificate = Certificate::of("localhost");
    let (outcome, relay) = send(starttls(&certificate), "required", Some(&certificate)).await;
    assert_eq!(word(&outcome), "accepted", "{}", outcome.describe());
    let verbs: Vec<_> = relay.commands().iter().map(|c| c.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]);
}

#[tokio::test]
async fn mail_goes_over_implicit_tls() {
    let certificate = Certificate::of("localhost");
    let script = Script { implicit: true, ..starttls(&certificate) };
    let (outcome, _) = send(script, "implicit", Some(&certificate)).await;
    assert_eq!(word(&outcome), "accepted", "{}", outcome.describe());
}

#[tokio::test]
async fn a_bad_certificate_is_named_and_nothing_is_said() {
    let good = Certificate::of("localhost");
    for (certificate, trusted, names) in [
        (Certificate::of("localhost"), None, "signed by nobody"),
        (Certificate::of("localhost"), Some(&good), "certificate of localhost is not good"),
    ] {
        for (tls, implicit) in [("required", false), ("implicit", true)] {
            let script = Script { implicit, ..starttls(&certificate) };
            let (outcome, relay) = send(script, tls, trusted).await;
            assert_refused(&outcome, &relay, names);
        }
    }
    let expired = Certificate::expired("localhost");
    let (outcome, relay) = send(starttls(&expired), "required", Some(&expired)).await;
    assert_refused(&outcome, &relay, "expired");
    let elsewhere = Certificate::of("relay.elsewhere.test");
    let (outcome, relay) = send(starttls(&elsewhere), "required", Some(&elsewhere)).await;
    assert_refused(&outcome, &relay, "for another name");
}

#[tokio::test]
async fn a_relay_without_starttls_is_refused_and_never_spoken_to_in_the_clear() {
    let certificate = Certificate::of("localhost");
    let script = Script { offers: vec!["AUTH PLAIN".to_owned()], ..starttls(&certificate) };
    let (outcome, relay) = send(script, "required", Some(&certificate)).await;
    assert_refused(&outcome, &relay, "does not offer STARTTLS");
}

#[tokio::test]
async fn a_relay_that_knows_only_old_tls_is_refused() {
    let certificate = Certificate::of("localhost");
    // TLS alert: fatal, protocol_version; and a ServerHello of TLS 1.0 (with 32 bytes of random, one cipher suite).
    let alert = vec![0x15, 3, 1, 0, 2, 2, 0x46];
    let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    for said in [alert, hello] {
        let script = starttls(&certificate).on(At::Handshake, Act::HearAndSay(said));
        let (outcome, relay) = send(script, "required", Some(&certificate)).await;
        assert_refused(&outcome, &relay, "no secure connection to localhost");
    }
}

#[tokio::test]
async fn bytes_injected_before_the_handshake_are_not_believed() {
    let certificate = Certificate::of("localhost");
    let injected = Act::Say(b"220 go ahead\r\n250-relay.test\r\n250 AUTH PLAIN\r\n".to_vec());
    let (outcome, relay) = send(starttls(&certificate).on(At::StartTls, injected), "required", Some(&certificate)).await;
    assert_refused(&outcome, &relay, "before the handshake");
    let later = starttls(&certificate).on(At::Handshake, Act::Flood(b"250 AUTH PLAIN\r\n".to_vec(), Duration::ZERO));
    let (outcome, relay) = send(later, "required", Some(&certificate)).await;
    // They come glued to the 220 or into the handshake; neither is believed.
    assert_refused(&outcome, &relay, "");
}

#[tokio::test]
async fn the_other_cells_of_starttls() {
    let certificate = Certificate::of("localhost");
    for (cell, at, act, expected) in [
        ("STARTTLS, 4xx", At::StartTls, say("454 4.3.3 not now"), "retry starttls"),
        ("STARTTLS, 421", At::StartTls, say("421 closing"), "slow-down starttls"),
        ("STARTTLS, 5xx", At::StartTls, say("501 no"), "relay starttls"),
        ("STARTTLS, timeout", At::StartTls, Act::Silence, "retry starttls"),
        ("STARTTLS, EOF", At::StartTls, Act::Close, "retry starttls"),
        ("STARTTLS, garbage", At::StartTls, say("what?"), "retry starttls"),
        ("STARTTLS, unexpected code", At::StartTls, say("354 go"), "retry starttls"),
        ("handshake, timeout", At::Handshake, Act::Silence, "retry starttls"),
        ("handshake, EOF", At::Handshake, Act::Close, "retry starttls"),
        ("handshake, reset", At::Handshake, Act::Reset, "retry starttls"),
        ("EHLO, 5xx where TLS is wanted", At::Ehlo, say("502 what?"), "relay ehlo"),
    ] {
        let (outcome, relay) = send(starttls(&certificate).on(at, act), "required", Some(&certificate)).await;
        assert_eq!(word(&outcome), expected, "{cell}: {}", outcome.describe());
        assert!(!relay.heard("AUTH") && !relay.heard("MAIL"), "{cell}: {:?}", relay.commands());
    }
}

#[tokio::test]
async fn the_phases_mean_the_same_over_tls() {
    let certificate = Certificate::of("localhost");
    for (cell, at, act, expected) in [
        ("dot, timeout", At::Dot, Act::Silence, "doubt"),
        ("dot, EOF", At::Dot, Act::Close, "doubt"),
        ("dot, reset", At::Dot, Act::Reset, "doubt"),
        ("dot, 451", At::Dot, say("451 no"), "retry dot"),
        ("RCPT, EOF", At::Rcpt, Act::Close, "retry rcpt"),
        ("DATA, two replies", At::Data, Act::Say(b"354 go\r\n250 accepted\r\n".to_vec()), "retry body"),
    ] {
        let (outcome, relay) = send(starttls(&certificate).on(at, act), "required", Some(&certificate)).await;
        assert_eq!(word(&outcome), expected, "{cell}: {}", outcome.describe());
        assert!(relay.accepted().is_empty() || expected == "doubt", "{cell}");
    }
}

#[tokio::test]
async fn a_probe_says_in_sentences_what_the_relay_offers() {
    let certificate = Certificate::of("localhost");
    let dir = tempfile::tempdir().unwrap();
    let scripted = ScriptedRelay::start(starttls(&certificate)).await;
    let relay = Relay::new(trusting(scripted.port, "required", Some(&certificate), &dir), None, "example.com").unwrap();
    let report = relay.probe().await.unwrap().sentences.join("\n");
    for sentence in ["220 relay.test", "TLS 1.3; the certificate is good for localhost", "Signed in as ar by PLAIN", "PIPELINING"]
    {
        assert!(report.contains(sentence), "{report}");
    }
    assert!(scripted.heard("QUIT") && !scripted.heard("MAIL"));
}
