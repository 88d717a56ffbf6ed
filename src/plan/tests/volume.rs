//! T28: a wrong rule must not reach ten thousand customers.

use chrono::Days;

use super::office::{Office, email, notice, task, the};
use crate::plan::Kind;
use crate::plan::contact::{Group, Planned};

/// An office that sent `usual` e-mails on each of 20 days of January, and has `due` customers to write to on the 3rd of March.
fn office(usual: usize, due: usize, steps: &str) -> Office {
    let mut office = Office::with(steps);
    for n in 0..due {
        office.given_an_invoice(&format!("I{n:04}"), &format!("C{n:04}"), "2026-03-02");
    }
    for day in 0..20 {
        for n in 0..usual {
            office.log.contacts.push(sent(&format!("old-{day}-{n}"), day));
        }
    }
    office
}

/// An e-mail of January that nobody remembers otherwise.
fn sent(customer: &str, day: u64) -> super::office::Logged {
    let contact = Planned {
        kind: Kind::Email,
        group: Group::PastDue,
        action: "x".to_owned(),
        step: "x".to_owned(),
        occurrence: 0,
        date: the("2026-01-02") + Days::new(day),
        reason: None,
        rule: "T17",
        customer: customer.to_owned(),
        segment: "all".to_owned(),
        to: Vec::new(),
        cc: Vec::new(),
        language: None,
        asked: None,
        unopposed: None,
        covered: Vec::new(),
    };
    super::office::Logged { id: format!("{customer}-{day}"), contact, failed: false, open: false }
}

#[test]
fn five_times_the_usual_day_still_goes_and_one_more_waits_until_it_is_accepted() {
    // T28: the median is 41; five times that is 205.
    let plan = office(41, 205, &email("first", 1)).plan_on("2026-03-03");
    assert_eq!((plan.contacts.len(), plan.held_by_volume), (205, 0));
    let mut office = office(41, 206, &email("first", 1));
    let plan = office.plan_on("2026-03-03");
    assert_eq!((plan.contacts.len(), plan.held_by_volume), (0, 206));
    office.accept_volume = true;
    assert_eq!(office.plan_on("2026-03-03").contacts.len(), 206);
}

#[test]
fn two_hundred_never_wait_and_without_a_past_one_more_does() {
    // T28
    assert_eq!(office(0, 200, &email("first", 1)).plan_on("2026-03-03").held_by_volume, 0);
    assert_eq!(office(0, 201, &email("first", 1)).plan_on("2026-03-03").held_by_volume, 201);
}

#[test]
fn what_was_sent_earlier_on_the_day_counts() {
    // T28: 150 in the morning, 60 more at noon.
    let mut office = office(0, 150, &email("first", 1));
    assert_eq!(office.plan_on("2026-03-03").held_by_volume, 0);
    for n in 0..60 {
        office.given_an_invoice(&format!("J{n}"), &format!("D{n}"), "2026-03-02");
    }
    assert_eq!(office.plan_on("2026-03-03").held_by_volume, 60);
}

#[test]
fn tasks_notices_and_skips_do_not_wait() {
    // T28
    let steps = email("before", -5) + &email("first", 1) + &task("call", "call", 1) + &notice("tell", "boss@x.test", 1);
    let plan = office(0, 201, &steps).plan_on("2026-03-03");
    assert_eq!(plan.held_by_volume, 201);
    let count = |kind| plan.contacts.iter().filter(|c| c.kind == kind).count();
    assert_eq!((count(Kind::Email), count(Kind::Task), count(Kind::Notice), plan.skips.len()), (0, 201, 1, 201));
}

#[test]
fn zero_switches_it_off() {
    // T28
    let mut office = office(0, 300, &email("first", 1));
    office.timetable.volume_guard = 0.into();
    assert_eq!(office.plan_on("2026-03-03").contacts.len(), 300);
}

#[test]
fn one_email_over_many_invoices_is_one() {
    // T22, T28
    let mut office = Office::with(&email("first", 1));
    for n in 0..300 {
        office.given_an_invoice(&format!("I{n:04}"), &format!("C{}", n % 100), "2026-03-02");
    }
    let plan = office.plan_on("2026-03-03");
    assert_eq!((plan.contacts.len(), plan.held_by_volume), (100, 0));
}
