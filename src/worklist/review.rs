//! **Pure**: what a person should know who reviews a customer's credit: what has changed since the last time, and what the figures
//! suggest. A change of rank or segment is proposed, never made.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::ledger::ranks::Ranks;
use crate::ledger::{Customer, Invoice, Snapshot};
use crate::money::{Currency, Money};
use crate::plan::explain::words::{count, list};
use crate::timetable::segment::{self, Standing};
use crate::timetable::{CustomerSettings, Timetable};

/// What a customer is like on the day of a review, kept for the next one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Figures {
    /// What is open, by currency.
    pub open: BTreeMap<Currency, Decimal>,
    /// Days late on average of what was paid since the review before.
    pub days_late: Option<i64>,
}

/// A customer with all that is its own, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub timetable: &'a Timetable,
    pub customer: &'a Customer,
    /// The part of the books that is about it.
    pub books: &'a Snapshot,
    pub standing: &'a Standing,
    pub segment: &'a str,
    pub today: NaiveDate,
    /// The day of the last review, or the one on which it would have been.
    pub since: NaiveDate,
}

impl Subject<'_> {
    /// Whether something is open, or was invoiced or paid since the last review.
    #[must_use]
    pub fn has_something_to_look_at(&self) -> bool {
        let news = |day: NaiveDate| self.since < day && day <= self.today;
        self.books.invoices.values().any(|i| i.is_open() || news(i.issue_date))
            || self.books.payments.iter().any(|p| news(p.received_on))
    }

    /// What is to be said, in sentences, and what is kept. `before`: of the last review.
    #[must_use]
    pub fn paper(&self, before: Option<&Figures>) -> (String, Figures) {
        let now = Figures { open: self.standing.open.clone(), days_late: self.days_late(self.since, self.today) };
        let then = before.and_then(|b| b.days_late).or_else(|| {
            // Of the same time before, where there was no review yet.
            let earlier = self.since - (self.today - self.since);
            self.days_late(earlier, self.since)
        });
        let mut said = self.open(before);
        said.push(lateness(now.days_late, then, self.since));
        said.extend(self.limit());
        said.push(self.rank());
        said.extend(self.other_segment(self.customer.rank.as_deref()));
        (said.join(" "), now)
    }

    /// Open by class and currency, and what it was.
    fn open(&self, before: Option<&Figures>) -> Vec<String> {
        let classes = self.timetable.aging.classes();
        let mut sums: BTreeMap<Currency, Vec<Decimal>> = BTreeMap::new();
        for invoice in self.books.invoices.values().filter(|i| i.is_open()) {
            let class = self.timetable.aging.class_of(invoice.days_past_due(self.today));
            let own = sums.entry(invoice.currency).or_insert_with(|| vec![Decimal::ZERO; classes.len()]);
            own[class] += invoice.open_balance;
        }
        let was = |currency: Currency| {
            let amount = before?.open.get(&currency).copied().unwrap_or_default();
            Some(format!(" ({} at the last review, on {})", currency.plain(amount), self.since))
        };
        let line = |(currency, amounts): (Currency, Vec<Decimal>)| {
            let by_class = classes.iter().zip(&amounts).filter(|(_, a)| !a.is_zero());
            let by_class: Vec<String> = by_class.map(|(c, a)| format!("{} {}", c.name(), currency.plain(*a))).collect();
            let total = Money { amount: amounts.iter().sum(), currency };
            format!("Open: {total}{}: {}.", was(currency).unwrap_or_default(), by_class.join(", "))
        };
        if sums.is_empty() {
            let paid =
                before.map(|b| b.open.iter().map(|(c, a)| Money { amount: *a, currency: *c }.to_string()).collect::<Vec<_>>());
            let was = paid.filter(|p| !p.is_empty()).map(|p| format!(" ({} at the last review, on {})", list(&p), self.since));
            return vec![format!("Nothing is open{}.", was.unwrap_or_default())];
        }
        sums.into_iter().map(line).collect()
    }

    /// Days late on average of what was paid in full after one day and up to another.
    fn days_late(&self, after: NaiveDate, upto: NaiveDate) -> Option<i64> {
        let mut last: HashMap<&str, NaiveDate> = HashMap::new();
        for payment in self.books.payments.iter().filter(|p| p.amount > Decimal::ZERO) {
            if let Some(invoice) = payment.invoice_id.as_deref() {
                let day = last.entry(invoice).or_insert(payment.received_on);
                *day = payment.received_on.max(*day);
            }
        }
        let paid = |i: &&Invoice| !i.is_open() && last.get(i.id.as_str()).is_some_and(|on| after < *on && *on <= upto);
        let late = self
            .books
            .invoices
            .values()
            .filter(paid)
            .filter_map(|i| Some((*last.get(i.id.as_str())? - i.due_date).num_days().max(0)));
        let (number, sum) = late.fold((0, 0), |(number, sum), days| (number + 1, sum + days));
        (number > 0).then(|| (sum + number / 2) / number)
    }

    fn limit(&self) -> Option<String> {
        let limit = self.customer.credit_limit?;
        let over = self.standing.open.iter().filter(|(_, open)| **open > limit).max_by_key(|(_, open)| **open);
        Some(match over {
            Some((currency, open)) => {
                let by = Money { amount: *open - limit, currency: *currency };
                format!("It is over the credit limit of {limit} by {by}.")
            }
            None => format!("It is inside the credit limit of {limit}."),
        })
    }

    fn rank(&self) -> String {
        let on = Ranks::as_of(self.today);
        let suggested =
            self.timetable.ranks.all(self.books, on).find(|(c, _)| c.id == self.customer.id).and_then(|(_, c)| c.rank);
        let given = self.customer.shown_rank();
        match (given, suggested) {
            (None, None) => "It has no rank, and the figures suggest none.".to_owned(),
            (Some(given), None) => format!("Its rank is {given}; the figures suggest none."),
            (Some(given), Some(suggested)) if self.customer.rank.as_deref() == Some(suggested) => {
                format!("Its rank is {given}, as the figures suggest.")
            }
            (given, Some(suggested)) => {
                let has = given.map_or_else(|| "It has no rank".to_owned(), |given| format!("Its rank is {given}"));
                let then = self.other_segment(Some(suggested)).map(|said| format!(" With it: {said}")).unwrap_or_default();
                format!("{has}; the figures suggest {suggested}: change it? (`dunningd rank` says how.){then}")
            }
        }
    }

    /// The segment that the figures suggest with a rank, whatever the file and the ledger say, if it is another one.
    fn other_segment(&self, rank: Option<&str>) -> Option<String> {
        let mut customer = Customer { rank: rank.map(str::to_owned), ..self.customer.clone() };
        let own = |c: &CustomerSettings| c.segment.is_some();
        let by_hand = self.timetable.customer(&customer.id).is_some_and(own);
        customer.segment = None;
        if by_hand {
            customer.id = String::new();
        }
        let other = segment::segment_of(self.timetable, &customer, self.standing, self.today);
        (other != self.segment).then(|| format!("It is in the segment {}; the figures suggest {other}.", self.segment))
    }
}

fn lateness(now: Option<i64>, then: Option<i64>, since: NaiveDate) -> String {
    let days = |days: i64| count(days.unsigned_abs(), "day");
    match (now, then) {
        (None, None) => format!("Nothing was paid since {since}."),
        (None, Some(then)) => format!("Nothing was paid since {since}; before, {} late on average.", days(then)),
        (Some(now), None) => format!("Since {since} it has paid {} late on average.", days(now)),
        (Some(now), Some(then)) => {
            let trend = match now.cmp(&then) {
                std::cmp::Ordering::Greater => "worse",
                std::cmp::Ordering::Less => "better",
                std::cmp::Ordering::Equal => "as before",
            };
            format!("Since {since} it has paid {} late on average, {} before: {trend}.", days(now), days(then))
        }
    }
}

#[cfg(test)]
mod tests;
