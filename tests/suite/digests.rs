//! The morning's e-mail to colleagues: who gets it, what is in it, and that nobody gets it twice.

use serde_json::Value;

use crate::support::company::{Company, Polled, Said, a_company, text};
use crate::support::post::Post;
use crate::support::relay::Script;
use crate::support::script::{At, say};

/// Thursday, before and after the hour, before the window.
const TOO_EARLY: &str = "2026-03-05T07:29:00-05:00";
const EARLY: &str = "2026-03-05T07:31:00-05:00";
const NOON: &str = "2026-03-05T12:00:00-05:00";
/// The day before, in the window: what is reported.
const YESTERDAY: &str = "2026-03-04T09:00:00-05:00";
const FRIDAY: &str = "2026-03-06T09:00:00-05:00";
const SATURDAY: &str = "2026-03-07T09:00:00-05:00";

const CALL: &str = "[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 4\n";
const DIGEST: &str = "\n[digest]\nmanager = \"boss@us.example\"\n";

/// Maria's customer owes two invoices; nobody looks after the other one.
fn a_company_with(post: Option<&Post>, digest: &str) -> Company {
    let mut company = a_company().with_all_templates().with_steps(CALL).with_settings(digest);
    if let Some(post) = post {
        company = company.with_relay(post.port);
    }
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_invoice("I-2", "C-1", "2026-02-28");
    company.given_an_overdue_invoice("I-3", "C-2");
    company.import();
    let customers = "id,name,email,phone,collector\nC-1,\"Weber & Söhne\",ap@c-1.example,+1 555 0100,maria@us.example\n\
                     C-2,Borealis,ap@c-2.example,,\n";
    std::fs::write(company.path("customers.csv"), customers).unwrap();
    company.run(&["import", "--customers", "customers.csv"]).exits(0);
    company
}

fn digests(polled: &Polled) -> Vec<String> {
    let of = |c: &&Value| c["step"] == "digest";
    polled.contacts.iter().filter(of).map(|c| format!("{} {}", c["to"][0].as_str().unwrap(), text(c, "state"))).collect()
}

fn shown(company: &Company, now: &str, to: &str) -> Value {
    company.run_at(now, &["digest", "--to", to, "--format", "json"]).exits(0).json().remove(0)
}

#[test]
fn each_reader_gets_one_digest_a_day_before_the_window_and_not_before_its_hour() {
    let post = Post::kind();
    let company = a_company_with(Some(&post), DIGEST);
    assert!(digests(&company.poll_at(TOO_EARLY)).is_empty());
    let polled = company.poll_at(EARLY);
    assert_eq!(digests(&polled), ["boss@us.example sent", "maria@us.example sent"], "{polled:#?}");
    assert!(polled.contacts.iter().all(|c| c["kind"] != "email"), "the window of customers is not open");
    for again in [EARLY, NOON] {
        assert!(digests(&company.poll_at(again)).is_empty());
    }
    let to = |post: &Post| post.accepted().iter().filter(|a| a.to.iter().any(|t| t.contains("us.example"))).count();
    assert_eq!(to(&post), 2);
    assert_eq!(digests(&company.poll_at(FRIDAY)).len(), 2);
    assert!(digests(&company.poll_at(SATURDAY)).is_empty());
    company.run(&["log", "--verify"]).exits(0);
}

#[test]
fn a_collector_reads_what_is_to_be_done_with_the_number_to_call_the_overdue_first() {
    let post = Post::kind();
    let company = a_company_with(Some(&post), DIGEST);
    company.poll_at(YESTERDAY);
    company.poll_at(EARLY);
    let mail = post.accepted().into_iter().rev().find(|a| a.to.iter().any(|t| t.contains("maria"))).unwrap();
    assert_eq!(mail.header("Subject"), "Mar 5, 2026: 2 tasks, 1 overdue");
    let text = mail.text();
    for there in ["+1 555 0100", "1 day overdue", "$200.00", "text/html"] {
        assert!(text.contains(there), "{there} is not in {text}");
    }
    assert!(!text.contains("Borealis"), "not her customer: {text}");
    let digest = shown(&company, EARLY, "maria@us.example");
    let days: Vec<i64> = digest["tasks"].as_array().unwrap().iter().map(|t| t["days_overdue"].as_i64().unwrap()).collect();
    assert_eq!((days, digest["manager"].is_null()), (vec![1, 0], true));
}

