//! This process as one of those that work on the database (D7, D8): its fencing token, its lease, and how long it may
//! trust the lease without asking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ulid::Ulid;

use super::stop::Stop;
use crate::contacts::claim;
use crate::database::{DaemonLock, Database, DatabaseError};

/// A lease is renewed so often while it lasts.
const RENEWALS: u32 = 6;
/// For the last part of its time, one of so many, it is not trusted any more: the database's clock and ours do not run
/// alike.
const MARGIN: u32 = 4;

/// The right to work on the database. To be given back with [`Lease::end`].
#[derive(Debug)]
pub struct Lease {
    db: Database,
    state: Arc<State>,
    renewing: Option<tokio::task::JoinHandle<()>>,
    _lock: Option<DaemonLock>,
}

#[derive(Debug)]
struct State {
    id: String,
    /// Others may work on the database, too.
    shared: bool,
    /// How long it lasts from its last renewal.
    length: Duration,
    /// Milliseconds of the clock that goes on while the host sleeps.
    trusted_until: AtomicU64,
    /// Ended by somebody else: for good.
    fenced: AtomicBool,
    /// Connections to the relay, of `max_connections` for all (D6).
    connections: AtomicUsize,
    max_connections: AtomicUsize,
    /// Connections at work. They may be more than are ours, until those above have finished what they are at.
    working: AtomicUsize,
}

/// Asks whether the lease can be trusted still; cheap, without the database.
#[derive(Debug, Clone)]
pub struct Trust(Arc<State>);

impl Trust {
    /// Whether what was claimed is still ours to send. A process that was stopped, or a host that slept, finds out here.
    #[must_use]
    pub fn holds(&self) -> bool {
        let state = &self.0;
        !state.shared || (!state.fenced.load(Ordering::SeqCst) && since_boot() < state.trusted_until.load(Ordering::SeqCst))
    }
}

/// A connection at work, for as long as it is held (D6).
#[derive(Debug)]
pub struct AtWork(Arc<State>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Trust {
    /// How many connections to the relay are ours now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.connections.load(Ordering::SeqCst)
    }

    /// One more connection is at work.
    #[must_use]
    pub fn work(&self) -> AtWork {
        self.0.working.fetch_add(1, Ordering::SeqCst);
        AtWork(Arc::clone(&self.0))
    }
}

impl Lease {
    /// Registers this process, for as long as `length` from each renewal. `timetable` is the SHA-256 of what it works by;
    /// `max_connections` the relay's limit, which all daemons on one database share.
    ///
    /// # Errors
    /// [`DatabaseError::Taken`] when another process works on a SQLite file (D8); the database's own.
    pub async fn take(db: &Database, timetable: &str, max_connections: usize, length: Duration) -> Result<Self, DatabaseError> {
        let lock = db.take_daemon_lock()?;
        let state = Arc::new(State {
            id: Ulid::new().to_string(),
            shared: db.is_shared(),
            length,
            trusted_until: AtomicU64::new(0),
            fenced: AtomicBool::new(false),
            connections: AtomicUsize::new(max_connections),
            max_connections: AtomicUsize::new(max_connections),
            working: AtomicUsize::new(0),
        });
        let asked = since_boot();
        let mut tx = db.begin().await?;
        claim::register(&mut tx, &state.id, &name(), timetable, state.seconds()).await?;
        tx.commit().await?;
        state.trust_from(asked);
        let mut lease = Self { db: db.clone(), state, renewing: None, _lock: lock };
        if lease.state.shared {
            renew(&lease.db, &lease.state).await?;
            let (db, state) = (lease.db.clone(), Arc::clone(&lease.state));
            lease.renewing = Some(tokio::spawn(async move {
                loop {
                    tokio::time::sleep(state.length / RENEWALS).await;
                    if let Err(error) = renew(&db, &state).await {
                        tracing::warn!(%error, "the lease was not renewed; nothing is sent when it runs out (D7)");
                    }
                }
            }));
        }
        Ok(lease)
    }

