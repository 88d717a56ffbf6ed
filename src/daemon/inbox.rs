//! Before a poll reads the ledger: what was dropped into the inbox is imported, by one daemon at a time, each batch in a
//! transaction of its own, and put away with a report. A file that cannot be read stops nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use super::office::Office;
use crate::contacts::claim;
use crate::database::DatabaseError;
use crate::ledger::inbox::{self, Batch, DONE, Inbox, REJECTED};
use crate::ledger::profile;

/// Five minutes in all.
const WAITS: u32 = 1_500;
const WAIT: Duration = Duration::from_millis(200);

/// Takes all files that wait and are whole. Returns what a person has to look at.
///
/// # Errors
/// The own database's.
pub async fn empty(office: &Office) -> Result<Vec<String>, DatabaseError> {
    let Some(inbox) = &office.inbox else { return Ok(Vec::new()) };
    let trouble =
        |e: std::io::Error| format!("the inbox {} cannot be used, and nothing was imported from it: {e}", inbox.folder.display());
    // Of several daemons one empties the folder; the others wait, and read the ledger with what was in it.
    let _lock = match inbox.make().and_then(|()| inbox.lock()) {
        Ok(Some(lock)) => lock,
        Ok(None) => match alone(inbox).await {
            Ok(Some(lock)) => lock,
            Ok(None) => return Ok(vec![format!("another daemon is still importing from the inbox {}", inbox.folder.display())]),
            Err(error) => return Ok(vec![trouble(error)]),
        },
        Err(error) => return Ok(vec![trouble(error)]),
    };
    let before = match inbox.waiting() {
        Ok(before) if before.is_empty() => return Ok(Vec::new()),
        Ok(before) => before,
        Err(error) => return Ok(vec![trouble(error)]),
    };
    // Whoever is still writing has changed it by then.
    tokio::time::sleep(inbox.settle).await;
    let files = match inbox.waiting() {
        Ok(now) => inbox::whole(&before, now),
        Err(error) => return Ok(vec![trouble(error)]),
    };
    let names: BTreeSet<String> = files
        .iter()
        .filter_map(|f| match &f.reads {
            inbox::Reads::Profile(name) => Some(name.clone()),
            _ => None,
        })
        .filter(|name| profile::find(name, &inbox.beside).is_ok_and(|p| p.file.balances.is_some()))
        .collect();
    let mut problems = Vec::new();
    for batch in inbox::batches(files, |name| names.contains(name)) {
        problems.extend(import(office, inbox, &batch).await?);
    }
    Ok(problems)
}

/// The lock, when another daemon gives it back in time.
async fn alone(inbox: &Inbox) -> std::io::Result<Option<std::fs::File>> {
    for _ in 0..WAITS {
        tokio::time::sleep(WAIT).await;
        if let Some(lock) = inbox.lock()? {
            return Ok(Some(lock));
        }
    }
    Ok(None)
}

async fn import(office: &Office, inbox: &Inbox, batch: &Batch) -> Result<Vec<String>, DatabaseError> {
    if !batch.files.iter().all(inbox::Waiting::is_there) {
        // Somebody has taken one back. The others wait for the next poll.
        return Ok(Vec::new());
    }
    let mut tx = office.db.begin().await?;
    if !claim::plan_alone(&mut tx).await? {
        // Another daemon plans, and has looked into its inbox before. At the next poll.
        return Ok(Vec::new());
    }
    let (now, today, _) = office.present();
    let stamp = now.with_timezone(&office.timetable.time_zone).format("%Y-%m-%dT%H%M%S").to_string();
    let (place, report) = match inbox::take(inbox, &mut tx, batch, today).await {
        Ok(taken) => {
            tx.commit().await?;
            (DONE, taken.report)
        }
        Err(why) => {
            tx.rollback().await?;
            (REJECTED, format!("{why}\nnothing was changed\n"))
        }
    };
    let mut problems = Vec::new();
    for file in &batch.files {
        match inbox.put_away(file, place, &stamp, &report) {
            Ok(target) if place == REJECTED => {
                let first = report.lines().next().unwrap_or_default();
                problems.push(format!("{} cannot be imported, and lies in {}: {first}", file.name, target.display()));
            }
            Ok(_) => tracing::info!(file = file.name, "imported: {}", report.lines().take(3).collect::<Vec<_>>().join("; ")),
            // It will be read again, which does no harm.
            Err(error) => problems.push(format!("{} was read, and cannot be moved out of the inbox: {error}", file.name)),
        }
    }
    Ok(problems)
}
