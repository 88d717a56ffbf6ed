//! `dunningd tasks show`: the papers for one task.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::anyhow;

use super::super::{Exit, Format, Globals, Result, open, output};
use super::paper;
use crate::contacts::entry::{self, Entry, EntryInvoice, Filter};
use crate::contacts::{past, promise};
use crate::daemon::excerpt::Excerpt;
use crate::daemon::inquiry::{Answer, Inquiry, InquiryError};
use crate::daemon::office::Office;
use crate::daemon::prepare;
use crate::ledger::{Customer, Invoice, Snapshot};
use crate::plan::explain::{self, Question};
use crate::plan::next_email::next_email;
use crate::timetable::evaluate::Day;
use crate::timetable::stops;
use crate::worklist::dossier::Approval;
use crate::worklist::item;
use crate::worklist::{Desk, Dossier, NextEmail};

pub async fn run(globals: &Globals, id: &str) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let today = office.present().1;
    let task = item::one(&mut office.db.snapshot().await?, id, today).await?;
    let task = task.ok_or_else(|| anyhow!("there is no task {id}; `dunningd tasks` lists those that are open"))?;
    let mut desk = Desk::begin(&mut office.db.snapshot().await?, &office.timetable, std::iter::once(&task.entry), today).await?;
    let mut inquiry = match Inquiry::begin(&office, today).await {
        Err(InquiryError::Database(error)) => return Err(error.into()),
        Err(error) => {
            output::complain(&error.to_string());
            return Ok(Exit::Attention);
        }
        Ok(inquiry) => inquiry,
    };
    let of = task.entry.customer.clone();
    let answer = inquiry.answer(&of, None).await.map_err(anyhow::Error::from)?;
    let ledger = Snapshot {
        payments_as_of: inquiry.snapshot.payments_as_of,
        payments_wanted: inquiry.snapshot.payments_wanted,
        ..inquiry.snapshot.of(&BTreeSet::from([of.clone()]))
    };
    desk.look(&ledger);
    let task = task.weighed(&desk);
    let nobody = Customer { id: of.clone(), ..Customer::default() };
    let customer = ledger.customers.get(&of).unwrap_or(&nobody);
    if !ledger.customers.contains_key(&of) {
        output::remark(&format!("the ledger has no customer {of:?} (any more)"));
    }
    let invoices: Vec<&Invoice> = ledger.invoices.values().collect();
    let sums = stops::sums(&ledger);
    let day = answer.knowledge.day(&office.timetable, &ledger, today);
    let question = Question {
        day: &day,
        plan: &answer.plan,
        records: &answer.records,
        tense: inquiry.tense,
        in_window: answer.in_window,
        customer,
        invoices: &invoices,
        sums: &sums,
    };
    let facts = explain::facts(&question, &question.account());
    let filter = Filter { customer: Some(of.clone()), ..Filter::default() };
    let mut tx = office.db.snapshot().await?;
    let contacts = entry::list(&mut tx, &filter).await?;
    let promises = promise::of_customer(&mut tx, &of, &ledger.invoices.keys().map(String::as_str).collect()).await?;
    drop(tx);
    let next = next(&office, &day, &answer, customer).await?;
    let dossier = Dossier::of(task, &question, (contacts, promises), facts, next);
    match globals.format {
        Format::Json => output::json(&dossier),
        Format::Text => paper::show(&dossier),
    }
    answer.notes.iter().for_each(|n| output::remark(n));
    Ok(if inquiry.believed { Exit::Done } else { Exit::Attention })
}

/// The e-mail that comes next, written as it would be on that day.
async fn next(office: &Office, day: &Day<'_>, answer: &Answer, customer: &Customer) -> Result<Option<NextEmail>> {
    let Some(planned) = next_email(day, &customer.id, answer.in_window) else { return Ok(None) };
    let entry = Entry::of_plan(&planned);
    let read = Excerpt::new(Arc::new(day.snapshot.clone()), planned.date);
    let then = Day { today: planned.date, snapshot: &read.snapshot, ..*day };
    let account = then.account(customer, &read.invoices_of(&customer.id), &read.unallocated);
    let rows = entry.invoices.iter().filter_map(|i| Some((i, read.snapshot.invoices.get(&i.id)?)));
    let left: Vec<(&EntryInvoice, &Invoice)> = rows.collect();
    let past = past::past_of(&mut office.db.snapshot().await?, &[entry.lead.as_str()]).await?;
    let earlier = past.get(&entry.lead).map_or(&[][..], Vec::as_slice);
    let draft = prepare::draft(office, &entry, &account, &left, &read, earlier, None).map_err(anyhow::Error::msg)?;
    Ok(Some(NextEmail {
        date: planned.date,
        step: planned.step.clone(),
        to: entry.to.clone(),
        invoices: left.iter().map(|(_, invoice)| invoice.id.clone()).collect(),
        approval: planned
            .asked
            .as_ref()
            .map(|asked| Approval { asks: asked.whom.as_ref().map(ToString::to_string), veto: asked.veto.is_some() }),
        subject: draft.subject,
        text: draft.text,
    }))
}
