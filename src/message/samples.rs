//! The cases that every template has to stand before a customer meets it (`spec: Templates`).

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use crate::address::EmailAddress;
use crate::ledger;
use crate::message::context::{Collector, Context, Customer, Earlier, Invoice, Step, Total};
use crate::message::interest::Span;
use crate::message::settings::Company;

/// The name of the case with nothing optional: an error that only it shows is a missing test in the template.
pub const BARE: &str = "nothing optional";

/// A context with a name.
#[derive(Debug, Clone)]
pub struct Sample {
    pub name: &'static str,
    pub context: Context,
}

/// All cases, for one company. `extra` names the columns of the user's ledger that the templates use: every case has
/// them.
#[must_use]
pub fn samples(company: &Company, extra: &BTreeSet<String>) -> Vec<Sample> {
    let mut all = vec![
        Sample { name: "one invoice", context: one(company) },
        Sample { name: "three hundred invoices", context: many(company) },
        Sample { name: "two currencies", context: two_currencies(company) },
        Sample { name: BARE, context: bare(company) },
        Sample { name: "several customers", context: several_customers(company) },
        Sample { name: "hostile texts", context: hostile(company) },
        Sample { name: "late interest", context: interest(company) },
    ];
    for context in all.iter_mut().map(|s| &mut s.context) {
        let columns = || extra.iter().map(|name| (name.clone(), "sample".to_owned()));
        context.customer.extra.extend(columns());
        for invoice in context.invoices.iter_mut().chain(&mut context.other_open) {
            invoice.extra.extend(columns());
        }
    }
    all
}

/// One overdue invoice of a customer of whom everything is known.
#[must_use]
pub fn one(company: &Company) -> Context {
    let row = invoice("INV-1001", "1234.50", "USD", 31);
    context(company, customer("Atlas Machine Works"), vec![row], vec![])
}

fn many(company: &Company) -> Context {
    let rows =
        (0..300).map(|n: i64| invoice(&format!("INV-{}", 2000 + n), &format!("{}.{:02}", 17 + n * 83, n % 100), "EUR", 259 - n));
    context(company, customer("Nordwind Handels AG"), rows.collect(), vec![])
}

fn two_currencies(company: &Company) -> Context {
    let covered = vec![invoice("INV-1001", "1234.50", "EUR", 31), invoice("INV-1002", "88000", "JPY", 12)];
    let other = vec![invoice("INV-1003", "250", "EUR", -9), invoice("INV-1004", "99.90", "CHF", -20)];
    context(company, customer("Atlas Machine Works"), covered, other)
}

fn bare(company: &Company) -> Context {
    let row = ledger::Invoice { po_number: None, payment_url: None, ..invoice("INV-1001", "1234.50", "USD", -3) };
    let customer = ledger::Customer { id: "C1".to_owned(), name: "Atlas Machine Works".to_owned(), ..Default::default() };
    let full = context(company, customer, vec![row], vec![]);
    Context { pay_by: None, segment: None, collector: None, history: vec![], step: Step { days: None, ..full.step }, ..full }
}

fn several_customers(company: &Company) -> Context {
    let rows = vec![invoice("INV-1001", "1234.50", "USD", 31), invoice("INV-1002", "9.99", "USD", 31)];
    let mut context = context(company, customer("Atlas Machine Works"), rows, vec![]);
    "C2".clone_into(&mut context.invoices[1].customer_id);
    "Borealis Foods".clone_into(&mut context.invoices[1].customer_name);
    context
}

fn hostile(company: &Company) -> Context {
    let name = "<script>alert(1)</script> \"A\" & 'B'\r\nBcc: v@y.test\0 {{ 7*7 }} {% include \"/etc/passwd\" %}";
    let long = "W".repeat(5000);
    let mut row = invoice("<b>9</b>\"'\r\n", "0.01", "XTS", 45);
    row.po_number = Some(long.clone());
    row.payment_url = Some("javascript:alert(1)".to_owned());
    let other = ledger::Invoice {
        payment_url: Some("https://bank.example@evil.example/".to_owned()),
        ..invoice(&long, "-1", "USD", 400)
    };
    let mut customer = customer(name);
    customer.phone = Some("\"><img src=x onerror=alert(1)>".to_owned());
    context(company, customer, vec![row], vec![other])
}

fn interest(company: &Company) -> Context {
    let rows = vec![invoice("INV-1001", "1234.50", "EUR", 31), invoice("INV-1002", "250", "EUR", 12)];
    let mut context = context(company, customer("Atlas Machine Works"), rows, vec![invoice("INV-1003", "80", "EUR", -9)]);
    for (row, amount) in context.invoices.iter_mut().zip(["10.64", "0.83"]) {
        row.interest = Some(amount.to_owned());
        row.compensation = Some("40.00".to_owned());
        let (from, until) = (row.due_date + TimeDelta::days(1), today());
        let (days, balance) = (row.days_past_due, row.open_balance.clone());
        row.interest_spans = vec![Span { from, until, days, balance, rate: "10.15".to_owned() }];
    }
    context.totals = Total::of(&context.invoices, &context.other_open);
    context
}

fn context(company: &Company, customer: ledger::Customer, covered: Vec<ledger::Invoice>, other: Vec<ledger::Invoice>) -> Context {
    let view = |rows: Vec<ledger::Invoice>, step| -> Vec<Invoice> {
        rows.iter().map(|row| Invoice::of(row, &customer.name, today(), step)).collect()
    };
    let (invoices, other_open) = (view(covered, Some("past-due-30")), view(other, None));
    Context {
        totals: Total::of(&invoices, &other_open),
        days_past_due: invoices.first().map_or(0, |i| i.days_past_due),
        step: Step { id: "past-due-30".to_owned(), days: Some(30), action: "email".to_owned() },
        pay_by: Some(today() + TimeDelta::days(8)),
        segment: Some("established".to_owned()),
        company: company.clone(),
        collector: EmailAddress::parse("maria.lopez@example.com").ok().map(|address| Collector { address }),
        today: today(),
        language: "en".to_owned(),
        history: vec![Earlier { date: today() - TimeDelta::days(15), step: "past-due-15".to_owned(), kind: "email".to_owned() }],
        customer: Customer::of(&customer),
        invoices,
        other_open,
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 2).unwrap_or_default()
}

fn customer(name: &str) -> ledger::Customer {
    ledger::Customer {
        id: "C1".to_owned(),
        name: name.to_owned(),
        language: Some("en".to_owned()),
        country: Some("US".to_owned()),
        segment: Some("established".to_owned()),
        rank: Some("B".to_owned()),
        phone: Some("+1 555 0100".to_owned()),
        ..Default::default()
    }
}

#[expect(clippy::expect_used, reason = "constants")]
fn invoice(number: &str, amount: &str, currency: &str, days_past_due: i64) -> ledger::Invoice {
    let due_date = today() - TimeDelta::days(days_past_due);
    let amount = amount.parse::<Decimal>().unwrap_or_default();
    let (days, currency) = ((due_date - TimeDelta::days(30), due_date), currency.parse().expect("a currency"));
    ledger::Invoice {
        po_number: Some("PO-7781".to_owned()),
        payment_url: Some(format!("https://pay.example.com/{}", number.len())),
        ..ledger::Invoice::unpaid(number, "C1", days, currency, amount)
    }
}
