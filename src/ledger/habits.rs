//! How late each customer has paid so far, and when it will pay next if it goes on like that.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use sha2::{Digest as _, Sha256};

use super::model::{Invoice, Payment, Snapshot};

/// The delays of the past, in days from the due date to the last payment; negative: before it.
#[derive(Debug, Default)]
pub struct Habits {
    by_customer: HashMap<String, Vec<i64>>,
    /// All of them: for who has paid nothing yet.
    everybody: Vec<i64>,
}

impl Habits {
    /// Of the invoices that are paid in full, as far as the ledger still has their payments.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut last: HashMap<&str, NaiveDate> = HashMap::new();
        let received = |p: &&Payment| p.amount > rust_decimal::Decimal::ZERO;
        for payment in snapshot.payments.iter().filter(received) {
            if let Some(invoice) = payment.invoice_id.as_deref() {
                let day = last.entry(invoice).or_insert(payment.received_on);
                *day = (*day).max(payment.received_on);
            }
        }
        let mut habits = Self::default();
        for invoice in snapshot.invoices.values().filter(|i| !i.is_open()) {
            if let Some(day) = last.get(invoice.id.as_str()) {
                let delay = (*day - invoice.due_date).num_days();
                habits.by_customer.entry(invoice.customer_id.clone()).or_default().push(delay);
                habits.everybody.push(delay);
            }
        }
        habits.by_customer.values_mut().for_each(|delays| delays.sort_unstable());
        habits.everybody.sort_unstable();
        habits
    }

    /// The day from `from` on, on which the invoice will be paid: one of the customer's own delays, of those that have not
    /// gone by yet; always the same one for the same invoice. `None`: it is later than the customer has ever been, or
    /// nobody has ever paid.
    #[must_use]
    pub fn pays_on(&self, invoice: &Invoice, from: NaiveDate) -> Option<NaiveDate> {
        let delays = self.by_customer.get(&invoice.customer_id).unwrap_or(&self.everybody);
        let late = (from - invoice.due_date).num_days();
        let ahead = &delays[delays.partition_point(|d| *d < late)..];
        let drawn = Sha256::digest(invoice.id.as_bytes()).iter().take(4).fold(0_usize, |n, b| n * 256 + usize::from(*b));
        let delay = ahead.get(drawn.checked_rem(ahead.len())?)?;
        invoice.due_date.checked_add_signed(TimeDelta::try_days(*delay)?)
    }
}
