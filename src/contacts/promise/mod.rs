//! Promises to pay, kept or broken by the ledger: one amount, or a plan of several (T19, T20).

mod store;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use store::{Kept, enter, of_customer, settle, unsettled};

use super::control::Subject;
use crate::ledger::Snapshot;
use crate::money::Currency;

/// One part of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub by: NaiveDate,
    /// `None`: all of it.
    pub amount: Option<Decimal>,
}

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Kept,
    Broken,
    /// An earlier part of the plan was broken.
    Dropped,
}

impl Verdict {
    /// The word of the JSON and of the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Dropped => "dropped",
        }
    }
}

/// What was open on each invoice when the promise was made.
pub type Baseline = BTreeMap<String, (Decimal, Currency)>;

/// A promise in force whose parts are not all settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    pub control: i64,
    pub subject: Subject,
    pub baseline: Baseline,
    /// The day on which it was made, in UTC: unallocated payments count from it on.
    pub since: NaiveDate,
    pub parts: Vec<Part>,
    /// How many of the parts are settled.
    pub settled: usize,
    pub note: Option<String>,
}

impl Promise {
    /// What has come in since, by currency: the balances that have gone down, and payments of the customer that are not set
    /// against an invoice.
    #[must_use]
    pub fn paid(&self, ledger: &Snapshot) -> BTreeMap<Currency, Decimal> {
        let mut paid: BTreeMap<Currency, Decimal> = BTreeMap::new();
        for (id, (was, currency)) in &self.baseline {
            *paid.entry(*currency).or_default() += *was - open_on(ledger, id);
        }
        if let Subject::Customer(customer) = &self.subject {
            let unallocated =
                |p: &&crate::ledger::Payment| p.invoice_id.is_none() && p.customer_id == *customer && p.received_on >= self.since;
            for payment in ledger.payments.iter().filter(unallocated) {
                *paid.entry(payment.currency).or_default() += payment.amount;
            }
        }
        paid
    }

    /// What has become of the parts whose time is over: the place and the verdict of each; a broken one drops those after it.
    /// `is_over`: whether the day of a part, with its grace, has passed.
    #[must_use]
    pub fn judge(&self, ledger: &Snapshot, is_over: impl Fn(NaiveDate) -> bool) -> Vec<(usize, Verdict)> {
        let all_paid = !self.baseline.is_empty() && self.baseline.keys().all(|id| open_on(ledger, id) <= Decimal::ZERO);
        let most = self.paid(ledger).into_values().max().unwrap_or_default();
        let mut verdicts: Vec<(usize, Verdict)> = Vec::new();
        for (place, part) in self.parts.iter().enumerate().skip(self.settled) {
            let broken = verdicts.last().is_some_and(|(_, v)| *v != Verdict::Kept);
            if !broken && !is_over(part.by) {
                break;
            }
            let wanted: Option<Decimal> = self.parts[..=place].iter().map(|p| p.amount).sum();
            let kept = all_paid || wanted.is_some_and(|wanted| most >= wanted);
            verdicts.push((
                place,
                if broken {
                    Verdict::Dropped
                } else if kept {
                    Verdict::Kept
                } else {
                    Verdict::Broken
                },
            ));
        }
        verdicts
    }
}

/// What follows from parts that were settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// The part that stops the timetable from now on, if that is another one.
    pub now_by: Option<NaiveDate>,
    /// Until when it stops the timetable; `None`: all of it was kept, and it is over.
    pub until: Option<NaiveDate>,
}

impl Promise {
    /// What follows from these verdicts: of a plan that goes on the next part counts from now on; a promise of amounts that was
    /// kept to its end is over.
    #[must_use]
    pub fn after(&self, verdicts: &[(usize, Verdict)]) -> After {
        let kept = verdicts.iter().take_while(|(_, v)| *v == Verdict::Kept).count();
        // The part that is broken, or the next one.
        let now_counts = self.parts.get(self.settled + kept);
        let goes_on = kept == verdicts.len();
        let is_over = now_counts.is_none() && goes_on && self.parts.iter().all(|p| p.amount.is_some());
        let until = now_counts.or(self.parts.last()).filter(|_| !is_over).map(|p| p.by);
        After { now_by: now_counts.filter(|_| kept > 0).map(|p| p.by), until }
    }
}

