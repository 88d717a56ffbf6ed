//! The dialogue with the relay, over real TCP: what is said, what is believed, and what becomes of the message.

mod acceptance;
mod faults;
mod signing_in;
mod tls;

use dunningd::address::EmailAddress;
use dunningd::delivery::{Connection, Outcome, Phase, Relay, Settings};
use dunningd::message::Message;

use crate::support::relay::{Accepted, Script, ScriptedRelay};

/// Timers that are short where a test waits for one.
fn settings(port: u16) -> Settings {
    let text = format!(
        "host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n[timeouts]\nconnect = \"2s\"\ngreeting = \"300ms\"\n\
         ehlo = \"300ms\"\nmail = \"300ms\"\nrcpt = \"300ms\"\ndata = \"300ms\"\nblock = \"300ms\"\ndot = \"300ms\"\ntry = \"10s\""
    );
    toml::from_str(&text).unwrap()
}

fn relay_to(relay: &ScriptedRelay) -> Relay {
    Relay::new(settings(relay.port), None, "example.com").unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn message_to(recipients: &[&str]) -> Message {
    message_of(recipients, b"Subject: Invoice 1\r\n\r\nPlease pay.\r\n")
}

fn message_of(recipients: &[&str], bytes: &[u8]) -> Message {
    Message {
        message_id: "<01J.1@example.com>".to_owned(),
        sender: address("ar@example.com"),
        recipients: recipients.iter().map(|r| address(r)).collect(),
        bytes: bytes.to_vec(),
    }
}

/// Plays the script to one message.
async fn send_one(script: Script, message: &Message) -> (Outcome, Option<Connection>, ScriptedRelay) {
    let scripted = ScriptedRelay::start(script).await;
    let (outcome, connection) = match relay_to(&scripted).connect().await {
        Ok(connection) => connection.send(message).await,
        Err(outcome) => (outcome, None),
    };
    (outcome, connection, scripted)
}

/// The outcome in one word and its phase: `retry mail`, `accepted`.
fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { .. } => "accepted".to_owned(),
        Outcome::Retry { phase, slow_down: false, .. } => format!("retry {}", name(*phase)),
        Outcome::Retry { phase, slow_down: true, .. } => format!("slow-down {}", name(*phase)),
        Outcome::RecipientRefused { .. } => "recipient".to_owned(),
        Outcome::MessageRefused { phase, .. } => format!("message {}", name(*phase)),
        Outcome::RelayRefuses { phase, .. } => format!("relay {}", name(*phase)),
        Outcome::InDoubt { .. } => "doubt".to_owned(),
    }
}

fn name(phase: Phase) -> String {
    format!("{phase:?}").to_lowercase()
}

fn texts(accepted: &[Accepted]) -> Vec<String> {
    accepted.iter().map(|a| String::from_utf8(a.message.clone()).unwrap()).collect()
}
