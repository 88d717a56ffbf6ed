//! The e-mail at an hour of its own that tells what waits for approval (T34).

use super::*;
use crate::support::company::{Polled, TIMETABLE};
use crate::support::post::Post;
use crate::support::relay::Script;
use crate::support::script::{At, say};

const RULES: &str = "[approval]\nat = \"09:30\"\n";
const DIGEST: &str = "\n[digest]\nat = \"07:30\"\nmanager = \"boss@us.example\"\n";

/// Ada's customer and one of nobody, with an invoice each, due on 2026-03-01; their first e-mails ask for approval.
fn asking(post: &Post, approval: &str, settings: &str) -> Company {
    let timetable = TIMETABLE.replacen("email = \"past-due\"\n", "email = \"past-due\"\napprove = true\n", 1) + approval;
    let mut company = a_company().with_all_templates().with_timetable(&timetable).with_relay(post.port).with_settings(settings);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_overdue_invoice("I-2", "C-2");
    company.import();
    with_customers(&company, "C-1,One,a@c-1.example,,ada@us.example,\nC-2,Two,a@c-2.example,,,\n");
    company
}

/// At half past nine and a minute, or at another time, of a day of March 2026.
fn at(day: u32, time: &str) -> String {
    format!("2026-03-{day:02}T{time}:00-05:00")
}

/// To whom the letters to colleagues of a poll went, and in which state they are.
fn letters(polled: &Polled) -> Vec<String> {
    let of = |c: &&Value| c["step"] == "forewarning" || c["step"] == "digest";
    let one = |c: &Value| format!("{} {} {}", text(c, "step"), c["to"][0].as_str().unwrap(), text(c, "state"));
    polled.contacts.iter().filter(of).map(one).collect()
}

#[test]
fn whoever_decides_gets_one_a_day_at_its_hour_and_only_if_something_waits() {
    let post = Post::kind();
    let company = asking(&post, RULES, DIGEST);
    assert_eq!(letters(&company.poll_at(&at(4, "09:00"))), ["digest boss@us.example sent"]);
    let polled = company.poll_at(&at(4, "09:31"));
    assert_eq!(letters(&polled), ["forewarning ada@us.example sent", "forewarning boss@us.example sent"], "{polled:#?}");
    for again in ["09:32", "12:00"] {
        assert!(letters(&company.poll_at(&at(4, again))).is_empty());
    }
    let mail = post.accepted().into_iter().find(|a| a.to[0].contains("ada@us.example")).unwrap();
    assert_eq!(mail.header("Subject"), "Mar 4, 2026: 1 e-mail waits for your approval");
    let said = mail.text();
    for part in ["One (C-1)", "I-1: ", "a@c-1.example", "     | ", "dunningd approve 01", "dunningd reject 01", "text/html"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(!said.contains("Two (C-2)"), "{said}");
    // The digest of the next morning has the number only.
    let polled = company.poll_at(&at(5, "07:31"));
    assert!(letters(&polled).contains(&"digest boss@us.example sent".to_owned()), "{polled:#?}");
    let digest = post.accepted().into_iter().rev().find(|a| a.to[0].contains("boss@us.example")).unwrap().text();
    assert!(digest.contains("1 e-mail waits for your approval, more in the e-mail of 09:30."), "{digest}");
    assert!(!digest.contains("dunningd approve"), "{digest}");
    // Nothing waits any more.
    company.run_at(&at(5, "08:00"), &["approve", "--all"]).exits(0);
    assert!(letters(&company.poll_at(&at(5, "09:31"))).is_empty());
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn without_a_digest_those_are_told_whom_the_file_names() {
    let post = Post::kind();
    let company = asking(&post, &format!("{RULES}to = [\"ops@us.example\"]\n"), "");
    company.poll_at(&at(4, "09:00"));
    let told = letters(&company.poll_at(&at(4, "09:31")));
    assert_eq!(told, ["forewarning ada@us.example sent", "forewarning ops@us.example sent"]);
    let shown = company.run_at(&at(4, "09:40"), &["digest", "--forewarning"]).exits(0).out;
    assert!(shown.contains("ada@us.example") && shown.contains("ops@us.example"), "{shown}");
    let ops = ["digest", "--forewarning", "--to", "ops@us.example"];
    let shown = company.run_at(&at(4, "09:40"), &ops).exits(0).out;
    assert!(shown.contains("Two (C-2)") && !shown.contains("One (C-1)"), "{shown}");
    let html = company.run_at(&at(4, "09:40"), &[&ops[..], &["--as", "html"]].concat()).exits(0).out;
    assert!(html.contains("<!DOCTYPE html>") && html.contains("Two"), "{html}");
    company
        .run_at(&at(4, "09:40"), &["digest", "--forewarning", "--to", "bob@us.example"])
        .exits(0)
        .says("nothing waits for the approval of bob@us.example");
}

#[test]
fn without_an_hour_it_is_a_part_of_the_digest_and_managers_decide_where_collectors_get_none() {
    let post = Post::kind();
    let company = asking(&post, "", &format!("{DIGEST}collectors = false\n"));
    assert_eq!(letters(&company.poll_at(&at(4, "09:00"))), ["digest boss@us.example sent"]);
    company.poll_at(&at(5, "07:31"));
    let digest = post.accepted().into_iter().rev().find(|a| a.to[0].contains("boss@us.example")).unwrap().text();
    assert!(digest.contains("One (C-1)") && digest.contains("Two (C-2)"), "{digest}");
}

#[test]
fn one_that_could_not_leave_is_tried_again_with_the_same_bytes_and_is_stale_the_day_after() {
    let deaf = Post::open(Script::default().on(At::Rcpt, say("451 4.3.0 later")));
    let company = asking(&deaf, RULES, "");
    company.poll_at(&at(4, "09:00"));
    let first = company.poll_at(&at(4, "09:31"));
    assert_eq!(letters(&first), ["forewarning ada@us.example retrying"], "nobody is told of the customer without collector");
    let id = |p: &Polled| text(p.contacts.iter().find(|c| c["step"] == "forewarning").unwrap(), "message_id").to_owned();
    let kind = Post::kind();
    let company = company.with_relay(kind.port);
    let again = company.poll_at(&at(4, "12:00"));
    assert_eq!((letters(&again), id(&again)), (vec!["forewarning ada@us.example sent".to_owned()], id(&first)));
    let company = company.with_relay(deaf.port);
    company.poll_at(&at(5, "09:31"));
    let company = company.with_relay(kind.port);
    let next = letters(&company.poll_at(&at(6, "09:31")));
    assert_eq!(next, ["forewarning ada@us.example cancelled", "forewarning ada@us.example sent"]);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn check_and_run_want_the_templates_of_the_forewarning() {
    let company = a_company().with_timetable(&format!("{TIMETABLE}{RULES}"));
    for command in [&["check", "--offline"][..], &["run", "--once"]] {
        company.run(command).exits(2).says("[approval] at needs templates");
    }
}
