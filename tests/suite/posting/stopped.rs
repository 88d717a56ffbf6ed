//! What stops a reminder that is on its way: a person's word, a payment, the end of the window (T5, T26).

use super::*;
use crate::support::post::wait_until;

fn put_off() -> Post {
    Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")))
}

#[test]
fn a_word_that_comes_between_two_tries_cancels_what_waits() {
    let words: [(&[&str], &str); 4] = [
        (&["hold", "--invoice", "I-1", "--reason", "waits for a credit note"], "held"),
        (&["hold", "--customer", "C-1", "--reason", "waits for a credit note"], "held"),
        (&["dispute", "--invoice", "I-1", "--reason", "goods damaged"], "disputed"),
        (&["promise", "--invoice", "I-1", "--by", "2026-03-20"], "promised"),
    ];
    for (word, reason) in words {
        let post = put_off();
        let company = owed_by(&post, &["C-1"]);
        assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
        company.run_at("2026-03-04T09:02:00-05:00", word).exits(0);
        assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: cancelled"], "{word:?}");
        let contact = company.contact();
        assert_eq!((text(&contact, "reason"), text(&contact, "rule")), (reason, "T15"));
        assert!(post.accepted().is_empty());
    }
}

#[test]
fn a_payment_that_comes_between_two_tries_cancels_what_waits() {
    let post = put_off();
    let mut company = owed_by(&post, &["C-1"]);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    company.given_a_payment("P-1", "C-1", "I-1", "2026-03-04");
    company.import();
    assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: cancelled"]);
    assert!(post.accepted().is_empty());
}

#[test]
fn a_hold_that_is_lifted_lets_the_step_go_out_after_all() {
    let post = put_off();
    let company = owed_by(&post, &["C-1"]);
    company.poll_at(MORNING);
    company.run_at("2026-03-04T09:02:00-05:00", &["hold", "--invoice", "I-1", "--reason", "wait"]).exits(0);
    company.poll_at("2026-03-04T10:00:00-05:00");
    company.run_at("2026-03-05T09:00:00-05:00", &["release", "--invoice", "I-1"]).exits(0);
    assert_eq!(company.poll_at("2026-03-05T10:00:00-05:00").states(), ["C-1: sent"]);
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn a_hold_that_comes_while_the_others_are_being_sent_is_heard_before_the_last_one_leaves() {
    let gate = Gate::shut();
    let post = Post::open(Script::default().on(At::Dot, Act::Wait(gate.clone())));
    let mut company = owed_by(&post, &["C-1", "C-2", "C-3", "C-4", "C-5"]);
    company = company
        .with_relay_settings(&format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n", post.port));
    let poll = company.begin_poll_at(MORNING);
    wait_until("the first message is at the relay", || post.accepted().len() == 1);
    let held = company.run_at(MORNING, &["hold", "--customer", "C-5", "--reason", "calls us"]).exits(0);
    assert!(!held.err.contains("being sent"), "{held:#?}");
    let late = company.run_at(MORNING, &["hold", "--customer", "C-1", "--reason", "too late"]).exits(0);
    assert!(late.err.contains("1 e-mails about it are being sent at this moment"), "{late:#?}");
    gate.open();
    poll.finish().exits(0);
    let log = company.log();
    assert_eq!(states(&log), ["C-1: sent", "C-2: sent", "C-3: sent", "C-4: sent", "C-5: cancelled"]);
    assert_eq!((text(&log[4], "reason"), text(&log[4], "rule")), ("held", "T26"));
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn what_is_still_queued_when_the_window_closes_is_planned_afresh_by_the_next_poll_inside_one() {
    let post = put_off();
    let company = owed_by(&post, &["C-1"]);
    company.poll_at("2026-03-04T17:25:00-05:00");
    let connections = post.connections();
    for outside in ["2026-03-04T17:30:00-05:00", "2026-03-05T07:59:00-05:00"] {
        let polled = company.poll_at(outside);
        assert_eq!((polled.code, polled.contacts.len()), (Some(0), 0), "{polled:#?}");
        assert_eq!(polled.poll["in_window"], false);
    }
    assert_eq!(post.connections(), connections);
    assert_eq!(company.poll_at("2026-03-05T08:00:00-05:00").states(), ["C-1: sent"]);
    let contact = company.contact();
    assert_eq!((text(&contact, "date"), &contact["invoices"][0]["days_past_due"]), ("2026-03-05", &4.into()));
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn a_step_that_became_too_late_while_it_waited_is_not_sent() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")));
    let mut company = owed_by(&post, &[]).with_steps("[[step]]\nid = \"soon\"\nemail = \"reminder\"\ndays = -1\n");
    company.given_an_invoice("I-1", "C-1", "2026-03-05");
    company.import();
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    // After the due date a reminder is moot (T12).
    company.poll_at("2026-03-06T09:00:00-05:00");
    let log = company.log();
    assert_eq!(states(&log), ["C-1: cancelled", "C-1: skipped"]);
    assert!(log.iter().all(|c| (text(c, "reason"), text(c, "rule")) == ("moot", "T12")), "{log:#?}");
    assert!(post.accepted().is_empty());
}
