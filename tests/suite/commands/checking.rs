//! `check`, beyond mistakes of the files: what is hardly meant, the cases, the sentences, and what lies outside.

use super::*;
use crate::support::company::{LATE_CALL, TIMETABLE};
use crate::support::dns::DnsServer;
use crate::support::post::Post;

/// What `check --format json` lists: `code line:column-end_line:end_column severity`.
fn listed(company: &Company, args: &[&str]) -> Vec<String> {
    let said = company.run_at(MORNING, &[&["check", "--format", "json"], args].concat());
    let problems = said.json()[0]["problems"].as_array().unwrap().clone();
    let line = |p: &serde_json::Value| {
        assert!(!text(p, "message").is_empty() && !text(p, "help").is_empty() && !text(p, "file").is_empty(), "{p}");
        format!("{} {}:{}-{}:{} {}", text(p, "code"), p["line"], p["column"], p["end_line"], p["end_column"], text(p, "severity"))
    };
    problems.iter().map(line).collect()
}

/// A timetable of which nothing is to be said.
fn content() -> String {
    format!("{TIMETABLE}\n{LATE_CALL}")
}

#[test]
fn a_company_in_order_hears_nothing() {
    let company = with_one_invoice().with_timetable(&content());
    let said = company.run_at(MORNING, &["check"]).exits(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
    assert!(listed(&company, &[]).is_empty());
}

#[test]
fn what_is_hardly_meant_has_a_code_a_place_and_an_end_for_editors() {
    let timetable = content().replace("days = 9", "days = 5\nsizes = [\"small\"]");
    let company = with_one_invoice().with_timetable(&timetable);
    let line = timetable.lines().position(|l| l == "days = 5").unwrap() + 1;
    assert_eq!(listed(&company, &["--offline"]), [format!("quiet-days {line}:1-{line}:9 warning")]);
    company.run_at(MORNING, &["check"]).exits(0).says("waits on").says("put it on day 7 or later").says("0 errors, 1 warning");
}

#[test]
fn a_case_that_fails_is_an_error_and_stops_nothing_else() {
    let case = "[[case]]\nname = \"one\"\namount = 100\ncurrency = \"USD\"\ndue = \"2026-03-01\"\nunpaid_until = \"2026-03-05\"\n\
                expect = [{ on = \"2026-03-05\", step = \"past-due\" }]\n";
    let company = with_one_invoice().with_timetable(&format!("{}\n{case}", content()));
    company.run_at(MORNING, &["check"]).exits(2).says("`past-due` comes on Wed 4 Mar 2026, not on Thu 5 Mar 2026");
    assert_eq!(company.poll_at(MORNING).states(), ["C-1: sent"]);
    let company =
        company.with_timetable(&format!("{}\n{}", content(), case.replace("{ on = \"2026-03-05\"", "{ on = \"2026-03-04\"")));
    company.run_at(MORNING, &["check"]).exits(0);
}

#[test]
fn a_case_made_from_an_invoice_holds_and_does_not_name_the_customer() {
    let company = with_one_invoice().with_timetable(&content());
    let before = everything(&company);
    let said = company.run_at(MORNING, &["check", "--suggest-case", "I-1"]).exits(0);
    assert_eq!(everything(&company), before);
    assert!(said.out.starts_with("[[case]]\n") && said.out.contains("step = \"past-due\""), "{said:#?}");
    assert!(!said.out.contains("Customer C-1") && !said.out.contains("C-1"), "{said:#?}");
    let company = company.with_timetable(&format!("{}\n{}", content(), said.out));
    assert_eq!(company.run_at(MORNING, &["check"]).exits(0).err, "");
    company.run_at(MORNING, &["check", "--suggest-case", "I-9"]).exits(2).says("no invoice \"I-9\"");
}

#[test]
fn the_rules_are_told_in_sentences_with_the_next_three_polls() {
    let company = with_one_invoice().with_timetable(&content()).with_settings("\n[poll]\nschedule = [\"0 9,12 * * mon-fri\"]\n");
    let said = company.run_at(MORNING, &["check", "--rules", "--offline"]).exits(0);
    assert!(said.out.contains("All customers: everybody\n  past-due: the e-mail `past-due` 3 days after the due date; for an invoice due on Mon 16 Mar 2026 on Thu 19 Mar."), "{}", said.out);
    assert!(
        said.out
            .ends_with("The next polls (America/New_York): Wed 4 Mar 2026 12:00, Thu 5 Mar 2026 09:00, Thu 5 Mar 2026 12:00\n"),
        "{}",
        said.out
    );
    let json = company.run_at(MORNING, &["check", "--rules", "--offline", "--format", "json"]).exits(0).json();
    assert_eq!((json[0]["polls"].as_array().unwrap().len(), text(&json[0], "sample_due_date")), (3, "2026-03-16"));
    assert!(json[1]["problems"].as_array().unwrap().is_empty());
}

#[test]
fn a_schedule_that_never_meets_the_send_window_is_an_error() {
    let with = |schedule: &str| {
        let settings = format!("\n[poll]\nschedule = [\"{schedule}\"]\n");
        listed(&with_one_invoice().with_timetable(&content()).with_settings(&settings), &["--offline"])
    };
    assert!(with("0 20 * * *")[0].starts_with("no-poll "));
    assert!(with("0 9 * * sat")[0].starts_with("no-poll "));
    assert!(with("0 9 1 * *")[0].starts_with("grace "));
    assert!(with("0 9 * * mon").is_empty(), "a week is less than ten days of grace");
}

#[test]
fn settings_that_do_not_go_together_are_shown_where_they_stand() {
    let company =
        with_one_invoice().with_timetable(&content()).with_relay_settings("host = \"mail.example.com\"\ntls = \"none\"\n");
    let said = company.run(&["check", "--offline"]).exits(2);
    said.says("dunningd.toml:6:1").says("tls = \"none\"").says("in the clear");
}

#[test]
fn a_language_and_a_template_that_are_missing_are_shown_in_the_timetable() {
    let timetable =
        format!("{}\n[customer.C-1]\nlanguage = \"xx\"\n", content().replace("email = \"past-due-30\"", "email = \"past-deu\""));
    let company = with_one_invoice().with_timetable(&timetable);
    let place = |needle: &str| timetable.lines().position(|l| l.contains(needle)).unwrap() + 1;
    let (step, language) = (place("past-deu"), place("xx"));
    let expected = [format!("template-missing {step}:1-{step}:19 error"), format!("language {language}:1-{language}:16 warning")];
    assert_eq!(listed(&company, &["--offline"]), expected);
}

#[test]
fn the_dns_is_asked_of_a_real_relay_only() {
    let dns = DnsServer::start().txt("us.example", "v=spf1 +all").address_of("us.example");
    let settings = format!("\n[check]\ndns = \"{}\"\n", dns.address);
    let post = Post::kind();
    let company = with_one_invoice().with_timetable(&content()).with_settings(&settings).with_relay(post.port);
    company.run(&["check"]).exits(0);
    assert!(dns.asked().is_empty());
    // An address of documentation: nobody answers there.
    let company = company.with_relay_settings("host = \"192.0.2.1\"\ntimeouts = { connect = \"1s\" }\n");
    company.run(&["check", "--offline"]).exits(0);
    assert!(dns.asked().is_empty());
    let said = company.run(&["check"]).exits(2);
    said.says("everybody may send in its name").says("has no DMARC record").says("host, port, tls");
}

#[test]
fn what_the_relay_offers_is_told_on_request() {
    let post = Post::kind();
    let company = with_one_invoice().with_timetable(&content()).with_relay(post.port);
    let said = company.run_at(MORNING, &["check", "--effective"]).exits(0);
    said.says("note: [relay] ")
        .says("answers at 127.0.0.1")
        .says("Of the useful extensions it offers")
        .says("We say EHLO us.example");
}

#[test]
fn a_country_of_customers_whose_holidays_are_not_known_is_named() {
    let company = with_one_invoice().with_timetable(&format!("customer_holidays = true\n{}", content()));
    let customers = company.path("countries.csv");
    std::fs::write(&customers, "id,name,country\nC-8,Eight,at\nC-9,Nine,Germany\n").unwrap();
    company.run(&["import", "--customers", customers.to_str().unwrap()]).exits(0);
    let said = company.run_at(MORNING, &["check"]).exits(0);
    said.says("customer_holidays: no holidays are known of Germany").says("write the two letters of ISO 3166");
}
