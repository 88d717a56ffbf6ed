//! D4: a refusal is final for what it refers to, and scope decides, not the first digit. The table is data
//! (`refusals.toml`); this file reads it and finds the row.

use serde::Deserialize;

use super::phase::Phase;
use super::reply::Reply;

/// Whom a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    Recipient,
    Message,
    Relay,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(default)]
    #[expect(dead_code, reason = "for whoever reads the table")]
    why: String,
    #[serde(default)]
    phases: Vec<Phase>,
    codes: Vec<String>,
    #[serde(default)]
    enhanced: Vec<String>,
    #[serde(default)]
    text: Vec<String>,
    scope: Scope,
    action: Action,
}

impl Refusals {
    /// The table that dunningd ships.
    ///
    /// # Errors
    /// When the shipped file cannot be read, which a test rules out.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("refusals.toml"))
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

impl Row {
    fn matches(&self, phase: Phase, reply: &Reply) -> bool {
        let text = || reply.text.to_lowercase();
        (self.phases.is_empty() || self.phases.contains(&phase))
            && self.codes.iter().any(|code| code_matches(code, reply.code))
            && (self.enhanced.is_empty() || self.enhanced.iter().any(|p| enhanced_matches(p, reply.enhanced)))
            && (self.text.is_empty() || has_word(&text(), &self.text))
    }
}

fn code_matches(pattern: &str, code: u16) -> bool {
    let code = code.to_string();
    pattern.len() == code.len() && pattern.bytes().zip(code.bytes()).all(|(p, c)| p == b'x' || p == c)
}

/// `5.1.1`, `5.7.20-29`, `4.7.*`.
fn enhanced_matches(pattern: &str, enhanced: Option<[u16; 3]>) -> bool {
    let Some([class, subject, detail]) = enhanced else { return false };
    let Some(last) = pattern.strip_prefix(&format!("{class}.{subject}.")) else { return false };
    match last.split_once('-') {
        Some((from, to)) => from.parse().is_ok_and(|f: u16| f <= detail) && to.parse().is_ok_and(|t: u16| detail <= t),
        None => last == "*" || last.parse() == Ok(detail),
    }
}

/// Whether one of the patterns stands in the text at the start of a word ("rate" is not in "corporate").
fn has_word(text: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        let mut places = text.match_indices(pattern.as_str());
        places.any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
    })
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