#[test]
fn the_manager_reads_what_went_out_what_came_in_and_who_is_behind() {
    let mut company = a_company_with(None, DIGEST);
    company.poll_at(YESTERDAY);
    company.given_a_payment("P-1", "C-2", "I-3", "2026-03-04");
    std::fs::write(
        company.path("payments.csv"),
        "id,customer_id,invoice_id,received_on,amount,currency\nP-1,C-2,I-3,2026-03-04,40.00,USD\n",
    )
    .unwrap();
    company.run(&["import", "--payments", "payments.csv"]).exits(0);
    company.poll_at(EARLY);
    let digest = shown(&company, EARLY, "boss@us.example");
    let manager = &digest["manager"];
    assert_eq!((&manager["emails"], &manager["sent"][0]["step"]), (&2.into(), &"past-due".into()));
    assert_eq!((&digest["received"][0]["amount"], text(&digest["payments"][0], "customer_name")), (&"40.00".into(), "Borealis"));
    let open = &manager["open"][0];
    assert_eq!(
        (text(open, "total"), text(open, "past_due"), open["amounts"][1].as_str().unwrap()),
        ("260.00", "260.00", "260.00")
    );
    let collectors = manager["collectors"].as_array().unwrap();
    let line = |c: &Value| format!("{} {} {}", c["address"].as_str().unwrap_or("-"), c["tasks"], c["overdue"]);
    assert_eq!(collectors.iter().map(line).collect::<Vec<_>>(), ["maria@us.example 2 1", "- 1 0"]);
    assert!(digest["tasks"].as_array().unwrap().is_empty(), "the tasks are Maria's");
}

#[test]
fn what_came_of_a_task_is_told_the_next_morning_and_what_failed_too() {
    let post = Post::open(Script::default().on(At::Rcpt, say("550 5.1.1 no such user")));
    let company = a_company_with(Some(&post), "\n[digest]\nmanager = [\"boss@us.example\"]\ncollectors = false\n");
    let polled = company.poll_at(YESTERDAY);
    assert_eq!(digests(&polled), ["boss@us.example failed"], "collectors = false; the relay knows nobody");
    let task = company.log().into_iter().find(|c| c["kind"] == "task" && c["step"] == "phone").unwrap();
    company.run_at(YESTERDAY, &["tasks", "done", text(&task, "contact"), "--note", "pays on Friday"]).exits(0);
    let digest = shown(&company, EARLY, "maria@us.example");
    assert_eq!(text(&digest["results"][0], "note"), "pays on Friday");
    let what: Vec<&str> = digest["trouble"].as_array().unwrap().iter().map(|t| text(t, "what")).collect();
    assert_eq!(what, ["failed", "suppressed"], "{digest:#}");
    assert!(text(&digest["trouble"][0], "why").contains("no such user"));
    assert!(company.poll_at(EARLY).poll["problems"].to_string().contains("the address is suppressed"));
    assert!(company.log().iter().all(|c| c["kind"] != "task" || c["customer"] != ""), "no task for a colleague's address");
}

