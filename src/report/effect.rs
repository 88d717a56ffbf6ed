//! What the steps bring: for how many invoices money came after a step and before the next one, how soon, and how much.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::books::payments;
use crate::contacts::State;
use crate::contacts::past::Past;
use crate::ledger::Snapshot;
use crate::money::Currency;
use crate::timetable::Timetable;

/// What one step has brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// `email`, `notice` or `task`; empty for what came before any contact.
    pub kind: String,
    /// So many times an invoice was the subject of one.
    pub contacts: u64,
    /// Of these, after so many money came before the next contact about the invoice.
    pub answered: u64,
    /// The days from each of these to the first payment.
    days: Vec<i64>,
    /// What came before the next contact, by currency, exact.
    pub received: BTreeMap<Currency, Decimal>,
}

impl Line {
    /// The middle one of the days to the first payment; of two middle ones the later. `None`: no money came.
    #[must_use]
    pub fn median_days(&self) -> Option<i64> {
        let mut days = self.days.clone();
        days.sort_unstable();
        days.get(days.len() / 2).copied()
    }

    /// How many of a hundred contacts were answered with money. `None`: there was none.
    #[must_use]
    pub fn share(&self) -> Option<Decimal> {
        let share = |n: u64| Decimal::from(self.answered * 100).checked_div(n.into()).map(|share| share.round_dp(1));
        share(self.contacts)
    }
}

/// The report of a span of days, while customers are added to it.
#[derive(Debug)]
pub struct Effect<'a> {
    timetable: &'a Timetable,
    /// The first and the last day.
    span: (NaiveDate, NaiveDate),
    steps: BTreeMap<String, Line>,
    /// What came for invoices about which there had been nothing.
    unasked: Line,
}

impl<'a> Effect<'a> {
    /// Of nobody yet. `span`: the first and the last day of the contacts and the payments that count.
    #[must_use]
    pub fn new(timetable: &'a Timetable, span: (NaiveDate, NaiveDate)) -> Self {
        Self { timetable, span, steps: BTreeMap::new(), unasked: Line::default() }
    }

    /// Adds customers. `past`: what the log has about their invoices. A payment counts for the last contact on a day before it:
    /// what comes on the day of an e-mail was on its way already.
    pub fn add(&mut self, ledger: &Snapshot, past: &HashMap<String, Vec<Past>>) {
        let within = |day: NaiveDate| (self.span.0..=self.span.1).contains(&day);
        let mut paid = payments(ledger);
        for invoice in ledger.invoices.values() {
            let mut received = paid.remove(invoice.id.as_str()).unwrap_or_default();
            received.retain(|(on, _)| within(*on));
            received.sort_unstable();
            let mut contacts: Vec<&Past> = past.get(&invoice.id).into_iter().flatten().filter(|p| self.counts(p)).collect();
            contacts.sort_by_key(|p| p.date);
            let mut answered = vec![false; contacts.len()];
            for (on, amount) in received {
                let Some(last) = contacts.iter().rposition(|c| c.date < on) else {
                    *self.unasked.received.entry(invoice.currency).or_default() += amount;
                    continue;
                };
                let contact = contacts[last];
                let line = self.steps.entry(contact.step.clone()).or_default();
                *line.received.entry(invoice.currency).or_default() += amount;
                if within(contact.date) && amount > Decimal::ZERO && !std::mem::replace(&mut answered[last], true) {
                    line.answered += 1;
                    line.days.push((on - contact.date).num_days());
                }
            }
            for contact in contacts.iter().filter(|c| within(c.date)) {
                let line = self.steps.entry(contact.step.clone()).or_default();
                line.kind.clone_from(&contact.kind);
                line.contacts += 1;
            }
        }
    }

    /// What has reached somebody because of a due date: an event thanks or tells, and asks for nothing.
    fn counts(&self, past: &Past) -> bool {
        let is_event = self.timetable.steps.iter().any(|s| s.id == past.step && s.event().is_some());
        !is_event && past.kind != "notice" && matches!(past.state, State::Sent | State::Done)
    }

    /// The steps in the order of the timetable, those that it does not have any more last.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, &Line)> {
        let place = |id: &str| self.timetable.steps.iter().position(|s| s.id == id).unwrap_or(usize::MAX);
        let mut lines: Vec<_> = self.steps.iter().map(|(id, line)| (id.as_str(), line)).collect();
        lines.sort_by_key(|(id, _)| place(id));
        lines
    }

    /// What was paid without a word.
    #[must_use]
    pub fn unasked(&self) -> &Line {
        &self.unasked
    }
}
