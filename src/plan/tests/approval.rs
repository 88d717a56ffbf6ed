//! T34: who has to be asked before an e-mail leaves.

use super::office::{Office, email, on, plain, the};
use crate::plan::guard;
use crate::timetable::approval::{Leaves, Told, Verdict};
use crate::timetable::personal::{Group, Personal};

fn asked(office: &mut Office) -> Vec<(String, bool)> {
    office.plan_on("2026-03-03").contacts.iter().map(|c| (c.step.clone(), c.asked.is_some())).collect()
}

fn office(segment: &str, step: &str, customer: &str) -> Office {
    let steps = email("first", 1) + step + &on("thanks", "partly_paid");
    let text = plain("quiet_days = 0", &steps).replace("name = \"all\"", &format!("name = \"all\"\n{segment}"));
    let mut office = Office::of(&(text + customer));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office
}

#[test]
fn the_customers_word_wins_over_the_steps_and_that_over_the_segments() {
    let own = |word: &str| format!("[customer.C1]\napprove = {word}\n");
    let cases = [
        ("", "", "", false),
        ("approve = true", "", "", true),
        ("approve = true", "approve = false\n", "", false),
        ("", "approve = true\n", "", true),
        ("approve = true", "", &own("false"), false),
        ("", "approve = false\n", &own("true"), true),
    ];
    for (segment, step, customer, asks) in cases {
        let found = asked(&mut office(segment, step, customer));
        assert_eq!(found, [("first".to_owned(), asks)], "{segment:?} {step:?} {customer:?}");
    }
}

#[test]
fn what_is_approved_waits_no_more_and_what_is_rejected_never_comes() {
    let key = || ("I1".to_owned(), "first".to_owned(), 0, 0);
    let mut approved = office("approve = true", "", "");
    approved.log.approvals.insert(key(), Verdict::Asked { since: the("2026-03-02") });
    let plan = approved.planned(the("2026-03-03"), true);
    assert_eq!(plan.contacts[0].asked.as_ref().unwrap().since, the("2026-03-02"));
    assert_eq!(guard::emails(&plan), 0, "T28 counts what may leave");
    approved.log.approvals.insert(key(), Verdict::Approved);
    assert_eq!(asked(&mut approved), [("first".to_owned(), false)]);
    let mut rejected = office("approve = true", "", "");
    let verdict = Verdict::Rejected { on: the("2026-03-02"), author: "ada".to_owned(), reason: None };
    rejected.log.approvals.insert(key(), verdict);
    for day in ["2026-03-03", "2026-03-30"] {
        let plan = rejected.plan_on(day);
        assert!(plan.contacts.is_empty() && plan.skips.is_empty() && plan.waiting.is_empty(), "{plan:#?}");
    }
    // Another due date is another question (T18).
    rejected.log.approvals.clear();
    rejected.poll_on("2026-03-03");
    rejected.invoice("I1").due_date = the("2026-04-01");
    let plan = rejected.plan_on("2026-04-02");
    assert_eq!((plan.contacts[0].covered[0].round, plan.contacts[0].asked.is_some()), (1, true));
}

/// What a poll of a day would plan; nothing of it is sent.
fn look(office: &mut Office, day: &str) -> crate::plan::Plan {
    office.looks_around(the(day), true);
    office.planned(the(day), true)
}

/// Of the first e-mail about an invoice somebody was told on a day.
fn told(office: &mut Office, invoice: &str, on: &str, leaves: &str) {
    let key = (invoice.to_owned(), "first".to_owned(), 0, 0);
    office.log.approvals.insert(key.clone(), Verdict::Asked { since: the("2026-03-03") });
    let leaves = Leaves { on: the(leaves), from: "09:00:00".parse().unwrap() };
    office.log.told.insert(key, Told { on: the(on), to: "ada@us.example".to_owned(), leaves });
}

