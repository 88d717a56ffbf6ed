//! `tasks list`, `add`, `assign` and `snooze`.

use super::*;

fn leads(items: &[Value]) -> Vec<&str> {
    items.iter().map(|t| text(t, "lead")).collect()
}

#[test]
fn the_overdue_tasks_come_first_then_those_of_today_then_those_to_come() {
    let mut company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    company.given_an_invoice("I-3", "C-3", "2026-03-03");
    company.import();
    company.poll_at(&day(4));
    company
        .run_at(&day(4), &["tasks", "add", "--customer", "C-3", "--task", "visit", "--note", "bring cake", "--due", "2026-03-09"])
        .exits(0);
    let later = task(&company, 4, "phone", "I-1");
    company.run_at(&day(4), &["tasks", "snooze", &later, "--until", "2026-03-05"]).exits(0).says("2026-03-05");
    company.poll_at(&day(6));
    let all = tasks(&company, 6, &[]);
    assert_eq!(leads(&all), ["I-2", "I-1", "I-3", ""]);
    let days: Vec<(&str, bool, i64)> =
        all.iter().map(|t| (text(t, "due"), t["overdue"].as_bool().unwrap(), t["days_overdue"].as_i64().unwrap())).collect();
    assert_eq!(
        days,
        [("2026-03-04", true, 2), ("2026-03-06", false, 0), ("2026-03-06", false, 0), ("2026-03-09", false, 0)],
        "what slept until Thursday is due on Friday"
    );
    assert_eq!(leads(&tasks(&company, 6, &["list", "--due", "overdue"])), ["I-2"]);
    assert_eq!(leads(&tasks(&company, 6, &["list", "--due", "today"])), ["I-2", "I-1", "I-3"]);
    assert_eq!(leads(&tasks(&company, 6, &["list", "--due", "week"])), ["I-2", "I-1", "I-3", ""]);
    assert_eq!(leads(&tasks(&company, 6, &["list", "--customer", "C-2"])), ["I-2"]);
    company.run_at(&day(6), &["tasks"]).exits(0).says("2026-03-04, overdue").says("100.00 USD");
}

#[test]
fn a_task_that_sleeps_over_friday_is_due_on_monday() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    let asleep = company.run_at(&day(4), &["tasks", "snooze", &id, "--until", "2026-03-06", "--format", "json"]).exits(0).json();
    assert_eq!((text(&asleep[0], "snoozed_until"), text(&asleep[0], "due_on")), ("2026-03-06", "2026-03-09"));
    company.poll_at(&day(9));
    assert_eq!(tasks(&company, 9, &[])[0]["overdue"], false);
}

#[test]
fn tasks_are_shown_by_collector_and_each_sees_their_own() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2"), ("I-3", "C-3")]);
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\nC-2,Two,a@c-2.example,,bob@us.example,\n");
    company.poll_at(&day(4));
    assert_eq!(leads(&tasks(&company, 5, &["list", "--mine", "ADA@us.example"])), ["I-1"]);
    let said = company.run_at(&day(5), &["tasks", "list", "--by", "collector"]).exits(0);
    let heads: Vec<&str> = said.out.lines().filter(|l| l.contains(": ")).collect();
    assert_eq!(heads, ["ada@us.example: 1, 1 overdue", "bob@us.example: 1, 1 overdue", "nobody: 1, 1 overdue"]);
    let id = task(&company, 5, "phone", "I-2");
    company.run_at(&day(5), &["tasks", "assign", &id, "--to", "ada@us.example"]).exits(0).says("is ada@us.example's");
    assert_eq!(leads(&tasks(&company, 5, &["list", "--mine", "ada@us.example"])), ["I-1", "I-2"]);
    company.poll_at(&day(6));
    assert!(tasks(&company, 6, &["list", "--mine", "bob@us.example"]).is_empty(), "no poll gives it back");
    company.run_at(&day(6), &["tasks", "assign", &id, "--to", "ada"]).exits(2).says("ada");
    company.run_at(&day(6), &["tasks", "assign", "01J", "--to", "ada@us.example"]).exits(2).says("there is no task 01J");
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_task_by_hand_is_the_collectors_and_stands_in_no_steps_way() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-1")]);
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\n");
    company.poll_at(&day(2));
    let added = ["tasks", "add", "--invoice", "I-1", "--task", "phone", "--note", "ask for Ms Weber", "--format", "json"];
    let task = company.run_at(&day(3), &added).exits(0).json().remove(0);
    for (key, value) in [
        ("action", "phone"),
        ("customer", "C-1"),
        ("lead", "I-1"),
        ("note", "ask for Ms Weber"),
        ("due_on", "2026-03-03"),
        ("state", "open"),
    ] {
        assert_eq!(task[key], value, "{task:#}");
    }
    assert_eq!(task["to"][0], "ada@us.example");
    assert_eq!(polled(&company, 4), ["I-1 past-due sent", "I-1 phone open", "I-2 phone open"]);
    let of_invoice = company.run(&["log", "--invoice", "I-1", "--format", "json"]).exits(0).json();
    assert_eq!(of_invoice.len(), 3, "{of_invoice:#?}");
    let wrong: [(&[&str], &str); 4] = [
        (&["--customer", "C-9"], "no poll and no import has seen customer C-9"),
        (&["--invoice", "I-9"], "no poll and no import has seen invoice I-9"),
        (&["--customer", "C-2", "--invoice", "I-1"], "the invoice I-1 is of the customer C-1, not of C-2"),
        (&["--customer", "C-1", "--due", "2026-03-01"], "that day is over"),
    ];
    let before = company.state();
    for (args, says) in wrong {
        company.run_at(&day(4), &[&["tasks", "add", "--task", "call", "--note", "x"], args].concat()).exits(2).says(says);
    }
    company
        .run_at(&day(4), &["tasks", "add", "--customer", "C-1", "--task", "two words", "--note", "x"])
        .exits(2)
        .says("one word");
    assert_eq!(company.state(), before);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_long_note_is_cut_in_the_table_and_whole_beside_it() {
    let company = with_invoices(&[("I-1", "C-1")]);
    let note = "what was said on the phone, ".repeat(10);
    company.run_at(&day(4), &["tasks", "add", "--customer", "C-1", "--task", "call", "--note", note.trim_end()]).exits(0);
    let shown = company.run_at(&day(4), &["tasks"]).exits(0).out;
    assert!(shown.contains("what was said") && shown.contains('…') && !shown.contains(note.trim_end()), "{shown}");
    assert_eq!(text(&tasks(&company, 4, &[])[0], "note"), note.trim_end());
}
