//! What becomes of contacts that an earlier poll queued and nobody sent (T5, D3).

use std::collections::{HashMap, HashSet};

use super::{Entry, State};
use crate::plan::make::Waiting;
use crate::plan::{Covered, Kind, Plan, Planned};

/// One falling of a step for an invoice.
pub(super) type Occurrence = (String, String, u32);

pub(super) fn occurrence(c: &Covered) -> Occurrence {
    (c.invoice.clone(), c.step.clone(), c.occurrence)
}

pub(super) fn occurrences(old: &Entry) -> impl Iterator<Item = Occurrence> + '_ {
    old.invoices.iter().map(|i| (i.id.clone(), i.step.clone(), i.occurrence))
}

/// It goes on in another contact.
pub(super) const PLANNED_AFRESH: &str = "planned afresh";

/// What becomes of an unsent contact that the plan does not have any more.
pub(super) enum Fate {
    /// D3: it was tried while its grace lasted. Failed is done (T9), so it is not written as skipped as well.
    Failed,
    Cancelled {
        reason: &'static str,
        rule: &'static str,
    },
}

/// In what case each occurrence of the plan is, with the rule.
#[derive(Default)]
pub(super) struct NowDue {
    planned: HashSet<Occurrence>,
    skipped: HashMap<Occurrence, (&'static str, &'static str)>,
    waiting: HashMap<Occurrence, (&'static str, &'static str)>,
    held_by_volume: bool,
}

impl NowDue {
    /// `held`: T28 holds the customers' e-mails.
    pub(super) fn of(plan: &Plan, held: bool) -> Self {
        let skip = |s: &Planned| Some(((s.lead().to_owned(), s.step.clone(), s.occurrence), (s.reason?, s.rule)));
        let wait = |w: &Waiting| ((w.invoice.clone(), w.step.clone(), w.occurrence), (w.reason, w.rule));
        Self {
            planned: plan.contacts.iter().flat_map(|c| c.covered.iter().map(occurrence)).collect(),
            skipped: plan.skips.iter().filter_map(skip).collect(),
            waiting: plan.waiting.iter().map(wait).collect(),
            held_by_volume: held,
        }
    }

    /// What becomes of one that is to leave as it was, out of doubt (D2): it is never planned afresh, and what stops it is
    /// asked just before it leaves (T26). Failed: its grace is over. `None`: it waits on.
    pub(super) fn fate_of_resend(&self, old: &Entry, may_send: bool) -> Option<Fate> {
        let skip = |o: Occurrence| self.skipped.get(&o).copied();
        if occurrences(old).all(|o| skip(o).is_some_and(|(reason, _)| reason == "expired")) {
            return Some(Fate::Failed);
        }
        let still = |o: &Occurrence| self.planned.contains(o) || self.waiting.contains_key(o);
        if occurrences(old).any(|o| still(&o)) {
            return None;
        }
        if let Some((reason, rule)) = occurrences(old).find_map(skip) {
            return Some(Fate::Cancelled { reason, rule });
        }
        let waits = !may_send || (self.held_by_volume && old.kind == Kind::Email);
        (!waits).then_some(Fate::Cancelled { reason: "no longer due", rule: "T5" })
    }

    /// `None`: it waits on.
    pub(super) fn fate(&self, old: &Entry, may_send: bool) -> Option<Fate> {
        let because = |(reason, rule): (&'static str, &'static str)| Some(Fate::Cancelled { reason, rule });
        let skip = |o: Occurrence| self.skipped.get(&o).copied();
        // All of it has expired: a part that has not is planned afresh without the rest.
        if old.state == State::Retrying && occurrences(old).all(|o| skip(o).is_some_and(|(reason, _)| reason == "expired")) {
            return Some(Fate::Failed);
        }
        if occurrences(old).any(|o| self.planned.contains(&o)) {
            return because((PLANNED_AFRESH, "T5"));
        }
        if let Some(why) = occurrences(old).find_map(skip) {
            return because(why);
        }
        if !may_send {
            return None;
        }
        if let Some(why) = occurrences(old).find_map(|o| self.waiting.get(&o).copied()) {
            return because(why);
        }
        if self.held_by_volume && old.kind == Kind::Email {
            return None;
        }
        because(("no longer due", "T5"))
    }
}
