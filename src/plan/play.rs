//! One made-up invoice, played day by day through the real plan: what comes, and what ends without coming.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::make::{Limits, Plan, make};
use crate::address::EmailAddress;
use crate::ledger::{Customer, Invoice, Payment, Snapshot, Status};
use crate::money::Currency;
use crate::timetable::evaluate::{self, Day};
use crate::timetable::history::{Controls, Facts, History};
use crate::timetable::occurrence::Case;
use crate::timetable::personal::Personal;
use crate::timetable::{Timetable, events, stops};

/// The customer of whom nothing else is said.
const NOBODY: &str = "case";
const INVOICE: &str = "case";

/// The invoice and its customer.
#[derive(Debug, Clone)]
pub struct Scene {
    pub customer: Customer,
    /// Its earliest issue date (T6).
    pub customer_since: NaiveDate,
    pub invoice: Invoice,
    pub paid_on: Option<NaiveDate>,
    /// The last day that is played.
    pub last: NaiveDate,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    /// In the order of the days and of the plan.
    pub came: Vec<Came>,
    /// In which case an occurrence of a step was last seen that had not come; by step.
    pub held: BTreeMap<String, (NaiveDate, Case)>,
}

/// A contact that came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Came {
    pub on: NaiveDate,
    pub step: String,
    /// Whether its e-mail is of another step's template, which it is merged with (T22).
    pub led_by: Option<String>,
}

impl Scene {
    /// An open invoice of a customer that can be written to, with a collector and an account manager.
    #[must_use]
    pub fn of(amount: Decimal, currency: Currency, issued: NaiveDate, due: NaiveDate, last: NaiveDate) -> Self {
        let colleague = EmailAddress::parse("colleague@example.com").ok();
        let customer = Customer {
            id: NOBODY.to_owned(),
            name: NOBODY.to_owned(),
            email: EmailAddress::parse("customer@example.com").into_iter().collect(),
            collector: colleague.clone(),
            account_manager: colleague,
            ..Customer::default()
        };
        let invoice = Invoice::unpaid(INVOICE, NOBODY, (issued, due), currency, amount);
        Self { customer, customer_since: issued, invoice, paid_on: None, last }
    }

    /// The customer is this one, whose settings of the file count (T8).
    #[must_use]
    pub fn of_customer(mut self, id: &str) -> Self {
        id.clone_into(&mut self.customer.id);
        id.clone_into(&mut self.invoice.customer_id);
        self
    }
}

/// Plays the scene: one poll on each calendar day, from the issue date on, as if dunningd had been at work long before.
/// Where the ledger says the segment, days on which nothing can happen are passed over.
#[must_use]
pub fn play(timetable: &Timetable, scene: &Scene) -> Played {
    let mut stage = Stage::of(scene);
    let mut played = Played::default();
    let mut today = scene.invoice.issue_date;
    while today <= scene.last {
        if scene.paid_on == Some(today) {
            stage.pay(today);
        }
        let next = stage.poll(timetable, today, &mut played);
        let Some(tomorrow) = today.checked_add_days(Days::new(1)) else { break };
        today = next.filter(|_| scene.customer.segment.is_some() && scene.paid_on.is_none()).unwrap_or(tomorrow).max(tomorrow);
    }
    played
}

/// Everything that outlives a day.
struct Stage {
    snapshot: Snapshot,
    history: History,
    facts: HashMap<String, Facts>,
    since: HashMap<String, NaiveDate>,
    controls: Controls,
    go_live: NaiveDate,
}

impl Stage {
    fn of(scene: &Scene) -> Self {
        let (customer, invoice) = (scene.customer.clone(), scene.invoice.clone());
        let issued = invoice.issue_date;
        Self {
            since: HashMap::from([(customer.id.clone(), scene.customer_since)]),
            snapshot: Snapshot {
                customers: BTreeMap::from([(customer.id.clone(), customer)]),
                invoices: BTreeMap::from([(invoice.id.clone(), invoice)]),
                ..Snapshot::default()
            },
            history: History::default(),
            facts: HashMap::new(),
            controls: Controls::default(),
            go_live: issued.checked_sub_signed(TimeDelta::days(3660)).unwrap_or(issued),
        }
    }

