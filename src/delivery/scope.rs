//! D4: a refusal is final for what it refers to, and scope decides, not the first digit. The table is data
//! (`refusals.toml`, and rows of the configuration before it); this file reads it and finds the row.

use serde::{Deserialize, Serialize};

use super::phase::Phase;
use super::refusal::Row;
use super::reply::Reply;

/// Whom a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    Recipient,
    Message,
    Relay,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The address is no good.
    Suppress,
    /// The contact fails; of several recipients, this one is left out.
    Fail,
    /// Delivery pauses, the queue is kept.
    Pause,
    /// Try again later, and send less.
    SlowDown,
    /// Try again later.
    Retry,
}

/// The judgement of one reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub scope: Scope,
    pub action: Action,
}

/// The table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusals {
    refusal: Vec<Row>,
}

impl Refusals {
    /// The table that dunningd ships.
    ///
    /// # Errors
    /// When the shipped file cannot be read, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("refusals.toml"))
    }

    /// The shipped table behind rows of the configuration, which are tried before it.
    ///
    /// # Errors
    /// As [`Refusals::shipped`].
    pub fn behind(rows: &[Row]) -> Result<Self, toml::de::Error> {
        let shipped = Self::shipped()?.refusal;
        Ok(Self { refusal: rows.iter().cloned().chain(shipped).collect() })
    }

    /// Judges a 4xx or 5xx reply. A 4xx never fails anything; a 5xx before MAIL FROM is always about the relay.
    #[must_use]
    pub fn judge(&self, phase: Phase, reply: &Reply) -> Verdict {
        let temporary = reply.code / 100 == 4;
        if phase.is_before_message() && !temporary {
            return Verdict { scope: Scope::Relay, action: Action::Pause };
        }
        let row = self.refusal.iter().find(|row| row.matches(phase, reply));
        let last = if temporary { Action::Retry } else { Action::Fail };
        row.map_or(Verdict { scope: Scope::Message, action: last }, |row| Verdict { scope: row.scope, action: row.action })
    }
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
