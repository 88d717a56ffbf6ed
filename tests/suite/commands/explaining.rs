//! Why something is sent, or not, of any day.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn explained(company: &Company, now: &str, args: &[&str]) -> Value {
    company.run_at(now, &[&["explain", "--format", "json"], args].concat()).exits(0).json().remove(0)
}

/// The line of a step.
fn step<'v>(document: &'v Value, id: &str) -> &'v Value {
    let steps = document["steps"].as_array().unwrap();
    steps.iter().find(|s| s["step"] == id).unwrap_or_else(|| panic!("no {id} in {document:#}"))
}

fn says(line: &Value, part: &str) {
    assert!(text(line, "explanation").contains(part), "{part:?} is not in {line:#}");
}

const LATER: &str = r#"
[[step]]
id = "soon"
email = "reminder"
days = -5
[[step]]
id = "phone"
task = "call"
days = 5
[[step]]
id = "look"
task = "review"
days = 12
[[step]]
id = "again"
email = "past-due-30"
days = 14
repeat_every = 7
repeat_until = 28
[[step]]
id = "tell"
notify = "reminder"
to = "boss@us.example"
days = 20
[[step]]
id = "thanks"
email = "thank-you"
on = "paid"
[[step]]
id = "broken"
task = "call"
on = "promise_broken"
"#;

#[test]
fn every_contact_of_many_weeks_is_explained_by_the_same_step_occurrence_and_rule() {
    let mut company = a_company().with_steps(LATER);
    for (id, customer, due) in [
        ("I-1", "C-1", "2026-03-01"),
        ("I-2", "C-1", "2026-03-06"),
        ("I-3", "C-2", "2026-03-10"),
        ("I-4", "C-2", "2026-02-20"),
        ("I-5", "C-3", "2026-03-15"),
    ] {
        company.given_an_invoice(id, customer, due);
    }
    company.given_a_payment("P-1", "C-1", "I-2", "2026-03-19");
    company.given_a_payment("P-2", "C-2", "I-4", "2026-03-24");
    company.import();
    let days = (1..=31).map(|d| format!("2026-03-{d:02}")).chain((1..=10).map(|d| format!("2026-04-{d:02}")));
    for day in days {
        match day.as_str() {
            "2026-03-17" => drop(
                company
                    .run_at("2026-03-17T08:00:00-04:00", &["hold", "--invoice", "I-5", "--until", "2026-03-23", "--reason", "x"]),
            ),
            "2026-03-18" => {
                drop(company.run_at("2026-03-18T08:00:00-04:00", &["promise", "--invoice", "I-3", "--by", "2026-03-20"]))
            }
            _ => {}
        }
        company.poll_at(&format!("{day}T12:00:00-04:00"));
    }
    let now = "2026-04-13T12:00:00-04:00";
    let log = company.log();
    let what = |c: &Value, i: &Value| {
        let reason = c["reason"].as_str().filter(|_| c["state"] == "skipped").unwrap_or("due");
        (
            text(i, "id").to_owned(),
            text(i, "step").to_owned(),
            i["occurrence"].as_u64(),
            reason.to_owned(),
            text(c, "rule").to_owned(),
        )
    };
    // An invoice that joins a review which is open already (T24) is covered by a contact of an earlier day.
    let day_of = |c: &Value, i: &Value| {
        let joined = match (text(i, "step"), text(i, "id")) {
            ("look", "I-2") => Some("2026-03-18"),
            ("look", "I-3") => Some("2026-03-23"),
            _ => None,
        };
        joined.unwrap_or(text(c, "date")).to_owned()
    };
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    let (mut rules, mut contacts) = (BTreeSet::new(), 0);
    for contact in &log {
        for invoice in contact["invoices"].as_array().unwrap() {
            asked.insert((day_of(contact, invoice), text(invoice, "id").to_owned()));
        }
    }
    for (day, id) in asked {
        let said = explained(&company, now, &["--invoice", &id, "--on", &day]);
        assert_eq!((text(&said, "tense"), text(&said, "on")), ("past", day.as_str()));
        let lines = said["steps"].as_array().unwrap();
        let of = |l: &Value| {
            (
                id.clone(),
                text(l, "step").to_owned(),
                l["occurrence"].as_u64(),
                text(l, "case").to_owned(),
                text(l, "rule").to_owned(),
            )
        };
        let lines: BTreeSet<_> = lines.iter().map(of).collect();
        let mut of_the_day = 0;
        for contact in &log {
            let own = |i: &&Value| i["id"] == id.as_str() && day_of(contact, i) == day;
            for covered in contact["invoices"].as_array().unwrap().iter().filter(own) {
                let want = what(contact, covered);
                assert!(lines.contains(&want), "{day}: {want:?} is not in {lines:#?}");
                rules.insert(want.4);
                of_the_day += 1;
            }
        }
        contacts += of_the_day;
        // On a day without business nothing but tasks goes out (T5).
        let goes_out = |l: &&Value| l["case"] == "due" && (said["in_window"] == true || l["kind"] == "task");
        let due = said["steps"].as_array().unwrap().iter().filter(goes_out).count();
        assert_eq!(due, of_the_day - skips(&log, &day, &id), "{day} {id}: {said:#}");
        assert!(said["log"].as_array().is_some_and(|l| !l.is_empty()));
        let notes = said["notes"].to_string();
        assert!(!notes.contains("do not explain"), "{notes}");
    }
    assert!(contacts > 30, "{contacts}");
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    assert_eq!(rules, ["T12", "T14", "T17", "T20"]);
}

