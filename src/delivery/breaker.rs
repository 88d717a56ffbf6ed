//! D4: the same refusal for five customers in a row, without a success between, is the relay's fault.

use std::collections::HashSet;

use super::outcome::Outcome;

const CUSTOMERS: usize = 5;

/// Watches the outcomes as they come in, over all connections of one delivery.
#[derive(Debug, Default)]
pub struct Breaker {
    refusal: Option<(u16, Option<[u16; 3]>)>,
    /// Customer and contact of each refusal of the row.
    row: Vec<(String, String)>,
    tripped: bool,
}

impl Breaker {
    /// Enters an outcome. When it is of the fifth customer in such a row: the contacts that go back to the queue, this one
    /// among them; delivery pauses, and nobody is failed or suppressed for it. What is refused alike after that (it was on
    /// its way) goes back as well.
    pub fn enter(&mut self, customer: &str, contact: &str, outcome: &Outcome) -> Option<Vec<String>> {
        let Some(refusal) = outcome.refusal() else {
            if matches!(outcome, Outcome::Accepted { .. }) && !self.tripped {
                *self = Self::default();
            }
            return None;
        };
        if self.refusal != Some(refusal) {
            if self.tripped {
                return None;
            }
            *self = Self { refusal: Some(refusal), ..Self::default() };
        }
        self.row.push((customer.to_owned(), contact.to_owned()));
        let customers: HashSet<&str> = self.row.iter().map(|(customer, _)| customer.as_str()).collect();
        if !self.tripped && customers.len() < CUSTOMERS {
            return None;
        }
        self.tripped = true;
        Some(std::mem::take(&mut self.row).into_iter().map(|(_, contact)| contact).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, Phase, Reply};
    use super::*;

    fn refused(code: u16, text: &str) -> Outcome {
        Outcome::MessageRefused { phase: Phase::Dot, cause: Cause::Reply(Reply::new(code, text.to_owned())) }
    }

    fn accepted() -> Outcome {
        Outcome::Accepted { reply: Reply::new(250, String::new()), refused: Vec::new() }
    }

    /// Enters one outcome for each customer, 1, 2, 3 ...; returns what the last one gave.
    fn play(breaker: &mut Breaker, outcomes: &[Outcome]) -> Option<Vec<String>> {
        let each = outcomes.iter().enumerate().map(|(i, o)| breaker.enter(&format!("customer {i}"), &format!("contact {i}"), o));
        each.last().flatten()
    }

    #[test]
    fn the_same_refusal_for_five_customers_in_a_row_is_the_relays_fault() {
        let spam = refused(554, "5.7.1 spam content");
        let mut breaker = Breaker::default();
        assert_eq!(play(&mut breaker, &vec![spam.clone(); 4]), None);
        assert_eq!(play(&mut Breaker::default(), &vec![spam.clone(); 5]).unwrap().len(), 5);
        let mixed = [spam.clone(), spam.clone(), refused(550, "5.7.1 spam content"), spam.clone(), spam.clone()];
        assert_eq!(play(&mut Breaker::default(), &mixed), None);
        let success = [spam.clone(), spam.clone(), accepted(), spam.clone(), spam.clone(), spam.clone()];
        assert_eq!(play(&mut Breaker::default(), &success), None);
    }

    #[test]
    fn one_customer_counts_once_and_silence_does_not_end_the_row() {
        let spam = refused(554, "5.7.1 spam content");
        let mut breaker = Breaker::default();
        assert!((0..9).all(|i| breaker.enter("one customer", &i.to_string(), &spam).is_none()));
        let doubt = Outcome::InDoubt { cause: Cause::Lost(String::new()) };
        let others = [spam.clone(), doubt, spam.clone(), spam.clone(), spam];
        let back = play(&mut breaker, &others).unwrap();
        assert_eq!(back.len(), 9 + 4, "all of the one customer's contacts go back, too: {back:?}");
    }

    #[test]
    fn what_was_on_its_way_when_it_tripped_goes_back_as_well() {
        let gone = refused(550, "5.1.1 no such user");
        let mut breaker = Breaker::default();
        assert!(play(&mut breaker, &vec![gone.clone(); 5]).is_some());
        assert_eq!(breaker.enter("customer 6", "contact 6", &gone), Some(vec!["contact 6".to_owned()]));
    }
}
