//! Hands what is queued to the relay: durable intent, dialogue, durable outcome (D1–D5).
//!
//! One loop writes the log: it commits the outcomes that have come in and the intents of the next messages together, so
//! that many messages share an fsync. Beside it messages are rendered ahead (`loader`), and the connections work (`crew`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::crew::Crew;
use super::excerpt::LastRead;
use super::pace::Pace;
use super::pause;
use super::round::{Round, Turn};
use super::settle;
use super::shift::Shift;
use super::stop::Stop;
use crate::contacts::claim;
use crate::contacts::ids::Ids;
use crate::contacts::polls::{self, MayDeliver};
use crate::contacts::queue::Queue;
use crate::database::DatabaseError;

/// What a delivery came to.
#[derive(Debug, Default)]
pub struct Delivered {
    /// The contacts whose state has changed.
    pub changed: Ids,
    /// What a person has to look at.
    pub problems: Vec<String>,
    pub timings: Timings,
}

/// Where the time of a delivery went.
#[derive(Debug, Default, Clone, Copy)]
pub struct Timings {
    /// Rendering, beside everything else.
    pub rendering: Duration,
    /// Commits of intents and outcomes.
    pub log: Duration,
    /// Waiting for the relay with nothing to write down.
    pub wire: Duration,
    pub commits: u32,
}

/// Sends what is ready until nothing is left, the window closes, the relay refuses us or `stop` says so.
///
/// # Errors
/// The own database's: nothing more is sent then (D7).
pub async fn deliver(
    shift: &Shift,
    read: &mut Arc<LastRead>,
    which: MayDeliver,
    stop: &Stop,
) -> Result<Delivered, DatabaseError> {
    match Queue::after(which) {
        Some(queue) => deliver_queue(shift, read, queue, stop).await,
        None => Ok(Delivered::default()),
    }
}

/// The same of one queue. The digests ask for no window.
///
/// # Errors
/// The own database's.
pub(super) async fn deliver_queue(
    shift: &Shift,
    read: &mut Arc<LastRead>,
    queue: Queue,
    stop: &Stop,
) -> Result<Delivered, DatabaseError> {
    let pace = match look(shift, queue).await? {
        Look::Open(pace) => pace,
        Look::Closed(problems) => return Ok(Delivered { problems, ..Delivered::default() }),
    };
    let connections = shift.lease.wait_for_connections(stop).await?;
    if connections == 0 {
        // More daemons than connections: the others have them all (D6).
        return Ok(Delivered::default());
    }
    let mut round = Round::new(shift, read, queue, pace);
    let mut crew = Crew::hire(&shift.office, &shift.relay, &shift.lease.trust(), stop, connections);
    let result = run(shift, &mut round, &mut crew, read, stop).await;
    crew.dismiss().await;
    let mut done = round.finish().await?;
    result?;
    if let Err(error) = shift.mark.save().await {
        done.problems.push(error.to_string());
    }
    Ok(done)
}

/// Whether anything may be sent at all.
enum Look {
    Open(Pace),
    /// Why not, as far as a person has to know.
    Closed(Vec<String>),
}

async fn look(shift: &Shift, queue: Queue) -> Result<Look, DatabaseError> {
    let (now, _, may_send) = shift.office.present();
    if !(may_send || queue == Queue::Letters) || shift.lease.is_fenced() {
        return Ok(Look::Closed(Vec::new()));
    }
    let mut tx = shift.office.db.snapshot().await?;
    shift.relay.remember_refused_sign_ins(settle::auth_refusals(&mut tx, now).await?.len()).await;
    let mut problems = Vec::new();
    problems.extend(shift.mark.gap(&mut tx).await?);
    problems.extend(settle::paused(&mut tx, now).await?);
    problems.extend(pause::problem(&mut tx, now).await?);
    if !problems.is_empty() {
        return Ok(Look::Closed(problems));
    }
    Ok(Look::Open(Pace::load(&mut tx, shift.relay.settings(), now).await?))
}

async fn run(
    shift: &Shift,
    round: &mut Round<'_>,
    crew: &mut Crew,
    read: &mut Arc<LastRead>,
    stop: &Stop,
) -> Result<(), DatabaseError> {
    let (mut results, mut fault) = (Vec::new(), None);
    loop {
        if stop.is_held() || crew.is_gone() {
            round.closed = true;
        }
        // After a fault nothing more is begun, and what was begun is heard to its end and written down.
        if let Err(error) = round.fill(crew.in_flight == 0 && results.is_empty()).await {
            round.closed = true;
            fault.get_or_insert(error);
        }
        round.look_at_ledger(read).await;
        let began = Instant::now();
        match round.turn(read, &mut results, crew.room(), stop).await {
            Ok(Turn { jobs, wrote }) => {
                if wrote {
                    round.done.timings.log += began.elapsed();
                    round.done.timings.commits += 1;
                }
                for job in jobs {
                    crew.send(job).await;
                }
            }
            Err(error) => {
                round.closed = true;
                fault.get_or_insert(error);
            }
        }
        if crew.in_flight == 0 {
            if fault.is_none() && round.must_wait(stop).await {
                continue;
            }
            return fault.map_or(Ok(()), Err);
        }
        let began = Instant::now();
        // One connection may be waiting for minutes: the others go on as soon as there is something, and it may leave.
        let (page, wait) = (round.wants_page(), round.pace_wait());
        let room = crew.room() > 0;
        tokio::select! {
            biased;
            () = crew.ended(&mut results) => {}
            () = round.loader.arrive(), if room && page => {}
            () = tokio::time::sleep(wait.unwrap_or_default()), if room && wait.is_some() => {
                shift.office.wait(wait.unwrap_or_default());
            }
            () = stop.held(), if !round.closed => {}
        }
        round.done.timings.wire += began.elapsed();
    }
}

/// Whether there is anything to be sent now, and what the last poll allows (T27–T29).
///
/// # Errors
/// The own database's.
pub async fn waiting(shift: &Shift) -> Result<Option<MayDeliver>, DatabaseError> {
    let (now, today, in_window) = shift.office.present();
    if !in_window {
        return Ok(None);
    }
    let mut tx = shift.office.db.snapshot().await?;
    // T5: on another day it is for the next poll to say what is still due.
    let Some(may) = polls::may_deliver_on(&mut tx, today).await? else { return Ok(None) };
    let Some(queue) = Queue::after(may) else { return Ok(None) };
    if pause::problem(&mut tx, now).await?.is_some() {
        return Ok(None);
    }
    let some = claim::is_waiting(&mut tx, queue, now).await?;
    Ok(some.then_some(may))
}
