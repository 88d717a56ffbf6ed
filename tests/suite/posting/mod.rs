//! Delivery end to end: the program polls, a relay plays its script, and the log has to say what the relay knows.

mod deadline;
mod documents;
mod doubt;
mod envelope;
mod freshness;
mod language;
mod refused;
mod replanned;
mod shared;
mod slower;
mod stopped;
mod suppressed;
mod tried_again;
mod windows;

use serde_json::Value;

use crate::support::company::{Company, MORNING, TIMETABLE, a_company, states, text};
use crate::support::post::Post;
use crate::support::relay::{Accepted, Act, At, Gate, Script, say};

/// A company with this relay and one overdue invoice of each of these customers.
fn owed_by(post: &Post, customers: &[&str]) -> Company {
    let mut company = a_company().with_relay(post.port);
    for (number, customer) in customers.iter().enumerate() {
        company.given_an_overdue_invoice(&format!("I-{}", number + 1), customer);
    }
    company.import();
    company
}

fn recipients(contact: &Value) -> Vec<String> {
    let all = [&contact["to"], &contact["cc"]].into_iter().flat_map(|l| l.as_array().unwrap());
    all.map(|a| a.as_str().unwrap().to_owned()).collect()
}

/// The e-mails of the log.
fn emails(company: &Company) -> Vec<Value> {
    company.log().into_iter().filter(|c| c["kind"] == "email").collect()
}

/// What the relay accepted is what the log calls sent: the same Message-IDs, each once, to the same recipients.
fn assert_the_log_says_what_the_relay_knows(company: &Company, post: &Post) {
    let of_contact = |c: &Value| (text(c, "message_id").to_owned(), recipients(c));
    let of_message = |a: &Accepted| (a.header("Message-ID"), a.to.clone());
    let mut logged: Vec<_> = company.log().iter().filter(|c| c["state"] == "sent").map(of_contact).collect();
    let mut taken: Vec<_> = post.accepted().iter().map(of_message).collect();
    logged.sort();
    taken.sort();
    assert_eq!(logged, taken);
}

#[test]
fn what_the_relay_received_is_what_the_log_says() {
    let post = Post::kind();
    let mut company = owed_by(&post, &["C-1", "C-2", "C-3"]);
    company.given_a_customer("C-2", "one@c-2.example; two@c-2.example");
    company.given_an_overdue_invoice("I-9", "C-1");
    company.import();
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(0), "{polled:#?}");
    assert_eq!(polled.states(), ["C-1: sent", "C-2: sent", "C-3: sent"]);
    assert_the_log_says_what_the_relay_knows(&company, &post);
    let contacts = company.log();
    assert_eq!(contacts, polled.contacts);
    for contact in contacts {
        assert_eq!(text(&contact, "relay_reply"), "250 2.0.0 Ok: queued as 4711");
        assert_eq!(contact["attempts"], 1);
        let message = post.accepted().into_iter().find(|a| a.header("Message-ID") == text(&contact, "message_id")).unwrap();
        assert_eq!(message.from, "ar@us.example");
        assert_eq!(message.header("X-Dunningd-Contact"), text(&contact, "contact"));
        assert_eq!(message.header("Auto-Submitted"), "auto-generated");
        assert!(!message.header("Subject").is_empty());
        for invoice in contact["invoices"].as_array().unwrap() {
            assert!(message.text().contains(text(invoice, "id")), "{}", message.text());
        }
    }
    let again = company.poll_at(MORNING);
    assert!(again.contacts.is_empty(), "{again:#?}");
    assert_eq!(post.accepted().len(), 3);
}
