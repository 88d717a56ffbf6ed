//! E-mails that leave only after a person has said so (T34).

use chrono::{NaiveDate, NaiveTime};

use super::evaluate::Day;
use super::stops::{Account, Stop};
use super::{Step, Timetable};
use crate::address::EmailAddress;

/// `[approval]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The hour of the e-mail that tells what waits, on business days; `None`: the digest tells it.
    pub at: Option<NaiveTime>,
    /// Whom that e-mail goes to where the customer has no collector; empty: those who manage by `[digest]`.
    pub to: Vec<EmailAddress>,
}

/// An occurrence for an invoice: invoice, step, number and how often T18 has re-opened it.
pub type Key = (String, String, u32, u32);

/// What is known of the word of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is waited for.
    Asked {
        since: NaiveDate,
    },
    Approved,
    /// It never goes out.
    Rejected {
        on: NaiveDate,
        author: String,
        reason: Option<String>,
    },
}

impl Timetable {
    /// Whether an e-mail of a step to a customer of a segment asks for approval: the customer's own word wins over the
    /// step's, and that over the segment's.
    #[must_use]
    pub fn asks(&self, step: &Step, customer: &str, segment: &str) -> bool {
        let own = self.customer(customer).and_then(|c| c.approve).or(step.approve);
        let of_segment = || self.segments.iter().any(|s| s.name == segment && s.approve);
        step.is_email() && step.id != super::worklist::INVOICE_COPY && own.unwrap_or_else(of_segment)
    }
}

impl Day<'_> {
    /// Since when an occurrence waits for approval, if it asks for it; that of today is asked for the first time.
    #[must_use]
    pub fn asked_since(&self, account: &Account<'_>, step: &Step, key: &Key) -> Option<NaiveDate> {
        if !self.timetable.asks(step, &account.customer.id, account.segment) {
            return None;
        }
        match self.history.approvals.get(key) {
            Some(Verdict::Approved) => None,
            Some(Verdict::Asked { since }) => Some(*since),
            _ => Some(self.today),
        }
    }

    /// Whether a person has said that it does not go out.
    #[must_use]
    pub fn is_rejected(&self, invoice: &str, step: &str, number: u32, round: u32) -> Option<Stop> {
        // Nothing is built for most of them.
        if self.history.approvals.is_empty() {
            return None;
        }
        let key = (invoice.to_owned(), step.to_owned(), number, round);
        matches!(self.history.approvals.get(&key), Some(Verdict::Rejected { .. })).then_some(Stop::Rejected)
    }
}
