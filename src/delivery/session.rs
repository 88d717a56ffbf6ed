//! One message over one connection (D17). The session is given away to a send and comes back only if the dialogue is
//! still in step: a connection on which a send failed, timed out or was cancelled cannot be used again.

use super::connect::Welcome;
use super::dialogue::{Dialogue, SHORT};
use super::envelope::Envelope;
use super::offers::Offers;
use super::outcome::{Cause, Outcome};
use super::phase::{Phase, Progress};
use super::relay::StillOurs;
use super::reply::Reply;
use super::scope::{Action, Scope};
use super::tally::Tally;
use crate::address::EmailAddress;
use crate::message::Message;

/// A connection that has been greeted and signed in.
#[derive(Debug)]
pub(super) struct Session {
    dialogue: Dialogue,
    pub(super) offers: Offers,
    pub(super) welcome: Welcome,
    /// The octets that the configuration allows a message.
    most: Option<u64>,
    /// A transaction was begun and given up: RSET comes before the next.
    dirty: bool,
    /// Tries made over this connection.
    pub(super) tries: u32,
}

/// Why a transaction ended before acceptance, and whether the connection may go on.
struct Halt {
    outcome: Outcome,
    in_step: bool,
}

/// Whatever the dialogue reports as an outcome by itself has broken it.
impl From<Outcome> for Halt {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, in_step: false }
    }
}

impl Session {
    pub(super) fn new(dialogue: Dialogue, offers: Offers, welcome: Welcome, most: Option<u64>) -> Self {
        Self { dialogue, offers, welcome, most, dirty: false, tries: 0 }
    }

    /// The session, if it can still be used: it was not hung up in the meantime, and a begun transaction is reset.
    pub(super) async fn refreshed(mut self) -> Option<Self> {
        self.dialogue.begin_try();
        if self.dirty {
            self.dialogue.say(Phase::Mail, "RSET\r\n").await.ok()?;
            self.dialogue.hear_yes(Phase::Mail).await.ok()?;
            self.dirty = false;
        }
        self.dialogue.wire.is_quiet().then_some(self)
    }

    /// Sends one message. `progress` tells how far it came, also when this future is dropped.
    pub(super) async fn send(
        mut self,
        message: &Message,
        progress: &Progress,
        still_ours: StillOurs<'_>,
    ) -> (Outcome, Option<Self>) {
        progress.reach(Phase::Mail);
        self.dialogue.begin_try();
        self.tries += 1;
        match self.transact(message, progress, still_ours).await {
            Ok(outcome) => {
                let in_step = self.dialogue.wire.is_quiet();
                (outcome, in_step.then_some(self))
            }
            Err(Halt { outcome, in_step }) => (outcome, in_step.then_some(self)),
        }
    }

    /// Says goodbye; nothing hangs on the answer.
    pub(super) async fn quit(mut self) {
        if self.dialogue.wire.write(b"QUIT\r\n", SHORT).await.is_ok() {
            let _ = self.dialogue.wire.reply(SHORT).await;
        }
    }

    async fn transact(&mut self, message: &Message, progress: &Progress, still_ours: StillOurs<'_>) -> Result<Outcome, Halt> {
        let envelope = Envelope::of(message, &self.offers, self.most).map_err(|outcome| Halt { outcome, in_step: true })?;
        let tally = self.announce(&envelope, progress).await?;
        self.body(&envelope, progress).await?;
        if !still_ours() {
            let cause = Cause::Found("this process hung for so long that the message may be another's by now".to_owned());
            return Err(Outcome::Retry { phase: Phase::Body, cause, slow_down: false }.into());
        }
        self.dot(tally, progress).await
    }

