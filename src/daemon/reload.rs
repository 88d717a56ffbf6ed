//! Reading the files anew while the daemon works (D9): everything is checked first, and one error changes nothing.
//!
//! What is on its way to the relay ends with what it began with. Nothing more is begun until the daemon has moved, and the
//! rest of the queue is then prepared from the new files.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::office::Office;
use super::orders::{self, Answer};
use super::schedule::Schedule;
use super::shift::Shift;
use super::stop::Stopper;
use super::systemd;
use crate::contacts::claim;
use crate::database::{Database, DatabaseError};
use crate::delivery::Relay;
use crate::timetable::changes;

/// How often it is looked whether `dunningd reload` asks.
const LOOK: Duration = Duration::from_secs(2);

/// The keys that a daemon at work cannot take over.
const FIXED: [&str; 3] = ["[database] url", "[database] mark_file", "[database] lease"];

/// What the files say now.
#[derive(Debug)]
pub struct Fresh {
    pub office: Office,
    pub relay: Relay,
    pub schedule: Schedule,
    /// `dunningd.toml` as it is in force, to be compared; never shown.
    pub settings: toml::Table,
}

/// Reads and checks all files, for a daemon on this database; or says everything that is wrong, a sentence each.
pub type Reread = Arc<dyn Fn(Database) -> Result<Fresh, Vec<String>> + Send + Sync>;

/// Hears that the files are to be read anew, and keeps what they say until the daemon moves.
pub(super) struct Reloads {
    hangup: Signal,
    reread: Reread,
    stopper: Stopper,
    /// As it is in force, or will be with `fresh`.
    settings: toml::Table,
    /// Asked and not answered: the order, if it was one.
    asked: Option<Option<String>>,
    /// systemd knows that the files are being read.
    told: bool,
    fresh: Option<Fresh>,
}

impl Reloads {
    /// Hears SIGHUP from now on. `settings`: what the daemon has begun with.
    pub(super) fn listen(reread: Reread, settings: toml::Table, stopper: Stopper) -> std::io::Result<Self> {
        Ok(Self { hangup: signal(SignalKind::hangup())?, reread, stopper, settings, asked: None, told: false, fresh: None })
    }

    /// What the daemon is to move into.
    pub(super) fn take(&mut self) -> Option<Fresh> {
        self.stopper.go_on();
        self.fresh.take()
    }

    /// Whether there is something to move into.
    pub(super) fn is_ready(&self) -> bool {
        self.fresh.is_some()
    }

    /// Considers whatever is asked for, for ever; may be dropped and begun again.
    pub(super) async fn watch(&mut self, shift: &Shift) -> std::convert::Infallible {
        loop {
            self.wanted(shift).await;
            self.consider(shift).await;
        }
    }

    /// Waits until somebody asks.
    pub(super) async fn wanted(&mut self, shift: &Shift) {
        while self.asked.is_none() {
            tokio::select! {
                _ = self.hangup.recv() => self.asked = Some(None),
                () = tokio::time::sleep(LOOK) => match asked(shift).await {
                    Ok(order) => self.asked = order.map(Some),
                    Err(error) => tracing::debug!(%error, "nobody knows whether a reload is asked for"),
                },
            }
        }
    }

