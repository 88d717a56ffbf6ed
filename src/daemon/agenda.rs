//! Who of the own ledger is looked at by a poll (L7): everybody, when the rules or what stands beside the customers has
//! changed since the last poll; else those whose day has come, or of whom something has changed.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, TimeDelta};

use super::office::Office;
use crate::contacts::polls;
use crate::database::{DatabaseError, Tx};
use crate::ledger::agenda::{self, Seen, Totals};
use crate::ledger::reading::{Page, Which};
use crate::ledger::{Customer, Invoice};
use crate::plan::agenda::Agenda;
use crate::timetable::evaluate::Day;
use crate::timetable::review::Diary;
use crate::timetable::{segment, stops};

const AGENDA: &str = "agenda";

/// What the last poll has left.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    /// What the days of the agenda hang on, beside the customers themselves.
    key: String,
    day: NaiveDate,
    totals: Totals,
}

async fn key(tx: &mut Tx, office: &Office) -> Result<String, DatabaseError> {
    let mut key = format!("{} {}", env!("CARGO_PKG_VERSION"), office.timetable_hash);
    for value in ["go_live", "renames"] {
        key.push(' ');
        key.push_str(&polls::value(tx, value).await?.unwrap_or_default());
    }
    Ok(key)
}

/// Whom a poll of a day looks at.
///
/// # Errors
/// The database's own.
pub(super) async fn which(tx: &mut Tx, office: &Office, today: NaiveDate) -> Result<Which, DatabaseError> {
    // What cannot be read is made anew.
    let kept = polls::value(tx, AGENDA).await?.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
    match kept {
        Some(kept) if kept.day <= today && kept.key == key(tx, office).await? => {
            Ok(Which::These(agenda::awake(tx, today).await?, kept.totals))
        }
        _ => Ok(Which::All),
    }
}

/// Keeps what the next poll begins with.
///
/// # Errors
/// The database's own.
pub(super) async fn keep(tx: &mut Tx, office: &Office, day: NaiveDate, totals: &Totals) -> Result<(), DatabaseError> {
    let kept = Kept { key: key(tx, office).await?, day, totals: totals.clone() };
    polls::set_value(tx, AGENDA, Some(&serde_json::to_string(&kept).unwrap_or_default())).await
}

/// The next poll of the own ledger looks at everybody.
///
/// # Errors
/// The database's own.
pub(super) async fn forget(tx: &mut Tx) -> Result<(), DatabaseError> {
    polls::set_value(tx, AGENDA, None).await
}

/// The customers of a page as this poll has seen them, not asleep yet.
pub(super) fn seen(page: &Page) -> Vec<Seen> {
    let mut all: BTreeMap<&str, Seen> = page
        .customers()
        .into_iter()
        .map(|id| {
            let in_ledger = page.snapshot.customers.contains_key(id);
            (id, Seen { customer: id.to_owned(), look_on: None, in_ledger, open_invoices: 0, invoices: 0 })
        })
        .collect();
    for invoice in page.snapshot.invoices.values() {
        if let Some(seen) = all.get_mut(invoice.customer_id.as_str()) {
            seen.invoices += 1;
            seen.open_invoices += u64::from(invoice.is_open());
        }
    }
    all.into_values().collect()
}

/// Says when each of them has to be looked at again, if nothing changes before: when a step falls due, the customer comes
/// into another segment, a promise or a hold runs out, ranks are computed anew, or the customer is to be reviewed. Those for whom something waits are looked at by every poll.
pub(super) fn put_to_sleep(seen: &mut [Seen], page: &Page, day: &Day<'_>, agenda: &Agenda) {
    let snapshot = &page.snapshot;
    if day.go_live.is_none_or(|live| day.today < live) || !snapshot.bad_rows.is_empty() {
        return;
    }
    let mut next: HashMap<&str, NaiveDate> = HashMap::new();
    for invoice in snapshot.invoices.values() {
        let looked = agenda.next_of(&invoice.id);
        let ended = day.controls.promised(&invoice.id, &invoice.customer_id).map(|by| stops::promise_end(day.timetable, by));
        let ended = ended.filter(|end| day.today <= *end).and_then(|end| end.succ_opt());
        let own = day.controls.invoice_holds.get(&invoice.id);
        let holds = [own, day.controls.customer_holds.get(&invoice.customer_id)];
        // Whether anything waits for it or not: a task tells that it is over.
        let free = holds.into_iter().flatten().filter_map(|h| h.until.filter(|until| day.today <= *until)?.succ_opt()).min();
        for on in [looked, ended, free].into_iter().flatten() {
            let first = next.entry(&invoice.customer_id).or_insert(on);
            *first = on.min(*first);
        }
    }
    let tenures: Vec<i64> = segment::tenures(day.timetable).collect();
    let ranks = day.timetable.ranks_change_on(day.today);
    let tomorrow = day.today + TimeDelta::days(1);
    let reviews = review_days(page, day);
    for one in seen {
        let since = day.customer_since.get(&one.customer);
        let moves = since.and_then(|since| {
            tenures.iter().filter_map(|d| since.checked_add_signed(TimeDelta::days(*d))).filter(|on| *on > day.today).min()
        });
        let all = [
            next.get(one.customer.as_str()).copied(),
            page.to_come.get(&one.customer).copied(),
            moves,
            ranks,
            reviews.get(&one.customer).copied(),
        ];
        let first = all.into_iter().flatten().min().unwrap_or(NaiveDate::MAX);
        one.look_on = (first > tomorrow).then_some(first);
    }
}

/// The next day on which each customer of a page is reviewed.
fn review_days(page: &Page, day: &Day<'_>) -> HashMap<String, NaiveDate> {
    let Some(rules) = &day.timetable.review else { return HashMap::new() };
    let mut diary = Diary::new(rules, &day.timetable.calendar);
    let mut invoices: HashMap<&str, Vec<&Invoice>> = HashMap::new();
    for invoice in page.snapshot.invoices.values() {
        invoices.entry(&invoice.customer_id).or_default().push(invoice);
    }
    let sums = stops::sums(&page.snapshot);
    let next = |customer: &Customer| {
        let own = invoices.get(customer.id.as_str()).map_or(&[][..], Vec::as_slice);
        let next = diary.next(day.account(customer, own, &sums).segment, &customer.id, day.today)?;
        Some((customer.id.clone(), next))
    };
    page.snapshot.customers.values().filter_map(next).collect()
}
