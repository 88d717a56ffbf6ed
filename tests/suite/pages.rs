//! A ledger of more customers than are looked at together is planned as if it were looked at as a whole.

use serde_json::Value;

use crate::support::company::{Company, MORNING, a_company, text};
use crate::support::post::Post;

/// An e-mail for everybody, a call for a few, and notices that several customers share.
const STEPS: &str = r#"
[[step]]
id = "chief"
notify = "notice"
to = "chief@us.example"
days = 12

[[step]]
id = "call"
task = "call"
days = 12
"#;

/// More than two pages.
const CUSTOMERS: usize = 1_203;

fn a_large_company() -> Company {
    let mut company = a_company().with_all_templates().with_steps(STEPS);
    for n in 1..=CUSTOMERS {
        company.given_an_overdue_invoice(&format!("I-{n:04}"), &format!("C-{n:04}"));
    }
    // The lead of the notice is a customer of the last page.
    for (invoice, customer) in [("J-2", "C-0002"), ("J-1", "C-0701"), ("A-9", "C-1203")] {
        company.given_an_invoice(invoice, customer, "2026-02-20");
    }
    company.import();
    company
}

/// What a contact is about, and for whom.
fn about(contacts: &[Value]) -> Vec<String> {
    let invoices = |c: &Value| c["invoices"].as_array().unwrap().iter().map(|i| text(i, "id").to_owned()).collect::<Vec<_>>();
    let one =
        |c: &Value| format!("{} {} {} {} {:?}", text(c, "kind"), text(c, "step"), text(c, "customer"), c["to"], invoices(c));
    contacts.iter().map(one).collect()
}

fn planned(company: &Company, now: &str) -> Vec<String> {
    let mut contacts = company.run_at(now, &["plan", "--format", "json"]).exits(0).json();
    contacts.retain(|c| c["plan"].is_null());
    about(&contacts)
}

#[test]
fn what_is_sent_is_what_was_planned_in_its_order_and_a_notice_covers_customers_of_all_pages() {
    let company = a_large_company();
    let planned = planned(&company, MORNING);
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(0), "{}", polled.poll);
    assert_eq!(about(&polled.contacts), planned);
    assert_eq!(planned.len(), CUSTOMERS + 3 + 1 + 3, "with the calls, the notice, and three first reminders that came too late");
    let notice = planned.iter().position(|c| c.starts_with("notice")).unwrap();
    assert_eq!(planned[notice], "notice chief C-1203 [\"chief@us.example\"] [\"A-9\", \"J-1\", \"J-2\"]");
    assert!(planned[notice - 1].starts_with("email second C-1203"), "{}", planned[notice - 1]);
    assert!(company.poll_at("2026-03-04T11:00:00-05:00").contacts.is_empty(), "nothing is planned again");
}

#[test]
fn what_waits_of_many_pages_is_kept_and_what_is_paid_meanwhile_is_taken_out() {
    let nowhere = "host = \"relay.localhost\"\nport = 9\ntls = \"none\"\n[relay.timeouts]\nconnect = \"5s\"\n";
    let mut company = a_large_company().with_relay_settings(nowhere);
    company.poll_at(MORNING);
    let first = company.log();
    let waits = |log: &[Value]| log.iter().filter(|c| c["state"] == "queued" || c["state"] == "retrying").count();
    assert_eq!(waits(&first), CUSTOMERS + 1, "e-mails, and one notice");
    company.given_a_payment("P-1", "C-0701", "J-1", "2026-03-04");
    company.given_a_payment("P-2", "C-0600", "I-0600", "2026-03-04");
    company.import();
    let post = Post::kind();
    let company = company.with_relay(post.port);
    let polled = company.poll_at("2026-03-04T11:00:00-05:00");
    assert_eq!(polled.code, Some(0), "{}", polled.poll);
    let log = company.log();
    let of = |customer: &str, state: &str| {
        log.iter()
            .filter(|c| c["customer"] == customer && c["state"] == state)
            .map(|c| text(c, "step").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("C-0600", "cancelled"), ["past-due"]);
    assert_eq!(of("C-1203", "cancelled"), ["chief"], "the notice is made anew without the invoice that was paid");
    assert_eq!(of("C-1203", "sent"), ["second", "chief"]);
    let notice = log.iter().rfind(|c| c["kind"] == "notice").unwrap();
    assert_eq!(about(std::slice::from_ref(notice))[0], "notice chief C-1203 [\"chief@us.example\"] [\"A-9\", \"J-2\"]");
    assert_eq!(post.accepted().len(), CUSTOMERS - 1 + 1, "everybody else once, and the notice");
    assert_eq!(waits(&log), 0);
}

#[test]
fn far_too_many_e_mails_wait_whatever_page_they_are_on_and_the_rest_goes_on() {
    let company = a_large_company();
    let timetable = std::fs::read_to_string(company.path("config/timetable.toml")).unwrap();
    let company = company.with_timetable(&timetable.replace("volume_guard = 0", "volume_guard = 5"));
    let polled = company.poll_at(MORNING);
    assert_eq!((polled.code, &polled.poll["held_by_volume"]), (Some(1), &CUSTOMERS.into()), "{}", polled.poll);
    let made = polled.contacts.iter().filter(|c| c["state"] != "skipped");
    let kinds: Vec<&str> = made.map(|c| text(c, "kind")).collect();
    assert_eq!(kinds.iter().filter(|k| **k == "task").count(), 3);
    assert_eq!((kinds.len(), kinds.contains(&"notice")), (4, true), "{kinds:?}");
    let polled = company.poll_with("2026-03-04T11:00:00-05:00", &["--accept-volume"]);
    assert_eq!((polled.code, polled.contacts.len()), (Some(0), CUSTOMERS), "{}", polled.poll);
}

#[test]
fn a_read_that_is_not_believed_leaves_nothing_of_any_page() {
    let mut company = a_company().with_relay_settings("transport = \"file\"\ndirectory = \"outbox\"\n");
    for n in 1..=CUSTOMERS {
        company.given_an_overdue_invoice(&format!("I-{n:04}"), &format!("C-{n:04}"));
    }
    company.import();
    // Before the window: all is seen, and nothing is planned.
    company.poll_at("2026-03-04T06:00:00-05:00");
    let facts = company.run(&["log", "--format", "json"]).exits(0).json();
    for n in 1..=700 {
        company.given_a_payment(&format!("P-{n}"), &format!("C-{n:04}"), &format!("I-{n:04}"), "2026-03-04");
    }
    company.import();
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(1));
    assert!(polled.poll["problems"].to_string().contains("only 503 open invoices"), "{}", polled.poll);
    assert_eq!(company.run(&["log", "--format", "json"]).exits(0).json(), facts);
    let polled = company.poll_with(MORNING, &["--accept-ledger"]);
    assert_eq!((polled.code, polled.contacts.len()), (Some(0), 503), "{}", polled.poll);
}
