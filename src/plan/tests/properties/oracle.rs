//! The rules once more, in the plainest words: what a poll's plan must be like, given the office before it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::super::office::{Fate, Office};
use super::world::{Poll, World};
use crate::ledger::{Invoice, Payment, Status};
use crate::plan::contact::Group;
use crate::plan::{Covered, Kind, Plan, Planned};
use crate::timetable::occurrence::Case;
use crate::timetable::step::{Merge, planned_date};
use crate::timetable::{After, Event, Offset, Step};

/// Everything that the rules say of one poll.
pub fn check(world: &World, before: &Office, after: &Office, poll: Poll, plan: &Plan) {
    for contact in &plan.contacts {
        assert!(contact.kind == Kind::Task || poll.may_send, "T5: {contact:?}");
        for covered in &contact.covered {
            let step = after.timetable.step(&covered.step).unwrap();
            match &step.after {
                Some(follows) => silence(before, poll, covered, follows),
                None => dates(after, poll, contact, covered, step),
            }
            stops(after, poll, contact, covered);
        }
        lead(contact);
    }
    quiet(before, poll, plan);
    merged(after, plan);
    superseded(world, before, plan);
    assert!(plan.contacts.is_sorted_by_key(|c| (&c.customer, c.group, c.lead().to_owned(), &c.step)), "T25: {plan:?}");
    cases(after, poll, plan);
    assert_eq!(
        format!("{:?}", after.planned(poll.today, poll.may_send)),
        format!("{:?}", after.planned(poll.today, poll.may_send))
    );
}

fn invoice<'o>(office: &'o Office, covered: &Covered) -> &'o Invoice {
    &office.ledger.invoices[&covered.invoice]
}

/// T3, T10–T13.
fn dates(office: &Office, poll: Poll, contact: &Planned, covered: &Covered, step: &Step) {
    let Some(days) = covered.days else { return };
    let invoice = invoice(office, covered);
    let send_date = office.timetable.calendar.send_date(planned_date(invoice.due_date, days), days);
    let live = office.timetable.go_live.or(office.recorded_go_live).unwrap();
    assert!(office.timetable.calendar.is_business_day(send_date), "T3: {contact:?}");
    assert!(send_date <= poll.today, "T11: {contact:?}");
    assert!(send_date >= live, "T10: {contact:?}");
    assert!((poll.today - send_date).num_days() <= office.timetable.grace_days(step), "T13: {contact:?}");
    if let Some(Offset::BusinessDays { number, .. }) = step.offset_for(&contact.segment).filter(|_| covered.occurrence == 0) {
        let all = (1..=days.abs()).map(|n| planned_date(invoice.due_date, n * days.signum()));
        let passed = all.filter(|day| office.timetable.calendar.is_business_day(*day)).count();
        assert_eq!(
            (passed as i64 * number.signum(), planned_date(invoice.due_date, days)),
            (number, send_date),
            "T2: {contact:?}"
        );
    }
    assert!(days >= 0 || poll.today <= invoice.due_date, "T12: {contact:?}");
}

/// T33: what it follows was sent long enough ago, and nobody has paid anything since.
fn silence(before: &Office, poll: Poll, covered: &Covered, follows: &After) {
    let is_it = |c: &Covered| (&c.invoice, &c.step, c.occurrence) == (&covered.invoice, &follows.step, covered.occurrence);
    let sent = before.log.sent().filter(|c| c.covered.iter().any(is_it)).map(|c| c.date).max();
    let sent = sent.unwrap_or_else(|| panic!("T33: {covered:?} follows nothing"));
    assert!((poll.today - sent).num_days() > i64::from(follows.silent_days), "T33: too early, {covered:?} after {sent}");
    let paid = |p: &&Payment| p.amount > Decimal::ZERO && p.received_on >= sent && p.customer_id == covered.customer;
    assert_eq!(before.ledger.payments.iter().find(paid), None, "T33: {covered:?} was answered");
}

/// T19, T20, T24.
fn stops(office: &Office, poll: Poll, contact: &Planned, covered: &Covered) {
    let (invoice, controls) = (invoice(office, covered), &office.controls);
    let customer = &office.ledger.customers[&invoice.customer_id];
    let is_open = invoice.status == Status::Open && invoice.open_balance > Decimal::ZERO;
    assert!(is_open || contact.group == Group::Event(Event::Paid) || covered.days.is_none(), "not open: {contact:?}");
    if contact.kind == Kind::Email {
        assert!(!customer.do_not_contact && !contact.to.is_empty(), "{contact:?}");
        assert!(contact.to.iter().all(|a| customer.email.contains(a) && !controls.suppressed.contains(a)), "{contact:?}");
    }
    let hold = controls.invoice_holds.get(&invoice.id);
    let is_held = hold.is_some_and(|h| h.until.is_none_or(|until| poll.today <= until));
    assert!(covered.days.is_none() || !is_held, "held: {contact:?}");
    if contact.group.is_due_date() {
        let promised = controls.invoice_promises.get(&invoice.id).is_some_and(|by| (poll.today - *by).num_days() <= 2);
        assert!(!invoice.disputed && !promised, "{contact:?}");
        assert!(invoice.open_balance >= office.timetable.min_balance.of(invoice.currency), "{contact:?}");
        assert!(!is_covered(office, &customer.id, poll), "credit: {contact:?}");
    }
}

