//! `tasks done`: what came of it acts.

use super::*;

#[test]
fn a_promise_by_telephone_stops_the_timetable() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    let said = done(&company, 4, &id, &["--result", "promise", "--promise", "2026-03-20", "--note", "Ms Weber"]).exits(0);
    assert!(said.out.contains("invoice I-1: payment is promised by 2026-03-20"), "{said:#?}");
    assert_eq!(polled(&company, 10), ["I-1 again open"], "a promise stops e-mails and no calls");
    let all = tasks(&company, 10, &["list", "--all"]);
    let one = all.iter().find(|t| t["contact"] == id.as_str()).unwrap();
    assert_eq!((text(one, "state"), text(one, "result"), text(one, "note")), ("done", "promise", "Ms Weber"));
    company.run_at(&day(10), &["explain", "I-1", "--step", "second"]).exits(0).says("second: stopped, promised (T15)");
}

#[test]
fn one_call_is_about_several_invoices_and_a_sum_is_the_customers() {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-1")]);
    company.poll_at(&day(4));
    let (one, two) = (task(&company, 4, "phone", "I-1"), task(&company, 4, "phone", "I-2"));
    let said = company.run_at(&day(4), &["tasks", "done", &one, &two, "--promise", "2026-03-20", "--amount", "150"]).exits(0);
    assert!(said.out.contains("customer C-1: payment is promised by 2026-03-20"), "{said:#?}");
    assert!(tasks(&company, 4, &[]).is_empty());
    assert!(polled(&company, 10).iter().all(|c| c.ends_with("open")));
}

#[test]
fn a_call_that_reached_nobody_is_tried_again_after_some_business_days_about_the_same_invoices() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(5));
    let id = task(&company, 5, "phone", "I-1");
    let both = done(&company, 5, &id, &["--result", "voicemail", "--format", "json"]).exits(0).json();
    assert_eq!((text(&both[0], "state"), text(&both[0], "result")), ("done", "voicemail"));
    let next = &both[1];
    for (key, value) in
        [("state", "open"), ("due_on", "2026-03-09"), ("action", "call"), ("reason", "voicemail"), ("origin", &id)]
    {
        assert_eq!(next[key], value, "{next:#}");
    }
    assert_eq!(text(&next["invoices"][0], "id"), "I-1");
    assert!(polled(&company, 6).iter().all(|c| !c.contains("call")), "no poll makes it again");
    // The third try is about the invoices of the first one.
    let second = text(next, "contact").to_owned();
    let third = done(&company, 9, &second, &["--result", "unreachable", "--format", "json"]).exits(0).json().remove(1);
    assert_eq!((text(&third, "due_on"), text(&third, "origin")), ("2026-03-11", id.as_str()));
    assert_eq!(text(&third["invoices"][0], "id"), "I-1");
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn the_file_says_after_how_many_days_a_call_is_tried_again() {
    let mut company = a_company().with_steps(&format!("{CALLS}[worklist]\nretry_days = 5\n"));
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    done(&company, 4, &id, &["--result", "unreachable"]).exits(0).says("next try on 2026-03-11");
}

#[test]
fn a_dispute_by_telephone_stops_the_emails_of_every_invoice_of_the_task() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    done(&company, 4, &id, &["--result", "dispute", "--note", "goods damaged"]).exits(0).says("invoice I-1 is disputed");
    assert_eq!(polled(&company, 10), ["I-1 again open"]);
    company.run_at(&day(10), &["tasks", "add", "--customer", "C-1", "--task", "call", "--note", "x"]).exits(0);
    let all = tasks(&company, 10, &[]);
    let of_nobody = text(all.iter().find(|t| t["lead"] == "").unwrap(), "contact").to_owned();
    let before = company.state();
    done(&company, 10, &of_nobody, &["--result", "dispute"]).exits(2).says("a dispute is about an invoice");
    assert_eq!(company.state(), before);
}

#[test]
fn a_result_that_contradicts_itself_changes_nothing() {
    let company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let id = task(&company, 4, "phone", "I-1");
    let before = company.state();
    let wrong: [(&[&str], &str); 6] = [
        (&["--result", "promise"], "--promise DATE"),
        (&["--result", "voicemail", "--promise", "2026-03-20"], "whoever promises was spoken to"),
        (&["--result", "promised"], "did you mean promise"),
        (&["--promise", "2026-03-03"], "that day is over"),
        (&["--note", "x", "--amount", "5"], "--promise"),
        (&[], "--result"),
    ];
    for (args, says) in wrong {
        done(&company, 4, &id, args).exits(2).says(says);
    }
    company.run_at(&day(4), &["tasks", "done", &id, "01J", "--result", "reached"]).exits(2).says("there is no task 01J");
    assert_eq!(company.state(), before, "of several tasks all are done, or none");
    done(&company, 4, &id, &["--note", "pays on Friday"]).exits(0).says("is done");
}
