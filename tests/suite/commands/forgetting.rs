//! What the law asks to erase is erased, and the log stays whole (D15, R43).

use super::*;
use crate::support::company::a_company_with_a_file;
use crate::support::post::Post;
use crate::support::relay::{Act, At, Script, say};
use crate::support::state;

const LATER: &str = "2026-03-05T09:00:00-05:00";

/// Every name and address of the customer; the name is not the id.
const TEXTS: [&str; 6] = ["Erika Mustermann", "erika@", "mustermann.example", "+49 30", "prefers letters", "her lawyer"];

/// Whether a file of the database holds one of these, as `strings` would show it; which.
fn traces(company: &Company) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(company.path("config")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("dunningd.db") {
            let bytes = std::fs::read(&path).unwrap();
            let has = |text: &&&str| bytes.windows(text.len()).any(|w| w.eq_ignore_ascii_case(text.as_bytes()));
            found.extend(TEXTS.iter().filter(has).map(|text| format!("{text} in {name}")));
        }
    }
    found
}

/// Erika owes nothing any more, and C-2 was written to in the same commit.
fn paid(script: Script) -> (Post, Company) {
    paid_by(a_company(), script)
}

fn paid_by(company: Company, script: Script) -> (Post, Company) {
    let post = Post::open(script);
    let mut company = company.with_relay(post.port);
    company.given_a_customer("C-1", "erika@mustermann.example");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_overdue_invoice("I-2", "C-2");
    company.import();
    let customers = company.path("customers.csv");
    let rows = "id,name,email,phone,extra_word\nC-1,Erika Mustermann,erika@mustermann.example,+49 30 1234567,prefers letters\n\
                C-2,Customer C-2,ap@c-2.example,,\n";
    std::fs::write(&customers, rows).unwrap();
    company.import_files().exits(0);
    company.poll_at(MORNING);
    company.run_at(MORNING, &["hold", "--customer", "C-1", "--reason", "her lawyer wrote"]).exits(0);
    let payments = "id,customer_id,invoice_id,received_on,amount,currency\nP-1,C-1,I-1,2026-03-04,100.00,USD\n";
    std::fs::write(company.path("payments.csv"), payments).unwrap();
    company.import_files().exits(0);
    (post, company)
}

fn counts(company: &Company) -> Vec<i64> {
    let sql = "SELECT count(*) AS n FROM contact UNION ALL SELECT count(*) FROM contact_invoice
               UNION ALL SELECT count(*) FROM contact WHERE state = 'sent' UNION ALL SELECT count(*) FROM suppression";
    state::numbers(&company.database(), sql)
}

#[test]
fn neither_name_nor_address_is_left_in_the_files_and_the_log_is_whole() {
    // The first try is put off, so that what was handed over lies in two packs.
    let later = say("451 4.2.0 <erika@mustermann.example> later");
    // What is left in files is looked at in those of SQLite.
    let (post, company) = paid_by(a_company_with_a_file(), Script::default().once_for_command(At::Rcpt, "erika@", later));
    company.run_at(MORNING, &["release", "--customer", "C-1"]).exits(0);
    let paid_then = std::fs::read(company.path("payments.csv")).unwrap();
    std::fs::write(company.path("payments.csv"), "id,customer_id,invoice_id,received_on,amount,currency\n").unwrap();
    company.import_files().exits(0);
    company.poll_at("2026-03-04T09:30:00-05:00");
    assert_eq!(post.accepted().len(), 2);
    std::fs::write(company.path("payments.csv"), paid_then).unwrap();
    company.import_files().exits(0);
    assert!(traces(&company).len() >= 5, "the test sees nothing: {:?}", traces(&company));
    let before = counts(&company);
    company.run_at(LATER, &["forget", "C-1"]).exits(2).says("add --yes").says("1 kept messages");
    assert!(traces(&company).len() >= 5, "nothing was erased without a yes");
    company.run_at(LATER, &["forget", "C-1", "--yes"]).exits(0).says("customer C-1 is forgotten");
    assert_eq!(traces(&company), [""; 0]);
    assert_eq!(counts(&company), before);
    company.run_at(LATER, &["log", "--verify"]).exits(0).says("of them forgotten");
    let log = company.run_at(LATER, &["log", "--customer", "C-1", "--format", "json"]).exits(0).json();
    assert_eq!((&log[0]["to"], text(&log[0], "lead")), (&serde_json::json!([]), "I-1"));
    // The other one's message of the same commit is as it was.
    company.run_at(LATER, &["evidence", "I-2", "--out", "other.zip"]).exits(0).says("1 messages");
    company.run_at(LATER, &["evidence", "I-1", "--out", "own.zip"]).exits(0).says("0 messages");
}

