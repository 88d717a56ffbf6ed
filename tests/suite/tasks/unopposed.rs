//! E-mails that leave unless somebody who was told of them objects (T34).

use super::*;
use crate::support::company::{Polled, TIMETABLE};
use crate::support::post::Post;
use crate::support::relay::Script;
use crate::support::script::{At, say};
use crate::support::state;

const RULES: &str = "[approval]\nat = \"09:30\"\n";
const ADA: &str = "C-1,One,a@c-1.example,,ada@us.example,\n";

/// Ada's customer with an invoice, due on Sunday, 2026-03-01: the first e-mail is due on Wednesday, the 4th.
fn asking(post: &Post, approve: &str, rules: &str) -> Company {
    let asks = format!("email = \"past-due\"\napprove = {approve}\n");
    let timetable = TIMETABLE.replacen("email = \"past-due\"\n", &asks, 1) + rules;
    let mut company = a_company().with_all_templates().with_timetable(&timetable).with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    with_customers(&company, ADA);
    company
}

/// The file says something else about approval from now on.
fn now_says(company: Company, approve: &str, rules: &str) -> Company {
    let asks = format!("email = \"past-due\"\napprove = {approve}\n");
    company.with_timetable(&(TIMETABLE.replacen("email = \"past-due\"\n", &asks, 1) + rules))
}

fn at(day: u32, time: &str) -> String {
    format!("2026-03-{day:02}T{time}:00-05:00")
}

/// What became of the first e-mail, and of the letters, in a poll.
fn changed(polled: &Polled) -> Vec<String> {
    polled.contacts.iter().map(|c| format!("{} {}", text(c, "step"), text(c, "state"))).collect()
}

/// Polls in the morning and at the hour of the forewarning.
fn a_day(company: &Company, day: u32) -> Vec<String> {
    let before = changed(&company.poll_at(&at(day, "09:00")));
    before.into_iter().chain(changed(&company.poll_at(&at(day, "09:31")))).collect()
}

fn waiting(company: &Company, on: &str) -> Vec<Value> {
    company.run_at(on, &["approve", "--format", "json"]).exits(0).json()
}

/// `explain` says so of the first e-mail, in however many lines.
fn explains(company: &Company, on: &str, sentence: &str) {
    let said = company.run_at(on, &["explain", "I-1", "--step", "past-due"]).exits(0).out;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(sentence), "{sentence:?} is not in {said}");
}

#[test]
fn nobody_objects_and_it_leaves_from_the_hour_of_the_next_business_day_on() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", RULES);
    company.poll_at(&at(4, "09:00"));
    let untold = "It leaves unless somebody rejects it, 1 business day after the forewarning; nobody was told of it yet";
    explains(&company, &at(4, "09:00"), untold);
    company.run_at(&at(4, "09:00"), &["approve"]).exits(0).says("not told");
    let said = company.run_at(&at(4, "09:00"), &["digest", "--forewarning", "--to", "ada@us.example"]).exits(0).out;
    assert!(said.contains("Leaves on March 5, 2026 from 09:30 on, unless you reject it."), "{said}");
    assert_eq!(changed(&company.poll_at(&at(4, "09:31"))), ["forewarning sent"]);
    let told = &waiting(&company, &at(4, "10:00"))[0];
    assert_eq!((text(told, "leaves_on"), text(told, "leaves_from")), ("2026-03-05", "09:30"));
    assert_eq!((text(told, "forewarned_on"), text(told, "forewarned")), ("2026-03-04", "ada@us.example"));
    assert_eq!((text(told, "rule"), text(told, "reason")), ("T34", "approval"));
    company.run_at(&at(4, "10:00"), &["plan"]).exits(0).says("approval, leaves on 2026-03-05 (T34)");
    company.run_at(&at(4, "10:00"), &["log"]).exits(0).says("approval, leaves on 2026-03-05 (T34)");
    let until = "It leaves on Thu 5 Mar from 09:30 on unless somebody rejects it: ada@us.example was told on Wed 4 Mar";
    explains(&company, &at(4, "10:00"), until);
    // The rest of the day, and the next morning before the hour: it waits on.
    for (day, time) in [(4, "17:00"), (5, "09:00"), (5, "09:29")] {
        assert!(changed(&company.poll_at(&at(day, time))).is_empty(), "{day} {time}");
    }
    assert_eq!(changed(&company.poll_at(&at(5, "09:30"))), ["past-due sent"], "and nobody is told of it again");
    let log = company.log();
    let sent = log.iter().find(|c| c["step"] == "past-due").unwrap();
    let nobody = "nobody objected; forewarned on 2026-03-04 to ada@us.example";
    assert_eq!((text(sent, "approved_by"), text(sent, "rule")), (nobody, "T17"));
    company.run(&["log"]).exits(0).says(&format!("approved (T34): {nobody}"));
    let event = format!("SELECT count(*) AS n FROM contact_event WHERE from_state = 'planned' AND reason = '{nobody}'");
    assert_eq!(state::numbers(&company.database(), &event), [1]);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn who_objects_in_time_keeps_it_back_for_good() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", RULES);
    a_day(&company, 4);
    let id = text(&waiting(&company, &at(5, "09:00"))[0], "contact").to_owned();
    company.run_at(&at(5, "09:10"), &["reject", &id, "--reason", "they pay today"]).exits(0);
    assert!(a_day(&company, 5).is_empty());
    assert!(a_day(&company, 6).is_empty());
}

