//! `tasks show`: all that one needs for the call.

use super::*;

fn shown(company: &Company, on: u32, id: &str) -> Value {
    company.run_at(&day(on), &["tasks", "show", id, "--format", "json"]).exits(0).json().remove(0)
}

#[test]
fn everything_for_a_call_stands_on_one_page() {
    let mut company = with_invoices(&[("I-1", "C-1")]);
    company.given_an_invoice("I-2", "C-1", "2026-03-20");
    company.given_an_overdue_invoice("I-3", "C-2");
    company.import();
    with_customers(&company, "C-1,Weber & Söhne,a@c-1.example,+49 30 1234,ada@us.example,A\n");
    company.poll_at(&day(4));
    company.run_at(&day(5), &["promise", "--invoice", "I-2", "--by", "2026-03-30", "--note", "Ms Weber"]).exits(0);
    company.run_at(&day(5), &["hold", "--invoice", "I-2", "--until", "2026-03-05", "--reason", "over tomorrow"]).exits(0);
    let id = task(&company, 5, "phone", "I-1");
    let page = shown(&company, 6, &id);
    assert_eq!((text(&page["customer"], "phone"), text(&page["customer"], "name")), ("+49 30 1234", "Weber & Söhne"));
    let invoices: Vec<(&str, bool, i64)> = page["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (text(i, "id"), i["of_task"].as_bool().unwrap(), i["days_past_due"].as_i64().unwrap()))
        .collect();
    assert_eq!(invoices, [("I-1", true, 5), ("I-2", false, -14)], "and none of another customer");
    assert_eq!((text(&page["totals"][0], "open"), text(&page["totals"][0], "past_due")), ("200.00", "100.00"));
    let kinds: Vec<&str> = page["contacts"].as_array().unwrap().iter().map(|c| text(c, "kind")).collect();
    assert_eq!(kinds, ["email"], "the task itself is no contact before it");
    let in_force: Vec<&str> = page["in_force"].as_array().unwrap().iter().map(|e| text(e, "kind")).collect();
    assert_eq!(in_force, ["promise"], "a hold that has run out is not in force");
    let next = &page["next_email"];
    assert_eq!((text(next, "date"), text(next, "step")), ("2026-03-10", "second"));
    assert!(text(next, "text").contains("I-1") && !text(next, "subject").is_empty(), "{next:#}");
    let said = company.run_at(&day(6), &["tasks", "show", &id]).exits(0);
    for part in [
        "+49 30 1234",
        "due 2026-03-04, 2 days overdue",
        "promise of invoice I-2 by 2026-03-30",
        "2026-03-10, second, to a@c-1.example",
    ] {
        assert!(said.out.contains(part), "{part:?} is not in {}", said.out);
    }
    assert_eq!(polled(&company, 10)[0], "I-1 second sent", "the page was right");
}

#[test]
fn what_stops_the_next_email_is_said() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    done(&company, 4, &id, &["--result", "dispute", "--note", "too few"]).exits(0);
    let page = shown(&company, 5, &id);
    assert!(page["next_email"].is_null());
    assert_eq!(page["invoices"][0]["stopped"][0], "disputed");
    company
        .run_at(&day(5), &["tasks", "show", &id])
        .exits(0)
        .says("None is to come")
        .says("dispute of invoice I-1, for 1 day, by tester: too few");
    company.run_at(&day(5), &["tasks", "show", "01J"]).exits(2).says("there is no task 01J");
}

#[test]
fn a_look_at_a_task_changes_nothing() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    let before = company.state();
    shown(&company, 5, &id);
    tasks(&company, 5, &["list", "--by", "collector"]);
    assert_eq!(company.state(), before);
}
