//! T25: the plan's order.

use super::office::{Office, email, notice, on, task, task_on, the};

#[test]
fn the_plan_is_sorted_by_customer_kind_lead_and_step() {
    // T25: the steps stand in the file the other way round.
    let steps = [
        task("b-task", "call", 1),
        task("a-task", "visit", 1),
        task_on("c-task", "dispute", "disputed"),
        notice("tell", "boss@x.test", 1),
        on("talk", "disputed"),
        on("part", "partly_paid"),
        on("hello", "issued"),
        email("before", -5),
        email("b", 1) + "merge = false\n",
        email("a", 1) + "merge = false\n",
    ];
    let mut office = Office::with(&steps.concat());
    for customer in ["C2", "C1"] {
        for (id, due) in [("due-b", "2026-03-02"), ("due-a", "2026-03-02"), ("coming", "2026-03-08"), ("moved", "2026-06-01")] {
            office.given_an_invoice(&format!("{customer}-{id}"), customer, due).issue_date = the("2026-01-02");
        }
    }
    office.poll_on("2026-02-27");
    office.is_paid("C1-moved", 5, "2026-03-02");
    office.is_disputed("C1-moved");
    office.given_an_invoice("C1-new", "C1", "2026-06-02").issue_date = the("2026-03-02");
    let expected = [
        "past-due: a/C1-due-a",
        "past-due: b/C1-due-a",
        "past-due: a/C1-due-b",
        "past-due: b/C1-due-b",
        "coming-due: before/C1-coming",
        "issued: hello/C1-new",
        "partly_paid: part/C1-moved",
        "disputed: talk/C1-moved",
        "notice to boss: tell/C1-due-a tell/C1-due-b tell/C2-due-a tell/C2-due-b",
        "visit: a-task/C1-due-a",
        "call: b-task/C1-due-a",
        "visit: a-task/C1-due-b",
        "call: b-task/C1-due-b",
        "dispute: c-task/C1-moved",
        "past-due: a/C2-due-a",
        "past-due: b/C2-due-a",
        "past-due: a/C2-due-b",
        "past-due: b/C2-due-b",
        "coming-due: before/C2-coming",
        "visit: a-task/C2-due-a",
        "call: b-task/C2-due-a",
        "visit: a-task/C2-due-b",
        "call: b-task/C2-due-b",
    ];
    assert_eq!(office.poll_on("2026-03-03"), expected);
}