    /// MAIL, RCPT and DATA, up to the 354. With PIPELINING in one write; but with several recipients DATA waits for
    /// their replies, since a 4xx for one of them means that nobody gets it now (D5).
    async fn announce<'a>(&mut self, envelope: &Envelope<'a>, progress: &Progress) -> Result<Tally<'a>, Halt> {
        let together = self.offers.pipelining;
        let data_along = together && envelope.recipients.len() == 1;
        let mut commands = envelope.mail.clone();
        if together {
            commands.extend(envelope.recipients.iter().map(|r| envelope.rcpt(r)));
        }
        if data_along {
            commands.push_str("DATA\r\n");
        }
        let mut tally = Tally::beginning_with(envelope.refused.clone());
        self.dirty = true;
        self.dialogue.say(Phase::Mail, &commands).await?;
        let reply = self.dialogue.hear(Phase::Mail).await?;
        self.note(&mut tally, Phase::Mail, None, reply)?;
        for recipient in &envelope.recipients {
            if !together {
                if tally.stop.is_some() {
                    break;
                }
                self.dialogue.say(Phase::Rcpt, &envelope.rcpt(recipient)).await?;
            }
            progress.reach(Phase::Rcpt);
            let reply = self.hear(&mut tally, Phase::Rcpt).await?;
            self.note(&mut tally, Phase::Rcpt, Some(recipient), reply)?;
        }
        tally.conclude();
        if !data_along {
            if let Some(outcome) = tally.stop.take() {
                return Err(Halt { outcome, in_step: true });
            }
            self.dialogue.say(Phase::Data, "DATA\r\n").await?;
        }
        progress.reach(Phase::Data);
        let reply = self.hear(&mut tally, Phase::Data).await?;
        let in_step = reply.is_negative() && reply.code != 421;
        match tally.stop.take() {
            // A relay that gives 354 without a recipient waits for a message that it will not get.
            Some(outcome) => Err(Halt { outcome, in_step }),
            None if reply.code == 354 => Ok(tally),
            None => Err(Halt { outcome: self.dialogue.outcome(Phase::Data, reply), in_step }),
        }
    }

    /// Hears a reply; once the transaction has failed, its first reason stays the outcome.
    async fn hear(&mut self, tally: &mut Tally<'_>, phase: Phase) -> Result<Reply, Halt> {
        self.dialogue.hear(phase).await.map_err(|broken| tally.stop.take().unwrap_or(broken).into())
    }

    /// Enters a reply to MAIL or RCPT.
    fn note<'a>(
        &self,
        tally: &mut Tally<'a>,
        phase: Phase,
        recipient: Option<&'a EmailAddress>,
        reply: Reply,
    ) -> Result<(), Halt> {
        if tally.failed_at_mail {
            return Ok(());
        }
        match recipient {
            _ if !reply.is_negative() && !reply.is_positive() => return Err(Outcome::unexpected(phase, &reply).into()),
            _ if reply.code == 421 => return Err(self.dialogue.outcome(phase, reply).into()),
            Some(address) if reply.is_positive() => tally.accepted.push(address),
            None if reply.is_positive() => {}
            Some(address) => {
                let verdict = self.dialogue.judge(phase, &reply);
                match verdict.action {
                    Action::Suppress | Action::Fail => tally.refuse(address, reply, verdict.scope, verdict.action),
                    _ => tally.stop_for(Outcome::judged(phase, reply, verdict)),
                }
            }
            None => {
                tally.failed_at_mail = true;
                tally.stop_for(self.dialogue.outcome(phase, reply));
            }
        }
        Ok(())
    }

    /// Writes and flushes the message, without its final dot.
    async fn body(&mut self, envelope: &Envelope<'_>, progress: &Progress) -> Result<(), Halt> {
        progress.reach(Phase::Body);
        self.dialogue.quiet(Phase::Body).await?;
        let (limit, until) = (self.dialogue.timers.block, self.dialogue.cap());
        if let Err(cause) = self.dialogue.wire.write_watching(&envelope.body, limit, until).await {
            return Err(self.dialogue.spoken_early(Phase::Body, cause).await.into());
        }
        Ok(self.dialogue.quiet(Phase::Body).await?)
    }

    /// The dot, in a write of its own, and what the relay says to it. From here on silence is doubt (D2).
    async fn dot(&mut self, tally: Tally<'_>, progress: &Progress) -> Result<Outcome, Halt> {
        let limit = self.dialogue.limit(Phase::Dot);
        progress.reach(Phase::Dot);
        if let Err(cause @ Cause::TimedOut(_)) = self.dialogue.wire.write(b".\r\n", limit).await {
            return Err(Outcome::broken(Phase::Dot, cause).into());
        }
        let reply = match self.dialogue.wire.reply(limit).await {
            Ok(reply) => reply,
            Err(cause) => return Err(self.half_heard(cause, tally).into()),
        };
        self.dirty = false;
        if reply.is_positive() {
            return Ok(Outcome::Accepted { reply, refused: tally.refused });
        }
        let in_step = reply.is_negative() && reply.code != 421;
        Err(Halt { outcome: self.refused_after_dot(reply, tally), in_step })
    }

    /// A first complete 2xx line is acceptance, whatever became of the rest of the reply.
    fn half_heard(&mut self, cause: Cause, tally: Tally<'_>) -> Outcome {
        match self.dialogue.wire.heard() {
            Some(reply) if reply.is_positive() => Outcome::Accepted { reply, refused: tally.refused },
            _ => Outcome::broken(Phase::Dot, cause),
        }
    }

    /// After the dot a refusal of the recipient is known to be about it only when there was one.
    fn refused_after_dot(&self, reply: Reply, mut tally: Tally<'_>) -> Outcome {
        if reply.is_negative() {
            let verdict = self.dialogue.judge(Phase::Dot, &reply);
            let final_for_one = matches!(verdict.action, Action::Suppress | Action::Fail) && verdict.scope == Scope::Recipient;
            if let ([only], true) = (tally.accepted.as_slice(), final_for_one) {
                let only = *only;
                tally.refuse(only, reply, verdict.scope, verdict.action);
                return Outcome::RecipientRefused { refused: tally.refused };
            }
        }
        self.dialogue.outcome(Phase::Dot, reply)
    }
}