    fn pay(&mut self, today: NaiveDate) {
        for invoice in self.snapshot.invoices.values_mut() {
            self.snapshot.payments.push(Payment {
                id: INVOICE.to_owned(),
                customer_id: invoice.customer_id.clone(),
                invoice_id: Some(invoice.id.clone()),
                received_on: today,
                amount: invoice.total,
                currency: invoice.currency,
            });
            invoice.open_balance = Decimal::ZERO;
            invoice.status = Status::Paid;
        }
    }

    /// One poll, inside of the send window if the day is a business day. Says when the next thing can happen: `None`:
    /// nothing is known of it.
    fn poll(&mut self, timetable: &Timetable, today: NaiveDate, played: &mut Played) -> Option<NaiveDate> {
        let paid = events::payments_by_invoice(&self.snapshot);
        for (id, invoice) in &self.snapshot.invoices {
            let paid = paid.get(id.as_str()).copied().unwrap_or_default();
            let seen = events::observe(timetable, &self.controls, self.facts.get(id), invoice, paid, today);
            self.facts.insert(id.clone(), seen);
        }
        let (nothing, nobody) = (BTreeSet::new(), Personal::default());
        let day = Day {
            timetable,
            snapshot: &self.snapshot,
            history: &self.history,
            facts: &self.facts,
            customer_since: &self.since,
            controls: &self.controls,
            personal: &nobody,
            today,
            go_live: Some(self.go_live),
            held_steps: &nothing,
        };
        let may_send = timetable.calendar.is_business_day(today);
        let limits = Limits { may_send, at: None, may_skip: true, sending_days: Vec::new(), sent_today: 0, accept_volume: true };
        let plan = make(&day, &limits);
        let next = look(&day, played);
        self.write(&plan, today, played);
        next
    }

    fn write(&mut self, plan: &Plan, today: NaiveDate, played: &mut Played) {
        for contact in &plan.contacts {
            self.history.remember(contact, INVOICE, true);
            for one in &contact.covered {
                let led_by = (one.step != contact.step).then(|| contact.step.clone());
                played.came.push(Came { on: today, step: one.step.clone(), led_by });
            }
        }
        for (_, one) in &plan.additions {
            self.history.is_done(one, today);
        }
    }
}

/// Notes what does not come today, and says when the next thing can: tomorrow, if something waits.
fn look(day: &Day<'_>, played: &mut Played) -> Option<NaiveDate> {
    let sums = stops::sums(day.snapshot);
    let mut next: Option<NaiveDate> = None;
    let mut sooner = |date: NaiveDate| next = Some(next.map_or(date, |n| n.min(date)));
    for invoice in day.snapshot.invoices.values() {
        let Some(customer) = day.snapshot.customers.get(&invoice.customer_id) else { continue };
        let account = day.account(customer, &[invoice], &sums);
        for one in evaluate::invoice(day, &account, invoice) {
            match one.case {
                Case::NotYet => sooner(one.send_date),
                Case::Stopped(_) | Case::Deferred { .. } | Case::Due => sooner(day.today),
                _ => {}
            }
            // What was stopped all the time expires in the end: the first reason is the one to know.
            let stopped = || played.held.get(&one.step.id).is_some_and(|(_, case)| matches!(case, Case::Stopped(_)));
            if matches!(one.case, Case::Stopped(_) | Case::Deferred { .. }) || (one.case.is_skip() && !stopped()) {
                played.held.insert(one.step.id.clone(), (day.today, one.case));
            }
        }
    }
    // Without anything to come there is nothing to play.
    Some(next.unwrap_or(NaiveDate::MAX))
}