#[test]
fn what_nobody_was_told_of_never_leaves_by_silence() {
    // The relay takes nothing to colleagues on the first day.
    let deaf = Post::open(Script::default().on(At::Rcpt, say("451 4.3.0 later")));
    let company = asking(&deaf, "\"veto\"", RULES);
    assert_eq!(a_day(&company, 4), ["past-due planned", "forewarning retrying"]);
    let kind = Post::kind();
    let company = company.with_relay(kind.port);
    assert_eq!(a_day(&company, 5), ["forewarning cancelled", "forewarning sent"]);
    assert_eq!(a_day(&company, 6), ["past-due sent"], "told on the 5th, it leaves on the 6th");
    // Without anybody to tell it waits until the step after it takes its place, as everything that nobody answers.
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", RULES);
    with_customers(&company, "C-1,One,a@c-1.example,,,\n");
    for day in [4, 5, 6, 9, 13] {
        let expected: &[&str] = match day {
            4 => &["past-due planned"],
            13 => &["past-due cancelled", "past-due skipped"],
            _ => &[],
        };
        let all = a_day(&company, day);
        assert_eq!(all.iter().filter(|c| c.starts_with("past-due ")).collect::<Vec<_>>(), expected, "{day}");
    }
    assert!(post.accepted().iter().all(|a| !a.text().contains("approve")), "nobody was told");
}

#[test]
fn what_joins_starts_anew() {
    let post = Post::kind();
    let mut company = asking(&post, "\"veto\"", RULES);
    a_day(&company, 4);
    company.given_an_invoice("J-1", "C-1", "2026-03-02");
    company.import();
    with_customers(&company, ADA);
    let all = a_day(&company, 5);
    assert_eq!(all, ["past-due cancelled", "past-due planned", "forewarning sent"], "both are shown");
    assert_eq!(text(&waiting(&company, &at(5, "10:00"))[0], "leaves_on"), "2026-03-06");
    assert_eq!(a_day(&company, 6), ["past-due sent"]);
    assert_eq!(post.accepted().iter().filter(|a| a.to[0].contains("c-1.example")).count(), 1, "one e-mail about both");
}

#[test]
fn what_was_held_meanwhile_is_told_anew() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", RULES);
    a_day(&company, 4);
    company.run_at(&at(4, "10:00"), &["hold", "--invoice", "I-1", "--reason", "credit note"]).exits(0);
    assert_eq!(changed(&company.poll_at(&at(4, "10:15"))), ["past-due cancelled"]);
    company.run_at(&at(5, "08:30"), &["release", "--invoice", "I-1"]).exits(0);
    assert_eq!(a_day(&company, 5), ["past-due planned", "forewarning sent"]);
    assert_eq!(a_day(&company, 6), ["past-due sent"]);
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn business_days_count_and_as_many_as_the_file_says() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", &format!("{RULES}veto_days = 3\n"));
    a_day(&company, 4);
    // Thursday, Friday, and over the weekend Monday.
    assert_eq!(text(&waiting(&company, &at(4, "10:00"))[0], "leaves_on"), "2026-03-09");
    for day in [5, 6] {
        assert_eq!(a_day(&company, day), ["forewarning sent"], "who has to decide is told each day");
    }
    assert_eq!(a_day(&company, 9), ["past-due sent"]);
}

