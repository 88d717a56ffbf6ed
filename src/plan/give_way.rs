//! A coming-due e-mail gives way to a past-due one of the same day (T23).

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::contact::Group;
use super::make::{Plan, Waiting};
use super::merge::Due;
use crate::address::EmailAddress;
use crate::timetable::evaluate::Day;
use crate::timetable::step::Merge;

/// What is due for one customer.
pub(super) fn of_customer(day: &Day<'_>, own: &mut Vec<Due<'_>>, plan: &mut Plan) {
    if own.iter().any(|d| d.group == Group::PastDue) {
        give_way(day, own, plan, |_| true);
    }
}

/// What is due for customers that share an address, of steps that merge by it (T22).
pub(super) fn of_addresses(day: &Day<'_>, due: &mut Vec<Due<'_>>, plan: &mut Plan) {
    let past_due = due.iter().filter(|d| d.group == Group::PastDue && d.step.merge == Merge::Address);
    let written_to: BTreeSet<Vec<EmailAddress>> = past_due.map(|d| d.account.mailbox()).collect();
    if !written_to.is_empty() {
        give_way(day, due, plan, |d| d.step.merge == Merge::Address && written_to.contains(&d.account.mailbox()));
    }
}

fn give_way(day: &Day<'_>, due: &mut Vec<Due<'_>>, plan: &mut Plan, meets: impl Fn(&Due<'_>) -> bool) {
    due.retain(|d| {
        let quiet = day.timetable.quiet_days(&d.account.customer.id);
        if d.group != Group::ComingDue || quiet == 0 || !meets(d) {
            return true;
        }
        plan.waiting.push(Waiting {
            customer: d.covered.customer.clone(),
            invoice: d.covered.invoice.clone(),
            step: d.covered.step.clone(),
            occurrence: d.covered.occurrence,
            reason: "deferred",
            rule: "T23",
            // The past-due e-mail of today is the one that it waits behind (T16).
            until: day.today.checked_add_signed(TimeDelta::days(quiet + 1)),
        });
        false
    });
}