    /// Reads and checks the files, and answers; may be dropped and begun again.
    pub(super) async fn consider(&mut self, shift: &Shift) {
        let Some(order) = self.asked.clone() else { return };
        if !std::mem::replace(&mut self.told, true) {
            systemd::reloading();
        }
        let (reread, db) = (Arc::clone(&self.reread), shift.office.db.clone());
        let read = tokio::task::spawn_blocking(move || reread(db)).await;
        let read = read.unwrap_or_else(|_| Err(vec!["the program broke down while it read the files".to_owned()]));
        let judged = read.and_then(|fresh| self.judge(shift, fresh));
        let (taken, said) = match &judged {
            Ok((_, changes)) => (true, changes.clone()),
            Err(problems) => (false, problems.clone()),
        };
        let answer = Answer { order, at: shift.office.clock().now(), taken, said };
        let hash = judged.as_ref().ok().map(|(fresh, _)| fresh.office.timetable_hash.as_str());
        if let Err(error) = record(shift, &answer, hash).await {
            // The signal or the order is still there, and is considered again.
            tracing::error!(%error, "the files were read, and the answer cannot be written down; it is tried again");
            tokio::time::sleep(LOOK).await;
            return;
        }
        self.asked = None;
        match judged {
            Ok((fresh, changes)) => {
                for change in &changes {
                    tracing::info!("reloaded: {change}");
                }
                tracing::info!(changes = changes.len(), "the files were read anew and are taken (D9)");
                self.settings.clone_from(&fresh.settings);
                self.fresh = Some(fresh);
                self.stopper.hold();
            }
            Err(problems) => {
                for problem in &problems {
                    tracing::error!("not reloaded: {problem}");
                }
                tracing::error!(problems = problems.len(), "the files are not taken (D9): the daemon goes on with what it had");
            }
        }
        self.told = false;
        systemd::ready();
    }

    /// What has changed, if all of it can be taken over.
    fn judge(&self, shift: &Shift, fresh: Fresh) -> Result<(Fresh, Vec<String>), Vec<String>> {
        let keys = changed_keys(&self.settings, &fresh.settings);
        let fixed = |key: &&String| FIXED.contains(&key.as_str());
        let refused: Vec<String> = keys
            .iter()
            .filter(fixed)
            .map(|key| format!("{key} cannot change while the daemon works: restart it, or take the change back"))
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let before = self.fresh.as_ref().map_or(&*shift.office, |f| &f.office);
        let mut said = changes::between(&before.timetable, &fresh.office.timetable);
        said.extend(keys.into_iter().map(|key| format!("{key} changed")));
        said.extend(fresh.office.renderer.changed_since(&before.renderer).into_iter().map(|file| format!("{file} changed")));
        Ok((fresh, said))
    }
}

async fn asked(shift: &Shift) -> Result<Option<String>, DatabaseError> {
    orders::reload_asked(&mut shift.office.db.snapshot().await?, shift.lease.id()).await
}

async fn record(shift: &Shift, answer: &Answer, timetable: Option<&str>) -> Result<(), DatabaseError> {
    let mut tx = shift.office.db.begin().await?;
    orders::answer(&mut tx, shift.lease.id(), Some(answer)).await?;
    if let Some(timetable) = timetable {
        claim::works_by(&mut tx, shift.lease.id(), timetable).await?;
    }
    tx.commit().await
}

/// Nobody will ask about this daemon any more.
pub(super) async fn forget(shift: &Shift) -> Result<(), DatabaseError> {
    let mut tx = shift.office.db.begin().await?;
    orders::answer(&mut tx, shift.lease.id(), None).await?;
    tx.commit().await
}

/// The keys that differ, as `[table] key`; values may be secrets and are not named.
fn changed_keys(old: &toml::Table, new: &toml::Table) -> Vec<String> {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        match (old.get(name), new.get(name)) {
            (a, b) if a == b => {}
            (Some(toml::Value::Table(a)), Some(toml::Value::Table(b))) => {
                found.extend(changed_keys(a, b).into_iter().map(|key| match key.strip_prefix('[') {
                    Some(inner) => format!("[{name}.{inner}"),
                    None => format!("[{name}] {key}"),
                }));
            }
            (a, b) if a.or(b).is_some_and(toml::Value::is_table) => found.push(format!("[{name}]")),
            _ => found.push(name.clone()),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_are_named_and_their_values_are_not() {
        let old = "[relay]\nhost = \"a\"\npassword = \"x\"\n[ledger.query]\nurl = \"u\"\n[poll]\nschedule = []\n";
        let new = "[relay]\nhost = \"b\"\n[ledger.query]\nurl = \"v\"\n[poll]\nschedule = []\n[dkim]\nselector = \"s\"\n";
        let (old, new) = (old.parse().unwrap(), new.parse().unwrap());
        assert_eq!(changed_keys(&old, &new), ["[dkim]", "[ledger.query] url", "[relay] host", "[relay] password"]);
        assert!(changed_keys(&old, &old).is_empty());
    }
}
