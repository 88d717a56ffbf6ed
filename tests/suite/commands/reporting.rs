//! What the reminders bring, and how long the company waits for its money.

use super::*;

const LATER: &str = "2026-04-02T09:00:00-04:00";

/// One customer pays four days after the reminder, another one after the second reminder, a third one before any.
fn a_company_that_is_paid() -> Company {
    let mut company = a_company();
    for (invoice, customer) in [("I-1", "C-1"), ("I-2", "C-2")] {
        company.given_an_overdue_invoice(invoice, customer);
    }
    company.given_an_invoice("I-3", "C-3", "2026-03-30");
    company.import();
    assert_eq!(company.poll_at(MORNING).states().iter().filter(|s| s.ends_with("sent")).count(), 2);
    company.given_a_payment("P-1", "C-1", "I-1", "2026-03-08");
    company.import();
    company.poll_at("2026-03-10T09:00:00-04:00");
    company.given_a_payment("P-2", "C-2", "I-2", "2026-03-20");
    company.given_a_payment("P-3", "C-3", "I-3", "2026-03-20");
    company.import();
    company
}

#[test]
fn each_payment_counts_for_the_last_step_before_it() {
    let company = a_company_that_is_paid();
    let before = everything(&company);
    let document = company.run_at(LATER, &["report", "effect", "--format", "json"]).exits(0).json().remove(0);
    let line = |s: &serde_json::Value| {
        let received = s["received"].as_array().unwrap().iter().map(|r| text(r, "amount")).collect::<Vec<_>>().join("+");
        format!("{}: {} of {}, {} days, {received}", text(s, "step"), s["answered"], s["contacts"], s["median_days"])
    };
    let steps: Vec<String> = document["steps"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(steps, ["past-due: 1 of 2, 4 days, 100.00", "second: 1 of 1, 10 days, 100.00"]);
    assert_eq!(text(&document["unasked"][0], "amount"), "100.00");
    let said = company.run_at(LATER, &["report", "effect"]).exits(0).out;
    assert!(said.contains("past-due") && said.contains("before any") && said.contains("100.00 USD"), "{said}");
    let sheet = company.run_at(LATER, &["report", "effect", "--csv"]).exits(0).out;
    assert!(sheet.lines().any(|l| l == "past-due,email,2,1,4,USD,100.00"), "{sheet}");
    let earlier = company.run_at(LATER, &["report", "effect", "--from", "2026-03-05", "--to", "2026-03-15", "--format", "json"]);
    let steps: Vec<String> = earlier.exits(0).json()[0]["steps"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(steps, ["past-due: 0 of 0, null days, 100.00", "second: 0 of 1, null days, "]);
    company.run_at(LATER, &["report", "effect", "--from", "2026-03-05", "--to", "2026-03-01"]).exits(2).says("the first day");
    assert_eq!(everything(&company), before);
}

#[test]
fn what_is_owed_at_the_end_of_each_month_is_told_in_days_of_its_sales() {
    let company = a_company_that_is_paid();
    let document = company.run_at(LATER, &["report", "dso", "--months", "3", "--format", "json"]).exits(0).json().remove(0);
    let rows = document["rows"].as_array().unwrap();
    assert!(rows.iter().all(|r| text(r, "currency") == "USD") && !rows.is_empty(), "{document}");
    let march = rows.iter().find(|r| text(r, "month") == "2026-03").unwrap();
    assert_eq!((text(march, "closing"), text(march, "until")), ("0.00", "2026-03-31"));
    let said = company.run_at(LATER, &["report", "dso"]).exits(0).out;
    assert!(said.contains("BEST DSO") && said.contains("2026-03"), "{said}");
    let sheet = company.run_at(LATER, &["report", "dso", "--csv"]).exits(0).out;
    assert!(sheet.starts_with("month,currency,sales"), "{sheet}");
    company.run_at(LATER, &["report", "dso", "--months", "0"]).exits(2);
}

#[test]
fn each_report_is_a_picture_too() {
    let company = a_company_that_is_paid();
    let picture = |args: &[&str]| {
        company.run_at(LATER, &[args, &["--picture", "out.svg"]].concat()).exits(0);
        std::fs::read_to_string(company.path("out.svg")).unwrap()
    };
    let dso = picture(&["report", "dso", "--months", "3"]);
    assert!(dso.starts_with("<svg") && dso.contains("Days sales outstanding, USD") && dso.contains("2026-03"), "{dso}");
    let effect = picture(&["report", "effect"]);
    assert!(effect.contains("before any") && effect.contains("Contacts answered with money, %"), "{effect}");
    let aging = picture(&["aging", "--on", "2026-03-05"]);
    assert!(aging.contains("Open by days past due, USD") && aging.contains("not due"), "{aging}");
    let wrong = company.run_at(LATER, &["aging", "--picture", "out.png"]).exits(2);
    assert!(wrong.err.contains("its name ends in .svg"), "{}", wrong.err);
    std::fs::remove_file(company.path("out.svg")).unwrap();
    let nothing = company.run_at(LATER, &["aging", "--picture", "out.svg"]).exits(0);
    assert!(nothing.err.contains("nothing to draw") && !company.path("out.svg").exists(), "{}", nothing.err);
}
