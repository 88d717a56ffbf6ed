//! What stops a reminder (T19), a task and a notice (T24), and the e-mail of an event (T20).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::segment::{self, Standing};
use super::{Calendar, Timetable, history::Controls};
use crate::address::EmailAddress;
use crate::ledger::{Customer, Invoice, Snapshot, Status};
use crate::money::Currency;

/// One of T19's reasons, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stop {
    Paid,
    Void,
    Draft,
    Disputed,
    Held,
    Promised,
    DoNotContact,
    Paused,
    NoAddress,
    Suppressed,
    MinBalance,
    Credit,
    /// The payments of the ledger are too old to dun anybody by (L10).
    PaymentsTooOld,
    /// A person has said that it does not go out (T34).
    Rejected,
    /// Of a follow-up: the customer was heard from before it left (T33).
    Answered,
    /// Of a thank-you: the payment was taken back before it left.
    Unpaid,
}

impl Stop {
    /// The rule by which it stops a due-date e-mail.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::PaymentsTooOld => "L10",
            Self::Answered => "T33",
            Self::Rejected => "T34",
            _ => "T15",
        }
    }

    /// The `reason` of a contact's JSON and of `explain`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Draft => "draft",
            Self::Disputed => "disputed",
            Self::Held => "held",
            Self::Promised => "promised",
            Self::DoNotContact => "do_not_contact",
            Self::Paused => "paused",
            Self::NoAddress => "no_address",
            Self::Suppressed => "suppressed",
            Self::MinBalance => "min_balance",
            Self::Credit => "credit",
            Self::PaymentsTooOld => "payments_too_old",
            Self::Rejected => "rejected",
            Self::Answered => super::follow::ANSWERED,
            Self::Unpaid => "unpaid",
        }
    }
}

/// A customer on one day: what is owed, the segment, the addresses, and what stops all of its e-mails.
#[derive(Debug, Clone)]
pub struct Account<'a> {
    pub customer: &'a Customer,
    pub segment: &'a str,
    pub standing: Standing,
    /// Its business days (T3).
    pub calendar: &'a Calendar,
    /// The addresses an e-mail goes to, suppressed ones taken out; empty: there is none.
    pub to: Vec<EmailAddress>,
    pub cc: Vec<EmailAddress>,
    pub language: Option<String>,
    /// The day of its last payment, whatever it was for (T33).
    pub last_payment: Option<NaiveDate>,
    all_suppressed: bool,
    paused: bool,
    covered_by_credit: bool,
}

impl<'a> Account<'a> {
    /// Looks at a customer and its invoices.
    #[must_use]
    pub fn new(
        timetable: &'a Timetable,
        customer: &'a Customer,
        invoices: &[&Invoice],
        sums: &Sums,
        customer_since: Option<NaiveDate>,
        controls: &Controls,
        today: NaiveDate,
    ) -> Self {
        let mut standing = Standing { customer_since, ..Standing::default() };
        for invoice in invoices.iter().filter(|i| i.is_open()) {
            *standing.open.entry(invoice.currency).or_default() += invoice.open_balance;
            if invoice.due_date < today {
                *standing.past_due.entry(invoice.currency).or_default() += invoice.open_balance;
            }
        }
        let own = timetable.customer(&customer.id);
        let all_to = own.and_then(|c| c.to.as_ref()).unwrap_or(&customer.email);
        let free = |list: &[EmailAddress]| -> Vec<EmailAddress> {
            list.iter().filter(|a| !controls.is_suppressed(a)).cloned().collect()
        };
        let to = free(all_to);
        Self {
            customer,
            calendar: timetable.calendar_of(customer),
            segment: segment::segment_of(timetable, customer, &standing, today),
            language: own.and_then(|c| c.language.clone()).or_else(|| customer.language.clone()),
            all_suppressed: to.is_empty() && !all_to.is_empty(),
            cc: free(own.and_then(|c| c.cc.as_ref()).unwrap_or(&customer.cc)),
            to,
            paused: own.and_then(|c| c.paused_until).is_some_and(|until| today <= until),
            covered_by_credit: covered_by_credit(customer, &standing, sums.unallocated.get(&customer.id)),
            last_payment: sums.last_payment.get(&customer.id).copied(),
            standing,
        }
    }

    /// What stops a due-date e-mail about the invoice (T19): the first of its reasons.
    #[must_use]
    pub fn stops_email(&self, timetable: &Timetable, invoice: &Invoice, controls: &Controls, today: NaiveDate) -> Option<Stop> {
        closed(invoice).or_else(|| {
            let reasons = self.reasons(timetable, invoice, controls, today);
            reasons.into_iter().find(|(_, holds)| *holds).map(|(stop, _)| stop)
        })
    }

    /// All of T19's reasons that stop a due-date e-mail about an open invoice.
    #[must_use]
    pub fn all_that_stops_email(
        &self,
        timetable: &Timetable,
        invoice: &Invoice,
        controls: &Controls,
        today: NaiveDate,
    ) -> Vec<Stop> {
        let reasons = self.reasons(timetable, invoice, controls, today);
        reasons.into_iter().filter(|(_, holds)| *holds).map(|(stop, _)| stop).collect()
    }

