//! What `explain` says of a step, in sentences that a person reads.

use super::office::{Office, email, notice, on, plain, task, the};
use crate::plan::explain::{Question, Records, Tense, segment_why};
use crate::plan::make;
use crate::timetable::stops;

fn has(text: &str, parts: &[&str]) {
    parts.iter().for_each(|p| assert!(text.contains(p), "{p:?} is not in {text:?}"));
}

/// Due on Thursday, 5 November 2026: thirty days later is a Saturday.
fn with_a_nudge() -> Office {
    let mut office = Office::of(&plain("quiet_days = 3", &(email("nudge", 30) + &email("first", -2))));
    office.given_an_invoice("I1", "C1", "2026-11-05");
    office
}

#[test]
fn the_way_of_a_date_is_told_from_the_planned_day_to_the_day_it_goes_out() {
    let mut office = with_a_nudge();
    // Another invoice of the customer is reminded of on the Friday before.
    office.given_an_invoice("I2", "C1", "2026-12-08");
    office.contacts_on("2026-12-04");
    office.controls.disputes.insert("I1".to_owned());
    office.contacts_on("2026-12-07");
    office.controls.disputes.clear();
    let line = office.line("2026-12-07", "I1", "nudge", "deferred");
    has(
        &line.explanation,
        &["Planned for Sat 5 Dec, 30 days after the due date", "that is a Saturday, so it was moved to Mon 7 Dec (T3)"],
    );
    has(&line.explanation, &["deferred until Tue 8 Dec because of the e-mail of Fri 4 Dec (first of I2) (T16, quiet_days = 3)"]);
    has(&line.explanation, &["It would go out on Tue 8 Dec."]);
    assert_eq!((line.rule, line.until, line.since), ("T16", Some(the("2026-12-08")), Some(the("2026-12-04"))));
    assert_eq!(line.next.map(|n| n.date), Some(the("2026-12-08")));
}

#[test]
fn what_stops_a_step_is_named_with_all_its_reasons_and_its_end() {
    let mut office = with_a_nudge();
    office.holds("I1", Some("2026-12-09"));
    office.customer("C1").do_not_contact = true;
    let line = office.line("2026-12-07", "I1", "nudge", "stopped");
    assert_eq!((line.rule, line.reason.as_deref(), line.until), ("T15", Some("held"), Some(the("2026-12-10"))));
    has(&line.explanation, &["the invoice is held", "Besides, the ledger says that the customer is not to be contacted"]);
    assert_eq!(line.next, None, "the customer may not be written to");
    office.customer("C1").do_not_contact = false;
    let line = office.line("2026-12-07", "I1", "nudge", "stopped");
    assert_eq!(line.next.map(|n| n.date), Some(the("2026-12-10")));
}

#[test]
fn what_will_be_stopped_when_its_day_comes_is_said_before() {
    let mut office = Office::with(&notice("tell", "account_manager", 10));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.customer("C1").account_manager = None;
    let line = office.line("2026-03-03", "I1", "tell", "not yet");
    has(&line.explanation, &["it would be stopped then: the ledger names no colleague to tell"]);
}

