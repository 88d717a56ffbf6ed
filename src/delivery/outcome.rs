//! What became of one message, by name. Nothing else about a try is known to the rest of the daemon.

use std::fmt;
use std::time::Duration;

use super::phase::Phase;
use super::reply::Reply;
use super::scope::{Action, Scope, Verdict};
use crate::address::EmailAddress;

/// What became of a try to send one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay has taken the message, for all recipients but the refused ones (D5).
    Accepted { reply: Reply, refused: Vec<RefusedRecipient> },
    /// Surely not accepted: try again later (D3). `slow_down`: the relay asks for less (D6).
    Retry { phase: Phase, cause: Cause, slow_down: bool },
    /// Every recipient was refused for itself; nobody got it (D4).
    RecipientRefused { refused: Vec<RefusedRecipient> },
    /// This message will not be taken: the contact fails, its addresses are as good as before (D4).
    MessageRefused { phase: Phase, cause: Cause },
    /// The relay refuses us: delivery pauses, the queue is kept, nobody is at fault but the relay or its account (D4).
    RelayRefuses { phase: Phase, cause: Cause },
    /// The relay may have accepted it: it is never sent again by itself (D2).
    InDoubt { cause: Cause },
}

/// A recipient that the relay would not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRecipient {
    pub address: EmailAddress,
    /// The evidence; code 553 with 5.6.7 is dunningd's own, for a relay without SMTPUTF8.
    pub reply: Reply,
    /// Whether the reply says that the address is no good: it is suppressed (D4).
    pub suppress: bool,
}

/// What was heard or seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The relay said so.
    Reply(Reply),
    /// It said nothing for so long.
    TimedOut(Duration),
    /// The connection was closed, reset or never made.
    Lost(String),
    /// It said what is no reply, or not one to this command.
    Garbage(String),
    /// dunningd found it by itself; a sentence.
    Found(String),
}

impl Outcome {
    /// The outcome of a negative reply, as the table of refusals judges it.
    pub(super) fn judged(phase: Phase, reply: Reply, verdict: Verdict) -> Self {
        let cause = Cause::Reply(reply);
        match verdict.action {
            Action::Pause => Self::RelayRefuses { phase, cause },
            Action::SlowDown => Self::Retry { phase, cause, slow_down: true },
            Action::Retry => Self::Retry { phase, cause, slow_down: false },
            Action::Fail | Action::Suppress if verdict.scope == Scope::Relay => Self::RelayRefuses { phase, cause },
            Action::Fail | Action::Suppress => Self::MessageRefused { phase, cause },
        }
    }

    /// The outcome of anything that is no negative reply: silence, a lost connection, garbage, an unexpected code.
    pub(super) fn broken(phase: Phase, cause: Cause) -> Self {
        match (phase, &cause) {
            (Phase::Dot, _) => Self::InDoubt { cause },
            (Phase::Auth, Cause::Garbage(_)) => Self::RelayRefuses { phase, cause },
            _ => Self::Retry { phase, cause, slow_down: false },
        }
    }

    /// The outcome of a reply that does not belong there: 354 to MAIL FROM, 250 to DATA, 3xx after the dot.
    pub(super) fn unexpected(phase: Phase, reply: &Reply) -> Self {
        Self::broken(phase, Cause::Garbage(reply.to_string()))
    }

    /// The relay's last word, if it said one that counts: of a refused recipient's, the first.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Accepted { reply, .. } => Some(reply),
            Self::RecipientRefused { refused } => refused.first().map(|r| &r.reply),
            Self::Retry { cause, .. }
            | Self::MessageRefused { cause, .. }
            | Self::RelayRefuses { cause, .. }
            | Self::InDoubt { cause } => match cause {
                Cause::Reply(reply) => Some(reply),
                _ => None,
            },
        }
    }

    /// Whether it is about the relay and not about this message: nothing was said about the message yet, or the relay
    /// refuses us. The contact's own count of tries need not grow.
    #[must_use]
    pub fn is_about_relay(&self) -> bool {
        match self {
            Self::RelayRefuses { .. } => true,
            Self::Retry { phase, .. } => phase.is_before_message(),
            _ => false,
        }
    }

    /// One sentence for people; addresses are masked.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Accepted { reply, refused } if refused.is_empty() => format!("the relay has taken it: {reply}"),
            Self::Accepted { reply, refused } => {
                format!("the relay has taken it: {reply}; but not for {}", list(refused))
            }
            Self::Retry { phase, cause, slow_down } => {
                let slower = if *slow_down { ", and more slowly" } else { "" };
                format!("not accepted, will be tried again{slower}: {phase}, {cause}")
            }
            Self::RecipientRefused { refused } => format!("refused for every recipient: {}", list(refused)),
            Self::MessageRefused { phase, cause } => format!("this message was refused {phase}: {cause}"),
            Self::RelayRefuses { phase, cause } => {
                format!("the relay refuses us {phase}: {cause}; delivery pauses and the queue is kept")
            }
            Self::InDoubt { cause } => {
                format!("in doubt: the message was handed over whole, but its receipt was not confirmed: {cause}")
            }
        }
    }
}

fn list(refused: &[RefusedRecipient]) -> String {
    let each = refused.iter().map(|r| format!("{} ({})", r.address.masked(), r.reply));
    each.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => write!(f, "the relay said {reply}"),
            Self::TimedOut(limit) => write!(f, "no answer within {}", crate::duration::format(*limit)),
            Self::Lost(reason) => write!(f, "the connection was lost ({reason})"),
            Self::Garbage(what) => write!(f, "the relay's answer makes no sense here ({what})"),
            Self::Found(sentence) => f.write_str(sentence),
        }
    }
}
