//! T22: `merge = "address"` in random worlds.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::office::Office;
use super::same::played;
use super::world::world;
use crate::address::EmailAddress;
use crate::plan::Kind;
use crate::timetable::occurrence::Case;
use crate::timetable::step::Merge;
use crate::timetable::stops::mailbox;

fn by_address(file: &str) -> Office {
    Office::of(&format!("merge = \"address\"\n{file}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn where_no_address_is_shared_it_is_as_if_merged_by_customer(world in world()) {
        prop_assert_eq!(played(&world, Office::of(&world.file)), played(&world, by_address(&world.file)));
    }

    #[test]
    fn where_addresses_are_shared_everything_due_leaves_once_and_in_one_email(world in world(), alone in 0_usize..3) {
        let mut office = by_address(&world.file);
        for n in (0..3).filter(|n| *n != alone) {
            office.customer(&format!("C{n}")).email = vec![EmailAddress::parse("ap@x.test").unwrap()];
        }
        world.play_with(office, &mut |before, after, poll, plan| {
            let mut office = before.clone();
            office.looks_around(poll.today, poll.may_send);
            let mut covered: BTreeMap<(&str, &str, u32), usize> = BTreeMap::new();
            for c in plan.contacts.iter().flat_map(|c| &c.covered) {
                *covered.entry((&c.invoice, &c.step, c.occurrence)).or_default() += 1;
            }
            assert!(covered.values().all(|n| *n == 1), "T9: {covered:?}");
            let gave_way = |invoice: &str, step: &str| plan.waiting.iter().any(|w| w.rule == "T23" && w.invoice == invoice && w.step == step);
            for invoice in office.ledger.invoices.keys().filter(|_| poll.may_send) {
                for (step, number, case, _) in office.occurrences(poll.today, invoice) {
                    let is_email = office.timetable.step(&step).unwrap().is_email();
                    if is_email && case == Case::Due && !covered.contains_key(&(invoice.as_str(), step.as_str(), number)) {
                        assert!(gave_way(invoice, &step), "{step} of {invoice} is due and does not leave");
                    }
                }
            }
            let last = before.log.history().last_to;
            let mut seen = Vec::new();
            for contact in plan.contacts.iter().filter(|c| c.kind == Kind::Email) {
                if after.timetable.step(&contact.step).unwrap().merge != Merge::Address {
                    continue;
                }
                let key = (mailbox(&contact.to), contact.language.clone(), contact.group);
                if let Some(last) = last.get(&key.0).filter(|_| contact.group.is_due_date()) {
                    let quiet = i64::from(after.timetable.quiet_days);
                    assert!(quiet == 0 || (poll.today - *last).num_days() > quiet, "T16: {contact:?}");
                }
                assert!(!seen.contains(&key), "T22: {contact:?}");
                seen.push(key);
                for c in &contact.covered {
                    let own: Vec<_> = after.ledger.customers[&c.customer].email.clone();
                    assert_eq!(mailbox(&own), mailbox(&contact.to), "T22: {contact:?}");
                }
            }
        });
    }
}
