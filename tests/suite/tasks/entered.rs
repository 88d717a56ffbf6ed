//! What people enter beside the tasks: notes, holds that end, disputes with a reason; and what is in force.

use super::*;

#[test]
fn a_note_is_shown_where_somebody_calls_or_asks_why() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    company.poll_at(&day(4));
    company.run_at(&day(4), &["note", "--customer", "C-1", "pays on the 15th only"]).exits(0).says("customer C-1: noted");
    company.run_at(&day(5), &["note", "--invoice", "I-1", "lies with\nMs \u{7}Weber"]).exits(0);
    company.run_at(&day(5), &["note", "--customer", "C-2", "of another one"]).exits(0);
    company.run_at(&day(5), &["note", "--customer", "C-1", "  "]).exits(2).says("the note is empty");
    let listed = company.run_at(&day(5), &["note", "--customer", "C-1", "--format", "json"]).exits(0).json();
    assert_eq!((listed.len(), text(&listed[0], "text"), text(&listed[0], "author")), (1, "pays on the 15th only", "tester"));
    let id = task(&company, 5, "phone", "I-1");
    let page = company.run_at(&day(5), &["tasks", "show", &id, "--format", "json"]).exits(0).json().remove(0);
    let notes: Vec<&str> = page["notes"].as_array().unwrap().iter().map(|n| text(n, "text")).collect();
    assert_eq!(notes, ["pays on the 15th only", "lies with\nMs \u{7}Weber"]);
    let said = company.run_at(&day(5), &["tasks", "show", &id]).exits(0);
    assert!(said.out.contains("2026-03-05, tester, invoice I-1: lies with Ms \u{FFFD}Weber"), "{}", said.out);
    company.run_at(&day(5), &["explain", "I-1"]).exits(0).says("Noted on Wed 4 Mar by tester: \"pays on the 15th only\".");
    // What was noted later was not known then.
    let then = company.run_at(&day(6), &["explain", "I-1", "--on", "2026-03-04"]).exits(0);
    assert!(!then.out.contains("Ms"), "{}", then.out);
    company.run_at(&day(6), &["forget", "C-1", "--yes", "--even-if-open"]).exits(0);
    let left = company.state().unwrap();
    assert!(!left.contains("pays on the 15th") && left.contains("of another one"));
}

#[test]
fn a_hold_that_has_run_out_makes_a_task_once_if_something_is_still_open() {
    let mut company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2"), ("I-3", "C-3")]);
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\n");
    company.poll_at(&day(2));
    for (about, id) in [("--customer", "C-1"), ("--invoice", "I-2"), ("--invoice", "I-3")] {
        company.run_at(&day(3), &["hold", about, id, "--until", "2026-03-10", "--reason", "credit note to come"]).exits(0);
    }
    company.run_at(&day(4), &["hold", "--invoice", "I-3", "--until", "2026-03-20", "--reason", "longer"]).exits(0);
    company.given_a_payment("P-1", "C-2", "I-2", "2026-03-09");
    company.import();
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\n");
    let ended = |on| -> Vec<Value> {
        company.poll_at(&day(on));
        tasks(&company, on, &[]).into_iter().filter(|t| t["action"] == "hold-ended").collect()
    };
    assert!(ended(10).is_empty(), "that day is included");
    let tasks = ended(11);
    assert_eq!(tasks.len(), 1, "what is paid needs no task, and I-3 is held on: {tasks:#?}");
    assert_eq!((text(&tasks[0], "customer"), tasks[0]["to"][0].as_str()), ("C-1", Some("ada@us.example")));
    assert_eq!(text(&tasks[0], "note"), "the hold of customer C-1 ended on 2026-03-10, entered by tester: credit note to come");
    assert_eq!(ended(12).len(), 1, "it is told once");
    assert_eq!(ended(21).len(), 2, "I-3's has ended on the 20th");
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_customer_of_whom_nothing_is_due_is_told_of_when_its_hold_ends() {
    // Due far away: no step wakes it.
    let mut company = a_company();
    company.given_an_invoice("I-1", "C-1", "2026-12-01");
    company.import();
    company.poll_at(&day(3));
    company.run_at(&day(3), &["hold", "--customer", "C-1", "--until", "2026-03-10", "--reason", "x"]).exits(0);
    for on in [3, 4, 5, 11] {
        company.poll_at(&day(on));
    }
    assert_eq!(tasks(&company, 11, &[]).len(), 1);
}

#[test]
fn what_is_in_force_stands_in_one_list_with_its_age() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    company.poll_at(&day(2));
    company.run_at(&day(2), &["controls"]).exits(0).says("nothing is held");
    company.run_at(&day(3), &["hold", "--customer", "C-1", "--until", "2026-03-04", "--reason", "short"]).exits(0);
    company.run_at(&day(3), &["promise", "--invoice", "I-2", "--by", "2026-03-20", "--amount", "50"]).exits(0);
    company.run_at(&day(3), &["dispute", "--invoice", "I-1", "--code", "goods", "--reason", "two chairs"]).exits(0);
    let list = |on, args: &[&str]| company.run_at(&day(on), &[&["controls", "--format", "json"], args].concat()).exits(0).json();
    let kinds: Vec<String> = list(4, &[]).iter().map(|c| text(c, "kind").to_owned()).collect();
    assert_eq!(kinds, ["dispute", "hold", "promise"]);
    let later = list(9, &[]);
    assert_eq!(later.len(), 2, "the hold is over: {later:#?}");
    let dispute = &later[0];
    assert_eq!((text(dispute, "code"), dispute["age_days"].as_i64(), text(dispute, "customer")), ("goods", Some(6), "C-1"));
    assert_eq!((text(&later[1], "amount"), text(&later[1], "until")), ("50", "2026-03-20"));
    assert_eq!((list(22, &[]).len(), list(23, &[]).len()), (2, 1), "a promise runs out with its grace (T19)");
    assert_eq!(list(9, &["--kind", "promise", "--customer", "C-1"]).len(), 0);
    company.run_at(&day(9), &["controls", "--kind", "dispute"]).exits(0).says("two chairs");
    company.run_at(&day(9), &["explain", "I-1"]).exits(0).says("disputed (goods)");
}

#[test]
fn the_words_for_disputes_are_the_files() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    let before = company.state();
    company
        .run_at(&day(4), &["dispute", "--invoice", "I-1", "--code", "prise", "--reason", "x"])
        .exits(2)
        .says("did you mean price?");
    done(&company, 4, &id, &["--result", "dispute", "--code", "colour"]).exits(2).says("Known: goods, price");
    done(&company, 4, &id, &["--result", "reached", "--code", "price"]).exits(2).says("--code is of --result dispute");
    assert_eq!(company.state(), before);
    let company = company
        .with_timetable(&format!("{}\n{CALLS}[worklist]\ndispute_codes = [\"colour\"]\n", crate::support::company::TIMETABLE));
    done(&company, 4, &id, &["--result", "dispute", "--code", "colour"]).exits(0);
    company.run_at(&day(5), &["controls"]).exits(0).says("colour");
}
