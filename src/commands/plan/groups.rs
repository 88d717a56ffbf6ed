//! The plan in sums: by kind and step, and what is held back by its reason.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::json;

use super::super::output;
use crate::contacts::{Entry, State};
use crate::money::{Currency, Money};
use crate::plan::make::Waiting;

/// Contacts of one step in one state.
#[derive(Debug, Default)]
struct Group {
    contacts: usize,
    /// The open balance of each invoice.
    invoices: BTreeMap<String, (Currency, Decimal)>,
    segments: BTreeMap<String, usize>,
}

impl Group {
    fn add(&mut self, entry: &Entry) {
        self.contacts += 1;
        *self.segments.entry(entry.segment.clone()).or_default() += 1;
        for i in &entry.invoices {
            self.invoices.insert(i.id.clone(), (i.currency, i.open_balance.parse().unwrap_or_default()));
        }
    }

    fn open(&self) -> BTreeMap<Currency, Decimal> {
        let mut sums = BTreeMap::new();
        for (currency, amount) in self.invoices.values() {
            *sums.entry(*currency).or_insert(Decimal::ZERO) += *amount;
        }
        sums
    }

    fn money(&self) -> String {
        let shown = self.open().into_iter().map(|(currency, amount)| Money { amount, currency }.to_string());
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// A state, a kind, a step, and why it is skipped.
type Key = (&'static str, &'static str, String, Option<String>);

fn groups(contacts: &[Entry]) -> BTreeMap<Key, Group> {
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    for c in contacts {
        groups.entry((c.state.word(), c.kind.word(), c.step.clone(), c.reason.clone())).or_default().add(c);
    }
    groups
}

/// As a table, with a total: `7 contacts about 9 invoices`.
pub fn show(contacts: &[Entry]) {
    let mut table = output::table(&["STATE", "KIND", "STEP", "CONTACTS", "INVOICES", "OPEN", "SEGMENTS"]);
    for ((state, kind, step, reason), group) in groups(contacts) {
        let state = reason.map_or_else(|| state.to_owned(), |r| format!("{state} ({r})"));
        let segments: Vec<String> = group.segments.iter().map(|(name, n)| format!("{name} {n}")).collect();
        let (contacts, invoices) = (group.contacts.to_string(), group.invoices.len().to_string());
        let step = output::visible(&step);
        table.add_row([state, kind.to_owned(), step, contacts, invoices, group.money(), output::visible(&segments.join(", "))]);
    }
    output::show(&table);
    let mut total = Group::default();
    contacts.iter().filter(|c| c.state != State::Skipped).for_each(|c| total.add(c));
    let (contacts, invoices) = (total.contacts, total.invoices.len());
    output::line(format!("in all {contacts} contacts about {invoices} invoices, {}", total.money()));
    output::line("");
}

/// For programs.
pub fn document(contacts: &[Entry]) -> Vec<serde_json::Value> {
    let shown = |((state, kind, step, reason), group): (Key, Group)| {
        let open: BTreeMap<String, String> = group.open().into_iter().map(|(c, a)| (c.to_string(), c.plain(a))).collect();
        json!({ "state": state, "kind": kind, "step": step, "reason": reason, "contacts": group.contacts,
            "invoices": group.invoices.len(), "open": open, "segments": group.segments })
    };
    groups(contacts).into_iter().map(shown).collect()
}

/// What waits for the same reason until the same day.
#[derive(Debug, Default)]
pub struct Held<'w> {
    steps: usize,
    invoices: BTreeSet<&'w str>,
    customers: BTreeSet<&'w str>,
}

/// By reason, rule and the day on which it may go out again.
pub fn held(waiting: &[Waiting]) -> BTreeMap<(&'static str, &'static str, Option<NaiveDate>), Held<'_>> {
    let mut held: BTreeMap<_, Held<'_>> = BTreeMap::new();
    for w in waiting {
        let group = held.entry((w.rule, w.reason, w.until)).or_default();
        group.steps += 1;
        group.invoices.insert(&w.invoice);
        group.customers.insert(&w.customer);
    }
    held
}

/// As a table.
pub fn show_held(waiting: &[Waiting]) {
    let mut table = output::table(&["WHY", "UNTIL", "STEPS", "INVOICES", "CUSTOMERS"]);
    for ((rule, reason, until), group) in held(waiting) {
        let (invoices, customers) = (group.invoices.len().to_string(), group.customers.len().to_string());
        table.add_row([format!("{reason} ({rule})"), day(until), group.steps.to_string(), invoices, customers]);
    }
    output::show(&table);
}

/// A day, or that there is none.
pub fn day(until: Option<NaiveDate>) -> String {
    until.map_or_else(|| "–".to_owned(), |d| d.to_string())
}

/// For programs.
pub fn held_document(waiting: &[Waiting]) -> Vec<serde_json::Value> {
    let shown = |((rule, reason, until), group): (_, Held<'_>)| {
        let (rule, reason, until): (&str, &str, Option<NaiveDate>) = (rule, reason, until);
        json!({ "rule": rule, "reason": reason, "until": until, "steps": group.steps, "invoices": group.invoices.len(),
            "customers": group.customers.len() })
    };
    held(waiting).into_iter().map(|(k, g)| shown((k, g))).collect()
}
