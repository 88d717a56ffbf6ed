//! **Pure**: why something is sent about an invoice on a day, or not: every step with its case and its rule, in sentences.
//!
//! It decides nothing: the cases are those of [`evaluate`] and of [`events`](crate::timetable::events), the contacts those
//! of the [`Plan`] that was made from the same day. Owns nothing. May import what `plan` may.

mod ahead;
mod cases;
mod closed;
mod customer;
mod events;
mod follow;
mod interest;
mod left_out;
mod line;
mod records;
mod segment;
mod stopped;
mod told;
pub mod words;

use chrono::NaiveDate;

pub use customer::facts;
pub use interest::{Claimed, interest};
pub use line::{Line, Next, PartOf};
pub use records::{Bounced, Entered, Logged, Noted, Records, Standing};
pub use segment::why as segment_why;

use super::Plan;
use crate::ledger::{Customer, Invoice};
use crate::timetable::evaluate::{self, Day};
use crate::timetable::stops::{Account, Sums};

/// What lies between the day that is explained and the present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tense {
    Past,
    Present,
    Future,
}

/// What is asked, and everything that answers it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub day: &'a Day<'a>,
    /// Made from the same day.
    pub plan: &'a Plan,
    pub records: &'a Records,
    pub tense: Tense,
    /// Whether e-mails may leave at the instant that is explained (T5).
    pub in_window: bool,
    pub customer: &'a Customer,
    /// All of the customer's invoices.
    pub invoices: &'a [&'a Invoice],
    pub sums: &'a Sums,
}

impl<'a> Question<'a> {
    /// The customer as it stands on the day.
    #[must_use]
    pub fn account(&self) -> Account<'a> {
        self.day.account(self.customer, self.invoices, self.sums)
    }

    fn on(&self) -> NaiveDate {
        self.day.today
    }

    fn date(&self, day: NaiveDate) -> String {
        words::date(day, self.on())
    }
}

/// Every step of the timetable for one invoice: its occurrences up to the day and the next one, or why it is not for the
/// invoice at all.
#[must_use]
pub fn invoice(question: &Question<'_>, account: &Account<'_>, invoice: &Invoice) -> Vec<Line> {
    let occurrences = evaluate::invoice(question.day, account, invoice);
    let mut lines = Vec::new();
    let copy = &question.day.timetable.worklist.invoice_copy;
    let asked = question.day.facts.get(&invoice.id).is_some_and(|f| f.copy_asked_on.is_some());
    for step in question.day.timetable.steps.iter().chain(asked.then_some(copy)) {
        let own = occurrences.iter().filter(|o| o.step.id == step.id);
        if let Some(reason) = left_out::reason(question, account, invoice, step) {
            lines.push(left_out::line(question, invoice, step, reason));
        } else if let Some(event) = step.event() {
            lines.push(events::line(question, account, invoice, step, event));
        } else if !invoice.is_open() {
            lines.extend(closed::lines(question, account, invoice, step));
        } else {
            lines.extend(own.map(|one| cases::line(question, account, invoice, one)));
        }
    }
    ahead::attach(question, invoice, &mut lines);
    lines
}

/// What the log has of that very day and the rules, with the ledger and the file of now, do not find: said, not hidden.
#[must_use]
pub fn unexplained(question: &Question<'_>, invoice: &Invoice, lines: &[Line]) -> Vec<String> {
    let found = |c: &Logged| {
        let same = |l: &&Line| l.step == c.step && l.occurrence == Some(c.occurrence);
        let case = |l: &Line| if c.standing == Standing::Skipped { Some(l.case) == c.reason.as_deref() } else { l.case == "due" };
        lines.iter().filter(same).any(case)
    };
    let of_the_day = question.records.contacts.iter().filter(|c| {
        question.tense == Tense::Past
            && c.invoice == invoice.id
            && c.date == question.on()
            && !c.before
            && c.standing != Standing::Gone
    });
    of_the_day
        .filter(|c| !found(c))
        .map(|c| {
            let name = words::step(&c.step, c.occurrence);
            format!(
                "The log has {name} of {} for that day ({}), which the ledger and the timetable as they are now do not explain.",
                c.invoice, c.state
            )
        })
        .collect()
}
