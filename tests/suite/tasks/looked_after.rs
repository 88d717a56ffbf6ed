//! Customers that people look after themselves: `personal`.

use super::*;
use crate::support::books::{Books, PLAIN};
use crate::support::company::TIMETABLE;

const PARETO: &str = "[priority]\npersonal = \"pareto\"\n";

/// Six customers, each with one invoice due on 2026-03-01, and C-6 with three more: 400 of 900, and 100 each. Two at most are
/// looked after: C-6, and of the others the first.
fn six(timetable: &str) -> Company {
    let mut company = a_company().with_all_templates().with_timetable(timetable);
    for n in 1..=6 {
        company.given_an_overdue_invoice(&format!("I-{n}"), &format!("C-{n}"));
    }
    for n in 7..=9 {
        company.given_an_invoice(&format!("I-{n}"), "C-6", "2026-03-02");
    }
    company.import();
    company
}

fn waiting(company: &Company, on: u32) -> Vec<String> {
    let all = company.run_at(&day(on), &["approve", "--format", "json"]).exits(0).json();
    all.iter().map(|c| text(c, "customer").to_owned()).collect()
}

/// The lines of `aging` of those whom people look after.
fn looked_after(company: &Company, on: u32) -> Vec<String> {
    let report = company.run_at(&day(on), &["aging", "--personal", "--format", "json"]).exits(0).json().remove(0);
    let row = |r: &Value| format!("{}: {}", text(r, "customer"), text(r, "personal"));
    report["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn the_few_that_owe_the_most_are_called_and_their_emails_wait() {
    let company = six(&format!("{TIMETABLE}{CALLS}{PARETO}"));
    let why = "one of the 2 customers that make 55 % of the open USD";
    assert_eq!(looked_after(&company, 4), [format!("C-6: {why}"), format!("C-1: {why}")]);
    company.run_at(&day(4), &["aging", "--personal"]).exits(0).says(&format!("{why}: C-1, C-6"));
    // What a poll would do, a rehearsal plays: approved at once.
    let plan = company.run_at(&day(4), &["plan"]).exits(0).out;
    assert_eq!(plan.lines().filter(|l| l.contains("approval (T34)")).count(), 2, "{plan}");
    let polled = polled(&company, 4);
    assert_eq!(polled.iter().filter(|c| c.ends_with("past-due planned")).count(), 2, "{polled:#?}");
    assert_eq!(polled.iter().filter(|c| c.ends_with("past-due sent")).count(), 4, "{polled:#?}");
    assert_eq!(waiting(&company, 4), ["C-1", "C-6"]);
    let said = company.run_at(&day(4), &["explain", "I-1", "--step", "past-due"]).exits(0).out;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&format!("People look after the customer: it is {why}.")), "{said}");
    // Their calls are marked, and more urgent.
    let all = tasks(&company, 4, &["list"]);
    let marked: Vec<&str> = all.iter().filter(|t| t["personal"] == true).map(|t| text(t, "customer")).collect();
    assert_eq!(marked, ["C-1", "C-6"]);
    assert!(all.iter().take(2).all(|t| t["personal"] == true), "they come first: {all:#?}");
    company.run_at(&day(4), &["tasks"]).exits(0).says("C-6, personal");
    let id = text(&all[1], "contact");
    let explained = company.run_at(&day(4), &["tasks", "explain", id, "--format", "json"]).exits(0).json().remove(0);
    let factor = explained["factors"].as_array().unwrap().iter().find(|f| f["factor"] == "personal").unwrap();
    assert_eq!((text(factor, "figure"), factor["times"].as_f64().unwrap()), (why, 1.5));
    company.run_at(&day(4), &["tasks", "show", id]).exits(0).says(&format!("personal   {why}"));
}

