//! From what was gathered to the digest of each reader.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Settings;
use super::gather::{Customer, Gathered, Received};
use crate::contacts::{Entry, State};
use crate::message::Company;
use crate::message::digest::{Collector, Digest, Done, Manager, Open, Payment, Sent, Sum, Task, Trouble, shown};
use crate::money::{Currency, Money};

/// So many payments are listed; of more there is only the sum.
const PAYMENTS: usize = 20;

impl Gathered<'_> {
    /// Who gets one: the manager in any case, a collector with something to read.
    #[must_use]
    pub fn readers(&self, settings: &Settings, company: &Company) -> Vec<Digest> {
        let managers: BTreeSet<String> = settings.manager.iter().map(ToString::to_string).collect();
        let mut readers = managers.clone();
        if settings.collectors {
            readers.extend(self.collectors().into_iter().flatten());
        }
        let all = readers.into_iter().map(|reader| self.of(&reader, settings, company));
        all.filter(|d| d.manager.is_some() || !is_empty(d)).collect()
    }

    /// The collectors of the tasks and of the customers that something has happened to; `None`: there is none.
    fn collectors(&self) -> BTreeSet<Option<String>> {
        let of = |entry: &Entry| entry.to.first().cloned();
        let troubled = self.trouble.iter().map(|e| self.collector_of(&e.customer));
        let suppressed = self.suppressed.iter().map(|s| self.collector_of(&s.2));
        let tasks = self.open.iter().chain(&self.done).map(of).chain(self.waiting.iter().map(|e| e.asks.clone()));
        tasks.chain(troubled).chain(suppressed).chain(self.received.iter().map(|r| r.collector.clone())).collect()
    }

    fn collector_of(&self, customer: &str) -> Option<String> {
        self.customers.get(customer)?.collector.clone()
    }

    /// What one person reads.
    #[must_use]
    pub fn of(&self, reader: &str, settings: &Settings, company: &Company) -> Digest {
        let is_manager = settings.manager.iter().any(|manager| manager.to_string() == reader);
        let is_readers = |collector: Option<&str>| is_manager || collector == Some(reader);
        let tasks: Vec<Task> =
            self.open.iter().filter(|e| e.to.first().is_some_and(|to| to == reader)).map(|e| self.task(e)).collect();
        let asked = self.asked(reader, Some(settings));
        // They have an e-mail of their own.
        let apart = self.timetable.approval.at.filter(|_| !asked.is_empty());
        let received: Vec<&Received> = self.received.iter().filter(|r| is_readers(r.collector.as_deref())).collect();
        let suppressed = self.suppressed.iter().filter(|s| is_readers(self.collector_of(&s.2).as_deref()));
        let suppressed = suppressed.map(|(address, evidence, customer, contact)| Trouble {
            contact: contact.clone(),
            what: "suppressed".to_owned(),
            customer_name: self.name(customer),
            to: address.clone(),
            why: shown(evidence),
        });
        let failed = self.trouble.iter().filter(|e| is_readers(self.collector_of(&e.customer).as_deref()));
        Digest {
            company: company.clone(),
            recipient: reader.to_owned(),
            today: self.days.today,
            since: self.days.since,
            until: self.days.until,
            overdue: tasks.iter().filter(|t| t.days_overdue > 0).count(),
            tasks,
            approvals_apart: if apart.is_some() { asked.len() } else { 0 },
            approvals_at: apart.map(|at| at.format("%H:%M").to_string()),
            approvals: if apart.is_some() { Vec::new() } else { self.approvals(&asked, Some(settings)) },
            results: self.done.iter().filter(|e| is_readers(e.to.first().map(String::as_str))).map(|e| self.done(e)).collect(),
            payments: received.iter().take(PAYMENTS).map(|r| payment(r)).collect(),
            more_payments: received.len().saturating_sub(PAYMENTS),
            received: sums(received.iter().map(|r| (r.currency, r.amount))),
            trouble: failed.map(|e| self.failed(e)).chain(suppressed).collect(),
            manager: is_manager.then(|| self.manager()),
        }
    }

    pub(super) fn name(&self, customer: &str) -> String {
        let known = self.customers.get(customer).and_then(|c| shown(&c.name));
        known.unwrap_or_else(|| shown(customer).unwrap_or_default())
    }

    fn task(&self, entry: &Entry) -> Task {
        let unknown = Customer::default();
        let customer = self.customers.get(&entry.customer).unwrap_or(&unknown);
        Task {
            id: entry.contact.clone().unwrap_or_default(),
            task: shown(&entry.action).unwrap_or_default(),
            customer_id: shown(&entry.customer).unwrap_or_default(),
            customer_name: self.name(&entry.customer),
            phone: customer.phone.as_deref().and_then(shown),
            date: due(entry),
            days_overdue: (self.days.today - due(entry)).num_days().max(0),
            past_due: sums(customer.past_due.iter().map(|(c, a)| (*c, *a))),
            days_past_due: customer.days_past_due,
            personal: entry.contact.as_ref().is_some_and(|id| self.personal.contains(id)),
            settled: entry.contact.as_ref().is_some_and(|id| self.settled.contains(id)),
            note: entry.note.as_deref().filter(|_| entry.state == State::Open).and_then(shown),
        }
    }

    fn done(&self, entry: &Entry) -> Done {
        let said = entry.result.iter().chain(&entry.note).cloned().collect::<Vec<_>>().join(": ");
        let note = shown(&said);
        Done { task: shown(&entry.action).unwrap_or_default(), customer_name: self.name(&entry.customer), note }
    }

    fn failed(&self, entry: &Entry) -> Trouble {
        Trouble {
            contact: entry.contact.clone().unwrap_or_default(),
            what: entry.state.word().to_owned(),
            customer_name: self.name(&entry.customer),
            to: entry.to.join(", "),
            why: entry.relay_reply.as_deref().or(entry.reason.as_deref()).and_then(shown),
        }
    }

    fn manager(&self) -> Manager {
        let sent =
            |(kind, step, number): &(String, String, u64)| Sent { step: step.clone(), kind: kind.clone(), number: *number };
        let open = self.aging.totals().into_iter().filter(|line| line.invoices > 0).filter_map(|line| {
            let currency = line.currency?;
            let plain = |amount| currency.plain(amount);
            let amounts = line.amounts.iter().map(|a| plain(*a)).collect();
            Some(Open { currency, amounts, past_due: plain(line.past_due()), total: plain(line.total()) })
        });
        let mut by_collector: BTreeMap<Option<String>, BTreeMap<Currency, Decimal>> = BTreeMap::new();
        for line in self.by_collector.lines() {
            let key = Some(line.key.clone()).filter(|k| !k.is_empty());
            if let Some(currency) = line.currency.filter(|_| !line.past_due().is_zero()) {
                *by_collector.entry(key).or_default().entry(currency).or_default() += line.past_due();
            }
        }
        let mut all: BTreeSet<Option<String>> = by_collector.keys().cloned().collect();
        all.extend(self.open.iter().chain(&self.done).map(|e| e.to.first().cloned()));
        let mut collectors: Vec<Collector> = all.into_iter().map(|c| self.collector(c, &by_collector)).collect();
        // Who is behind comes first, nobody's last.
        collectors.sort_by_key(|c| (c.address.is_none(), std::cmp::Reverse((c.overdue, c.oldest))));
        Manager {
            emails: self.sent.iter().filter(|(kind, ..)| kind == "email").map(|(.., n)| n).sum(),
            sent: self.sent.iter().map(sent).collect(),
            buckets: self.aging.classes().iter().map(crate::timetable::aging::Bucket::name).collect(),
            open: open.collect(),
            collectors,
            problems: self.problems.iter().filter_map(|p| shown(p)).collect(),
        }
    }

    fn collector(&self, address: Option<String>, owed: &BTreeMap<Option<String>, BTreeMap<Currency, Decimal>>) -> Collector {
        let is_theirs = |e: &&Entry| e.to.first() == address.as_ref();
        let ages: Vec<i64> = self.open.iter().filter(is_theirs).map(|e| (self.days.today - due(e)).num_days().max(0)).collect();
        Collector {
            tasks: ages.len(),
            overdue: ages.iter().filter(|days| **days > 0).count(),
            oldest: ages.iter().copied().max().unwrap_or_default(),
            done: self.done.iter().filter(is_theirs).count(),
            past_due: sums(owed.get(&address).into_iter().flatten().map(|(c, a)| (*c, *a))),
            address,
        }
    }
}

/// The day by which a task is to be done.
fn due(task: &Entry) -> NaiveDate {
    task.due_on.unwrap_or(task.date)
}

/// Whether there is nothing to read.
fn is_empty(digest: &Digest) -> bool {
    digest.tasks.is_empty()
        && digest.approvals.is_empty()
        && digest.results.is_empty()
        && digest.payments.is_empty()
        && digest.trouble.is_empty()
}

fn payment(received: &Received) -> Payment {
    Payment {
        customer_name: shown(&received.customer_name).unwrap_or_default(),
        received_on: received.on,
        amount: received.currency.plain(received.amount),
        currency: received.currency,
    }
}

fn sums(amounts: impl Iterator<Item = (Currency, Decimal)>) -> Vec<Sum> {
    let mut sums: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for (currency, amount) in amounts {
        *sums.entry(currency).or_default() += amount;
    }
    sums.into_iter().map(|(currency, amount)| Money { amount, currency }.into()).collect()
}