/// T19: all that is past due is covered; in these worlds there is unallocated money in EUR only.
fn is_covered(office: &Office, customer: &str, poll: Poll) -> bool {
    let credit: Decimal =
        office.ledger.payments.iter().filter(|p| p.invoice_id.is_none() && p.customer_id == customer).map(|p| p.amount).sum();
    let past_due = |code: &str| -> Decimal {
        let own = office.ledger.invoices.values().filter(|i| i.customer_id == customer && i.currency.as_str() == code);
        own.filter(|i| i.is_open() && i.due_date < poll.today).map(|i| i.open_balance).sum()
    };
    let (euro, dollars) = (past_due("EUR"), past_due("USD"));
    dollars.is_zero() && !euro.is_zero() && credit >= euro
}

/// T16, T23.
fn quiet(before: &Office, poll: Poll, plan: &Plan) {
    let last = before.log.history().last_email;
    let due_date: Vec<&Planned> = plan.contacts.iter().filter(|c| c.group.is_due_date()).collect();
    for contact in &due_date {
        let quiet = before.timetable.quiet_days(&contact.customer);
        if let Some(last) = last.get(&contact.customer) {
            assert!(quiet == 0 || (poll.today - *last).num_days() > quiet, "T16: {contact:?}");
        }
        let other = due_date.iter().any(|o| o.customer == contact.customer && o.group != contact.group);
        assert!(quiet == 0 || !other, "T23: {contact:?}");
    }
}

/// T22: one e-mail for each customer and kind, those of `merge = false` aside; nothing twice.
fn merged(office: &Office, plan: &Plan) {
    let mut seen = BTreeSet::new();
    let mut once = BTreeSet::new();
    for contact in &plan.contacts {
        let merges = office.timetable.step(&contact.step).unwrap().merge;
        if contact.kind == Kind::Email && merges != Merge::Alone {
            assert!(seen.insert((&contact.customer, contact.group)), "T22: {contact:?}");
        } else if contact.kind == Kind::Email {
            assert_eq!(contact.covered.len(), 1, "T22: {contact:?}");
        }
        for c in &contact.covered {
            assert!(once.insert((&c.invoice, &c.step, c.occurrence)), "T9: {contact:?}");
            assert!(contact.kind == Kind::Notice || c.customer == contact.customer);
        }
    }
}

/// T22: the lead.
fn lead(contact: &Planned) {
    let key = |c: &Covered| (c.days, c.open_balance, std::cmp::Reverse(c.invoice.clone()));
    let first = key(&contact.covered[0]);
    assert!(contact.covered.iter().all(|c| key(c) <= first), "T22: {contact:?}");
}

/// T14: after a later e-mail no earlier one, where no due date moves.
fn superseded(world: &World, before: &Office, plan: &Plan) {
    let history = before.log.history();
    for covered in plan.contacts.iter().filter(|c| c.group.is_due_date()).flat_map(|c| &c.covered) {
        let others = plan.contacts.iter().filter(|c| c.group.is_due_date()).flat_map(|c| &c.covered);
        assert!(others.filter(|o| o.invoice == covered.invoice).all(|o| o.days == covered.days), "T14: {covered:?}");
        if world.moves_due_dates() {
            continue;
        }
        let segment = if covered.customer == "C0" { "a" } else { "rest" };
        for (step, number) in history.of(&covered.invoice).iter().flat_map(|h| h.done.keys()) {
            let step = before.timetable.step(step).unwrap();
            let due = before.ledger.invoices[&covered.invoice].due_date;
            let first = step.offset_for(segment).map(|o| o.days_from(&before.timetable.calendar, due));
            let days = first.map(|d| d + step.repeat().map_or(0, |r| r.every) * i64::from(*number));
            assert!(!step.is_email() || days <= covered.days, "T14: {covered:?} after {}", step.id);
        }
    }
}

/// After the poll every occurrence is in exactly one case, and the log says the same.
fn cases(after: &Office, poll: Poll, plan: &Plan) {
    let history = after.log.history();
    let is_live = after.timetable.go_live.or(after.recorded_go_live).is_some_and(|live| live <= poll.today);
    for invoice in after.ledger.invoices.values() {
        let of = history.of(&invoice.id);
        let mut seen = BTreeSet::new();
        for (step, number, case, _) in after.occurrences(poll.today, &invoice.id) {
            assert!(seen.insert((step.clone(), number)), "{step}.{number} twice");
            let key = (step.clone(), number);
            let is_email = after.timetable.step(&step).unwrap().is_email();
            let is_task = matches!(after.timetable.step(&step).unwrap().action, crate::timetable::Action::Task { .. });
            let gave_way = plan.waiting.iter().any(|w| w.rule == "T23" && (&w.invoice, &w.step) == (&invoice.id, &step));
            match case {
                Case::Done { .. } => assert!(of.is_some_and(|h| h.done.contains_key(&key)), "{key:?}"),
                Case::Due => assert!(
                    !is_live || (!is_task && (!poll.may_send || poll.fate == Fate::LeftQueued)) || (is_email && gave_way),
                    "still due: {key:?} of {}",
                    invoice.id
                ),
                case if case.is_skip() && is_live => assert!(of.is_some_and(|h| h.skipped.contains(&key)), "{key:?} {case:?}"),
                _ => {}
            }
        }
    }
    for skip in &plan.skips {
        let all = after.occurrences(poll.today, skip.lead());
        let found = all.iter().find(|(step, number, _, _)| (step, *number) == (&skip.step, skip.occurrence)).unwrap();
        assert!(found.2.is_skip() && Some(found.2.word()) == skip.reason, "{skip:?}: {:?}", found.2);
    }
}
