//! T2, T3, T5: on which day a step goes out.

use super::NOTHING;
use super::office::{Office, email, lines, notice, on, plain, task, the};

/// The first day from the 1st of March 2026 on which the steps do something for an invoice due on `due`.
fn first_day(office: &mut Office) -> String {
    let days = (1..=31).map(|d| format!("2026-03-{d:02}"));
    days.into_iter().find(|day| !office.poll_on(day).is_empty()).unwrap()
}

#[test]
fn a_step_goes_out_so_many_days_from_the_due_date() {
    // T2
    let mut office = Office::with(&email("first", 3));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: first/I1"]);
}

#[test]
fn before_the_due_date_it_goes_out_earlier_and_after_it_later_for_all_three_kinds() {
    // T3: Saturday the 14th becomes Friday or Monday.
    let kinds: [fn(i64) -> String; 3] = [|d| email("s", d), |d| task("s", "call", d), |d| notice("s", "collector", d)];
    for step in kinds {
        let mut office = Office::with(&step(-4));
        office.given_an_invoice("I1", "C1", "2026-03-18");
        assert_eq!(first_day(&mut office), "2026-03-13", "{}", step(-4));
        let mut office = Office::with(&step(4));
        office.given_an_invoice("I1", "C1", "2026-03-10");
        assert_eq!(first_day(&mut office), "2026-03-16", "{}", step(4));
    }
}

#[test]
fn on_the_due_date_itself_it_goes_out_later() {
    // T3: days = 0 is no reminder before it is due.
    let mut office = Office::with(&email("today", 0));
    office.given_an_invoice("I1", "C1", "2026-03-14");
    assert_eq!(first_day(&mut office), "2026-03-16");
}

