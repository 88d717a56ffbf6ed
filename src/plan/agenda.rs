//! Which invoices need not be looked at on a day, because nothing can have happened to them since the last look: for many
//! days that are played one after another over a large ledger.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::ledger::Invoice;
use crate::timetable::evaluate::Day;
use crate::timetable::follow::{self, Pending};
use crate::timetable::occurrence::{Case, Occurrence};
use crate::timetable::stops::{Account, Stop};

/// The day on which each invoice has to be looked at again, unless something about it changes before.
#[derive(Debug, Default)]
pub struct Agenda {
    next: HashMap<String, NaiveDate>,
    /// The segment and the rank of each customer at the last look: others have other days.
    segments: HashMap<String, (String, Option<String>)>,
}

impl Agenda {
    /// The ledger, or what is known of the invoice, has changed.
    pub fn wake(&mut self, invoice: &str) {
        self.next.remove(invoice);
    }

    /// When the invoice has to be looked at again; `None`: it was not looked at.
    #[must_use]
    pub fn next_of(&self, invoice: &str) -> Option<NaiveDate> {
        self.next.get(invoice).copied()
    }

    /// Whether nothing can have become due or ended by this day.
    pub(super) fn may_pass(&self, invoice: &Invoice, today: NaiveDate) -> bool {
        self.next.get(&invoice.id).is_some_and(|day| today < *day)
    }

    /// Whether the customer is in another segment, or of another rank, than at the last look.
    pub(super) fn has_moved(&mut self, account: &Account<'_>) -> bool {
        let rank = &account.customer.rank;
        match self.segments.get_mut(&account.customer.id) {
            Some(known) if known.0 == account.segment && known.1 == *rank => false,
            Some(known) => {
                *known = (account.segment.to_owned(), rank.clone());
                true
            }
            None => {
                self.segments.insert(account.customer.id.clone(), (account.segment.to_owned(), rank.clone()));
                true
            }
        }
    }

    /// The invoice was looked at: what is due, stopped or deferred (`waits`) is looked at again the day after.
    pub(super) fn note(&mut self, day: &Day<'_>, invoice: &Invoice, found: &[Occurrence<'_>], waits: bool) {
        let done = day.history.of(&invoice.id);
        let again = |one: &Occurrence<'_>| match &one.case {
            Case::NotYet => Some(one.send_date),
            // Done before a due date that has moved: the occurrence behind it is not in sight yet (T18).
            Case::Done { .. } if one.send_date > day.today => Some(one.send_date),
            // What is superseded by something that has not gone out yet may come again when that ends.
            Case::Superseded { step, number } if !done.is_some_and(|h| h.done.contains_key(&(step.clone(), *number))) => {
                Some(day.today)
            }
            // It is said for as long as it would go out.
            Case::Waits(Pending::Answered { .. }) if day.today < one.send_date || follow::is_answered_now(day, invoice, one) => {
                Some(one.send_date)
            }
            // The e-mail that it follows is on its way, or in doubt.
            Case::Waits(Pending::Leaving) => Some(day.today),
            // For good.
            Case::Stopped(Stop::Rejected) => None,
            Case::Due | Case::Stopped(_) | Case::Deferred { .. } => Some(day.today),
            _ => None,
        };
        let next = if waits { Some(day.today) } else { found.iter().filter_map(again).min() };
        let next = next.unwrap_or(NaiveDate::MAX).max(day.today.succ_opt().unwrap_or(NaiveDate::MAX));
        match self.next.get_mut(&invoice.id) {
            Some(known) => *known = next,
            None => drop(self.next.insert(invoice.id.clone(), next)),
        }
    }
}
