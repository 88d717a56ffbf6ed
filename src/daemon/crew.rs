//! The connections at work: each takes a message whose intent is durable, sends it, and says what became of it. They know
//! nothing of the log.

use std::sync::{Arc, Mutex as Cell, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::lease::{AtWork, Trust};
use super::office::Office;
use super::settle::Ended;
use super::stop::Stop;
use super::watch::Watch;
use crate::delivery::{Cause, Connection, Outcome, Progress, Relay};
use crate::message::Message;

/// How often a connection that has nothing to do looks whether it is still ours.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// How long outcomes are gathered for one commit while others are on their way.
const GATHER: Duration = Duration::from_millis(2);

/// One message on its way through a connection.
pub(super) struct Job {
    pub(super) customer: String,
    pub(super) contact: String,
    pub(super) message: Arc<Message>,
    /// What it says was true until then (T26).
    pub(super) good_until: DateTime<Utc>,
    /// It asks for no send window.
    pub(super) at_any_hour: bool,
}

/// What a connection is doing, for whoever finds it dead.
#[derive(Debug, Default)]
struct Doing(Cell<Option<Held>>);

/// Its place, customer, contact, and how far it has come.
type Held = (u64, String, String, Progress);

impl Doing {
    fn set(&self, what: Option<Held>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    fn take(&self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// All connections of one delivery.
pub(super) struct Crew {
    jobs: Option<mpsc::Sender<Job>>,
    waiting: Arc<Mutex<mpsc::Receiver<Job>>>,
    finished: mpsc::UnboundedReceiver<Ended>,
    workers: JoinSet<()>,
    watch: Arc<Watch>,
    doing: Vec<Arc<Doing>>,
    pub(super) in_flight: usize,
}

impl Crew {
    /// `connections` of them; none is opened before there is something to send.
    pub(super) fn hire(office: &Arc<Office>, relay: &Relay, trust: &Trust, stop: &Stop, connections: usize) -> Self {
        // As many again may wait as are on the wire (D2): a connection never waits for the log.
        let (jobs, waiting) = mpsc::channel(connections * 2);
        let (finish, finished) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let (mut workers, mut doing, watch) = (JoinSet::new(), Vec::new(), Arc::new(Watch::default()));
        for place in 0..connections {
            let worker = Worker {
                place,
                _at_work: trust.work(),
                office: Arc::clone(office),
                relay: relay.clone(),
                trust: trust.clone(),
                stop: stop.clone(),
                watch: Arc::clone(&watch),
                doing: Arc::default(),
                kept: None,
            };
            doing.push(Arc::clone(&worker.doing));
            workers.spawn(worker.work(Arc::clone(&waiting), finish.clone()));
        }
        Self { jobs: Some(jobs), waiting, finished, workers, watch, doing, in_flight: 0 }
    }

    /// How many more may be handed over.
    pub(super) fn room(&self) -> usize {
        (self.workers.len() * 2).saturating_sub(self.in_flight)
    }

    /// Whether no connection is left.
    pub(super) fn is_gone(&self) -> bool {
        self.workers.is_empty()
    }

    /// Hands a message over; there must be room.
    pub(super) async fn send(&mut self, job: Job) {
        self.in_flight += 1;
        if let Some(jobs) = &self.jobs {
            // When every connection is dead, it is found by `ended`.
            let _ = jobs.send(job).await;
        }
    }

    /// Waits until one has ended, and brings all that have. While others are on their way it waits a moment more, so that
    /// many outcomes share a commit (D1); one alone is not held up. May be given up at any time: what was brought is in
    /// `into`, and is not in flight any more.
    pub(super) async fn ended(&mut self, into: &mut Vec<Ended>) {
        self.first_ended(into).await;
        let until = tokio::time::Instant::now() + GATHER;
        loop {
            while let Ok(next) = self.finished.try_recv() {
                self.in_flight = self.in_flight.saturating_sub(1);
                into.push(next);
            }
            // As many wait for a connection as there are: more than that are not kept from the log.
            if self.in_flight == 0 || into.len() >= self.workers.len() {
                return;
            }
            match tokio::time::timeout_at(until, self.finished.recv()).await {
                Ok(Some(next)) => {
                    self.in_flight = self.in_flight.saturating_sub(1);
                    into.push(next);
                }
                _ => return,
            }
        }
    }

    async fn first_ended(&mut self, into: &mut Vec<Ended>) {
        tokio::select! {
            biased;
            Some(first) = self.finished.recv() => {
                self.in_flight = self.in_flight.saturating_sub(1);
                into.push(first);
            }
            Some(dead) = self.workers.join_next() => {
                let why = dead.err().map_or_else(|| "it ended too early".to_owned(), |e| e.to_string());
                // The others' work is theirs; the dead one's is what nobody holds any more.
                let dead = self.doing.iter().filter(|d| Arc::strong_count(d) == 1);
                for (place, customer, contact, progress) in dead.filter_map(|d| d.take()) {
                    let outcome = orphaned(&progress, &why);
                    let back = self.watch.end(place, &customer, &contact, Some(&outcome));
                    self.in_flight = self.in_flight.saturating_sub(1);
                    into.push(Ended { customer, contact, outcome: Some(outcome), back });
                }
            }
            // Nobody is left: what still waits was not begun.
            else => {
                let waiting = self.waiting.try_lock().ok().into_iter();
                let left = waiting.flat_map(|mut jobs| std::iter::from_fn(move || jobs.try_recv().ok()));
                into.extend(left.map(|j| Ended { customer: j.customer, contact: j.contact, outcome: None, back: Vec::new() }));
                self.in_flight = 0;
            }
        }
    }

    /// Says goodbye to the relay.
    pub(super) async fn dismiss(mut self) {
        self.jobs = None;
        while self.workers.join_next().await.is_some() {}
    }
}

/// A connection broke down in our own hands: how far it had come decides (D10).
fn orphaned(progress: &Progress, why: &str) -> Outcome {
    let cause = Cause::Found(format!("the program broke down: {why}"));
    if progress.may_be_accepted() {
        Outcome::InDoubt { cause }
    } else {
        Outcome::Retry { phase: progress.phase(), cause, slow_down: false }
    }
}

struct Worker {
    /// Among the connections of this delivery, from 0.
    place: usize,
    _at_work: AtWork,
    office: Arc<Office>,
    relay: Relay,
    trust: Trust,
    stop: Stop,
    watch: Arc<Watch>,
    doing: Arc<Doing>,
    kept: Option<Connection>,
}

impl Worker {
    /// Takes messages until there are no more.
    async fn work(mut self, jobs: Arc<Mutex<mpsc::Receiver<Job>>>, finish: mpsc::UnboundedSender<Ended>) {
        // A connection that another daemon is to have takes nothing more (D6); one is left for what is on its way.
        while self.place == 0 || self.place < self.trust.connections() {
            let job = tokio::select! {
                job = async { jobs.lock().await.recv().await } => job,
                () = tokio::time::sleep(LOOK_AROUND) => continue,
            };
            let Some(job) = job else { break };
            let place = self.watch.begin();
            self.doing.set(Some((place, job.customer.clone(), job.contact.clone(), Progress::default())));
            let outcome = if self.may_begin(&job) { self.send(place, &job).await } else { None };
            self.doing.set(None);
            let back = self.watch.end(place, &job.customer, &job.contact, outcome.as_ref());
            if finish.send(Ended { customer: job.customer, contact: job.contact, outcome, back }).is_err() {
                break;
            }
        }
        if let Some(connection) = self.kept {
            connection.quit().await;
        }
    }

    /// Asked just before MAIL FROM: the window (T5), the age of what it says (T26), the lease (D7).
    fn may_begin(&self, job: &Job) -> bool {
        let (now, _, in_window) = self.office.present();
        !self.stop.is_stopped()
            && !self.watch.is_halted()
            && (in_window || job.at_any_hour)
            && now <= job.good_until
            && self.trust.holds()
    }

    /// Sends one message; `None`: it was not begun, or given up before the relay can have taken it (D9).
    async fn send(&mut self, place: u64, job: &Job) -> Option<Outcome> {
        let connection = match self.kept.take() {
            Some(connection) => connection,
            None => tokio::select! {
                opened = self.relay.connect() => match opened {
                    Ok(connection) => connection,
                    Err(outcome) => return Some(outcome),
                },
                () = self.stop.stopped() => return None,
            },
        };
        // Opening may have taken minutes.
        if !self.may_begin(job) {
            self.kept = Some(connection);
            return None;
        }
        let progress = connection.progress();
        self.doing.set(Some((place, job.customer.clone(), job.contact.clone(), progress.clone())));
        let trust = self.trust.clone();
        let still_ours = move || trust.holds();
        let sending = connection.send_while(&job.message, &still_ours);
        #[cfg(test)]
        let sending = super::breakdown::on_the_way(&job.customer, progress.clone(), sending);
        tokio::pin!(sending);
        tokio::select! {
            biased;
            (outcome, connection) = &mut sending => {
                self.kept = connection;
                return Some(outcome);
            }
            () = self.stop.stopped() => {
                if !progress.may_be_accepted() {
                    return None;
                }
            }
        }
        // The final dot is on its way: its reply is waited for, up to its timer.
        let (outcome, _) = sending.await;
        Some(outcome)
    }
}
