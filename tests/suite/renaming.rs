//! A renamed step repeats nothing, whatever is done to the file afterwards (T31).

use crate::support::company::{Company, Polled, a_company};

fn timetable(steps: &str) -> String {
    format!(
        "time_zone = \"UTC\"\nsend_window = {{ days = \"mon-sun\" }}\nquiet_days = 0\ngo_live = \"2026-01-01\"\n\
         [[segment]]\nname = \"all\"\n{steps}"
    )
}

fn step(id: &str, more: &str) -> String {
    format!("[[step]]\nid = \"{id}\"\nemail = \"past-due\"\ndays = 3\n{more}\n")
}

fn company() -> Company {
    let mut company = a_company().with_timetable(&timetable(&step("a", "")));
    company.given_an_invoice("I-1", "C-1", "2026-03-01");
    company.import();
    assert_eq!(poll(&company, 4).states(), ["C-1: sent"]);
    company
}

fn poll(company: &Company, day: u32) -> Polled {
    company.poll_at(&format!("2026-03-{day:02}T09:00:00Z"))
}

#[test]
fn a_second_rename_that_nobody_declared_waits_for_a_word() {
    let company = company().with_timetable(&timetable(&step("b", "renamed_from = \"a\"")));
    assert!(poll(&company, 5).contacts.is_empty());
    let company = company.with_timetable(&timetable(&step("c", "")));
    let polled = poll(&company, 6);
    assert!(polled.contacts.is_empty() && polled.poll["problems"].to_string().contains("T31"), "{polled:#?}");
    let company = company.with_timetable(&timetable(&step("c", "renamed_from = \"b\"")));
    let polled = poll(&company, 7);
    assert!(polled.contacts.is_empty() && !polled.poll["problems"].to_string().contains("T31"), "{polled:#?}");
}

#[test]
fn an_id_that_is_used_again_takes_no_history_away() {
    let company = company().with_timetable(&timetable(&step("b", "renamed_from = \"a\"")));
    assert!(poll(&company, 5).contacts.is_empty());
    let again = step("b", "") + &step("a", "merge = false").replace("days = 3", "days = 5");
    let company = company.with_timetable(&timetable(&again));
    let polled = company.poll_with("2026-03-06T09:00:00Z", &["--accept-steps"]);
    let steps: Vec<_> = polled.contacts.iter().map(|c| (c["step"].clone(), c["state"].clone())).collect();
    assert_eq!(steps, [("a".into(), "sent".into())], "b is done, the new a is a step of its own: {polled:#?}");
}

#[test]
fn an_id_that_waits_is_not_set_free_by_taking_it_out_and_in_again() {
    let company = company().with_timetable(&timetable(&step("b", "")));
    assert!(poll(&company, 5).contacts.is_empty());
    let other = step("other", "").replace("days = 3", "days = 60");
    let company = company.with_timetable(&timetable(&other));
    poll(&company, 6);
    let company = company.with_timetable(&timetable(&(step("b", "") + &other)));
    assert!(poll(&company, 7).contacts.is_empty());
}
