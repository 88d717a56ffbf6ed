//! What is open, as a person and a spreadsheet program read it.

use super::*;
use crate::support::books::{Books, PLAIN};

const SEGMENTS: &str = "time_zone = \"America/New_York\"\ngo_live = \"2026-01-01\"\n[[segment]]\nname = \"big\"\nmatch = { open_balance_from = 150 }\n\
                        [[segment]]\nname = \"rest\"\n[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 3\n";

/// One customer owes an invoice 3 days late and one 33 days late, the other one of tomorrow.
fn a_company_that_waits_for_money(timetable: &str) -> Company {
    let mut company = a_company().with_timetable(timetable);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_invoice("I-2", "C-1", "2026-01-30");
    company.given_an_invoice("I-3", "C-2", "2026-03-05");
    company.given_a_payment("P-1", "C-1", "I-2", "2026-03-03");
    company.given_a_payment("P-2", "C-2", "", "2026-03-03");
    company.import();
    company
}

fn aging(company: &Company, args: &[&str]) -> serde_json::Value {
    company.run_at(MORNING, &[&["aging", "--format", "json"], args].concat()).exits(0).json().remove(0)
}

/// `key: total past_due credit`, and each class that holds something.
fn rows(document: &serde_json::Value) -> Vec<String> {
    let by = text(document, "by").to_owned();
    let row = |row: &serde_json::Value| {
        let classes = row["buckets"].as_array().unwrap().iter().filter(|b| b["amount"] != "0.00");
        let classes: Vec<String> = classes.map(|b| format!("{} {}", text(b, "name"), text(b, "amount"))).collect();
        let key = row[&by].as_str().unwrap_or("-");
        format!("{key}: {} {} {} ({})", text(row, "total"), text(row, "past_due"), text(row, "credit"), classes.join(", "))
    };
    document["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn aging_shows_what_is_open_by_days_past_due_and_changes_nothing() {
    let company = a_company_that_waits_for_money(SEGMENTS);
    let before = everything(&company);
    let document = aging(&company, &[]);
    assert_eq!(rows(&document), ["C-1: 100.00 100.00 0.00 (1-30 100.00)", "C-2: 100.00 0.00 100.00 (not due 100.00)"]);
    let total = &document["totals"][0];
    assert_eq!((text(total, "currency"), text(total, "total"), total["invoices"].as_u64()), ("USD", "200.00", Some(2)));
    let said = company.run_at(MORNING, &["aging"]).exits(0).out;
    assert!(said.contains("OVER 90") && said.contains("Customer C-1") && said.lines().any(|l| l.starts_with("total")), "{said}");
    assert_eq!(everything(&company), before);
}

#[test]
fn aging_of_a_past_day_is_as_it_was_then() {
    let company = a_company_that_waits_for_money(SEGMENTS);
    let then = aging(&company, &["--on", "2026-03-02"]);
    assert_eq!(rows(&then), ["C-1: 200.00 200.00 0.00 (1-30 100.00, 31-60 100.00)", "C-2: 100.00 0.00 0.00 (not due 100.00)"]);
    assert!(rows(&aging(&company, &["--on", "2026-01-31"])).is_empty(), "all invoices are of the day after");
    company.run_at(MORNING, &["aging", "--on", "2026-01-31"]).exits(0).says("nothing is open on 2026-01-31");
    let to_come = aging(&company, &["--on", "2026-06-30"]);
    assert_eq!(rows(&to_come)[0], "C-1: 100.00 100.00 0.00 (over 90 100.00)");
    assert_eq!(to_come["notes"][0], "As things stand now, if nobody pays.");
}

#[test]
fn aging_goes_by_the_buckets_of_the_timetable_and_by_segment_rank_or_collector() {
    let company = a_company_that_waits_for_money(&format!("{SEGMENTS}[aging]\nbuckets = [2, 5]\n"));
    let by = |what: &str, on: &str| rows(&aging(&company, &["--by", what, "--on", on]));
    assert_eq!(by("customer", "2026-03-04")[0], "C-1: 100.00 100.00 0.00 (3-5 100.00)");
    let expected = ["big: 200.00 200.00 0.00 (1-2 100.00, over 5 100.00)", "rest: 100.00 0.00 0.00 (not due 100.00)"];
    assert_eq!(by("segment", "2026-03-02"), expected);
    for none in ["rank", "collector"] {
        assert_eq!(by(none, "2026-03-04"), ["-: 200.00 100.00 100.00 (not due 100.00, 3-5 100.00)"]);
    }
    company.run_at(MORNING, &["aging", "--by", "mood"]).exits(2).says("one of customer, segment, collector, rank");
}

#[test]
fn a_balance_that_the_ledger_gives_itself_is_not_taken_back_and_that_is_said() {
    let company = a_company_that_waits_for_money(SEGMENTS);
    let invoices =
        "id,customer_id,issue_date,due_date,currency,total,open_balance\nI-9,C-1,2026-02-01,2026-02-20,USD,80.00,30.00\n";
    let payments = "id,customer_id,invoice_id,received_on,amount,currency\nP-9,C-1,I-9,2026-03-03,50.00,USD\n";
    std::fs::write(company.path("more.csv"), invoices).unwrap();
    std::fs::write(company.path("paid.csv"), payments).unwrap();
    company.run(&["import", "--invoices", "more.csv", "--payments", "paid.csv"]).exits(0);
    let then = aging(&company, &["--on", "2026-03-02"]);
    assert_eq!(rows(&then)[0], "C-1: 230.00 230.00 0.00 (1-30 130.00, 31-60 100.00)");
    assert!(then["notes"][0].as_str().unwrap().starts_with("1 invoice has payments after 2026-03-02"), "{then}");
}

#[test]
fn the_sheet_is_for_a_spreadsheet_program_and_runs_no_formula() {
    let mut company = a_company();
    company.given_a_customer("C-1", "ap@c-1.example");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    let evil = "id,name,email\nC-1,\"=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\",ap@c-1.example\n";
    std::fs::write(company.path("customers.csv"), evil).unwrap();
    company.run(&["import", "--customers", "customers.csv"]).exits(0);
    let said = company.run_at(MORNING, &["aging", "--csv"]).exits(0).out;
    let expected = "customer,name,currency,invoices,not due,1 to 30 days,31 to 60 days,61 to 90 days,over 90 days,past due,total,credit\n\
                    C-1,\"'=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\",USD,1,0.00,100.00,0.00,0.00,0.00,100.00,100.00,0.00\n";
    assert_eq!(said, expected);
    company.run_at(MORNING, &["aging", "--csv", "--format", "json"]).exits(2).says("give one of them");
}

#[test]
fn a_query_ledger_knows_only_how_it_stands_now() {
    let books = Books::sqlite();
    books.sql(
        "CREATE TABLE customers (id TEXT, name TEXT, email TEXT);
         CREATE TABLE invoices (id TEXT, customer_id TEXT, due_date TEXT, currency TEXT, total TEXT, open_balance TEXT);
         CREATE TABLE payments (id TEXT, customer_id TEXT, invoice_id TEXT, received_on TEXT, amount TEXT, currency TEXT);
         INSERT INTO customers VALUES ('C-1', 'Weber', 'ap@c-1.example');
         INSERT INTO invoices VALUES ('I-1', 'C-1', '2026-03-01', 'EUR', '80.00', '30.00');",
    );
    let company = a_company().reading(&books.url(), &PLAIN);
    company.run_at(MORNING, &["check", "--offline"]);
    let document = company.run_at(MORNING, &["aging", "--format", "json"]);
    assert_eq!(rows(&document.exits(0).json()[0]), ["C-1: 30.00 30.00 0.00 (1-30 30.00)"]);
    company.run_at(MORNING, &["aging", "--on", "2026-03-03"]).exits(2).says("only know how it stands now");
    books.sql("DROP TABLE invoices");
    company.run_at(MORNING, &["aging"]).exits(1).says("the ledger could not be read");
}
