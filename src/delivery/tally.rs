//! What the relay said about the sender and each recipient, and what that means for the message (D5).

use super::outcome::{Cause, Outcome, RefusedRecipient};
use super::phase::Phase;
use super::reply::Reply;
use super::scope::{Action, Scope};
use crate::address::EmailAddress;

/// What the relay said to MAIL and to each RCPT.
#[derive(Debug, Default)]
pub(super) struct Tally<'a> {
    /// The outcome, once it is certain that there will be no body.
    pub(super) stop: Option<Outcome>,
    pub(super) failed_at_mail: bool,
    pub(super) accepted: Vec<&'a EmailAddress>,
    pub(super) refused: Vec<RefusedRecipient>,
    /// A refusal of a recipient that was about the message.
    about_message: Option<Reply>,
}

impl Tally<'_> {
    /// Some recipients may have been refused before anything was said.
    pub(super) fn beginning_with(refused: Vec<RefusedRecipient>) -> Self {
        Self { refused, ..Self::default() }
    }

    pub(super) fn refuse(&mut self, address: &EmailAddress, reply: Reply, scope: Scope, action: Action) {
        if scope == Scope::Message {
            self.about_message = Some(reply.clone());
        }
        self.refused.push(RefusedRecipient { address: address.clone(), reply, suppress: action == Action::Suppress });
    }

    /// The relay's own refusal weighs more than a temporary one for a recipient, and both more than none.
    pub(super) fn stop_for(&mut self, outcome: Outcome) {
        if self.stop.is_none() || matches!(outcome, Outcome::RelayRefuses { .. }) {
            self.stop = Some(outcome);
        }
    }

    /// Nobody accepted: the outcome is that of the recipients, or of the message if each refusal was about it.
    pub(super) fn conclude(&mut self) {
        if self.stop.is_some() || !self.accepted.is_empty() {
            return;
        }
        let refused = std::mem::take(&mut self.refused);
        self.stop = Some(match self.about_message.take() {
            Some(reply) if refused.iter().all(|r| r.reply == reply) => {
                Outcome::MessageRefused { phase: Phase::Rcpt, cause: Cause::Reply(reply) }
            }
            _ => Outcome::RecipientRefused { refused },
        });
    }
}
