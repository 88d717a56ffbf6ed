//! One row of the timetable: an action, and when it falls.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::approval::Approve;
use super::{After, Offset, Timetable};
use crate::address::EmailAddress;
use crate::ledger::{Customer, Invoice};
use crate::money::Currency;

/// One `[[step]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: String,
    pub action: Action,
    pub when: When,
    /// The e-mail that it follows, if that stays without answer (T33).
    pub after: Option<After>,
    /// The step's own grace (T13).
    pub grace_days: Option<u32>,
    pub limits: Limits,
    /// Which of the day's other e-mails its own are merged with (T22).
    pub merge: Merge,
    /// `attach`: whether the invoices' documents go with its e-mails; see [`Step::attaches`].
    pub attach: Option<bool>,
    /// Days from the e-mail to the deadline that it prints; see [`Timetable::pay_by`].
    pub pay_within: Option<u32>,
    /// Whether its e-mails wait for a person's word (T34); `None`: as the segment says.
    pub approve: Option<Approve>,
    /// Whether its e-mails and notices may show interest, where the file has `[interest]`.
    pub interest: bool,
    /// The ids that this step had before (T31).
    pub renamed_from: Vec<String>,
}

/// What a step does (T24).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// An e-mail to the customer, from a template.
    Email { template: String },
    /// Work for a person: `call`, `review`, `dispute`, `credit-hold` or a word of the user's own.
    Task { task: String },
    /// An e-mail to a colleague.
    Notice { template: String, to: Recipient },
}

/// Which e-mails of one day and kind become one (T22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Merge {
    /// `false`: each invoice has an e-mail of its own.
    Alone,
    /// `true`: those of one customer.
    #[default]
    Customer,
    /// `"address"`: those to the same addresses in the same language, of several customers if need be.
    Address,
}

/// Whom a notice goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    AccountManager,
    Collector,
    Address(EmailAddress),
}

/// When a step falls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Days from the due date (T2), and how they repeat (T4).
    Days { days: Days, repeat: Option<Repeat> },
    /// Something that happens to the invoice (T20).
    On(Event),
    /// That the e-mail of another step stays without answer (T33): `after`, and no day of its own.
    After,
}

/// `days`: one cell for all segments, or a table by segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    All(Offset),
    BySegment(BTreeMap<String, Offset>),
}

/// `repeat_every` and `repeat_until` (T4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    pub every: i64,
    pub until: Option<i64>,
}

/// The events of T20, in the plan's order (T25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    Issued,
    Paid,
    PartlyPaid,
    PromiseBroken,
    Disputed,
    /// Somebody has asked for a copy of the invoice: no word of the file, `tasks done` says so.
    CopyAsked,
}

impl Event {
    /// Those that the file has words for.
    pub const ALL: [Self; 5] = [Self::Issued, Self::Paid, Self::PartlyPaid, Self::PromiseBroken, Self::Disputed];

    /// The word of `on = "…"`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Paid => "paid",
            Self::PartlyPaid => "partly_paid",
            Self::PromiseBroken => "promise_broken",
            Self::Disputed => "disputed",
            Self::CopyAsked => "copy_asked",
        }
    }
}

/// Which invoices a step is for (T7); `None`: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    pub sizes: Option<Vec<String>>,
    pub ranks: Option<Vec<String>>,
    pub segments: Option<Vec<String>>,
    pub currencies: Option<Vec<Currency>>,
}

/// Why a step is not for an invoice (T7, T8): which limit leaves it out, or the file's word for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    SkipSteps,
    Sizes,
    Ranks,
    Segments,
    Currencies,
}

impl Limits {
    fn leave_out(&self, timetable: &Timetable, customer: &Customer, segment: &str, invoice: &Invoice) -> Option<LeftOut> {
        let size = || timetable.sizes.size_of(invoice.total, invoice.currency);
        let allowed = [
            (LeftOut::Sizes, self.sizes.as_ref().is_none_or(|l| l.iter().any(|s| s == size()))),
            (LeftOut::Ranks, self.ranks.as_ref().is_none_or(|l| customer.rank.as_ref().is_some_and(|r| l.contains(r)))),
            (LeftOut::Segments, self.segments.as_ref().is_none_or(|l| l.iter().any(|s| s == segment))),
            (LeftOut::Currencies, self.currencies.as_ref().is_none_or(|l| l.contains(&invoice.currency))),
        ];
        allowed.into_iter().find(|(_, allows)| !allows).map(|(limit, _)| limit)
    }
}

impl Step {
    /// Whether this customer has the step for this invoice (T7, T8); where it falls is another matter.
    #[must_use]
    pub fn applies(&self, timetable: &Timetable, customer: &Customer, segment: &str, invoice: &Invoice) -> bool {
        self.left_out(timetable, customer, segment, invoice).is_none()
    }

    /// Why this customer does not have the step for this invoice (T7, T8); `None`: it has.
    #[must_use]
    pub fn left_out(&self, timetable: &Timetable, customer: &Customer, segment: &str, invoice: &Invoice) -> Option<LeftOut> {
        let own = timetable.customer(&customer.id);
        if own.is_some_and(|c| c.skip_steps.contains(&self.id)) {
            return Some(LeftOut::SkipSteps);
        }
        if own.is_some_and(|c| c.extra_steps.contains(&self.id)) {
            return None;
        }
        self.limits.leave_out(timetable, customer, segment, invoice)
    }

    /// Where the first occurrence falls for a segment; `None`: the segment does not have the step, or the step waits for an
    /// event.
    #[must_use]
    pub fn offset_for(&self, segment: &str) -> Option<Offset> {
        match &self.when {
            When::Days { days: Days::All(days), .. } => Some(*days),
            When::Days { days: Days::BySegment(table), .. } => table.get(segment).copied(),
            When::On(_) | When::After => None,
        }
    }

    /// The same in calendar days, as many as they usually are.
    #[must_use]
    pub fn days_for(&self, segment: &str) -> Option<i64> {
        self.offset_for(segment).map(Offset::usual_days)
    }

    /// How it repeats (T4).
    #[must_use]
    pub fn repeat(&self) -> Option<Repeat> {
        match self.when {
            When::Days { repeat, .. } => repeat,
            When::On(_) | When::After => None,
        }
    }

    /// The event it waits for (T20).
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        match self.when {
            When::On(event) => Some(event),
            When::Days { .. } | When::After => None,
        }
    }

    /// Whether it is an e-mail to the customer.
    #[must_use]
    pub fn is_email(&self) -> bool {
        matches!(self.action, Action::Email { .. })
    }

    /// Whether the invoices' documents go with its e-mails (D11): if not said otherwise, with those that fall some days
    /// before or after the due date, and not with those about something that has happened.
    #[must_use]
    pub fn attaches(&self) -> bool {
        self.is_email() && self.attach.unwrap_or(self.event().is_none())
    }

    /// Whether it is an e-mail to a colleague (T24).
    #[must_use]
    pub fn is_notice(&self) -> bool {
        matches!(self.action, Action::Notice { .. })
    }

    /// Whether it is a review: one per customer while it is open (T24).
    #[must_use]
    pub fn is_review(&self) -> bool {
        matches!(&self.action, Action::Task { task } if task == "review")
    }
}

/// `due + days`, or the last day of the calendar where there is no such date.
#[must_use]
pub fn planned_date(due: NaiveDate, days: i64) -> NaiveDate {
    chrono::TimeDelta::try_days(days).and_then(|d| due.checked_add_signed(d)).unwrap_or(if days < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    })
}
