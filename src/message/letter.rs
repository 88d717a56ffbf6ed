//! From a contact and the ledger's rows to what its template sees.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::context::{self, Collector, Context, Customer, Earlier, Step, Total};
use super::settings::Company;
use crate::contacts::past::Past;
use crate::contacts::{Entry, EntryInvoice, State};
use crate::ledger::{self, Snapshot};
use crate::plan::Kind;
use crate::timetable::interest::Claim;

/// What a contact's template is rendered with. `covered`: the invoices that are still in it, the lead first; `own`: all the
/// customer's invoices; `earlier`: the log's contacts about the lead; `pay_by`: the step's deadline; `claim`: what may be
/// claimed of an invoice.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "everything that a letter is made of")]
pub fn context(
    contact: &Entry,
    covered: &[(&EntryInvoice, &ledger::Invoice)],
    customer: &ledger::Customer,
    own: &[&ledger::Invoice],
    snapshot: &Snapshot,
    earlier: &[Past],
    company: &Company,
    language: &str,
    today: NaiveDate,
    pay_by: Option<NaiveDate>,
    claim: &dyn Fn(&ledger::Invoice) -> Option<Claim>,
) -> Context {
    let name = |id: &str| snapshot.customers.get(id).map_or("", |c| c.name.as_str());
    let row = |invoice: &ledger::Invoice, step: Option<&str>| {
        context::Invoice::of(invoice, name(&invoice.customer_id), today, step).claiming(claim(invoice).as_ref())
    };
    let ids: HashSet<&str> = covered.iter().map(|(_, i)| i.id.as_str()).collect();
    let mut shown = HashSet::new();
    // By customer, the lead's first, each in the order of the contact (T22).
    let mut covered = covered.to_vec();
    if contact.kind == Kind::Email {
        let order: Vec<&str> = covered.iter().map(|(_, i)| i.customer_id.as_str()).collect();
        let ranks: Vec<Option<usize>> = order.iter().map(|c| order.iter().position(|o| o == c)).collect();
        let mut ranked: Vec<_> = ranks.into_iter().zip(covered).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        covered = ranked.into_iter().map(|(_, row)| row).collect();
    }
    let invoices: Vec<_> =
        covered.iter().filter(|(_, i)| shown.insert(i.id.as_str())).map(|(c, i)| row(i, Some(&c.step))).collect();
    let others = |i: &&&ledger::Invoice| i.is_open() && !ids.contains(i.id.as_str());
    let mut other_open: Vec<&ledger::Invoice> = match contact.kind {
        Kind::Email => own.iter().filter(others).copied().collect(),
        // A notice is about its invoices, perhaps of several customers.
        _ => Vec::new(),
    };
    other_open.sort_by_key(|i| (i.due_date, &i.id));
    let other_open: Vec<_> = other_open.into_iter().map(|i| row(i, None)).collect();
    Context {
        customer: Customer::of(customer),
        totals: Total::of(&invoices, &other_open),
        days_past_due: covered.first().map_or(0, |(_, i)| i.days_past_due(today)),
        invoices,
        other_open,
        step: Step {
            id: contact.step.clone(),
            days: covered.first().and_then(|(c, _)| c.days),
            action: contact.kind.word().to_owned(),
        },
        pay_by,
        segment: Some(contact.segment.clone()).filter(|s| !s.is_empty()),
        company: company.clone(),
        collector: customer.collector.clone().map(|address| Collector { address }),
        today,
        language: language.to_owned(),
        history: earlier
            .iter()
            .filter(|e| matches!(e.state, State::Sent | State::InDoubt | State::Open | State::Done))
            .map(of)
            .collect(),
    }
}

fn of(past: &Past) -> Earlier {
    Earlier { date: past.date, step: past.step.clone(), kind: past.kind.clone() }
}
