//! The dialogue with the relay, over real TCP: what is said, what is believed, and what becomes of the message.

mod acceptance;
mod faults;
mod room;
mod signing_in;
mod soak;
mod tls;

use std::time::Duration;

use dunningd::address::EmailAddress;
use dunningd::delivery::{Connection, Outcome, Phase, Relay, Settings};
use dunningd::message::Message;

use crate::support::relay::{Accepted, At, Script, ScriptedRelay};

/// For a relay without TLS on this host, with timers that no slow machine exceeds.
fn settings(port: u16) -> Settings {
    let text = format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
    toml::from_str(&text).unwrap()
}

/// The timer of one place in the dialogue is short, for tests that wait for its end.
fn hurry(mut settings: Settings, at: At) -> Settings {
    let t = &mut settings.timeouts;
    let timer = match at {
        At::Greeting => &mut t.greeting,
        At::Ehlo | At::StartTls | At::Handshake | At::Auth => &mut t.ehlo,
        At::Mail | At::Rset | At::Quit => &mut t.mail,
        At::Rcpt => &mut t.rcpt,
        At::Data => &mut t.data,
        At::Body => &mut t.block,
        At::Dot => &mut t.dot,
    };
    *timer = Duration::from_millis(300);
    settings
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
        contact: "01J".to_owned(),
        sender: address("ar@example.com"),
        recipients: recipients.iter().map(|r| address(r)).collect(),
        bytes: bytes.to_vec(),
    }
}

/// Plays the script to one message.
async fn send_one(script: Script, message: &Message) -> (Outcome, Option<Connection>, ScriptedRelay) {
    send_with(script, message, |settings| settings).await
}

async fn send_with(
    script: Script,
    message: &Message,
    change: impl FnOnce(Settings) -> Settings,
) -> (Outcome, Option<Connection>, ScriptedRelay) {
    let scripted = ScriptedRelay::start(script).await;
    let relay = Relay::new(change(settings(scripted.port)), None, "example.com").unwrap();
    let (outcome, connection) = match relay.connect().await {
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
