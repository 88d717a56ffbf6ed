//! Changes behind the program's back are found (D14, R44).

use super::*;
use crate::support::company::Said;
use crate::support::state;

/// A company whose log has some events: three e-mails that were sent, and one that was skipped.
fn with_a_log() -> Company {
    let mut company = a_company();
    for number in 1..4 {
        company.given_an_overdue_invoice(&format!("I-{number}"), &format!("C-{number}"));
    }
    company.given_an_invoice("I-9", "C-9", "2026-02-10");
    company.import();
    company.poll_at(MORNING);
    company
}

fn verify(company: &Company) -> Said {
    company.run_at(MORNING, &["log", "--verify"])
}

/// What is found after such a change.
fn found_after(statements: &[&str]) -> String {
    let company = with_a_log();
    verify(&company).exits(0);
    state::edit(&company.database(), statements);
    verify(&company).exits(1).out
}

#[test]
fn a_log_as_the_program_left_it_is_whole_and_its_head_is_shown() {
    let company = with_a_log();
    let said = verify(&company).exits(0).says("the log is whole");
    let events = state::numbers(&company.database(), "SELECT number AS n FROM log_head")[0];
    assert!(events >= 10 && said.out.contains(&format!("event {events} has the hash ")), "{said:#?}");
    let json = company.run_at(MORNING, &["log", "--verify", "--format", "json"]).exits(0).json();
    let verified = &json[0]["verified"];
    assert_eq!((&verified["events"], &verified["messages"], &verified["findings"]), (&events.into(), &3.into(), &0.into()));
    assert!(said.out.contains(text(&verified["head"], "hash")) && verified["mark"] == true);
    let empty = a_company();
    empty.run(&["log", "--verify"]).exits(0).says("the log is empty");
    company.run(&["log", "--verify", "--state", "sent"]).exits(2);
}

#[test]
fn an_event_that_was_edited_is_found_by_its_number_and_contact() {
    for (set, finding) in [
        ("reason = 'nothing'", "its reason, the relay's reply or its content was changed"),
        ("relay_reply = '550 no'", "its reason, the relay's reply or its content was changed"),
        ("at = '2026-03-01T00:00:00.000Z'", "its hash is not that of what it says"),
        ("contact = (SELECT max(id) FROM contact)", "its hash is not that of what it says"),
        ("commitment = 'x'", "its hash is not that of what it says"),
    ] {
        let found = found_after(&[&format!("UPDATE contact_event SET {set} WHERE number = 6")]);
        assert!(found.lines().any(|l| l.starts_with("event 6, contact ") && l.contains(finding)), "{set}: {found}");
    }
    let erased = "UPDATE contact_event SET reason = NULL, relay_reply = NULL, content = NULL, salt = NULL WHERE number = 6";
    assert!(found_after(&[erased]).contains("no event says that it was forgotten"));
}

#[test]
fn an_event_that_was_removed_or_put_elsewhere_is_found() {
    let found = found_after(&["DELETE FROM contact_event WHERE number = 5"]);
    assert!(found.contains("event 6, contact ") && found.contains("event 5 is missing before it"), "{found}");
    let found = found_after(&["DELETE FROM contact_event WHERE number BETWEEN 1 AND 2"]);
    assert!(found.contains("the events 1 to 2 are missing before it"), "{found}");
    let swapped = [
        "UPDATE contact_event SET number = 1000 WHERE number = 5",
        "UPDATE contact_event SET number = 5 WHERE number = 6",
        "UPDATE contact_event SET number = 6 WHERE number = 1000",
    ];
    let found = found_after(&swapped);
    assert!(found.contains("event 5, contact ") && found.contains("event 6, contact "), "{found}");
}