    fn reasons(&self, timetable: &Timetable, invoice: &Invoice, controls: &Controls, today: NaiveDate) -> [(Stop, bool); 9] {
        let promised = controls.promised(&invoice.id, &invoice.customer_id);
        [
            (Stop::Disputed, invoice.disputed || controls.disputes.contains(&invoice.id)),
            (Stop::Held, controls.is_held(&invoice.id, &invoice.customer_id, today)),
            (Stop::Promised, promised.is_some_and(|by| today <= promise_end(timetable, by))),
            (Stop::DoNotContact, self.customer.do_not_contact),
            (Stop::Paused, self.paused),
            (Stop::NoAddress, self.to.is_empty() && !self.all_suppressed),
            (Stop::Suppressed, self.all_suppressed),
            (Stop::MinBalance, invoice.open_balance < timetable.min_balance.of(invoice.currency)),
            (Stop::Credit, self.covered_by_credit),
        ]
    }

    /// What stops a task or a notice about the invoice (T19, T24).
    #[must_use]
    pub fn stops_task(&self, invoice: &Invoice, controls: &Controls, today: NaiveDate) -> Option<Stop> {
        closed(invoice).or_else(|| match () {
            () if controls.is_held(&invoice.id, &invoice.customer_id, today) => Some(Stop::Held),
            () if self.paused => Some(Stop::Paused),
            () => None,
        })
    }

    /// The addresses that an e-mail goes to, as one mailbox (T22).
    #[must_use]
    pub fn mailbox(&self) -> Vec<EmailAddress> {
        mailbox(&self.to)
    }

    /// What stops all due-date e-mails to the customer (T19).
    #[must_use]
    pub fn stops(&self) -> Vec<Stop> {
        let all = [
            (Stop::DoNotContact, self.customer.do_not_contact),
            (Stop::Paused, self.paused),
            (Stop::NoAddress, self.to.is_empty() && !self.all_suppressed),
            (Stop::Suppressed, self.all_suppressed),
            (Stop::Credit, self.covered_by_credit),
        ];
        all.into_iter().filter(|(_, holds)| *holds).map(|(stop, _)| stop).collect()
    }

    /// What stops the e-mail of an event (T20).
    #[must_use]
    pub fn stops_event_email(&self) -> Option<Stop> {
        match () {
            () if self.customer.do_not_contact => Some(Stop::DoNotContact),
            () if self.all_suppressed => Some(Stop::Suppressed),
            () if self.to.is_empty() => Some(Stop::NoAddress),
            () => None,
        }
    }
}

/// Some addresses as one mailbox: their order does not matter (T22).
#[must_use]
pub fn mailbox(addresses: &[EmailAddress]) -> Vec<EmailAddress> {
    addresses.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// The first day on which a stop no longer holds, if it ends by itself: a hold, a promise, a pause (T8, T19).
#[must_use]
pub fn over_on(timetable: &Timetable, controls: &Controls, invoice: &Invoice, stop: Stop, today: NaiveDate) -> Option<NaiveDate> {
    let (id, customer) = (&invoice.id, &invoice.customer_id);
    let last = match stop {
        Stop::Held => {
            let holds = [controls.invoice_holds.get(id), controls.customer_holds.get(customer)];
            let in_force = holds.into_iter().flatten().map(|h| h.until.unwrap_or(NaiveDate::MAX));
            in_force.filter(|until| today <= *until).max()
        }
        Stop::Promised => controls.promised(id, customer).map(|by| promise_end(timetable, by)),
        Stop::Paused => timetable.customer(customer).and_then(|c| c.paused_until),
        _ => None,
    };
    last?.succ_opt()
}

/// The last day on which a promise stops the timetable (T19).
#[must_use]
pub fn promise_end(timetable: &Timetable, by: NaiveDate) -> NaiveDate {
    by.checked_add_signed(TimeDelta::days(timetable.promise_grace_days.into())).unwrap_or(by)
}

/// Paid, void or draft.
#[must_use]
pub fn closed(invoice: &Invoice) -> Option<Stop> {
    match invoice.status {
        Status::Void => Some(Stop::Void),
        Status::Draft => Some(Stop::Draft),
        _ => (!invoice.is_open()).then_some(Stop::Paid),
    }
}

/// Something is past due, and in each currency the credit covers all that is (T19).
fn covered_by_credit(customer: &Customer, standing: &Standing, unallocated: Option<&BTreeMap<Currency, Decimal>>) -> bool {
    let mut credit = unallocated.cloned().unwrap_or_default();
    let mut currencies = standing.open.keys();
    if let (Some(only), None) = (currencies.next(), currencies.next()) {
        *credit.entry(*only).or_default() += customer.unallocated_credit;
    }
    !standing.past_due.is_empty() && standing.past_due.iter().all(|(c, due)| credit.get(c).is_some_and(|have| have >= due))
}

/// What the payments of each customer come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Those that are not set against an invoice, by currency.
    pub unallocated: HashMap<String, BTreeMap<Currency, Decimal>>,
    /// The day of the last one. A payment belongs to the customer of its invoice; to its own, if it has none.
    pub last_payment: HashMap<String, NaiveDate>,
}

/// The sums of every customer.
#[must_use]
pub fn sums(snapshot: &Snapshot) -> Sums {
    let mut sums = Sums::default();
    for payment in &snapshot.payments {
        let invoice = payment.invoice_id.as_ref().and_then(|id| snapshot.invoices.get(id));
        let whose = invoice.map_or(&payment.customer_id, |i| &i.customer_id);
        if payment.amount > Decimal::ZERO {
            match sums.last_payment.get_mut(whose) {
                Some(last) => *last = payment.received_on.max(*last),
                None => drop(sums.last_payment.insert(whose.clone(), payment.received_on)),
            }
        }
        if payment.invoice_id.is_none() {
            let own = sums.unallocated.entry(payment.customer_id.clone()).or_default();
            *own.entry(payment.currency).or_default() += payment.amount;
        }
    }
    sums
}