#[test]
fn a_file_that_asks_for_a_word_by_now_is_obeyed_and_one_that_did_before_has_told_nobody() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", RULES);
    a_day(&company, 4);
    let company = now_says(company, "true", RULES);
    assert_eq!(a_day(&company, 5), ["forewarning sent"], "it waits for a word now");
    assert!(waiting(&company, &at(5, "10:00"))[0].get("leaves_on").is_none());
    let company = asking(&post, "true", RULES);
    a_day(&company, 4);
    let company = now_says(company, "\"veto\"", RULES);
    assert_eq!(a_day(&company, 5), ["forewarning sent"], "what was said was that it waits for a word");
    assert_eq!(a_day(&company, 6), ["past-due sent"]);
}

#[test]
fn without_an_hour_of_its_own_the_digest_is_the_forewarning() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", "").with_settings("\n[digest]\nat = \"07:30\"\nmanager = \"boss@us.example\"\n");
    // Shown by the digest of the next morning, since that of this one was sent before.
    company.poll_at(&at(4, "07:31"));
    assert_eq!(changed(&company.poll_at(&at(4, "09:00"))), ["past-due planned"]);
    company.poll_at(&at(5, "07:31"));
    assert!(changed(&company.poll_at(&at(5, "09:00"))).is_empty());
    assert_eq!(text(&waiting(&company, &at(5, "10:00"))[0], "leaves_on"), "2026-03-06");
    assert!(changed(&company.poll_at(&at(6, "07:31"))).iter().all(|c| !c.starts_with("past-due")), "the window is closed");
    assert_eq!(changed(&company.poll_at(&at(6, "09:00"))), ["past-due sent"]);
}

#[test]
fn an_address_of_a_colleague_that_is_no_good_was_told_nothing() {
    let post = Post::open(Script::default().on(At::Rcpt, say("550 5.1.1 no such user")));
    let company = asking(&post, "\"veto\"", RULES);
    assert_eq!(a_day(&company, 4), ["past-due planned", "forewarning failed"]);
    let kind = Post::kind();
    let company = company.with_relay(kind.port);
    let polled = company.poll_at(&at(5, "09:31"));
    assert!(changed(&polled).is_empty());
    assert!(polled.poll["problems"].to_string().contains("the forewarning does not go to ada@us.example"), "{polled:#?}");
    assert!(a_day(&company, 6).is_empty());
}

#[test]
fn check_refuses_a_veto_of_which_nobody_is_told() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", "");
    company.run(&["check", "--offline"]).exits(2).says("nobody is told of e-mails that leave unless somebody objects");
    let company = now_says(company, "\"veto\"", RULES);
    company.run(&["check", "--offline"]).exits(0).says("nobody is told of the e-mails to customers without collector");
    let company = now_says(company, "\"veto\"", &format!("{RULES}to = \"ops@us.example\"\n"));
    let said = company.run(&["check", "--offline"]);
    assert!(!said.err.contains("nobody is told"), "{said:#?}");
    company.run(&["check", "--offline", "--rules"]).exits(0).says("It leaves unless somebody who was told of it objects (T34).");
}

#[test]
fn check_warns_of_approvals_of_which_nobody_is_told() {
    let post = Post::kind();
    let company = asking(&post, "true", "");
    company.run(&["check", "--offline"]).exits(0).says("nobody is told of e-mails that wait for a word");
    for (approve, rules) in [("true", RULES), ("false", "")] {
        let company = asking(&post, approve, rules);
        let said = company.run(&["check", "--offline"]).exits(0);
        assert!(!said.err.contains("nobody is told"), "{said:#?}");
    }
    let company = asking(&post, "false", "[priority]\npersonal = \"pareto\"\n");
    company.run(&["check", "--offline"]).exits(0).says("nobody is told of e-mails that wait for a word");
}

#[test]
fn who_was_told_is_in_the_log_for_good_and_a_change_is_found() {
    let post = Post::kind();
    let company = asking(&post, "\"veto\"", RULES);
    a_day(&company, 4);
    company.run(&["log", "--verify"]).exits(0);
    state::edit(&company.database(), &["UPDATE forewarned SET leaves_on = '2026-03-01'"]);
    company.run(&["log", "--verify"]).exits(1).says("what is kept of who was forewarned is not what its first event says");
}
