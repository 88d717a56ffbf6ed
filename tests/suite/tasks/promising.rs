//! Promises with amounts and payment plans: kept or broken by the ledger.

use super::*;

/// The promises of C-1, as `by outcome`.
fn promises(company: &Company, on: u32) -> Vec<String> {
    let added = ["tasks", "add", "--customer", "C-1", "--task", "look", "--note", "x", "--format", "json"];
    let id = text(&company.run_at(&day(on), &added).exits(0).json()[0], "contact").to_owned();
    let page = company.run_at(&day(on), &["tasks", "show", &id, "--format", "json"]).exits(0).json().remove(0);
    done(company, on, &id, &["--note", "y"]).exits(0);
    let all = page["promises"].as_array().unwrap();
    all.iter().map(|p| format!("{} {}", text(p, "by"), text(p, "outcome"))).collect()
}

fn promise(company: &Company, on: u32, args: &[&str]) {
    company.run_at(&day(on), &[&["promise"], args].concat()).exits(0);
}

/// Part of an invoice is paid.
fn pay(company: &Company, id: &str, invoice: &str, amount: &str, on: u32) {
    let row = format!("id,customer_id,invoice_id,received_on,amount,currency\n{id},C-1,{invoice},2026-03-{on:02},{amount},USD\n");
    std::fs::write(company.path("pay.csv"), row).unwrap();
    company.run(&["import", "--payments", "pay.csv"]).exits(0);
}

fn broken(company: &Company, on: u32) -> Vec<Value> {
    tasks(company, on, &["list", "--all"]).into_iter().filter(|t| t["action"] == "broken-promise").collect()
}

#[test]
fn a_promised_amount_that_comes_is_kept_and_the_rest_goes_on() {
    let mut company = a_company().with_steps("[[step]]\nid = \"broken\"\ntask = \"call\"\non = \"promise_broken\"\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(&day(2));
    promise(&company, 3, &["--invoice", "I-1", "--by", "2026-03-04", "--amount", "60"]);
    pay(&company, "P-1", "I-1", "60.00", 4);
    for on in [4, 5, 6] {
        assert!(polled(&company, on).is_empty(), "the day and its grace are not over");
    }
    assert_eq!(polled(&company, 9), ["I-1 past-due sent"], "nothing is broken, and what is left is past due");
    assert_eq!(promises(&company, 9), ["2026-03-04 kept"]);
    assert!(polled(&company, 9).is_empty());
}

#[test]
fn a_promised_amount_that_does_not_come_is_broken_even_if_something_came() {
    let mut company = a_company().with_steps("[[step]]\nid = \"broken\"\ntask = \"call\"\non = \"promise_broken\"\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(&day(2));
    // What came before the promise does not count.
    pay(&company, "P-0", "I-1", "30.00", 2);
    promise(&company, 3, &["--invoice", "I-1", "--by", "2026-03-04", "--amount", "60"]);
    pay(&company, "P-1", "I-1", "59.99", 4);
    company.poll_at(&day(6));
    assert_eq!(polled(&company, 9), ["I-1 past-due sent", "I-1 broken open"]);
    assert_eq!(promises(&company, 9), ["2026-03-04 broken"]);
    assert!(broken(&company, 9).is_empty(), "the timetable has its own task");
}

#[test]
fn a_plan_is_kept_or_broken_instalment_by_instalment() {
    let mut company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-1")]);
    company.given_an_invoice("I-3", "C-2", "2026-05-01");
    company.import();
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\n");
    company.poll_at(&day(2));
    let plan = [
        "--customer",
        "C-1",
        "--plan",
        "2026-03-16=50",
        "--plan",
        "2026-03-05=100",
        "--plan",
        "2026-03-25=50",
        "--note",
        "Ms Weber",
    ];
    promise(&company, 3, &plan);
    pay(&company, "P-1", "I-2", "100.00", 5);
    assert!(polled(&company, 9).iter().all(|c| !c.contains("sent")), "the first one was kept: the plan goes on");
    assert_eq!(promises(&company, 9), ["2026-03-05 kept", "2026-03-16 open", "2026-03-25 open"]);
    pay(&company, "P-2", "I-1", "20.00", 16);
    assert!(polled(&company, 18).iter().all(|c| !c.contains("sent")));
    let sent: Vec<String> = polled(&company, 19).into_iter().filter(|c| c.contains("sent")).collect();
    assert_eq!(sent, ["I-1 second sent"], "the second one is broken, and the timetable goes on");
    assert_eq!(promises(&company, 19), ["2026-03-05 kept", "2026-03-16 broken", "2026-03-25 dropped"]);
    let tasks = broken(&company, 19);
    assert_eq!(tasks.len(), 1, "{tasks:#?}");
    assert_eq!(text(&tasks[0], "note"), "150 was promised by 2026-03-16, 120.00 USD has come; Ms Weber");
    assert_eq!((text(&tasks[0], "customer"), tasks[0]["to"][0].as_str()), ("C-1", Some("ada@us.example")));
    company.poll_at(&day(20));
    assert_eq!(broken(&company, 20).len(), 1, "a promise is broken once");
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_promise_of_all_that_is_broken_makes_a_task_where_the_timetable_has_no_step_for_it() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    company.poll_at(&day(2));
    promise(&company, 2, &["--invoice", "I-1", "--by", "2026-03-03"]);
    promise(&company, 2, &["--invoice", "I-2", "--by", "2026-03-03"]);
    promise(&company, 3, &["--invoice", "I-2", "--by", "2026-03-12"]);
    company.poll_at(&day(5));
    assert!(broken(&company, 5).is_empty(), "the grace is not over");
    company.poll_at(&day(6));
    let tasks = broken(&company, 6);
    assert_eq!(tasks.iter().map(|t| text(t, "lead")).collect::<Vec<_>>(), ["I-1"], "I-2's was replaced by a new one");
    assert_eq!(text(&tasks[0], "note"), "all of it was promised by 2026-03-03, 0.00 USD has come");
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    let company = with_invoices(&[("I-1", "C-1")]);
    let before = company.state();
    let wrong: [(&[&str], &str); 6] = [
        (&[], "--by"),
        (&["--plan", "2026-03-05"], "2026-12-15=500"),
        (&["--plan", "2026-03-05=-1"], "more than 0"),
        (&["--plan", "2026-03-05=1", "--plan", "2026-03-05=2"], "names 2026-03-05 twice"),
        (&["--plan", "2026-03-05=1", "--by", "2026-03-05"], "cannot be used with"),
        (&["--by", "2026-03-05", "--amount", "0"], "more than 0"),
    ];
    for (args, says) in wrong {
        company.run_at(&day(2), &[&["promise", "--invoice", "I-1"], args].concat()).exits(2).says(says);
    }
    assert_eq!(company.state(), before);
}
