//! Past-due e-mails wait for newer payments (L10).

use super::*;

const STEPS: &str =
    "\n[[step]]\nid = \"before\"\nemail = \"reminder\"\ndays = -3\n\n[[step]]\nid = \"call\"\ntask = \"call\"\ndays = 3\n";

/// C-1 is three days late today, C-2 is due in three days.
fn asks_for_payments_of_the_last_three_days(post: &Post) -> Company {
    let mut company = a_company()
        .with_timetable(&format!("{TIMETABLE}{STEPS}"))
        .with_relay(post.port)
        .with_settings("\n[ledger]\npayments_max_age = \"3d\"\n");
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_invoice("I-2", "C-2", "2026-03-07");
    company
}

fn imports(company: &Company, fresh_as_of: &str) {
    let folder = |file: &str| company.path(file).display().to_string();
    let (customers, invoices, payments) = (folder("customers.csv"), folder("invoices.csv"), folder("payments.csv"));
    let files = ["import", "--customers", &customers, "--invoices", &invoices, "--payments", &payments];
    company.write_files();
    company.run_at(MORNING, &[&files[..], &["--fresh-as-of", fresh_as_of]].concat()).exits(0);
}

#[test]
fn while_the_payments_are_old_only_past_due_emails_wait_and_both_days_are_said() {
    let post = Post::kind();
    let company = asks_for_payments_of_the_last_three_days(&post);
    imports(&company, "2026-02-28");
    let both = "payments up to Sat 2026-02-28, and payments_max_age asks for those up to Sun 2026-03-01";
    company.run_at(MORNING, &["plan"]).says("payments_too_old").says("L10");
    company.run_at(MORNING, &["explain", "I-1"]).says(both).says("(L10)");
    let polled = company.poll_at(MORNING);
    assert_eq!(
        (polled.states(), polled.code),
        (["C-1: open", "C-2: sent", "C-1: skipped"].map(str::to_owned).to_vec(), Some(1)),
        "{polled:#?}"
    );
    assert!(polled.poll["problems"].to_string().contains(both), "{polled:#?}");
    company.run_at(MORNING, &["status"]).exits(1).says(both);
    company.run_at(MORNING, &["check"]).exits(0).says(both);
    let explained = company.run_at(MORNING, &["explain", "I-1", "--format", "json"]).exits(0).json();
    let step = explained[0]["steps"].as_array().unwrap().iter().find(|s| s["step"] == "past-due").unwrap().clone();
    assert_eq!((text(&step, "case"), text(&step, "rule"), text(&step, "reason")), ("stopped", "L10", "payments_too_old"));

    imports(&company, "2026-03-01");
    assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: sent"]);
}

#[test]
fn an_import_of_payments_says_that_they_are_those_of_its_day() {
    let post = Post::kind();
    let company = asks_for_payments_of_the_last_three_days(&post);
    company.write_files();
    assert_eq!(company.poll_at("2026-03-03T09:00:00-05:00").code, Some(0), "an empty ledger waits for nothing");
    let all = company.path("customers.csv").display().to_string();
    company.run_at(MORNING, &["import", "--customers", &all, "--fresh-as-of", "2026-03-01"]).exits(2);
    imports(&company, "2026-01-01");
    let payments = company.path("payments.csv").display().to_string();
    company.run_at("2026-03-01T12:00:00-05:00", &["import", "--payments", &payments]).exits(0);
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent", "C-1: open", "C-2: sent", "C-1: skipped"]);
    assert_eq!(post.accepted().len(), 2);
}

#[test]
fn payments_that_are_too_old_by_the_next_try_take_the_reminder_back() {
    let post = Post::open(Script::default().once(At::Rcpt, say("451 4.3.0 later")));
    let company = owed_by(&post, &["C-1"]).with_settings("\n[ledger]\npayments_max_age = \"3d\"\n");
    imports(&company, "2026-03-02");
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: retrying"]);
    imports(&company, "2026-02-01");
    assert_eq!(company.poll_at("2026-03-04T10:00:00-05:00").states(), ["C-1: cancelled"]);
    assert_eq!(text(&company.contact(), "reason"), "payments_too_old");
    imports(&company, "2026-03-04");
    assert_eq!(company.poll_at("2026-03-05T10:00:00-05:00").states(), ["C-1: sent"]);
}

#[test]
fn a_query_ledger_says_by_a_query_how_fresh_its_payments_are() {
    let post = Post::kind();
    let company = a_company().with_relay(post.port);
    let books = company.path("config/books.db");
    tokio::runtime::Runtime::new().unwrap().block_on(dunningd::database::Database::scratch(&books)).unwrap();
    let settings = std::fs::read_to_string(company.path("config/dunningd.toml")).unwrap();
    let now_says = |max_age: &str, fresh: &str| {
        let books = format!(
            "\n[ledger]\nsource = \"query\"\n{max_age}\n[ledger.query]\nurl = \"sqlite:books.db\"\n\
             customers = \"SELECT 'C-1' AS id, 'One' AS name, 'ap@c-1.example' AS email\"\n\
             invoices = \"SELECT 'I-1' AS id, 'C-1' AS customer_id, '2026-03-01' AS due_date, 'USD' AS currency, '10.00' AS total\"\n\
             payments = \"SELECT 1 AS id, 1 AS customer_id, 1 AS received_on, 1 AS amount, 1 AS currency WHERE 1 = 0\"\n{fresh}\n"
        );
        std::fs::write(company.path("config/dunningd.toml"), format!("{settings}{books}")).unwrap();
    };
    let asked = "payments_max_age = \"3d\"";
    for (fresh, why) in [
        ("'2026-02-28 18:30:00'", "up to Sat 2026-02-28"),
        ("NULL", "does not say up to which day"),
        ("'last week'", "which is no date"),
    ] {
        now_says(asked, &format!("fresh = \"SELECT {fresh}\""));
        let polled = company.poll_at(MORNING);
        assert!(polled.states().is_empty() && polled.poll["problems"].to_string().contains(why), "{polled:#?}");
    }
    now_says("", "fresh = \"SELECT 1\"");
    company.run_at(MORNING, &["plan"]).exits(2).says("say with payments_max_age");
    now_says(asked, "");
    company.run_at(MORNING, &["plan"]).exits(2).says("payments_max_age needs `fresh`");
    std::fs::write(company.path("config/fresh.sql"), "SELECT max(day) FROM (SELECT '2026-03-03' AS day)").unwrap();
    now_says(asked, "fresh_file = \"fresh.sql\"");
    assert_eq!(company.poll_at("2026-03-04T10:20:00-05:00").states(), ["C-1: sent"]);
}
