//! Ranks that the books suggest (`[rank]`): by what a customer buys, how late it pays, and what is earned by it. They are made
//! anew on the first of each month, of what was before it, so that a rank is the same on every day of a month and anybody can
//! compute it by hand.

mod record;

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;

pub use record::{Computed, Part};

use super::model::{Customer, Invoice, Snapshot};
use crate::money::Currency;

/// The ranks, the best first.
pub const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// Which rank the timetable, the reports and the worklist see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Use {
    /// The ledger's.
    #[default]
    Ledger,
    /// The computed one where the ledger has none.
    Missing,
    /// The computed one; the ledger's where nothing can be computed.
    Computed,
}

/// The limits of A, B and C.
pub type Limits = [Decimal; 3];

/// The rules by which ranks are computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranks {
    pub uses: Use,
    /// How many months before the first of this month count.
    pub months: u32,
    /// What was invoiced, from so much on.
    pub volume: Limits,
    /// The same in single currencies.
    pub volume_in: BTreeMap<Currency, Limits>,
    /// Days late on average, up to so many.
    pub days_late: Limits,
    /// Percent, from so many on.
    pub margin: Limits,
    /// The column of the customers that has the margin.
    pub margin_column: String,
    /// How much volume, days late and margin count.
    pub weights: [Decimal; 3],
}

impl Default for Ranks {
    fn default() -> Self {
        let limits = |all: [i64; 3]| all.map(Decimal::from);
        Self {
            uses: Use::Ledger,
            months: 12,
            volume: limits([100_000, 25_000, 5_000]),
            volume_in: BTreeMap::new(),
            days_late: limits([5, 15, 30]),
            margin: limits([30, 20, 10]),
            margin_column: "margin".to_owned(),
            weights: limits([1, 2, 1]),
        }
    }
}

impl Ranks {
    /// The day as of which the ranks of a day are computed: the first of its month.
    #[must_use]
    pub fn as_of(day: NaiveDate) -> NaiveDate {
        day.with_day(1).unwrap_or(day)
    }

    /// The next day on which a rank may be another one although nothing has changed; `None`: ranks are not computed.
    #[must_use]
    pub fn next(&self, today: NaiveDate) -> Option<NaiveDate> {
        let counts = self.uses != Use::Ledger;
        counts.then(|| Self::as_of(today).checked_add_months(Months::new(1))).flatten()
    }

    /// Puts the computed ranks into a picture of a day, if that is wanted. Done twice it is as done once.
    pub fn apply(&self, picture: &mut Snapshot, day: NaiveDate) {
        if self.uses == Use::Ledger {
            return;
        }
        let on = Self::as_of(day);
        let mut found: HashMap<String, String> = HashMap::new();
        for (customer, computed) in self.all(picture, on) {
            found.extend(computed.rank.map(|rank| (customer.id.clone(), rank.to_owned())));
        }
        for customer in picture.customers.values_mut() {
            let is_kept = self.uses == Use::Missing && customer.rank.is_some() && !customer.rank_is_computed;
            match found.remove(&customer.id) {
                Some(rank) if !is_kept => (customer.rank, customer.rank_is_computed) = (Some(rank), true),
                // What was computed of another month says nothing of this one.
                None if customer.rank_is_computed => (customer.rank, customer.rank_is_computed) = (None, false),
                _ => {}
            }
        }
    }

    /// The rank of each customer of a picture, as of a first of a month.
    pub fn all<'s>(&'s self, picture: &'s Snapshot, on: NaiveDate) -> impl Iterator<Item = (&'s Customer, Computed)> {
        let mut last: HashMap<&str, NaiveDate> = HashMap::new();
        for payment in picture.payments.iter().filter(|p| p.amount > Decimal::ZERO) {
            if let Some(invoice) = payment.invoice_id.as_deref() {
                let day = last.entry(invoice).or_insert(payment.received_on);
                *day = payment.received_on.max(*day);
            }
        }
        let mut invoices: HashMap<&str, Vec<&Invoice>> = HashMap::new();
        for invoice in picture.invoices.values() {
            invoices.entry(&invoice.customer_id).or_default().push(invoice);
        }
        picture.customers.values().map(move |customer| {
            let own = invoices.get(customer.id.as_str()).map_or(&[][..], Vec::as_slice);
            (customer, record::compute(self, customer, own, &last, on))
        })
    }
}

#[cfg(test)]
mod tests;