#[test]
fn a_digest_that_could_not_leave_is_tried_again_with_the_same_bytes_and_is_stale_the_day_after() {
    let post = Post::open(Script::default().on(At::Rcpt, say("451 4.3.0 later")));
    let company = a_company_with(Some(&post), DIGEST);
    let polled = company.poll_at(EARLY);
    assert_eq!(digests(&polled), ["boss@us.example retrying", "maria@us.example retrying"]);
    let id = |entry: &Value| text(entry, "message_id").to_owned();
    let first: Vec<String> = polled.contacts.iter().filter(|c| c["step"] == "digest").map(id).collect();
    let open = Post::kind();
    let company = company.with_relay(open.port);
    let again = company.poll_at(NOON);
    assert_eq!(digests(&again), ["boss@us.example sent", "maria@us.example sent"]);
    assert_eq!(again.contacts.iter().filter(|c| c["step"] == "digest").map(id).collect::<Vec<_>>(), first);
    company.run(&["log", "--verify"]).exits(0);

    let silent = Post::open(Script::default().on(At::Rcpt, say("451 4.3.0 later")));
    let company = a_company_with(Some(&silent), DIGEST);
    company.poll_at(EARLY);
    let company = company.with_relay(open.port);
    let next = digests(&company.poll_at(FRIDAY));
    assert_eq!(next.iter().filter(|d| d.ends_with("cancelled")).count(), 2, "{next:?}");
    assert_eq!(next.iter().filter(|d| d.ends_with("sent")).count(), 2, "{next:?}");
}

#[test]
fn the_digest_goes_also_when_the_ledger_is_not_believed_and_says_so() {
    let mut company = a_company_with(None, DIGEST);
    for number in 0..30 {
        company.given_an_invoice(&format!("J-{number}"), &format!("D-{number}"), "2026-04-01");
    }
    company.import();
    company.poll_at(YESTERDAY);
    std::fs::write(company.path("customers.csv"), "id,name\nC-1,Weber\n").unwrap();
    std::fs::write(
        company.path("invoices.csv"),
        "id,customer_id,issue_date,due_date,currency,total\nI-1,C-1,2026-02-01,2026-03-01,USD,100.00\n",
    )
    .unwrap();
    let imported: Said = company.import_files();
    imported.exits(0);
    let polled = company.poll_at(EARLY);
    assert_eq!((polled.poll["believed"].as_bool(), digests(&polled)[0].as_str()), (Some(false), "boss@us.example sent"));
    let digest = shown(&company, EARLY, "boss@us.example");
    assert!(digest["manager"]["problems"][0].as_str().unwrap().contains("T27"), "{digest:#}");
}

#[test]
fn the_command_shows_a_digest_as_text_html_or_eml_and_changes_nothing() {
    let company = a_company_with(None, DIGEST);
    company.poll_at(YESTERDAY);
    let before = company.state();
    let said = company.run_at(EARLY, &["digest", "--to", "maria@us.example"]).exits(0).out;
    assert!(said.starts_with("Subject: ") && said.contains("Weber & Söhne"), "{said}");
    let html = company.run_at(EARLY, &["digest", "--to", "maria@us.example", "--as", "html"]).exits(0).out;
    assert!(html.contains("<!DOCTYPE html>") && html.contains("Weber &amp; Söhne"), "{html}");
    let eml = company.run_at(EARLY, &["digest", "--to", "boss@us.example", "--as", "eml"]).exits(0).out;
    assert!(eml.contains("To: boss@us.example") && eml.contains("Subject: "), "{eml}");
    let list = company.run_at(EARLY, &["digest"]).exits(0).out;
    assert!(list.contains("boss@us.example") && list.contains("maria@us.example"), "{list}");
    company.run_at(EARLY, &["digest", "--to", "nobody"]).exits(2).says("is no address");
    assert_eq!(company.state(), before);
    let without = a_company_with(None, "");
    without.run_at(EARLY, &["digest", "--to", "boss@us.example"]).exits(0).says("no [digest]");
}

#[test]
fn check_and_run_want_the_templates_of_the_digest() {
    let company = a_company().with_settings(DIGEST);
    for command in [&["check", "--offline"][..], &["run", "--once"]] {
        company.run(command).exits(2).says("[digest] needs templates");
    }
    a_company().with_settings("\n[digest]\nat = \"soon\"\n").run(&["check", "--offline"]).exits(2).says("write it as \"07:30\"");
}
