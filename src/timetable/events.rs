//! What happens to an invoice between two polls (T20).

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::evaluate::Day;
use super::history::{Controls, Done, Facts};
use super::step::{Event, Step};
use super::stops::{self, Account, Stop};
use super::{Timetable, step::Action};
use crate::ledger::{Invoice, Payment, Snapshot, Status};

/// The payments of one invoice, summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paid {
    /// All of them, those that went back included.
    pub net: Decimal,
    /// Those above 0.
    pub received: Decimal,
    /// The newest above 0.
    pub last: Option<NaiveDate>,
}

/// The payments of every invoice that has some.
#[must_use]
pub fn payments_by_invoice(snapshot: &Snapshot) -> HashMap<&str, Paid> {
    let mut sums: HashMap<&str, Paid> = HashMap::new();
    for payment in &snapshot.payments {
        let Some(invoice) = payment.invoice_id.as_deref() else { continue };
        sums.entry(invoice).or_default().add(payment);
    }
    sums
}

impl Paid {
    /// One more.
    pub fn add(&mut self, payment: &Payment) {
        self.net += payment.amount;
        if payment.amount > Decimal::ZERO {
            self.received += payment.amount;
            self.last = self.last.max(Some(payment.received_on));
        }
    }
}

/// What a poll of this day sees of an invoice, given what the earlier polls saw.
#[must_use]
pub fn observe(
    timetable: &Timetable,
    controls: &Controls,
    earlier: Option<&Facts>,
    invoice: &Invoice,
    paid: Paid,
    today: NaiveDate,
) -> Facts {
    let disputed = invoice.disputed || controls.disputes.contains(&invoice.id);
    let ended = controls
        .promised(&invoice.id, &invoice.customer_id)
        .map(|by| stops::promise_end(timetable, by))
        .filter(|end| today > *end);
    let open = invoice.is_open();
    let is_paid = is_paid_by_a_payment(invoice, paid);
    let mut facts = Facts {
        customer: invoice.customer_id.clone(),
        currency: invoice.currency,
        first_seen: earlier.map_or(today, |f| f.first_seen),
        open_balance: if invoice.status == Status::Paid { Decimal::ZERO } else { invoice.open_balance },
        open,
        in_read: true,
        seen_open: open || earlier.is_some_and(|f| f.seen_open),
        disputed,
        part_paid: paid.received,
        last_payment: paid.last,
        promise_ended: ended.or_else(|| earlier.and_then(|f| f.promise_ended)),
        paid_on: None,
        partly_paid_on: None,
        promise_broken_on: None,
        disputed_on: None,
        copy_asked_on: earlier.and_then(|f| f.copy_asked_on),
        copies: earlier.map_or(0, |f| f.copies),
    };
    // What the first poll that sees the invoice finds is no event.
    let Some(earlier) = earlier else { return facts };
    let seen = |now: bool, before: Option<NaiveDate>| if now { Some(today) } else { before };
    facts.paid_on = (is_paid && earlier.seen_open).then(|| earlier.paid_on.unwrap_or(today));
    facts.partly_paid_on = seen(open && paid.received > earlier.part_paid, earlier.partly_paid_on);
    facts.promise_broken_on = seen(open && ended > earlier.promise_ended, earlier.promise_broken_on);
    facts.disputed_on = seen(disputed && !earlier.disputed, earlier.disputed_on);
    facts
}

/// Paid in full, by at least one payment that was not taken back: a credit note or a write-off thanks nobody.
fn is_paid_by_a_payment(invoice: &Invoice, paid: Paid) -> bool {
    matches!(invoice.status, Status::Open | Status::Paid)
        && (invoice.status == Status::Paid || invoice.open_balance <= Decimal::ZERO)
        && paid.net > Decimal::ZERO
}

/// The first day on which a payment may have been received whose thank-you can still go out.
#[must_use]
pub fn oldest_payment_to_thank_for(timetable: &Timetable, today: NaiveDate) -> NaiveDate {
    let steps = timetable.steps.iter().filter(|s| s.event() == Some(Event::Paid));
    let grace = steps.map(|s| timetable.grace_days(s)).max().unwrap_or(0);
    super::step::planned_date(today, -grace)
}

