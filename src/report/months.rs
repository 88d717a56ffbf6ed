//! Days sales outstanding and collection effectiveness, month by month.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Months as Span, NaiveDate};
use rust_decimal::Decimal;

use super::books::payments;
use crate::ledger::{Invoice, Snapshot, Status};
use crate::money::Currency;

/// One month in one currency. All amounts are exact, and in that currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    pub first: NaiveDate,
    /// The last day; of the running month: today.
    pub last: NaiveDate,
    /// The totals of the invoices issued in it; those below zero are credit notes.
    pub sales: Decimal,
    /// What was owed at the end of the day before.
    pub opening: Decimal,
    /// What was owed at the end of the last day.
    pub closing: Decimal,
    /// What of that was not past due.
    pub current: Decimal,
}

impl Month {
    fn of(first: NaiveDate, last: NaiveDate) -> Self {
        let zero = Decimal::ZERO;
        Self { first, last, sales: zero, opening: zero, closing: zero, current: zero }
    }

    /// Days sales outstanding: what was owed at the end, in days of the month's sales. `None`: nothing was sold.
    #[must_use]
    pub fn dso(&self) -> Option<Decimal> {
        self.in_days(self.closing)
    }

    /// The same if nobody paid late: of what was not past due.
    #[must_use]
    pub fn best_dso(&self) -> Option<Decimal> {
        self.in_days(self.current)
    }

    fn in_days(&self, owed: Decimal) -> Option<Decimal> {
        let days = Decimal::from((self.last - self.first).num_days() + 1);
        if self.sales > Decimal::ZERO { (owed * days).checked_div(self.sales).map(|d| d.round_dp(1)) } else { None }
    }

    /// Collection effectiveness index, in percent: what was collected of what could have been. `None`: nothing could.
    #[must_use]
    pub fn cei(&self) -> Option<Decimal> {
        let owed = self.opening + self.sales;
        let possible = owed - self.current;
        if possible <= Decimal::ZERO {
            return None;
        }
        ((owed - self.closing) * Decimal::ONE_HUNDRED).checked_div(possible).map(|share| share.round_dp(1))
    }
}

/// The months, while customers are added to them.
#[derive(Debug)]
pub struct Months {
    spans: Vec<(NaiveDate, NaiveDate)>,
    sums: BTreeMap<Currency, Vec<Month>>,
}

impl Months {
    /// So many months up to a day, that day's own among them; at least one.
    #[must_use]
    pub fn until(today: NaiveDate, months: u32) -> Self {
        let this = today.with_day(1).unwrap_or(today);
        let span = |back: u32| {
            let first = this.checked_sub_months(Span::new(back))?;
            let last = first.checked_add_months(Span::new(1))?.pred_opt()?;
            Some((first, last.min(today)))
        };
        Self { spans: (0..months.max(1)).rev().filter_map(span).collect(), sums: BTreeMap::new() }
    }

    /// Adds customers with all that is theirs, as of the day of [`Months::until`].
    pub fn add(&mut self, ledger: &Snapshot) {
        let paid = payments(ledger);
        for invoice in ledger.invoices.values().filter(|i| matches!(i.status, Status::Open | Status::Paid)) {
            self.add_one(invoice, paid.get(invoice.id.as_str()).map_or(&[], Vec::as_slice));
        }
    }

    fn add_one(&mut self, invoice: &Invoice, paid: &[(NaiveDate, Decimal)]) {
        // What fell without a payment, by a credit note, counts as if it had been so from the beginning.
        let owed: Decimal = invoice.open_balance + paid.iter().map(|(_, amount)| amount).sum::<Decimal>();
        let balance = |end: NaiveDate| {
            let received: Decimal = paid.iter().filter(|(on, _)| *on <= end).map(|(_, amount)| amount).sum();
            if invoice.issue_date <= end { owed - received } else { Decimal::ZERO }
        };
        let spans = &self.spans;
        let empty = || spans.iter().map(|(first, last)| Month::of(*first, *last)).collect();
        for month in self.sums.entry(invoice.currency).or_insert_with(empty) {
            if (month.first..=month.last).contains(&invoice.issue_date) {
                month.sales += invoice.total;
            }
            month.opening += month.first.pred_opt().map(balance).unwrap_or_default();
            let closing = balance(month.last);
            month.closing += closing;
            if invoice.due_date >= month.last {
                month.current += closing;
            }
        }
    }

