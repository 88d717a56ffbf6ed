//! The tasks as they are to be done: the overdue ones first, then by priority.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::desk::{self, Desk};
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::{State, facts};
use crate::database::{DatabaseError, Tx};
use crate::money::Currency;
use crate::plan::Kind;
use crate::timetable::history::Facts;
use crate::timetable::priority::Score;

/// Until when a task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Today or before.
    Today,
    /// Within the seven days that begin today, or before.
    Week,
    /// Before today.
    Overdue,
}

impl Due {
    fn last_day(self, today: NaiveDate) -> NaiveDate {
        match self {
            Self::Today => today,
            Self::Week => today.checked_add_days(Days::new(6)).unwrap_or(today),
            Self::Overdue => today.pred_opt().unwrap_or(today),
        }
    }
}

/// Which tasks are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those that are done or asleep, too.
    pub all: bool,
    /// Those that are asleep, too.
    pub asleep: bool,
    pub due: Option<Due>,
    /// Whose: the address of a collector.
    pub of: Option<String>,
    pub customer: Option<String>,
}

/// A task of the worklist on a day.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Item {
    #[serde(flatten)]
    pub entry: Entry,
    /// The day by which it is to be done.
    pub due: NaiveDate,
    /// It is open, and that day is over.
    pub overdue: bool,
    pub days_overdue: i64,
    /// What is still owed on its invoices, by currency: by the books, or as the last poll has seen them.
    pub open_now: BTreeMap<String, String>,
    /// How urgent it is (`[priority]`); `None`: the books could not be read, or do not have its customer.
    pub priority: Option<Score>,
    /// Nothing is open any more on the invoices that it is about: it comes last.
    pub settled: bool,
    /// People look after its customer (`personal`).
    pub personal: bool,
    #[serde(skip)]
    pub amounts: BTreeMap<Currency, Decimal>,
}

impl Item {
    /// `amounts`: of the invoices that a poll has seen; `None`: it has seen none of them.
    fn of(entry: Entry, amounts: Option<BTreeMap<Currency, Decimal>>, today: NaiveDate) -> Self {
        let due = entry.due_on.unwrap_or(entry.date);
        let late = if entry.state == State::Open { (today - due).num_days().max(0) } else { 0 };
        let about = desk::about(&entry);
        let settled = about.was_open && amounts.as_ref().is_some_and(BTreeMap::is_empty);
        let amounts = amounts.unwrap_or_default();
        let item = Self {
            due,
            overdue: late > 0,
            days_overdue: late,
            open_now: BTreeMap::new(),
            priority: None,
            settled,
            personal: false,
            amounts,
            entry,
        };
        item.told()
    }

    fn told(mut self) -> Self {
        self.open_now = self.amounts.iter().map(|(c, a)| (c.to_string(), c.plain(*a))).collect();
        self
    }

    /// As the books have it, if they have its customer.
    #[must_use]
    pub fn weighed(mut self, desk: &Desk<'_>) -> Self {
        if let Some(weighed) = desk.weigh(&self.entry) {
            (self.priority, self.settled, self.amounts) = (Some(weighed.score), weighed.settled, weighed.open);
        }
        self.personal = desk.figures(&self.entry.customer).is_some_and(|f| f.personal.is_some());
        self.told()
    }

    /// Its place in the worklist: what is settled comes last; of the others the overdue ones first, then the most urgent, then
    /// by the day, then in the order in which they were made.
    #[must_use]
    pub fn place(&self) -> (bool, bool, bool, Reverse<Option<Score>>, NaiveDate, Option<&String>) {
        let is_done = self.entry.state == State::Done;
        (is_done, self.settled, !self.overdue, Reverse(self.priority), self.due, self.entry.contact.as_ref())
    }

    /// The collectors that it is for, as one name; empty: nobody.
    #[must_use]
    pub fn collector(&self) -> String {
        self.entry.to.join(", ")
    }

    /// The invoices that it is about.
    #[must_use]
    pub fn invoices(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.entry.invoices.iter().map(|i| i.id.as_str()).collect();
        if ids.is_empty() && !self.entry.lead.is_empty() {
            // A task that is of no step: the invoice that brought it up.
            ids.push(&self.entry.lead);
        }
        ids
    }
}

/// The tasks that are asked for, in the order in which they were made, with what the last poll has seen of their invoices.
///
/// # Errors
/// The database's own.
pub async fn list(tx: &mut Tx, wanted: &Wanted, today: NaiveDate) -> Result<Vec<Item>, DatabaseError> {
    let states = match wanted {
        Wanted { all: true, .. } => vec![State::Open, State::Snoozed, State::Done],
        Wanted { asleep: true, .. } => vec![State::Open, State::Snoozed],
        _ => vec![State::Open],
    };
    let filter = Filter { kinds: vec![Kind::Task], states, customer: wanted.customer.clone(), ..Filter::default() };
    let is_wanted = |entry: &Entry| {
        let due = entry.due_on.unwrap_or(entry.date);
        let soon = wanted.due.is_none_or(|until| entry.state != State::Done && due <= until.last_day(today));
        soon && wanted.of.as_ref().is_none_or(|of| entry.to.iter().any(|to| to.eq_ignore_ascii_case(of)))
    };
    let entries: Vec<Entry> = entry::list(tx, &filter).await?.into_iter().filter(is_wanted).collect();
    with_amounts(tx, entries, today).await
}

/// Puts tasks in the order in which they are to be done; `desk`: weighed by the books.
#[must_use]
pub fn arrange(items: Vec<Item>, desk: Option<&Desk<'_>>) -> Vec<Item> {
    let weighed = |item: Item| match desk {
        Some(desk) => item.weighed(desk),
        None => item,
    };
    let mut items: Vec<Item> = items.into_iter().map(weighed).collect();
    items.sort_by(|a, b| a.place().cmp(&b.place()));
    items
}

/// With what is still owed on the invoices of each, as the last poll has seen them.
///
/// # Errors
/// The database's own.
pub async fn with_amounts(tx: &mut Tx, entries: Vec<Entry>, today: NaiveDate) -> Result<Vec<Item>, DatabaseError> {
    let mut ids: Vec<&str> =
        entries.iter().flat_map(|e| e.invoices.iter().map(|i| i.id.as_str()).chain([e.lead.as_str()])).collect();
    ids.sort_unstable();
    ids.dedup();
    let seen = facts::of(tx, &ids).await?;
    let amounts = |entry: &Entry| {
        let mut own: Vec<&str> = entry.invoices.iter().map(|i| i.id.as_str()).collect();
        if own.is_empty() {
            own.push(&entry.lead);
        }
        own.sort_unstable();
        own.dedup();
        let known: Vec<&Facts> = own.iter().filter_map(|id| seen.get(*id)).collect();
        let mut sums: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for fact in known.iter().filter(|f| f.open) {
            *sums.entry(fact.currency).or_default() += fact.open_balance;
        }
        Some(sums).filter(|_| !known.is_empty())
    };
    let amounts: Vec<_> = entries.iter().map(amounts).collect();
    Ok(entries.into_iter().zip(amounts).map(|(entry, amounts)| Item::of(entry, amounts, today)).collect())
}

/// One task, in any state; `None`: there is no task of this id.
///
/// # Errors
/// The database's own.
pub async fn one(tx: &mut Tx, id: &str, today: NaiveDate) -> Result<Option<Item>, DatabaseError> {
    let filter = Filter { contacts: Some(vec![id.to_owned()]), kinds: vec![Kind::Task], ..Filter::default() };
    let entries = entry::list(tx, &filter).await?;
    Ok(with_amounts(tx, entries, today).await?.into_iter().next())
}
