//! Two ways to play one world that must come to the same.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::office::{Fate, Office, contacts};
use super::world::{DAYS, Poll, World, date, world};
use crate::ledger::Payment;
use crate::plan::agenda::Agenda;
use crate::plan::{Kind, Plan};
use crate::timetable::Event;

/// A plan whose lists that have no order of their own are sorted.
fn normal(plan: &Plan) -> String {
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    let skips = sorted(plan.skips.iter().map(|s| format!("{s:?}")).collect());
    let waiting = sorted(plan.waiting.iter().map(|w| format!("{w:?}")).collect());
    let additions = sorted(plan.additions.iter().map(|a| format!("{:?}", a.1)).collect());
    format!("{:?} {skips:?} {waiting:?} {additions:?}", plan.contacts)
}

/// Everything that was planned, poll by poll.
pub fn played(world: &World, office: Office) -> Vec<(Poll, String)> {
    let mut all = Vec::new();
    world.play_with(office, &mut |_, _, poll, plan| all.push((poll, normal(plan))));
    all
}

/// The e-mails and notices of a world, each with its day.
fn letters(world: &World) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    world.play(&mut |_, _, poll, plan| {
        let mut plan = plan.clone();
        plan.contacts.retain(|c| c.kind != Kind::Task);
        plan.additions.clear();
        all.extend(contacts(&plan).into_iter().map(|line| format!("{} {line}", poll.today)));
    });
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// "They are pure": neither the order of the file's steps nor that of the ledger's rows matters.
    #[test]
    fn the_order_of_steps_and_rows_changes_nothing(world in world(), turn in 0_usize..7) {
        let mut turned = Office::of(&world.file);
        let steps = turned.timetable.steps.len();
        turned.timetable.steps.rotate_left(turn % steps);
        turned.timetable.steps[turn % steps..].reverse();
        prop_assert_eq!(played(&world, Office::of(&world.file)), played(&world, turned));
    }

    /// The ledger's payments come in any order.
    #[test]
    fn the_order_of_payments_changes_nothing(world in world()) {
        world.play(&mut |_, after, poll, _| {
            let mut turned = after.clone();
            turned.ledger.payments.reverse();
            assert_eq!(normal(&after.planned(poll.today, true)), normal(&turned.planned(poll.today, true)));
        });
    }

    /// What the agenda passes over has nothing to do: days that are played with it bring the same.
    #[test]
    fn what_need_not_be_looked_at_changes_nothing(world in world()) {
        let (mut agenda, mut last) = (Agenda::default(), None::<(Office, Poll)>);
        world.play(&mut |before, _, poll, plan| {
            let mut office = before.clone();
            office.looks_around(poll.today, poll.may_send);
            for (id, invoice) in &office.ledger.invoices {
                let customer = |o: &Office| o.ledger.customers.get(&invoice.customer_id).cloned();
                // What comes from the customer is an answer for all its invoices (T33).
                let payments = |o: &Office| -> Vec<Payment> {
                    o.ledger.payments.iter().filter(|p| p.customer_id == invoice.customer_id).cloned().collect()
                };
                let same = last.as_ref().is_some_and(|(before, polled)| {
                    polled.fate == Fate::Sent
                        && polled.today < poll.today
                        && before.ledger.invoices.get(id) == Some(invoice)
                        && customer(before) == customer(&office)
                        && before.facts.get(id) == office.facts.get(id)
                        && payments(before) == payments(&office)
                });
                if !same {
                    agenda.wake(id);
                }
            }
            let passed = office.planned_with(poll.today, poll.may_send, Some(&mut agenda));
            assert_eq!(normal(&passed), normal(plan));
            last = Some((office, poll));
        });
    }

    /// T9–T16: a second poll at the same instant finds nothing to do.
    #[test]
    fn a_second_poll_at_once_plans_nothing(world in world()) {
        world.play(&mut |_, after, poll, _| {
            if poll.fate != Fate::Sent {
                return;
            }
            let mut again = after.clone();
            let plan = again.poll(poll.today, poll.may_send);
            assert!(plan.contacts.is_empty() && plan.skips.is_empty() && plan.additions.is_empty(), "{plan:?}");
            assert_eq!(again.facts, after.facts);
        });
    }

    /// T5: the polls of days on which nothing may be sent change no e-mail and no notice, nor its day, as long as all
    /// that happens is seen on a business day. (An event goes out for `grace_days` after the poll that saw it, T20: a
    /// promise that is broken on a Saturday is seen by a poll of that day.)
    #[test]
    fn polls_on_a_weekend_change_no_letter(world in world()) {
        let office = Office::of(&world.file);
        prop_assume!(office.timetable.steps.iter().all(|s| s.event() != Some(Event::PromiseBroken)));
        let is_business = |day: u64| office.timetable.calendar.is_business_day(date(day));
        // The first poll that may send is go-live (T10): that is another world when it is a day later.
        prop_assume!(is_business(0));
        let poll = |day| (day, Poll { today: date(day), may_send: true, fate: Fate::Sent });
        let mut daily = World { polls: (0..DAYS).map(poll).collect(), ..world };
        daily.changes.retain(|(day, _)| is_business(*day));
        let fewer = World { polls: (0..DAYS).filter(|day| is_business(*day)).map(poll).collect(), ..daily.clone() };
        prop_assert_eq!(letters(&daily), letters(&fewer));
    }
}
