//! `dunningd tasks done`, `snooze`, `assign` and `add`.

use anyhow::anyhow;
use chrono::NaiveDate;

use super::super::{Exit, Failure, Format, Globals, Result, open, output};
use super::{Add, Done};
use crate::address::EmailAddress;
use crate::config;
use crate::contacts::Journal;
use crate::contacts::control::{self, Subject};
use crate::contacts::entry::{self, Filter};
use crate::contacts::tasks::{self, NewTask};
use crate::database::{Database, Tx};
use crate::timetable::{Timetable, calendar};
use crate::worklist::{Order, Outcome, WorklistError, done};

impl From<WorklistError> for Failure {
    fn from(error: WorklistError) -> Self {
        match error {
            WorklistError::Database(error) => error.into(),
            other => Self::Wrong(other.into()),
        }
    }
}

/// The database to write to, the timetable and the day; for a result that sends something, with a look at its template.
async fn begin(globals: &Globals, result: Option<Outcome>) -> Result<(Database, Timetable, NaiveDate)> {
    let config = open::config(globals)?;
    let timetable = open::timetable(&config)?;
    if result == Some(Outcome::InvoiceNotReceived) {
        // Better now than when it should leave.
        let renderer = open::renderer(&config, &timetable)?;
        let missing = open::missing_step(&config, &timetable.worklist.invoice_copy, &renderer);
        missing.map_or(Ok(()), |problem| Err(vec![problem]))?;
    }
    let today = calendar::local(timetable.time_zone, globals.clock().now()).0;
    Ok((open::database(&config).await?, timetable, today))
}

pub async fn done(globals: &Globals, args: &Done) -> Result {
    let result = args.result.or(args.promise.map(|_| Outcome::Promise));
    let promise = match (result, args.promise) {
        (Some(Outcome::Promise), None) => {
            return Err(anyhow!("--result promise needs --promise DATE: by when they will pay").into());
        }
        (Some(result), Some(_)) if !result.may_promise() => {
            return Err(anyhow!("--promise does not go with --result {result}: whoever promises was spoken to").into());
        }
        (_, by) => by.map(|by| (by, args.amount)),
    };
    let (db, timetable, today) = begin(globals, result).await?;
    if let Some(code) = &args.code {
        if result != Some(Outcome::Dispute) {
            return Err(anyhow!("--code is of --result dispute").into());
        }
        super::super::controls::known_code(&timetable, code)?;
    }
    if args.promise.is_some_and(|by| by < today) {
        return Err(anyhow!("--promise {}: that day is over", args.promise.unwrap_or(today)).into());
    }
    let (now, author) = (globals.clock().now(), config::author());
    let order =
        Order { ids: &args.ids, result, note: args.note.as_deref(), promise, code: args.code.as_deref(), author: &author };
    let (mut tx, mut journal) = (db.begin().await?, Journal::default());
    let finished = done::finish(&mut tx, &mut journal, &timetable, &order, (today, now)).await?;
    journal.write(&mut tx, now).await?;
    tx.commit().await?;
    if finished.in_flight > 0 {
        output::remark(&format!("{} e-mails about it are being sent at this moment", finished.in_flight));
    }
    let mut said: Vec<String> = args.ids.iter().map(|id| format!("task {id} is done")).collect();
    said.extend(finished.said);
    let ids: Vec<&String> = args.ids.iter().chain(&finished.next).collect();
    tell(globals, &db, &ids, &said).await
}

pub async fn snooze(globals: &Globals, id: &str, until: NaiveDate) -> Result {
    let (db, timetable, _) = begin(globals, None).await?;
    let (now, author) = (globals.clock().now(), config::author());
    let due_on = timetable.calendar.business_day(until, 1);
    let (mut tx, mut journal) = (db.begin().await?, Journal::default());
    done::insist(&mut tx, id).await?;
    tasks::snooze(&mut tx, &mut journal, id, until, due_on, &author, now).await?;
    journal.write(&mut tx, now).await?;
    tx.commit().await?;
    tell(globals, &db, &[id], &[format!("task {id} sleeps until {until}, that day included")]).await
}

pub async fn assign(globals: &Globals, id: &str, to: &EmailAddress) -> Result {
    let (db, ..) = begin(globals, None).await?;
    let (now, author) = (globals.clock().now(), config::author());
    let (mut tx, mut journal) = (db.begin().await?, Journal::default());
    done::insist(&mut tx, id).await?;
    tasks::assign(&mut tx, &mut journal, id, &to.to_string(), &author, now).await?;
    journal.write(&mut tx, now).await?;
    tx.commit().await?;
    tell(globals, &db, &[id], &[format!("task {id} is {to}'s")]).await
}

pub async fn add(globals: &Globals, args: &Add) -> Result {
    let (db, _, today) = begin(globals, None).await?;
    let due_on = args.due.unwrap_or(today);
    if due_on < today {
        return Err(anyhow!("--due {due_on}: that day is over").into());
    }
    let (now, author) = (globals.clock().now(), config::author());
    let (mut tx, mut journal) = (db.begin().await?, Journal::default());
    let new = NewTask {
        word: args.task.clone(),
        customer: customer(&mut tx, args).await?,
        lead: args.invoice.clone().unwrap_or_default(),
        origin: None,
        date: today,
        due_on,
        to: args.to.as_ref().map(|to| serde_json::json!([to.to_string()]).to_string()),
        reason: "by hand",
        rule: "T24",
        note: Some(args.note.clone()),
        author: Some(author),
    };
    let id = tasks::open(&mut tx, &mut journal, &new, now).await?;
    journal.write(&mut tx, now).await?;
    tx.commit().await?;
    tell(globals, &db, &[&id], &[format!("task {id} is due on {due_on}")]).await
}

/// Whom the task is about; what nobody knows is a mistake.
async fn customer(tx: &mut Tx, args: &Add) -> Result<String> {
    let unknown = |subject: Subject| anyhow!("no poll and no import has seen {subject}: nothing was added");
    let of_invoice = match &args.invoice {
        None => None,
        Some(id) => match tasks::customer_of(tx, id).await? {
            None => return Err(unknown(Subject::Invoice(id.clone())).into()),
            found => found,
        },
    };
    match (&args.customer, of_invoice) {
        (Some(given), Some(of)) if *given != of => {
            let invoice = args.invoice.as_deref().unwrap_or_default();
            Err(anyhow!("the invoice {invoice} is of the customer {of}, not of {given}").into())
        }
        (_, Some(of)) => Ok(of),
        (Some(given), None) if control::is_known(tx, &Subject::Customer(given.clone())).await? => Ok(given.clone()),
        (Some(given), None) => Err(unknown(Subject::Customer(given.clone())).into()),
        (None, None) => Err(anyhow!("name a customer or an invoice").into()),
    }
}

/// The tasks as they are now, or what was done.
async fn tell<T: AsRef<str>>(globals: &Globals, db: &Database, ids: &[T], said: &[String]) -> Result {
    match globals.format {
        Format::Json => {
            let contacts = Some(ids.iter().map(|id| id.as_ref().to_owned()).collect());
            let filter = Filter { contacts, ..Filter::default() };
            entry::list(&mut db.snapshot().await?, &filter).await?.iter().for_each(output::json);
        }
        Format::Text => said.iter().for_each(output::line),
    }
    Ok(Exit::Done)
}
