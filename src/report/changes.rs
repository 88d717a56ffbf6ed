//! What is different in the ledger from what the last poll has seen.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::ledger::{Invoice, Snapshot, Status};
use crate::money::{Currency, Money};
use crate::timetable::history::Facts;

/// What became of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    New,
    /// The ledger does not name it any more.
    Gone,
    Paid,
    /// Void or a draft.
    Void,
    Risen,
    Fallen,
    Disputed,
    /// No longer disputed.
    Settled,
    /// The customer's addresses are other ones than those of the last e-mail to it.
    Address,
}

impl What {
    /// The word that is shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Risen => "risen",
            Self::Fallen => "fallen",
            Self::Disputed => "disputed",
            Self::Settled => "settled",
            Self::Address => "address",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    pub what: What,
    pub customer: String,
    /// Empty where it is about the customer.
    pub invoice: String,
    /// What was, and what is: open balances with their currency, or addresses.
    pub before: String,
    pub now: String,
}

/// The changes of some customers. `facts`: what the last poll has seen of their invoices; `written`: the addresses of the last
/// e-mail to each of them.
#[must_use]
pub fn of(ledger: &Snapshot, facts: &HashMap<String, Facts>, written: &HashMap<String, Vec<String>>) -> Vec<Change> {
    let mut changes: Vec<Change> = ledger.invoices.values().filter_map(|i| of_invoice(i, facts.get(&i.id))).collect();
    let gone = facts.iter().filter(|(id, f)| f.in_read && f.open && !ledger.invoices.contains_key(*id));
    changes.extend(gone.map(|(id, f)| change(What::Gone, &f.customer, id, shown(f.open_balance, f.currency), String::new())));
    for (id, before) in written {
        let Some(customer) = ledger.customers.get(id) else { continue };
        let now: Vec<String> = customer.email.iter().map(ToString::to_string).collect();
        let sorted = |list: &[String]| {
            let mut list: Vec<String> = list.iter().map(|a| a.to_lowercase()).collect();
            list.sort();
            list
        };
        if sorted(before) != sorted(&now) {
            changes.push(change(What::Address, id, "", before.join(", "), now.join(", ")));
        }
    }
    changes.sort_by(|a, b| (&a.customer, a.what, &a.invoice).cmp(&(&b.customer, b.what, &b.invoice)));
    changes
}

fn shown(amount: Decimal, currency: Currency) -> String {
    Money { amount, currency }.to_string()
}

fn change(what: What, customer: &str, invoice: &str, before: String, now: String) -> Change {
    Change { what, customer: customer.to_owned(), invoice: invoice.to_owned(), before, now }
}

fn of_invoice(invoice: &Invoice, before: Option<&Facts>) -> Option<Change> {
    let is_open = invoice.is_open();
    let what = match before {
        None if is_open => What::New,
        None => return None,
        Some(facts) if !facts.in_read && is_open => What::New,
        Some(facts) if facts.open && !is_open => match invoice.status {
            Status::Void | Status::Draft => What::Void,
            _ => What::Paid,
        },
        Some(facts) if is_open && invoice.open_balance > facts.open_balance => What::Risen,
        Some(facts) if is_open && invoice.open_balance < facts.open_balance => What::Fallen,
        Some(facts) if is_open && invoice.disputed && !facts.disputed => What::Disputed,
        Some(facts) if is_open && !invoice.disputed && facts.disputed => What::Settled,
        Some(_) => return None,
    };
    let was = before.filter(|f| f.in_read).map(|f| shown(f.open_balance, f.currency)).unwrap_or_default();
    let owed = if is_open { invoice.open_balance } else { Decimal::ZERO };
    Some(change(what, &invoice.customer_id, &invoice.id, was, shown(owed, invoice.currency)))
}