#[test]
fn it_can_be_said_again_and_says_when_it_was_and_by_whom() {
    let (_post, company) = paid(Script::default());
    company.run_at(LATER, &["forget", "C-1", "--yes"]).exits(0);
    let after = company.state();
    company.run_at("2026-03-06T09:00:00-05:00", &["forget", "C-1", "--yes"]).exits(0).says("forgotten already, on 2026-03-05");
    assert_eq!(company.state(), after);
    let json = company.run_at(LATER, &["forget", "C-1", "--format", "json"]).exits(0).json();
    assert_eq!((&json[0]["erased"], &json[0]["purged"]), (&false.into(), &true.into()));
    let marks = "SELECT count(*) AS n FROM contact_event WHERE reason = 'tester: forgotten (D15)'";
    assert_eq!(state::numbers(&company.database(), marks), [1]);
    company.run(&["forget", "C-77", "--yes"]).exits(2).says("knows customer C-77");
}

#[test]
fn nothing_is_planned_again_when_the_accounts_bring_the_customer_back() {
    let (post, company) = paid(Script::default());
    company.run_at(LATER, &["forget", "C-1", "--yes"]).exits(0);
    company.poll_at(LATER);
    std::fs::write(company.path("payments.csv"), "id,customer_id,invoice_id,received_on,amount,currency\n").unwrap();
    company.import_files().exits(0);
    let polled = company.poll_at("2026-03-06T09:00:00-05:00");
    assert!(polled.states().iter().all(|s| !s.starts_with("C-1: sent")), "{polled:#?}");
    assert_eq!(post.accepted().iter().filter(|a| a.to == ["erika@mustermann.example"]).count(), 1);
}

#[test]
fn what_is_owed_is_a_ground_to_keep_it_unless_a_person_insists() {
    let (_post, company) = paid(Script::default());
    company.run_at(LATER, &["forget", "C-2", "--yes"]).exits(2).says("invoices of customer C-2 are open (I-2)");
    company.run_at(LATER, &["forget", "C-2", "--yes", "--even-if-open"]).exits(0).says("is forgotten");
    company.run_at(LATER, &["log", "--verify"]).exits(0);
}

#[test]
fn an_address_that_is_no_good_stays_recognisable_without_being_kept() {
    let reply = say("550 5.1.1 <erika@mustermann.example>: no such user");
    let (post, company) = paid(Script::default().for_command(At::Rcpt, "erika@", reply));
    company.run(&["suppressions"]).exits(0).says("erika@mustermann.example");
    company.run_at(LATER, &["forget", "C-1", "--yes"]).exits(0);
    assert_eq!(traces(&company), [""; 0]);
    let shown = company.run(&["suppressions", "--format", "json"]).exits(0).json();
    assert!(text(&shown[0], "address").starts_with("forgotten:"), "{shown:?}");
    company.run_at(LATER, &["log", "--verify"]).exits(0);
    // The accounts bring the customer back with a new invoice: nothing goes to that address.
    let invoices = "id,customer_id,issue_date,due_date,currency,total\nI-5,C-1,2026-02-01,2026-03-03,USD,100.00\n\
                    I-2,C-2,2026-02-01,2026-03-01,USD,100.00\n";
    std::fs::write(company.path("invoices.csv"), invoices).unwrap();
    std::fs::write(company.path("payments.csv"), "id,customer_id,invoice_id,received_on,amount,currency\n").unwrap();
    company.import_files().exits(0);
    company.run_at("2026-03-06T09:00:00-05:00", &["release", "--customer", "C-1"]).exits(0);
    company.run_at("2026-03-06T09:00:00-05:00", &["plan"]).exits(0).says("suppressed (T15)");
    company
        .run_at(LATER, &["suppressions", "lift", "erika@mustermann.example", "--reason", "mended"])
        .exits(0)
        .says("is not suppressed any more");
    assert!(post.accepted().iter().all(|a| a.to != ["erika@mustermann.example"]));
}

#[test]
fn what_waits_to_be_sent_is_cancelled_and_a_doubt_cannot_be_sent_again() {
    let (_post, company) = paid(Script::default().once(At::Dot, Act::Close));
    let doubt = company.log().into_iter().find(|c| c["state"] == "in-doubt").unwrap();
    let customer = text(&doubt, "customer").to_owned();
    company.run_at(LATER, &["forget", &customer, "--yes", "--even-if-open"]).exits(0).says("stay in doubt");
    let id = text(&doubt, "contact");
    company.run_at(LATER, &["resolve", id, "--resend"]).exits(2).says("are not kept any more");
    company.run_at(LATER, &["resolve", id, "--sent"]).exits(0);
    company.run_at(LATER, &["log", "--verify"]).exits(0);
}