#[test]
fn a_day_goes_by_what_its_first_poll_has_found_and_who_was_asked_is_asked_on() {
    let mut company = six(&format!("{TIMETABLE}{PARETO}"));
    polled(&company, 4);
    assert_eq!(waiting(&company, 4), ["C-1", "C-6"]);
    // Another one owes much more: from tomorrow on.
    for n in 0..20 {
        company.given_an_invoice(&format!("J-{n:02}"), "C-5", "2026-05-01");
    }
    company.given_an_invoice("K-1", "C-5", "2026-03-02");
    company.import();
    company.run_at(&day(4), &["explain", "C-5"]).exits(0);
    assert!(!company.run_at(&day(4), &["explain", "C-5"]).out.contains("People look after it"));
    polled(&company, 5);
    company.run_at(&day(5), &["explain", "C-5"]).exits(0).says("People look after it");
    assert!(!company.run_at(&day(5), &["explain", "C-1"]).out.contains("People look after it"));
    assert_eq!(waiting(&company, 5), ["C-1", "C-6"], "who was asked about C-1 is asked on");
    company.run_at(&day(5), &["approve", "--all"]).exits(0).says("2 approved");
    assert_eq!(polled(&company, 6).iter().filter(|c| c.ends_with("past-due sent")).count(), 2);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_segment_and_a_customer_have_a_word_of_their_own() {
    let named = TIMETABLE.replacen("name = \"all\"", "name = \"all\"\npersonal = true", 1);
    let company = six(&format!("{named}[customer.C-2]\npersonal = false\n[customer.C-3]\napprove = false\n"));
    assert_eq!(polled(&company, 4).iter().filter(|c| c.ends_with("past-due sent")).count(), 2);
    assert_eq!(waiting(&company, 4), ["C-1", "C-4", "C-5", "C-6"]);
    assert!(looked_after(&company, 4).contains(&"C-3: personal by its segment".to_owned()), "though its e-mails leave");
    company.run(&["aging", "--personal", "--by", "segment"]).exits(2).says("--personal is about customers");
    company.run(&["check", "--offline"]).exits(0);
}

#[test]
fn of_a_query_ledger_it_is_the_same() {
    let books = Books::sqlite();
    books.sql(
        "CREATE TABLE customers (id TEXT, name TEXT, email TEXT);
         CREATE TABLE invoices (id TEXT, customer_id TEXT, issue_date TEXT, due_date TEXT, currency TEXT, total TEXT, open_balance TEXT);
         CREATE TABLE payments (id TEXT, customer_id TEXT, invoice_id TEXT, received_on TEXT, amount TEXT, currency TEXT);",
    );
    for (n, open) in [(1, "50.00"), (2, "500.00"), (3, "20.00"), (4, "30.00"), (5, "40.00")] {
        books.sql(&format!(
            "INSERT INTO customers VALUES ('C-{n}', 'Customer {n}', 'ap@c-{n}.example');
             INSERT INTO invoices VALUES ('I-{n}', 'C-{n}', '2026-02-01', '2026-03-01', 'USD', '500.00', '{open}');"
        ));
    }
    let company = a_company().with_all_templates().with_timetable(&format!("{TIMETABLE}{PARETO}")).reading(&books.url(), &PLAIN);
    assert_eq!(looked_after(&company, 4), ["C-2: the customer that makes 78 % of the open USD"]);
    let polled = polled(&company, 4);
    assert_eq!(polled.iter().filter(|c| c.ends_with("past-due planned")).collect::<Vec<_>>(), ["I-2 past-due planned"]);
    assert_eq!(waiting(&company, 4), ["C-2"]);
}

#[test]
fn a_rehearsal_finds_them_on_each_day() {
    let company = six(&format!("{TIMETABLE}{PARETO}"));
    let args = ["rehearse", "--from", "2026-03-04", "--to", "2026-03-04", "--no-emails", "--out", "played"];
    company.run_at(&day(3), &args).exits(0);
    let contacts = std::fs::read_to_string(company.path("played/contacts.jsonl")).unwrap();
    let contacts: Vec<Value> = contacts.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let waited = contacts.iter().filter(|c| c["reason"] == "approval").map(|c| text(c, "customer"));
    assert_eq!(waited.collect::<Vec<_>>(), ["C-1", "C-6"], "taken as approved at once");
}
