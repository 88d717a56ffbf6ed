//! One poll: read the ledger, judge it, note what has happened, plan, and write the plan down.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::clock_check;
use super::office::Office;
use super::{go_live, renames};
use crate::contacts::polls::{self, PollRecord};
use crate::contacts::{control, entry::Entry, facts, history, record, tasks};
use crate::database::{DatabaseError, Tx, instant_text};
use crate::ledger::guard::{self, ReadCounts};
use crate::ledger::source::ReadError;
use crate::ledger::validate::Identity;
use crate::ledger::{BadRow, Snapshot};
use crate::plan::make::Limits;
use crate::plan::{self, Plan};
use crate::timetable::evaluate::Day;
use crate::timetable::history::Facts;
use crate::timetable::{Timetable, events};

/// What a person has allowed for this poll (T27–T29, T31).
#[derive(Debug, Clone, Copy, Default)]
pub struct Accepted {
    pub ledger: bool,
    pub volume: bool,
    pub steps: bool,
    pub clock: bool,
}

/// What a poll works with.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    pub office: &'a Office,
    pub now: DateTime<Utc>,
    /// The day in the timetable's zone (T1).
    pub today: NaiveDate,
    /// Inside the send window (T5).
    pub in_window: bool,
    /// `rehearse`: T27, T28 and T31 hold nothing back (T32).
    pub rehearsal: bool,
    /// Why the clock cannot be right, if so (T29).
    pub clock_problem: Option<&'a str>,
    pub accepted: Accepted,
    /// The slot of the schedule (T30).
    pub slot: Option<&'a str>,
}

impl<'a> Inputs<'a> {
    /// A poll as it usually is, of a day.
    #[must_use]
    pub fn of(office: &'a Office, now: DateTime<Utc>, today: NaiveDate, in_window: bool) -> Self {
        let accepted = Accepted::default();
        Self { office, now, today, in_window, rehearsal: false, clock_problem: None, accepted, slot: None }
    }
}

/// What the last poll of this process left in the tables of facts, so that the next one need not read them again. Only
/// polls write there, and only the holder of the lock polls; another poll in between is noticed by its number.
#[derive(Debug, Default)]
pub struct Memory {
    last_poll: i64,
    facts: HashMap<String, Facts>,
    customer_since: HashMap<String, NaiveDate>,
}

impl Memory {
    /// Brings the memory up to the last poll that was recorded.
    async fn refresh(&mut self, tx: &mut Tx) -> Result<(), DatabaseError> {
        let last_poll = polls::last_number(tx).await?;
        if last_poll != self.last_poll || last_poll == 0 {
            *self = Self { last_poll, facts: facts::load(tx).await?, customer_since: facts::customers_since(tx).await? };
        }
        Ok(())
    }
}

/// What a poll came to.
#[derive(Debug)]
pub struct Outcome {
    pub plan: Plan,
    /// The contacts that were written or changed.
    pub changed: Vec<String>,
    /// The picture of the ledger; `None`: it was not believed.
    pub snapshot: Option<Snapshot>,
    /// What a person has to look at.
    pub problems: Vec<String>,
    pub bad_rows: Vec<BadRow>,
    pub read: ReadCounts,
    pub go_live: Option<NaiveDate>,
}

/// Polls, and commits what it planned and saw.
///
/// # Errors
/// The own database's.
pub async fn poll(inputs: &Inputs<'_>, memory: &mut Memory) -> Result<Outcome, DatabaseError> {
    let (mut tx, mut outcome, seen) = look(inputs, memory).await?;
    let believed = outcome.snapshot.is_some();
    if believed {
        let may_send = inputs.in_window && inputs.clock_problem.is_none();
        outcome.changed = record::plan(&mut tx, &mut outcome.plan, inputs.today, may_send, inputs.now).await?;
    }
    let record = PollRecord {
        slot: inputs.slot.map(str::to_owned),
        at: inputs.now,
        date: inputs.today,
        believed,
        read: outcome.read.clone(),
        outcome: counts(&outcome.plan),
        problem: (!outcome.problems.is_empty()).then(|| outcome.problems.join("; ")),
    };
    if inputs.clock_problem.is_none() {
        polls::set_value(&mut tx, clock_check::BELIEVED, Some(&instant_text(inputs.now))).await?;
    }
    polls::record(&mut tx, &record, believed && inputs.accepted.ledger).await?;
    let last_poll = polls::last_number(&mut tx).await?;
    tx.commit().await?;
    if let Some((facts, customer_since)) = seen {
        *memory = Memory { last_poll, facts, customer_since };
    }
    Ok(outcome)
}

/// The plan of a poll, without touching anything.
///
/// # Errors
/// The own database's.
pub async fn dry_run(inputs: &Inputs<'_>) -> Result<Outcome, DatabaseError> {
    let (tx, outcome, _) = look(inputs, &mut Memory::default()).await?;
    drop(tx);
    Ok(outcome)
}

/// The facts after a poll, and since when each customer has been one.
type Seen = (HashMap<String, Facts>, HashMap<String, NaiveDate>);

