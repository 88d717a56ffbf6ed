//! The cases that a digest is tried with.

use chrono::NaiveDate;

use super::{Approval, Asked, Collector, Digest, Done, Manager, Open, Payment, Sent, Sum, Task, Trouble};
use crate::message::settings::Company;
use crate::money::Currency;

/// The cases that the template has to stand before somebody reads it.
#[must_use]
pub fn samples(company: &Company) -> Vec<(&'static str, Digest)> {
    let full = full(company);
    let bare = Digest {
        tasks: vec![Task {
            phone: None,
            note: None,
            past_due: vec![],
            days_past_due: 0,
            days_overdue: 0,
            ..full.tasks[0].clone()
        }],
        overdue: 0,
        approvals_apart: 0,
        approvals_at: None,
        approvals: vec![Approval {
            subject: None,
            text: vec![],
            invoices: vec![],
            more_invoices: 0,
            leaves_on: None,
            leaves_from: None,
            ..full.approvals[0].clone()
        }],
        results: vec![Done { note: None, ..full.results[0].clone() }],
        payments: vec![],
        more_payments: 0,
        received: vec![],
        trouble: vec![Trouble { why: None, ..full.trouble[0].clone() }],
        manager: None,
        ..full.clone()
    };
    let quiet = Digest { tasks: vec![], approvals: vec![], results: vec![], trouble: vec![], ..bare.clone() };
    let manager = Manager { sent: vec![], emails: 0, open: vec![], collectors: vec![], problems: vec![], ..manager() };
    let quiet_manager = Digest { manager: Some(manager), ..quiet.clone() };
    let collector = Digest { manager: None, ..full.clone() };
    let apart = Digest { approvals: vec![], approvals_apart: 12, approvals_at: Some("09:00".to_owned()), ..collector.clone() };
    let mut hostile = full.clone();
    let text = "<script>alert(1)</script> \"A\" & 'B' {{ 7*7 }}";
    for task in &mut hostile.tasks {
        (task.customer_name, task.note, task.phone) = (text.to_owned(), Some("W".repeat(200)), Some(text.to_owned()));
    }
    for approval in &mut hostile.approvals {
        (approval.customer_name, approval.subject) = (text.to_owned(), Some(text.to_owned()));
        approval.text = vec![text.to_owned(), "W".repeat(200)];
    }
    vec![
        ("collector and manager", full),
        ("collector", collector),
        ("approvals apart", apart),
        ("nothing optional", bare),
        ("nothing at all", quiet),
        ("a manager's quiet day", quiet_manager),
        ("hostile texts", hostile),
    ]
}

fn full(company: &Company) -> Digest {
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap_or_default();
    let sum = |amount: &str, code: &str| Sum { amount: amount.to_owned(), currency: currency(code) };
    let task = |task: &str, name: &str, overdue: i64, past_due: Vec<Sum>, days: i64| Task {
        id: "01KB0000000000000000000000".to_owned(),
        task: task.to_owned(),
        customer_id: "C-1002".to_owned(),
        customer_name: name.to_owned(),
        phone: Some("+49 621 555 0100".to_owned()),
        date: day(30) - chrono::TimeDelta::days(overdue),
        days_overdue: overdue,
        past_due,
        days_past_due: days,
        settled: days == 0,
        personal: days > 50,
        note: Some("asked for a copy of the invoice".to_owned()).filter(|_| overdue > 0),
    };
    let tasks = vec![
        task("call", "Müller Maschinenbau GmbH", 6, vec![sum("12480.90", "EUR"), sum("310.00", "CHF")], 52),
        task("better-address", "Adventure Works", 3, vec![sum("1065.20", "GBP")], 65),
        task("call", "Northwind Traders", 0, vec![sum("2252.50", "GBP")], 35),
        task("review", "Contoso Energy", 0, vec![], 0),
    ];
    Digest {
        company: company.clone(),
        recipient: "maria.lopez@example.com".to_owned(),
        today: day(30),
        since: day(27),
        until: day(29),
        overdue: 2,
        tasks,
        approvals_apart: 0,
        approvals_at: None,
        approvals: vec![Approval {
            id: "01KB0000000000000000000002".to_owned(),
            customer_id: "C-1009".to_owned(),
            customer_name: "Fabrikam Ltd".to_owned(),
            step: "final-notice".to_owned(),
            since: day(27),
            to: "ap@fabrikam.example".to_owned(),
            invoices: vec![Asked {
                id: "2026-0142".to_owned(),
                days_past_due: 76,
                amount: "1840.00".to_owned(),
                currency: currency("GBP"),
            }],
            more_invoices: 2,
            subject: Some("Final notice: three invoices are overdue".to_owned()),
            text: ["Dear Fabrikam Ltd,", "", "in spite of our reminders the invoices below are still open.", "…"]
                .map(str::to_owned)
                .to_vec(),
            leaves_on: Some(day(30) + chrono::TimeDelta::days(1)),
            leaves_from: Some("09:00".to_owned()),
        }],
        results: vec![Done {
            task: "call".to_owned(),
            customer_name: "Boulangerie Lefèvre".to_owned(),
            note: Some("pays on Friday".to_owned()),
        }],
        payments: vec![Payment {
            customer_name: "Tailspin Toys".to_owned(),
            received_on: day(27),
            amount: "1200.00".to_owned(),
            currency: currency("USD"),
        }],
        more_payments: 3,
        received: vec![sum("5310.40", "USD")],
        trouble: vec![Trouble {
            contact: "01KB0000000000000000000001".to_owned(),
            what: "failed".to_owned(),
            customer_name: "Adventure Works".to_owned(),
            to: "ap@adventure.example".to_owned(),
            why: Some("550 5.1.1 no such user".to_owned()),
        }],
        manager: Some(manager()),
    }
}

fn manager() -> Manager {
    let sum = |amount: &str, code: &str| Sum { amount: amount.to_owned(), currency: currency(code) };
    let collector = |address: Option<&str>, tasks, overdue, oldest| Collector {
        address: address.map(str::to_owned),
        tasks,
        overdue,
        oldest,
        done: 1,
        past_due: vec![sum("12480.90", "EUR"), sum("3578.70", "GBP")],
    };
    Manager {
        sent: vec![Sent { step: "past-due-30".to_owned(), kind: "email".to_owned(), number: 12 }],
        emails: 12,
        buckets: ["not due", "1-30", "31-60", "61-90", "over 90"].map(str::to_owned).to_vec(),
        open: vec![Open {
            currency: currency("GBP"),
            amounts: ["344.00", "748.70", "1840.00", "990.00", "0.00"].map(str::to_owned).to_vec(),
            past_due: "3578.70".to_owned(),
            total: "3922.70".to_owned(),
        }],
        collectors: vec![collector(Some("maria.lopez@example.com"), 4, 2, 6), collector(None, 1, 0, 0)],
        problems: vec!["the ledger is not believed: 12 open invoices, 40 at the last good read (T27)".to_owned()],
    }
}

#[expect(clippy::expect_used, reason = "constants")]
fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}
