//! What an outcome means for the contact, its addresses and the relay (D3, D4).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{doubt, pause};
use crate::contacts::count;
use crate::contacts::outbox::{self, Settled};
use crate::contacts::{Journal, State, address_task, polls, suppress};
use crate::database::{DatabaseError, Tx};
use crate::delivery::{self, Cause, Outcome, Phase, RefusedRecipient, message_id_at_relay};

/// Minutes before the second, third … try (D3); greylisting wants at least five before the second.
pub(super) const DELAYS: [i64; 6] = [5, 15, 30, 60, 120, 240];
/// AUTH tries in an hour: more would lock the account (D4).
const AUTH_TRIES: usize = 3;
/// The state key that holds the instants of refused AUTHs.
const AUTH_REFUSED: &str = "auth_refused";

/// What became of a batch of attempts.
#[derive(Debug, Default)]
pub struct Said {
    /// What a person has to know.
    pub problems: Vec<String>,
    /// Why delivery pauses, if so: the relay refuses us, or everybody (D4).
    pub pause: Option<String>,
    /// How many attempts did not come as far as the message.
    pub unreached: u32,
    /// Whether one did.
    pub reached: bool,
    /// Other contacts that went back to the queue.
    pub requeued: Vec<String>,
    /// Tasks that were opened: a better address is to be found (D4).
    pub tasks: Vec<String>,
    /// How many said that the relay wants less (D6).
    pub complaints: u32,
    /// The contacts whose state this has changed.
    pub moved: HashSet<String>,
}

/// One attempt that has ended; without an outcome it was not begun, and is queued again (D9).
#[derive(Debug)]
pub struct Ended {
    pub customer: String,
    pub contact: String,
    pub outcome: Option<Outcome>,
    /// The relay refuses everybody: these contacts go back to the queue (D4).
    pub back: Vec<String>,
}

/// Writes how a batch of attempts through this relay ended. `went_back`: what the breaker has put back so far.
///
/// # Errors
/// The database's own.
pub async fn write(
    tx: &mut Tx,
    journal: &mut Journal,
    all: &[Ended],
    went_back: &HashSet<String>,
    daemon: &str,
    relay: &delivery::Settings,
    now: DateTime<Utc>,
) -> Result<Said, DatabaseError> {
    let ids: Vec<&str> = all.iter().map(|e| e.contact.as_str()).collect();
    let retried = all.iter().any(|e| matches!(e.outcome, Some(Outcome::Retry { .. } | Outcome::InDoubt { .. })));
    let tries = if retried { count::attempts(tx, &ids).await? } else { HashMap::new() };
    let (mut said, mut settled, mut not_tried, mut relay_says) = (Said::default(), Vec::new(), Vec::new(), None);
    let mut accepted = false;
    for ended in all {
        let contact = &ended.contact;
        if !ended.back.is_empty() {
            let says =
                ended.outcome.as_ref().map_or_else(|| "the same for five customers in a row".to_owned(), Outcome::describe);
            let n = ended.back.len();
            said.problems.push(format!("the relay refuses everybody ({says}): delivery pauses, {n} contacts are queued again"));
            said.pause = Some(format!("it refuses everybody: {says}"));
            said.requeued.extend(ended.back.iter().cloned());
        }
        // What went back to the queue before its own outcome was written is not this customer's fault either.
        let Some(outcome) = ended.outcome.as_ref().filter(|_| !went_back.contains(contact)) else {
            settled.push(Settled::new(contact, State::Queued, Some("stopped before it was sent".to_owned())));
            continue;
        };
        settled.push(judge(contact, outcome, tries.get(contact).copied().unwrap_or(1), relay, now));
        if outcome.is_about_relay() {
            said.unreached += 1;
            not_tried.push(contact.as_str());
            relay_says.get_or_insert_with(|| outcome.describe());
        } else {
            said.reached = true;
        }
        let again = settled.last().is_some_and(|s| s.resend);
        said.problems.extend(problem(outcome, again).map(|words| format!("contact {contact} {words}: {}", outcome.describe())));
        said.complaints += u32::from(matches!(outcome, Outcome::Retry { slow_down: true, .. }));
        accepted |= matches!(outcome, Outcome::Accepted { .. });
        if matches!(outcome, Outcome::RelayRefuses { .. }) {
            said.pause = Some(outcome.describe());
        }
        // The gate's own word, that too many were refused, is no try.
        if matches!(outcome, Outcome::RelayRefuses { phase: Phase::Auth, cause: Cause::Reply(_) }) {
            note_auth_refusal(tx, now).await?;
        }
        for one in refused(outcome).iter().filter(|r| r.suppress) {
            let (address, reply) = (one.address.to_string(), one.reply.to_string());
            suppress::add(tx, &address, &reply, contact, now).await?;
            said.tasks.extend(address_task::open(tx, journal, contact, &address, &reply, now).await?);
        }
    }
    said.moved = outbox::settle(tx, journal, &settled, Some(daemon), now).await?;
    // Nothing was said of these messages: their own count of tries does not grow.
    outbox::take_back_attempt(tx, &not_tried).await?;
    match &said.pause {
        Some(reason) => pause::begin(tx, reason, now).await?,
        None if accepted => pause::end(tx).await?,
        None => {}
    }
    said.problems.extend(relay_says.map(|s| format!("{} contacts wait: {s}", not_tried.len())));
    let reason = "the relay refused everybody: not this customer's fault";
    let back: Vec<Settled> = said.requeued.iter().map(|id| Settled::new(id, State::Queued, Some(reason.to_owned()))).collect();
    outbox::settle(tx, journal, &back, None, now).await?;
    for id in &said.requeued {
        suppress::lift_of(tx, id, now).await?;
        address_task::withdraw(tx, journal, id, now).await?;
    }
    Ok(said)
}

