//! What holds the delivery up is in `status`: a pause, a slower pace, a database that went back in time.

use super::*;
use crate::support::post::Post;
use crate::support::relay::{At, Script, say};

const SOON: &str = "2026-03-04T09:01:00-05:00";

fn status(company: &Company) -> serde_json::Value {
    company.run_at(SOON, &["status", "--format", "json"]).json().remove(0)
}

#[test]
fn a_pause_is_shown_with_its_reason_and_how_many_wait() {
    let post = Post::open(Script::default().on(At::Mail, say("550 5.7.60 you may not send as this address")));
    let mut company = a_company().with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(MORNING);
    company
        .run_at(SOON, &["status"])
        .exits(1)
        .says("delivery pauses until 2026-03-04 09:05")
        .says("you may not send as this address")
        .says("waiting to be sent: 1");
    let json = status(&company);
    assert_eq!((&json["waiting"], &json["running"]), (&1.into(), &false.into()));
    assert!(text(&json["pause"], "reason").contains("5.7.60") && json["gap"].is_null());
    let over = company.run_at("2026-03-04T11:00:00-05:00", &["status", "--format", "json"]).json().remove(0);
    assert!(over["pause"].is_null(), "{over}");
}

#[test]
fn a_relay_that_asks_for_less_is_shown_with_what_is_left() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.7.1 slow down, too many messages")));
    let mut company = a_company().with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(MORNING);
    company.run_at(SOON, &["status"]).exits(0).says("e-mails a minute for now").says("to be tried again, at 2026-03-04 09:0");
    let json = status(&company);
    assert_eq!((&json["per_minute"], &json["contacts"]["retrying"]), (&1.into(), &1.into()));
    assert!(json["next_try"].is_string());
}

#[test]
fn a_database_that_went_back_in_time_is_shown_until_a_person_accepts_it() {
    let mut company = a_company();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.back_up();
    company.poll_at(MORNING);
    company.restore();
    company.run_at(SOON, &["status"]).exits(1).says("the database went back in time (D16)");
    assert!(status(&company)["gap"].is_string());
    company.run_at(SOON, &["log", "--verify"]).exits(1).says("the database went back in time (D16)");
    assert!(company.poll_at(SOON).contacts.iter().all(|c| c["state"] != "sent"));
    company.run_at(SOON, &["accept-gap"]).exits(0).says("the log is believed as it is now");
    company.run_at(SOON, &["accept-gap"]).exits(0).says("there is no gap");
    assert!(status(&company)["gap"].is_null());
}
