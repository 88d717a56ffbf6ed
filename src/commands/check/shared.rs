//! How many customers share their address (T22).

use std::collections::BTreeMap;

use crate::address::EmailAddress;
use crate::ledger::Snapshot;
use crate::timetable::Timetable;
use crate::timetable::stops::mailbox;

/// A sentence about addresses that several customers have; `None`: there is none.
pub fn note(timetable: &Timetable, ledger: &Snapshot) -> Option<String> {
    let mut by_address: BTreeMap<Vec<EmailAddress>, usize> = BTreeMap::new();
    for customer in ledger.customers.values() {
        let own = timetable.customer(&customer.id).and_then(|c| c.to.as_ref());
        *by_address.entry(mailbox(own.unwrap_or(&customer.email))).or_default() += 1;
    }
    by_address.retain(|address, customers| !address.is_empty() && *customers > 1);
    let customers: usize = by_address.values().sum();
    let merged = timetable.merges_by_address();
    let what = match merged {
        true => "they get one e-mail together (merge = \"address\")",
        false => "each customer gets an e-mail of its own; merge = \"address\" in timetable.toml makes one of them",
    };
    let (addresses, are) = match by_address.len() {
        0 => return None,
        1 => ("1 address".to_owned(), "is"),
        n => (format!("{n} addresses"), "are"),
    };
    Some(format!("[ledger] {addresses} {are} shared by {customers} customers: {what}"))
}
