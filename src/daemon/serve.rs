//! The daemon's life: ready, polls on the schedule, retries between them, and a decent end (D9, T30).

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::calendar;
use super::clock_check;
use super::deliver;
use super::digest;
use super::excerpt::LastRead;
use super::pass::{Pass, Report, pass, settle_the_past};
use super::reload::{self, Reloads, Reread};
use super::schedule::{Schedule, Slot};
use super::shift::{Shift, ShiftError};
use super::stop::{self, Stop, Stopper};
use super::{belief, orders, systemd};
use crate::contacts::State;
use crate::contacts::polls;
use crate::database::DatabaseError;

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Shift(#[from] ShiftError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("another daemon has ended this one's lease: it had hung for too long; it is to be started again (D7)")]
    Fenced,
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

/// Polls until it is told to stop, and ends the shift. `settings`: the `dunningd.toml` that it begins with; `reread` reads
/// the files anew when that is asked for (D9).
///
/// # Errors
/// When it cannot begin; when another daemon has ended this one's lease.
pub async fn serve(shift: Shift, schedule: Schedule, settings: toml::Table, reread: Reread) -> Result<(), ServeError> {
    let (mut shift, mut schedule) = (shift, schedule);
    let (stopper, stop) = stop::pair();
    stop_on_signal(stopper.clone())?;
    let mut reloads = Reloads::listen(reread, settings, stopper)?;
    let clock = shift.office.clock();
    // What an earlier life left as being sent is in doubt, and `status` is to say so at once (D2).
    settle_the_past(&shift, clock.now()).await?;
    let (mut read, mut after) = (None::<Arc<LastRead>>, clock.now());
    let mut next = schedule.next(after);
    systemd::ready();
    tracing::info!(poll.next = next.map(|s| s.name()), database = %shift.office.db.name(), daemon = shift.lease.id(), "ready");
    while !stop.is_stopped() {
        if shift.lease.is_fenced() {
            return Err(ServeError::Fenced);
        }
        if let Some(fresh) = reloads.take() {
            shift.move_into(fresh.office, fresh.relay);
            // The last picture may be that of another ledger.
            (schedule, read) = (fresh.schedule, None);
            next = schedule.next(after);
            tracing::info!(poll.next = next.map(|s| s.name()), "works by the files that were read anew");
        }
        let now = clock.now();
        if now < after {
            // The clock went back: what was due meanwhile was polled under its slot's name (T30).
            next = schedule.next(now);
        }
        after = now;
        if let Some(slot) = next.filter(|s| s.at <= now) {
            next = schedule.next(now);
            if let Some(report) = alive(poll_slot(&shift, slot, read.as_deref(), &stop), &shift, &mut reloads).await {
                read = report.read;
            }
        } else {
            alive(between(&shift, &mut read, &stop), &shift, &mut reloads).await;
        }
        systemd::alive();
        if reloads.is_ready() {
            continue;
        }
        let until = next.map_or(LOOK_AROUND, |s| (s.at - clock.now()).to_std().unwrap_or_default());
        // Twice within a lease: what a daemon left that is gone is not to wait for long (D7).
        let at_most = shift.lease.length().map_or(LOOK_AROUND, |lease| LOOK_AROUND.min(lease / 2));
        tokio::select! {
            () = tokio::time::sleep(until.min(at_most)) => {}
            () = stop.stopped() => {}
            () = reloads.wanted(&shift) => reloads.consider(&shift).await,
        }
    }
    systemd::stopping();
    if let Err(error) = reload::forget(&shift).await {
        tracing::debug!(%error, "the answer to the last reload is still there");
    }
    shift.end().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Polls one slot, unless an earlier life of this daemon or another daemon has (T30, D7).
async fn poll_slot(shift: &Shift, slot: Slot, last: Option<&LastRead>, stop: &Stop) -> Option<Report> {
    let name = slot.name();
    let done = async {
        let mut tx = shift.office.db.snapshot().await?;
        if polls::is_polled(&mut tx, &name).await? {
            tracing::info!(poll.slot = name, "this slot was polled already");
            return Ok(None);
        }
        drop(tx);
        if let Some(other) = shift.other_timetable().await? {
            tracing::error!(poll.slot = name, "{other}");
            return Ok(None);
        }
        let accepted = orders::take(&shift.office.db, shift.office.clock().now()).await?;
        let clock_problem = if accepted.clock { None } else { clock_check::problem(&shift.office).await? };
        let how = Pass { slot: Some(&name), clock_problem: clock_problem.as_deref(), accepted, last };
        pass(shift, how, stop).await.map(Some)
    };
    match done.await {
        Ok(report) => {
            report.iter().for_each(log);
            report
        }
        Err(DatabaseError::Taken { .. }) => {
            tracing::info!(poll.slot = name, "another daemon is planning");
            None
        }
        Err(error) => {
            tracing::error!(poll.slot = name, %error, "the poll was given up; the next slot tries again");
            None
        }
    }
}

/// Between the polls: what other daemons left is settled, and what is due to be tried again, or was planned by another
/// daemon, is sent (D3, D7).
async fn between(shift: &Shift, read: &mut Option<Arc<LastRead>>, stop: &Stop) {
    let done = async {
        settle_the_past(shift, shift.office.clock().now()).await?;
        morning(shift, stop).await?;
        if let Some(problem) = calendar::refresh(&shift.office, read.as_deref(), false).await? {
            tracing::warn!("{problem}");
        }
        let Some(which) = deliver::waiting(shift).await? else { return Ok(None) };
        let (_, today, _) = shift.office.present();
        let known = read.take().filter(|r| r.day == today);
        let mut fresh = match known {
            Some(read) => read,
            None => match belief::read(&shift.office).await? {
                Ok(read) => Arc::new(read),
                Err(problem) => {
                    tracing::warn!("{problem}");
                    return Ok(None);
                }
            },
        };
        let delivered = deliver::deliver(shift, &mut fresh, which, stop).await;
        *read = Some(fresh);
        delivered.map(Some)
    };
    match done.await {
        Ok(Some(delivered)) => {
            tracing::info!(contacts = delivered.changed.len(), "sent what was waiting");
            delivered.problems.iter().for_each(|p| tracing::warn!("{p}"));
        }
        Ok(None) => {}
        Err(error) => {
            let error: DatabaseError = error;
            tracing::error!(%error, "nothing was sent between the polls");
        }
    }
}

/// The digests and forewarnings of the day, if no poll has sent them: the hour was missed, or the relay was away.
async fn morning(shift: &Shift, stop: &Stop) -> Result<(), DatabaseError> {
    if !digest::is_wanted(&shift.office) || clock_check::problem(&shift.office).await?.is_some() {
        return Ok(());
    }
    let delivered = digest::pass(shift, stop).await?;
    delivered.problems.iter().for_each(|p| tracing::warn!("{p}"));
    Ok(())
}

/// One line a poll, one for each problem.
fn log(report: &Report) {
    tracing::info!(
        poll.date = %report.date,
        poll.believed = report.believed,
        ledger.open_invoices = report.open_invoices,
        ledger.bad_rows = report.bad_rows.len(),
        ledger.reread = report.reread,
        contacts.sent = report.count(State::Sent),
        contacts.retrying = report.count(State::Retrying),
        contacts.failed = report.count(State::Failed),
        contacts.in_doubt = report.count(State::InDoubt),
        contacts.skipped = report.count(State::Skipped),
        contacts.tasks = report.count(State::Open),
        contacts.waiting = report.waiting,
        "polled"
    );
    report.problems.iter().for_each(|p| tracing::warn!("{p}"));
    report.bad_rows.iter().take(20).for_each(|bad| tracing::warn!(ledger.row = %bad, "a row of the ledger was left out"));
}

/// Does what may take long (a thousand e-mails at the relay's pace), tells systemd meanwhile that all is well, and hears
/// whether the files are to be read anew (D9).
async fn alive<T>(work: impl Future<Output = T>, shift: &Shift, reloads: &mut Reloads) -> T {
    tokio::select! {
        done = work => done,
        never = reloads.watch(shift) => match never {},
        never = say_alive() => match never {},
    }
}

async fn say_alive() -> std::convert::Infallible {
    loop {
        tokio::time::sleep(LOOK_AROUND).await;
        systemd::alive();
    }
}
