//! What is to be sent again out of doubt, while an earlier poll's contacts are planned anew (D2, T5).

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::ids::Ids;
use super::unsent::{Fate, NowDue, Occurrence, occurrence, occurrences};
use super::{Entry, Journal, State, outbox};
use crate::database::{DatabaseError, Tx};
use crate::plan::Plan;

/// What is to leave as it was, out of doubt (D2), stays as it is while its grace lasts, and nothing else is planned for what
/// it covers: what such a plan would say besides is due tomorrow, too. Returns the occurrences whose grace is over.
pub(super) async fn look(
    tx: &mut Tx,
    journal: &mut Journal,
    plan: &mut Plan,
    again: &[Entry],
    (now_due, may_send): (&NowDue, bool),
    now: DateTime<Utc>,
    changed: &mut Ids,
) -> Result<HashSet<Occurrence>, DatabaseError> {
    let (mut over, mut waits) = (HashSet::new(), HashSet::new());
    for old in again {
        let id = old.contact.clone().unwrap_or_default();
        match now_due.fate_of_resend(old, may_send) {
            None => {
                waits.extend(occurrences(old));
                continue;
            }
            Some(Fate::Failed) => {
                over.extend(occurrences(old));
                let reason = "its grace was over before it could be sent again";
                outbox::change(tx, journal, &id, State::InDoubt, Some(reason), now).await?;
            }
            Some(Fate::Cancelled { reason, rule }) => outbox::cancel(tx, journal, &id, reason, rule, now).await?,
        }
        changed.push(&id);
    }
    plan.contacts.retain(|p| p.covered.iter().all(|c| !waits.contains(&occurrence(c))));
    Ok(over)
}
