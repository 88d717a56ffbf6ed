//! T22: one e-mail for each customer and kind.

use super::office::{Office, contacts, email, on, the};

#[test]
fn the_lead_has_the_greatest_days_and_its_template_is_used() {
    // T22
    let mut office = Office::with(&(email("first", 1) + &email("second", 5)));
    office.given_an_invoice("I1", "C1", "2026-03-08");
    office.given_an_invoice("I2", "C1", "2026-03-04");
    let plan = office.plan_on("2026-03-09");
    assert_eq!(contacts(&plan), ["past-due: second/I2 first/I1"]);
    let contact = &plan.contacts[0];
    assert_eq!((contact.action.as_str(), contact.step.as_str(), contact.lead()), ("second", "second", "I2"));
    let days: Vec<_> = contact.covered.iter().map(|c| (c.days, c.days_past_due)).collect();
    assert_eq!(days, [(Some(5), 5), (Some(1), 1)]);
}

#[test]
fn ties_go_to_the_greater_balance_then_to_the_smaller_id_byte_by_byte() {
    // T22: the bare number counts, whatever its currency; "I10" comes before "I9".
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice_of("I9", "C1", "2026-03-02", 100, "EUR");
    office.given_an_invoice_of("I10", "C1", "2026-03-02", 100, "EUR");
    office.given_an_invoice_of("a", "C1", "2026-03-02", 100, "USD");
    office.given_an_invoice_of("z", "C1", "2026-03-02", 101, "JPY");
    office.given_an_invoice_of("Z", "C1", "2026-03-02", 99, "EUR");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/z first/I10 first/I9 first/a first/Z"]);
}

#[test]
fn the_open_balance_counts_and_not_the_total() {
    // T22
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice_of("I1", "C1", "2026-03-02", 900, "EUR");
    office.given_an_invoice_of("I2", "C1", "2026-03-02", 100, "EUR");
    office.is_paid("I1", 850, "2026-03-01");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I2 first/I1"]);
}

#[test]
fn the_due_date_itself_is_past_due_and_each_event_is_a_kind_of_its_own() {
    // T22
    let steps =
        email("before", -1) + &email("today", 0) + &email("after", 1) + &on("hello", "issued") + &on("part", "partly_paid");
    let mut office = Office::with(&steps);
    office.given_an_invoice("I1", "C1", "2026-03-04");
    office.given_an_invoice("I2", "C1", "2026-03-03");
    office.given_an_invoice("I3", "C1", "2026-03-02");
    for id in ["I1", "I2", "I3"] {
        office.invoice(id).issue_date = the("2026-01-02");
    }
    office.given_an_invoice("I4", "C1", "2026-06-01");
    office.poll_on("2026-03-02");
    office.is_paid("I4", 5, "2026-03-02");
    office.given_an_invoice("I5", "C1", "2026-04-02");
    office.given_an_invoice("I6", "C1", "2026-04-02");
    let expected = ["past-due: after/I3 today/I2", "coming-due: before/I1", "issued: hello/I5 hello/I6", "partly_paid: part/I4"];
    assert_eq!(office.poll_on("2026-03-03"), expected);
}

#[test]
fn without_merge_each_invoice_has_an_email_of_its_own() {
    // T22: the other step is merged as ever, and the quiet days look at what was sent before this poll.
    let mut office = Office::with(&(email("final", 5) + "merge = false\n" + &email("first", 1)));
    office.timetable.quiet_days = 3;
    for (id, due) in [("I1", "2026-03-04"), ("I2", "2026-03-04"), ("I3", "2026-03-08"), ("I4", "2026-03-08")] {
        office.given_an_invoice(id, "C1", due);
    }
    let expected = ["past-due: final/I1", "past-due: final/I2", "past-due: first/I3 first/I4"];
    assert_eq!(office.contacts_on("2026-03-09"), expected);
    assert!(office.poll_on("2026-03-10").is_empty());
}

#[test]
fn customers_are_never_merged_with_one_another() {
    // T22: not even with one address.
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-02");
    let same = office.customer("C1").email.clone();
    office.customer("C2").email = same;
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I1", "past-due: first/I2"]);
}

#[test]
fn an_invoice_that_is_stopped_is_not_named_in_the_email_of_the_others() {
    // T19, T22
    let mut office = Office::with(&email("first", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02").disputed = true;
    office.given_an_invoice("I2", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: first/I2"]);
}
