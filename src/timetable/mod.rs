//! **Pure**: the company's own timetable, and what it says of one invoice on one day (T1–T20, T33).
//!
//! No clock, no I/O: the same input always gives the same answer. Owns nothing. May import `clock`, `money`, `address`,
//! `diagnostic` and `ledger`. The file `timetable.toml` is read in [`file`], evaluated in [`evaluate`].

pub mod aging;
pub mod approval;
pub mod calendar;
pub mod case;
pub mod changes;
pub mod customer;
pub mod evaluate;
pub mod events;
pub mod file;
pub mod follow;
pub mod history;
pub mod holidays;
pub mod interest;
pub mod lint;
pub mod occurrence;
pub mod offset;
pub mod personal;
pub mod priority;
pub mod review;
pub mod segment;
pub mod sentences;
pub mod step;
pub mod stops;
pub mod window;
pub mod worklist;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;

pub use aging::Aging;
pub use calendar::Calendar;
pub use customer::CustomerSettings;
pub use follow::After;
pub use interest::Interest;
pub use offset::Offset;
pub use priority::Priority;
pub use segment::{Match, Segment, Sizes};
pub use step::{Action, Days, Event, Recipient, Repeat, Step, When};
pub use window::{CustomerWindow, SendWindow};
pub use worklist::Worklist;

use crate::ledger::Customer;
use crate::ledger::ranks::Ranks;
use crate::money::Currency;

/// The whole of `timetable.toml`.
#[derive(Debug, Clone)]
pub struct Timetable {
    /// All dates are calendar dates here (T1).
    pub time_zone: Tz,
    pub calendar: Calendar,
    /// The same with the holidays of a customer's country, by its code; empty: they do not count (`customer_holidays`).
    pub customer_calendars: BTreeMap<&'static str, Calendar>,
    /// When e-mails leave to some customers, instead of the calendar's window; the first that is for one counts (T5).
    pub customer_windows: Vec<CustomerWindow>,
    /// Full days between two due-date e-mails to one customer (T16); 0: the next day is early enough.
    pub quiet_days: u32,
    /// How many days after its send date a step may still go out (T13).
    pub grace_days: u32,
    pub min_balance: MinBalance,
    /// T10.
    pub go_live: Option<NaiveDate>,
    /// Days after the promised date on which the timetable still waits (T19).
    pub promise_grace_days: u32,
    /// T18.
    pub resend_after_days: u32,
    /// How old the last read of the ledger may be when an e-mail leaves (T26).
    pub recheck_after: Duration,
    /// T28; 0 switches it off.
    pub volume_guard: Decimal,
    pub sizes: Sizes,
    /// In file order; the last has no `match`.
    pub segments: Vec<Segment>,
    pub steps: Vec<Step>,
    /// By customer id (T8).
    pub customers: BTreeMap<String, CustomerSettings>,
    /// What may be claimed for late payment; `None`: nothing is shown.
    pub interest: Option<Interest>,
    /// The classes of open balances by days past due.
    pub aging: Aging,
    /// What makes one task more urgent than another.
    pub priority: Priority,
    /// How ranks are computed, and whether they count.
    pub ranks: Ranks,
    /// When customers are reviewed; `None`: they are not.
    pub review: Option<review::Review>,
    /// How those are told who decide about e-mails that wait.
    pub approval: approval::Rules,
    /// How people work through their tasks.
    pub worklist: Worklist,
    /// What the company expects of it; only `check` plays them.
    pub cases: Vec<case::Case>,
}

/// Below which open balance an invoice is left alone (T19): one number, or one by currency (0 where none is named).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MinBalance {
    All(Decimal),
    ByCurrency(BTreeMap<Currency, Decimal>),
}

impl MinBalance {
    /// The limit in one currency.
    #[must_use]
    pub fn of(&self, currency: Currency) -> Decimal {
        match self {
            Self::All(limit) => *limit,
            Self::ByCurrency(limits) => limits.get(&currency).copied().unwrap_or_default(),
        }
    }
}

impl Timetable {
    /// The calendar that counts for a customer: the company's, perhaps with the holidays of the customer's country (T3).
    #[must_use]
    pub fn calendar_of(&self, customer: &Customer) -> &Calendar {
        let country = customer.country.as_ref().filter(|_| !self.customer_calendars.is_empty());
        let own = country.and_then(|c| self.customer_calendars.get(c.trim().to_ascii_uppercase().as_str()));
        own.unwrap_or(&self.calendar)
    }

    /// Whether e-mails of customers that share their addresses become one (T22).
    #[must_use]
    pub fn merges_by_address(&self) -> bool {
        self.steps.iter().any(|s| s.merge == step::Merge::Address)
    }

    /// The next day on which a computed rank may change what is due, although nothing has changed (L7); `None`: there is no
    /// such day.
    #[must_use]
    pub fn ranks_change_on(&self, today: NaiveDate) -> Option<NaiveDate> {
        let matches = self.segments.iter().any(|s| s.matches.as_ref().is_some_and(|m| m.rank.is_some()));
        let counts = matches || self.steps.iter().any(|s| s.limits.ranks.is_some());
        self.ranks.next(today).filter(|_| counts)
    }

    /// The settings of one customer, if the file has any (T8).
    #[must_use]
    pub fn customer(&self, id: &str) -> Option<&CustomerSettings> {
        self.customers.get(id)
    }

    /// The step of an id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().chain([&self.worklist.invoice_copy]).find(|s| s.id == id)
    }

    /// How many days late a step may go out (T13).
    #[must_use]
    pub fn grace_days(&self, step: &Step) -> i64 {
        i64::from(step.grace_days.unwrap_or(self.grace_days))
    }

    /// The deadline that an e-mail of a step prints when it leaves on a day: `pay_within` days later, or the next business
    /// day after that; `None`: the step sets none.
    #[must_use]
    pub fn pay_by(&self, step: &str, leaves: NaiveDate) -> Option<NaiveDate> {
        let days = i64::from(self.step(step)?.pay_within?);
        Some(self.calendar.send_date(step::planned_date(leaves, days), days))
    }

    /// The quiet days of one customer (T8, T16).
    #[must_use]
    pub fn quiet_days(&self, customer: &str) -> i64 {
        i64::from(self.customer(customer).and_then(|c| c.quiet_days).unwrap_or(self.quiet_days))
    }
}
