//! What may have been accepted: settled by a person, or sent again as it was (D2).

use super::*;
use crate::support::company::signal;
use crate::support::post::wait_until;
use crate::support::state;

const LATER: &str = "2026-03-04T09:20:00-05:00";

/// One e-mail whose final dot was never answered; the relay has taken it all the same.
fn in_doubt() -> (Post, Company, String) {
    let post = Post::open(Script::default().once(At::Dot, Act::Close));
    let company = owed_by(&post, &["C-1"]);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: in-doubt"]);
    let id = text(&company.contact(), "contact").to_owned();
    (post, company, id)
}

/// The last event of the one contact.
fn last_reason(company: &Company) -> String {
    text(&company.contact(), "reason").to_owned()
}

#[test]
fn a_person_says_that_it_was_sent_and_status_is_content() {
    let (post, company, id) = in_doubt();
    company.run_at(LATER, &["status"]).exits(1).says(&format!("dunningd resolve {id}"));
    company.run_at(LATER, &["resolve", &id, "--sent", "--note", "queued as 4711"]).exits(0).says("is sent");
    assert_eq!(text(&company.contact(), "state"), "sent");
    assert_eq!(last_reason(&company), "tester: it was accepted: queued as 4711");
    company.run_at(LATER, &["status"]).exits(0);
    company.run_at(LATER, &["log", "--verify"]).exits(0);
    assert!(company.poll_at(LATER).contacts.is_empty());
    assert_eq!(post.bodies(), 1, "nothing is sent again");
    company.run_at(LATER, &["resolve", &id, "--cancel"]).exits(2).says("is not in doubt but sent");
    company.run_at(LATER, &["resolve", "01J", "--sent"]).exits(2).says("there is no contact 01J");
    company.run_at(LATER, &["resolve", &id]).exits(2).says("--resend");
}

#[test]
fn a_person_lets_it_be_sent_again_and_the_same_bytes_leave_after_an_update_of_the_templates() {
    let (post, company, id) = in_doubt();
    let before = company.contact();
    let body = company.path("config/templates/en/past-due/body.txt");
    std::fs::write(&body, "WORDS OF THE NEW VERSION\n").unwrap();
    let said = company.run_at(LATER, &["resolve", &id, "--resend", "--format", "json"]).exits(0).json();
    assert_eq!(text(&said[0], "state"), "queued");
    company.run_at(LATER, &["status"]).exits(0).says("waiting to be sent: 1");
    let polled = company.poll_at(LATER);
    assert_eq!(polled.states(), ["C-1: sent"], "{polled:#?}");
    let (taken, after) = (post.accepted(), company.contact());
    assert_eq!((taken.len(), &taken[0]), (2, &taken[1]), "the same bytes to the same recipients");
    assert_eq!(taken[1].header("Message-ID"), text(&before, "message_id"));
    assert_eq!((&after["contact"], &after["attempts"]), (&before["contact"], &2.into()));
    company.run_at(LATER, &["log", "--verify"]).exits(0);
}

#[test]
fn what_is_paid_meanwhile_is_not_sent_again() {
    let (post, mut company, id) = in_doubt();
    company.run_at(LATER, &["resolve", &id, "--resend"]).exits(0);
    company.given_a_payment("P-1", "C-1", "I-1", "2026-03-04");
    company.import();
    company.poll_at(LATER);
    assert_eq!(text(&company.contact(), "state"), "cancelled");
    assert_eq!(post.bodies(), 1);
}

#[test]
fn what_is_given_up_counts_as_done_and_what_is_not_kept_cannot_leave_as_it_was() {
    let (post, company, id) = in_doubt();
    state::edit(&company.database(), &["UPDATE contact SET message_pack = NULL, message_offset = NULL, message_length = NULL"]);
    company.run_at(LATER, &["resolve", &id, "--resend"]).exits(2).says("are not kept any more");
    company.run_at(LATER, &["resolve", &id, "--cancel", "--note", "called them"]).exits(0).says("count as done");
    assert_eq!(last_reason(&company), "tester: it is not sent again: called them");
    for at in [LATER, "2026-03-05T09:00:00-05:00"] {
        assert!(company.poll_at(at).contacts.is_empty(), "who may have got it does not get it afresh");
    }
    assert_eq!(post.bodies(), 1);
    assert_eq!(company.poll_at("2026-03-10T09:00:00-04:00").states(), ["C-1: sent"], "the next step goes on");
}

/// A relay that is asked again by itself.
fn resending(post: &Post) -> Company {
    let settings =
        format!("host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nmax_connections = 1\nin_doubt = \"resend\"\n", post.port);
    let mut company = a_company().with_database("lease = \"5s\"\n").with_relay_settings(&settings);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company
}