#[test]
fn what_is_done_names_its_contact_and_what_follows_it_is_superseded_by_name() {
    let mut office = Office::with(&(email("first", 3) + &email("second", 10)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.contacts_on("2026-03-05");
    let line = office.line("2026-03-06", "I1", "first", "done");
    assert_eq!((line.rule, line.contact.as_deref(), line.state.as_deref()), ("T9", Some("contact-0"), Some("sent")));
    has(&line.explanation, &["The e-mail of Thu 5 Mar was sent (contact contact-0)", "It is not repeated (T9)"]);
    let mut office = Office::with(&(email("first", 3) + &email("second", 10)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    let line = office.line("2026-03-12", "I1", "first", "superseded");
    has(&line.explanation, &["A later e-mail, second, has come to its day: only the latest goes out (T14)"]);
    office.contacts_on("2026-03-12");
    office.poll_on("2026-03-13");
    let line = office.line("2026-03-13", "I1", "first", "superseded");
    has(&line.explanation, &["A later e-mail, second, went out on Thu 12 Mar"]);
    has(&line.explanation, &["The log has it as skipped on Thu 12 Mar"]);
}

#[test]
fn one_email_for_several_invoices_says_who_leads_it() {
    let mut office = Office::with(&(email("first", 3) + &email("second", 10)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-09");
    let line = office.line("2026-03-12", "I2", "first", "due");
    has(
        &line.explanation,
        &["It is due today (T17), as an e-mail to C1@x.test.", "the e-mail that second of I1 leads, for I1 and I2 (T22)"],
    );
    let part = line.part_of.unwrap();
    assert_eq!((part.lead.as_str(), part.step.as_str(), part.invoices.len()), ("I1", "second", 2));
    has(&office.line("2026-03-12", "I1", "second", "due").explanation, &["It leads it, and covers I1 and I2 (T22)"]);
}

#[test]
fn a_reminder_that_gives_way_says_to_what() {
    let mut office = Office::of(&plain("quiet_days = 3", &(email("soon", -2) + &email("late", 1))));
    office.given_an_invoice("I1", "C1", "2026-03-03");
    office.given_an_invoice("I2", "C1", "2026-03-06");
    let line = office.line("2026-03-04", "I2", "soon", "deferred");
    assert_eq!((line.rule, line.until), ("T23", Some(the("2026-03-08"))));
    has(&line.explanation, &["this one gives way until Sun 8 Mar (T23)"]);
}

#[test]
fn a_step_that_is_not_for_the_invoice_says_which_limit_leaves_it_out() {
    let above = "quiet_days = 0\n[sizes]\nlarge = \"1000\"\n[customer.\"C1\"]\nskip_steps = [\"left-out\"]";
    let limited = |id: &str, limit: &str| email(id, 3) + limit + "\n";
    let steps = limited("big", "sizes = [\"large\"]") + &limited("ranked", "ranks = [\"A\"]");
    let steps =
        steps + &limited("dollars", "currencies = [\"USD\"]") + &email("left-out", 3) + &email("of-others", "{ other = 3 }");
    let file = plain(above, &steps).replace(
        "[[segment]]\nname = \"all\"",
        "[[segment]]\nname = \"other\"\nmatch = { rank = [\"A\"] }\n[[segment]]\nname = \"all\"",
    );
    let mut office = Office::of(&file);
    office.given_an_invoice("I1", "C1", "2026-03-02");
    let why = |step: &str| {
        let line = office.line("2026-03-05", "I1", step, "does not apply");
        (line.rule, line.reason.unwrap(), line.explanation)
    };
    let is = |step: &str, rule: &str, reason: &str, says: &str| {
        let found = why(step);
        assert_eq!((found.0, found.1.as_str()), (rule, reason), "{step}");
        has(&found.2, &[says]);
    };
    is("big", "T7", "sizes", "The invoice is small; the step is only for large");
    is("ranked", "T7", "ranks", "The customer has no rank; the step is only for A");
    is("dollars", "T7", "currencies", "The invoice is in EUR; the step is only for USD");
    is("left-out", "T8", "skip_steps", "leaves this step out for the customer C1");
    is("of-others", "T2", "segment", "The segment all does not have this step; other has");
}

#[test]
fn an_event_says_whether_it_has_happened_and_what_became_of_it() {
    let mut office = Office::with(&(on("thanks", "paid") + &on("oh", "promise_broken")));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.poll_on("2026-03-03");
    has(&office.line("2026-03-03", "I1", "thanks", "not happened").explanation, &["It is not paid yet (T20)"]);
    office.is_paid("I1", 100, "2026-03-04");
    office.looks_around(the("2026-03-04"), true);
    let line = office.line("2026-03-04", "I1", "thanks", "due");
    assert_eq!((line.rule, line.event, line.occurrence), ("T20", Some("paid"), Some(0)));
    has(&line.explanation, &["It was paid on Wed 4 Mar.", "It is due today (T20), as an e-mail to C1@x.test"]);
    office.contacts_on("2026-03-04");
    has(
        &office.line("2026-03-05", "I1", "thanks", "done").explanation,
        &["The e-mail of Wed 4 Mar was sent", "once for an invoice and event"],
    );
    has(&office.line("2026-03-05", "I1", "oh", "not happened").explanation, &["The invoice is not open any more"]);
}

#[test]
fn a_paid_invoice_says_so_for_each_step_and_keeps_what_was_done() {
    let mut office = Office::with(&(email("first", 3) + &task("call", "call", 10)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.contacts_on("2026-03-05");
    office.is_paid("I1", 100, "2026-03-06");
    office.poll_on("2026-03-06");
    assert_eq!(office.line("2026-03-16", "I1", "first", "done").contact.as_deref(), Some("contact-0"));
    let line = office.line("2026-03-16", "I1", "call", "stopped");
    assert_eq!(line.reason.as_deref(), Some("paid"));
    has(&line.explanation, &["Nothing is planned: the invoice is paid, the last payment of Fri 6 Mar (T19)"]);
}

#[test]
fn outside_of_the_window_it_is_said_that_nothing_leaves() {
    let office = with_a_nudge();
    let lines = office.explained(the("2026-12-12"), false, "I1");
    let line = lines.iter().find(|l| l.step == "nudge").unwrap();
    assert_eq!((line.case, line.next.map(|n| n.date)), ("due", Some(the("2026-12-14"))));
    has(
        &line.explanation,
        &["E-mails leave only inside the send window of a business day (T5)", "It would go out on Mon 14 Dec"],
    );
}

#[test]
fn a_step_that_falls_again_after_its_due_date_has_moved_says_so() {
    let mut office = Office::with(&email("first", 3));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.contacts_on("2026-03-05");
    office.invoice("I1").due_date = the("2026-04-02");
    has(
        &office.line("2026-04-06", "I1", "first", "due").explanation,
        &["It was done on Thu 5 Mar for the due date Mon 2 Mar; the due date has moved to Thu 2 Apr, so it falls again (T18)"],
    );
}

#[test]
fn the_segment_is_explained_by_the_word_of_the_file_the_ledger_or_the_match() {
    let segments =
        "[[segment]]\nname = \"big\"\nmatch = { rank = [\"A\"], open_balance_from = \"50\" }\n[[segment]]\nname = \"all\"\n";
    let file = format!(
        "time_zone = \"UTC\"\ngo_live = \"2025-01-01\"\n[customer.\"C2\"]\nsegment = \"big\"\n{segments}{}",
        email("first", 3)
    );
    let mut office = Office::of(&file);
    for (invoice, customer) in [("I1", "C1"), ("I2", "C2"), ("I3", "C3"), ("I4", "C4")] {
        office.given_an_invoice(invoice, customer, "2026-03-02");
    }
    office.customer("C1").rank = Some("A".to_owned());
    office.customer("C3").segment = Some("big".to_owned());
    let why = |customer: &str| {
        office.on(the("2026-03-05"), |day| {
            let own: Vec<_> = office.ledger.invoices.values().filter(|i| i.customer_id == customer).collect();
            let (plan, records) = (make::Plan::default(), Records::default());
            let sums = stops::sums(&office.ledger);
            let customer = &office.ledger.customers[customer];
            let tense = Tense::Present;
            let q =
                Question { day, plan: &plan, records: &records, tense, in_window: true, customer, invoices: &own, sums: &sums };
            segment_why(&q, &q.account())
        })
    };
    has(&why("C1"), &["the rank is A (rank = [\"A\"]) and 100.00 EUR are open (open_balance_from = 50) (T6)"]);
    has(&why("C2"), &["The timetable file puts the customer into big (T8)"]);
    has(&why("C3"), &["The ledger says big (T6)"]);
    has(&why("C4"), &["all is for everybody else (T6)"]);
}
