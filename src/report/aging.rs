//! The aging report: what is open, by how many days it is past due, of each customer or group of customers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::ledger::{Customer, Invoice, Snapshot, Status};
use crate::money::Currency;
use crate::timetable::Timetable;
use crate::timetable::aging::Bucket;
use crate::timetable::history::Controls;
use crate::timetable::personal::Tally;
use crate::timetable::stops::{self, Account, Sums};

/// What a line of the report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    #[default]
    Customer,
    Segment,
    Collector,
    Rank,
}

impl By {
    pub const ALL: [Self; 4] = [Self::Customer, Self::Segment, Self::Collector, Self::Rank];

    /// The word on the command line and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Segment => "segment",
            Self::Collector => "collector",
            Self::Rank => "rank",
        }
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|by| by.word() == word);
        found.ok_or_else(|| format!("one of {}", Self::ALL.map(Self::word).join(", ")))
    }
}

/// What is open in one currency. All amounts are exact, and in that currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The id of the customer, the segment, the collector's address or the rank; empty: it has none.
    pub key: String,
    /// The customer's name; empty: there is none.
    pub name: String,
    /// `None`: only credit, of which the ledger does not say in which currency it is.
    pub currency: Option<Currency>,
    /// Open invoices.
    pub invoices: u64,
    /// By the classes of the timetable's `[aging]`.
    pub amounts: Vec<Decimal>,
    /// What has been received or credited and is set against no invoice; it is not taken off the amounts.
    pub credit: Decimal,
}

impl Line {
    fn new(key: String, name: String, currency: Option<Currency>, classes: usize) -> Self {
        Self { key, name, currency, invoices: 0, amounts: vec![Decimal::ZERO; classes], credit: Decimal::ZERO }
    }

    /// All that is open.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.amounts.iter().sum()
    }

    /// What is past due.
    #[must_use]
    pub fn past_due(&self) -> Decimal {
        self.amounts.iter().skip(1).sum()
    }

    fn add(&mut self, other: &Self) {
        self.invoices += other.invoices;
        self.amounts.iter_mut().zip(&other.amounts).for_each(|(sum, amount)| *sum += amount);
        self.credit += other.credit;
    }
}

/// The report, while customers are added to it.
#[derive(Debug)]
pub struct Aging<'a> {
    timetable: &'a Timetable,
    by: By,
    day: NaiveDate,
    lines: BTreeMap<(Option<Currency>, String), Line>,
    /// What each customer owes, and its segment: for who are personal.
    tally: Tally,
    segments: BTreeMap<String, String>,
}

impl<'a> Aging<'a> {
    /// Of nobody yet, as of a day.
    #[must_use]
    pub fn new(timetable: &'a Timetable, by: By, day: NaiveDate) -> Self {
        Self { timetable, by, day, lines: BTreeMap::new(), tally: Tally::default(), segments: BTreeMap::new() }
    }

    /// The classes of the amounts.
    #[must_use]
    pub fn classes(&self) -> Vec<Bucket> {
        self.timetable.aging.classes()
    }

    /// Adds customers with all that is theirs. `since`: since when they have been customers (T6).
    pub fn add(&mut self, ledger: &Snapshot, since: &HashMap<String, NaiveDate>) {
        let sums = stops::sums(ledger);
        let look_for_personal = self.by == By::Customer && self.timetable.knows_personal();
        if look_for_personal {
            self.tally.add(ledger);
        }
        let mut invoices: BTreeMap<&str, Vec<&Invoice>> = BTreeMap::new();
        for invoice in ledger.invoices.values() {
            invoices.entry(&invoice.customer_id).or_default().push(invoice);
        }
        let ids: BTreeSet<&str> = ledger
            .customers
            .keys()
            .map(String::as_str)
            .chain(invoices.keys().copied())
            .chain(sums.unallocated.keys().map(String::as_str))
            .collect();
        for id in ids {
            let own = invoices.remove(id).unwrap_or_default();
            let customer = ledger.customers.get(id);
            if let Some(customer) = customer.filter(|_| look_for_personal) {
                let segment = self.segment(customer, &own, since.get(id).copied());
                self.segments.insert(id.to_owned(), segment);
            }
            for mut line in self.of_customer(customer, &own, sums.unallocated.get(id)) {
                let (key, name) = self.key(id, customer, &own, since.get(id).copied());
                (line.key, line.name) = (key, name);
                match self.lines.get_mut(&(line.currency, line.key.clone())) {
                    Some(sum) => sum.add(&line),
                    None => drop(self.lines.insert((line.currency, line.key.clone()), line)),
                }
            }
        }
    }

