//! What the log and people's entries say beyond what decides: which contact, since when, who said so.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::plan::Kind;

/// A contact of the log about one occurrence of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub contact: String,
    pub kind: Kind,
    /// A due-date e-mail: it counts for the quiet days (T16).
    pub is_due_date: bool,
    pub customer: String,
    pub invoice: String,
    /// By its present name (T31).
    pub step: String,
    pub occurrence: u32,
    /// How often T18 had re-opened the occurrence.
    pub round: u32,
    pub due_date: NaiveDate,
    /// The day on which it was last sent, skipped or joined.
    pub date: NaiveDate,
    /// The word of its state, as it is now.
    pub state: String,
    pub standing: Standing,
    pub reason: Option<String>,
    pub rule: String,
    pub relay_reply: Option<String>,
    pub snoozed_until: Option<NaiveDate>,
    pub note: Option<String>,
    /// It was there before what is explained: of a day that has passed, before that day's own contacts.
    pub before: bool,
}

/// What a contact is for an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Done (T9).
    Counts,
    /// Planned, and not out yet.
    Unsent,
    Skipped,
    /// Cancelled, or taken out before it left (T26).
    Gone,
}

/// A hold, a promise or a dispute that people entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// `hold`, `promise` or `dispute`.
    pub kind: String,
    /// Of the whole customer.
    pub of_customer: bool,
    pub subject: String,
    pub since: NaiveDate,
    /// The last day of a hold, the promised day.
    pub until: Option<NaiveDate>,
    pub amount: Option<Decimal>,
    pub note: Option<String>,
    /// Of a dispute: the word of its reason.
    pub code: Option<String>,
    pub author: String,
}

/// What somebody noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The invoice; `None`: the customer.
    pub invoice: Option<String>,
    pub on: NaiveDate,
    pub author: String,
    pub text: String,
}

/// An address that is suppressed (T19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounced {
    pub address: String,
    pub since: NaiveDate,
    pub evidence: String,
}

/// All of it, about one customer.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Oldest first.
    pub contacts: Vec<Logged>,
    pub entered: Vec<Entered>,
    pub bounced: Vec<Bounced>,
    /// About the customer and its invoices, oldest first.
    pub notes: Vec<Noted>,
}

impl Records {
    /// What the log has of an occurrence, the newest last.
    pub fn of(&self, invoice: &str, step: &str, occurrence: u32) -> impl DoubleEndedIterator<Item = &Logged> {
        self.contacts.iter().filter(move |c| c.invoice == invoice && c.step == step && c.occurrence == occurrence)
    }

    /// The newest contact that makes an occurrence done.
    #[must_use]
    pub fn done(&self, invoice: &str, step: &str, occurrence: u32) -> Option<&Logged> {
        let counts = |c: &&Logged| c.standing == Standing::Counts && c.before;
        self.of(invoice, step, occurrence).filter(counts).max_by_key(|c| (c.round, c.date))
    }

    /// The entry of a kind that is about an invoice or its customer and has no end or the latest one.
    #[must_use]
    pub fn entry(&self, kind: &str, invoice: &str, customer: &str) -> Option<&Entered> {
        let about = |e: &&Entered| e.kind == kind && e.subject == *(if e.of_customer { customer } else { invoice });
        self.entered.iter().filter(about).max_by_key(|e| e.until.unwrap_or(NaiveDate::MAX))
    }
}
