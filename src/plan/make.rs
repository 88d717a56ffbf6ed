//! The plan of one poll.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::agenda::Agenda;
use super::contact::{Covered, Group, Planned};
use super::merge::{self, Due};
use super::{give_way, guard, later};
use crate::ledger::Invoice;
use crate::timetable::approval::Verdict;
use crate::timetable::evaluate::{self, Day};
use crate::timetable::events;
use crate::timetable::follow;
use crate::timetable::occurrence::{Case, Occurrence};
use crate::timetable::stops::{self, Account, Stop};
use crate::timetable::{Action, Days, Offset, Step, When, calendar};

/// What a poll may do, beside what the rules say.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Inside the send window, or that of some customers, on a business day (T5). Tasks and skips do not ask.
    pub may_send: bool,
    /// The instant for which customers' windows are asked; `None`: whether they open on the day.
    pub at: Option<DateTime<Utc>>,
    /// Whether skips may be written (T29: not by a clock that cannot be right).
    pub may_skip: bool,
    /// The customer e-mails sent on each of the last 20 sending days before today (T28).
    pub sending_days: Vec<u64>,
    /// Those already sent today.
    pub sent_today: u64,
    /// T28 waived by a person for this poll.
    pub accept_volume: bool,
}

/// An occurrence that waits, and why: what `plan` shows as held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub customer: String,
    pub invoice: String,
    pub step: String,
    pub occurrence: u32,
    pub reason: &'static str,
    pub rule: &'static str,
    /// The first day on which that no longer holds it back, if it ends by itself.
    pub until: Option<NaiveDate>,
}

/// What one poll is to do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In the order of T25.
    pub contacts: Vec<Planned>,
    /// Occurrences that end here, each written once (T12–T14).
    pub skips: Vec<Planned>,
    /// Occurrences that join a review which is open already (T24): its contact id.
    pub additions: Vec<(String, Covered)>,
    /// Stopped and deferred.
    pub waiting: Vec<Waiting>,
    /// T28: how many e-mails wait for a person's word; 0: none.
    pub held_by_volume: u64,
    /// T28: how many would wait, had nobody accepted them.
    pub over_volume: u64,
}

/// Makes the plan of a day (T9–T25, T28).
#[must_use]
pub fn make(day: &Day<'_>, limits: &Limits) -> Plan {
    make_with(day, limits, None)
}

/// The same plan, without a look at the invoices that the agenda passes over.
#[must_use]
pub fn make_with(day: &Day<'_>, limits: &Limits, agenda: Option<&mut Agenda>) -> Plan {
    let mut plan = find(day, limits, agenda);
    guard::hold_by_volume(day.timetable, limits, &mut plan);
    plan
}

