//! What an outcome means for the contact, its addresses and the relay (D3, D4).

use chrono::{DateTime, TimeDelta, Utc};

use crate::contacts::outbox::{self, Settled};
use crate::contacts::{State, polls, suppress};
use crate::database::{DatabaseError, Tx};
use crate::delivery::{Breaker, Outcome, Phase};

/// Minutes before the second, third … try (D3); greylisting wants at least five before the second.
const DELAYS: [i64; 6] = [5, 15, 30, 60, 120, 240];
/// AUTH tries in an hour: more would lock the account (D4).
const AUTH_TRIES: usize = 3;
/// The state key that holds the instants of refused AUTHs.
const AUTH_REFUSED: &str = "auth_refused";

/// What a person has to know of an attempt.
#[derive(Debug, Default)]
pub struct Said {
    pub problem: Option<String>,
    /// Delivery pauses: the relay refuses us, or everybody (D4).
    pub pause: bool,
    /// Other contacts that went back to the queue.
    pub requeued: Vec<String>,
}

/// Writes how a contact's attempt ended; `None` as outcome: it was not begun, and is queued again.
///
/// # Errors
/// The database's own.
pub async fn write(
    tx: &mut Tx,
    customer: &str,
    contact: &str,
    outcome: Option<&Outcome>,
    breaker: &mut Breaker,
    now: DateTime<Utc>,
) -> Result<Said, DatabaseError> {
    let Some(outcome) = outcome else {
        outbox::settle(tx, &Settled::new(contact, State::Queued, Some("stopped before it was sent".to_owned())), now).await?;
        return Ok(Said::default());
    };
    let says = outcome.describe();
    let mut settled = Settled::new(contact, State::Sent, None);
    settled.relay_reply = outcome.reply().map(ToString::to_string);
    let problem = |words: &str| Some(format!("contact {contact} {words}: {says}"));
    let mut found = None;
    let back = breaker.enter(customer, contact, outcome).unwrap_or_default();
    match outcome {
        Outcome::Accepted { refused, .. } => {
            for one in refused {
                found = problem("has left, but not for everybody");
                if one.suppress {
                    suppress::add(tx, &one.address.to_string(), &one.reply.to_string(), contact, now).await?;
                }
            }
        }
        Outcome::Retry { phase, .. } => {
            settled.state = State::Retrying;
            settled.reason = Some(says.clone());
            let tries = outbox::attempts(tx, contact).await?;
            settled.not_before = Some(now + delay(tries, contact));
            if phase.is_before_message() {
                found = problem("waits");
            }
        }
        Outcome::RecipientRefused { refused } => {
            settled.state = State::Failed;
            settled.reason = Some(says.clone());
            for one in refused.iter().filter(|r| r.suppress) {
                suppress::add(tx, &one.address.to_string(), &one.reply.to_string(), contact, now).await?;
            }
            found = problem("has failed");
        }
        Outcome::MessageRefused { .. } => {
            settled.state = State::Failed;
            settled.reason = Some(says.clone());
            found = problem("has failed");
        }
        Outcome::RelayRefuses { phase, .. } => {
            settled.state = State::Queued;
            settled.reason = Some(says.clone());
            if *phase == Phase::Auth {
                note_auth_refusal(tx, now).await?;
            }
            found = problem("is queued again");
        }
        Outcome::InDoubt { .. } => {
            settled.state = State::InDoubt;
            settled.reason = Some(says.clone());
            found = problem("is in doubt");
        }
    }
    outbox::settle(tx, &settled, now).await?;
    let mut said = Said { problem: found, pause: matches!(outcome, Outcome::RelayRefuses { .. }), requeued: Vec::new() };
    if back.is_empty() {
        return Ok(said);
    }
    said.pause = true;
    said.problem =
        Some(format!("the relay refuses everybody ({says}): delivery pauses, {} contacts are queued again", back.len()));
    for id in &back {
        let reason = "the relay refused everybody: not this customer's fault".to_owned();
        outbox::settle(tx, &Settled::new(id, State::Queued, Some(reason)), now).await?;
        suppress::lift_of(tx, id, now).await?;
    }
    said.requeued = back;
    Ok(said)
}

/// How long to wait before the next try, with jitter by contact: a whole queue must not come back in one second.
fn delay(tries: u32, contact: &str) -> TimeDelta {
    let minutes = DELAYS[(tries.max(1) as usize - 1).min(DELAYS.len() - 1)];
    let spread = contact.bytes().fold(0_i64, |h, b| (h * 31 + i64::from(b)) % 1_000);
    // Never sooner than asked: up to a fifth later.
    TimeDelta::seconds(minutes * 60) + TimeDelta::seconds(minutes * 12 * spread / 1_000)
}

async fn auth_refusals(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DatabaseError> {
    let text = polls::value(tx, AUTH_REFUSED).await?.unwrap_or_else(|| "[]".to_owned());
    let mut all: Vec<DateTime<Utc>> = serde_json::from_str(&text).unwrap_or_default();
    all.retain(|t| *t > now - TimeDelta::hours(1) && *t <= now);
    Ok(all)
}

async fn note_auth_refusal(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let mut all = auth_refusals(tx, now).await?;
    all.push(now);
    polls::set_value(tx, AUTH_REFUSED, Some(&serde_json::to_string(&all).unwrap_or_default())).await
}

/// Why nothing may be sent now, if so: the relay refused our password three times within the hour (D4).
///
/// # Errors
/// The database's own.
pub async fn paused(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<String>, DatabaseError> {
    let all = auth_refusals(tx, now).await?;
    let full = all.len() >= AUTH_TRIES;
    Ok(full.then(|| {
        format!("the relay refused our password {} times within an hour: nothing is sent until that hour is over", all.len())
    }))
}
