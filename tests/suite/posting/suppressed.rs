//! An address that the relay calls no good: suppressed by address, a task for a better one, and lifted by a person (D4, T19).

use super::*;

const DAY_10: &str = "2026-03-10T09:00:00-04:00";

fn no_such_user() -> Post {
    Post::open(Script::default().for_command(At::Rcpt, "ap@c-1.", say("550 5.1.1 <ap@c-1.example>: no such user")))
}

fn suppressions(company: &Company, args: &[&str]) -> Vec<Value> {
    company.run(&[&["suppressions", "--format", "json"], args].concat()).exits(0).json()
}

fn tasks(company: &Company, args: &[&str]) -> Vec<Value> {
    company.run(&[&["tasks", "--format", "json"], args].concat()).exits(0).json()
}

#[test]
fn a_refused_address_is_suppressed_with_evidence_and_a_task_asks_for_a_better_one() {
    let post = no_such_user();
    let company = owed_by(&post, &["C-1", "C-2"]);
    let mut found = company.poll_at(MORNING).states();
    found.sort();
    assert_eq!(found, ["C-1: failed", "C-1: open", "C-2: sent"], "the other customer is untouched");
    let failed = company.run(&["log", "--state", "failed", "--format", "json"]).exits(0).json();
    let [one] = suppressions(&company, &[]).try_into().unwrap();
    assert_eq!((text(&one, "address"), &one["contact"]), ("ap@c-1.example", &failed[0]["contact"]));
    assert_eq!(
        (text(&one, "evidence"), text(&one, "since")),
        ("550 5.1.1 <ap@c-1.example>: no such user", "2026-03-04T14:00:00Z")
    );
    let [task] = tasks(&company, &[]).try_into().unwrap();
    for (key, value) in [("action", "better-address"), ("rule", "D4"), ("state", "open"), ("customer", "C-1"), ("lead", "I-1")] {
        assert_eq!(text(&task, key), value, "{task}");
    }
    let note = text(&task, "note");
    assert!(
        note.starts_with("ap@c-1.example: 550 5.1.1") && note.ends_with(&format!("(contact {})", text(&one, "contact"))),
        "{note}"
    );
    assert_eq!(task["invoices"], Value::Array(Vec::new()), "it does no step of the timetable");
    company.run(&["tasks"]).exits(0).says("I-1").says("no such user");
    company.run(&["log", "--state", "open"]).exits(0).says("I-1").says("address refused (D4)");
    company.run(&["suppressions"]).exits(0).says("2026-03-04 09:00").says("no such user");
    company.run(&["status"]).says("suppressed addresses: 1");
    assert_eq!(company.run(&["status", "--format", "json"]).json()[0]["suppressed_addresses"], 1);
}

#[test]
fn there_is_one_open_task_for_a_customer_and_an_address() {
    let post = no_such_user();
    let mut company = owed_by(&post, &["C-1"]);
    company.poll_at(MORNING);
    let lift = ["suppressions", "lift", "ap@c-1.example", "--reason", "try again"];
    let id = text(&tasks(&company, &[])[0], "contact").to_owned();
    company.run_at(MORNING, &["tasks", "snooze", &id, "--until", "2026-12-31"]).exits(0);
    // Another invoice of the customer, another step: refused again only after the address was lifted by hand.
    company.given_an_invoice("I-2", "C-1", "2026-03-03");
    company.import();
    company.poll_at("2026-03-06T09:00:00-05:00");
    assert_eq!(tasks(&company, &["list", "--all"]).len(), 1);
    company.run_at("2026-03-06T10:00:00-05:00", &lift).exits(0);
    let done = tasks(&company, &["list", "--all"]);
    assert_eq!((text(&done[0], "state"), text(&done[0], "note")), ("done", "try again"));
    company.poll_at(DAY_10);
    assert_eq!(tasks(&company, &[]).len(), 1, "refused again, there is a task again");
    assert_eq!(suppressions(&company, &[]).len(), 1);
}

#[test]
fn the_task_goes_to_whoever_had_the_customers_last_one() {
    let post = no_such_user();
    let company = owed_by(&post, &["C-1"]).with_steps("[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 1\n");
    let customer = "id,name,email,collector\nC-1,Customer C-1,ap@c-1.example,collector@us.example\n";
    std::fs::write(company.path("collected.csv"), customer).unwrap();
    company.run(&["import", "--customers", "collected.csv"]).exits(0);
    company.poll_at("2026-03-02T09:00:00-05:00");
    company.poll_at(MORNING);
    let all = tasks(&company, &[]);
    let actions: Vec<&str> = all.iter().map(|t| text(t, "action")).collect();
    assert_eq!(actions, ["call", "better-address"]);
    assert_eq!((all[0]["to"][0].as_str(), &all[0]["to"]), (Some("collector@us.example"), &all[1]["to"]));
}

#[test]
fn a_changed_address_in_the_ledger_is_written_to_and_the_old_one_stays_suppressed() {
    let post = no_such_user();
    let mut company = owed_by(&post, &["C-1"]);
    company.poll_at(MORNING);
    company.run_at(DAY_10, &["plan"]).exits(0).says("suppressed (T15)");
    company.given_a_customer("C-1", "finance@c-1.example");
    company.import();
    assert_eq!(company.poll_at(DAY_10).states(), ["C-1: sent"]);
    assert_eq!(post.only().to, ["finance@c-1.example"]);
    // Back at the old address, nothing goes there.
    company.given_a_customer("C-1", "ap@c-1.example");
    company.given_an_invoice("I-2", "C-1", "2026-03-13");
    company.import();
    let connections = post.connections();
    company.poll_at("2026-03-16T09:00:00-04:00");
    assert_eq!((post.connections(), text(&suppressions(&company, &[])[0], "address")), (connections, "ap@c-1.example"));
}

#[test]
fn an_address_that_a_person_lifts_is_mailed_from_the_next_poll_on() {
    let post = Post::open(Script::default().once(At::Rcpt, say("550 5.1.1 no such user")));
    let company = owed_by(&post, &["C-1"]);
    company.poll_at(MORNING);
    let lift = ["suppressions", "lift", "ap@C-1.example", "--reason", "their server is mended"];
    company.run_at("2026-03-09T15:00:00-04:00", &lift).exits(0).says("is not suppressed any more");
    assert!(suppressions(&company, &[]).is_empty() && tasks(&company, &[]).is_empty());
    company.run(&["suppressions"]).exits(0).says("no address is suppressed");
    let [was] = suppressions(&company, &["list", "--all"]).try_into().unwrap();
    let lifted = &was["lifted"];
    assert_eq!((text(lifted, "by"), text(lifted, "reason")), ("tester", "their server is mended"));
    assert_eq!(text(lifted, "at"), "2026-03-09T19:00:00Z");
    company.run(&["suppressions", "list", "--all"]).exits(0).says("by tester: their server is mended");
    // What has failed is done (T9); the next step goes out.
    assert_eq!(company.poll_at(DAY_10).states(), ["C-1: sent"]);
    assert_eq!(post.only().to, ["ap@c-1.example"]);
}
