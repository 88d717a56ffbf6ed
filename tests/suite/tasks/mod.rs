//! The worklist, lived through as a collector does: what is to be done, what came of it, and what follows from it.

mod approving;
mod calendars;
mod copies;
mod entered;
mod following;
mod forewarned;
mod listing;
mod looked_after;
mod priority;
mod promising;
mod results;
mod reviewing;
mod showing;
mod unopposed;

use serde_json::Value;

use crate::support::company::{Company, Said, a_company, text};

/// A call on the third day, and one on the ninth.
const CALLS: &str = "[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 3\n[[step]]\nid = \"again\"\ntask = \"call\"\ndays = 9\n";

/// Nine in the morning of a day of March 2026.
fn day(day: u32) -> String {
    format!("2026-03-{day:02}T09:00:00-05:00")
}

/// A company with calls in its timetable, and these invoices, due on 2026-03-01: a customer each.
fn with_invoices(invoices: &[(&str, &str)]) -> Company {
    let mut company = a_company().with_steps(CALLS);
    for (invoice, customer) in invoices {
        company.given_an_overdue_invoice(invoice, customer);
    }
    company.import();
    company
}

/// Imports the customers anew, with what the tests' own customers do not have.
fn with_customers(company: &Company, rows: &str) {
    let header = "id,name,email,phone,collector,rank\n";
    std::fs::write(company.path("people.csv"), format!("{header}{rows}")).unwrap();
    company.run(&["import", "--customers", "people.csv"]).exits(0);
}

/// What `tasks` says on a day.
fn tasks(company: &Company, on: u32, args: &[&str]) -> Vec<Value> {
    company.run_at(&day(on), &[&["tasks"], args, &["--format", "json"]].concat()).exits(0).json()
}

/// The open task of a step about an invoice.
fn task(company: &Company, on: u32, step: &str, invoice: &str) -> String {
    let all = tasks(company, on, &["list", "--all"]);
    let of = |t: &&Value| t["step"] == step && t["lead"] == invoice && t["state"] == "open";
    text(all.iter().find(of).unwrap_or_else(|| panic!("no {step} of {invoice} in {all:#?}")), "contact").to_owned()
}

fn done(company: &Company, on: u32, id: &str, args: &[&str]) -> Said {
    company.run_at(&day(on), &[&["tasks", "done", id], args].concat())
}

/// What the poll of a day did.
fn polled(company: &Company, on: u32) -> Vec<String> {
    let contacts = company.poll_at(&day(on)).contacts;
    contacts.iter().map(|c| format!("{} {} {}", text(c, "lead"), text(c, "step"), text(c, "state"))).collect()
}
