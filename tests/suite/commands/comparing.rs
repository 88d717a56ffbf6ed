//! `plan` in groups, and what another timetable would change.

use serde_json::Value;

use super::*;
use crate::support::company::TIMETABLE;

fn with_three_invoices() -> Company {
    let mut company = a_company();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_overdue_invoice("I-2", "C-1");
    company.given_an_overdue_invoice("I-3", "C-2");
    company.import();
    company
}

fn compared(company: &Company, timetable: &str, args: &[&str]) -> (Vec<Value>, Value) {
    std::fs::write(company.path("other.toml"), timetable).unwrap();
    let args = [&["plan", "--diff", "other.toml", "--format", "json"], args].concat();
    let mut lines = company.run_at(MORNING, &args).exits(0).json();
    let totals = lines.pop().unwrap()["totals"].clone();
    (lines.into_iter().map(|l| l["diff"].clone()).collect(), totals)
}

#[test]
fn a_plan_is_summed_up_by_step_and_what_is_held_back_by_its_reason() {
    let company = with_three_invoices();
    company.run_at(MORNING, &["hold", "--invoice", "I-3", "--until", "2026-03-06", "--reason", "x"]).exits(0);
    let plan = company.run_at(MORNING, &["plan", "--format", "json"]).exits(0).json().pop().unwrap()["plan"].clone();
    let group = &plan["groups"][0];
    assert_eq!((text(group, "kind"), text(group, "step"), text(group, "state")), ("email", "past-due", "planned"));
    assert_eq!((group["contacts"].as_u64(), group["invoices"].as_u64()), (Some(1), Some(2)));
    assert_eq!((text(&group["open"], "USD"), group["segments"]["all"].as_u64()), ("200.00", Some(1)));
    let held = &plan["held"][0];
    assert_eq!((text(held, "reason"), text(held, "rule"), text(held, "until")), ("held", "T15", "2026-03-07"));
    assert_eq!((held["steps"].as_u64(), held["invoices"].as_u64(), held["customers"].as_u64()), (Some(1), Some(1), Some(1)));
    assert_eq!(text(&plan["waiting"][0], "until"), "2026-03-07");
    company.run_at(MORNING, &["plan"]).exits(0).says("held (T15)").says("2026-03-07");
}

#[test]
fn much_that_is_held_back_is_listed_only_if_all_is_wanted() {
    let mut company = a_company();
    (0..25).for_each(|n| company.given_an_overdue_invoice(&format!("I-{n}"), &format!("C-{n}")));
    company.import();
    (0..25).for_each(|n| drop(company.run_at(MORNING, &["dispute", "--invoice", &format!("I-{n}"), "--reason", "x"]).exits(0)));
    let short = company.run_at(MORNING, &["plan"]).exits(0).says("--all lists each of them");
    assert!(!short.out.contains("I-17"), "{}", short.out);
    company.run_at(MORNING, &["plan", "--all"]).exits(0).says("I-17");
}

#[test]
fn another_timetable_is_compared_over_the_next_thirty_days_and_nothing_is_touched() {
    let company = with_three_invoices();
    let before = everything(&company);
    let (same, totals) = compared(&company, TIMETABLE, &[]);
    assert!(same.is_empty(), "{same:#?}");
    assert_eq!((totals["days"].as_u64(), text(&totals, "from"), text(&totals, "to")), (Some(30), "2026-03-04", "2026-04-02"));
    company.run_at(MORNING, &["plan", "--diff", "other.toml"]).exits(0).says("no difference");
    let other = TIMETABLE.replace("days = 9", "days = 11") + "[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 5\n";
    let (found, totals) = compared(&company, &other, &[]);
    let short = |d: &Value| {
        let was = d["was"].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {} {was}", text(d, "change"), text(d, "step"), text(d, "invoice"), text(d, "date"))
    };
    let found: Vec<String> = found.iter().map(short).collect();
    let (added, moved) = ("2026-03-06 -", "2026-03-12 2026-03-10");
    let want = ["I-1", "I-2", "I-3"].map(|i| format!("added phone {i} {added}"));
    let want: Vec<String> = want.into_iter().chain(["I-1", "I-2", "I-3"].map(|i| format!("moved second {i} {moved}"))).collect();
    assert_eq!(found, want);
    assert_eq!((totals["added"].as_u64(), totals["gone"].as_u64(), totals["moved"].as_u64()), (Some(3), Some(0), Some(3)));
    assert_eq!((text(&totals["steps"][0], "step"), totals["steps"][0]["added"].as_u64()), ("phone", Some(3)));
    assert_eq!((text(&totals["segments"][0], "segment"), totals["segments"][0]["moved"].as_u64()), ("all", Some(3)));
    let (fewer, _) = compared(&company, &other, &["--days", "3"]);
    assert_eq!(fewer.len(), 3);
    company.run_at(MORNING, &["plan", "--diff", "other.toml"]).exits(0).says("3 added, 0 gone, 3 moved");
    std::fs::remove_file(company.path("other.toml")).unwrap();
    assert_eq!(everything(&company), before);
}

#[test]
fn a_renamed_step_is_the_same_and_one_that_is_new_to_the_log_is_named_with_its_guard() {
    let company = with_three_invoices();
    company.poll_at(MORNING);
    let renamed = TIMETABLE.replace("id = \"past-due\"", "id = \"nudge\"\nrenamed_from = \"past-due\"");
    assert_eq!(compared(&company, &renamed, &[]).0, [] as [Value; 0]);
    // Without a word about it the new step would repeat what the old one has done; a poll would wait (T31).
    let (found, totals) = compared(&company, &TIMETABLE.replace("id = \"past-due\"", "id = \"nudge\""), &[]);
    assert_eq!(found.iter().filter(|d| d["step"] == "nudge" && d["change"] == "added").count(), 3);
    assert!(totals["problems"].to_string().contains("(T31)"), "{totals}");
}

#[test]
fn the_problems_of_the_other_file_are_shown_as_check_shows_them() {
    let company = with_three_invoices();
    let wrong = [
        (TIMETABLE.replace("quiet_days", "quite_days"), "did you mean `quiet_days`?"),
        (TIMETABLE.replace("\"past-due-30\"", "\"past-du\""), "names the template `past-du`"),
    ];
    for (other, says) in wrong {
        std::fs::write(company.path("other.toml"), other).unwrap();
        let said = company.run_at(MORNING, &["plan", "--diff", "other.toml"]).exits(2).says(says).says("other.toml");
        assert!(said.out.is_empty(), "{said:#?}");
    }
    company.run_at(MORNING, &["plan", "--diff", "none.toml"]).exits(2).says("none.toml").says("cannot be read");
}
