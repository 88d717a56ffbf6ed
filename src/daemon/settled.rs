//! What has run out by itself: the promises of a page's customers are kept or broken by the ledger (T20), and holds are over.

use chrono::{DateTime, NaiveDate, Utc};

use crate::contacts::Journal;
use crate::contacts::control::{self, EndedHold, Subject};
use crate::contacts::promise::{self, Promise, Verdict};
use crate::contacts::tasks::{self, NewTask};
use crate::database::{DatabaseError, Tx};
use crate::ledger::Snapshot;
use crate::ledger::reading::Page;
use crate::timetable::history::Controls;
use crate::timetable::{Event, Timetable, stops};

/// The word of the task that a broken promise makes.
pub const BROKEN_PROMISE: &str = "broken-promise";

/// Settles the promises of a page's customers whose day is over. A broken one makes a task, unless the timetable itself says
/// what is to happen then.
///
/// # Errors
/// The database's own.
pub(super) async fn promises(
    tx: &mut Tx,
    journal: &mut Journal,
    timetable: &Timetable,
    page: &Page,
    (unsettled, controls): (&mut Vec<Promise>, &mut Controls),
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<(), DatabaseError> {
    let ledger = &page.snapshot;
    let is_ours = |p: &Promise| match &p.subject {
        Subject::Customer(id) => page.has(id),
        // One that the whole ledger does not have any more is paid.
        Subject::Invoice(id) => ledger.invoices.contains_key(id) || page.is_everybody(),
    };
    let says = says_what_follows(timetable);
    let mut waiting = Vec::new();
    for one in std::mem::take(unsettled) {
        if !is_ours(&one) {
            waiting.push(one);
            continue;
        }
        let verdicts = one.judge(ledger, |by| today > stops::promise_end(timetable, by));
        if verdicts.is_empty() {
            waiting.push(one);
            continue;
        }
        let until = promise::settle(tx, &one, &verdicts, (today, now)).await?;
        stop_until(controls, &one.subject, until);
        if let Some(new) = broken(&one, &verdicts, ledger, today).filter(|_| !says) {
            tasks::open(tx, journal, &new, now).await?;
        }
    }
    *unsettled = waiting;
    Ok(())
}

/// Whether the timetable itself says what is to happen when a promise is broken.
pub(super) fn says_what_follows(timetable: &Timetable) -> bool {
    timetable.steps.iter().any(|s| s.event() == Some(Event::PromiseBroken))
}

/// A promise stops the timetable until then, or no more.
pub(super) fn stop_until(controls: &mut Controls, subject: &Subject, until: Option<NaiveDate>) {
    let (known, id) = match subject {
        Subject::Customer(id) => (&mut controls.customer_promises, id),
        Subject::Invoice(id) => (&mut controls.invoice_promises, id),
    };
    match until {
        Some(until) => drop(known.insert(id.clone(), until)),
        None => drop(known.remove(id)),
    }
}

/// The task that a broken part of a promise makes; `None`: none is broken, or nobody knows whose it is.
pub(super) fn broken(one: &Promise, verdicts: &[(usize, Verdict)], ledger: &Snapshot, today: NaiveDate) -> Option<NewTask> {
    let (place, _) = verdicts.iter().find(|(_, v)| *v == Verdict::Broken)?;
    task(one, *place, ledger, today)
}

/// The word of the task that the end of a hold makes.
pub const HOLD_ENDED: &str = "hold-ended";

/// Tells of the holds of a page's customers that have run out, if something of it is still open.
///
/// # Errors
/// The database's own.
pub(super) async fn holds(
    tx: &mut Tx,
    journal: &mut Journal,
    page: &Page,
    ended: &mut Vec<EndedHold>,
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<(), DatabaseError> {
    let ledger = &page.snapshot;
    let is_ours = |hold: &EndedHold| match &hold.subject {
        Subject::Customer(id) => page.has(id),
        Subject::Invoice(id) => ledger.invoices.contains_key(id) || page.is_everybody(),
    };
    let (ours, others): (Vec<EndedHold>, Vec<EndedHold>) = std::mem::take(ended).into_iter().partition(is_ours);
    *ended = others;
    for hold in ours {
        control::told(tx, hold.control, today).await?;
        let of = |id: &String| ledger.invoices.get(id).filter(|i| i.is_open()).map(|i| (i.customer_id.clone(), id.clone()));
        let about = match &hold.subject {
            Subject::Invoice(id) => of(id),
            Subject::Customer(id) => {
                let owes = ledger.invoices.values().any(|i| i.is_open() && i.customer_id == *id);
                owes.then(|| (id.clone(), String::new()))
            }
        };
        let Some((customer, lead)) = about else { continue };
        let why = hold.note.as_ref().map(|n| format!(": {n}")).unwrap_or_default();
        let new = NewTask {
            word: HOLD_ENDED.to_owned(),
            lead,
            origin: None,
            date: today,
            due_on: today,
            to: collector(ledger, &customer),
            customer,
            reason: "hold ended",
            rule: "T19",
            note: Some(format!("the hold of {} ended on {}, entered by {}{why}", hold.subject, hold.until, hold.author)),
            author: None,
        };
        tasks::open(tx, journal, &new, now).await?;
    }
    Ok(())
}

/// The task that a broken promise makes; `None`: nobody knows whose it is.
fn task(one: &Promise, place: usize, ledger: &Snapshot, today: NaiveDate) -> Option<NewTask> {
    let (customer, lead) = match &one.subject {
        Subject::Customer(id) => (id.clone(), String::new()),
        Subject::Invoice(id) => (ledger.invoices.get(id)?.customer_id.clone(), id.clone()),
    };
    let by = one.parts.get(place)?.by;
    let wanted: Option<rust_decimal::Decimal> = one.parts.iter().take(place + 1).map(|p| p.amount).sum();
    let came = one.paid(ledger).into_iter().map(|(c, amount)| format!("{} {c}", c.plain(amount))).collect::<Vec<_>>().join(", ");
    let what = wanted.map_or_else(|| "all of it".to_owned(), |amount| amount.to_string());
    let came = if came.is_empty() { "nothing".to_owned() } else { came };
    let said = one.note.as_ref().map(|n| format!("; {n}")).unwrap_or_default();
    Some(NewTask {
        word: BROKEN_PROMISE.to_owned(),
        to: collector(ledger, &customer),
        customer,
        lead,
        origin: None,
        date: today,
        due_on: today,
        reason: "promise broken",
        rule: "T20",
        note: Some(format!("{what} was promised by {by}, {came} has come{said}")),
        author: None,
    })
}

/// The ledger's collector of a customer, as a list; `None`: it names none.
fn collector(ledger: &Snapshot, customer: &str) -> Option<String> {
    let collector = ledger.customers.get(customer)?.collector.as_ref()?;
    Some(serde_json::json!([collector.to_string()]).to_string())
}
