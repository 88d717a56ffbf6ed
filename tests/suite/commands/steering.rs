//! What people know and the ledger does not: holds, promises, disputes and tasks steer the timetable (T19, T20, T24).

use super::*;

fn day(day: u32) -> String {
    format!("2026-03-{day:02}T09:00:00-05:00")
}

/// What the poll of a day did.
fn polled(company: &Company, on: u32) -> Vec<String> {
    let steps = company.poll_at(&day(on)).contacts;
    steps.iter().map(|c| format!("{} {}", text(c, "step"), text(c, "state"))).collect()
}

#[test]
fn a_hold_stops_the_timetable_that_day_included_and_a_release_resumes_it() {
    let company = with_one_invoice();
    company
        .run_at(&day(4), &["hold", "--invoice", "I-1", "--until", "2026-03-05", "--reason", "wait"])
        .exits(0)
        .says("2026-03-05");
    assert!(polled(&company, 4).is_empty());
    assert!(polled(&company, 5).is_empty());
    company.run_at(&day(5), &["hold", "--customer", "C-1", "--reason", "the boss says so"]).exits(0);
    assert!(polled(&company, 6).is_empty());
    company.run_at(&day(6), &["plan"]).exits(0).says("held (T15)");
    let said = company.run_at(&day(6), &["release", "--customer", "C-1", "--format", "json"]).exits(0).json();
    assert_eq!((text(&said[0], "customer"), text(&said[0], "said")), ("C-1", "customer C-1 is released"));
    assert_eq!(polled(&company, 6), ["past-due sent"]);
    company.run_at(&day(6), &["release", "--customer", "C-1"]).exits(0).says("is not held");
}

#[test]
fn a_promise_stops_the_timetable_until_its_grace_is_over_and_is_then_broken() {
    let mut company = a_company().with_steps("[[step]]\nid = \"broken\"\ntask = \"call\"\non = \"promise_broken\"\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(&day(2));
    company.run_at(&day(3), &["promise", "--invoice", "I-1", "--by", "2026-03-03", "--amount", "100.00"]).exits(0);
    company.run_at(&day(3), &["promise", "--invoice", "I-1", "--by", "2026-03-04", "--note", "by phone"]).exits(0);
    for on in [4, 5, 6] {
        assert!(polled(&company, on).is_empty(), "a new promise replaces the old one, and has two days of grace");
    }
    assert_eq!(polled(&company, 9), ["past-due sent", "broken open"]);
}

#[test]
fn a_dispute_stops_emails_but_not_tasks_until_it_is_resolved() {
    let mut company = a_company().with_steps("[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 3\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.run_at(&day(3), &["dispute", "--invoice", "I-1", "--reason", "goods damaged"]).exits(0).says("is disputed");
    assert_eq!(polled(&company, 4), ["phone open"]);
    company.run_at(&day(5), &["dispute", "--invoice", "I-1", "--resolve"]).exits(0).says("not disputed any more");
    assert_eq!(polled(&company, 5), ["past-due sent"]);
    company.run_at(&day(5), &["dispute", "--invoice", "I-1", "--resolve"]).exits(0).says("has no dispute");
}

#[test]
fn a_task_sleeps_that_day_included_and_is_done_with_a_note() {
    let mut company = a_company().with_steps("[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 3\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(&day(4));
    let tasks = |args: &[&str]| company.run(&[&["tasks", "--format", "json"], args].concat()).exits(0).json();
    let id = text(&tasks(&[])[0], "contact").to_owned();
    company.run_at(&day(4), &["tasks", "snooze", &id, "--until", "2026-03-05"]).exits(0).says("2026-03-05");
    company.poll_at(&day(5));
    assert!(tasks(&[]).is_empty());
    assert_eq!(tasks(&["list", "--all"])[0]["snoozed_until"], "2026-03-05");
    company.poll_at(&day(6));
    assert_eq!(text(&tasks(&[])[0], "state"), "open");
    let done = company.run_at(&day(6), &["tasks", "done", &id, "--note", "pays on Friday", "--format", "json"]).exits(0).json();
    assert_eq!((text(&done[0], "state"), text(&done[0], "note")), ("done", "pays on Friday"));
    company.run_at(&day(6), &["tasks", "done", &id, "--note", "again"]).exits(2).says("is done already");
    company.poll_at(&day(9));
    assert!(tasks(&[]).is_empty(), "what is done stays done");
    let other = company.log().iter().find(|c| c["kind"] == "email").map(|c| text(c, "contact").to_owned()).unwrap();
    company.run_at(&day(9), &["tasks", "done", &other, "--note", "x"]).exits(2).says("there is no task");
}

#[test]
fn what_nobody_has_seen_yet_is_held_all_the_same_and_said_to_be_unknown() {
    let company = with_one_invoice();
    company.run(&["hold", "--customer", "C-9", "--reason", "new"]).exits(0).says("no poll and no import has seen customer C-9");
    let company = company;
    company.run(&["promise", "--customer", "C-1", "--by", "2026-03-20"]).exits(0);
    assert!(polled(&company, 4).is_empty());
}
