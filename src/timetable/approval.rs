//! E-mails that leave only after a person has said so, or after nobody has objected (T34).

use chrono::{NaiveDate, NaiveTime};

use super::evaluate::Day;
use super::stops::{Account, Stop};
use super::{Calendar, Step, Timetable};
use crate::address::EmailAddress;

/// `[approval]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The hour of the e-mail that tells what waits, on business days; `None`: the digest tells it.
    pub at: Option<NaiveTime>,
    /// Whom that e-mail goes to where the customer has no collector; empty: those who manage by `[digest]`.
    pub to: Vec<EmailAddress>,
    /// Business days after the day on which somebody was told, until an e-mail leaves to which nobody objects; 1 at least.
    pub veto_days: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { at: None, to: Vec::new(), veto_days: 1 }
    }
}

/// What `approve` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approve {
    /// `false`: it leaves by itself.
    No,
    /// `true`: it leaves once somebody has approved it.
    Yes,
    /// `"veto"`: it leaves unless somebody who was told of it objects.
    Veto,
}

/// An occurrence for an invoice: invoice, step, number and how often T18 has re-opened it.
pub type Key = (String, String, u32, u32);

/// What is known of the word of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is waited for.
    Asked {
        since: NaiveDate,
    },
    Approved,
    /// It never goes out.
    Rejected {
        on: NaiveDate,
        author: String,
        reason: Option<String>,
    },
}

/// From when on an e-mail leaves to which nobody objects: a day and an hour in the timetable's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaves {
    pub on: NaiveDate,
    pub from: NaiveTime,
}

/// That somebody was told of an occurrence: the relay has taken the e-mail that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub on: NaiveDate,
    pub to: String,
    /// What that e-mail says.
    pub leaves: Leaves,
}

/// That an occurrence waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    pub since: NaiveDate,
    /// Silence lets it leave.
    pub veto: bool,
}

impl Rules {
    /// From when on silence lets an e-mail leave, of which somebody is told on a day at an hour.
    #[must_use]
    pub fn leaves(&self, calendar: &Calendar, told_on: NaiveDate, at: NaiveTime) -> Leaves {
        Leaves { on: calendar.business_day(told_on, self.veto_days.max(1).into()), from: at }
    }

    /// What holds for an e-mail that covers these occurrences, told or not: the last of them counts, since what joins starts
    /// anew. Never before the hour that was said, nor before the days that the file asks for now. `None`: of something in it
    /// nobody was told.
    #[must_use]
    pub fn silence<'t>(&self, calendar: &Calendar, told: impl Iterator<Item = Option<&'t Told>>) -> Option<Told> {
        let all = told.collect::<Option<Vec<&Told>>>()?;
        let now = |t: &Told| Told { leaves: t.leaves.max(self.leaves(calendar, t.on, t.leaves.from)), ..t.clone() };
        all.into_iter().map(now).max_by_key(|t| t.leaves)
    }
}

impl Timetable {
    /// What the file says that an e-mail of a step to a customer of a segment asks for: the customer's own word wins over the
    /// step's, and that over the segment's. `None`: it says nothing.
    #[must_use]
    pub fn asks(&self, step: &Step, customer: &str, segment: &str) -> Option<Approve> {
        if !step.is_email() || step.id == super::worklist::INVOICE_COPY {
            return Some(Approve::No);
        }
        let of_segment = || self.segments.iter().find(|s| s.name == segment).and_then(|s| s.approve);
        let own = self.customer(customer).and_then(|c| c.approve).or(step.approve);
        own.or_else(of_segment)
    }

    /// Whether something leaves unless somebody objects.
    #[must_use]
    pub fn knows_veto(&self) -> bool {
        let of_steps = self.steps.iter().filter_map(|s| s.approve);
        let of_segments = self.segments.iter().filter_map(|s| s.approve);
        let mut all = of_steps.chain(of_segments).chain(self.customers.values().filter_map(|c| c.approve));
        all.any(|approve| approve == Approve::Veto)
    }
}

impl Day<'_> {
    /// How an occurrence waits, if it asks for a word; that of today is asked for the first time.
    #[must_use]
    pub fn waits(&self, account: &Account<'_>, step: &Step, key: &Key) -> Option<Waits> {
        let said = self.timetable.asks(step, &account.customer.id, account.segment);
        let verdict = self.history.approvals.get(key);
        let veto = match said {
            Some(Approve::No) => return None,
            Some(Approve::Yes) => false,
            Some(Approve::Veto) => true,
            None if self.personal(account).is_some() => false,
            // Who is asked is not told overnight that the customer owes less than others by now.
            None if self.timetable.priority.pareto && matches!(verdict, Some(Verdict::Asked { .. })) => false,
            None => return None,
        };
        match verdict {
            Some(Verdict::Approved) => None,
            Some(Verdict::Asked { since }) => Some(Waits { since: *since, veto }),
            _ => Some(Waits { since: self.today, veto }),
        }
    }

    /// Whether a person has said that it does not go out.
    #[must_use]
    pub fn is_rejected(&self, invoice: &str, step: &str, number: u32, round: u32) -> Option<Stop> {
        // Nothing is built for most of them.
        if self.history.approvals.is_empty() {
            return None;
        }
        let key = (invoice.to_owned(), step.to_owned(), number, round);
        matches!(self.history.approvals.get(&key), Some(Verdict::Rejected { .. })).then_some(Stop::Rejected)
    }
}
