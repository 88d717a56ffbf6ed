//! The credit reviews of a page's customers (`[review]`): a task for each customer, once in a period, on its day.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Months, NaiveDate, Utc};

use crate::address::EmailAddress;
use crate::contacts::review::Last;
use crate::contacts::tasks::{self, NewTask};
use crate::contacts::{Journal, polls, review};
use crate::database::{DatabaseError, Tx};
use crate::ledger::reading::Page;
use crate::ledger::{Invoice, Snapshot};
use crate::timetable::Timetable;
use crate::timetable::evaluate::Day;
use crate::timetable::review::Diary;
use crate::timetable::stops;
use crate::worklist::review::{Figures, Subject};

/// The word of the task.
pub const WORD: &str = "credit-review";
/// The day since which there are reviews, among the single values.
const SINCE: &str = "reviews_since";

/// The day since which the file asks for reviews: what would have been before is left out, or they would all come at once.
///
/// # Errors
/// The database's own.
pub(super) async fn since(tx: &mut Tx, timetable: &Timetable, today: NaiveDate) -> Result<Option<NaiveDate>, DatabaseError> {
    let kept = polls::value(tx, SINCE).await?.and_then(|day| day.parse().ok());
    match (&timetable.review, kept) {
        (None, Some(_)) => polls::set_value(tx, SINCE, None).await.map(|()| None),
        (None, None) => Ok(None),
        (Some(_), Some(since)) => Ok(Some(since)),
        (Some(_), None) => polls::set_value(tx, SINCE, Some(&today.to_string())).await.map(|()| Some(today)),
    }
}

/// A review that is due.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) customer: String,
    pub(super) segment: String,
    /// The customer's collector.
    pub(super) to: Option<EmailAddress>,
    /// The first day of its period.
    pub(super) period: NaiveDate,
    /// What a person should know, and what is kept for the next time, as JSON; `None`: there is nothing to look at.
    pub(super) paper: Option<(String, String)>,
}

/// The reviews that are due on a day, by customer. `last`: those that were made; `since`: what would have been before is left
/// out.
#[must_use]
pub(super) fn due(day: &Day<'_>, last: &HashMap<String, Last>, since: NaiveDate) -> Vec<Due> {
    let (timetable, today) = (day.timetable, day.today);
    let Some(rules) = &timetable.review else { return Vec::new() };
    if day.go_live.is_none_or(|live| today < live) {
        return Vec::new();
    }
    let mut diary = Diary::new(rules, &timetable.calendar);
    let (sums, invoices) = (stops::sums(day.snapshot), invoices_of(day.snapshot));
    let mut found = Vec::new();
    for customer in day.snapshot.customers.values() {
        let own = invoices.get(customer.id.as_str()).map_or(&[][..], Vec::as_slice);
        let account = day.account(customer, own, &sums);
        let Some(when) = diary.when(account.segment, &customer.id, today) else { continue };
        let before = last.get(&customer.id);
        if today < when.day || when.day < since || before.is_some_and(|b| b.period >= when.period) {
            continue;
        }
        let made = before.and_then(|b| b.made.as_ref());
        let usual = || today.checked_sub_months(Months::new(when.every.months())).unwrap_or(today);
        let books = day.snapshot.of(&BTreeSet::from([customer.id.clone()]));
        let subject = Subject {
            timetable,
            customer,
            books: &books,
            standing: &account.standing,
            segment: account.segment,
            today,
            since: made.map_or_else(usual, |(on, _)| *on),
        };
        let paper = subject.has_something_to_look_at().then(|| {
            // What cannot be read any more is as if it had not been kept.
            let then = made.and_then(|(_, text)| serde_json::from_str::<Figures>(text).ok());
            let (note, figures) = subject.paper(then.as_ref());
            (note, serde_json::to_string(&figures).unwrap_or_default())
        });
        found.push(Due {
            customer: customer.id.clone(),
            segment: account.segment.to_owned(),
            to: customer.collector.clone(),
            period: when.period,
            paper,
        });
    }
    found
}

/// Opens the reviews of a page that are due on a day.
///
/// # Errors
/// The database's own.
pub(super) async fn of_page(
    tx: &mut Tx,
    journal: &mut Journal,
    page: &Page,
    day: &Day<'_>,
    since: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), DatabaseError> {
    if day.timetable.review.is_none() {
        return Ok(());
    }
    let last = review::last(tx, page.whose()).await?;
    for due in due(day, &last, since) {
        let figures = due.paper.as_ref().map(|(_, figures)| figures.as_str());
        // Whoever else is at work: once for a customer and period.
        if !review::keep(tx, &due.customer, due.period, day.today, figures).await? {
            continue;
        }
        let Some((note, _)) = due.paper else { continue };
        let new = NewTask {
            word: WORD.to_owned(),
            customer: due.customer.clone(),
            lead: String::new(),
            origin: None,
            date: day.today,
            due_on: day.today,
            to: due.to.map(|to| serde_json::json!([to.to_string()]).to_string()),
            reason: "review",
            rule: "T24",
            note: Some(note),
            author: None,
        };
        let task = tasks::open(tx, journal, &new, now).await?;
        review::note_task(tx, &due.customer, due.period, &task).await?;
    }
    Ok(())
}

fn invoices_of(ledger: &Snapshot) -> HashMap<&str, Vec<&Invoice>> {
    let mut found: HashMap<&str, Vec<&Invoice>> = HashMap::new();
    for invoice in ledger.invoices.values() {
        found.entry(&invoice.customer_id).or_default().push(invoice);
    }
    found
}
