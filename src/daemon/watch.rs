//! Watches the outcomes as they come in, over all connections of one delivery, and says halt before the next message is
//! begun (D4).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::delivery::{Breaker, Outcome};

/// An outcome that is this far behind the newest is not waited for any more: its connection hangs.
const BEHIND: usize = 200;

/// What all connections of a delivery look at.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    breaker: Breaker,
    /// The place of the next message that is begun.
    begun: u64,
    /// The place whose outcome is entered next: outcomes count in the order in which the messages were begun. A refusal is
    /// quicker than an acceptance, and would overtake it.
    next: u64,
    waiting: BTreeMap<u64, Option<(String, String, Outcome)>>,
    halted: bool,
}

impl Watch {
    /// A message is begun: its place.
    pub(super) fn begin(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.begun += 1;
        state.begun - 1
    }

    /// Whether no other message may be begun.
    pub(super) fn is_halted(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).halted
    }

    /// A message has ended. When the relay refuses everybody: the contacts that go back to the queue.
    pub(super) fn end(&self, place: u64, customer: &str, contact: &str, outcome: Option<&Outcome>) -> Vec<String> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.halted |= matches!(outcome, Some(Outcome::RelayRefuses { .. }));
        state.waiting.insert(place, outcome.map(|o| (customer.to_owned(), contact.to_owned(), o.clone())));
        let mut back = Vec::new();
        while let Some((&first, _)) = state.waiting.first_key_value() {
            if first != state.next && state.waiting.len() < BEHIND {
                break;
            }
            state.next = first + 1;
            if let Some((_, Some((customer, contact, outcome)))) = state.waiting.pop_first() {
                back.extend(state.breaker.enter(&customer, &contact, &outcome).into_iter().flatten());
            }
        }
        state.halted |= !back.is_empty();
        back
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Cause, Phase, Reply};

    fn refused() -> Outcome {
        Outcome::MessageRefused { phase: Phase::Dot, cause: Cause::Reply(Reply::new(554, "5.7.1 spam".to_owned())) }
    }

    fn accepted() -> Outcome {
        Outcome::Accepted { reply: Reply::new(250, String::new()), refused: Vec::new() }
    }

    #[test]
    fn refusals_that_overtake_an_acceptance_are_no_row() {
        let watch = Watch::default();
        let places: Vec<u64> = (0..10).map(|_| watch.begin()).collect();
        // Every other one is refused, and all refusals come first.
        for place in places.iter().filter(|p| *p % 2 == 1) {
            assert!(watch.end(*place, &format!("C-{place}"), "x", Some(&refused())).is_empty());
        }
        for place in places.iter().filter(|p| *p % 2 == 0) {
            assert!(watch.end(*place, &format!("C-{place}"), "x", Some(&accepted())).is_empty());
        }
        assert!(!watch.is_halted());
    }

    #[test]
    fn five_in_a_row_halt_before_the_sixth_is_begun() {
        let watch = Watch::default();
        for n in 0..4 {
            assert!(watch.end(watch.begin(), &format!("C-{n}"), &n.to_string(), Some(&refused())).is_empty());
        }
        assert!(!watch.is_halted());
        assert_eq!(watch.end(watch.begin(), "C-4", "4", Some(&refused())), ["0", "1", "2", "3", "4"]);
        assert!(watch.is_halted());
    }

    #[test]
    fn a_connection_that_hangs_does_not_blind_the_watch_for_ever() {
        let watch = Watch::default();
        let _hangs = watch.begin();
        let back: usize = (0..300).map(|n| watch.end(watch.begin(), &format!("C-{n}"), "x", Some(&refused())).len()).sum();
        assert!(back >= 5 && watch.is_halted(), "{back}");
    }
}
