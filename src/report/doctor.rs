//! What a person should mend in the books: looked for customer by customer, so that a ledger of any size takes little memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use rust_decimal::Decimal;

use crate::address::EmailAddress;
use crate::ledger::{BadRow, Customer, Invoice, Payment, Snapshot, Status};
use crate::money::{Currency, Money};

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// A stable word for what it is: `no-address`.
    pub what: &'static str,
    /// The customer's id; empty where there is none.
    pub customer: String,
    /// The name, where the ledger has the customer.
    pub name: String,
    /// The invoice or payment.
    pub about: String,
    /// What is wrong and what to do, in a sentence.
    pub problem: String,
}

/// What each word means, in the order in which they are shown.
pub const WHAT: [(&str, &str); 14] = [
    ("no-address", "customers who owe something and have no e-mail address"),
    ("bad-address", "addresses that cannot be used"),
    ("suppressed-address", "addresses that the relay has called no good"),
    ("unusable-row", "rows that are left out"),
    ("same-number", "a number that one customer has twice"),
    ("twice", "invoices of one customer that look the same"),
    ("same-customer", "customers that look the same"),
    ("due-before-issue", "invoices that are due before they are issued"),
    ("currency", "currencies that there are not"),
    ("more-than-total", "invoices on which more is open than was billed"),
    ("overpaid", "invoices on which more was paid than was billed"),
    ("credit-not-set-off", "credit that could be set against open invoices"),
    ("pays-nothing", "payments of invoices that the ledger does not have"),
    ("pays-void", "payments of invoices that are void or drafts"),
];

/// Looks through the books.
#[derive(Debug, Default)]
pub struct Doctor {
    suppressed: BTreeSet<EmailAddress>,
    /// The first customer of each name, by a fingerprint of it.
    names: HashMap<(u64, u64), String>,
    keys: (RandomState, RandomState),
    pub findings: Vec<Finding>,
}

impl Doctor {
    /// `suppressed`: the addresses that the relay has called no good.
    #[must_use]
    pub fn new(suppressed: BTreeSet<EmailAddress>) -> Self {
        Self { suppressed, ..Self::default() }
    }

