//! How people work through their tasks: `[worklist]`.

use chrono::NaiveDate;

use super::Calendar;
use super::approval::Approve;
use super::step::{Action, Event, Limits, Merge, Step, When};

/// The id of the step that sends copies, and the name of its template where the file names no other one.
pub const INVOICE_COPY: &str = "invoice-copy";

/// The words for what is disputed, where the file has no others.
pub const DISPUTE_CODES: [&str; 6] = ["goods", "price", "quantity", "delivery", "quality", "other"];

/// `[worklist]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worklist {
    /// Business days after a call that reached nobody, until the next try.
    pub retry_days: u32,
    /// What sends a copy of an invoice to the customer who never got it: an event's step (T20) that is no row of the file.
    pub invoice_copy: Step,
    /// The words for what is disputed.
    pub dispute_codes: Vec<String>,
}

impl Default for Worklist {
    fn default() -> Self {
        Self { retry_days: 2, invoice_copy: invoice_copy(INVOICE_COPY), dispute_codes: DISPUTE_CODES.map(str::to_owned).to_vec() }
    }
}

impl Worklist {
    /// The day of the next try after a call of a day that reached nobody.
    #[must_use]
    pub fn next_try(&self, calendar: &Calendar, today: NaiveDate) -> NaiveDate {
        calendar.business_day(today, self.retry_days.into())
    }
}

/// The step that sends copies, with a template.
#[must_use]
pub fn invoice_copy(template: &str) -> Step {
    Step {
        id: INVOICE_COPY.to_owned(),
        action: Action::Email { template: template.to_owned() },
        when: When::On(Event::CopyAsked),
        after: None,
        approve: Some(Approve::No),
        grace_days: None,
        limits: Limits::default(),
        merge: Merge::Customer,
        attach: Some(true),
        pay_within: None,
        interest: true,
        renamed_from: Vec::new(),
    }
}