    /// The months of each currency in which anything was sold or owed, the oldest first.
    pub fn lines(&self) -> impl Iterator<Item = (Currency, &Month)> {
        let something = |m: &&Month| !(m.sales.is_zero() && m.opening.is_zero() && m.closing.is_zero());
        self.sums.iter().flat_map(move |(currency, months)| months.iter().filter(something).map(|month| (*currency, month)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Payment;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn invoice(id: &str, issued: &str, due: &str, total: i64) -> Invoice {
        Invoice::unpaid(id, "C", (day(issued), day(due)), "EUR".parse().unwrap(), total.into())
    }

    fn payment(invoice: &str, on: &str, amount: i64) -> Payment {
        let (id, invoice_id) = (format!("P-{invoice}-{on}"), Some(invoice.to_owned()));
        let currency = "EUR".parse().unwrap();
        Payment { id, customer_id: "C".to_owned(), invoice_id, received_on: day(on), amount: amount.into(), currency }
    }

    /// `month: sales opening closing current dso best cei` of each.
    fn said(ledger: &Snapshot, today: &str, months: u32) -> Vec<String> {
        let mut all = Months::until(day(today), months);
        all.add(ledger);
        let some = |n: Option<Decimal>| n.map_or("-".to_owned(), |n| n.normalize().to_string());
        let line = |m: &Month| {
            let (sales, opening, closing, current) = (m.sales, m.opening, m.closing, m.current);
            let (dso, best, cei) = (some(m.dso()), some(m.best_dso()), some(m.cei()));
            format!("{}: {sales} {opening} {closing} {current} {dso} {best} {cei}", m.first.format("%Y-%m"))
        };
        all.lines().map(|(_, month)| line(month)).collect()
    }

    #[test]
    fn what_is_owed_is_reckoned_back_to_the_end_of_each_month() {
        let mut late = invoice("I-1", "2026-01-10", "2026-02-09", 310);
        late.open_balance = 10.into();
        let invoices = [late, invoice("I-2", "2026-02-20", "2026-03-22", 140)].map(|i| (i.id.clone(), i)).into();
        let payments = vec![payment("I-1", "2026-02-25", 100), payment("I-1", "2026-03-05", 200)];
        let ledger = Snapshot { invoices, payments, ..Snapshot::default() };
        // January: 310 owed of 310 sold in 31 days. February: 210 late and 140 not yet due, of 140 sold in 28 days; of the 310 that
        // could be collected 100 were. March, up to the 10th: nothing was sold.
        assert_eq!(
            said(&ledger, "2026-03-10", 4),
            ["2026-01: 310 0 310 310 31 31 -", "2026-02: 140 310 350 140 70 28 32.3", "2026-03: 0 350 150 140 - - 95.2"]
        );
        assert_eq!(said(&ledger, "2026-03-10", 1), ["2026-03: 0 350 150 140 - - 95.2"]);
    }

    #[test]
    fn what_a_credit_note_took_off_was_never_owed_and_void_invoices_count_nowhere() {
        let mut credited = invoice("I-1", "2026-01-10", "2026-01-20", 100);
        credited.open_balance = 60.into();
        let mut void = invoice("I-2", "2026-01-10", "2026-01-20", 100);
        void.status = Status::Void;
        let invoices = [credited, void].map(|i| (i.id.clone(), i)).into();
        let ledger = Snapshot { invoices, ..Snapshot::default() };
        assert_eq!(said(&ledger, "2026-02-01", 2)[0], "2026-01: 100 0 60 0 18.6 0 40");
    }
}
