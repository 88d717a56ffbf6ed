//! A person settles what is in doubt (D2).

use chrono::{DateTime, Utc};

use super::outbox::{self, Settled};
use super::{Journal, State, pack};
use crate::database::{DatabaseError, Tx};

/// What a person has found out, or decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The relay has taken it.
    Sent,
    /// The same bytes are to leave again.
    Resend,
    /// It is not to be sent again.
    Cancel,
}

impl Verdict {
    fn words(self) -> &'static str {
        match self {
            Self::Sent => "it was accepted",
            Self::Resend => "the same e-mail is sent again",
            Self::Cancel => "it is not sent again",
        }
    }

    fn state(self) -> State {
        match self {
            Self::Sent => State::Sent,
            Self::Resend => State::Queued,
            Self::Cancel => State::Cancelled,
        }
    }
}

/// What became of an order to settle a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    Yes,
    NoSuchContact,
    /// It is in this state instead.
    NotInDoubt(State),
    /// Its bytes are not kept any more: it cannot leave as it was.
    NotKept,
}

/// Settles a contact that is in doubt, under a name; the event keeps both. What it covers counts as done all the same: who
/// may have got a reminder does not get it afresh.
///
/// # Errors
/// The database's own.
pub async fn resolve(
    tx: &mut Tx,
    id: &str,
    verdict: Verdict,
    author: &str,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Resolved, DatabaseError> {
    match outbox::state_of(tx, id).await? {
        None => return Ok(Resolved::NoSuchContact),
        Some(State::InDoubt) => {}
        Some(other) => return Ok(Resolved::NotInDoubt(other)),
    }
    if verdict == Verdict::Resend && !pack::is_kept(tx, id).await? {
        return Ok(Resolved::NotKept);
    }
    let said = note.map(|n| format!(": {n}")).unwrap_or_default();
    let reason = format!("{author}: {}{said}", verdict.words());
    let mut journal = Journal::default();
    let settled = Settled { resend: verdict == Verdict::Resend, ..Settled::new(id, verdict.state(), Some(reason)) };
    outbox::settle(tx, &mut journal, &[settled], None, now).await?;
    journal.write(tx, now).await?;
    Ok(Resolved::Yes)
}
