//! One poll: read the ledger, judge it, note what has happened, plan, and write the plan down.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

pub use super::belief::unread;

use super::belief::{self, Whom};
use super::clock_check;
use super::excerpt::LastRead;
use super::knowledge::Knowledge;
use super::office::Office;
use super::walk::{Ended, Walk};
use crate::contacts::claim;
use crate::contacts::ids::Ids;
use crate::contacts::polls::{self, MayDeliver, PollRecord};
use crate::contacts::{Head, Journal};
use crate::database::{Database, DatabaseError, Tx, instant_text};
use crate::ledger::guard::ReadCounts;
use crate::ledger::reading::Reading;
use crate::ledger::source::ReadError;
use crate::ledger::{BadRow, Snapshot};
use crate::plan::make::Limits;
use crate::plan::{Plan, guard};
use crate::timetable::Timetable;

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
    /// Inside the send window, or that of some customers (T5).
    pub in_window: bool,
    /// The instant for which their windows are asked; `None`: whether they open on the day.
    pub at: Option<DateTime<Utc>>,
    /// `rehearse`: T27, T28 and T31 hold nothing back (T32).
    pub rehearsal: bool,
    /// Why the clock cannot be right, or the database went back in time, if so (T29, D16): nothing leaves and nothing is
    /// skipped.
    pub trouble: Option<&'a str>,
    pub accepted: Accepted,
    /// The slot of the schedule (T30).
    pub slot: Option<&'a str>,
    /// The last believed read, if it is still there (L8).
    pub last: Option<&'a LastRead>,
}

impl<'a> Inputs<'a> {
    /// A poll as it usually is, of a day.
    #[must_use]
    pub fn of(office: &'a Office, now: DateTime<Utc>, today: NaiveDate, in_window: bool) -> Self {
        let accepted = Accepted::default();
        Self { office, now, today, in_window, at: None, rehearsal: false, trouble: None, accepted, slot: None, last: None }
    }
}

/// What a poll came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The contacts that were written or changed.
    pub changed: Ids,
    /// Those that were written as skipped.
    pub skipped: Ids,
    /// The read of the ledger; `None`: it was not believed.
    pub ledger: Option<LastRead>,
    /// What a person has to look at.
    pub problems: Vec<String>,
    pub bad_rows: Vec<BadRow>,
    pub read: ReadCounts,
    pub go_live: Option<NaiveDate>,
    pub may_deliver: MayDeliver,
    /// How many steps are stopped or deferred.
    pub waiting: u64,
    /// T28.
    pub held_by_volume: u64,
    /// The newest event of the log afterwards (D16).
    pub head: Head,
    /// Of how many customers the ledger was read; `None`: of all (L8).
    pub reread: Option<usize>,
}

/// Polls, and commits what it planned and saw.
///
/// # Errors
/// The own database's.
pub async fn poll(inputs: &Inputs<'_>) -> Result<Outcome, DatabaseError> {
    // Steps that plan again may be due for everybody (T31).
    let whom = match inputs.accepted.steps {
        // What customers share by their addresses is seen only where all of them are (T22).
        _ if inputs.office.timetable.merges_by_address() => Whom::OnePage,
        true => Whom::All,
        false => Whom::Awake,
    };
    let (mut tx, mut read) = begin(inputs, whom).await?;
    let mut hold = false;
    loop {
        let mut reading = match read {
            Ok(reading) => reading,
            Err(error) => return not_believed(tx, inputs, Outcome::default(), belief::unread(&error)).await,
        };
        let mut unsent = claim::hold_unsent(&mut tx).await?;
        let mut journal = Journal::default();
        let mut walk = Walk::begin(&mut tx, &mut journal, inputs, &mut reading, hold).await?;
        let ended = walk.plan(&mut tx, &mut journal, &mut reading, &mut unsent).await?;
        let (counts, bad_rows) = (walk.seen.counts, walk.seen.bad_rows);
        match ended {
            Ended::TooMany => {
                hold = true;
                tx.rollback().await?;
                tx = alone(&inputs.office.db).await?;
                read = if reading.is_one_page() || reading.is_copy() {
                    reading.rewind().await?;
                    Ok(reading)
                } else {
                    // Another daemon may have planned meanwhile.
                    open(inputs, whom).await?
                };
            }
            Ended::Refused(why) => {
                // Nothing of what was written meanwhile has happened.
                tx.rollback().await?;
                let tx = alone(&inputs.office.db).await?;
                return not_believed(tx, inputs, Outcome { read: counts, bad_rows, ..Outcome::default() }, why).await;
            }
            Ended::Planned(changed, skipped) => {
                let (wanted, reread) = (inputs.office.payments_wanted(), reading.reread());
                let ledger = LastRead::new(inputs.now, inputs.today, wanted, reading.into_copy());
                let held_by_volume = if hold { walk.sums.emails } else { 0 };
                let may_deliver = match (inputs.trouble, held_by_volume) {
                    (Some(_), _) => MayDeliver::Nothing,
                    (None, 0) => MayDeliver::All,
                    (None, _) => MayDeliver::Notices,
                };
                let (problems, go_live, waiting) = (walk.problems, walk.known.go_live, walk.sums.waiting);
                let outcome = Outcome {
                    changed,
                    skipped,
                    ledger: Some(ledger),
                    problems,
                    bad_rows,
                    read: counts,
                    go_live,
                    may_deliver,
                    waiting,
                    held_by_volume,
                    head: Head::default(),
                    reread,
                };
                return record(tx, journal, inputs, outcome, walk.sums.outcome).await;
            }
        }
    }
}