#[test]
fn where_it_is_wanted_a_doubt_is_sent_again_by_itself_after_the_delay_of_a_retry() {
    let post = Post::open(
        Script::default().once(At::Dot, Act::Close).once(At::Rcpt, say("250 ok")).once(At::Rcpt, say("451 4.2.0 later")),
    );
    let mut company = resending(&post);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    let waits = company.contact();
    assert!(text(&waits, "not_before") >= "2026-03-04T14:05:00.000Z", "{waits}");
    // Another invoice is due meanwhile, and the customer has another address: the e-mail stays what it was.
    company.given_an_overdue_invoice("I-2", "C-1");
    company.given_a_customer("C-1", "new@c-1.example");
    company.import();
    assert!(company.poll_at("2026-03-04T09:02:00-05:00").contacts.is_empty());
    // The second try is put off before the dot, and the third one still has the same bytes.
    assert_eq!(company.poll_at("2026-03-04T09:10:00-05:00").states(), ["C-1: retrying"]);
    assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: sent"]);
    let taken = post.accepted();
    assert_eq!((taken.len(), &taken[0]), (2, &taken[1]), "the same bytes to the same recipients");
    assert_eq!((taken[1].header("Message-ID").as_str(), &taken[1].to[0][..]), (text(&waits, "message_id"), "ap@c-1.example"));
    company.run_at(LATER, &["log", "--verify"]).exits(0);
    // The other invoice has its turn when the quiet days are over.
    assert_eq!(company.poll_at("2026-03-09T09:00:00-04:00").states(), ["C-1: sent"]);
    assert!(post.accepted()[2].text().contains("I-2"));
}

#[test]
fn after_a_crash_it_is_sent_again_in_the_same_way() {
    let gate = Gate::shut();
    let post = Post::open(Script::default().once(At::Dot, Act::Wait(gate.clone())));
    let company = resending(&post);
    let child = company.begin_poll_at(MORNING);
    wait_until("the message was handed over", || post.bodies() == 1);
    signal(&child, "KILL");
    assert!(child.finish().code.is_none());
    if company.is_shared() {
        // Its lease of 5 seconds has to run out first.
        let alive = "SELECT count(*) AS n FROM daemon WHERE ended_at IS NULL AND lease_until >= {clock}";
        wait_until("the lease is over", || state::numbers(&company.database(), alive)[0] == 0);
    }
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    let waits = company.contact();
    assert!(text(&waits, "reason").contains("the same e-mail is sent again"), "{waits}");
    assert_eq!(company.poll_at("2026-03-04T09:10:00-05:00").states(), ["C-1: sent"]);
    gate.open();
    wait_until("the relay is through", || post.open_connections() == 0);
    assert!(post.accepted().iter().all(|a| a.header("Message-ID") == text(&waits, "message_id")));
}

#[test]
fn it_is_not_sent_again_for_ever() {
    let post = Post::open(Script::default().on(At::Dot, Act::Close));
    let company = resending(&post);
    for hour in 9..17 {
        for minute in ["00", "20", "40"] {
            company.poll_at(&format!("2026-03-04T{hour:02}:{minute}:00-05:00"));
        }
    }
    // So often on the first day; with the grace the doubt is a person's.
    assert!((3..7).contains(&post.bodies()), "{}", post.bodies());
    assert_eq!(text(&company.contact(), "state"), "retrying");
    company.poll_at("2026-03-16T09:00:00-04:00");
    let first = company.log().into_iter().find(|c| c["step"] == "past-due").unwrap();
    assert_eq!(text(&first, "state"), "in-doubt", "{first}");
    assert!(text(&first, "reason").contains("its grace was over"), "{first}");
}

#[test]
fn reminders_thread_by_the_message_id_that_the_relay_puts_in() {
    const ID: &str = "0107018c1f5b2a3e-7d1c0f5e-3a52-4e55-9f6e-0c1f2e3d4b5a-000000";
    let post = Post::open(Script::offering(&["AUTH PLAIN"]).on(At::Dot, say(&format!("250 Ok {ID}"))));
    let settings = format!(
        "preset = \"amazon-ses\"\nregion = \"eu-central-1\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         username = \"us\"\npassword_file = \"password\"\n",
        post.port
    );
    let mut company = a_company().with_relay_settings(&settings);
    let password = company.path("config/password");
    std::fs::write(&password, "secret").unwrap();
    std::fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(MORNING);
    let at_relay = format!("<{ID}@eu-central-1.amazonses.com>");
    assert_eq!(text(&company.contact(), "relay_message_id"), at_relay);
    company.poll_at("2026-03-10T09:00:00-04:00");
    let second = &post.accepted()[1];
    assert_eq!((second.header("In-Reply-To"), second.header("References")), (at_relay.clone(), at_relay));
}
