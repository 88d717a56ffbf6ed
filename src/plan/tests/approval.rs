//! T34: who has to be asked before an e-mail leaves.

use super::office::{Office, email, on, plain, the};
use crate::plan::guard;
use crate::timetable::approval::Verdict;

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
