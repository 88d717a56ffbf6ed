//! What the contact log and the earlier polls know, as plain data: the second half of every evaluation's input.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::approval::{Key, Told, Verdict};
use super::follow::Heard;
use crate::address::EmailAddress;
use crate::money::Currency;

/// The newest contact that makes an occurrence *done* (T9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The invoice's due date as it was then (T18).
    pub due_date: NaiveDate,
    /// The day on which it was last sent, or appeared.
    pub on: NaiveDate,
    /// How often T18 has re-opened the occurrence until then.
    pub round: u32,
    pub left: Left,
}

/// Whether the contact has reached whom it is for, as far as the log knows (T33).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The relay has taken it.
    Sent,
    /// It is being sent, or in doubt; or it is a task.
    Open,
    /// It failed for good, or came back.
    Failed,
}

/// What the log has of one invoice; keys are step ids (by their present names, T31) and occurrences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceHistory {
    pub done: HashMap<(String, u32), Done>,
    /// Written as skipped: once for an invoice and occurrence.
    pub skipped: HashSet<(String, u32)>,
}

/// What the contact log says.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub invoices: HashMap<String, InvoiceHistory>,
    /// The day of the last due-date e-mail to a customer (T16).
    pub last_email: HashMap<String, NaiveDate>,
    /// The day of the last due-date e-mail to these addresses, whatever the customer; known where a step merges by address.
    pub last_to: BTreeMap<Vec<EmailAddress>, NaiveDate>,
    /// The last that was heard of a customer, payments aside; known where a step follows another one (T33).
    pub heard: HashMap<String, Heard>,
    /// What persons have said of occurrences that ask for it (T34).
    pub approvals: HashMap<Key, Verdict>,
    /// Of which of them somebody was told, and that silence lets them leave.
    pub told: HashMap<Key, Told>,
    /// The open or snoozed review of a customer and step (T24): its contact id.
    pub open_reviews: HashMap<(String, String), String>,
}

impl History {
    /// What the log has of an invoice.
    #[must_use]
    pub fn of(&self, invoice: &str) -> Option<&InvoiceHistory> {
        self.invoices.get(invoice)
    }
}

/// What the polls have seen of one invoice; the difference between two polls is what T20 calls an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub customer: String,
    pub currency: Currency,
    pub first_seen: NaiveDate,
    /// The open balance at the last believed read; 0 for a paid one (T27).
    pub open_balance: Decimal,
    /// Open at the last believed read.
    pub open: bool,
    /// Present in the last believed read.
    pub in_read: bool,
    /// An earlier poll saw it open.
    pub seen_open: bool,
    pub disputed: bool,
    /// The sum of its payments above 0.
    pub part_paid: Decimal,
    /// The day of its newest payment above 0.
    pub last_payment: Option<NaiveDate>,
    /// The end of the promise that was last seen to have run out.
    pub promise_ended: Option<NaiveDate>,
    /// The poll's day that saw it paid after it was open.
    pub paid_on: Option<NaiveDate>,
    pub partly_paid_on: Option<NaiveDate>,
    pub promise_broken_on: Option<NaiveDate>,
    pub disputed_on: Option<NaiveDate>,
    /// The day on which a copy was asked for last, and how often that was. Polls only read it.
    pub copy_asked_on: Option<NaiveDate>,
    pub copies: u32,
}

/// A hold (`dunningd hold`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// That day included; `None`: until it is released.
    pub until: Option<NaiveDate>,
    pub reason: String,
}

/// What people entered: holds, promises, disputes; and the addresses that bounced.
#[derive(Debug, Clone, Default)]
pub struct Controls {
    pub invoice_holds: BTreeMap<String, Hold>,
    pub customer_holds: BTreeMap<String, Hold>,
    /// The promised dates.
    pub invoice_promises: BTreeMap<String, NaiveDate>,
    pub customer_promises: BTreeMap<String, NaiveDate>,
    /// Invoices with a dispute that the ledger does not know of.
    pub disputes: BTreeSet<String>,
    pub suppressed: BTreeSet<EmailAddress>,
    pub forgotten: Forgotten,
}

/// Suppressed addresses of which only a salted hash is left (D15).
#[derive(Debug, Clone, Default)]
pub struct Forgotten {
    pub salt: String,
    /// As [`EmailAddress::fingerprint`] makes them.
    pub hashes: HashSet<String>,
}

impl Controls {
    /// Whether no e-mail goes to an address (T19).
    #[must_use]
    pub fn is_suppressed(&self, address: &EmailAddress) -> bool {
        let forgotten = &self.forgotten;
        self.suppressed.contains(address)
            || (!forgotten.hashes.is_empty() && forgotten.hashes.contains(&address.fingerprint(&forgotten.salt)))
    }

    /// Whether a hold on the invoice or on its customer is in force on a day.
    #[must_use]
    pub fn is_held(&self, invoice: &str, customer: &str, today: NaiveDate) -> bool {
        [self.invoice_holds.get(invoice), self.customer_holds.get(customer)]
            .into_iter()
            .flatten()
            .any(|hold| hold.until.is_none_or(|until| today <= until))
    }

    /// The later of the invoice's and its customer's promised date (T19).
    #[must_use]
    pub fn promised(&self, invoice: &str, customer: &str) -> Option<NaiveDate> {
        self.invoice_promises.get(invoice).max(self.customer_promises.get(customer)).copied()
    }
}