/// The state that an outcome leaves a contact in.
fn judge(contact: &str, outcome: &Outcome, tries: u32, relay: &delivery::Settings, now: DateTime<Utc>) -> Settled {
    let state = match outcome {
        Outcome::Accepted { .. } => State::Sent,
        Outcome::Retry { .. } => State::Retrying,
        Outcome::RecipientRefused { .. } | Outcome::MessageRefused { .. } => State::Failed,
        Outcome::RelayRefuses { .. } => State::Queued,
        Outcome::InDoubt { .. } => return doubt::settled(contact, &outcome.describe(), tries, relay.in_doubt, now),
    };
    Settled {
        contact: contact.to_owned(),
        state,
        reason: (state != State::Sent).then(|| outcome.describe()),
        relay_reply: outcome.reply().map(ToString::to_string),
        not_before: (state == State::Retrying).then(|| now + delay(if outcome.is_about_relay() { 1 } else { tries }, contact)),
        resend: false,
        relay_message_id: match (outcome, &relay.preset) {
            (Outcome::Accepted { reply, .. }, Some(preset)) => message_id_at_relay(preset, relay.region.as_deref(), reply),
            _ => None,
        },
    }
}

/// What a person has to know of an outcome.
fn problem(outcome: &Outcome, again: bool) -> Option<&'static str> {
    match outcome {
        Outcome::Accepted { refused, .. } if refused.is_empty() => None,
        Outcome::Retry { .. } | Outcome::RelayRefuses { .. } => None,
        Outcome::Accepted { .. } => Some("has left, but not for everybody"),
        Outcome::RecipientRefused { .. } | Outcome::MessageRefused { .. } => Some("has failed"),
        Outcome::InDoubt { .. } if again => Some("is in doubt and will be sent again as it was"),
        Outcome::InDoubt { .. } => Some("is in doubt"),
    }
}

fn refused(outcome: &Outcome) -> &[RefusedRecipient] {
    match outcome {
        Outcome::Accepted { refused, .. } | Outcome::RecipientRefused { refused } => refused,
        _ => &[],
    }
}

/// How long to wait before the next try, with jitter by contact: a whole queue must not come back in one second.
pub(super) fn delay(tries: u32, contact: &str) -> TimeDelta {
    let minutes = DELAYS[(tries.max(1) as usize - 1).min(DELAYS.len() - 1)];
    let spread = contact.bytes().fold(0_i64, |h, b| (h * 31 + i64::from(b)) % 1_000);
    // Never sooner than asked: up to a fifth later.
    TimeDelta::seconds(minutes * 60) + TimeDelta::seconds(minutes * 12 * spread / 1_000)
}

/// The instants of the sign-ins that were refused within the hour.
///
/// # Errors
/// The database's own.
pub async fn auth_refusals(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DatabaseError> {
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
