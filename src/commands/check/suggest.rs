//! `dunningd check --suggest-case`: a `[[case]]` from an invoice of the ledger, without the customer's name.

use anyhow::anyhow;
use chrono::Days;
use serde_json::json;

use crate::commands::{Exit, Format, Globals, Result, open, output};
use crate::contacts::facts;
use crate::ledger::{Status, Whose};
use crate::plan::case::suggest;
use crate::timetable::case::{Case, End};

/// How long an unpaid invoice is played after its due date, at least.
const AFTER_DUE: u64 = 60;

pub async fn run(globals: &Globals, id: &str) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let (_, today, _) = office.present();
    let mut snapshot = office.source.read(&office.db, facts::Remembered, today).await.map_err(anyhow::Error::from)?;
    office.timetable.ranks.apply(&mut snapshot, today);
    let invoice = snapshot.invoices.get(id).ok_or_else(|| anyhow!("the ledger has no invoice {id:?} as of {today}"))?;
    let customer = snapshot.customers.get(&invoice.customer_id);
    let customer = customer.ok_or_else(|| anyhow!("the ledger has no customer {:?}", invoice.customer_id))?;
    let mut since = facts::customers_since(&mut office.db.snapshot().await?, Whose::Everybody).await?;
    facts::note_issue_dates(&mut since, &snapshot);
    let timetable = &office.timetable;
    let paid = snapshot.payments.iter().filter(|p| p.invoice_id.as_deref() == Some(id)).map(|p| p.received_on).max();
    let last = invoice.due_date.checked_add_days(Days::new(AFTER_DUE)).unwrap_or(invoice.due_date).max(today);
    let end = match paid.filter(|_| invoice.status == Status::Paid || !invoice.is_open()) {
        Some(paid) => End::PaidOn(paid.max(invoice.issue_date)),
        None => End::UnpaidUntil(last),
    };
    let case = Case {
        name: format!("like invoice {}", invoice.number),
        customer: timetable.customer(&customer.id).map(|_| customer.id.clone()),
        segment: customer.segment.clone().filter(|name| timetable.segments.iter().any(|s| s.name == *name)),
        rank: customer.rank.clone(),
        country: customer.country.clone(),
        customer_since: since.get(&customer.id).copied().filter(|since| *since < invoice.issue_date),
        amount: invoice.total,
        currency: invoice.currency,
        issued: invoice.issue_date,
        due: invoice.due_date,
        end,
        expect: Vec::new(),
        span: 0..0,
    };
    let text = suggest(timetable, &case);
    match globals.format {
        Format::Text => output::line(output::visible(text.trim_end())),
        Format::Json => output::json(&json!({ "case": text })),
    }
    Ok(Exit::Done)
}
