//! A database that went back in time is noticed by the mark beside the daemon, and nothing is sent (D16).

use crate::support::company::{Company, MORNING, a_company};
use crate::support::post::Post;

/// The day of the second step.
const LATER: &str = "2026-03-10T09:00:00-04:00";

fn sent_twice(post: &Post) -> Company {
    let mut company = a_company().with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
    company.back_up();
    assert_eq!(company.poll_at(LATER).states(), ["C-1: sent"]);
    company.restore();
    company
}

#[test]
fn after_an_older_copy_was_restored_nothing_is_sent_before_a_person_says_so() {
    let post = Post::kind();
    let company = sent_twice(&post);
    assert_eq!(post.accepted().len(), 2);
    for _ in 0..2 {
        let polled = company.poll_at(LATER);
        assert_eq!((polled.code, polled.contacts.iter().filter(|c| c["state"] == "sent").count()), (Some(1), 0), "{polled:#?}");
        let problems = polled.poll["problems"].to_string();
        assert!(problems.contains("went back in time (D16): event 6 of") && problems.contains("accept-gap"), "{problems}");
    }
    assert_eq!(post.accepted().len(), 2, "what was sent since the copy is not sent again by itself");
    let later = LATER.replace("09:00", "09:10");
    assert_eq!(company.poll_with(&later, &["--accept-gap"]).states(), ["C-1: sent"]);
    assert_eq!(post.accepted().len(), 3);
    assert_eq!(company.poll_at(&LATER.replace("09:00", "09:20")).code, Some(0), "and the gap is forgotten");
}

#[test]
fn a_mark_that_is_missing_is_no_gap_and_is_written_anew() {
    let post = Post::kind();
    let mut company = a_company().with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(MORNING);
    let mark = company.path(if company.is_shared() { "config/dunningd.mark" } else { "config/dunningd.db.mark" });
    std::fs::remove_file(&mark).expect("a mark was written");
    let polled = company.poll_at(LATER);
    assert_eq!((polled.code, polled.states()), (Some(0), vec!["C-1: sent".to_owned()]));
    assert!(mark.exists());
}

#[test]
fn a_mark_that_cannot_be_read_sends_nothing() {
    let post = Post::kind();
    let mut company = a_company().with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    let mark = company.path(if company.is_shared() { "config/dunningd.mark" } else { "config/dunningd.db.mark" });
    std::fs::write(&mark, "half a ma").unwrap();
    company.run_at(MORNING, &["run", "--once"]).exits(2).says("high-water mark");
    assert!(post.accepted().is_empty());
}
