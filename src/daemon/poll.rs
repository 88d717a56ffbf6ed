//! One poll: read the ledger, judge it, note what has happened, plan, and write the plan down.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::clock_check;
use super::knowledge::Knowledge;
use super::office::Office;
use super::{belief, go_live, renames};
use crate::contacts::polls::{self, MayDeliver, PollRecord};
use crate::contacts::{Head, Journal, claim, control, entry::Entry, facts, history, record, tasks};
use crate::database::{DatabaseError, Tx, instant_text};
use crate::ledger::guard::ReadCounts;
use crate::ledger::{BadRow, Snapshot};
use crate::plan::make::Limits;
use crate::plan::{self, Plan};
use crate::timetable::history::{Controls, Facts};
use crate::timetable::stops::Stop;
use crate::timetable::{Timetable, events};

/// What a person has allowed for this poll (T27–T29, T31, D16).
#[derive(Debug, Clone, Copy, Default)]
pub struct Accepted {
    pub ledger: bool,
    pub volume: bool,
    pub steps: bool,
    pub clock: bool,
    /// D16.
    pub gap: bool,
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
    /// Why the clock cannot be right, or the database went back in time, if so (T29, D16): nothing leaves and nothing is
    /// skipped.
    pub trouble: Option<&'a str>,
    pub accepted: Accepted,
    /// The slot of the schedule (T30).
    pub slot: Option<&'a str>,
}

impl<'a> Inputs<'a> {
    /// A poll as it usually is, of a day.
    #[must_use]
    pub fn of(office: &'a Office, now: DateTime<Utc>, today: NaiveDate, in_window: bool) -> Self {
        let accepted = Accepted::default();
        Self { office, now, today, in_window, rehearsal: false, trouble: None, accepted, slot: None }
    }
}

/// What the last poll of this process left in the tables of facts, so that the next one need not read them again. Only
/// polls write there, and only the holder of the lock polls; another poll in between is noticed by its number.
#[derive(Debug, Default)]
pub struct Memory {
    last_poll: i64,
    pub(super) facts: HashMap<String, Facts>,
    customer_since: HashMap<String, NaiveDate>,
}

impl Memory {
    /// Brings the memory up to the last poll that was recorded.
    pub(super) async fn refresh(&mut self, tx: &mut Tx) -> Result<(), DatabaseError> {
        let last_poll = polls::last_number(tx).await?;
        if last_poll != self.last_poll || last_poll == 0 {
            *self = Self { last_poll, facts: facts::load(tx).await?, customer_since: facts::customers_since(tx).await? };
        }
        Ok(())
    }
}

/// What a poll came to.
#[derive(Debug, Default)]
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
    pub may_deliver: MayDeliver,
    /// The newest event of the log afterwards (D16).
    pub head: Head,
}

/// Polls, and commits what it planned and saw.
///
/// # Errors
/// The own database's.
pub async fn poll(inputs: &Inputs<'_>, memory: &mut Memory) -> Result<Outcome, DatabaseError> {
    let Look { mut tx, mut journal, mut outcome, knowledge, unsent } = look(inputs, memory).await?;
    let believed = outcome.snapshot.is_some();
    if believed {
        let may_send = inputs.in_window && inputs.trouble.is_none();
        let plan = &mut outcome.plan;
        outcome.changed = record::plan(&mut tx, &mut journal, plan, unsent, inputs.today, may_send, inputs.now).await?;
    }
    outcome.may_deliver = match (believed && inputs.trouble.is_none(), outcome.plan.held_by_volume) {
        (false, _) => MayDeliver::Nothing,
        (true, 0) => MayDeliver::All,
        (true, _) => MayDeliver::Notices,
    };
    let record = PollRecord {
        slot: inputs.slot.map(str::to_owned),
        at: inputs.now,
        date: inputs.today,
        believed,
        read: outcome.read.clone(),
        outcome: counts(&outcome.plan),
        may_deliver: outcome.may_deliver,
        problem: (!outcome.problems.is_empty()).then(|| outcome.problems.join("; ")),
    };
    if inputs.trouble.is_none() {
        polls::set_value(&mut tx, clock_check::BELIEVED, Some(&instant_text(inputs.now))).await?;
    }
    polls::record(&mut tx, &record, believed && inputs.accepted.ledger).await?;
    let last_poll = polls::last_number(&mut tx).await?;
    outcome.head = journal.write(&mut tx, inputs.now).await?;
    tx.commit().await?;
    if let Some(Knowledge { facts, customer_since, .. }) = knowledge {
        *memory = Memory { last_poll, facts, customer_since };
    }
    Ok(outcome)
}

/// The plan of a poll, without touching anything.
///
/// # Errors
/// The own database's.
pub async fn dry_run(inputs: &Inputs<'_>) -> Result<Outcome, DatabaseError> {
    Ok(inquire(inputs).await?.0)
}

/// The same, with all that the plan was made from; `None`: the ledger was not believed.
///
/// # Errors
/// The own database's.
pub async fn inquire(inputs: &Inputs<'_>) -> Result<(Outcome, Option<Knowledge>), DatabaseError> {
    // The transaction is dropped with all that it has written.
    let look = look(inputs, &mut Memory::default()).await?;
    Ok((look.outcome, look.knowledge))
}

