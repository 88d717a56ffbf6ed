//! All that one needs for a call: whom to call, what is owed, what was said before, and what comes next.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::item::Item;
use crate::contacts::Entry;
use crate::contacts::promise::Kept;
use crate::ledger::{Customer, Invoice};
use crate::money::Currency;
use crate::plan::explain::{self, Entered, Question};
use crate::timetable::stops::{self, Account};

/// How many of the last contacts are shown.
const LAST: usize = 10;

/// The papers for one task.
#[derive(Debug, serde::Serialize)]
pub struct Dossier {
    pub task: Item,
    pub customer: Who,
    /// Its open invoices, the oldest first, and those of the task that are not open any more.
    pub invoices: Vec<Owed>,
    /// By currency.
    pub totals: Vec<Total>,
    /// The last ones, the newest first.
    pub contacts: Vec<Entry>,
    /// Holds, promises and disputes in force.
    pub in_force: Vec<InForce>,
    /// All promises, kept and broken, the oldest first.
    pub promises: Vec<Kept>,
    /// The notes about the customer and its invoices, the oldest first.
    pub notes: Vec<Noted>,
    /// What stops e-mails to the customer and the like, in sentences.
    pub facts: Vec<String>,
    /// `None`: none is to come.
    pub next_email: Option<NextEmail>,
}

/// Whom to call.
#[derive(Debug, serde::Serialize)]
pub struct Who {
    pub id: String,
    pub name: String,
    pub phone: Option<String>,
    pub email: Vec<String>,
    pub language: Option<String>,
    pub country: Option<String>,
    pub segment: String,
    /// Why people look after it; `None`: they do not.
    pub personal: Option<String>,
    pub rank: Option<String>,
    /// It is not the ledger's own, but follows from the books.
    pub rank_is_computed: bool,
    pub credit_limit: Option<String>,
    pub collector: Option<String>,
    pub account_manager: Option<String>,
    pub do_not_contact: bool,
    /// Columns of the ledger that dunningd does not know.
    pub extra: BTreeMap<String, String>,
}

/// One invoice.
#[derive(Debug, serde::Serialize)]
pub struct Owed {
    pub id: String,
    pub number: String,
    /// The task is about it.
    pub of_task: bool,
    pub issue_date: NaiveDate,
    pub due_date: NaiveDate,
    pub days_past_due: i64,
    pub total: String,
    pub open_balance: String,
    pub currency: Currency,
    /// `open`, `paid`, `void` or `draft`.
    pub status: &'static str,
    /// What stops its e-mails, in the words of T19.
    pub stopped: Vec<&'static str>,
}

/// What is owed in one currency.
#[derive(Debug, serde::Serialize)]
pub struct Total {
    pub currency: Currency,
    pub open: String,
    pub past_due: String,
    /// Payments that are not set against an invoice.
    pub unallocated: String,
}

/// A hold, a promise or a dispute.
#[derive(Debug, serde::Serialize)]
pub struct InForce {
    pub kind: String,
    /// `customer`, or the id of the invoice.
    pub about: String,
    pub since: NaiveDate,
    /// How many days ago it was entered.
    pub age_days: i64,
    pub until: Option<NaiveDate>,
    pub amount: Option<String>,
    /// Of a dispute: the word of its reason.
    pub code: Option<String>,
    pub note: Option<String>,
    pub author: String,
}

/// What somebody noted.
#[derive(Debug, serde::Serialize)]
pub struct Noted {
    /// `None`: about the customer.
    pub invoice: Option<String>,
    pub on: NaiveDate,
    pub author: String,
    pub text: String,
}

/// That an e-mail waits for a person's word.
#[derive(Debug, serde::Serialize)]
pub struct Approval {
    pub asks: Option<String>,
    pub veto: bool,
}

/// The next e-mail, if nobody pays and nothing more is sent.
#[derive(Debug, serde::Serialize)]
pub struct NextEmail {
    pub date: NaiveDate,
    pub step: String,
    pub to: Vec<String>,
    pub invoices: Vec<String>,
    /// It waits for a person's word first (T34): whose, if the customer has a collector; and whether silence is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    pub subject: String,
    pub text: String,
}

impl Dossier {
    /// Puts it together; `contacts`: all of the customer's, oldest first.
    #[must_use]
    pub fn of(
        task: Item,
        question: &Question<'_>,
        (contacts, promises): (Vec<Entry>, Vec<Kept>),
        facts: Vec<String>,
        next_email: Option<NextEmail>,
    ) -> Self {
        let account = question.account();
        let mut contacts: Vec<Entry> = contacts
            .into_iter()
            .rev()
            .filter(|e| e.contact != task.entry.contact && e.state != crate::contacts::State::Skipped)
            .collect();
        contacts.truncate(LAST);
        let invoices = invoices(&task, question, &account);
        Self {
            customer: Who::of(question.customer, &account, question.day.personal(&account).map(|why| why.said())),
            totals: totals(question, &account),
            in_force: in_force(question),
            invoices,
            contacts,
            promises,
            notes: question.records.notes.iter().map(noted).collect(),
            facts,
            next_email,
            task,
        }
    }
}

