//! E-mails for several customers that share an address (T22).

use std::collections::BTreeSet;

use super::excerpt::Excerpt;
use crate::contacts::entry::{Entry, EntryInvoice};
use crate::ledger::Invoice;
use crate::plan::Kind;
use crate::timetable::stops::Account;

/// Whether an e-mail for several customers must not be about this one any more: by now it is written to elsewhere.
#[must_use]
pub fn is_elsewhere(contact: &Entry, account: &Account<'_>) -> bool {
    let several = contact.invoices.iter().any(|i| i.customer != contact.customer);
    let planned: BTreeSet<String> = contact.to.iter().chain(&contact.cc).cloned().collect();
    let now: BTreeSet<String> = account.to.iter().chain(&account.cc).map(ToString::to_string).collect();
    contact.kind == Kind::Email && several && planned != now
}

/// The invoices of all the customers in a contact.
#[must_use]
pub fn invoices_of_all<'r>(read: &'r Excerpt, left: &[(&EntryInvoice, &Invoice)]) -> Vec<&'r Invoice> {
    let customers: BTreeSet<&str> = left.iter().map(|(_, invoice)| invoice.customer_id.as_str()).collect();
    customers.into_iter().flat_map(|customer| read.invoices_of(customer)).collect()
}
