//! What is due and has to wait all the same (T5).

use chrono::{DateTime, NaiveDate, Utc};

use super::contact::{Covered, Group};
use super::make::{Plan, Waiting};
use super::merge::Due;
use crate::ledger::Invoice;
use crate::timetable::evaluate::Day;
use crate::timetable::occurrence::Occurrence;
use crate::timetable::stops::Account;

/// The `reason` of an e-mail that waits for the customer's window (T5).
pub const WINDOW: &str = "window";
/// That of one that waits for the end of a holiday of the customer's country (T5).
pub const HOLIDAY: &str = "holiday";

/// A due-date occurrence that waits.
pub(super) fn waiting(
    account: &Account<'_>,
    invoice: &Invoice,
    one: &Occurrence<'_>,
    reason: &'static str,
    until: Option<NaiveDate>,
) -> Waiting {
    Waiting {
        customer: account.customer.id.clone(),
        invoice: invoice.id.clone(),
        step: one.step.id.clone(),
        occurrence: one.number,
        reason,
        rule: one.case.rule(),
        until,
    }
}

/// T5: no e-mail leaves to a customer outside of its window, or on a holiday of its country.
pub(super) fn keep_in_window<'a>(
    day: &Day<'_>,
    account: &Account<'_>,
    at: Option<DateTime<Utc>>,
    own: &mut Vec<Due<'a>>,
    plan: &mut Plan,
) {
    let (timetable, customer, segment) = (day.timetable, account.customer, account.segment);
    if timetable.may_email(customer, segment, day.today, at) {
        return;
    }
    let (stay, away): (Vec<Due<'a>>, _) = own.drain(..).partition(|d| matches!(d.group, Group::Task | Group::Notice));
    *own = stay;
    let reason = if account.calendar.is_business_day(day.today) { WINDOW } else { HOLIDAY };
    let until = timetable.next_day_for(customer, segment, day.today);
    plan.waiting.extend(away.into_iter().map(|d| waiting_for(account, d, reason, "T5", until)));
}

fn waiting_for(
    account: &Account<'_>,
    due: Due<'_>,
    reason: &'static str,
    rule: &'static str,
    until: Option<NaiveDate>,
) -> Waiting {
    let Covered { invoice, step, occurrence, .. } = due.covered;
    Waiting { customer: account.customer.id.clone(), invoice, step, occurrence, reason, rule, until }
}
