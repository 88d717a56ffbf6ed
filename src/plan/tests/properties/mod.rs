//! What must hold whatever the ledger, the timetable and the days: random worlds, played over the log in memory.

mod address;
mod explained;
mod oracle;
mod same;
mod world;

use proptest::prelude::*;

use oracle::check;
use world::world;

use crate::timetable::occurrence::Case;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// T3, T5, T9–T19, T22–T25: the log in memory has the unique keys of the real one, and the oracle knows the rest.
    #[test]
    fn every_poll_obeys_the_rules(world in world()) {
        world.play(&mut |before, after, poll, plan| check(&world, before, after, poll, plan));
    }

    /// T13: what has passed for longer than its grace has ended.
    #[test]
    fn what_has_passed_has_ended(world in world()) {
        let (office, last) = world.play(&mut |_, _, _, _| ());
        let live = office.timetable.go_live.or(office.recorded_go_live);
        for invoice in office.ledger.invoices.values().filter(|_| live.is_some()) {
            for (step, number, case, send_date) in office.occurrences(last, &invoice.id) {
                let grace = office.timetable.grace_days(office.timetable.step(&step).unwrap());
                // A follow-up waits for the e-mail before it, however long that takes (T33).
                if office.timetable.step(&step).unwrap().after.is_some() {
                    continue;
                }
                if Some(send_date) >= live && (last - send_date).num_days() > grace {
                    let ended = matches!(case, Case::Done { .. } | Case::Moot | Case::Expired);
                    prop_assert!(ended, "{step}.{number} of {}: {case:?}", invoice.id);
                }
            }
        }
    }
}
