//! What an earlier poll queued and could not send meets a new plan (T5, T9, T13, D3, D4).

use super::*;

const ONE_STEP: &str = r#"
time_zone = "America/New_York"
quiet_days = 0
grace_days = 1
go_live = "2026-01-01"

[[segment]]
name = "all"

[[step]]
id = "past-due"
email = "past-due"
days = 3
"#;

#[test]
fn a_merged_email_that_expires_in_part_leaves_for_the_rest_and_harms_nobody() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")));
    let mut company = a_company().with_timetable(ONE_STEP).with_relay(post.port);
    company.given_an_invoice("I-1", "C-1", "2026-03-01");
    company.given_an_invoice("I-2", "C-1", "2026-03-02");
    company.given_an_invoice("I-3", "C-2", "2026-03-03");
    company.import();
    assert_eq!(company.poll_at("2026-03-05T09:00:00-05:00").states(), ["C-1: retrying"]);
    let polled = company.poll_at("2026-03-06T09:00:00-05:00");
    assert_eq!(polled.code, Some(0), "{polled:#?}");
    let mut found: Vec<String> =
        company.log().iter().map(|c| format!("{} {} {}", text(c, "lead"), text(c, "state"), c["reason"])).collect();
    found.sort();
    assert_eq!(found, ["I-1 cancelled \"planned afresh\"", "I-1 skipped \"expired\"", "I-2 sent null", "I-3 sent null",]);
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn a_relay_that_is_not_there_costs_no_contact_a_try_and_is_said_once() {
    let customers: Vec<String> = (1..=20).map(|n| format!("C-{n:02}")).collect();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut company = a_company().with_relay(nobody);
    for (number, customer) in customers.iter().enumerate() {
        company.given_an_overdue_invoice(&format!("I-{number}"), customer);
    }
    company.import();
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.code, Some(1));
    assert!(polled.poll["problems"].as_array().unwrap().len() <= 5, "{}", polled.poll);
    let log = company.log();
    assert!(log.iter().all(|c| c["attempts"] == 0 && ["queued", "retrying"].contains(&text(c, "state"))), "{:?}", states(&log));
    assert!(log.iter().any(|c| c["state"] == "queued"), "the rest is not even tried");
    let post = Post::kind();
    let company = company.with_relay(post.port);
    company.poll_at("2026-03-04T10:00:00-05:00");
    assert_eq!(post.accepted().len(), 20);
    assert!(company.log().iter().all(|c| c["attempts"] == 1 && c["state"] == "sent"));
}

#[test]
fn what_waits_leaves_with_the_template_that_its_step_has_now() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")));
    let mut company = a_company().with_timetable(ONE_STEP).with_relay(post.port);
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company.poll_at(MORNING);
    let company = company.with_timetable(&ONE_STEP.replace("email = \"past-due\"", "email = \"past-due-30\""));
    std::fs::remove_dir_all(company.path("config/templates/en/past-due")).unwrap();
    assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: sent"]);
    assert_eq!(company.contact()["action"], "past-due-30");
}

#[test]
fn a_contact_that_is_made_anew_waits_as_long_as_the_relay_asked() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.7.1 greylisted")));
    let mut company = owed_by(&post, &["C-1"]);
    company.poll_at(MORNING);
    company.given_an_overdue_invoice("I-2", "C-1");
    company.import();
    let soon = company.poll_at("2026-03-04T09:01:00-05:00");
    assert_eq!((post.connections(), soon.states()), (1, vec!["C-1: cancelled".to_owned(), "C-1: retrying".to_owned()]));
    assert_eq!(company.poll_at("2026-03-04T09:10:00-05:00").states(), ["C-1: sent"]);
    assert_eq!(company.log()[1]["invoices"].as_array().unwrap().len(), 2);
    assert_the_log_says_what_the_relay_knows(&company, &post);
}

#[test]
fn a_relay_that_refuses_everybody_fails_and_suppresses_nobody_however_many_are_on_their_way() {
    let post = Post::open(Script::default().on(At::Rcpt, say("550 5.1.1 unknown")));
    let company = owed_by(&post, &["C-1", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7", "C-8"]);
    assert_eq!(company.poll_at(MORNING).code, Some(1));
    assert!(emails(&company).iter().all(|c| c["state"] == "queued"), "{:?}", states(&company.log()));
    let mut tasks = company.log().into_iter().filter(|c| c["kind"] == "task");
    assert!(tasks.all(|t| t["state"] == "cancelled"), "nobody needs a better address");
    let plan = company.run_at("2026-03-04T09:30:00-05:00", &["plan"]).exits(0);
    assert!(!plan.out.contains("suppressed"), "{}", plan.out);
}
