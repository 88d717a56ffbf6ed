//! The heart: every step of one invoice on one day, each in exactly one case (T9–T17).

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};

use super::history::{Controls, Facts, History};
use super::occurrence::{self, Case, Occurrence};
use super::personal::Personal;
use super::step::{Action, Merge};
use super::stops::{Account, Stop, Sums};
use super::{Recipient, Step, Timetable, follow};
use crate::address::EmailAddress;
use crate::ledger::{Customer, Invoice, Snapshot};

/// Everything that an evaluation looks at.
#[derive(Debug, Clone, Copy)]
pub struct Day<'a> {
    pub timetable: &'a Timetable,
    pub snapshot: &'a Snapshot,
    pub history: &'a History,
    pub facts: &'a HashMap<String, Facts>,
    /// The earliest issue date ever seen, by customer (T6).
    pub customer_since: &'a HashMap<String, NaiveDate>,
    pub controls: &'a Controls,
    /// Whom people look after, by what is open.
    pub personal: &'a Personal,
    pub today: NaiveDate,
    /// `None`: no poll was allowed to send yet (T10).
    pub go_live: Option<NaiveDate>,
    /// Steps that wait for a person's word about a rename (T31).
    pub held_steps: &'a BTreeSet<String>,
}

impl Day<'_> {
    /// The account of a customer with these invoices.
    #[must_use]
    pub fn account<'s>(&'s self, customer: &'s Customer, invoices: &[&Invoice], sums: &Sums) -> Account<'s> {
        let since = self.customer_since.get(&customer.id).copied();
        Account::new(self.timetable, customer, invoices, sums, since, self.controls, self.today)
    }

    /// Whether the step plans nothing at present (T31).
    #[must_use]
    pub fn is_held_step(&self, step: &Step) -> bool {
        self.held_steps.contains(&step.id)
    }
}

/// The occurrences of an open invoice up to today, and the next one of each step. Of an invoice that is not open there
/// are none.
#[must_use]
pub fn invoice<'t>(day: &Day<'t>, account: &Account<'_>, invoice: &Invoice) -> Vec<Occurrence<'t>> {
    if !invoice.is_open() {
        return Vec::new();
    }
    let timetable = day.timetable;
    let history = day.history.of(&invoice.id);
    let mut occurrences = Vec::new();
    for step in timetable.steps.iter().filter(|s| s.after.is_none()) {
        let Some(first) = step.offset_for(account.segment) else { continue };
        if day.is_held_step(step) || !step.applies(timetable, account.customer, account.segment, invoice) {
            continue;
        }
        let from = day.go_live.unwrap_or(day.today);
        for mut one in occurrence::up_to(account.calendar, step, first, invoice.due_date, from, day.today) {
            let done = history.and_then(|h| h.done.get(&(step.id.clone(), one.number)).copied());
            one.case = by_date(day, &one, invoice);
            if let Some(done) = done {
                if occurrence::still_done(timetable, done, invoice.due_date, one.planned) {
                    one.case = Case::Done { on: done.on };
                } else {
                    one.round = done.round + 1;
                }
            }
            if !matches!(one.case, Case::Done { .. })
                && let Some(stop) = day.is_rejected(&invoice.id, &step.id, one.number, one.round)
            {
                one.case = Case::Stopped(stop);
            }
            occurrences.push(one);
        }
    }
    follow::add(day, account, invoice, &mut occurrences);
    supersede(day, account, invoice, &mut occurrences);
    follow::end(day, &mut occurrences);
    for one in occurrences.iter_mut().filter(|o| o.case == Case::Due) {
        one.case = stopped(day, account, invoice, one.step)
            .or_else(|| payments_too_old(day, one.step.is_email(), Some(one.days)))
            .map(Case::Stopped)
            .or_else(|| deferred_until(day, account, one.step).map(|until| Case::Deferred { until }))
            .unwrap_or(Case::Due);
    }
    occurrences
}