    /// The fencing token.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.state.id
    }

    /// How long it lasts from each renewal; `None`: on a database with one daemon it does not end.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        self.state.shared.then_some(self.state.length)
    }

    /// Whether somebody else has ended it: this process must begin anew.
    #[must_use]
    pub fn is_fenced(&self) -> bool {
        self.state.fenced.load(Ordering::SeqCst)
    }

    /// To ask before each step that others would see.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust(Arc::clone(&self.state))
    }

    /// How many connections to the relay are ours now (D6); may be 0 where more daemons than connections are at work.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The relay allows so many connections from now on (D9); on a shared database the next renewal shares them out.
    pub fn allow(&self, max_connections: usize) {
        self.state.max_connections.store(max_connections, Ordering::SeqCst);
        if !self.state.shared {
            self.state.connections.store(max_connections, Ordering::SeqCst);
        }
    }

    /// Waits a little for a connection where the others have them all; says how many are ours.
    ///
    /// # Errors
    /// The database's own.
    pub async fn wait_for_connections(&self, stop: &Stop) -> Result<usize, DatabaseError> {
        let patience = tokio::time::Instant::now() + self.state.length / 2;
        while self.connections() == 0 && !stop.is_stopped() && tokio::time::Instant::now() < patience {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(500)) => renew(&self.db, &self.state).await?,
                () = stop.stopped() => {}
            }
        }
        Ok(self.connections())
    }

    /// Gives back what was claimed, and the right.
    ///
    /// # Errors
    /// The database's own; the others notice by themselves when the lease is over.
    pub async fn end(mut self) -> Result<(), DatabaseError> {
        if let Some(task) = self.renewing.take() {
            task.abort();
        }
        let mut tx = self.db.begin().await?;
        claim::leave(&mut tx, &self.state.id).await?;
        tx.commit().await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(task) = self.renewing.take() {
            task.abort();
        }
    }
}

impl State {
    fn seconds(&self) -> i64 {
        i64::try_from(self.length.as_secs()).unwrap_or(i64::MAX)
    }

    fn trust_from(&self, asked: u64) {
        let until = asked + u64::try_from((self.length - self.length / MARGIN).as_millis()).unwrap_or(0);
        self.trusted_until.store(until, Ordering::SeqCst);
    }
}

/// Renews the lease, and settles how many connections are ours.
async fn renew(db: &Database, state: &State) -> Result<(), DatabaseError> {
    let asked = since_boot();
    let mut tx = db.begin().await?;
    // One at a time: the shares are counted together.
    claim::hold_shares(&mut tx).await?;
    let others = claim::at_work(&mut tx).await?;
    let share = share(
        &others.iter().map(|d| (d.id.as_str(), d.connections)).collect::<Vec<_>>(),
        &state.id,
        state.max_connections.load(Ordering::SeqCst),
    );
    // The others count on what is still in use, too.
    let in_use = share.max(state.working.load(Ordering::SeqCst));
    if !claim::renew(&mut tx, &state.id, state.seconds(), i64::try_from(in_use).unwrap_or(i64::MAX)).await? {
        state.fenced.store(true, Ordering::SeqCst);
        tracing::error!("this daemon's lease was ended by another one: it had hung for too long; it sends nothing more (D7)");
        return Ok(());
    }
    tx.commit().await?;
    state.connections.store(share, Ordering::SeqCst);
    state.trust_from(asked);
    Ok(())
}

/// Our part of the connections: the same for all, the oldest get what is left over; and never what another one has not
/// given back yet.
fn share(daemons: &[(&str, i64)], us: &str, max: usize) -> usize {
    let count = daemons.len().max(1);
    let place = daemons.iter().position(|(id, _)| *id == us).unwrap_or(count - 1);
    let fair = max / count + usize::from(place < max % count);
    let taken: i64 = daemons.iter().filter(|(id, _)| *id != us).map(|(_, n)| *n).sum();
    fair.min(max.saturating_sub(usize::try_from(taken).unwrap_or(0)))
}

/// Milliseconds since the host was started, the time it slept included.
fn since_boot() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000
}

/// Host and process, for people.
fn name() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{host}, process {}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connections_are_shared_out_and_never_more_than_the_relay_allows() {
        assert_eq!(share(&[("a", 0)], "a", 10), 10);
        assert_eq!(share(&[("a", 10), ("b", 0)], "b", 10), 0, "nothing is free before the other has given back");
        assert_eq!(share(&[("a", 10), ("b", 0)], "a", 10), 5);
        assert_eq!(share(&[("a", 5), ("b", 0)], "b", 10), 5);
        assert_eq!(share(&[("a", 0), ("b", 0), ("c", 0)], "a", 10), 4);
        assert_eq!(share(&[("a", 4), ("b", 3), ("c", 0)], "c", 10), 3);
        assert_eq!(share(&[("a", 1), ("b", 1), ("c", 0)], "c", 2), 0);
    }
}
