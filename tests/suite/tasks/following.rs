//! A call that follows an e-mail which stayed without answer (T33).

use super::*;

/// The e-mail of the third day, and a call after four full days of silence.
const FOLLOWS: &str = "[[step]]\nid = \"silent\"\ntask = \"call\"\nafter = \"past-due\"\nsilent_days = 4\n\
                       [[step]]\nid = \"last-word\"\nemail = \"past-due-30\"\nafter = \"past-due\"\nsilent_days = 11\n";

/// Invoices of as many customers, due on 2026-03-01, of whom all were written to on the 4th.
fn written_to(customers: &[&str]) -> Company {
    let mut company = a_company().with_steps(FOLLOWS);
    for customer in customers {
        company.given_an_overdue_invoice(&customer.replace('C', "I"), customer);
    }
    company.import();
    assert_eq!(polled(&company, 4).len(), customers.len());
    company
}

#[test]
fn who_keeps_silent_is_called_and_who_was_heard_from_is_not() {
    let mut company = written_to(&["C-1", "C-2", "C-3", "C-4", "C-5", "C-6"]);
    company.given_an_invoice("J-1", "C-2", "2026-06-01");
    company.given_a_payment("P-1", "C-2", "J-1", "2026-03-05");
    company.import();
    company.run_at(&day(5), &["promise", "--invoice", "I-3", "--by", "2026-03-06"]).exits(0);
    company.run_at(&day(5), &["note", "--invoice", "I-4", "--reply", "the goods came late"]).exits(0).says("the reply is noted");
    company.run_at(&day(5), &["note", "--customer", "C-1", "only a note"]).exits(0);
    company.run_at(&day(5), &["dispute", "--invoice", "I-5", "--reason", "price"]).exits(0);
    let add = |customer: &str| {
        let args = ["tasks", "add", "--customer", customer, "--task", "call", "--note", "x", "--format", "json"];
        text(&company.run_at(&day(5), &args).exits(0).json()[0], "contact").to_owned()
    };
    let (spoken, tried) = (add("C-6"), add("C-1"));
    done(&company, 5, &spoken, &["--result", "reached"]).exits(0);
    done(&company, 5, &tried, &["--result", "voicemail"]).exits(0);
    assert!(polled(&company, 6).is_empty() && polled(&company, 8).is_empty());
    assert_eq!(polled(&company, 9), ["I-1 silent open"]);
    let explained = |invoice: &str| {
        let said = company.run_at(&day(9), &["explain", invoice, "--step", "silent", "--format", "json"]).exits(0);
        let line = said.json()[0]["steps"][0].clone();
        (text(&line, "case").to_owned(), text(&line, "rule").to_owned(), text(&line, "explanation").to_owned())
    };
    let by =
        ["a payment of the customer", "a promise", "a reply that was noted", "a dispute", "a call that reached the customer"];
    for (invoice, by) in ["I-2", "I-3", "I-4", "I-5", "I-6"].into_iter().zip(by) {
        let (case, rule, said) = explained(invoice);
        assert_eq!((case.as_str(), rule.as_str()), ("answered", "T33"), "{invoice}: {said}");
        assert!(said.contains(&format!("past-due, sent on Wed 4 Mar, was answered on Thu 5 Mar by {by}")), "{invoice}: {said}");
    }
    // What was known on the day before: nobody had answered, and it would have come on the 9th.
    let then = company.run_at(&day(9), &["explain", "I-4", "--step", "silent", "--on", "2026-03-05"]).exits(0);
    assert!(
        then.out.contains("past-due was sent on Wed 4 Mar; this follows if nothing comes back for 4 full days"),
        "{}",
        then.out
    );
    company.run_at(&day(9), &["plan", "--format", "json"]).exits(0).says("\"answered\"");
    assert!(!polled(&company, 10).iter().any(|c| c.contains("silent")), "once");
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_sleeping_customer_is_looked_at_on_the_day_on_which_the_silence_is_over() {
    let company = written_to(&["C-1"]);
    company.poll_at(&day(5));
    if !company.is_shared() {
        let asleep = "SELECT count(*) AS n FROM customer_agenda WHERE look_on = '2026-03-09'";
        assert_eq!(crate::support::state::numbers(&company.database(), asleep), [1]);
    }
    assert_eq!(polled(&company, 9), ["I-1 silent open"]);
    assert_eq!(polled(&company, 16), ["I-1 last-word sent", "I-1 second skipped"]);
}

#[test]
fn an_answer_between_the_plan_and_the_delivery_keeps_the_email_back() {
    // T26: it is planned with the relay away, and waits to be tried again.
    let company = written_to(&["C-1"]);
    company.poll_at(&day(9));
    let away = company.with_relay(1);
    let planned = away.poll_at(&day(16)).contacts;
    assert_eq!((text(&planned[0], "step"), text(&planned[0], "state")), ("last-word", "retrying"), "{planned:#?}");
    away.run_at(&day(16), &["note", "--customer", "C-1", "--reply", "pays tomorrow"]).exits(0);
    away.poll_at("2026-03-16T10:00:00-05:00");
    let log = away.log();
    let last = log.iter().rev().find(|c| c["step"] == "last-word").unwrap();
    assert_eq!((text(last, "state"), text(last, "reason"), text(last, "rule")), ("cancelled", "answered", "T33"), "{last:#?}");
}

#[test]
fn what_check_says_of_a_follow_up_that_cannot_be_meant() {
    let wrong = |steps: &str, said: &str| {
        a_company().with_steps(steps).run(&["check", "--offline"]).exits(2).says(said);
    };
    wrong("[[step]]\nid = \"a\"\ntask = \"call\"\nafter = \"past-deu\"\n", "did you mean `past-due`?");
    wrong("[[step]]\nid = \"a\"\nemail = \"past-due\"\nafter = \"a\"\n", "`a` follows itself");
    wrong("[[step]]\nid = \"a\"\ntask = \"call\"\ndays = 3\nsilent_days = 3\n", "`silent_days` without `after`");
}
