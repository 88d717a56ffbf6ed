//! Credit reviews: once for each customer and period, on its day, also for those who sleep.

use super::*;

fn company(review: &str) -> Company {
    let mut company = a_company().with_steps(&format!("{CALLS}{review}"));
    company.given_an_overdue_invoice("I-1", "C-1");
    company.given_an_invoice("I-2", "C-2", "2025-06-01");
    company.given_a_payment("P-2", "C-2", "I-2", "2025-06-11");
    company.import();
    // C-2 has not moved for a year.
    let old = "id,customer_id,issue_date,due_date,currency,total\nI-2,C-2,2025-05-01,2025-06-01,USD,100.00\n";
    std::fs::write(company.path("old.csv"), old).unwrap();
    company.run(&["import", "--invoices", "old.csv"]).exits(0);
    with_customers(&company, "C-1,One,ap@c-1.example,+1 555,ada@us.example,B\nC-2,Two,ap@c-2.example,,,\n");
    company
}

fn at(month: u32, day: u32) -> String {
    format!("2026-{month:02}-{day:02}T09:00:00-05:00")
}

/// The reviews of the log: customer and day.
fn reviews(company: &Company) -> Vec<String> {
    let log = company.log();
    let own = log.iter().filter(|c| c["action"] == "credit-review");
    own.map(|c| format!("{} {}", text(c, "customer"), text(c, "date"))).collect()
}

#[test]
fn each_customer_that_owes_or_has_moved_is_reviewed_once_in_a_period_on_its_first_business_day() {
    let company = company("[review]\nevery = \"month\"\nspread = false\n");
    for day in [4, 5, 10, 31] {
        company.poll_at(&at(3, day));
    }
    assert!(reviews(&company).is_empty(), "the review of March would have been before the file asked for any");
    company.run_at(&at(3, 31), &["explain", "C-1"]).says("Its credit is reviewed every month, the next time on Wed 1 Apr");
    let out = company.path("played");
    let played = ["rehearse", "--from", "2026-03-31", "--to", "2026-05-04", "--out", out.to_str().unwrap(), "--format", "json"];
    let played: Value = serde_json::from_str(&company.run_at(&at(3, 31), &played).exits(0).out).unwrap();
    let days = played["rehearsal"]["calendar"].as_array().unwrap().iter();
    let days: Vec<&str> = days.filter(|d| d["tasks"]["credit-review"] == 1).map(|d| text(d, "date")).collect();
    assert_eq!(days, ["2026-04-01", "2026-05-01"], "{played:#}");
    for day in [at(4, 1), at(4, 1), at(4, 2), at(4, 30)] {
        company.poll_at(&day);
    }
    assert_eq!(reviews(&company), ["C-1 2026-04-01"], "who sleeps is woken; who has not moved is left alone");
    let id = task_of(&company);
    let shown = company.run_at(&at(4, 1), &["tasks", "show", &id]).exits(0).out;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for there in [
        "Open: 100.00 USD: 31-60 100.00.",
        "Nothing was paid since 2026-03-01.",
        "Its rank is B; the figures suggest D: change it?",
        "collector ada@us.example",
    ] {
        assert!(shown.contains(there), "{there:?} is not in {shown}");
    }
    company.poll_at(&at(5, 1));
    assert_eq!(reviews(&company), ["C-1 2026-04-01", "C-1 2026-05-01"]);
    let note = company.log().into_iter().rfind(|c| c["action"] == "credit-review").unwrap();
    assert!(
        text(&note, "note").starts_with("Open: 100.00 USD (100.00 at the last review, on 2026-04-01): 61-90 100.00."),
        "{note:#}"
    );
    company.run(&["log", "--verify"]).exits(0);
}

fn task_of(company: &Company) -> String {
    let log = company.log();
    text(log.iter().find(|c| c["action"] == "credit-review").unwrap(), "contact").to_owned()
}

#[test]
fn reviews_are_of_the_segments_that_the_file_names_and_a_missed_day_is_made_up_for() {
    let company = company("[review]\nevery = { all = \"quarter\" }\n");
    company.poll_at(&at(3, 4));
    assert!(reviews(&company).is_empty());
    // Whatever its day in the second quarter was, nobody has polled on it.
    company.poll_at(&at(6, 30));
    assert_eq!(reviews(&company), ["C-1 2026-06-30"]);
    let mut none = a_company().with_timetable(
        "time_zone = \"America/New_York\"\ngo_live = \"2026-01-01\"\n[[segment]]\nname = \"vip\"\nmatch = { rank = \"A\" }\n\
         [[segment]]\nname = \"rest\"\n[[step]]\nid = \"phone\"\ntask = \"call\"\ndays = 3\n[review]\nevery = { vip = \"month\" }\nspread = false\n",
    );
    none.given_an_overdue_invoice("I-1", "C-1");
    none.import();
    for day in [at(3, 4), at(4, 1)] {
        none.poll_at(&day);
    }
    assert!(reviews(&none).is_empty());
}
