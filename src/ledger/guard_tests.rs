//! The bounds of T27, and the numbers that are said of them.

use super::*;
use crate::ledger::{Invoice, Payment};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn invoices(number: usize, owed: i64) -> Snapshot {
    let invoice = |n: usize| {
        Invoice::unpaid(&format!("I-{n:03}"), "C", (day("2026-03-01"), day("2026-03-01")), "EUR".parse().unwrap(), owed.into())
    };
    let invoices = (0..number).map(invoice).map(|i| (i.id.clone(), i)).collect();
    Snapshot { invoices, ..Snapshot::default() }
}

fn paid(number: usize, on: &str) -> Snapshot {
    let payment = |n: usize| Payment {
        id: n.to_string(),
        customer_id: "C".to_owned(),
        invoice_id: None,
        received_on: day(on),
        amount: Decimal::ONE,
        currency: "EUR".parse().unwrap(),
    };
    Snapshot { payments: (0..number).map(payment).collect(), ..Snapshot::default() }
}

/// What is said of a read of 2026-03-11, after one of 2026-03-10.
fn said(before: &Snapshot, now: &Snapshot) -> String {
    said_with(&Settings::default(), before, now)
}

fn said_with(settings: &Settings, before: &Snapshot, now: &Snapshot) -> String {
    let (last_day, today) = (day("2026-03-10"), day("2026-03-11"));
    let last = ReadCounts::of(before, last_day);
    let measures = Measures { open_invoices: last.open_invoices, last: Some((last_day, last)), customers: 0 };
    let owed = before.invoices.iter().map(|(id, i)| (id.as_str(), i.open_balance));
    let judged = check(settings, &ReadCounts::of(now, today), &measures, Risen::of(now, owed), today);
    judged.err().map(|e| e.to_string()).unwrap_or_default()
}

#[test]
fn half_of_what_there_was_is_believed_and_less_is_refused_with_the_numbers() {
    assert_eq!(said(&invoices(21, 5), &invoices(11, 5)), "");
    assert_eq!(
        said(&invoices(21, 5), &invoices(10, 5)),
        "only 10 open invoices, where an earlier good read had 21: at least 11 are believed (min_ratio = 0.5)"
    );
    assert_eq!(said(&invoices(19, 5), &invoices(0, 5)), "", "fewer than 20 are nothing to compare with");
    assert_eq!(
        said(&paid(40, "2026-03-10"), &paid(9, "2026-03-10")),
        "only 9 payments of 2025-12-11 to 2026-03-10, where the last good read, that of 2026-03-10, had 40: at least 20 are \
         believed (min_ratio = 0.5)"
    );
}

#[test]
fn five_balances_and_two_in_a_hundred_may_rise_and_more_are_refused_with_an_example() {
    let with_more = |risen: usize| {
        let mut now = invoices(300, 5);
        now.invoices.values_mut().rev().take(risen).for_each(|i| i.open_balance = 7.into());
        now
    };
    assert_eq!(said(&invoices(300, 5), &with_more(6)), "");
    assert_eq!(
        said(&invoices(300, 5), &with_more(7)),
        "7 of 300 invoices owe more than at the last good read, that of 2026-03-10, such as I-293, 7 instead of 5: at most 6 \
         are believed (max_risen = 0.02)"
    );
}
#[test]
fn each_key_moves_its_bound() {
    let bound = |min_ratio: &str, max_risen: &str, min_rows: u64| Settings {
        min_ratio: min_ratio.parse().unwrap(),
        max_risen: max_risen.parse().unwrap(),
        min_rows,
    };
    let mut risen = invoices(30, 5);
    risen.invoices.values_mut().take(7).for_each(|i| i.open_balance = 7.into());
    for (settings, fewer, more) in [
        (bound("0.5", "0.02", 20), true, true),
        (bound("0.3", "0.02", 20), false, true),
        (bound("0.5", "0.25", 20), true, false),
        (bound("0.5", "0.02", 31), false, false),
    ] {
        let refused = |now: &Snapshot| !said_with(&settings, &invoices(30, 5), now).is_empty();
        assert_eq!((refused(&invoices(10, 5)), refused(&risen)), (fewer, more), "{settings:?}");
    }
}
