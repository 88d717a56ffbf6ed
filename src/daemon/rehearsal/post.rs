//! The e-mails of a played day: rendered as a real delivery does, and written into a folder.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::{Rehearsal, RehearsalError};
use crate::contacts::past::{self, Past};
use crate::contacts::{Entry, State};
use crate::daemon::excerpt::Excerpt;
use crate::daemon::knowledge::Knowledge;
use crate::daemon::office::Office;
use crate::daemon::prepare::{self, Prepared};
use crate::delivery::file;

/// Renders what is to leave, and puts it into the folder; `entries` learn what became of them.
pub(super) fn write(
    office: &Office,
    read: &Excerpt,
    known: &Knowledge,
    past: &HashMap<String, Vec<Past>>,
    folder: &Path,
    entries: &mut [Entry],
    now: DateTime<Utc>,
) -> Result<(), RehearsalError> {
    let mut leaving: Vec<&mut Entry> = entries.iter_mut().filter(|e| e.state == State::Sent).collect();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = leaving.len().div_ceil(threads).max(1);
    let one = |entry: &mut Entry| -> Result<(), RehearsalError> {
        match prepare::prepare(office, entry, read, known, past, None, now) {
            Prepared::Send { intent, message } => {
                let written = file::put(folder, &message);
                let path = written.map_err(|source| RehearsalError::Write { file: folder.display().to_string(), source })?;
                (entry.to, entry.cc, entry.language) = (intent.to, intent.cc, Some(intent.language));
                entry.message_id = Some(intent.message_id);
                entry.relay_reply = Some(format!("250 2.0.0 written to {}", path.display()));
            }
            Prepared::Cancel { reason } => (entry.state, entry.reason) = (State::Cancelled, Some(reason.to_owned())),
            Prepared::Fail { reason } => (entry.state, entry.reason) = (State::Failed, Some(reason)),
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            leaving.chunks_mut(share).map(|some| scope.spawn(|| some.iter_mut().try_for_each(|entry| one(entry)))).collect();
        let broken =
            |_| Err(RehearsalError::Write { file: folder.display().to_string(), source: std::io::ErrorKind::Other.into() });
        // All of them are waited for, whatever the first one says.
        workers.into_iter().try_for_each(|w| w.join().unwrap_or_else(broken))
    })
}

impl Rehearsal {
    /// What the log really has about the invoices of these contacts, if it was not read before.
    pub(super) async fn read_past(&mut self, entries: &[Entry]) -> Result<(), RehearsalError> {
        let made = entries.iter().filter(|e| e.state != State::Skipped);
        let unread: Vec<&str> = made
            .flat_map(|e| &e.invoices)
            .map(|i| i.id.as_str())
            .filter(|id| !self.past.contains_key(*id) && self.known.history.of(id).is_some())
            .collect();
        if !unread.is_empty() {
            let mut found = past::past_of(&mut self.office.db.snapshot().await?, &unread).await?;
            let all = unread.iter().map(|id| ((*id).to_owned(), found.remove(*id).unwrap_or_default()));
            let all: Vec<_> = all.collect();
            self.past.extend(all);
        }
        Ok(())
    }

    /// What the log would have of a contact that was made.
    pub(super) fn keep_past(&mut self, entry: &Entry) {
        for covered in &entry.invoices {
            let one = Past {
                customer: entry.customer.clone(),
                date: entry.date,
                step: covered.step.clone(),
                kind: entry.kind.word().to_owned(),
                state: entry.state,
                message_id: entry.message_id.clone(),
            };
            self.past.entry(covered.id.clone()).or_default().push(one);
        }
    }
}
