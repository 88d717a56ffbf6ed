//! What the relay has surely not accepted is tried again, and what it may have accepted never is (D2, D3).

use super::*;

#[test]
fn a_message_that_is_put_off_leaves_later_with_the_same_message_id() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.7.1 greylisted, come back")));
    let company = owed_by(&post, &["C-1"]);
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.states(), ["C-1: retrying"]);
    let waits = company.contact();
    let not_before = text(&waits, "not_before");
    assert!(not_before >= "2026-03-04T14:05:00.000Z", "not before five minutes are over: {waits}");
    assert!(post.accepted().is_empty());
    company.poll_at("2026-03-04T09:04:00-05:00");
    assert_eq!(post.connections(), 1, "before its time nobody is asked");
    let later = company.poll_at("2026-03-04T09:10:00-05:00");
    assert_eq!((later.code, later.states()), (Some(0), vec!["C-1: sent".to_owned()]));
    let sent = company.contact();
    assert_eq!((&sent["contact"], &sent["attempts"]), (&waits["contact"], &2.into()));
    assert!(sent["not_before"].is_null());
    assert_eq!(sent["message_id"], waits["message_id"]);
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn what_is_put_off_again_and_again_has_failed_when_its_grace_is_over() {
    let post = Post::open(Script::default().on(At::Rcpt, say("451 4.3.0 later")));
    let company = owed_by(&post, &["C-1"]);
    company.poll_at(MORNING);
    company.poll_at("2026-03-05T09:00:00-05:00");
    assert_eq!(company.contact()["attempts"], 2);
    // Ten days of grace after the fourth of March; the second step has its own contact by then.
    company.poll_at("2026-03-16T09:00:00-04:00");
    let first = company.log().into_iter().find(|c| c["step"] == "past-due").unwrap();
    assert!(["failed", "cancelled"].contains(&text(&first, "state")), "{first}");
    assert!(post.accepted().is_empty());
}

#[test]
fn several_recipients_get_it_together_or_later_and_nobody_gets_it_twice() {
    let later = Script::default().once(At::Rcpt, say("250 ok")).once(At::Rcpt, say("452 4.2.2 full, later"));
    let post = Post::open(later);
    let mut company = owed_by(&post, &["C-1"]);
    company.given_a_customer("C-1", "one@c-1.example, two@c-1.example");
    company.import();
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    assert!(post.accepted().is_empty(), "no DATA while one of them is put off (D5)");
    assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: sent"]);
    assert_eq!(post.only().to, ["one@c-1.example", "two@c-1.example"]);
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn a_reply_after_the_dot_that_never_comes_leaves_doubt_and_it_is_never_sent_again() {
    for act in [Act::Close, Act::Reset] {
        let post = Post::open(Script::default().once(At::Dot, act));
        let company = owed_by(&post, &["C-1", "C-2"]);
        let polled = company.poll_at(MORNING);
        assert_eq!(polled.code, Some(1));
        let mut found = polled.states();
        found.sort_by_key(|s| !s.ends_with("in-doubt"));
        assert!(found[0].ends_with("in-doubt") && found[1].ends_with("sent"), "{found:?}");
        for at in ["2026-03-04T09:30:00-05:00", "2026-03-05T09:00:00-05:00", "2026-03-06T16:00:00-05:00"] {
            assert_eq!(company.poll_at(at).contacts, Vec::<Value>::new());
        }
        assert_eq!(post.accepted().len(), 2);
        let status = company.run_at("2026-03-06T16:00:00-05:00", &["status"]).exits(1).says("needs a person");
        assert!(status.out.contains("in doubt means"), "{status:#?}");
        // Done as far as T9 goes: the next step goes on where the timetable stands.
        assert_eq!(company.poll_at("2026-03-10T09:00:00-04:00").states(), ["C-1: sent", "C-2: sent"]);
    }
}

#[test]
fn a_connection_that_is_lost_before_the_dot_is_no_doubt() {
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data] {
        let post = Post::open(Script::default().once(at, Act::Reset));
        let company = owed_by(&post, &["C-1"]);
        assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"], "{at:?}");
        assert_eq!(company.poll_at("2026-03-04T11:00:00-05:00").states(), ["C-1: sent"], "{at:?}");
        assert_the_log_says_what_the_relay_knows(&company, &post);
    }
}
