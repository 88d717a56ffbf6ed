//! What the log will say of a plan that has gone out, without a log: for days that are only played.

use chrono::NaiveDate;

use super::contact::{Covered, Kind, Planned};
use crate::timetable::history::{Done, History, Left};
use crate::timetable::stops::mailbox;

impl History {
    /// A contact (`id`) has been made, or an occurrence skipped; `left`: an e-mail has really left (T16).
    pub fn remember(&mut self, contact: &Planned, id: &str, left: bool) {
        if contact.reason.is_some() {
            for c in &contact.covered {
                let of = self.invoices.entry(c.invoice.clone()).or_default();
                of.skipped.insert((c.step.clone(), c.occurrence));
            }
            return;
        }
        let has_left = match contact.kind {
            Kind::Task => Left::Open,
            _ if left => Left::Sent,
            _ => Left::Failed,
        };
        contact.covered.iter().for_each(|c| self.note(c, contact.date, has_left));
        if left && contact.group.is_due_date() {
            for customer in contact.covered.iter().map(|c| &c.customer).chain([&contact.customer]) {
                let last = self.last_email.entry(customer.clone()).or_insert(contact.date);
                *last = (*last).max(contact.date);
            }
            let last = self.last_to.entry(mailbox(&contact.to)).or_insert(contact.date);
            *last = (*last).max(contact.date);
        }
        if contact.is_review() {
            self.open_reviews.insert((contact.customer.clone(), contact.step.clone()), id.to_owned());
        }
    }

    /// An occurrence is done on a day (T9): by a contact, or because it joins an open review (T24).
    pub fn is_done(&mut self, c: &Covered, on: NaiveDate) {
        self.note(c, on, Left::Open);
    }

    fn note(&mut self, c: &Covered, on: NaiveDate, left: Left) {
        let of = self.invoices.entry(c.invoice.clone()).or_default();
        let done = Done { due_date: c.due_date, on, round: c.round, left };
        of.done.insert((c.step.clone(), c.occurrence), done);
    }
}
