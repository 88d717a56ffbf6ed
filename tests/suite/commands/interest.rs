//! Interest on late payments, as a person sees it: in an e-mail, explained, and missing.

use super::*;
use crate::support::company::LATE_CALL;

/// Fifteen days after the due date.
const LATE: &str = "2026-03-16T09:00:00-04:00";

fn terms(step: &str, interest: &str) -> String {
    format!("[[step]]\nid = \"last\"\nemail = \"final\"\ndays = 15\n{step}\n[interest]\n{interest}\n")
}

fn a_company_with(step: &str, interest: &str) -> Company {
    let mut company = a_company().with_all_templates().with_steps(&terms(step, interest));
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company
}

fn last_letter(company: &Company) -> String {
    company.run_at(LATE, &["preview", "last", "--invoice", "I-1"]).exits(0).out
}

#[test]
fn a_final_notice_shows_interest_where_the_timetable_has_it_and_else_does_not() {
    let shown = last_letter(&a_company_with("", "rate = 10\ncompensation = { USD = 25 }"));
    for amount in ["$0.41", "$25.00", "$125.41"] {
        assert!(shown.contains(amount), "{amount} is not in {shown}");
    }
    let without = last_letter(&a_company_with("", "rate = 10"));
    assert!(without.contains("$0.41") && without.contains("$100.41") && !without.contains("compensation"), "{without}");
    for hidden in [a_company_with("interest = false", "rate = 10"), a_company_with("", "by_country = true")] {
        let shown = last_letter(&hidden);
        assert!(!shown.contains("interest"), "{shown}");
    }
}

#[test]
fn interest_changes_no_balance_and_no_contact() {
    let sent = |company: Company| {
        company.poll_at(LATE);
        let part = |entry: &serde_json::Value| (entry["step"].clone(), entry["state"].clone(), entry["invoices"].clone());
        company.log().iter().map(part).collect::<Vec<_>>()
    };
    let with = sent(a_company_with("", "rate = 10\ncompensation = 25"));
    let without = sent(a_company_with("interest = false", "rate = 10"));
    assert_eq!(with, without);
    let last = with.iter().find(|(step, ..)| step == "last").unwrap();
    assert_eq!((&last.1, &last.2[0]["open_balance"]), (&"sent".into(), &"100.00".into()));
}

#[test]
fn explain_says_how_the_interest_came_about_or_why_there_is_none() {
    let company = a_company_with("", "rate = 10\ncompensation = 25");
    let said = company.run_at(LATE, &["explain", "I-1"]).exits(0).out;
    assert!(said.contains("Interest of 0.41 USD, and 25.00 USD compensation"), "{said}");
    let document = company.run_at(LATE, &["explain", "I-1", "--format", "json"]).exits(0).json().remove(0);
    let claimed = &document["invoices"][0]["interest"];
    assert_eq!((&claimed["amount"], &claimed["spans"][0]["days"]), (&"0.41".into(), &15.into()), "{document:#}");
    let unknown = a_company_with("", "by_country = true").run_at(LATE, &["explain", "I-1"]).exits(0).out;
    assert!(unknown.contains("No interest is shown: the customer has no country"), "{unknown}");
}

#[test]
fn check_says_which_rate_is_not_known_from_a_week_before_until_it_is_added() {
    let warned = |interest: &str, now: &str| {
        // The few templates of the tests: `check` plays every one of them.
        let late = a_company().with_steps(&format!("{}{LATE_CALL}", terms("", interest).replace("final", "past-due-30")));
        let said = late.run_at(now, &["check", "--offline"]);
        let all = said.out + &said.err;
        all.contains("the rate from 2027-01-01 is not known")
    };
    let (before, soon) = ("2026-12-01T09:00:00-05:00", "2026-12-28T09:00:00-05:00");
    assert!(!warned("regime = \"de\"", before));
    assert!(warned("regime = \"de\"", soon));
    assert!(warned("by_country = true", soon));
    assert!(!warned("regime = \"de\"\n[[interest.rate]]\nvalid_from = \"2027-01-01\"\nbase = 2", soon));
    assert!(!warned("rate = 10", soon));
}

#[test]
fn a_poll_warns_of_a_rate_that_nobody_has_told_yet() {
    let company = a_company_with("", "regime = \"de\"");
    assert!(
        company
            .run_at("2026-12-28T09:00:00-05:00", &["run", "--once"])
            .err
            .contains("the rate from 2027-01-01 is not known for `de`")
    );
    assert!(!company.run_at("2026-12-01T09:00:00-05:00", &["run", "--once"]).err.contains("is not known"));
}
