//! A ledger whose days go by: the picture of each day, made from that of the day before (L6).

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::habits::Habits;
use super::model::{Invoice, Payment, Snapshot, Status};
use super::own;
use super::rows::InvoiceRow;
use super::whose::Whose;
use crate::database::{DatabaseError, Tx};
use crate::money::Currency;

/// What the days to come will bring. The picture itself is kept by whoever looks at it.
#[derive(Debug, Default)]
pub struct Played {
    /// The last day first.
    invoices: Vec<InvoiceRow>,
    payments: Vec<Payment>,
    /// Payments that are only expected: they are taken off a given open balance, too.
    expected: Vec<Payment>,
    /// What has been received of invoices that are not shown yet.
    early: HashMap<String, Decimal>,
    /// Invoices whose open balance the ledger gives: it wins over payments.
    given: HashSet<String>,
}

impl Played {
    /// The own ledger from a day on, and its picture of that day.
    ///
    /// # Errors
    /// The database's own.
    pub async fn of_own(tx: &mut Tx, first: NaiveDate) -> Result<(Self, Snapshot), DatabaseError> {
        let (customers, invoices, payments) = own::rows(tx, own::THE_LAST_DAY, Whose::Everybody).await?;
        let given = invoices.iter().filter(|i| i.open_balance.is_some()).map(|i| i.id.clone()).collect();
        let (shown, mut later): (Vec<_>, Vec<_>) = invoices.into_iter().partition(|i| i.issue_date <= first);
        let (received, mut to_come): (Vec<_>, Vec<_>) = payments.into_iter().partition(|p| p.received_on <= first);
        later.sort_by_key(|i| std::cmp::Reverse(i.issue_date));
        to_come.sort_by_key(|p| std::cmp::Reverse(p.received_on));
        let mut early = HashMap::new();
        let hidden: HashMap<&String, Currency> = later.iter().map(|i| (&i.id, i.currency)).collect();
        for payment in &received {
            if let Some(invoice) = payment.invoice_id.as_ref().filter(|id| hidden.get(id) == Some(&payment.currency)) {
                *early.entry(invoice.clone()).or_default() += payment.amount;
            }
        }
        let picture = own::assemble(customers, shown, received, Vec::new());
        Ok((Self { invoices: later, payments: to_come, expected: Vec::new(), early, given }, picture))
    }

    /// Whoever owes anything on or after this day pays as so far: by the habits of the picture. Payments that the ledger
    /// has for later days give way to it.
    pub fn expect(&mut self, picture: &Snapshot, first: NaiveDate) {
        let habits = Habits::of(picture);
        self.payments.clear();
        let owed = |i: &Invoice, from: NaiveDate| {
            let received_on = habits.pays_on(i, from).filter(|_| i.is_open())?;
            Some(Payment {
                id: format!("expected for {}", i.id),
                customer_id: i.customer_id.clone(),
                invoice_id: Some(i.id.clone()),
                received_on,
                amount: i.open_balance,
                currency: i.currency,
            })
        };
        let open = picture.invoices.values().filter_map(|i| owed(i, first));
        let later = self.invoices.iter().filter_map(|row| {
            let paid = self.early.get(&row.id).copied().unwrap_or_default();
            owed(&row.clone().into_invoice(paid), row.issue_date)
        });
        let mut expected: Vec<Payment> = open.chain(later).collect();
        expected.sort_by_key(|p| std::cmp::Reverse(p.received_on));
        self.expected = expected;
    }

    /// Brings the picture to a day: the invoices issued and the payments received since (at the end of the picture's).
    /// Returns the ids of the new invoices.
    pub fn advance(&mut self, picture: &mut Snapshot, day: NaiveDate) -> Vec<String> {
        let mut new = Vec::new();
        while let Some(row) = self.invoices.pop_if(|i| i.issue_date <= day) {
            let paid = self.early.remove(&row.id).unwrap_or_default();
            let invoice = row.into_invoice(paid);
            new.push(invoice.id.clone());
            picture.invoices.insert(invoice.id.clone(), invoice);
        }
        while let Some(payment) = self.payments.pop_if(|p| p.received_on <= day) {
            self.receive(picture, payment, false);
        }
        while let Some(payment) = self.expected.pop_if(|p| p.received_on <= day) {
            self.receive(picture, payment, true);
        }
        new
    }

    fn receive(&mut self, picture: &mut Snapshot, payment: Payment, expected: bool) {
        match payment.invoice_id.as_ref().map(|id| (id, picture.invoices.get_mut(id))) {
            // A payment in another currency is a bad row, and changes nothing (L2).
            Some((_, Some(invoice))) if invoice.currency != payment.currency => return,
            Some((id, Some(invoice))) if invoice.status != Status::Paid && (expected || !self.given.contains(id)) => {
                invoice.open_balance -= payment.amount;
            }
            Some((id, None)) => *self.early.entry(id.clone()).or_default() += payment.amount,
            _ => {}
        }
        picture.payments.push(payment);
    }
}
