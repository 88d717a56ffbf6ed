//! The last look before a contact leaves (T26).

use super::contact::Kind;
use crate::ledger::Invoice;
use crate::timetable::evaluate::{self, Day};
use crate::timetable::stops::{self, Account, Stop};
use crate::timetable::{Event, follow};

/// What stops a contact that is about to leave (T26), asked of a fresh picture of the ledger; `event`: that of its step;
/// `days`: those of its occurrence; `step`: its id and the number of its occurrence.
#[must_use]
pub fn stops_now(
    day: &Day<'_>,
    account: &Account<'_>,
    invoice: &Invoice,
    kind: Kind,
    event: Option<Event>,
    days: Option<i64>,
    step: (&str, u32),
) -> Option<Stop> {
    let happened = match event {
        // A payment that was taken back meanwhile is not thanked for, nor is an invoice that was voided.
        Some(Event::Paid) => match stops::closed(invoice) {
            Some(Stop::Paid) => None,
            other => Some(other.unwrap_or(Stop::Unpaid)),
        },
        Some(_) => stops::closed(invoice),
        None => None,
    };
    let answered = || follow::answered(day, account, invoice, step.0, step.1);
    happened.or_else(answered).or_else(|| match (kind, event) {
        (Kind::Email, None) => account
            .stops_email(day.timetable, invoice, day.controls, day.today)
            .or_else(|| evaluate::payments_too_old(day, true, days)),
        (Kind::Email, Some(_)) => account.stops_event_email(),
        (_, None) => account.stops_task(invoice, day.controls, day.today),
        (_, Some(_)) => None,
    })
}
