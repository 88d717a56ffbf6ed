//! Why something goes out or not: every reason that `explain` knows, against the log of real polls.

use serde_json::Value;

use super::*;

/// Days, a repeating step, a task, an event, a limit and two segments.
const TIMETABLE: &str = r#"
time_zone = "America/New_York"
send_window = { days = "mon-fri", from = "08:00", to = "17:30" }
quiet_days = 3
grace_days = 8
go_live = "2026-02-16"
volume_guard = 0

[sizes]
large = "1000"

[[segment]]
name = "large"
match = { open_balance_from = "250" }

[[segment]]
name = "all"

[[step]]
id = "reminder"
email = "reminder"
days = -5

[[step]]
id = "past-due"
email = "past-due"
days = { all = 3 }

[[step]]
id = "phone"
task = "call"
days = 6

[[step]]
id = "second"
email = "past-due-30"
days = 9
repeat_every = 7
repeat_until = 30

[[step]]
id = "big"
task = "review"
days = 4
sizes = ["large"]

[[step]]
id = "thanks"
email = "thank-you"
on = "paid"
"#;

fn a_company_with_everything() -> Company {
    let mut company = a_company().with_timetable(TIMETABLE);
    for (id, customer, due) in [
        ("I-1", "C-1", "2026-03-01"),
        ("I-2", "C-1", "2026-03-08"),
        ("I-3", "C-2", "2026-02-20"),
        ("I-4", "C-3", "2026-03-10"),
        ("I-5", "C-4", "2026-03-06"),
        ("I-6", "C-4", "2026-03-07"),
        ("I-7", "C-4", "2026-02-14"),
    ] {
        company.given_an_invoice(id, customer, due);
    }
    company.given_a_payment("P-1", "C-3", "I-4", "2026-03-17");
    company.import();
    company
}

fn explain(company: &Company, args: &[&str]) -> Value {
    company.run_at(MORNING, &[&["explain", "--format", "json"], args].concat()).exits(0).json().remove(0)
}

fn steps<'a>(explained: &'a Value, step: &str) -> Vec<&'a Value> {
    explained["steps"].as_array().unwrap().iter().filter(|s| text(s, "step") == step).collect()
}

#[test]
fn whatever_the_log_has_of_a_day_is_explained_for_that_day_by_the_same_case_and_rule() {
    let company = a_company_with_everything();
    for day in ["02-20", "03-03", "03-04", "03-09", "03-10", "03-16", "03-19", "03-30"] {
        company.poll_at(&format!("2026-{day}T09:00:00-05:00"));
    }
    let log = company.log();
    let cases: std::collections::BTreeSet<&str> =
        log.iter().map(|c| if c["reason"].is_null() { text(c, "kind") } else { text(c, "reason") }).collect();
    assert!(["email", "task", "superseded", "expired"].iter().all(|c| cases.contains(c)), "{cases:?}");
    let mut explained = 0;
    for contact in &log {
        for covered in contact["invoices"].as_array().unwrap() {
            let (invoice, on) = (text(covered, "id"), text(contact, "date"));
            let now = "2026-03-31T09:00:00-04:00";
            let args = ["explain", invoice, "--on", on, "--format", "json"];
            let whole = company.run_at(now, &args).exits(0).json().remove(0);
            let same = |s: &&&Value| s["occurrence"] == covered["occurrence"];
            let found = steps(&whole, text(covered, "step"));
            let found = found.iter().find(same).unwrap_or_else(|| panic!("{contact:#}\n{whole:#}"));
            let case = contact["reason"].as_str().unwrap_or("due");
            assert_eq!((text(found, "case"), text(found, "rule")), (case, text(contact, "rule")), "{contact:#}\n{found:#}");
            explained += 1;
        }
    }
    assert!(explained > 15, "{explained}");
}

#[test]
fn a_date_that_moved_and_an_e_mail_that_has_to_wait_are_told_with_their_days() {
    let mut company = a_company();
    company.given_an_invoice("I-1", "C-1", "2026-03-04");
    company.given_an_invoice("I-2", "C-1", "2026-02-28");
    company.import();
    company.poll_at("2026-03-06T09:00:00-05:00");
    let on = ["explain", "I-1", "--on", "2026-03-09", "--format", "json"];
    let explained = company.run_at("2026-03-06T10:00:00-05:00", &on).exits(0).json().remove(0);
    let step = steps(&explained, "past-due")[0];
    assert_eq!((text(step, "planned_date"), text(step, "send_date")), ("2026-03-07", "2026-03-09"));
    assert_eq!((text(step, "case"), text(step, "rule"), text(step, "until")), ("deferred", "T16", "2026-03-10"));
    let why = text(step, "explanation");
    assert!(["Sat 7 Mar", "Mon 9 Mar", "T3", "6 Mar", "quiet_days = 3"].iter().all(|w| why.contains(w)), "{why}");
}

#[test]
fn a_step_that_is_not_for_an_invoice_says_which_limit_keeps_it_out() {
    let company = a_company_with_everything();
    let explained = explain(&company, &["I-5"]);
    assert_eq!(text(&explained, "segment"), "large");
    assert!(text(&explained, "segment_why").contains("open_balance_from"), "{explained:#}");
    let reason = |step: &str| (text(steps(&explained, step)[0], "rule").to_owned(), steps(&explained, step)[0]["reason"].clone());
    assert_eq!(reason("past-due"), ("T2".to_owned(), "segment".into()));
    assert_eq!(reason("big"), ("T7".to_owned(), "sizes".into()));
}

#[test]
fn a_customer_is_explained_with_each_open_invoice_and_what_comes_next() {
    let company = a_company_with_everything();
    let explained = explain(&company, &["C-1"]);
    let invoices: Vec<&str> = explained["invoices"].as_array().unwrap().iter().map(|i| text(i, "id")).collect();
    assert_eq!((invoices, &explained["invoice"]), (vec!["I-1", "I-2"], &Value::Null));
    let next = &explained["next"];
    assert_eq!((text(next, "step"), text(next, "date"), text(next, "invoice")), ("past-due", "2026-03-04", "I-1"), "{next}");
    let paid = company.run_at("2026-03-18T09:00:00-04:00", &["explain", "C-3"]).exits(0);
    paid.says("No open invoice");
}