/// What has become of a step that waits for an event, for one invoice (T20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The invoice does not have the step (T7, T8), or it waits for a word about a rename (T31).
    Absent,
    /// It went out.
    Done(Done),
    /// It has not happened, or the invoice is not open (any more).
    Not,
    /// It was seen before go-live, on this day.
    BeforeGoLive(NaiveDate),
    /// It happened on this day, more than `grace_days` ago.
    Late(NaiveDate),
    /// An e-mail needs an address, a notice a colleague; `None`: there is no colleague.
    Stopped(NaiveDate, Option<Stop>),
    /// It goes out. The day on which it happened.
    Due(NaiveDate),
}

/// In which case a step that waits for an event is, for one invoice (T20).
#[must_use]
pub fn happening(day: &Day<'_>, account: &Account<'_>, invoice: &Invoice, step: &Step, event: Event) -> Happening {
    if day.is_held_step(step) || !step.applies(day.timetable, account.customer, account.segment, invoice) {
        return Happening::Absent;
    }
    let number = occurrence(day, invoice, event);
    if let Some(done) = day.history.of(&invoice.id).and_then(|h| h.done.get(&(step.id.clone(), number))) {
        return Happening::Done(*done);
    }
    let Some((seen, since)) = seen(day, invoice, event) else { return Happening::Not };
    let rejected = day.is_rejected(&invoice.id, &step.id, number, 0).map(Some);
    match rejected.or_else(|| stopped(account, step)) {
        _ if day.go_live.is_none_or(|live| seen < live || day.today < live) => Happening::BeforeGoLive(seen),
        _ if (day.today - since).num_days() > day.timetable.grace_days(step) => Happening::Late(since),
        Some(stop) => Happening::Stopped(since, stop),
        None => Happening::Due(since),
    }
}

/// Which occurrence of its step an event of an invoice is: each copy that is asked for is one, every other event happens once.
#[must_use]
pub fn occurrence(day: &Day<'_>, invoice: &Invoice, event: Event) -> u32 {
    match event {
        Event::CopyAsked => day.facts.get(&invoice.id).map_or(0, |f| f.copies.saturating_sub(1)),
        _ => 0,
    }
}

/// The day that must not be before go-live, and the day from which the grace counts, of an event that has happened.
fn seen(day: &Day<'_>, invoice: &Invoice, event: Event) -> Option<(NaiveDate, NaiveDate)> {
    let facts = day.facts.get(&invoice.id).filter(|_| event == Event::Paid || invoice.is_open())?;
    let once = |on: Option<NaiveDate>| on.map(|on| (on, on));
    match event {
        Event::Issued => Some((facts.first_seen.min(invoice.issue_date), invoice.issue_date)),
        Event::Paid => facts.paid_on.zip(facts.last_payment),
        Event::PartlyPaid => once(facts.partly_paid_on),
        Event::PromiseBroken => once(facts.promise_broken_on),
        Event::Disputed => once(facts.disputed_on),
        Event::CopyAsked => once(facts.copy_asked_on),
    }
}

/// The event steps that are due for an invoice on this day.
#[must_use]
pub fn due<'t>(day: &Day<'t>, account: &Account<'_>, invoice: &Invoice) -> Vec<(Event, &'t Step)> {
    let steps = day.timetable.steps.iter().chain([&day.timetable.worklist.invoice_copy]);
    let events = steps.filter_map(|step| Some((step.event()?, step)));
    events
        .filter(|(event, _)| seen(day, invoice, *event).is_some())
        .filter(|(event, step)| matches!(happening(day, account, invoice, step, *event), Happening::Due(_)))
        .collect()
}

/// An e-mail needs somebody to write to; a task and a notice of an event are stopped by nothing but a missing colleague.
fn stopped(account: &Account<'_>, step: &Step) -> Option<Option<Stop>> {
    match &step.action {
        Action::Email { .. } => account.stops_event_email().map(Some),
        Action::Task { .. } => None,
        Action::Notice { to, .. } => super::evaluate::recipient(to, account.customer).is_none().then_some(None),
    }
}