async fn look(inputs: &Inputs<'_>, memory: &mut Memory) -> Result<(Tx, Outcome, Option<Seen>), DatabaseError> {
    memory.refresh(&mut inputs.office.db.snapshot().await?).await?;
    let before = &memory.facts;
    let known =
        before.iter().map(|(id, f)| (id.clone(), Identity { customer_id: f.customer.clone(), currency: f.currency })).collect();
    let read = inputs.office.source.read(&inputs.office.db, &known, inputs.today).await;
    let mut tx = inputs.office.db.begin().await?;
    let mut outcome = Outcome {
        plan: Plan::default(),
        changed: Vec::new(),
        snapshot: None,
        problems: Vec::new(),
        bad_rows: Vec::new(),
        read: ReadCounts::default(),
        go_live: None,
    };
    match believe(&mut tx, inputs, read, before, &mut outcome).await? {
        Some(snapshot) => {
            let seen = plan_day(&mut tx, inputs, &snapshot, memory, &mut outcome).await?;
            outcome.snapshot = Some(snapshot);
            Ok((tx, outcome, Some(seen)))
        }
        None => {
            outcome.problems.push("nothing was sent and nothing was changed".to_owned());
            Ok((tx, outcome, None))
        }
    }
}

/// T27: the picture of the ledger, if it can be believed.
async fn believe(
    tx: &mut Tx,
    inputs: &Inputs<'_>,
    read: Result<Snapshot, ReadError>,
    before: &HashMap<String, Facts>,
    outcome: &mut Outcome,
) -> Result<Option<Snapshot>, DatabaseError> {
    let snapshot = match read {
        Ok(snapshot) => snapshot,
        Err(error) => {
            outcome.problems.push(format!("the ledger could not be read (T27): {error}"));
            return Ok(None);
        }
    };
    outcome.read = ReadCounts::of(&snapshot, inputs.today);
    outcome.bad_rows.clone_from(&snapshot.bad_rows);
    let measures = polls::measures(tx, inputs.today).await?;
    let balances = before.iter().filter(|(_, f)| f.in_read).map(|(id, f)| (id.as_str(), f.open_balance));
    let judged = guard::check(&inputs.office.guard, &snapshot, &outcome.read, &measures, balances, inputs.today);
    if let Err(refusal) = judged {
        if inputs.accepted.ledger || inputs.rehearsal {
            outcome
                .problems
                .extend(inputs.rehearsal.then(|| format!("the ledger would not have been believed (T27): {refusal}")));
        } else {
            let help = "look at the accounts; if they are right, run `dunningd run --once --accept-ledger`";
            outcome.problems.push(format!("the ledger is not believed (T27): {refusal}; {help}"));
            return Ok(None);
        }
    }
    Ok(Some(snapshot))
}

async fn plan_day(
    tx: &mut Tx,
    inputs: &Inputs<'_>,
    snapshot: &Snapshot,
    before: &Memory,
    outcome: &mut Outcome,
) -> Result<Seen, DatabaseError> {
    let (timetable, today) = (&inputs.office.timetable, inputs.today);
    let may_send = inputs.in_window && inputs.clock_problem.is_none();
    let controls = control::in_force(tx).await?;
    let seen = observe(timetable, &controls, snapshot, &before.facts, today);
    facts::save(tx, &before.facts, &seen).await?;
    let mut customer_since = before.customer_since.clone();
    facts::note_issue_dates(&mut customer_since, snapshot);
    facts::save_customers_since(tx, &before.customer_since, &customer_since).await?;
    tasks::wake(tx, today, inputs.now).await?;
    let go_live = go_live::look(tx, timetable, may_send, today).await?;
    let held_steps = renames::look(tx, inputs, outcome).await?;
    let history = history::load(tx, timetable, today).await?;
    let (sending_days, sent_today) = history::sending_days(tx, today).await?;
    let limits = Limits {
        may_send,
        may_skip: inputs.clock_problem.is_none(),
        sending_days,
        sent_today,
        accept_volume: inputs.accepted.volume || inputs.rehearsal,
    };
    let day = Day {
        timetable,
        snapshot,
        history: &history,
        facts: &seen,
        customer_since: &customer_since,
        controls: &controls,
        today,
        go_live,
        held_steps: &held_steps,
    };
    outcome.plan = plan::make(&day, &limits);
    outcome.go_live = go_live;
    outcome.problems.extend(inputs.clock_problem.map(|p| format!("{p} (T29): nothing is sent; --accept-clock if it is right")));
    let (held, over) = (outcome.plan.held_by_volume, outcome.plan.over_volume);
    if held > 0 {
        let help = "if that is meant, run `dunningd run --once --accept-volume`";
        outcome.problems.push(format!("{held} e-mails wait, far more than on other days (T28); {help}"));
    } else if over > 0 && inputs.rehearsal {
        outcome.problems.push(format!("{over} e-mails would have waited, far more than on other days (T28)"));
    }
    Ok((seen, customer_since))
}

/// What this poll sees of every invoice; one that the read does not have any more keeps its facts, and is not open.
fn observe(
    timetable: &Timetable,
    controls: &crate::timetable::history::Controls,
    snapshot: &Snapshot,
    before: &HashMap<String, Facts>,
    today: NaiveDate,
) -> HashMap<String, Facts> {
    let paid = events::payments_by_invoice(snapshot);
    let mut seen: HashMap<String, Facts> = before
        .iter()
        .filter(|(id, _)| !snapshot.invoices.contains_key(*id))
        .map(|(id, f)| (id.clone(), Facts { in_read: false, open: false, ..f.clone() }))
        .collect();
    for (id, invoice) in &snapshot.invoices {
        let paid = paid.get(id.as_str()).copied().unwrap_or_default();
        seen.insert(id.clone(), events::observe(timetable, controls, before.get(id), invoice, paid, today));
    }
    seen
}

/// How many contacts of each kind a plan has, and how many skips.
#[must_use]
pub fn counts(plan: &Plan) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for entry in plan.contacts.iter().chain(&plan.skips).map(Entry::of_plan) {
        *counts.entry(format!("{} {}", entry.kind.word(), entry.state)).or_default() += 1;
    }
    counts
}