fn noted(note: &explain::Noted) -> Noted {
    Noted { invoice: note.invoice.clone(), on: note.on, author: note.author.clone(), text: note.text.clone() }
}

impl Who {
    fn of(customer: &Customer, account: &Account<'_>, personal: Option<String>) -> Self {
        Self {
            id: customer.id.clone(),
            name: customer.name.clone(),
            phone: customer.phone.clone(),
            email: account.to.iter().map(ToString::to_string).collect(),
            language: account.language.clone(),
            country: customer.country.clone(),
            segment: account.segment.to_owned(),
            personal,
            rank: customer.rank.clone(),
            rank_is_computed: customer.rank_is_computed,
            credit_limit: customer.credit_limit.map(|limit| limit.to_string()),
            collector: customer.collector.as_ref().map(ToString::to_string),
            account_manager: customer.account_manager.as_ref().map(ToString::to_string),
            do_not_contact: customer.do_not_contact,
            extra: customer.extra.clone(),
        }
    }
}

fn invoices(task: &Item, question: &Question<'_>, account: &Account<'_>) -> Vec<Owed> {
    let day = question.day;
    let own: BTreeSet<&str> = task.invoices().into_iter().collect();
    let stopped = |invoice: &Invoice| match stops::closed(invoice) {
        Some(stop) => vec![stop],
        None => account.all_that_stops_email(day.timetable, invoice, day.controls, day.today),
    };
    let shown = question.invoices.iter().filter(|i| i.is_open() || own.contains(i.id.as_str()));
    let mut found: Vec<Owed> = shown
        .map(|i| Owed {
            id: i.id.clone(),
            number: i.number.clone(),
            of_task: own.contains(i.id.as_str()),
            issue_date: i.issue_date,
            due_date: i.due_date,
            days_past_due: i.days_past_due(day.today),
            total: i.currency.plain(i.total),
            open_balance: i.currency.plain(i.open_balance.max(Decimal::ZERO)),
            currency: i.currency,
            status: stops::closed(i).map_or("open", |stop| stop.word()),
            stopped: stopped(i).into_iter().map(|s| s.word()).collect(),
        })
        .collect();
    found.sort_by(|a, b| (a.due_date, &a.id).cmp(&(b.due_date, &b.id)));
    found
}

fn totals(question: &Question<'_>, account: &Account<'_>) -> Vec<Total> {
    let (standing, none) = (&account.standing, BTreeMap::new());
    let unallocated = question.sums.unallocated.get(&question.customer.id).unwrap_or(&none);
    let currencies: BTreeSet<Currency> = standing.open.keys().chain(unallocated.keys()).copied().collect();
    // The column has no currency: it counts in the one of the open invoices (T19).
    let only = (standing.open.len() == 1).then(|| standing.open.keys().next().copied()).flatten();
    let sum = |map: &BTreeMap<Currency, Decimal>, c: Currency| map.get(&c).copied().unwrap_or_default();
    let total = |currency: Currency| {
        let column = if only == Some(currency) { question.customer.unallocated_credit } else { Decimal::ZERO };
        Total {
            currency,
            open: currency.plain(sum(&standing.open, currency)),
            past_due: currency.plain(sum(&standing.past_due, currency)),
            unallocated: currency.plain(sum(unallocated, currency) + column),
        }
    };
    currencies.into_iter().map(total).collect()
}

fn in_force(question: &Question<'_>) -> Vec<InForce> {
    let ids: BTreeSet<&str> = question.invoices.iter().map(|i| i.id.as_str()).collect();
    let today = question.day.today;
    let own = |e: &&Entered| {
        let about = if e.of_customer { e.subject == question.customer.id } else { ids.contains(e.subject.as_str()) };
        about && (e.kind != "hold" || e.until.is_none_or(|until| today <= until))
    };
    let shown = |e: &Entered| InForce {
        kind: e.kind.clone(),
        about: if e.of_customer { "customer".to_owned() } else { e.subject.clone() },
        since: e.since,
        age_days: (today - e.since).num_days(),
        until: e.until,
        amount: e.amount.map(|a| a.to_string()),
        code: e.code.clone(),
        note: e.note.clone(),
        author: e.author.clone(),
    };
    let mut found: Vec<InForce> = question.records.entered.iter().filter(own).map(shown).collect();
    found.sort_by(|a, b| (a.since, &a.about).cmp(&(b.since, &b.about)));
    found
}
