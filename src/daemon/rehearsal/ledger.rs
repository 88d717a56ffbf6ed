//! The ledger of a played day, and what it tells of the invoices.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use super::Rehearsal;
use crate::contacts::facts;
use crate::daemon::{belief, observe};
use crate::ledger::guard::{self, Measures, ReadCounts, Risen};
use crate::ledger::ranks::Ranks;
use crate::timetable::events;
use crate::timetable::personal::Tally;

impl Rehearsal {
    /// The ledger of the day, what it tells of the invoices, and whether a poll would have believed it (T27).
    pub(super) fn look_at_ledger(&mut self, day: NaiveDate, problems: &mut Vec<String>) {
        let changed = self.bring_ledger_to(day);
        self.settle_promises(day);
        let read = &self.read;
        let counts = ReadCounts::of(&read.snapshot, day);
        let measures = Measures::of(&self.reads, day);
        // What has not changed has not risen.
        let facts = &self.known.facts;
        let risen = match &changed {
            None => Risen::of(&read.snapshot, belief::balances(facts)),
            Some(ids) => {
                let before = ids.iter().filter_map(|id| Some((id.as_str(), facts.get(id).filter(|f| f.in_read)?.open_balance)));
                Risen { known: self.seen.unwrap_or_default(), ..Risen::of(&read.snapshot, before) }
            }
        };
        if let Err(refusal) = guard::check(&self.office.guard, &counts, &measures, risen, day) {
            problems.push(format!("the ledger would not have been believed (T27): {refusal}"));
        }
        let since = day - TimeDelta::days(Measures::DAYS);
        self.reads.retain(|(on, _)| *on >= since);
        self.reads.push((day, counts));
        match changed {
            None => {
                observe::observe(&self.office.timetable, &self.known.controls, &read.snapshot, &mut self.known.facts, day);
                facts::note_issue_dates(&mut self.known.customer_since, &read.snapshot);
            }
            Some(ids) => ids.iter().for_each(|id| self.observe(id, day)),
        }
        self.seen = Some(self.read.snapshot.invoices.len() as u64);
    }

    /// Brings the picture of the ledger to a day. Returns the invoices of which something may be new: those that were
    /// issued or paid, and those that were promised; `None`: all, on the first day.
    fn bring_ledger_to(&mut self, day: NaiveDate) -> Option<BTreeSet<String>> {
        let read = &mut self.read;
        let known_payments = if self.seen.is_none() { 0 } else { read.snapshot.payments.len() };
        let mut changed: BTreeSet<String> = self.to_come.advance(Arc::make_mut(&mut read.snapshot), day).into_iter().collect();
        changed.iter().for_each(|id| read.note_invoice(id));
        for payment in read.snapshot.payments.get(known_payments..).unwrap_or_default() {
            if let Some(invoice) = &payment.invoice_id {
                self.paid.entry(invoice.clone()).or_default().add(payment);
                changed.insert(invoice.clone());
            }
        }
        if self.seen.is_none() || Ranks::as_of(day) != Ranks::as_of(read.day) {
            self.office.timetable.ranks.apply(Arc::make_mut(&mut read.snapshot), day);
        }
        if self.office.timetable.priority.pareto {
            let mut tally = Tally::default();
            tally.add(&read.snapshot);
            self.known.personal = tally.personal();
        }
        read.day = day;
        if known_payments < read.snapshot.payments.len() || self.seen.is_none() {
            read.note_payments();
        }
        let controls = &self.known.controls;
        changed.extend(controls.invoice_promises.keys().cloned());
        let of_customer = |id: &String| read.invoices_of(id).into_iter().map(|i| i.id.clone()).collect::<Vec<_>>();
        changed.extend(controls.customer_promises.keys().flat_map(of_customer));
        self.seen.map(|_| changed)
    }

    /// What this day tells of an invoice (T20).
    fn observe(&mut self, id: &str, day: NaiveDate) {
        let Some(invoice) = self.read.snapshot.invoices.get(id) else { return };
        let (known, paid) = (&mut self.known, self.paid.get(id).copied().unwrap_or_default());
        let seen = events::observe(&self.office.timetable, &known.controls, known.facts.get(id), invoice, paid, day);
        known.facts.insert(id.to_owned(), seen);
        let since = known.customer_since.entry(invoice.customer_id.clone()).or_insert(invoice.issue_date);
        *since = (*since).min(invoice.issue_date);
        self.agenda.wake(id);
    }
}