/// T10–T13; [`Case::Due`] for what they leave over.
pub(super) fn by_date(day: &Day<'_>, one: &Occurrence<'_>, invoice: &Invoice) -> Case {
    let late = (day.today - one.send_date).num_days();
    match () {
        () if day.go_live.is_none_or(|live| one.send_date < live) => Case::BeforeGoLive,
        () if late < 0 => Case::NotYet,
        () if one.days < 0 && day.today > invoice.due_date => Case::Moot,
        () if late > day.timetable.grace_days(one.step) => Case::Expired,
        () => Case::Due,
    }
}

/// T14: of the e-mails of one invoice only the latest goes out.
fn supersede(day: &Day<'_>, account: &Account<'_>, invoice: &Invoice, occurrences: &mut [Occurrence<'_>]) {
    let counts = |o: &&Occurrence<'_>| o.step.is_email() && matches!(o.case, Case::Done { .. } | Case::Due);
    // By id as well: which one is named must not hang on the order of the file.
    let latest = occurrences.iter().filter(counts).map(|o| (o.days, o.step.id.clone(), o.number)).max();
    let latest = latest.max(latest_done(day, account, invoice));
    let Some((days, step, number)) = latest else { return };
    for one in occurrences.iter_mut().filter(|o| o.step.is_email() && o.case == Case::Due && o.days < days) {
        one.case = Case::Superseded { step: step.clone(), number };
    }
}

/// The greatest e-mail occurrence that is done, also one that the dates above did not reach (a due date that moved
/// later, a cut `repeat_until`), of a step that the customer still has.
fn latest_done(day: &Day<'_>, account: &Account<'_>, invoice: &Invoice) -> Option<(i64, String, u32)> {
    let timetable = day.timetable;
    let done = day.history.of(&invoice.id)?.done.iter().filter_map(|((id, number), done)| {
        let step = timetable.step(id).filter(|s| s.is_email() && !day.is_held_step(s))?;
        let first = step.offset_for(account.segment)?.days_from(account.calendar, invoice.due_date);
        let days = first + step.repeat().map_or(0, |r| r.every) * i64::from(*number);
        let planned = super::step::planned_date(invoice.due_date, days);
        let counts = step.applies(timetable, account.customer, account.segment, invoice)
            && occurrence::still_done(timetable, *done, invoice.due_date, planned);
        counts.then(|| (days, id.clone(), *number))
    });
    done.max()
}

/// T15: what stops this action on this invoice now.
fn stopped(day: &Day<'_>, account: &Account<'_>, invoice: &Invoice, step: &Step) -> Option<Stop> {
    match &step.action {
        Action::Email { .. } => account.stops_email(day.timetable, invoice, day.controls, day.today),
        Action::Task { .. } => account.stops_task(invoice, day.controls, day.today),
        Action::Notice { to, .. } => account
            .stops_task(invoice, day.controls, day.today)
            .or_else(|| recipient(to, account.customer).is_none().then_some(Stop::NoAddress)),
    }
}

/// L10: what stops a past-due e-mail while nobody knows who has paid.
pub(crate) fn payments_too_old(day: &Day<'_>, is_email: bool, days: Option<i64>) -> Option<Stop> {
    (is_email && days.is_some_and(|d| d >= 0) && day.snapshot.payments_too_old()).then_some(Stop::PaymentsTooOld)
}

/// T16: the day from which the next due-date e-mail to the customer may go, if that is after today.
fn deferred_until(day: &Day<'_>, account: &Account<'_>, step: &Step) -> Option<NaiveDate> {
    let quiet = day.timetable.quiet_days(&account.customer.id);
    if !step.is_email() {
        return None;
    }
    let of_customer = day.history.last_email.get(&account.customer.id);
    let shared = (step.merge == Merge::Address).then(|| day.history.last_to.get(&account.mailbox())).flatten();
    let last = of_customer.max(shared)?;
    let until = last.checked_add_signed(TimeDelta::days(quiet + 1))?;
    (day.today < until).then_some(until)
}

/// Whom a notice about this customer goes to (T24).
#[must_use]
pub fn recipient<'a>(to: &'a Recipient, customer: &'a Customer) -> Option<&'a EmailAddress> {
    match to {
        Recipient::AccountManager => customer.account_manager.as_ref(),
        Recipient::Collector => customer.collector.as_ref(),
        Recipient::Address(address) => Some(address),
    }
}