fn open_on(ledger: &Snapshot, invoice: &str) -> Decimal {
    ledger.invoices.get(invoice).filter(|i| i.is_open()).map_or(Decimal::ZERO, |i| i.open_balance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Invoice;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn promise(parts: &[(&str, Option<i64>)]) -> Promise {
        let usd = "USD".parse().unwrap();
        let parts = parts.iter().map(|(by, amount)| Part { by: day(by), amount: amount.map(Decimal::from) }).collect();
        let baseline = Baseline::from([("A".to_owned(), (100.into(), usd)), ("B".to_owned(), (50.into(), usd))]);
        let subject = Subject::Customer("C".to_owned());
        Promise { control: 1, subject, baseline, since: day("2026-03-01"), parts, settled: 0, note: None }
    }

    /// What is open on A and on B.
    fn ledger(a: i64, b: i64) -> Snapshot {
        let (usd, days) = ("USD".parse().unwrap(), (day("2026-02-01"), day("2026-02-20")));
        let row = |id: &str, open: i64| {
            let whole = Invoice::unpaid(id, "C", days, usd, 100.into());
            (id.to_owned(), Invoice { open_balance: open.into(), ..whole })
        };
        Snapshot { invoices: BTreeMap::from([row("A", a), row("B", b)]), ..Snapshot::default() }
    }

    fn judged(promise: &Promise, ledger: &Snapshot, today: &str) -> Vec<&'static str> {
        promise.judge(ledger, |by| day(today) > by).into_iter().map(|(_, v)| v.word()).collect()
    }

    #[test]
    fn a_promise_is_judged_when_its_day_is_over_by_what_has_come_in_since() {
        let one = promise(&[("2026-03-10", Some(60))]);
        assert!(judged(&one, &ledger(100, 50), "2026-03-10").is_empty());
        assert_eq!(judged(&one, &ledger(41, 50), "2026-03-11"), ["broken"]);
        assert_eq!(judged(&one, &ledger(50, 40), "2026-03-11"), ["kept"], "on whichever invoice");
        let all = promise(&[("2026-03-10", None)]);
        assert_eq!(judged(&all, &ledger(1, 0), "2026-03-11"), ["broken"]);
        assert_eq!(judged(&all, &ledger(0, 0), "2026-03-11"), ["kept"]);
    }

    #[test]
    fn the_instalments_of_a_plan_add_up_and_a_broken_one_drops_the_rest() {
        let plan = promise(&[("2026-03-10", Some(50)), ("2026-03-20", Some(50)), ("2026-03-30", Some(50))]);
        assert_eq!(judged(&plan, &ledger(50, 50), "2026-03-15"), ["kept"]);
        assert_eq!(judged(&plan, &ledger(50, 50), "2026-03-21"), ["kept", "broken", "dropped"]);
        let later = Promise { settled: 1, ..plan };
        assert_eq!(judged(&later, &ledger(0, 50), "2026-03-21"), ["kept"]);
        assert_eq!(judged(&later, &ledger(0, 0), "2026-04-01"), ["kept", "kept"]);
    }

    #[test]
    fn money_that_is_not_set_against_an_invoice_counts_from_the_day_of_the_promise_on() {
        let one = promise(&[("2026-03-10", Some(60))]);
        let mut ledger = ledger(100, 50);
        let payment = |on: &str| crate::ledger::Payment {
            id: on.to_owned(),
            customer_id: "C".to_owned(),
            invoice_id: None,
            received_on: day(on),
            amount: 60.into(),
            currency: "USD".parse().unwrap(),
        };
        ledger.payments = vec![payment("2026-02-28")];
        assert_eq!(judged(&one, &ledger, "2026-03-11"), ["broken"]);
        ledger.payments.push(payment("2026-03-01"));
        assert_eq!(judged(&one, &ledger, "2026-03-11"), ["kept"]);
    }
}
