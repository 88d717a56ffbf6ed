//! Commands that look and leave everything as it is, and the JSON that programs read.

use serde_json::Value;

use super::*;

/// The fields of a contact (cli.md); a field is added in later versions, never renamed or taken away.
const CONTACT: [&str; 17] = [
    "contact",
    "kind",
    "step",
    "occurrence",
    "date",
    "state",
    "reason",
    "rule",
    "customer",
    "segment",
    "to",
    "language",
    "lead",
    "invoices",
    "message_id",
    "attempts",
    "relay_reply",
];
const INVOICE: [&str; 8] = ["id", "customer", "step", "occurrence", "days", "days_past_due", "open_balance", "currency"];

fn assert_is_a_contact(value: &Value) {
    let has = |v: &Value, names: &[&str]| names.iter().for_each(|n| assert!(v.get(n).is_some(), "{n} is missing in {v}"));
    has(value, &CONTACT);
    let invoices = value["invoices"].as_array().unwrap();
    assert!(!invoices.is_empty());
    invoices.iter().for_each(|i| has(i, &INVOICE));
    let amount = text(&invoices[0], "open_balance");
    assert!(amount.parse::<f64>().is_ok(), "an amount is a string of digits: {amount}");
}

fn with_a_task() -> Company {
    let mut company = a_company().with_steps("[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 3\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_overdue_invoice("I-2", "C-2");
    company.import();
    company
}

#[test]
fn a_contact_has_the_same_fields_wherever_it_is_shown() {
    let company = with_a_task();
    company.run_at(MORNING, &["hold", "--invoice", "I-2", "--reason", "wait"]).exits(0);
    let mut planned = company.run_at(MORNING, &["plan", "--format", "json"]).exits(0).json();
    let plan = planned.pop().unwrap()["plan"].clone();
    assert_eq!((plan["contacts"].as_u64(), text(&plan, "date")), (Some(2), "2026-03-04"));
    assert_eq!((text(&plan["waiting"][0], "invoice"), text(&plan["waiting"][0], "rule")), ("I-2", "T15"));
    assert_eq!(states(&planned), ["C-1: planned", "C-1: open"]);
    let polled = company.poll_at(MORNING);
    let kinds: Vec<&str> = polled.contacts.iter().map(|c| text(c, "kind")).collect();
    assert_eq!(kinds, ["email", "task"]);
    for name in
        ["at", "date", "believed", "in_window", "open_invoices", "customers", "contacts", "waiting", "bad_rows", "problems"]
    {
        assert!(polled.poll.get(name).is_some(), "{name} is missing in {}", polled.poll);
    }
    let log = company.log();
    let mut tasks = company.run(&["tasks", "--format", "json"]).exits(0).json();
    for name in ["due", "overdue", "days_overdue", "open_now", "priority", "settled", "personal"] {
        assert!(tasks[0].as_object_mut().unwrap().remove(name).is_some(), "the worklist adds {name}");
    }
    assert_eq!(log[1..], tasks);
    planned.iter().chain(&polled.contacts).chain(&log).for_each(assert_is_a_contact);
    assert_eq!(planned[0]["invoices"], log[0]["invoices"]);
}

#[test]
fn the_log_is_filtered_by_customer_invoice_day_and_state() {
    let company = with_a_task();
    company.poll_at(MORNING);
    let count = |args: &[&str]| company.run(&[&["log", "--format", "json"], args].concat()).exits(0).json().len();
    assert_eq!(count(&[]), 4);
    assert_eq!(count(&["--customer", "C-1"]), 2);
    assert_eq!(count(&["--invoice", "I-2", "--state", "sent"]), 1);
    assert_eq!(count(&["--state", "sent", "--state", "open"]), 4);
    assert_eq!(count(&["--state", "failed"]), 0);
    assert_eq!(count(&["--since", "2026-03-05"]), 0);
    company.run(&["log", "--since", "2026-03-05"]).exits(0).says("no such contact");
}

#[test]
fn who_only_looks_changes_nothing() {
    let company = with_a_task().with_all_templates();
    company.poll_at(MORNING);
    let before = everything(&company);
    let looks: [&[&str]; 19] = [
        &["plan"],
        &["plan", "--days", "30"],
        &["plan", "--on", "2026-03-10", "--format", "json"],
        &["plan", "--diff", "config/timetable.toml"],
        &["explain", "I-1"],
        &["explain", "C-1", "--on", "2026-03-04"],
        &["explain", "C-1", "--on", "2026-05-04", "--format", "json"],
        &["preview", "past-due", "--invoice", "I-1"],
        &["preview", "past-due", "--invoice", "I-1", "--as", "html", "--language", "de"],
        &["preview", "second", "--invoice", "I-2", "--as", "eml"],
        &["log"],
        &["tasks"],
        &["tasks", "list", "--all"],
        &["suppressions"],
        &["suppressions", "list", "--all", "--format", "json"],
        &["timetable"],
        &["timetable", "--format", "json"],
        &["check"],
        &["check", "--effective", "--offline"],
    ];
    for look in looks {
        company.run_at("2026-03-05T09:00:00-05:00", look).exits(0);
    }
    company.run_at("2026-03-05T09:00:00-05:00", &["status"]).exits(0).says("no daemon is running");
    assert_eq!(everything(&company), before);
}

#[test]
fn a_plan_of_many_days_is_what_the_polls_of_these_days_do() {
    let company = with_a_task();
    let planned = company.run_at(MORNING, &["plan", "--days", "10", "--format", "json"]).exits(0).json();
    let planned: Vec<Value> = planned.into_iter().filter(|v| v.get("plan").is_none()).collect();
    for day in ["2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"] {
        company.poll_at(&format!("{day}T12:00:00-05:00"));
    }
    let line = |c: &Value| format!("{} {} {} {}", text(c, "date"), text(c, "step"), text(c, "customer"), text(c, "kind"));
    let (mut want, mut got): (Vec<String>, Vec<String>) =
        (company.log().iter().map(line).collect(), planned.iter().map(line).collect());
    want.sort();
    got.sort();
    assert_eq!(got, want);
    assert_eq!(want.len(), 6);
}

#[test]
fn a_rehearsal_leaves_the_state_as_it_is_and_writes_every_contact_and_every_email() {
    let company = with_a_task();
    let state = company.state();
    let args = ["rehearse", "--from", "2026-03-02", "--to", "2026-03-13", "--out", "played", "--format", "json"];
    let said = company.run_at(MORNING, &args).exits(0).json();
    assert_eq!(said[0]["rehearsal"]["days"], 12);
    assert_eq!(company.state(), state);
    let lines = std::fs::read_to_string(company.path("played/contacts.jsonl")).unwrap();
    let contacts: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    contacts.iter().for_each(assert_is_a_contact);
    let emails = contacts.iter().filter(|c| c["kind"] == "email" && c["state"] == "sent").count();
    assert_eq!((contacts.len(), emails), (6, 4));
    let written = files(&company.path("played/emails"));
    assert_eq!(written.len(), emails, "{:?}", written.keys());
    for bytes in written.values() {
        let message = mail_parser::MessageParser::default().parse(&bytes[..]).unwrap();
        assert!(message.subject().is_some() && message.body_text(0).is_some() && message.body_html(0).is_some());
    }
    assert!(files(&company.path("config")).keys().all(|n| !n.contains("outbox")), "nothing was sent");
    company.run_at(MORNING, &args).exits(2).says("has a rehearsal already");
}

#[test]
fn a_preview_is_what_then_leaves() {
    let company = with_a_task();
    let eml = company.run_at(MORNING, &["preview", "past-due", "--invoice", "I-1", "--as", "eml"]).exits(0).out;
    company.poll_at(MORNING);
    let sent = files(&company.path("config/outbox"));
    let parse = |bytes: &[u8]| {
        let message = mail_parser::MessageParser::default().parse(bytes).unwrap();
        let text = |t: Option<std::borrow::Cow<'_, str>>| t.unwrap().into_owned();
        let to = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
        (message.subject().unwrap().to_owned(), to, text(message.body_text(0)), text(message.body_html(0)))
    };
    let found: Vec<_> = sent.values().map(|b| parse(b)).collect();
    assert!(found.contains(&parse(eml.as_bytes())), "{found:#?}");
}
