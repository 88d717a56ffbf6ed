//! How far a try has come. The phase decides what a failure means (D17).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The phases of a try, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Finding the relay's address and connecting to it.
    Connect,
    /// Its first line.
    Greeting,
    Ehlo,
    /// STARTTLS, the handshake and the certificate.
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The message, before the final dot is written.
    Body,
    /// From the first byte of the final dot on: what is not known here stays in doubt (D2).
    Dot,
}

impl Phase {
    const ALL: [Self; 10] = [
        Self::Connect,
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
        Self::Dot,
    ];

    /// Whether a failure here is about the relay in general: no message had been named yet.
    #[must_use]
    pub fn is_before_message(self) -> bool {
        self < Self::Mail
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "on connecting",
            Self::Greeting => "at the greeting",
            Self::Ehlo => "at EHLO",
            Self::StartTls => "on starting TLS",
            Self::Auth => "at AUTH",
            Self::Mail => "at MAIL FROM",
            Self::Rcpt => "at RCPT TO",
            Self::Data => "at DATA",
            Self::Body => "in the message's body",
            Self::Dot => "after the final dot",
        })
    }
}

/// A mark that outlives the try, for whoever has to stop one: a send whose final dot may be on its way must be waited
/// for or counted as in doubt (D2, D9); any other may be dropped and given back.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU8>);

impl Progress {
    /// The phase that the send has reached.
    #[must_use]
    pub fn phase(&self) -> Phase {
        Phase::ALL.get(usize::from(self.0.load(Ordering::SeqCst))).copied().unwrap_or(Phase::Dot)
    }

    /// Whether the relay may have accepted the message by now.
    #[must_use]
    pub fn may_be_accepted(&self) -> bool {
        self.phase() == Phase::Dot
    }

    pub(super) fn reach(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_tells_the_phase_that_was_reached() {
        let progress = Progress::default();
        for phase in Phase::ALL {
            progress.clone().reach(phase);
            assert_eq!(progress.phase(), phase);
        }
        assert!(progress.may_be_accepted());
    }
}
