//! What the scripted relay plays.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::Semaphore;

/// Where in the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Greeting,
    Ehlo,
    StartTls,
    /// After 220 to STARTTLS, instead of the handshake.
    Handshake,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// As soon as bytes of the message have come.
    Body,
    Dot,
    Rset,
    Quit,
}

/// What the relay does there.
#[derive(Debug, Clone)]
pub enum Act {
    /// Says this (bytes as they are) and goes on.
    Say(Vec<u8>),
    /// Says this and hangs up.
    SayAndClose(Vec<u8>),
    /// Waits until the other side has said something, says this and hangs up.
    HearAndSay(Vec<u8>),
    Close,
    /// Closes with a reset.
    Reset,
    /// Says nothing more, and keeps the connection.
    Silence,
    /// Says this again and again, byte by byte or faster, for ever.
    Flood(Vec<u8>, Duration),
    /// Waits until the test opens the gate, then gives the plain answer.
    Wait(Gate),
}

/// A gate that a test opens.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn shut() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// For everybody, for good.
    pub fn open(&self) {
        self.0.close();
    }

    pub(super) async fn pass(&self) {
        // An error says that it was opened.
        let _ = self.0.acquire().await;
    }
}

/// Says a line.
pub fn say(line: &str) -> Act {
    Act::Say(format!("{line}\r\n").into_bytes())
}

#[derive(Debug, Clone)]
pub struct Line {
    pub at: At,
    /// Only for commands that hold this.
    pub having: String,
    /// How often; for ever if `None`.
    pub times: Option<usize>,
    pub act: Act,
}

/// What is played.
#[derive(Clone, Default)]
pub struct Script {
    pub lines: Vec<Line>,
    pub offers: Vec<String>,
    pub offers_after_tls: Vec<String>,
    pub tls: Option<Arc<ServerConfig>>,
    pub implicit: bool,
    /// Hang up 50 ms after this many messages over one connection, as a relay does that is tired of waiting.
    pub close_after: Option<usize>,
    /// It bears so many connections at once; one more is told this there, and hung up on.
    pub bears: Option<(usize, At, &'static str)>,
    /// How long it thinks before it answers RCPT and the final dot (what it answers is decided before).
    pub thinks: Duration,
}

impl Script {
    /// A relay without TLS that offers these extensions.
    pub fn offering(offers: &[&str]) -> Self {
        Self { offers: offers.iter().map(|o| (*o).to_owned()).collect(), ..Self::default() }
    }

    /// Does this there, always.
    pub fn on(self, at: At, act: Act) -> Self {
        self.line(at, "", None, act)
    }

    /// Does this there once.
    pub fn once(self, at: At, act: Act) -> Self {
        self.line(at, "", Some(1), act)
    }

    /// Does this there for commands that hold a text; for messages whose recipients do (body and dot).
    pub fn for_command(self, at: At, having: &str, act: Act) -> Self {
        self.line(at, having, None, act)
    }

    /// Does this there once, for a command that holds a text.
    pub fn once_for_command(self, at: At, having: &str, act: Act) -> Self {
        self.line(at, having, Some(1), act)
    }

    fn line(mut self, at: At, having: &str, times: Option<usize>, act: Act) -> Self {
        self.lines.push(Line { at, having: having.to_owned(), times, act });
        self
    }
}
