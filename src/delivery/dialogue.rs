//! One command, one reply (D17). Nothing is said while something unasked for is waiting to be heard.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::outcome::{Cause, Outcome};
use super::phase::Phase;
use super::reply::Reply;
use super::scope::{Refusals, Verdict};
use super::timeouts::Timeouts;
use super::wire::Wire;

/// For words that no acceptance hangs on: QUIT's reply, and a reason given out of turn.
pub(super) const SHORT: Duration = Duration::from_secs(5);

/// The wire with its timers and the table of refusals. Whoever gets an error from it drops it, except after a complete
/// negative reply other than 421.
#[derive(Debug)]
pub(super) struct Dialogue {
    pub(super) wire: Wire,
    pub(super) timers: Timeouts,
    pub(super) table: Arc<Refusals>,
    /// When the present try ends, unless the final dot has been written.
    cap: Instant,
}

impl Dialogue {
    pub(super) fn new(wire: Wire, timers: Timeouts, table: Arc<Refusals>, cap: Instant) -> Self {
        Self { wire, timers, table, cap }
    }

    /// A new try begins.
    pub(super) fn begin_try(&mut self) {
        self.cap = Instant::now() + self.timers.attempt;
    }

    pub(super) fn cap(&self) -> Instant {
        self.cap
    }

    /// How long to wait in this phase: its timer, but not beyond the end of the try; after the dot, its timer alone.
    pub(super) fn limit(&self, phase: Phase) -> Duration {
        let t = &self.timers;
        let timer = match phase {
            Phase::Connect => t.connect,
            Phase::Greeting => t.greeting,
            Phase::Ehlo | Phase::StartTls | Phase::Auth => t.ehlo,
            Phase::Mail => t.mail,
            Phase::Rcpt => t.rcpt,
            Phase::Data => t.data,
            Phase::Body => t.block,
            Phase::Dot => return t.dot,
        };
        timer.min(self.cap.saturating_duration_since(Instant::now()))
    }

    /// Writes one command or a pipelined group of them.
    pub(super) async fn say(&mut self, phase: Phase, commands: &str) -> Result<(), Outcome> {
        self.quiet(phase).await?;
        let limit = self.limit(phase);
        self.wire.write(commands.as_bytes(), limit).await.map_err(|cause| Outcome::broken(phase, cause))
    }

    /// Fails when the relay has said more than it was asked, or hung up.
    pub(super) async fn quiet(&mut self, phase: Phase) -> Result<(), Outcome> {
        if self.wire.is_quiet() {
            return Ok(());
        }
        let cause = Cause::Lost("it was closed, or the relay spoke out of turn".to_owned());
        Err(self.spoken_early(phase, cause).await)
    }

    /// The relay refuses, or is gone, before it was asked: if it gives a reason, that is the outcome.
    pub(super) async fn spoken_early(&mut self, phase: Phase, cause: Cause) -> Outcome {
        let limit = SHORT.min(self.limit(phase));
        match self.wire.reply(limit).await {
            Ok(reply) if reply.is_negative() => self.outcome(phase, reply),
            _ => Outcome::broken(phase, cause),
        }
    }

    /// Hears one complete reply.
    pub(super) async fn hear(&mut self, phase: Phase) -> Result<Reply, Outcome> {
        let limit = self.limit(phase);
        self.wire.reply(limit).await.map_err(|cause| Outcome::broken(phase, cause))
    }

    /// Says one command and hears its reply.
    pub(super) async fn ask(&mut self, phase: Phase, command: &str) -> Result<Reply, Outcome> {
        self.say(phase, command).await?;
        self.hear(phase).await
    }

    /// Hears a 2xx.
    pub(super) async fn hear_yes(&mut self, phase: Phase) -> Result<Reply, Outcome> {
        let reply = self.hear(phase).await?;
        if reply.is_positive() { Ok(reply) } else { Err(self.outcome(phase, reply)) }
    }

    pub(super) fn judge(&self, phase: Phase, reply: &Reply) -> Verdict {
        self.table.judge(phase, reply)
    }

    /// What a reply means that is not the wanted one.
    pub(super) fn outcome(&self, phase: Phase, reply: Reply) -> Outcome {
        if !reply.is_negative() {
            return Outcome::unexpected(phase, &reply);
        }
        let verdict = self.judge(phase, &reply);
        Outcome::judged(phase, reply, verdict)
    }
}