/// What a look has found, and the transaction in which it was written down.
struct Look {
    tx: Tx,
    journal: Journal,
    outcome: Outcome,
    knowledge: Option<Knowledge>,
    /// What waited to be sent, held since before the planning.
    unsent: Vec<String>,
}

async fn look(inputs: &Inputs<'_>, memory: &mut Memory) -> Result<Look, DatabaseError> {
    let db = &inputs.office.db;
    // Where several may plan, one does at a time, from its first look to its last word (D7).
    let mut alone = None;
    if db.is_shared() {
        let mut tx = db.begin().await?;
        if !claim::plan_alone(&mut tx).await? {
            return Err(DatabaseError::Taken { path: format!("{} (it is planning just now)", db.name()) });
        }
        alone = Some(tx);
    }
    memory.refresh(&mut db.snapshot().await?).await?;
    let before = &memory.facts;
    let read = inputs.office.source.read(db, &belief::known(before), inputs.today).await;
    let mut tx = match alone {
        Some(tx) => tx,
        None => db.begin().await?,
    };
    let unsent = claim::hold_unsent(&mut tx).await?;
    let (mut journal, mut knowledge) = (Journal::default(), None);
    let mut outcome = Outcome::default();
    match belief::believe(&mut tx, inputs, read, before, &mut outcome).await? {
        Some(snapshot) => {
            knowledge = Some(plan_day(&mut tx, &mut journal, inputs, &snapshot, memory, &mut outcome).await?);
            outcome.snapshot = Some(snapshot);
        }
        None => outcome.problems.push("nothing was sent and nothing was changed".to_owned()),
    }
    Ok(Look { tx, journal, outcome, knowledge, unsent })
}

async fn plan_day(
    tx: &mut Tx,
    journal: &mut Journal,
    inputs: &Inputs<'_>,
    snapshot: &Snapshot,
    before: &Memory,
    outcome: &mut Outcome,
) -> Result<Knowledge, DatabaseError> {
    let (timetable, today) = (&inputs.office.timetable, inputs.today);
    let may_send = inputs.in_window && inputs.trouble.is_none();
    let controls = control::in_force(tx).await?;
    let mut facts = before.facts.clone();
    observe(timetable, &controls, snapshot, &mut facts, today);
    facts::save(tx, &before.facts, &facts).await?;
    let mut customer_since = before.customer_since.clone();
    facts::note_issue_dates(&mut customer_since, snapshot);
    facts::save_customers_since(tx, &before.customer_since, &customer_since).await?;
    tasks::wake(tx, journal, today, inputs.now).await?;
    let go_live = go_live::look(tx, timetable, may_send, today).await?;
    let held_steps = renames::look(tx, inputs, outcome).await?;
    let history = history::load(tx, timetable, today).await?;
    let (sending_days, sent_today) = history::sending_days(tx, today).await?;
    let limits = Limits {
        may_send,
        may_skip: inputs.trouble.is_none(),
        sending_days,
        sent_today,
        accept_volume: inputs.accepted.volume || inputs.rehearsal,
    };
    let knowledge = Knowledge { facts, customer_since, controls, history, go_live, held_steps };
    outcome.plan = plan::make(&knowledge.day(timetable, snapshot, today), &limits);
    outcome.go_live = go_live;
    outcome.problems.extend(inputs.trouble.map(str::to_owned));
    let old = outcome.plan.waiting.iter().filter(|w| w.reason == Stop::PaymentsTooOld.word()).count();
    if old > 0 {
        let (what, why) = (if old == 1 { "past-due step waits" } else { "past-due steps wait" }, snapshot.why_payments_too_old());
        outcome.problems.push(format!("{old} {what}: {why} (L10); they go out by the first poll that sees newer payments"));
    }
    let held = outcome.plan.held_by_volume;
    if held > 0 {
        let help = "if that is meant, run `dunningd accept-volume`, or `dunningd run --once --accept-volume`";
        let measured = plan::guard::measured(timetable, &limits, held);
        outcome.problems.push(format!("{held} e-mails wait, far more than on other days (T28): {measured}; {help}"));
    }
    Ok(knowledge)
}

/// What this poll sees of every invoice; one that the read does not have any more keeps its facts, and is not open.
pub(super) fn observe(
    timetable: &Timetable,
    controls: &Controls,
    snapshot: &Snapshot,
    facts: &mut HashMap<String, Facts>,
    today: NaiveDate,
) {
    for (_, fact) in facts.iter_mut().filter(|(id, _)| !snapshot.invoices.contains_key(*id)) {
        (fact.in_read, fact.open) = (false, false);
    }
    let paid = events::payments_by_invoice(snapshot);
    for (id, invoice) in &snapshot.invoices {
        let paid = paid.get(id.as_str()).copied().unwrap_or_default();
        let seen = events::observe(timetable, controls, facts.get(id), invoice, paid, today);
        match facts.get_mut(id) {
            Some(before) => *before = seen,
            None => drop(facts.insert(id.clone(), seen)),
        }
    }
}

/// What a rehearsal says of a day on which T28 would have held e-mails back.
pub(super) fn over_volume(timetable: &Timetable, limits: &Limits, plan: &Plan) -> Option<String> {
    let over = plan.over_volume;
    let said = || {
        let measured = plan::guard::measured(timetable, limits, over);
        format!("{over} e-mails would have waited, far more than on other days (T28): {measured}")
    };
    (over > 0).then(said)
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
