//! A contact before it is in the log.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::address::EmailAddress;
use crate::money::Currency;
use crate::timetable::Event;
use crate::timetable::approval::Told;

/// What sort of contact (T24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Email,
    Notice,
    Task,
}

impl Kind {
    /// The word of the JSON and of the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Notice => "notice",
            Self::Task => "task",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            other => other.word(),
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Email, Self::Notice, Self::Task].into_iter().find(|k| k.word() == word)
    }
}

/// Which of a customer's e-mails are merged with one another (T22), in the plan's order (T25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    PastDue,
    ComingDue,
    Event(Event),
    Notice,
    Task,
}

impl Group {
    /// Whether it is a due-date e-mail, which counts for the quiet days (T16).
    #[must_use]
    pub fn is_due_date(self) -> bool {
        matches!(self, Self::PastDue | Self::ComingDue)
    }
}

/// One occurrence that a contact covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    pub invoice: String,
    pub customer: String,
    pub step: String,
    pub occurrence: u32,
    /// Days from the due date; `None` for an event.
    pub days: Option<i64>,
    pub days_past_due: i64,
    pub open_balance: Decimal,
    pub currency: Currency,
    /// As it is now: T18 compares it later.
    pub due_date: NaiveDate,
    /// How often T18 has re-opened the occurrence.
    pub round: u32,
}

/// That a contact waits for a person's word (T34).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The first day of it.
    pub since: NaiveDate,
    /// The customer's collector, if there is one.
    pub whom: Option<EmailAddress>,
    /// Silence lets it leave; `None`: it waits for a word.
    pub veto: Option<Veto>,
}

/// That silence lets a contact leave, once somebody was told of all of it (T34).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Veto {
    /// Who was told, and from when on it leaves; `None`: nobody was told yet.
    pub told: Option<Told>,
}

/// A contact that is to be made, or (with a `reason`) written as skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub kind: Kind,
    pub group: Group,
    /// The template of an e-mail or a notice, the word of a task.
    pub action: String,
    /// The lead's.
    pub step: String,
    pub occurrence: u32,
    pub date: NaiveDate,
    /// Why it is skipped; `None`: it is to be made.
    pub reason: Option<&'static str>,
    pub rule: &'static str,
    /// The lead's, for a notice.
    pub customer: String,
    pub segment: String,
    pub to: Vec<EmailAddress>,
    pub cc: Vec<EmailAddress>,
    /// The customer's, if the ledger or the file says one.
    pub language: Option<String>,
    /// It waits for a person's word (T34).
    pub asked: Option<Asked>,
    /// Somebody was told of it, and nobody has objected in time (T34).
    pub unopposed: Option<Told>,
    /// The lead first (T22).
    pub covered: Vec<Covered>,
}

impl Planned {
    /// The lead invoice's id.
    #[must_use]
    pub fn lead(&self) -> &str {
        self.covered.first().map_or("", |c| &c.invoice)
    }

    /// Whether it is a review, which others join while it is open (T24).
    #[must_use]
    pub fn is_review(&self) -> bool {
        self.kind == Kind::Task && self.action == "review"
    }
}