async fn not_believed(tx: Tx, inputs: &Inputs<'_>, outcome: Outcome, why: String) -> Result<Outcome, DatabaseError> {
    let problems = vec![why, "nothing was sent and nothing was changed".to_owned()];
    record(tx, Journal::default(), inputs, Outcome { problems, ..outcome }, BTreeMap::new()).await
}

/// Writes down that there was a poll, and commits all.
async fn record(
    mut tx: Tx,
    journal: Journal,
    inputs: &Inputs<'_>,
    mut outcome: Outcome,
    planned: BTreeMap<String, u64>,
) -> Result<Outcome, DatabaseError> {
    let believed = outcome.ledger.is_some();
    let record = PollRecord {
        slot: inputs.slot.map(str::to_owned),
        at: inputs.now,
        date: inputs.today,
        believed,
        read: outcome.read.clone(),
        outcome: planned,
        may_deliver: outcome.may_deliver,
        problem: (!outcome.problems.is_empty()).then(|| outcome.problems.join("; ")),
    };
    if inputs.trouble.is_none() {
        polls::set_value(&mut tx, clock_check::BELIEVED, Some(&instant_text(inputs.now))).await?;
    }
    polls::record(&mut tx, &record, believed && inputs.accepted.ledger).await?;
    outcome.head = journal.write(&mut tx, inputs.now).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Everything that a poll would plan, with all that it was made from.
#[derive(Debug)]
pub struct Look {
    pub snapshot: Arc<Snapshot>,
    pub knowledge: Knowledge,
    pub plan: Plan,
    pub problems: Vec<String>,
    /// Why a poll would not believe the ledger, if so (T27).
    pub refusal: Option<String>,
}

/// The plan of a poll, without touching anything. The inner error: the ledger cannot be read.
///
/// # Errors
/// The own database's.
pub async fn dry_run(inputs: &Inputs<'_>) -> Result<Result<Look, ReadError>, DatabaseError> {
    // The transaction is dropped with all that it has written.
    let (mut tx, read) = begin(inputs, Whom::OnePage).await?;
    let mut reading = match read {
        Ok(reading) => reading,
        Err(error) => return Ok(Err(error)),
    };
    let mut journal = Journal::default();
    let mut walk = Walk::begin(&mut tx, &mut journal, inputs, &mut reading, false).await?;
    let (mut plan, mut snapshot) = (Plan::default(), Arc::default());
    if let Some(page) = reading.next().await? {
        walk.look(&mut tx, &mut journal, &page, true).await?;
        plan = walk.find(&mut tx, &page, None).await?;
        walk.note(&plan, &page.snapshot);
        guard::hold_by_volume(&inputs.office.timetable, &walk.limits, &mut plan);
        snapshot = page.snapshot;
    }
    let refusal = walk.refusal(&mut tx).await?;
    walk.say(plan.held_by_volume);
    Ok(Ok(Look { snapshot, knowledge: walk.known, plan, problems: walk.problems, refusal }))
}

/// The transaction in which all is written, and a reading of the ledger.
async fn begin(inputs: &Inputs<'_>, whom: Whom) -> Result<(Tx, Result<Reading, ReadError>), DatabaseError> {
    let db = &inputs.office.db;
    // Where several may plan, the reading, too, is for one at a time; of a file nobody else is kept from writing meanwhile.
    let held = if db.is_shared() { Some(alone(db).await?) } else { None };
    let read = open(inputs, whom).await?;
    let tx = match held {
        Some(tx) => tx,
        None => alone(db).await?,
    };
    Ok((tx, read))
}

/// A transaction that plans: one does at a time, from its first look to its last word (D7).
async fn alone(db: &Database) -> Result<Tx, DatabaseError> {
    let mut tx = db.begin().await?;
    if !claim::plan_alone(&mut tx).await? {
        return Err(DatabaseError::Taken { path: format!("{} (it is planning just now)", db.name()) });
    }
    Ok(tx)
}

async fn open(inputs: &Inputs<'_>, whom: Whom) -> Result<Result<Reading, ReadError>, DatabaseError> {
    // A rehearsal holds nothing back (T32).
    let wanted = inputs.office.payments_wanted().filter(|_| !inputs.rehearsal);
    if let Some(last) = inputs.last
        && let Some((copy, customers)) = last.brought_up_to_date(inputs.office).await?
    {
        let reading = Reading::copy(copy, wanted, whom == Whom::OnePage, Some(customers));
        return Ok(Ok(reading.ranked(&inputs.office.timetable.ranks, inputs.today)));
    }
    belief::open(inputs.office, inputs.today, wanted, whom).await
}

/// What a rehearsal says of a day on which T28 would have held e-mails back.
pub(super) fn over_volume(timetable: &Timetable, limits: &Limits, plan: &Plan) -> Option<String> {
    let over = plan.over_volume;
    let said = || {
        let measured = guard::measured(timetable, limits, over);
        format!("{over} e-mails would have waited, far more than on other days (T28): {measured}")
    };
    (over > 0).then(said)
}
