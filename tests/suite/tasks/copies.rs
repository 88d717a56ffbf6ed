//! `tasks done --result invoice-not-received`: a copy goes to the customer, as the e-mail of an event does.

use super::*;

/// With the shipped templates, and a document of I-1.
fn with_a_document() -> Company {
    let mut company =
        a_company().with_all_templates().with_steps(CALLS).with_settings("\n[attachments]\ndirectory = \"invoices\"\n");
    std::fs::create_dir_all(company.path("config/invoices")).unwrap();
    std::fs::write(company.path("config/invoices/1.pdf"), b"%PDF-1.4\nthe invoice\n").unwrap();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_a_document("I-1", "1.pdf");
    company.import();
    company.poll_at(&day(4));
    company
}

#[test]
fn a_copy_goes_out_with_the_next_poll_each_time_that_it_is_asked_for() {
    let company = with_a_document();
    let call = task(&company, 4, "phone", "I-1");
    done(&company, 5, &call, &["--result", "invoice-not-received"])
        .exits(0)
        .says("a copy of invoice I-1 goes out with the next poll");
    let preview = company.run_at(&day(5), &["preview", "invoice-copy", "--invoice", "I-1", "--as", "eml"]).exits(0);
    assert!(preview.out.contains("filename=\"I-1.pdf\"") || preview.out.contains("filename=I-1.pdf"), "{}", preview.out);
    assert_eq!(polled(&company, 5), ["I-1 invoice-copy sent"], "quiet days do not hold an event's e-mail up");
    assert!(polled(&company, 6).is_empty());
    let explained = company.run_at(&day(6), &["explain", "I-1", "--step", "invoice-copy", "--format", "json"]).exits(0).json();
    assert_eq!(text(&explained[0]["steps"][0], "case"), "done");
    // Asked for again on a Saturday, it leaves on Monday.
    let added =
        company.run_at(&day(6), &["tasks", "add", "--invoice", "I-1", "--task", "call", "--note", "x", "--format", "json"]);
    let again = text(&added.exits(0).json()[0], "contact").to_owned();
    done(&company, 7, &again, &["--result", "invoice-not-received"]).exits(0);
    assert!(polled(&company, 7).is_empty());
    assert_eq!(polled(&company, 9), ["I-1 invoice-copy sent"]);
    let copies = company.log().into_iter().filter(|c| c["step"] == "invoice-copy");
    assert_eq!(copies.map(|c| c["occurrence"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 1]);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn what_stops_an_events_email_stops_a_copy() {
    let company = with_a_document();
    with_customers(&company, "C-1,One,,,,\n");
    let call = task(&company, 4, "phone", "I-1");
    done(&company, 5, &call, &["--result", "invoice-not-received"]).exits(0);
    assert!(polled(&company, 5).is_empty());
    company.run_at(&day(5), &["explain", "I-1", "--step", "invoice-copy"]).exits(0).says("the customer has no e-mail address");
    with_customers(&company, "C-1,One,a@c-1.example,,,\n");
    assert_eq!(polled(&company, 6), ["I-1 invoice-copy sent"], "the address has come while the grace lasts");
}

#[test]
fn a_copy_that_cannot_be_written_is_refused_at_once() {
    // This company has only few templates.
    let mut company = with_invoices(&[("I-1", "C-1")]);
    company.poll_at(&day(4));
    let call = task(&company, 4, "phone", "I-1");
    let before = company.state();
    let said = done(&company, 4, &call, &["--result", "invoice-not-received"]).exits(2);
    assert!(said.err.contains("names the template `invoice-copy`, and there is no folder"), "{said:#?}");
    company.run(&["check", "--offline"]).says("warning");
    assert_eq!(company.state(), before);
    // The file may name another one, and then it has to be there.
    let timetable = std::fs::read_to_string(company.path("config/timetable.toml")).unwrap();
    company = company.with_timetable(&format!("{timetable}[worklist]\ninvoice_copy = \"past-duee\"\n"));
    company.run(&["check", "--offline"]).exits(2).says("did you mean `past-due`?");
    company = company.with_timetable(&format!("{timetable}[worklist]\ninvoice_copy = \"past-due-30\"\n"));
    done(&company, 4, &call, &["--result", "invoice-not-received"]).exits(0);
    let polled = company.poll_at(&day(4)).contacts;
    assert_eq!((text(&polled[0], "step"), text(&polled[0], "action")), ("invoice-copy", "past-due-30"));
}

#[test]
fn nobody_is_sent_a_copy_of_what_is_paid() {
    let mut company = with_a_document();
    let call = task(&company, 4, "phone", "I-1");
    company.given_a_payment("P-1", "C-1", "I-1", "2026-03-05");
    company.import();
    company.poll_at(&day(5));
    let before = company.state();
    done(&company, 5, &call, &["--result", "invoice-not-received"]).exits(2).says("no open invoice");
    assert_eq!(company.state(), before);
}
