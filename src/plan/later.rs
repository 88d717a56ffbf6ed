//! What is due and has to wait all the same (T5, T23).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

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

/// T23: a coming-due e-mail gives way to a past-due one.
pub(super) fn give_way(day: &Day<'_>, account: &Account<'_>, own: &mut Vec<Due<'_>>, plan: &mut Plan) {
    let has = |own: &[Due<'_>], group| own.iter().any(|d| d.group == group);
    let quiet = day.timetable.quiet_days(&account.customer.id);
    if quiet == 0 || !has(own, Group::PastDue) || !has(own, Group::ComingDue) {
        return;
    }
    let (away, rest) = own.drain(..).partition(|d| d.group == Group::ComingDue);
    *own = rest;
    let away: Vec<Due<'_>> = away;
    // The past-due e-mail of today is the one that it waits behind (T16).
    let until = day.today.checked_add_signed(TimeDelta::days(quiet + 1));
    plan.waiting.extend(away.into_iter().map(|d| waiting_for(account, d, "deferred", "T23", until)));
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