fn skips(log: &[Value], day: &str, invoice: &str) -> usize {
    let covers = |c: &&Value| c["invoices"].as_array().unwrap().iter().any(|i| i["id"] == invoice);
    log.iter().filter(|c| c["date"] == day && c["state"] == "skipped").filter(covers).count()
}

#[test]
fn a_hold_is_told_with_its_author_its_reason_and_its_end_and_of_a_day_before_it_there_is_none() {
    let company = with_one_invoice();
    company
        .run_at(
            "2026-03-02T10:00:00-05:00",
            &["hold", "--invoice", "I-1", "--until", "2026-03-06", "--reason", "waits for the credit note"],
        )
        .exits(0);
    company.poll_at(MORNING);
    let said = explained(&company, MORNING, &["I-1"]);
    let line = step(&said, "past-due");
    assert_eq!((text(line, "case"), text(line, "reason"), text(line, "rule")), ("stopped", "held", "T15"));
    assert_eq!((text(line, "since"), text(line, "until")), ("2026-03-02", "2026-03-07"));
    says(
        line,
        "the invoice is held until Fri 6 Mar, that day included, entered on Mon 2 Mar by tester: \"waits for the credit note\"",
    );
    // The first business day after the hold.
    assert_eq!(text(&line["next"], "date"), "2026-03-09");
    assert_eq!((text(&said["next"], "step"), text(&said["next"], "date")), ("past-due", "2026-03-09"));
    company.run_at("2026-03-05T10:00:00-05:00", &["release", "--invoice", "I-1"]).exits(0);
    assert_eq!(text(step(&explained(&company, "2026-03-05T11:00:00-05:00", &["I-1"]), "past-due"), "case"), "due");
    // Of a day that has passed, what held then.
    let then = explained(&company, "2026-03-06T11:00:00-05:00", &["I-1", "--on", "2026-03-04"]);
    assert_eq!(text(step(&then, "past-due"), "case"), "stopped");
    let earlier = explained(&company, "2026-03-06T11:00:00-05:00", &["I-1", "--on", "2026-03-01"]);
    assert_eq!(text(step(&earlier, "past-due"), "case"), "not yet");
    assert!(earlier["notes"].to_string().contains("No poll was made on that day"), "{earlier:#}");
}

#[test]
fn what_was_sent_is_told_with_the_contact_and_the_relays_answer_in_text_and_json() {
    let company = with_one_invoice();
    company.poll_at(MORNING);
    let contact = company.contact();
    let said = explained(&company, MORNING, &["I-1", "--step", "past-due"]);
    assert_eq!(said["steps"].as_array().unwrap().len(), 1);
    let line = step(&said, "past-due");
    assert_eq!((&line["contact"], text(line, "state"), text(line, "case")), (&contact["contact"], "sent", "done"));
    company
        .run_at(MORNING, &["explain", "I-1"])
        .exits(0)
        .says("Customer C-1, Customer C-1, on Wednesday, 2026-03-04")
        .says("Invoice I-1: 100.00 USD open, due Sun 1 Mar, 3 days past due")
        .says("past-due: done (T9)")
        .says("Next: second of I-1 on Tue 10 Mar.")
        .says("The log has for Wed 4 Mar:");
}

