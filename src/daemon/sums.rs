//! What a plan comes to, page by page.

use std::collections::BTreeMap;

use crate::contacts::entry::Entry;
use crate::plan::Plan;

/// What a plan comes to.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Contacts and skips, by kind and state.
    pub(super) outcome: BTreeMap<String, u64>,
    pub(super) waiting: u64,
    /// The customers' e-mails that are due (T28).
    pub(super) emails: u64,
}

impl Sums {
    pub(super) fn add(&mut self, plan: &Plan) {
        for planned in plan.contacts.iter().chain(&plan.skips) {
            let key = format!("{} {}", planned.kind.word(), Entry::state_of(planned));
            *self.outcome.entry(key).or_default() += 1;
        }
        self.waiting += plan.waiting.len() as u64;
    }
}
