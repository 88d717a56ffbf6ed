//! What is explained is what the plan does.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::office::Office;
use super::world::world;
use crate::plan::explain::Line;
use crate::plan::{Covered, Plan};

type Which = (String, String, u32);

fn which(c: &Covered) -> Which {
    (c.invoice.clone(), c.step.clone(), c.occurrence)
}

fn of_line(l: &Line) -> Which {
    (l.invoice.clone(), l.step.clone(), l.occurrence.unwrap_or_default())
}

/// What the plan makes of each occurrence: the rule, the reason and until when.
type Verdict = (Which, &'static str, Option<String>, Option<chrono::NaiveDate>);

fn planned(plan: &Plan, office: &Office) -> (BTreeSet<Verdict>, BTreeSet<Verdict>) {
    let covered = plan.contacts.iter().flat_map(|c| &c.covered).chain(plan.additions.iter().map(|(_, c)| c));
    let rule = |o: &Covered| if office.timetable.step(&o.step).unwrap().event().is_some() { "T20" } else { "T17" };
    let due = covered.map(|o| (which(o), rule(o), None, None));
    let waiting = plan.waiting.iter().map(|w| {
        let which = (w.invoice.clone(), w.step.clone(), w.occurrence);
        (which, w.rule, Some(w.reason.to_owned()), w.until)
    });
    (due.collect(), waiting.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// T9–T17, T20, T23: what is explained as due is what the plan sends, what is explained as stopped or deferred is what it
    /// holds back, for the same reason and as long, and what is explained as skipped is what it writes as skipped.
    #[test]
    fn what_is_explained_is_what_the_plan_does(world in world()) {
        world.play(&mut |before, _, poll, plan| {
            let mut office = before.clone();
            office.looks_around(poll.today, poll.may_send);
            let ids: Vec<&String> = office.ledger.invoices.keys().collect();
            let lines: Vec<Line> = ids.iter().flat_map(|id| office.explained(poll.today, poll.may_send, id)).collect();
            let leaves = |l: &&Line| poll.may_send || l.kind == "task";
            let verdict = |l: &Line| (of_line(l), l.rule, l.reason.clone(), l.until);
            let due: BTreeSet<Verdict> = lines.iter().filter(|l| l.case == "due").filter(leaves).map(verdict).collect();
            let is_open = |l: &&Line| office.ledger.invoices[&l.invoice].is_open() && l.event.is_none();
            let held = lines.iter().filter(|l| ["stopped", "deferred"].contains(&l.case)).filter(is_open);
            let held: BTreeSet<Verdict> = held.map(verdict).collect();
            let (planned_due, planned_held) = planned(plan, &office);
            // T33: what was answered is held back for as long as it would go out.
            let (answered, planned_held): (BTreeSet<_>, BTreeSet<_>) = planned_held.into_iter().partition(|v| v.1 == "T33");
            let said: BTreeSet<Verdict> = lines.iter().filter(|l| l.case == "answered").map(verdict).collect();
            assert!(answered.is_subset(&said), "{answered:?} {said:?}");
            assert_eq!(due, planned_due);
            assert_eq!(held, planned_held);
            for skip in &plan.skips {
                let found = lines.iter().find(|l| of_line(l) == (skip.lead().to_owned(), skip.step.clone(), skip.occurrence));
                assert_eq!(found.map(|l| (l.case, l.rule)), skip.reason.map(|r| (r, skip.rule)));
            }
        });
    }

    /// The next falling is a day on which the same evaluation finds the step due.
    #[test]
    fn the_day_that_is_named_next_is_one_on_which_it_is_due(world in world()) {
        let (office, last) = world.play(&mut |_, _, _, _| ());
        for id in office.ledger.invoices.keys() {
            for line in office.explained(last, true, id) {
                let Some(next) = line.next else { continue };
                let all = office.occurrences(next.date, id);
                let found = all.iter().find(|(step, number, ..)| *step == line.step && *number == next.occurrence);
                prop_assert!(found.is_some_and(|f| f.2 == crate::timetable::occurrence::Case::Due), "{line:?}");
            }
        }
    }
}
