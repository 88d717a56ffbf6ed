//! What may be claimed for the late payment of an invoice, as its e-mail shows it.

use super::excerpt::Excerpt;
use super::office::Office;
use crate::contacts::entry::Entry;
use crate::ledger::Invoice;
use crate::timetable::history::Controls;
use crate::timetable::interest::Claim;
use crate::timetable::stops::{Account, Sums};

/// The claim about an invoice in a contact; `None` where nothing is to be shown.
#[must_use]
pub fn of(office: &Office, contact: &Entry, read: &Excerpt, invoice: &Invoice) -> Option<Claim> {
    let timetable = &office.timetable;
    let interest = timetable.interest.as_ref()?;
    if !timetable.step(&contact.step).is_none_or(|step| step.interest) {
        return None;
    }
    let customer = read.snapshot.customers.get(&invoice.customer_id)?;
    // The contact's own customer keeps the segment of the plan, which knew since when it has been one (T6).
    let segment = if customer.id == contact.customer && !contact.segment.is_empty() {
        &contact.segment
    } else {
        let (sums, controls) = (Sums::default(), Controls::default());
        Account::new(timetable, customer, &read.invoices_of(&customer.id), &sums, None, &controls, read.day).segment
    };
    interest.claim(customer, segment, invoice, &read.payments_of(&invoice.id), read.day).ok()
}
