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
        masked(&match self {
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
        })
    }

    /// The code and enhanced code of a final refusal: what the [`Breaker`](super::Breaker) counts.
    #[must_use]
    pub fn refusal(&self) -> Option<(u16, Option<[u16; 3]>)> {
        match self {
            Self::RecipientRefused { .. } | Self::MessageRefused { .. } => self.reply().map(|r| (r.code, r.enhanced)),
            _ => None,
        }
    }
}

/// Relays like to repeat the address in their replies; what may reach a log does not show it.
fn masked(sentence: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| "<>()[]{},;:.!?\"'".contains(c));
        match EmailAddress::parse(bare) {
            Ok(address) => word.replace(bare, &address.masked()),
            Err(_) => word.to_owned(),
        }
    };
    sentence.split(' ').map(word).collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Reply {
        Reply::new(550, text.to_owned())
    }

    #[test]
    fn a_sentence_says_what_happened_where_and_what_follows_and_shows_no_address() {
        let refused = RefusedRecipient {
            address: EmailAddress::parse("maria@x.test").unwrap(),
            reply: reply("5.1.1 <maria@x.test>: no such user"),
            suppress: true,
        };
        let cause = || Cause::Reply(reply("5.7.1 go away"));
        let outcomes = [
            Outcome::Accepted { reply: Reply::new(250, "2.0.0 queued".to_owned()), refused: vec![refused.clone()] },
            Outcome::Retry { phase: Phase::Mail, cause: Cause::TimedOut(Duration::from_secs(300)), slow_down: true },
            Outcome::RecipientRefused { refused: vec![refused] },
            Outcome::MessageRefused { phase: Phase::Dot, cause: cause() },
            Outcome::RelayRefuses { phase: Phase::Auth, cause: cause() },
            Outcome::InDoubt { cause: Cause::Lost("the relay closed it".to_owned()) },
        ];
        let sentences: Vec<_> = outcomes.iter().map(Outcome::describe).collect();
        assert_eq!(
            sentences,
            [
                "the relay has taken it: 250 2.0.0 queued; but not for m***@x.test (550 5.1.1 <m***@x.test>: no such user)",
                "not accepted, will be tried again, and more slowly: at MAIL FROM, no answer within 5m",
                "refused for every recipient: m***@x.test (550 5.1.1 <m***@x.test>: no such user)",
                "this message was refused after the final dot: the relay said 550 5.7.1 go away",
                "the relay refuses us at AUTH: the relay said 550 5.7.1 go away; delivery pauses and the queue is kept",
                "in doubt: the message was handed over whole, but its receipt was not confirmed: the connection was lost \
                 (the relay closed it)",
            ]
        );
    }
}
