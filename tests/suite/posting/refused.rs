//! What the relay refuses is final for what it refers to, and scope decides (D4, D5).

use super::*;

#[test]
fn an_address_that_does_not_exist_is_suppressed_and_the_next_step_is_stopped() {
    let post = Post::open(Script::default().on(At::Rcpt, say("550 5.1.1 no such user")));
    let company = owed_by(&post, &["C-1"]);
    let polled = company.poll_at(MORNING);
    assert_eq!((polled.code, polled.states()), (Some(1), vec!["C-1: failed".to_owned(), "C-1: open".to_owned()]));
    let contact = company.run(&["log", "--state", "failed", "--format", "json"]).exits(0).json().remove(0);
    assert!(text(&contact, "reason").contains("5.1.1") && text(&contact, "relay_reply").starts_with("550 5.1.1"), "{contact}");
    let connections = post.connections();
    let next = company.poll_at("2026-03-10T09:00:00-04:00");
    assert!(next.contacts.is_empty(), "{next:#?}");
    assert_eq!(post.connections(), connections, "nobody is asked about an address that is suppressed");
    company.run_at("2026-03-10T09:00:00-04:00", &["plan"]).exits(0).says("suppressed");
}

#[test]
fn the_others_get_it_when_one_of_them_is_refused() {
    let post = Post::open(Script::default().for_command(At::Rcpt, "two@", say("550 5.1.1 no such user")));
    let mut company = owed_by(&post, &["C-1"]);
    company.given_a_customer("C-1", "one@c-1.example; two@c-1.example; three@c-1.example");
    company.import();
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent", "C-1: open"]);
    assert_eq!(post.only().to, ["one@c-1.example", "three@c-1.example"]);
    let [refused] = company.run(&["suppressions", "--format", "json"]).exits(0).json().try_into().unwrap();
    assert_eq!((text(&refused, "address"), text(&refused, "evidence")), ("two@c-1.example", "550 5.1.1 no such user"));
    assert_eq!(text(&refused, "since"), "2026-03-04T14:00:00Z");
    // The next step does not try the refused one again.
    assert_eq!(company.poll_at("2026-03-10T09:00:00-04:00").states(), ["C-1: sent"]);
    let second = &post.accepted()[1];
    assert_eq!(second.to, ["one@c-1.example", "three@c-1.example"]);
    assert!(!second.header("To").contains("two@"), "{}", second.header("To"));
}

#[test]
fn a_message_that_is_refused_fails_alone_and_its_address_is_not_suppressed() {
    let post = Post::open(Script::default().once(At::Dot, say("552 5.3.4 too big")));
    let company = owed_by(&post, &["C-1", "C-2"]);
    let mut found = company.poll_at(MORNING).states();
    found.sort_by_key(|s| !s.ends_with("failed"));
    assert!(found[0].ends_with("failed") && found[1].ends_with("sent"), "{found:?}");
    assert_eq!(company.poll_at("2026-03-10T09:00:00-04:00").states(), ["C-1: sent", "C-2: sent"]);
}

#[test]
fn content_that_is_refused_fails_one_contact_and_is_not_tried_on_the_next_day() {
    let post = Post::open(Script::default().once(At::Dot, say("550 5.7.1 spam content")));
    let company = owed_by(&post, &["C-1"]);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: failed"]);
    assert!(company.run(&["suppressions", "--format", "json"]).exits(0).json().is_empty());
    assert!(company.run(&["tasks", "--format", "json"]).exits(0).json().is_empty());
    let connections = post.connections();
    for day in ["2026-03-05", "2026-03-06"] {
        assert!(company.poll_at(&format!("{day}T09:00:00-05:00")).contacts.is_empty());
    }
    assert_eq!(post.connections(), connections);
}

#[test]
fn content_that_is_refused_for_five_customers_in_a_row_pauses_delivery() {
    let post = Post::open(Script::default().on(At::Dot, say("550 5.7.1 spam content")));
    let customers = ["C-1", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7", "C-8", "C-9"];
    let settings = format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n", post.port);
    let company = owed_by(&post, &customers).with_relay_settings(&settings);
    let polled = company.poll_at(MORNING);
    assert!(polled.poll["problems"].to_string().contains("refuses everybody"), "{}", polled.poll);
    assert!(company.log().iter().all(|c| c["state"] == "queued"), "{:?}", states(&company.log()));
    assert_eq!(post.commands().iter().filter(|c| c.starts_with("DATA")).count(), 5, "the others are not tried");
}

#[test]
fn a_row_of_the_configuration_says_what_a_reply_of_this_relay_means() {
    let post = Post::open(Script::default().once(At::Rcpt, say("550 5.1.1 Directory not available")));
    let row =
        "\n[[relay.refusal]]\ncodes = [\"550\"]\ntext = [\"directory not available\"]\nscope = \"relay\"\naction = \"retry\"\n";
    let settings = format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n{row}", post.port);
    let company = owed_by(&post, &["C-1"]).with_relay_settings(&settings);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    assert_eq!(company.poll_at("2026-03-04T11:00:00-05:00").states(), ["C-1: sent"]);
    assert!(company.run(&["suppressions", "--format", "json"]).exits(0).json().is_empty());
}

#[test]
fn a_relay_without_good_encryption_keeps_the_queue_and_the_cause_is_named() {
    let post = Post::open(Script::offering(&["AUTH PLAIN"]));
    let ca = crate::support::certificates::Certificate::of("localhost");
    let settings = format!("host = \"localhost\"\nport = {}\nca_file = \"ca.pem\"\nmax_connections = 1\n", post.port);
    let company = owed_by(&post, &["C-1", "C-2"]).with_relay_settings(&settings);
    ca.write_to(&company.path("config/ca.pem"));
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(1));
    assert!(polled.poll["problems"].to_string().contains("does not offer STARTTLS"), "{}", polled.poll);
    assert!(company.log().iter().all(|c| c["state"] == "queued"), "{:?}", states(&company.log()));
    assert!(!post.heard("AUTH") && !post.heard("MAIL"));
}

