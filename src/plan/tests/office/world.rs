//! What happens in the world: invoices are written, people pay, promise and complain.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Office, the};
use crate::address::EmailAddress;
use crate::ledger::{Customer, Invoice, Payment};
use crate::timetable::history::Hold;

impl Office {
    /// An invoice of 100 EUR, issued 30 days before it is due. A customer that is new has one address, `id@x.test`.
    pub fn given_an_invoice(&mut self, id: &str, customer: &str, due: &str) -> &mut Invoice {
        let (due_date, total) = (the(due), Decimal::from(100));
        self.customer(customer);
        let invoice = Invoice::unpaid(id, customer, (due_date - TimeDelta::days(30), due_date), "EUR".parse().unwrap(), total);
        self.ledger.invoices.insert(id.to_owned(), invoice);
        self.invoice(id)
    }

    /// An invoice of another amount.
    pub fn given_an_invoice_of(&mut self, id: &str, customer: &str, due: &str, amount: i64, currency: &str) {
        let invoice = self.given_an_invoice(id, customer, due);
        invoice.total = Decimal::from(amount);
        invoice.open_balance = Decimal::from(amount);
        invoice.currency = currency.parse().unwrap();
    }

    pub fn invoice(&mut self, id: &str) -> &mut Invoice {
        self.ledger.invoices.get_mut(id).unwrap()
    }

    pub fn customer(&mut self, id: &str) -> &mut Customer {
        let address = |name: &str| EmailAddress::parse(&format!("{name}@x.test")).unwrap();
        self.ledger.customers.entry(id.to_owned()).or_insert_with(|| Customer {
            id: id.to_owned(),
            name: id.to_owned(),
            email: vec![address(id)],
            collector: Some(address("collector")),
            account_manager: Some(address("manager")),
            ..Customer::default()
        })
    }

    /// A payment for an invoice; below zero it goes back.
    pub fn is_paid(&mut self, invoice: &str, amount: i64, on: &str) {
        let invoice = self.invoice(invoice);
        invoice.open_balance -= Decimal::from(amount);
        let (customer_id, currency, invoice_id) = (invoice.customer_id.clone(), invoice.currency, Some(invoice.id.clone()));
        self.pays(Payment {
            id: String::new(),
            customer_id,
            invoice_id,
            received_on: the(on),
            amount: Decimal::from(amount),
            currency,
        });
    }

    /// A payment that nobody has set against an invoice yet.
    pub fn given_unallocated(&mut self, customer: &str, amount: i64, currency: &str) {
        let (customer_id, currency) = (customer.to_owned(), currency.parse().unwrap());
        let received_on = the("2026-01-01");
        self.pays(Payment {
            id: String::new(),
            customer_id,
            invoice_id: None,
            received_on,
            amount: Decimal::from(amount),
            currency,
        });
    }

    fn pays(&mut self, payment: Payment) {
        let id = format!("P{}", self.ledger.payments.len());
        self.ledger.payments.push(Payment { id, ..payment });
    }

    /// A hold on an invoice; no day: until it is released.
    pub fn holds(&mut self, invoice: &str, until: Option<&str>) {
        let hold = Hold { until: until.map(the), reason: "test".to_owned() };
        self.controls.invoice_holds.insert(invoice.to_owned(), hold);
    }

    pub fn holds_customer(&mut self, customer: &str, until: Option<&str>) {
        let hold = Hold { until: until.map(the), reason: "test".to_owned() };
        self.controls.customer_holds.insert(customer.to_owned(), hold);
    }

    pub fn is_promised(&mut self, invoice: &str, by: &str) {
        self.controls.invoice_promises.insert(invoice.to_owned(), the(by));
    }

    pub fn customer_promises(&mut self, customer: &str, by: &str) {
        self.controls.customer_promises.insert(customer.to_owned(), the(by));
    }

    pub fn is_disputed(&mut self, invoice: &str) {
        self.controls.disputes.insert(invoice.to_owned());
    }

    /// The customer's address bounced.
    pub fn bounces(&mut self, customer: &str) {
        let addresses = self.customer(customer).email.clone();
        self.controls.suppressed.extend(addresses);
    }
}