    /// Some customers with all that is theirs.
    pub fn add(&mut self, ledger: &Snapshot) {
        let mut owed: BTreeMap<&str, Vec<&Invoice>> = BTreeMap::new();
        for invoice in ledger.invoices.values() {
            owed.entry(&invoice.customer_id).or_default().push(invoice);
        }
        let mut paid: BTreeMap<&str, Vec<&Payment>> = BTreeMap::new();
        for payment in &ledger.payments {
            paid.entry(&payment.customer_id).or_default().push(payment);
            self.payment(ledger, payment);
        }
        for customer in ledger.customers.values() {
            let invoices = owed.get(customer.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            self.customer(customer, invoices);
            let payments = paid.get(customer.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            self.credit(customer, invoices, payments);
        }
        for (id, invoices) in owed {
            let name = ledger.customers.get(id).map(|c| c.name.as_str()).unwrap_or_default();
            self.invoices((id, name), &invoices);
        }
        ledger.bad_rows.iter().for_each(|row| self.bad_row(row));
    }

    fn find(&mut self, what: &'static str, (customer, name): (&str, &str), about: &str, problem: String) {
        let (customer, name, about) = (customer.to_owned(), name.to_owned(), about.to_owned());
        self.findings.push(Finding { what, customer, name, about, problem });
    }

    fn customer(&mut self, customer: &Customer, invoices: &[&Invoice]) {
        let who = (customer.id.as_str(), customer.name.as_str());
        let open = invoices.iter().filter(|i| i.is_open()).count();
        if customer.email.is_empty() && open > 0 && !customer.do_not_contact {
            let problem = format!("{open} of its invoices are open, and there is no address to write to; give it one");
            self.find("no-address", who, "", problem);
        }
        for (text, reason) in &customer.unusable_addresses {
            self.find("bad-address", who, "", format!("{text:?} cannot be used: {reason}"));
        }
        for address in customer.email.iter().filter(|a| self.suppressed.contains(a)).cloned().collect::<Vec<_>>() {
            let problem =
                format!("the relay has called {address} no good: ask for another one, then `dunningd suppressions lift`");
            self.find("suppressed-address", who, "", problem);
        }
        let plain: String = customer.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let key = (self.keys.0.hash_one(&plain), self.keys.1.hash_one(&plain));
        match self.names.get(&key).cloned() {
            _ if plain.is_empty() => {}
            None => drop(self.names.insert(key, customer.id.clone())),
            Some(first) => {
                let problem =
                    format!("{first} has the same name: if they are one, put them together, or each is written to by itself");
                self.find("same-customer", who, "", problem);
            }
        }
    }

    fn invoices(&mut self, who: (&str, &str), invoices: &[&Invoice]) {
        let alive = || invoices.iter().filter(|i| matches!(i.status, Status::Open | Status::Paid));
        let mut numbers: HashMap<&str, &str> = HashMap::new();
        let mut looks = HashMap::new();
        for invoice in alive() {
            let shown = |amount| Money { amount, currency: invoice.currency };
            if let Some(first) = numbers.insert(&invoice.number, &invoice.id) {
                let problem =
                    format!("its number {:?} is that of {first}, too: the customer cannot tell them apart", invoice.number);
                self.find("same-number", who, &invoice.id, problem);
            } else if let Some(first) =
                looks.insert((invoice.issue_date, invoice.due_date, invoice.currency, invoice.total), &invoice.id)
            {
                let (total, day) = (shown(invoice.total), invoice.issue_date);
                self.find(
                    "twice",
                    who,
                    &invoice.id,
                    format!("{first} is of the same day ({day}) and amount ({total}): was it billed twice?"),
                );
            }
            if invoice.due_date < invoice.issue_date {
                let problem = format!("it is due on {}, before it was issued on {}", invoice.due_date, invoice.issue_date);
                self.find("due-before-issue", who, &invoice.id, problem);
            }
            if !invoice.currency.is_known() {
                let problem = format!("there is no currency {}: amounts are taken to have two decimals", invoice.currency);
                self.find("currency", who, &invoice.id, problem);
            }
            if invoice.is_open() && invoice.open_balance > invoice.total {
                let (open, total) = (shown(invoice.open_balance), shown(invoice.total));
                self.find("more-than-total", who, &invoice.id, format!("{open} are open, and {total} were billed"));
            }
            if invoice.open_balance < Decimal::ZERO {
                let over = shown(-invoice.open_balance);
                self.find(
                    "overpaid",
                    who,
                    &invoice.id,
                    format!("{over} were paid too much: set them against another invoice, or pay them back"),
                );
            }
        }
    }

    fn credit(&mut self, customer: &Customer, invoices: &[&Invoice], payments: &[&Payment]) {
        let mut credit: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for payment in payments.iter().filter(|p| p.invoice_id.is_none()) {
            *credit.entry(payment.currency).or_default() += payment.amount;
        }
        let mut open: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for invoice in invoices.iter().filter(|i| i.is_open()) {
            *open.entry(invoice.currency).or_default() += invoice.open_balance;
        }
        // The column has no currency: it counts where there is one only.
        if let ([currency], false) = (&open.keys().copied().collect::<Vec<_>>()[..], customer.unallocated_credit.is_zero()) {
            *credit.entry(*currency).or_default() += customer.unallocated_credit;
        }
        for (currency, amount) in credit {
            if let Some(owed) = open.get(&currency).filter(|_| amount > Decimal::ZERO) {
                let (amount, owed) = (Money { amount, currency }, Money { amount: *owed, currency });
                let problem = format!("{amount} are to its credit, and {owed} are open: set the one against the other");
                self.find("credit-not-set-off", (&customer.id, &customer.name), "", problem);
            }
        }
    }

    fn payment(&mut self, ledger: &Snapshot, payment: &Payment) {
        let Some(id) = &payment.invoice_id else { return };
        let name = ledger.customers.get(&payment.customer_id).map(|c| c.name.clone()).unwrap_or_default();
        let who = (payment.customer_id.as_str(), name.as_str());
        let amount = Money { amount: payment.amount, currency: payment.currency };
        match ledger.invoices.get(id) {
            None => {
                let problem = format!("{amount} pay the invoice {id}, which the ledger does not have: they pay nothing");
                self.find("pays-nothing", who, &payment.id, problem);
            }
            Some(invoice) if matches!(invoice.status, Status::Void | Status::Draft) => {
                let problem =
                    format!("{amount} pay the invoice {id}, which is {}: set them against another one", invoice.status.word());
                self.find("pays-void", who, &payment.id, problem);
            }
            Some(_) => {}
        }
    }

    fn bad_row(&mut self, row: &BadRow) {
        let value = if row.value.is_empty() { String::new() } else { format!(" {:?}", row.value) };
        self.find("unusable-row", ("", ""), &row.place, format!("{}{value}: {}", row.column, row.problem));
    }

    /// All findings, in the order of [`WHAT`], of customers, and of invoices.
    pub fn sort(&mut self) {
        let place = |what: &str| WHAT.iter().position(|(word, _)| *word == what);
        self.findings.sort_by(|a, b| (place(a.what), &a.customer, &a.about).cmp(&(place(b.what), &b.customer, &b.about)));
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn an_invoice(id: &str, owed: i64) -> Invoice {
        let currency = "EUR".parse().unwrap();
        Invoice::unpaid(id, "C", (day("2026-03-01"), day("2026-03-31")), currency, owed.into())
    }

    fn a_payment(id: &str, invoice: Option<&str>) -> Payment {
        let (invoice_id, currency) = (invoice.map(str::to_owned), "EUR".parse().unwrap());
        Payment {
            id: id.to_owned(),
            customer_id: "C".to_owned(),
            invoice_id,
            received_on: day("2026-03-02"),
            amount: 7.into(),
            currency,
        }
    }

    /// What is found of one customer with an address.
    fn found(invoices: Vec<Invoice>, payments: Vec<Payment>) -> Vec<String> {
        let email = EmailAddress::parse_list("ap@c.example").0;
        let customer = Customer { id: "C".to_owned(), name: "Cee".to_owned(), email, ..Customer::default() };
        let invoices = invoices.into_iter().map(|i| (i.id.clone(), i)).collect();
        let customers = BTreeMap::from([("C".to_owned(), customer)]);
        let mut doctor = Doctor::default();
        doctor.add(&Snapshot { customers, invoices, payments, ..Snapshot::default() });
        doctor.sort();
        doctor.findings.iter().map(|f| format!("{} {}", f.what, f.about).trim_end().to_owned()).collect()
    }

    #[test]
    fn books_in_order_need_nothing() {
        assert_eq!(found(vec![an_invoice("1", 5), an_invoice("2", 6)], vec![a_payment("p", Some("1"))]), Vec::<String>::new());
    }

    #[test]
    fn invoices_that_look_the_same_or_contradict_themselves_are_found() {
        let with = |change: fn(&mut Invoice)| {
            let mut second = an_invoice("2", 6);
            change(&mut second);
            found(vec![an_invoice("1", 5), second], vec![])
        };
        assert_eq!(with(|i| i.number = "1".to_owned()), ["same-number 2"]);
        assert_eq!(with(|i| i.total = 5.into()), ["twice 2", "more-than-total 2"]);
        assert_eq!(with(|i| i.due_date = day("2026-02-01")), ["due-before-issue 2"]);
        assert_eq!(with(|i| i.currency = "XQQ".parse().unwrap()), ["currency 2"]);
        assert_eq!(with(|i| i.open_balance = (-1).into()), ["overpaid 2"]);
        assert_eq!(
            with(|i| (i.number, i.status) = ("1".to_owned(), Status::Void)),
            Vec::<String>::new(),
            "what is void is not there"
        );
    }

    #[test]
    fn money_that_is_not_where_it_belongs_is_found() {
        assert_eq!(found(vec![an_invoice("1", 5)], vec![a_payment("p", None)]), ["credit-not-set-off"]);
        assert_eq!(found(vec![an_invoice("1", 0)], vec![a_payment("p", None)]), Vec::<String>::new(), "nothing is open");
        assert_eq!(found(vec![], vec![a_payment("p", Some("9"))]), ["pays-nothing p"]);
        let void = Invoice { status: Status::Void, ..an_invoice("1", 5) };
        assert_eq!(found(vec![void], vec![a_payment("p", Some("1"))]), ["pays-void p"]);
    }
}
