//! The priorities of tasks about ledgers that are made up.

use std::collections::HashMap;

use super::*;
use crate::address::EmailAddress;
use crate::ledger::{Customer, Invoice, Payment, Snapshot};
use crate::timetable::file;
use crate::worklist::figures::Known;

const TODAY: &str = "2026-03-31";

fn timetable(more: &str) -> Timetable {
    let text = format!(
        "time_zone = \"UTC\"\n[sizes]\nmedium = 1000\nlarge = 10000\n[sizes.JPY]\nlarge = 1500000\n[[segment]]\nname = \"all\"\n\
         [[step]]\nid = \"call\"\ntask = \"call\"\ndays = 3\n{more}"
    );
    file::parse("t", &text).unwrap().0
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn invoice(id: &str, due: &str, amount: &str) -> Invoice {
    let (amount, currency) = amount.split_once(' ').unwrap_or((amount, "USD"));
    Invoice::unpaid(id, "C", (day("2026-02-01"), day(due)), currency.parse().unwrap(), amount.parse().unwrap())
}

fn payment(invoice: &str, on: &str, amount: &str) -> Payment {
    let invoice_id = Some(invoice.to_owned()).filter(|i| !i.is_empty());
    Payment {
        id: format!("{invoice}-{on}"),
        customer_id: "C".to_owned(),
        invoice_id,
        received_on: day(on),
        amount: amount.parse().unwrap(),
        currency: "USD".parse().unwrap(),
    }
}

/// A customer whom e-mails reach.
fn customer() -> Customer {
    Customer { id: "C".to_owned(), email: vec![EmailAddress::parse("a@x.example").unwrap()], ..Customer::default() }
}

fn figures(timetable: &Timetable, customer: Customer, invoices: Vec<Invoice>, payments: Vec<Payment>) -> Figures {
    let ledger = Snapshot {
        customers: BTreeMap::from([("C".to_owned(), customer)]),
        invoices: invoices.into_iter().map(|i| (i.id.clone(), i)).collect(),
        payments,
        ..Snapshot::default()
    };
    let (wanted, mut found) = (BTreeSet::from(["C".to_owned()]), HashMap::new());
    figures::look(timetable, &ledger, &wanted, &Known::default(), day(TODAY), &mut found);
    found.remove("C").unwrap()
}

fn weighed(timetable: &Timetable, about: &[&str], figures: &Figures, heard: &Heard) -> Weighed {
    let about = About { invoices: about.iter().copied().collect(), was_open: true };
    weigh(timetable, &about, figures, heard, day(TODAY))
}

/// The factor of a name: the figure, and what it counts.
fn said(weighed: &Weighed, name: &str) -> String {
    let factor = weighed.factors.iter().find(|f| f.factor == name).unwrap();
    format!("{} × {}", factor.figure, factor.times.normalize())
}

#[test]
fn the_priority_is_the_product_of_the_factors_that_are_shown() {
    let rules = timetable("");
    let who = Customer { rank: Some("C".to_owned()), credit_limit: Some(1000.into()), ..customer() };
    let books = figures(&rules, who, vec![invoice("I", "2026-02-20", "1200.00")], vec![]);
    let heard = Heard { last: None, broken: 1 };
    let all = weighed(&rules, &["I"], &books, &heard);
    assert_eq!(said(&all, "aging"), "the oldest invoice is 39 days past due: 31-60 × 2");
    assert_eq!(said(&all, "rank"), "rank C × 1.5");
    assert_eq!(said(&all, "silence"), "never heard from since the oldest open invoice was issued on 2026-02-01 × 4");
    assert_eq!(said(&all, "amount"), "1200.00 USD to talk about: medium × 1.5");
    assert_eq!(said(&all, "broken"), "1 promise broken in the last 365 days × 1.5");
    assert_eq!(said(&all, "over_limit"), "1200.00 USD open, more than the limit of 1000 × 1.5");
    assert_eq!(said(&all, "no_email"), "e-mails reach the customer × 1");
    assert_eq!(said(&all, "days_late"), "the ledger has no invoice paid in the last 365 days × 1");
    assert_eq!(all.score.to_string(), "40.5", "2 × 1.5 × 4 × 1.5 × 1.5 × 1 × 1.5 × 1");
}

#[test]
fn somebody_never_heard_from_comes_before_the_larger_sum_of_somebody_who_talks() {
    let rules = timetable("");
    let small = figures(&rules, customer(), vec![invoice("I", "2026-03-01", "80.00")], vec![]);
    let large = figures(&rules, customer(), vec![invoice("I", "2026-03-01", "95000.00")], vec![]);
    let nothing = Heard::default();
    let silent = weighed(&rules, &["I"], &small, &nothing).score;
    assert!(weighed(&rules, &["I"], &large, &nothing).score > silent, "both are silent: the larger sum");
    let talks = |on: &str| Heard { last: Some((day(on), "call, reached".to_owned())), broken: 0 };
    for on in ["2026-03-30", "2026-02-01"] {
        assert!(weighed(&rules, &["I"], &large, &talks(on)).score < silent, "heard from on {on}");
    }
    let before = weighed(&rules, &["I"], &large, &talks("2026-01-31"));
    assert!(before.score > silent, "what was said before the invoice was issued counts for nothing");
    let pays = vec![payment("", "2026-03-02", "1.00")];
    let books = figures(&rules, customer(), vec![invoice("I", "2026-03-01", "95000.00")], pays);
    let paid = weighed(&rules, &["I"], &books, &nothing);
    assert_eq!(said(&paid, "silence"), "heard from 29 days ago: a payment on 2026-03-02 × 1.25");
    assert!(paid.score < silent);
}

#[test]
fn a_call_is_about_its_invoices_and_about_all_that_is_past_due_and_not_disputed() {
    let rules = timetable("");
    let disputed = Invoice { disputed: true, ..invoice("D", "2025-12-01", "50000") };
    let all = || vec![invoice("I", "2026-03-28", "400"), invoice("J", "2026-02-15", "700"), invoice("N", "2026-04-15", "90000")];
    let books = figures(&rules, customer(), all().into_iter().chain([disputed]).collect(), vec![]);
    let heard = Heard::default();
    let call = weighed(&rules, &["I"], &books, &heard);
    assert_eq!(said(&call, "amount"), "1100 USD to talk about: medium × 1.5".replace("1100", "1100.00"));
    assert_eq!(said(&call, "aging"), "the oldest invoice is 44 days past due: 31-60 × 2");
    assert_eq!(call.open.values().map(ToString::to_string).collect::<Vec<_>>(), ["400"]);
    let of_it = weighed(&rules, &["D"], &books, &heard);
    assert_eq!(said(&of_it, "aging"), "the oldest invoice is 120 days past due: over 90 × 4");
    let early = figures(&rules, customer(), vec![invoice("N", "2026-04-15", "90000")], vec![]);
    let customers = weighed(&rules, &[], &early, &heard);
    assert_eq!(said(&customers, "amount"), "nothing is past due × 1");
    assert_eq!(said(&weighed(&rules, &["N"], &early, &heard), "aging"), "not due yet × 0.5");
}

#[test]
fn a_task_whose_invoices_are_paid_is_settled_and_one_that_was_about_a_payment_is_not() {
    let rules = timetable("");
    let paid = Invoice { open_balance: Decimal::ZERO, ..invoice("I", "2026-03-01", "80.00") };
    let books = figures(&rules, customer(), vec![paid, invoice("J", "2026-03-01", "5")], vec![]);
    let all = weighed(&rules, &["I"], &books, &Heard::default());
    assert_eq!((all.settled, all.score.to_string(), all.factors.len()), (true, "0".to_owned(), 0));
    assert!(!weighed(&rules, &["I", "J"], &books, &Heard::default()).settled);
    assert!(!weighed(&rules, &[], &books, &Heard::default()).settled);
    let thanks = About { invoices: BTreeSet::from(["I"]), was_open: false };
    assert!(!weigh(&rules, &thanks, &books, &Heard::default(), day(TODAY)).settled);
}

#[test]
fn sums_of_several_currencies_are_not_added_and_the_one_that_counts_most_is_named() {
    let rules = timetable("");
    let all = vec![
        invoice("I", "2026-03-01", "900 USD"),
        invoice("J", "2026-03-01", "900 EUR"),
        invoice("K", "2026-03-01", "1400000 JPY"),
    ];
    let books = figures(&rules, customer(), all, vec![]);
    let call = weighed(&rules, &["I"], &books, &Heard::default());
    assert_eq!(said(&call, "amount"), "1400000 JPY to talk about, the most of its currencies: medium × 1.5");
}

#[test]
fn who_pays_late_or_cannot_be_written_to_is_a_risk() {
    let rules = timetable("");
    let paid = |id: &str, due: &str| Invoice { open_balance: Decimal::ZERO, ..invoice(id, due, "10") };
    let open = invoice("I", "2026-03-30", "10");
    let invoices = vec![open, paid("P", "2026-01-01"), paid("Q", "2026-01-01"), paid("R", "2024-01-01")];
    let payments = vec![
        payment("P", "2026-01-21", "4"),
        payment("P", "2026-01-31", "6"),
        payment("Q", "2026-01-02", "10"),
        payment("R", "2024-12-31", "10"),
    ];
    let books = figures(&rules, Customer { email: vec![], ..customer() }, invoices, payments);
    let call = weighed(&rules, &["I"], &books, &Heard::default());
    assert_eq!(said(&call, "days_late"), "pays 16 days late on average (2 invoices in the last 365 days) × 1.25");
    assert_eq!(said(&call, "no_email"), "the customer has no e-mail address × 1.5");
}

#[test]
fn every_key_changes_the_number() {
    let who = Customer { rank: Some("B".to_owned()), credit_limit: Some(1.into()), email: vec![], ..customer() };
    let paid = Invoice { open_balance: Decimal::ZERO, ..invoice("P", "2026-01-01", "10") };
    let ledger = || vec![invoice("I", "2026-03-01", "80.00"), paid.clone()];
    let score = |keys: &str, talks: bool| {
        let rules = timetable(&format!("[priority]\n{keys}"));
        let books = figures(&rules, who.clone(), ledger(), vec![payment("P", "2026-01-31", "10")]);
        let last = talks.then(|| (day("2026-03-01"), "call, reached".to_owned()));
        weighed(&rules, &["I"], &books, &Heard { last, broken: 1 }).score
    };
    let (silent, talks) = (score("", false), score("", true));
    let keys = [
        "aging = [0, 9, 9, 9, 9]",
        "rank = { B = 9 }",
        "silence = { never = 9 }",
        "amount = { small = 9 }",
        "broken = { 1 = 9 }",
        "days_late = { 15 = 9 }",
        "over_limit = 9",
        "no_email = 9",
        "look_back = 10",
    ];
    for key in keys {
        assert_ne!(score(key, false), silent, "{key}");
    }
    assert_ne!(score("silence = { 10 = 9 }", true), talks);
}

#[test]
fn a_customer_that_people_look_after_is_more_urgent_and_only_a_file_that_knows_some_says_so() {
    let late = || vec![invoice("I", "2026-03-01", "500")];
    let plain = timetable("");
    let of = weighed(&plain, &["I"], &figures(&plain, customer(), late(), vec![]), &Heard::default());
    assert!(of.factors.iter().all(|f| f.factor != "personal"));
    let named = |word: &str| {
        timetable(&format!("[priority]\npersonal_factor = 3\n[customer.C]\npersonal = {word}\n[customer.D]\npersonal = true\n"))
    };
    for (word, expected) in [("true", "personal by its own table × 3"), ("false", "not one of those whom people look after × 1")]
    {
        let file = named(word);
        let of = weighed(&file, &["I"], &figures(&file, customer(), late(), vec![]), &Heard::default());
        assert_eq!(said(&of, "personal"), expected);
    }
}