#[test]
fn a_day_to_come_is_explained_as_things_stand_and_a_customer_with_each_open_invoice() {
    let mut company = with_one_invoice();
    company.given_an_invoice("I-2", "C-1", "2026-03-05");
    company.import();
    company.run_at(MORNING, &["hold", "--customer", "C-1", "--until", "2026-03-05", "--reason", "x"]).exits(0);
    let said = explained(&company, MORNING, &["C-1", "--on", "2026-03-10"]);
    assert_eq!((text(&said, "tense"), &said["invoice"], text(&said, "customer")), ("future", &Value::Null, "C-1"));
    let ids: Vec<&str> = said["invoices"].as_array().unwrap().iter().map(|i| text(i, "id")).collect();
    assert_eq!(ids, ["I-1", "I-2"]);
    let due: Vec<(&str, &str)> = said["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|l| l["case"] == "due")
        .map(|l| (text(l, "invoice"), text(l, "step")))
        .collect();
    assert_eq!(due, [("I-1", "second"), ("I-2", "past-due")]);
    let part =
        &said["steps"].as_array().unwrap().iter().find(|l| l["invoice"] == "I-2" && l["case"] == "due").unwrap()["part_of"];
    assert_eq!((text(part, "lead"), text(part, "step")), ("I-1", "second"));
    let said = company.run_at(MORNING, &["explain", "C-1", "--on", "2026-03-10"]).exits(0);
    let said = said.says("A hold of the customer until Thu 5 Mar, entered on Wed 4 Mar by tester: \"x\"");
    said.says("if nobody pays and nothing more is sent");
}

#[test]
fn a_guard_that_holds_is_named_and_the_ledger_is_explained_all_the_same() {
    let mut company = a_company();
    (0..30).for_each(|n| company.given_an_overdue_invoice(&format!("I-{n}"), &format!("C-{n}")));
    company.import();
    company.poll_at("2026-03-03T09:00:00-05:00");
    (0..20).for_each(|n| company.given_a_payment(&format!("P-{n}"), &format!("C-{n}"), &format!("I-{n}"), "2026-03-03"));
    company.import();
    let said = company.run_at(MORNING, &["explain", "I-25", "--format", "json"]).exits(1).json().remove(0);
    assert_eq!(text(step(&said, "past-due"), "case"), "due");
    assert!(said["notes"].to_string().contains("(T27)"), "{said:#}");
}

#[test]
fn an_id_that_is_unknown_or_twice_there_is_wrong_usage() {
    let mut company = with_one_invoice();
    company.given_an_overdue_invoice("C-2", "C-2");
    company.import();
    let before = everything(&company);
    let wrong: [(&[&str], &str); 7] = [
        (&["explain", "I-11"], "did you mean I-1?"),
        (&["explain", "C-2"], "say --invoice C-2 or --customer C-2"),
        (&["explain", "--customer", "I-1"], "the ledger has no customer \"I-1\""),
        (&["explain", "I-1", "--step", "past-deu"], "did you mean past-due?"),
        (&["explain", "I-1", "--customer", "C-1"], "cannot be used with"),
        (&["explain"], "INVOICE|CUSTOMER"),
        (&["explain", "I-1", "--on", "2026-01-15"], "was issued on 2026-02-01"),
    ];
    for (args, says) in wrong {
        let said = company.run_at(MORNING, args).exits(2);
        assert!(said.err.contains(says) && said.out.is_empty(), "{says:?} is not in {said:#?}");
    }
    assert_eq!(explained(&company, MORNING, &["--invoice", "C-2"])["invoice"], "C-2");
    assert_eq!(explained(&company, MORNING, &["--customer", "C-2"])["invoice"], Value::Null);
    assert_eq!(everything(&company), before);
}

#[test]
fn after_the_window_has_closed_it_is_said_and_the_next_day_named() {
    let company = with_one_invoice();
    let said = explained(&company, "2026-03-06T19:00:00-05:00", &["I-1"]);
    let line = step(&said, "past-due");
    assert_eq!((text(line, "case"), said["in_window"].as_bool()), ("due", Some(false)));
    says(line, "E-mails leave only inside the send window of a business day (T5)");
    assert_eq!(text(&line["next"], "date"), "2026-03-09");
}
