//! E-mails that leave only after a person has said so (T34).

use super::*;
use crate::support::company::TIMETABLE;

/// Customers with an invoice each, due on 2026-03-01, whose first e-mail asks for approval.
fn asking(customers: &[&str]) -> Company {
    let mut company =
        a_company().with_timetable(&TIMETABLE.replacen("email = \"past-due\"\n", "email = \"past-due\"\napprove = true\n", 1));
    for customer in customers {
        company.given_an_overdue_invoice(&customer.replace('C', "I"), customer);
    }
    company.import();
    company
}

/// The ids of those that wait, by customer.
fn waiting(company: &Company, on: u32, args: &[&str]) -> Vec<(String, String, String)> {
    let all = company.run_at(&day(on), &[&["approve", "--format", "json"], args].concat()).exits(0).json();
    let one = |c: &Value| (text(c, "customer").to_owned(), text(c, "contact").to_owned(), text(c, "asked_on").to_owned());
    all.iter().map(one).collect()
}

#[test]
fn nothing_leaves_before_somebody_has_approved_it_and_what_is_rejected_never_does() {
    let company = asking(&["C-1", "C-2", "C-3"]);
    assert_eq!(polled(&company, 4), ["I-1 past-due planned", "I-2 past-due planned", "I-3 past-due planned"]);
    let asked = waiting(&company, 4, &[]);
    let (one, two) = (asked[0].1.clone(), asked[1].1.clone());
    company
        .run_at(&day(4), &["explain", "I-1", "--step", "past-due"])
        .exits(0)
        .says("It waits for the approval since Wed 4 Mar (T34)");
    company.run_at(&day(4), &["status"]).exits(0).says("waiting for approval: 3, the first since 2026-03-04");
    // The next day plans the same: who waits, waits on, since the same day.
    polled(&company, 5);
    assert_eq!(waiting(&company, 5, &[]), asked);
    company.run_at(&day(5), &["approve", &one]).exits(0).says("1 approved");
    company.run_at(&day(5), &["approve", &one]).exits(2).says("waits for no approval: it is queued");
    company.run_at(&day(5), &["approve", "01NONE"]).exits(2).says("there is no contact 01NONE");
    company.run_at(&day(5), &["reject", &two, "--reason", " "]).exits(2).says("the reason is empty");
    company.run_at(&day(5), &["reject", &two, "--reason", "the goods came late"]).exits(0).says("1 rejected");
    let log = company.log();
    let rejected = log.iter().find(|c| c["contact"] == two.as_str()).unwrap();
    assert_eq!((text(rejected, "state"), text(rejected, "rule")), ("cancelled", "T34"));
    assert_eq!(text(rejected, "reason"), "tester: rejected: the goods came late");
    assert_eq!(polled(&company, 6), ["I-1 past-due sent"]);
    for on in [9, 20] {
        assert!(!polled(&company, on).iter().any(|c| c.contains("I-2 past-due ")), "on the {on}th");
    }
    let said = "by tester: \"the goods came late\" (T34)";
    company.run_at(&day(6), &["explain", "I-2", "--step", "past-due"]).exits(0).says(said);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn who_is_held_meanwhile_is_asked_about_anew_when_it_goes_on() {
    let company = asking(&["C-1"]);
    polled(&company, 4);
    let first = waiting(&company, 4, &[]);
    company.run_at(&day(5), &["hold", "--invoice", "I-1", "--reason", "credit note"]).exits(0);
    polled(&company, 5);
    let log = company.log();
    assert_eq!((text(&log[0], "state"), text(&log[0], "reason")), ("cancelled", "held"), "{log:#?}");
    company.run_at(&day(6), &["release", "--invoice", "I-1"]).exits(0);
    polled(&company, 6);
    let again = waiting(&company, 6, &[]);
    assert_eq!((again.len(), again[0].2.as_str()), (1, "2026-03-06"));
    assert_ne!(again[0].1, first[0].1);
    // Nobody says anything: its grace ends, as everything's does (T13).
    polled(&company, 17);
    assert!(waiting(&company, 17, &[]).is_empty());
    let states: Vec<String> = company.log().iter().map(|c| format!("{} {}", c["state"], c["reason"])).collect();
    assert!(states.contains(&"\"skipped\" \"expired\"".to_owned()), "{states:?}");
}

#[test]
fn an_approval_is_of_the_invoices_that_were_shown() {
    let mut company = asking(&["C-1"]);
    polled(&company, 4);
    let id = waiting(&company, 4, &[])[0].1.clone();
    company.run_at(&day(4), &["approve", &id]).exits(0);
    // Before it has left another invoice joins: nobody has seen that.
    company.given_an_invoice("J-1", "C-1", "2026-03-02");
    company.import();
    polled(&company, 5);
    let both = waiting(&company, 5, &[]);
    assert_eq!(both.len(), 1);
    assert_ne!(both[0].1, id);
    // Without it, the first is approved as it was.
    company.given_a_payment("P-1", "C-1", "J-1", "2026-03-06");
    company.import();
    assert!(polled(&company, 6).contains(&"I-1 past-due sent".to_owned()));
    assert!(waiting(&company, 6, &[]).is_empty());
}

#[test]
fn a_collector_approves_what_is_of_the_own_customers() {
    let company = asking(&["C-1", "C-2"]);
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\nC-2,Two,a@c-2.example,,bob@us.example,\n");
    polled(&company, 4);
    assert_eq!(waiting(&company, 4, &["--collector", "ada@us.example"]).len(), 1);
    company.run_at(&day(4), &["approve", "--all", "--collector", "bob@us.example"]).exits(0).says("1 approved");
    assert_eq!(waiting(&company, 4, &[])[0].0, "C-1");
    assert_eq!(polled(&company, 5), ["I-2 past-due sent"], "who waits on is no news");
    company.run_at(&day(5), &["approve", "--all"]).exits(0).says("1 approved");
    company.run_at(&day(5), &["approve", "--all"]).exits(0).says("nothing waits for approval");
}

#[test]
fn the_digest_shows_the_collector_what_would_be_sent_and_the_manager_what_is_nobodys() {
    let company = asking(&["C-1", "C-2"]);
    let company = company.with_all_templates().with_settings("\n[digest]\nat = \"07:30\"\nmanager = \"boss@us.example\"\n");
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\nC-2,Two,a@c-2.example,,,\n");
    polled(&company, 4);
    let read = |to: &str| company.run_at(&day(4), &["digest", "--to", to]).exits(0).out;
    let ada = read("ada@us.example");
    for part in ["Waiting for your approval", "One (C-1)", "I-1: ", "a@c-1.example", "     | ", "dunningd approve 01"] {
        assert!(ada.contains(part), "{part:?} is not in {ada}");
    }
    assert!(!ada.contains("Two (C-2)"), "{ada}");
    let boss = read("boss@us.example");
    assert!(boss.contains("Two (C-2)") && !boss.contains("One (C-1)"), "{boss}");
    let html = company.run_at(&day(4), &["digest", "--to", "ada@us.example", "--as", "html"]).exits(0).out;
    assert!(html.contains("Waiting for your approval") && html.contains("dunningd reject 01"), "{html}");
    let id = waiting(&company, 4, &[])[0].1.clone();
    company.run_at(&day(4), &["approve", &id]).exits(0);
    assert!(!read("ada@us.example").contains("Waiting for your approval"));
}

#[test]
fn the_papers_for_a_call_say_that_the_next_email_waits_and_what_waits_shows_its_rule() {
    let company = asking(&["C-1"]);
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\n");
    company
        .run_at(&day(3), &["tasks", "add", "--customer", "C-1", "--task", "call", "--note", "x", "--due", "2026-03-05"])
        .exits(0);
    let id = text(&tasks(&company, 3, &["list"])[0], "contact").to_owned();
    let show = |on: u32| company.run_at(&day(on), &["tasks", "show", &id]).exits(0);
    show(3).says("it waits for the approval of ada@us.example first (T34)");
    polled(&company, 4);
    company.run_at(&day(4), &["log"]).exits(0).says("approval (T34)");
    let waits = waiting(&company, 4, &[])[0].1.clone();
    company.run_at(&day(4), &["approve", &waits]).exits(0);
    let said = show(4).out;
    assert!(!said.contains("it waits for the approval"), "{said}");
}