    /// What one customer owes and has as credit, a line for each currency.
    fn of_customer(
        &self,
        customer: Option<&Customer>,
        invoices: &[&Invoice],
        unallocated: Option<&BTreeMap<Currency, Decimal>>,
    ) -> impl Iterator<Item = Line> + use<> {
        let classes = self.timetable.aging.classes().len();
        let mut lines: BTreeMap<Option<Currency>, Line> = BTreeMap::new();
        let mut line = |currency, fill: &dyn Fn(&mut Line)| {
            fill(lines.entry(currency).or_insert_with(|| Line::new(String::new(), String::new(), currency, classes)));
        };
        for invoice in invoices.iter().filter(|i| i.status == Status::Open && !i.open_balance.is_zero()) {
            line(Some(invoice.currency), &|line| {
                if invoice.is_open() {
                    line.invoices += 1;
                    line.amounts[self.timetable.aging.class_of(invoice.days_past_due(self.day))] += invoice.open_balance;
                } else {
                    // Overpaid, or a credit note that the ledger has as an invoice below zero.
                    line.credit -= invoice.open_balance;
                }
            });
        }
        for (currency, amount) in unallocated.into_iter().flatten() {
            line(Some(*currency), &|line| line.credit += amount);
        }
        let given = customer.map(|c| c.unallocated_credit).unwrap_or_default();
        if !given.is_zero() {
            line(only_currency(invoices), &|line| line.credit += given);
        }
        lines.into_values().filter(|line| line.invoices > 0 || !line.credit.is_zero())
    }

    fn key(&self, id: &str, customer: Option<&Customer>, invoices: &[&Invoice], since: Option<NaiveDate>) -> (String, String) {
        if self.by == By::Customer {
            return (id.to_owned(), customer.map(|c| c.name.clone()).unwrap_or_default());
        }
        let Some(customer) = customer else { return Default::default() };
        let key = match self.by {
            By::Customer => String::new(),
            By::Segment => self.segment(customer, invoices, since),
            By::Collector => customer.collector.as_ref().map(ToString::to_string).unwrap_or_default(),
            By::Rank => customer.rank.clone().unwrap_or_default(),
        };
        (key, String::new())
    }

    fn segment(&self, customer: &Customer, invoices: &[&Invoice], since: Option<NaiveDate>) -> String {
        let account = Account::new(self.timetable, customer, invoices, &Sums::default(), since, &Controls::default(), self.day);
        account.segment.to_owned()
    }

    /// The customers that people look after, with the reason; of a report by customer.
    #[must_use]
    pub fn personal(&mut self) -> BTreeMap<String, String> {
        let known = std::mem::take(&mut self.tally).personal();
        let why = |(id, segment): (&String, &String)| {
            let why = self.timetable.personal(id, segment, &known)?;
            Some((id.clone(), why.said()))
        };
        self.segments.iter().filter_map(why).collect()
    }

    /// Leaves only the lines of these customers.
    pub fn only(&mut self, customers: &BTreeMap<String, String>) {
        self.lines.retain(|(_, key), _| customers.contains_key(key));
    }

    /// The lines, by currency; customers by what is past due, the most first; segments as in the file; who has none last.
    #[must_use]
    pub fn lines(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.lines.values().collect();
        let place = |line: &Line| {
            let in_file = || self.timetable.segments.iter().position(|s| s.name == line.key);
            let place = if self.by == By::Segment { in_file() } else { None };
            (line.key.is_empty(), place.unwrap_or(usize::MAX))
        };
        let amounts = |line: &Line| match self.by {
            By::Customer => std::cmp::Reverse((line.past_due(), line.total())),
            _ => std::cmp::Reverse((Decimal::ZERO, Decimal::ZERO)),
        };
        lines.sort_by_cached_key(|l| (l.currency.is_none(), l.currency, place(l), amounts(l), l.key.clone()));
        lines
    }

    /// The sums of all lines, one for each currency.
    #[must_use]
    pub fn totals(&self) -> Vec<Line> {
        let mut totals: BTreeMap<(bool, Option<Currency>), Line> = BTreeMap::new();
        for line in self.lines.values() {
            let empty = || Line::new(String::new(), String::new(), line.currency, line.amounts.len());
            totals.entry((line.currency.is_none(), line.currency)).or_insert_with(empty).add(line);
        }
        totals.into_values().collect()
    }
}

/// The one currency of the open invoices, else of all invoices; `None`: there are several, or none.
fn only_currency(invoices: &[&Invoice]) -> Option<Currency> {
    let only = |of: &mut dyn Iterator<Item = Currency>| {
        let all: BTreeSet<Currency> = of.collect();
        all.first().copied().filter(|_| all.len() == 1)
    };
    only(&mut invoices.iter().filter(|i| i.is_open()).map(|i| i.currency))
        .or_else(|| only(&mut invoices.iter().map(|i| i.currency)))
}

#[cfg(test)]
mod tests;