#[test]
fn a_relay_that_refuses_us_keeps_the_queue_and_nobody_has_failed() {
    let refusals = [
        (At::Greeting, "554 5.7.1 not you"),
        (At::Mail, "550 5.7.1 sender rejected"),
        (At::Rcpt, "550 5.4.5 daily sending quota exceeded"),
        (At::Dot, "554 5.2.0 quota exceeded"),
    ];
    for (at, reply) in refusals {
        // The relay is content again on the next day.
        let post = Post::open(Script::default().once(at, say(reply)));
        let company = owed_by(&post, &["C-1", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7"])
            .with_relay_settings(&format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n", post.port));
        let polled = company.poll_at(MORNING);
        assert_eq!(polled.code, Some(1), "{at:?}");
        let refused: Vec<_> = company.log().into_iter().filter(|c| c["state"] != "sent").collect();
        assert!(!refused.is_empty() && refused.iter().all(|c| c["state"] == "queued"), "{at:?} {:?}", states(&company.log()));
        assert!(polled.poll["problems"].to_string().contains("the relay refuses us"), "{}", polled.poll);
        let next = company.poll_at("2026-03-05T09:00:00-05:00");
        assert_eq!(next.code, Some(0), "{next:#?}");
        assert!(company.log().iter().all(|c| c["state"] == "sent"), "{:?}", states(&company.log()));
        assert_eq!(post.accepted().len(), 7, "{at:?}");
        assert_the_log_says_what_the_relay_knows(&company, &post);
    }
}

#[test]
fn the_same_refusal_for_five_customers_in_a_row_is_the_relays_fault() {
    let mut script = Script::default();
    for _ in 0..5 {
        script = script.once(At::Rcpt, say("550 5.1.1 unknown"));
    }
    let post = Post::open(script);
    let mut company = owed_by(&post, &["C-1", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7", "C-8"]);
    company = company
        .with_relay_settings(&format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\n", post.port));
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(1));
    assert!(polled.poll["problems"].to_string().contains("refuses everybody"), "{}", polled.poll);
    let log = emails(&company);
    assert!(log.iter().all(|c| ["queued", "sent"].contains(&text(c, "state"))), "{:?}", states(&log));
    assert!(log.iter().filter(|c| c["state"] == "queued").count() >= 5);
    let tasks = company.run(&["tasks", "--format", "json"]).exits(0).json();
    assert!(tasks.is_empty(), "nobody needs a better address: {tasks:?}");
    let next = company.poll_at("2026-03-04T10:00:00-05:00");
    assert_eq!(next.code, Some(0), "{next:#?}");
    assert_eq!(post.accepted().len(), 8, "nobody stays suppressed: {:?}", states(&company.log()));
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn a_password_that_is_refused_is_tried_three_times_an_hour_and_no_more() {
    use std::os::unix::fs::PermissionsExt as _;
    let post =
        Post::open(Script { offers: vec!["AUTH PLAIN".to_owned()], ..Script::default() }.on(At::Auth, say("535 5.7.8 no")));
    let settings = format!(
        "host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nusername = \"us\"\npassword_file = \"secret\"\nmax_connections = 1\n",
        post.port
    );
    let mut company = a_company().with_relay_settings(&settings);
    std::fs::write(company.path("config/secret"), "much-too-secret\n").unwrap();
    std::fs::set_permissions(company.path("config/secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    for minute in ["09:00", "09:10", "09:20", "09:30", "09:40"] {
        let polled = company.poll_at(&format!("2026-03-04T{minute}:00-05:00"));
        assert_eq!(polled.code, Some(1));
        let said = format!("{polled:?}");
        assert!(!said.contains("much-too-secret"), "{said}");
    }
    assert_eq!(post.commands().iter().filter(|c| c.starts_with("AUTH")).count(), 3);
    company.poll_at("2026-03-04T10:30:00-05:00");
    assert_eq!(post.commands().iter().filter(|c| c.starts_with("AUTH")).count(), 4);
    assert_eq!(text(&company.contact(), "state"), "queued");
}
