//! Hands what is queued to the relay: durable intent, dialogue, durable outcome (D1–D5).
//!
//! One loop writes the log: it commits the outcomes that have come in and the intents of the next messages together, so
//! that many messages share an fsync. Beside it messages are rendered ahead (`loader`), and the connections work (`crew`).

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::crew::Crew;
use super::loader::Loader;
use super::office::LastRead;
use super::pace::Pace;
use super::pause;
use super::round::{Round, Turn};
use super::settle;
use super::shift::Shift;
use super::stop::Stop;
use crate::contacts::polls::{self, MayDeliver};
use crate::database::DatabaseError;

/// What a delivery came to.
#[derive(Debug, Default)]
pub struct Delivered {
    /// The contacts whose state has changed.
    pub changed: Vec<String>,
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
    let Some(mut round) = begin(shift, read, which).await? else { return Ok(Delivered::default()) };
    if round.closed {
        return Ok(round.done);
    }
    let connections = shift.lease.connections();
    if connections == 0 {
        // More daemons than connections: the others have them all (D6).
        return Ok(round.done);
    }
    let mut crew = Crew::hire(&shift.office, &shift.relay, &shift.lease.trust(), stop, connections);
    let result = run(&mut round, &mut crew, read, stop).await;
    crew.dismiss().await;
    let mut done = round.finish().await?;
    result?;
    if let Err(error) = shift.mark.save().await {
        done.problems.push(error.to_string());
    }
    Ok(done)
}

async fn begin<'a>(shift: &'a Shift, read: &Arc<LastRead>, which: MayDeliver) -> Result<Option<Round<'a>>, DatabaseError> {
    let (now, _, may_send) = shift.office.present();
    let mut tx = shift.office.db.snapshot().await?;
    let notices_only = match which {
        MayDeliver::Nothing => return Ok(None),
        MayDeliver::Notices => true,
        MayDeliver::All => false,
    };
    let mut done = Delivered::default();
    done.problems.extend(shift.mark.gap(&mut tx).await?);
    shift.relay.remember_refused_sign_ins(settle::auth_refusals(&mut tx, now).await?.len()).await;
    done.problems.extend(settle::paused(&mut tx, now).await?);
    done.problems.extend(pause::problem(&mut tx, now).await?);
    let pace = Pace::load(&mut tx, shift.relay.settings(), shift.office.clock().is_given(), now).await?;
    let closed = !may_send || !done.problems.is_empty() || shift.lease.is_fenced();
    let loader = Loader::new(&shift.office, read, shift.lease.id(), notices_only);
    Ok(Some(Round {
        shift,
        loader,
        ready: VecDeque::new(),
        controls: String::new(),
        good_until: now,
        exhausted: closed,
        pace,
        done,
        closed,
        unreached: 0,
        unsure: Vec::new(),
        taken: Vec::new(),
        went_back: HashSet::new(),
    }))
}

async fn run(round: &mut Round<'_>, crew: &mut Crew, read: &mut Arc<LastRead>, stop: &Stop) -> Result<(), DatabaseError> {
    let (mut results, mut fault) = (Vec::new(), None);
    loop {
        if stop.is_stopped() {
            round.closed = true;
        }
        round.look_at_ledger(read).await;
        // After a fault nothing more is begun, and what was begun is heard to its end and written down.
        if let Err(error) = round.fill(crew.in_flight == 0 && results.is_empty()).await {
            round.closed = true;
            fault.get_or_insert(error);
        }
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
        crew.ended(&mut results).await;
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
    if may == MayDeliver::Nothing || pause::problem(&mut tx, now).await?.is_some() {
        return Ok(None);
    }
    let some = crate::contacts::claim::is_waiting(&mut tx, may == MayDeliver::Notices, now).await?;
    Ok(some.then_some(may))
}
