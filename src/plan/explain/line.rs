//! One line of an explanation: a step's occurrence, in which case it is, and why.

use chrono::NaiveDate;

use super::Logged;
use crate::ledger::Invoice;
use crate::timetable::{Action, Step};

/// A step of the timetable for one invoice; of a repeating step, one of its occurrences.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    pub invoice: String,
    pub step: String,
    /// `email`, `task` or `notice`.
    pub kind: &'static str,
    /// `None`: the step is not for the invoice.
    pub occurrence: Option<u32>,
    /// The words of T9–T17; `not happened` of an event; `does not apply` of a step that is not for the invoice.
    pub case: &'static str,
    pub rule: &'static str,
    /// What stops it, why it is skipped or what leaves it out, in one word for programs.
    pub reason: Option<String>,
    /// The word of the event that it waits for (T20).
    pub event: Option<&'static str>,
    /// T2.
    pub planned_date: Option<NaiveDate>,
    /// T3.
    pub send_date: Option<NaiveDate>,
    /// The first day on which that no longer holds it back, if it ends by itself.
    pub until: Option<NaiveDate>,
    /// Since when it is so, as far as that is known.
    pub since: Option<NaiveDate>,
    /// The contact of the log that says so.
    pub contact: Option<String>,
    /// That contact's state now.
    pub state: Option<String>,
    pub relay_reply: Option<String>,
    /// The contact that it goes out with (T22).
    pub part_of: Option<PartOf>,
    /// In sentences, for people.
    pub explanation: String,
    /// When it would go out, if nobody pays and nothing more is sent.
    pub next: Option<Next>,
}

/// A contact that covers several invoices.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PartOf {
    /// The invoice and the step that lead it.
    pub lead: String,
    pub step: String,
    /// All that it covers, the lead first.
    pub invoices: Vec<String>,
}

/// A later falling of the step that would go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Next {
    pub occurrence: u32,
    pub date: NaiveDate,
}

impl Line {
    /// A line with nothing but its case.
    pub(super) fn new(invoice: &Invoice, step: &Step, case: &'static str, rule: &'static str) -> Self {
        Self {
            invoice: invoice.id.clone(),
            step: step.id.clone(),
            kind: match step.action {
                Action::Email { .. } => "email",
                Action::Task { .. } => "task",
                Action::Notice { .. } => "notice",
            },
            occurrence: None,
            case,
            rule,
            reason: None,
            event: step.event().map(|e| e.word()),
            planned_date: None,
            send_date: None,
            until: None,
            since: None,
            contact: None,
            state: None,
            relay_reply: None,
            part_of: None,
            explanation: String::new(),
            next: None,
        }
    }

    /// Adds a sentence.
    pub(super) fn say(&mut self, sentence: impl AsRef<str>) {
        if sentence.as_ref().is_empty() {
            return;
        }
        if !self.explanation.is_empty() {
            self.explanation.push(' ');
        }
        self.explanation.push_str(sentence.as_ref());
    }

    /// Names the contact of the log.
    pub(super) fn refer(&mut self, contact: &Logged) {
        self.contact = Some(contact.contact.clone());
        self.state = Some(contact.state.clone());
        self.relay_reply.clone_from(&contact.relay_reply);
        self.since = Some(contact.date);
    }
}
