//! At most three refused AUTH tries an hour (D4): relays lock accounts out.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::outcome::{Cause, Outcome};
use super::phase::Phase;

const TRIES: usize = 3;
const HOUR: Duration = Duration::from_secs(3600);

/// Lets one sign-in through at a time until one was accepted, and none after three refusals within the hour.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    open: bool,
    refused: Vec<Instant>,
}

/// The right to sign in once.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    gate: &'a Gate,
    held: Option<MutexGuard<'a, State>>,
}

impl Gate {
    /// Takes in what an earlier process knows: so many were refused within the hour. Counted as if it were now, which is
    /// never too early.
    pub(super) async fn remember(&self, refused: usize) {
        let mut state = self.0.lock().await;
        if !state.open {
            let missing = refused.saturating_sub(state.refused.len());
            state.refused.extend(std::iter::repeat_n(Instant::now(), missing));
        }
    }

    pub(super) async fn enter(&self) -> Result<Permit<'_>, Outcome> {
        let mut state = self.0.lock().await;
        if state.open {
            return Ok(Permit { gate: self, held: None });
        }
        state.refused.retain(|at| at.elapsed() < HOUR);
        if let (TRIES.., Some(oldest)) = (state.refused.len(), state.refused.first()) {
            let wait = HOUR.saturating_sub(oldest.elapsed()).as_secs().div_ceil(60);
            let sentence = format!("three sign-ins were refused within the hour; the next is made in {wait} minutes");
            return Err(Outcome::RelayRefuses { phase: Phase::Auth, cause: Cause::Found(sentence) });
        }
        Ok(Permit { gate: self, held: Some(state) })
    }
}

impl Permit<'_> {
    /// Notes how it went: `false` for a refusal; a broken connection is neither and is not noted.
    pub(super) async fn settle(self, accepted: bool) {
        let mut state = match self.held {
            Some(state) => state,
            None => self.gate.0.lock().await,
        };
        state.open = accepted;
        if accepted {
            state.refused.clear();
        } else {
            state.refused.push(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_an_earlier_process_was_refused_counts() {
        let gate = Gate::default();
        gate.remember(2).await;
        gate.enter().await.unwrap().settle(false).await;
        assert!(gate.enter().await.is_err());
    }

    #[tokio::test]
    async fn after_three_refusals_no_sign_in_is_tried() {
        let gate = Gate::default();
        for _ in 0..3 {
            gate.enter().await.unwrap().settle(false).await;
        }
        assert!(gate.enter().await.unwrap_err().describe().contains("three sign-ins were refused"));
    }

    #[tokio::test]
    async fn an_accepted_sign_in_opens_the_gate_for_many_at_once() {
        let gate = Gate::default();
        gate.enter().await.unwrap().settle(false).await;
        gate.enter().await.unwrap().settle(true).await;
        let (first, second) = (gate.enter().await.unwrap(), gate.enter().await.unwrap());
        first.settle(true).await;
        second.settle(false).await;
        assert!(gate.enter().await.is_ok());
    }
}