#[test]
fn holidays_in_a_row_and_the_weekend_beside_them_are_all_stepped_over() {
    // T3: Thursday to Tuesday.
    let holidays = "quiet_days = 0\nholidays = [\"2026-03-12\", \"2026-03-13\", \"2026-03-16\", \"2026-03-17\"]";
    let mut office = Office::of(&plain(holidays, &email("before", -1)));
    office.given_an_invoice("I1", "C1", "2026-03-18");
    assert_eq!(first_day(&mut office), "2026-03-11");
    let mut office = Office::of(&plain(holidays, &email("after", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-11");
    assert_eq!(first_day(&mut office), "2026-03-18");
}

#[test]
fn outside_of_the_window_only_tasks_appear() {
    // T5
    let mut office = Office::with(&(email("mail", 1) + &task("call", "call", 1) + &notice("tell", "collector", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_in_the_evening_of("2026-03-03"), ["call: call/I1"]);
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: mail/I1", "notice to collector: tell/I1"]);
}

#[test]
fn tasks_and_skips_are_written_on_a_sunday_too() {
    // T5
    let mut office = Office::with(&(task("call", "call", 5) + &task("visit", "visit", 3) + "grace_days = 3\n"));
    office.given_an_invoice("I1", "C1", "2026-03-01");
    office.holds("I1", Some("2026-03-07"));
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
    assert_eq!(office.poll_on("2026-03-08"), ["call: call/I1", "skip expired: visit/I1"]);
}

#[test]
fn a_window_of_single_days_moves_a_step_to_one_of_them() {
    // T3, T5
    let window = "quiet_days = 0\nsend_window = { days = [\"tue\", \"thu\"] }";
    let mut office = Office::of(&plain(window, &(email("before", -2) + &email("after", 2))));
    // Monday the 9th goes back to Thursday the 5th, Friday the 13th goes on to Tuesday the 17th.
    office.given_an_invoice("I1", "C1", "2026-03-11");
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05"), ["coming-due: before/I1"]);
    assert_eq!(office.poll_on("2026-03-10"), NOTHING);
    assert_eq!(office.poll_on("2026-03-13"), NOTHING);
    assert_eq!(office.poll_on("2026-03-17"), ["past-due: after/I1"]);
}

#[test]
fn business_days_of_the_file_are_counted_over_weekends_and_holidays() {
    // T2: of an invoice due on Wednesday the 11th.
    let days = |days: &str| {
        let mut office = Office::of(&plain("quiet_days = 0\nholidays = \"2026-03-16\"", &email("s", format!("\"{days}\""))));
        office.given_an_invoice("I1", "C1", "2026-03-11");
        first_day(&mut office)
    };
    assert_eq!(
        ["-3bd", "-1bd", "1bd", "2bd", "3bd", "5bd"].map(days),
        ["2026-03-06", "2026-03-10", "2026-03-12", "2026-03-13", "2026-03-17", "2026-03-19"]
    );
}

#[test]
fn a_step_of_business_days_is_later_or_earlier_than_others_by_the_days_that_come_of_it() {
    // T4, T12, T14, T22: five business days are seven days here, before the eight of the other.
    let steps = email("five", "\"5bd\"\nrepeat_every = 10") + &email("eight", 8);
    let mut office = Office::of(&plain("quiet_days = 0", &steps));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: five/I1"]);
    assert_eq!(office.poll_on("2026-03-10"), ["past-due: eight/I1"]);
    assert_eq!(office.poll_on("2026-03-19"), ["past-due: five.1/I1"]);
    let mut office = Office::of(&plain("quiet_days = 0", &email("before", "\"-2bd\"")));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), ["skip moot: before/I1"]);
    let said = office.line("2026-02-26", "I1", "before", "due").explanation;
    assert!(said.contains("Planned for Thu 26 Feb, 2 business days before the due date."), "{said}");
}

#[test]
fn public_holidays_of_a_country_count_beside_the_files_own_dates() {
    // T3: Epiphany, a Tuesday, is a holiday in Bavaria and not in the rest of Germany.
    let day = |holidays: &str| {
        let mut office = Office::of(&plain(&format!("quiet_days = 0\nholidays = [{holidays}]"), &email("s", 1)));
        office.given_an_invoice("I1", "C1", "2026-01-05");
        (5..=9).map(|d| format!("2026-01-0{d}")).find(|day| !office.poll_on(day).is_empty()).unwrap()
    };
    assert_eq!(day("\"DE\""), "2026-01-06");
    assert_eq!(day("\"DE-BY\""), "2026-01-07");
    assert_eq!(day("\"de-by\", \"2026-01-07\""), "2026-01-08");
}

#[test]
fn with_customer_holidays_those_of_the_customers_country_count_for_its_steps_and_emails() {
    // T3, T5: the company works on Epiphany, the customer in Austria does not.
    let office = |key: &str| {
        let mut office = Office::of(&plain(&format!("quiet_days = 0\n{key}"), &(email("s", 1) + &on("dispute", "disputed"))));
        office.customer("C1").country = Some("at".to_owned());
        office.given_an_invoice("I1", "C1", "2026-01-05");
        office.given_an_invoice("I2", "C2", "2026-01-05");
        assert_eq!(office.poll_on("2026-01-05"), NOTHING);
        office.is_disputed("I1");
        office
    };
    let mut without = office("");
    assert_eq!(without.poll_on("2026-01-06"), ["disputed: dispute/I1", "past-due: s/I2"]);
    let mut with = office("customer_holidays = true");
    let said = with.line("2026-01-06", "I1", "s", "not yet").explanation;
    assert!(said.contains("that is a holiday in AT, so it was moved to Wed 7 Jan (T3)"), "{said}");
    let plan = with.plan_on("2026-01-06");
    let waits: Vec<_> = plan.waiting.iter().map(|w| (w.step.as_str(), w.reason, w.rule, w.until)).collect();
    assert_eq!(waits, [("dispute", "holiday", "T5", Some(the("2026-01-07")))]);
    assert_eq!(lines(&plan), ["past-due: s/I2"]);
    let said = with.line("2026-01-06", "I1", "dispute", "due").explanation;
    assert!(said.contains("but that is a holiday in AT, and the e-mail waits until Wed 7 Jan (T5)"), "{said}");
    assert_eq!(with.poll_on("2026-01-07"), ["disputed: dispute/I1"]);
}