#[test]
fn a_log_that_was_cut_off_is_found_by_its_head_or_by_the_mark_beside_the_daemon() {
    let last = "DELETE FROM contact_event WHERE number = (SELECT max(number) FROM contact_event)";
    let found = found_after(&[last]);
    assert!(found.contains("the log ends with event") && found.contains("are missing"), "{found}");
    let head = "UPDATE log_head SET number = (SELECT max(number) FROM contact_event),
                  hash = (SELECT hash FROM contact_event ORDER BY number DESC LIMIT 1)";
    let contact =
        "UPDATE contact SET state = (SELECT to_state FROM contact_event WHERE contact = contact.id ORDER BY number DESC LIMIT 1)";
    let found = found_after(&[last, head, contact]);
    assert!(found.contains("the database went back in time (D16)"), "{found}");
}

#[test]
fn a_contact_that_is_not_what_the_log_says_is_found() {
    for (statement, finding) in [
        (
            "UPDATE contact SET recipients = '[\"x@y.example\"]' WHERE customer = 'C-1'",
            "its recipients are not what the log says",
        ),
        ("UPDATE contact SET message_sha256 = 'x' WHERE customer = 'C-1'", "the hash of its message is not what the log says"),
        ("UPDATE contact SET message_id = '<x@y>' WHERE customer = 'C-1'", "its Message-ID is not what the log says"),
        ("UPDATE contact SET state = 'failed' WHERE customer = 'C-1'", "it is failed, and its last event made it sent"),
        ("UPDATE contact SET relay_reply = '250 no' WHERE customer = 'C-1'", "the relay's reply is not that of its last event"),
        ("UPDATE contact SET reason = 'paid' WHERE customer = 'C-9'", "its reason is not that of its last event"),
        (
            "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, rule, customer, segment,
                         recipients, cc, lead, created_at, changed_at)
             VALUES ('Z', 'email', '', '', '', 0, '2026-03-04', 'sent', '', '', '', '[]', '[]', '', '', '')",
            "contact Z: the log has no event of it",
        ),
    ] {
        let found = found_after(&[statement]);
        assert!(found.contains(finding), "{statement}: {found}");
    }
}

#[test]
fn a_kept_message_that_was_edited_is_found() {
    let found = found_after(&["UPDATE contact SET message_offset = message_offset + 1 WHERE customer = 'C-1'"]);
    assert!(found.contains("its kept message is not the one whose hash the contact has"), "{found}");
    let found = found_after(&["UPDATE message_pack SET bytes = substr(bytes, 1, 1)"]);
    assert!(found.contains("its kept message cannot be read"), "{found}");
}

#[test]
fn messages_are_let_go_when_they_were_kept_long_enough_and_their_hashes_stay() {
    let company = with_a_log();
    let packs = "SELECT count(*) AS n FROM message_pack";
    assert!(state::numbers(&company.database(), packs)[0] > 0);
    company.poll_at("2029-03-01T09:00:00-05:00");
    assert!(state::numbers(&company.database(), packs)[0] > 0, "not before three years are over");
    company.poll_at("2029-03-12T09:00:00-04:00");
    let old = "SELECT count(*) AS n FROM contact WHERE message_sha256 IS NOT NULL AND message_pack IS NULL AND date < '2027'";
    assert_eq!(state::numbers(&company.database(), old), [3]);
    verify(&company).exits(0);
    company.run(&["evidence", "I-9", "--out", "e.zip"]).exits(0).says("0 messages");
}

#[test]
fn messages_are_kept_as_long_as_the_configuration_says() {
    let mut company = a_company();
    let file = company.path("config/dunningd.toml");
    let with = |keep: &str| {
        let settings = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, settings.replace("[database]\n", &format!("[database]\nkeep_messages = \"{keep}\"\n"))).unwrap();
        settings
    };
    let before = with("2d");
    company.given_an_overdue_invoice("I-1", "C-1");
    // Rewriting nothing of the configuration.
    company.import();
    company.poll_at(MORNING);
    let packs = |company: &Company| state::numbers(&company.database(), "SELECT count(*) AS n FROM message_pack")[0];
    company.poll_at("2026-03-05T09:00:00-05:00");
    assert_eq!(packs(&company), 1);
    company.poll_at("2026-03-06T09:00:01-05:00");
    assert_eq!(packs(&company), 0);
    std::fs::write(&file, before).unwrap();
    with("1h");
    company.run(&["log"]).exits(2).says("keep_messages is at least 1d");
}