/// The plan of some customers, or of all, before T28 has looked at it.
#[must_use]
pub fn find(day: &Day<'_>, limits: &Limits, mut agenda: Option<&mut Agenda>) -> Plan {
    let mut plan = Plan::default();
    if day.go_live.is_none_or(|live| day.today < live) {
        return plan;
    }
    let sums = stops::sums(day.snapshot);
    let thank_since = Some(events::oldest_payment_to_thank_for(day.timetable, day.today));
    let mut by_customer: BTreeMap<&str, Vec<&Invoice>> = BTreeMap::new();
    for invoice in day.snapshot.invoices.values() {
        if invoice.is_open() || day.facts.get(&invoice.id).is_some_and(|f| f.paid_on.is_some() && f.last_payment >= thank_since) {
            by_customer.entry(&invoice.customer_id).or_default().push(invoice);
        }
    }
    let accounts: Vec<(Account<'_>, Vec<&Invoice>)> = by_customer
        .into_iter()
        .filter_map(|(id, invoices)| {
            let customer = day.snapshot.customers.get(id)?;
            Some((day.account(customer, &invoices, &sums), invoices))
        })
        .collect();
    let mut due = Vec::new();
    for (account, invoices) in &accounts {
        let mut own = Vec::new();
        let has_moved = agenda.as_deref_mut().is_none_or(|a| a.has_moved(account));
        for invoice in invoices {
            if !has_moved && agenda.as_ref().is_some_and(|a| a.may_pass(invoice, day.today)) {
                continue;
            }
            let before = own.len();
            let found = evaluate::invoice(day, account, invoice);
            look_at(day, limits, account, invoice, &found, &mut own, &mut plan);
            happened(day, account, invoice, &mut own);
            if let Some(agenda) = agenda.as_deref_mut() {
                agenda.note(day, invoice, &found, own.len() > before);
            }
        }
        give_way::of_customer(day, &mut own, &mut plan);
        if limits.may_send {
            later::keep_in_window(day, account, limits.at, &mut own, &mut plan);
        }
        due.append(&mut own);
    }
    give_way::of_addresses(day, &mut due, &mut plan);
    if !limits.may_send {
        due.retain(|d| d.group == Group::Task);
    } else if limits.at.is_some_and(|at| day.timetable.open_for_colleagues(at).is_none()) {
        due.retain(|d| d.group != Group::Notice);
    }
    join_open_reviews(day, &mut due, &mut plan);
    let at = limits.at.map(|at| calendar::local(day.timetable.time_zone, at).1);
    plan.contacts = merge::contacts(due, merge::When { timetable: day.timetable, today: day.today, at });
    plan
}

/// The due-date steps of one invoice.
fn look_at<'a>(
    day: &Day<'a>,
    limits: &Limits,
    account: &'a Account<'a>,
    invoice: &Invoice,
    found: &[Occurrence<'a>],
    due: &mut Vec<Due<'a>>,
    plan: &mut Plan,
) {
    for one in found {
        match &one.case {
            Case::Due => due.push(of_occurrence(day, account, invoice, one)),
            case if case.is_skip() && limits.may_skip => {
                let key = (one.step.id.clone(), one.number);
                if !day.history.of(&invoice.id).is_some_and(|h| h.skipped.contains(&key)) {
                    let skipped = merge::planned(&of_occurrence(day, account, invoice, one), day.today);
                    plan.skips.push(Planned { reason: Some(case.word()), rule: case.rule(), ..skipped });
                }
            }
            // Nobody waits for it any more.
            Case::Stopped(Stop::Rejected) => {}
            Case::Stopped(stop) => {
                let until = stops::over_on(day.timetable, day.controls, invoice, *stop, day.today);
                plan.waiting.push(later::waiting(account, invoice, one, stop.word(), until));
            }
            // As long as it would go out: afterwards nobody waits for it.
            Case::Waits(_) if follow::is_answered_now(day, invoice, one) => {
                plan.waiting.push(later::waiting(account, invoice, one, one.case.word(), None));
            }
            Case::Deferred { until } => plan.waiting.push(later::waiting(account, invoice, one, "deferred", Some(*until))),
            _ => {}
        }
    }
}

fn of_occurrence<'a>(day: &Day<'a>, account: &'a Account<'a>, invoice: &Invoice, one: &Occurrence<'a>) -> Due<'a> {
    let group = match one.step.action {
        Action::Email { .. } if one.days < 0 => Group::ComingDue,
        Action::Email { .. } => Group::PastDue,
        Action::Notice { .. } => Group::Notice,
        Action::Task { .. } => Group::Task,
    };
    due(day, account, invoice, one.step, group, Some(one.days), one.number, one.round, "T17")
}

#[expect(clippy::too_many_arguments, reason = "one place builds it, for occurrences and events alike")]
fn due<'a>(
    day: &Day<'a>,
    account: &'a Account<'a>,
    invoice: &Invoice,
    step: &'a Step,
    group: Group,
    days: Option<i64>,
    occurrence: u32,
    round: u32,
    rule: &'static str,
) -> Due<'a> {
    let recipient = match &step.action {
        Action::Notice { to, .. } => evaluate::recipient(to, account.customer).cloned(),
        _ => None,
    };
    let covered = Covered {
        invoice: invoice.id.clone(),
        customer: invoice.customer_id.clone(),
        step: step.id.clone(),
        occurrence,
        days,
        days_past_due: invoice.days_past_due(day.today),
        open_balance: invoice.open_balance.max(Decimal::ZERO),
        currency: invoice.currency,
        due_date: invoice.due_date,
        round,
    };
    let key = (covered.invoice.clone(), covered.step.clone(), occurrence, round);
    let waits = day.waits(account, step, &key);
    let is_approved = day.history.approvals.get(&key) == Some(&Verdict::Approved);
    let told = day.history.told.get(&key).cloned();
    Due { step, group, account, covered, recipient, rule, waits, is_approved, told }
}

/// The events of one invoice (T20).
fn happened<'a>(day: &Day<'a>, account: &'a Account<'a>, invoice: &Invoice, own: &mut Vec<Due<'a>>) {
    for (event, step) in events::due(day, account, invoice) {
        let group = match step.action {
            Action::Email { .. } => Group::Event(event),
            Action::Notice { .. } => Group::Notice,
            Action::Task { .. } => Group::Task,
        };
        let number = events::occurrence(day, invoice, event);
        own.push(due(day, account, invoice, step, group, None, number, 0, "T20"));
    }
}

/// T24: what comes due while a review of the customer and step is open or snoozed is added to it.
fn join_open_reviews(day: &Day<'_>, due: &mut Vec<Due<'_>>, plan: &mut Plan) {
    due.retain(|d| {
        if !d.step.is_review() {
            return true;
        }
        match day.history.open_reviews.get(&(d.account.customer.id.clone(), d.step.id.clone())) {
            Some(contact) => {
                plan.additions.push((contact.clone(), d.covered.clone()));
                false
            }
            None => true,
        }
    });
    plan.additions.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| merge::rank(x).cmp(&merge::rank(y))));
}

/// The contact of one step for one invoice, whether it is due or not: for a preview.
#[must_use]
pub fn preview<'a>(day: &Day<'a>, account: &'a Account<'a>, invoice: &Invoice, step: &'a Step) -> Planned {
    let offset = step.offset_for(account.segment).or_else(|| first_offset(step));
    let days = offset.map(|o| o.days_from(account.calendar, invoice.due_date));
    let group = match (&step.action, step.event()) {
        (Action::Email { .. }, Some(event)) => Group::Event(event),
        (Action::Email { .. }, None) if days.is_some_and(|d| d < 0) => Group::ComingDue,
        (Action::Email { .. }, None) => Group::PastDue,
        (Action::Notice { .. }, _) => Group::Notice,
        (Action::Task { .. }, _) => Group::Task,
    };
    let rule = if step.event().is_some() { "T20" } else { "T17" };
    merge::planned(&due(day, account, invoice, step, group, days, 0, 0, rule), day.today)
}

/// The cell of any segment, for a customer whose own segment does not have the step.
fn first_offset(step: &Step) -> Option<Offset> {
    let When::Days { days: Days::BySegment(table), .. } = &step.when else { return None };
    table.values().next().copied()
}
