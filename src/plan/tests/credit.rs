//! T19: a customer whose credit covers all that is past due is not dunned.

use rust_decimal::Decimal;

use super::NOTHING;
use super::office::{Office, email};

/// 100 EUR and 70 USD are past due, another 900 EUR are not.
fn office() -> Office {
    let mut office = Office::with(&email("mail", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice_of("I2", "C1", "2026-03-02", 70, "USD");
    office.given_an_invoice_of("I3", "C1", "2026-06-02", 900, "EUR");
    office
}

fn is_dunned(mut office: Office) -> bool {
    !office.poll_on("2026-03-03").is_empty()
}

#[test]
fn every_currency_must_be_covered_and_what_is_not_past_due_does_not_count() {
    // T19
    let mut covered = office();
    covered.given_unallocated("C1", 100, "EUR");
    covered.given_unallocated("C1", 69, "USD");
    assert!(is_dunned(covered.clone()));
    covered.given_unallocated("C1", 1, "USD");
    assert!(!is_dunned(covered));
    let mut one_currency_only = office();
    one_currency_only.given_unallocated("C1", 5_000, "EUR");
    assert!(is_dunned(one_currency_only));
}

#[test]
fn the_column_counts_only_where_all_open_invoices_have_one_currency() {
    // T19
    let mut two = office();
    two.customer("C1").unallocated_credit = Decimal::from(5_000);
    assert!(is_dunned(two.clone()));
    two.ledger.invoices.remove("I2");
    assert!(!is_dunned(two));
}

#[test]
fn the_column_and_unallocated_payments_add_up() {
    // T19
    let mut office = office();
    office.ledger.invoices.remove("I2");
    office.customer("C1").unallocated_credit = Decimal::from(60);
    office.given_unallocated("C1", 39, "EUR");
    assert!(is_dunned(office.clone()));
    office.given_unallocated("C1", 1, "EUR");
    assert!(!is_dunned(office.clone()));
    office.given_unallocated("C1", -1, "EUR");
    assert!(is_dunned(office), "a payment that went back is no credit");
}

#[test]
fn an_invoice_is_past_due_from_the_day_after_its_due_date() {
    // T19: where nothing is past due, credit stops nothing.
    let mut office = Office::with(&(email("today", 0) + &email("tomorrow", 1)));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_unallocated("C1", 5_000, "EUR");
    assert_eq!(office.poll_on("2026-03-02"), ["past-due: today/I1"]);
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
}

#[test]
fn credit_covers_a_reminder_of_something_else_too() {
    // T19: all of the customer's e-mails are stopped.
    let mut office = Office::with(&email("before", -5));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C1", "2026-03-08");
    office.given_unallocated("C1", 100, "EUR");
    let plan = office.plan_on("2026-03-03");
    assert_eq!(plan.waiting.iter().map(|w| (w.invoice.as_str(), w.reason)).collect::<Vec<_>>(), [("I2", "credit")]);
}

#[test]
fn another_customers_credit_covers_nothing() {
    // T19
    let mut office = office();
    office.given_an_invoice("I9", "C9", "2026-06-02");
    office.given_unallocated("C9", 100, "EUR");
    office.given_unallocated("C9", 100, "USD");
    assert!(is_dunned(office));
}