#[test]
fn silence_lets_it_leave_from_the_hour_on_that_was_said_and_only_if_somebody_was_told() {
    let mut office = office("approve = \"veto\"", "", "");
    for day in ["2026-03-03", "2026-03-05"] {
        let plan = look(&mut office, day);
        let veto = plan.contacts[0].asked.as_ref().unwrap().veto.as_ref().unwrap();
        assert_eq!((veto.told.is_none(), guard::emails(&plan)), (true, 0), "nobody was told");
    }
    told(&mut office, "I1", "2026-03-03", "2026-03-04");
    let plan = look(&mut office, "2026-03-03");
    let asked = plan.contacts[0].asked.as_ref().unwrap();
    assert_eq!(asked.veto.as_ref().unwrap().told.as_ref().unwrap().leaves.on, the("2026-03-04"));
    let plan = look(&mut office, "2026-03-04");
    assert!(plan.contacts[0].asked.is_none() && plan.contacts[0].unopposed.is_some());
    assert_eq!(guard::emails(&plan), 1, "T28 counts it now");
    for (at, leaves) in [("2026-03-04T08:59:00Z", false), ("2026-03-04T09:00:00Z", true)] {
        office.at = Some(at.parse().unwrap());
        assert_eq!(look(&mut office, "2026-03-04").contacts[0].unopposed.is_some(), leaves, "{at}");
    }
}

#[test]
fn what_joins_starts_anew_and_a_word_is_stricter_than_silence() {
    let mut office = office("approve = \"veto\"", "", "");
    told(&mut office, "I1", "2026-03-03", "2026-03-04");
    office.given_an_invoice("I2", "C1", "2026-03-02");
    assert!(look(&mut office, "2026-03-04").contacts[0].asked.is_some(), "of the other one nobody was told");
    told(&mut office, "I2", "2026-03-04", "2026-03-05");
    assert!(look(&mut office, "2026-03-04").contacts[0].asked.is_some());
    assert_eq!(look(&mut office, "2026-03-05").contacts[0].unopposed.as_ref().unwrap().on, the("2026-03-04"));
    let mut strict = self::office("approve = \"veto\"", "approve = true\n", "");
    told(&mut strict, "I1", "2026-03-03", "2026-03-04");
    let asked = look(&mut strict, "2026-03-05").contacts[0].asked.clone().unwrap();
    assert!(asked.veto.is_none());
}

#[test]
fn the_days_of_the_file_count_but_never_fewer_than_was_said() {
    let days = |n: u32| format!("[approval]\nveto_days = {n}\n");
    for (veto_days, said, leaves) in [(1, "2026-03-04", 4), (3, "2026-03-04", 6), (1, "2026-03-06", 6)] {
        let mut office = office("approve = \"veto\"", "", &days(veto_days));
        told(&mut office, "I1", "2026-03-03", said);
        let day = |n: u32| format!("2026-03-{n:02}");
        assert!(look(&mut office, &day(leaves - 1)).contacts[0].asked.is_some(), "{veto_days} {said}");
        assert!(look(&mut office, &day(leaves)).contacts[0].unopposed.is_some(), "{veto_days} {said}");
    }
}

#[test]
fn emails_to_those_whom_people_look_after_wait_unless_the_file_says_otherwise() {
    let pareto = "[priority]\npersonal = \"pareto\"\n";
    let known = || {
        let (currency, customers) = ("EUR".parse().unwrap(), vec!["C1".to_owned()]);
        Personal::of(vec![Group { currency, percent: 83, customers }])
    };
    let cases = [
        ("", "", pareto, true),
        ("", "", "", false),
        ("", "approve = false\n", pareto, false),
        ("approve = false", "", pareto, false),
        ("personal = false", "", pareto, false),
        ("personal = true", "", "", true),
        ("personal = true", "", "[customer.C1]\npersonal = false\n", false),
        ("", "", "[customer.C1]\npersonal = true\n", true),
    ];
    for (segment, step, more, asks) in cases {
        let mut office = office(segment, step, more);
        office.personal = known();
        assert_eq!(asked(&mut office), [("first".to_owned(), asks)], "{segment:?} {step:?} {more:?}");
    }
    let mut veto = office("", "approve = \"veto\"\n", pareto);
    veto.personal = known();
    assert!(look(&mut veto, "2026-03-03").contacts[0].asked.as_ref().unwrap().veto.is_some(), "the step's own word counts");
}

#[test]
fn who_was_asked_is_asked_on_though_others_owe_more_by_now() {
    let mut office = office("", "", "[priority]\npersonal = \"pareto\"\n");
    assert!(look(&mut office, "2026-03-03").contacts[0].asked.is_none());
    let key = ("I1".to_owned(), "first".to_owned(), 0, 0);
    office.log.approvals.insert(key.clone(), Verdict::Asked { since: the("2026-03-02") });
    assert!(look(&mut office, "2026-03-03").contacts[0].asked.is_some());
    office.log.approvals.insert(key, Verdict::Approved);
    assert!(look(&mut office, "2026-03-03").contacts[0].asked.is_none());
}
