//! What a customer has bought, how late it has paid, what is earned by it: and the rank of that.

use std::collections::{BTreeMap, HashMap};

use chrono::{Months, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{LETTERS, Limits, Ranks};
use crate::ledger::model::{Customer, Invoice, Status};
use crate::money::{Currency, plain_decimal};

/// One of the things by which a customer is ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `volume`, `days_late` or `margin`.
    pub name: &'static str,
    /// The number from the books; of a volume in this currency.
    pub value: Option<String>,
    pub currency: Option<Currency>,
    /// The same in words; `None`: they have none, and it does not count.
    pub figure: Option<String>,
    /// Its own rank.
    pub rank: Option<&'static str>,
    pub weight: Decimal,
}

impl Part {
    /// A 4, B 3, C 2, D 1; 0: it has none.
    #[must_use]
    pub fn points(&self) -> u8 {
        let place = self.rank.and_then(|rank| LETTERS.iter().position(|l| *l == rank));
        place.and_then(|place| u8::try_from(4 - place).ok()).unwrap_or(0)
    }
}

/// A computed rank, with what it is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// The first day that counts, and the one after the last.
    pub from: NaiveDate,
    pub on: NaiveDate,
    /// What was invoiced in that time, by currency.
    pub volume: BTreeMap<Currency, Decimal>,
    /// How many invoices were paid in that time or are open and past due, and the sum of their days late.
    pub late: (u32, i64),
    pub parts: Vec<Part>,
    /// The weighted average of the points, with two decimals.
    pub points: Option<Decimal>,
    /// `None`: the books have nothing of that time.
    pub rank: Option<&'static str>,
}

impl Computed {
    /// The days late on average, in whole days.
    #[must_use]
    pub fn days_late(&self) -> Option<Decimal> {
        (self.late.0 > 0).then(|| round(Decimal::from(self.late.1) / Decimal::from(self.late.0), 0))
    }
}

fn round(number: Decimal, decimals: u32) -> Decimal {
    number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// The rank of a customer with these invoices. `last`: the day of the last payment of each.
pub(super) fn compute(
    ranks: &Ranks,
    customer: &Customer,
    invoices: &[&Invoice],
    last: &HashMap<&str, NaiveDate>,
    on: NaiveDate,
) -> Computed {
    let from = on.checked_sub_months(Months::new(ranks.months)).unwrap_or(NaiveDate::MIN);
    let counts = |day: NaiveDate| from <= day && day < on;
    let real = || invoices.iter().filter(|i| matches!(i.status, Status::Open | Status::Paid));
    let mut volume: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for invoice in real().filter(|i| counts(i.issue_date)) {
        *volume.entry(invoice.currency).or_default() += invoice.total;
    }
    let late = real().filter(|i| i.total > Decimal::ZERO && i.issue_date < on).filter_map(|i| days_late(i, last, &counts, on));
    let late = late.fold((0, 0), |(count, sum), days| (count + 1, sum + days));
    let mut computed = Computed { from, on, volume, late, parts: Vec::new(), points: None, rank: None };
    computed.parts = vec![of_volume(ranks, &computed), of_days_late(ranks, &computed), of_margin(ranks, customer)];
    let counted = || computed.parts.iter().filter(|p| p.rank.is_some());
    let weights: Decimal = counted().map(|p| p.weight).sum();
    // A margin alone says nothing of somebody who has not bought anything in that time.
    let has_bought = computed.parts.iter().take(2).any(|p| p.rank.is_some());
    if has_bought && weights > Decimal::ZERO {
        let sum: Decimal = counted().map(|p| p.weight * Decimal::from(p.points())).sum();
        let mut points = round(sum / weights, 2);
        points.rescale(2);
        computed.rank = LETTERS.iter().rev().nth(usize::try_from(round(points, 0)).unwrap_or(1).clamp(1, 4) - 1).copied();
        computed.points = Some(points);
    }
    computed
}

/// How late an invoice was paid in the time that counts, or how late it was at the end of it; `None`: neither.
fn days_late(
    invoice: &Invoice,
    last: &HashMap<&str, NaiveDate>,
    counts: &impl Fn(NaiveDate) -> bool,
    on: NaiveDate,
) -> Option<i64> {
    let paid_on = last.get(invoice.id.as_str()).copied().filter(|_| !invoice.is_open());
    match paid_on {
        Some(day) if day < on => counts(day).then(|| (day - invoice.due_date).num_days().max(0)),
        // Open then; what was settled without a payment, nobody knows when, does not count.
        Some(_) => Some((on - invoice.due_date).num_days()).filter(|days| *days > 0),
        None if invoice.is_open() => Some((on - invoice.due_date).num_days()).filter(|days| *days > 0),
        None => None,
    }
}

/// The best letter whose limit is reached.
fn from_on(limits: &Limits, number: Decimal) -> &'static str {
    let place = limits.iter().position(|limit| number >= *limit);
    place.and_then(|p| LETTERS.get(p)).copied().unwrap_or("D")
}

fn up_to(limits: &Limits, number: Decimal) -> &'static str {
    let place = limits.iter().position(|limit| number <= *limit);
    place.and_then(|p| LETTERS.get(p)).copied().unwrap_or("D")
}

impl Part {
    /// Of which the books have nothing.
    fn nothing(name: &'static str, weight: Decimal) -> Self {
        Self { name, value: None, currency: None, figure: None, rank: None, weight }
    }
}

/// Currencies are not added: the one with the best rank counts.
fn of_volume(ranks: &Ranks, of: &Computed) -> Part {
    let limits = |currency: &Currency| ranks.volume_in.get(currency).unwrap_or(&ranks.volume);
    let best = of.volume.iter().map(|(currency, sum)| (from_on(limits(currency), *sum), *sum, *currency));
    let best = best.min_by(|a, b| a.0.cmp(b.0).then_with(|| b.1.cmp(&a.1)));
    let none = Part::nothing("volume", ranks.weights[0]);
    let Some((rank, sum, currency)) = best else { return none };
    let value = currency.plain(sum);
    let figure = Some(format!("{value} {currency} invoiced"));
    Part { value: Some(value), currency: Some(currency), figure, rank: Some(rank), ..none }
}

fn of_days_late(ranks: &Ranks, of: &Computed) -> Part {
    let none = Part::nothing("days_late", ranks.weights[1]);
    let Some(days) = of.days_late() else { return none };
    let (count, sum) = of.late;
    let plural = if count == 1 { "" } else { "s" };
    let figure = Some(format!("{days} days late on average ({sum} days of {count} invoice{plural})"));
    Part { value: Some(days.to_string()), figure, rank: Some(up_to(&ranks.days_late, days)), ..none }
}

fn of_margin(ranks: &Ranks, customer: &Customer) -> Part {
    let none = Part::nothing("margin", ranks.weights[2]);
    let given = customer.extra.get(&ranks.margin_column).map(|text| text.trim()).filter(|text| !text.is_empty());
    let Some(given) = given else { return none };
    match plain_decimal(given.trim_end_matches('%').trim_end()).map(|percent| percent.normalize()) {
        Ok(percent) => {
            let (value, figure) = (Some(percent.to_string()), Some(format!("{percent} %")));
            Part { value, figure, rank: Some(from_on(&ranks.margin, percent)), ..none }
        }
        Err(_) => Part { figure: Some(format!("{given:?} is no number of percent")), ..none },
    }
}
