//! The daemon's life: ready, polls on the schedule, retries between them, and a decent end (D9, T30).

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::signal::unix::{SignalKind, signal};

use super::clock_check;
use super::deliver::{self, Which};
use super::office::{LastRead, Office};
use super::pass::{Pass, Report, pass, settle_the_past};
use super::poll::Memory;
use super::schedule::{Schedule, Settings, Slot};
use super::stop::{self, Stop, Stopper};
use crate::contacts::{State, polls};
use crate::database::DatabaseError;
use crate::delivery::Relay;

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{0}")]
    Schedule(String),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("signals cannot be heard: {0}")]
    Signals(#[from] std::io::Error),
}

/// How often the loop looks around at least: a suspended host or a changed clock is noticed within this time.
const LOOK_AROUND: Duration = Duration::from_secs(30);

/// Says `stop` at SIGTERM and SIGINT.
///
/// # Errors
/// When signals cannot be heard.
pub fn stop_on_signal(stopper: Stopper) -> std::io::Result<()> {
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopper.stop();
    });
    Ok(())
}

/// Polls until it is told to stop.
///
/// # Errors
/// When it cannot begin: a schedule that is none, another daemon on the database.
pub async fn serve(office: &Office, relay: &Relay, settings: &Settings) -> Result<(), ServeError> {
    let schedule = Schedule::new(&settings.schedule, office.timetable.time_zone).map_err(ServeError::Schedule)?;
    let _lock = office.db.take_daemon_lock()?;
    let (stopper, stop) = stop::pair();
    stop_on_signal(stopper)?;
    // What an earlier life left as being sent is in doubt, and `status` is to say so at once (D2).
    settle_the_past(office, office.clock.now()).await?;
    let (mut read, mut memory, mut after) = (None, Memory::default(), office.clock.now());
    let mut next = schedule.next(after);
    tell_systemd(&[sd_notify::NotifyState::Ready]);
    tracing::info!(poll.next = next.map(|s| s.name()), database = %office.db.path().display(), "ready");
    while !stop.is_stopped() {
        let now = office.clock.now();
        if now < after {
            // The clock went back: what was due meanwhile was polled under its slot's name (T30).
            next = schedule.next(now);
        }
        after = now;
        if let Some(slot) = next.filter(|s| s.at <= now) {
            next = schedule.next(now);
            if let Some(report) = poll_slot(office, relay, &mut memory, slot, &stop).await {
                // Where a guard holds things back, nothing is tried again either (T27–T29).
                read = report.read.filter(|_| report.held_by_volume == 0 && !report.clock_doubted);
            }
        } else {
            // T5: after the window, or on another day, it is for the next poll to say what is still due.
            let (_, today, in_window) = office.present();
            read = read.filter(|r: &LastRead| in_window && r.day == today);
            if let Some(read) = &mut read {
                retry(office, relay, read, now, &stop).await;
            }
        }
        tell_systemd(&[sd_notify::NotifyState::Watchdog]);
        let until = next.map_or(LOOK_AROUND, |s| (s.at - office.clock.now()).to_std().unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(until.min(LOOK_AROUND)) => {}
            () = stop.stopped() => {}
        }
    }
    tell_systemd(&[sd_notify::NotifyState::Stopping]);
    tracing::info!("stopped");
    Ok(())
}

/// Polls one slot, unless an earlier life of this daemon has.
async fn poll_slot(office: &Office, relay: &Relay, memory: &mut Memory, slot: Slot, stop: &Stop) -> Option<Report> {
    let name = slot.name();
    let done = async {
        if polls::is_polled(&mut office.db.snapshot().await?, &name).await? {
            tracing::info!(poll.slot = name, "this slot was polled already");
            return Ok(None);
        }
        let clock_problem = clock_check::problem(office).await?;
        let how = Pass { slot: Some(&name), clock_problem: clock_problem.as_deref(), ..Pass::default() };
        pass(office, relay, memory, how, stop).await.map(Some)
    };
    match alive(done).await {
        Ok(report) => {
            report.iter().for_each(log);
            report
        }
        Err(error) => {
            let error: DatabaseError = error;
            tracing::error!(poll.slot = name, %error, "the poll was given up; the next slot tries again");
            None
        }
    }
}

/// Tries again what is due to be tried again (D3).
async fn retry(office: &Office, relay: &Relay, read: &mut LastRead, now: DateTime<Utc>, stop: &Stop) {
    let tried = async {
        if deliver::next_retry(office).await?.is_none_or(|t| t > now) {
            return Ok(None);
        }
        deliver::deliver(office, relay, read, Which::All, stop).await.map(Some)
    };
    match alive(tried).await {
        Ok(Some(delivered)) => {
            tracing::info!(contacts = delivered.changed.len(), "tried again");
            delivered.problems.iter().for_each(|p| tracing::warn!("{p}"));
        }
        Ok(None) => {}
        Err(error) => {
            let error: DatabaseError = error;
            tracing::error!(%error, "nothing was tried again");
        }
    }
}

/// One line a poll, one for each problem.
fn log(report: &Report) {
    let count = |state| report.contacts.iter().filter(|c| c.state == state).count();
    tracing::info!(
        poll.date = %report.date,
        poll.believed = report.believed,
        ledger.open_invoices = report.open_invoices,
        ledger.bad_rows = report.bad_rows.len(),
        contacts.sent = count(State::Sent),
        contacts.retrying = count(State::Retrying),
        contacts.failed = count(State::Failed),
        contacts.in_doubt = count(State::InDoubt),
        contacts.skipped = count(State::Skipped),
        contacts.tasks = count(State::Open),
        contacts.waiting = report.waiting.len(),
        "polled"
    );
    report.problems.iter().for_each(|p| tracing::warn!("{p}"));
    report.bad_rows.iter().take(20).for_each(|bad| tracing::warn!(ledger.row = %bad, "a row of the ledger was left out"));
}

/// Does what may take long (a thousand e-mails at the relay's pace), and tells systemd meanwhile that all is well.
async fn alive<T>(work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(LOOK_AROUND) => tell_systemd(&[sd_notify::NotifyState::Watchdog]),
        }
    }
}

/// Tells systemd, if it is there.
fn tell_systemd(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}
