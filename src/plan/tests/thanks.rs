//! T20, T21: `paid` – who is thanked, and what happens when a cheque bounces.

use super::NOTHING;
use super::office::{Office, email, on, the};
use crate::ledger::Status;

/// An open invoice of 100 EUR that a poll has seen.
fn office() -> Office {
    let mut office = Office::with(&(on("thanks", "paid") + &email("first", 1) + &email("second", 10)));
    office.given_an_invoice("I1", "C1", "2026-04-02").issue_date = the("2026-03-02");
    office.poll_on("2026-03-02");
    office
}

#[test]
fn who_pays_in_full_is_thanked_once() {
    // T20
    let mut office = office();
    office.is_paid("I1", 60, "2026-03-03");
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    office.is_paid("I1", 40, "2026-03-05");
    assert_eq!(office.poll_on("2026-03-06"), ["paid: thanks/I1"]);
    assert_eq!(office.poll_on("2026-03-09"), NOTHING);
}

#[test]
fn the_ledgers_own_word_for_paid_is_enough_with_a_payment() {
    // T20
    let mut office = office();
    office.is_paid("I1", 98, "2026-03-03");
    office.invoice("I1").status = Status::Paid;
    assert_eq!(office.poll_on("2026-03-04"), ["paid: thanks/I1"]);
}

#[test]
fn a_credit_note_a_write_off_and_a_voided_invoice_thank_nobody() {
    // T20
    let ways: [fn(&mut Office); 4] = [
        |o| o.invoice("I1").open_balance = 0.into(),
        |o| o.invoice("I1").status = Status::Paid,
        |o| o.invoice("I1").status = Status::Void,
        |o| {
            o.is_paid("I1", 40, "2026-03-03");
            o.invoice("I1").status = Status::Void;
        },
    ];
    for (n, way) in ways.into_iter().enumerate() {
        let mut office = office();
        way(&mut office);
        assert_eq!(office.poll_on("2026-03-04"), NOTHING, "{n}");
    }
}

#[test]
fn a_part_payment_and_a_credit_note_for_the_rest_is_paid_by_a_payment() {
    // T20
    let mut office = office();
    office.is_paid("I1", 40, "2026-03-03");
    office.invoice("I1").open_balance = 0.into();
    assert_eq!(office.poll_on("2026-03-04"), ["paid: thanks/I1"]);
}

#[test]
fn what_was_paid_before_anybody_saw_it_open_thanks_nobody() {
    // T20: "an invoice that an earlier poll saw open".
    let mut office = office();
    office.given_an_invoice("I2", "C1", "2026-04-02");
    office.is_paid("I2", 100, "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
}

#[test]
fn the_last_payment_must_not_be_older_than_the_grace_days() {
    // T20: seen on the 16th; ten days before is the 6th.
    for (received, thanked) in [("2026-03-06", true), ("2026-03-05", false)] {
        let mut office = office();
        office.is_paid("I1", 50, "2026-03-03");
        office.is_paid("I1", 50, received);
        assert_eq!(!office.poll_on("2026-03-16").is_empty(), thanked, "{received}");
    }
}

#[test]
fn a_payment_that_went_back_does_not_count_as_one() {
    // T20: what is left is a write-off.
    let mut office = office();
    office.is_paid("I1", 100, "2026-03-03");
    office.is_paid("I1", -100, "2026-03-04");
    office.invoice("I1").status = Status::Paid;
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
}

#[test]
fn an_invoice_whose_cheque_bounced_goes_on_where_the_timetable_stands() {
    // T21
    let mut office = office();
    assert_eq!(office.poll_on("2026-04-03"), ["past-due: first/I1"]);
    office.is_paid("I1", 100, "2026-04-06");
    assert_eq!(office.poll_on("2026-04-07"), ["paid: thanks/I1"]);
    office.is_paid("I1", -100, "2026-04-09");
    assert_eq!(office.poll_on("2026-04-10"), NOTHING, "what is done stays done");
    assert_eq!(office.poll_on("2026-04-13"), ["past-due: second/I1"]);
    office.is_paid("I1", 100, "2026-04-14");
    assert_eq!(office.poll_on("2026-04-15"), NOTHING, "thanked once");
}

#[test]
fn a_payment_that_is_taken_back_before_anybody_was_thanked_is_not_thanked_for() {
    // T20, T21
    let mut office = office();
    office.is_paid("I1", 100, "2026-03-03");
    assert_eq!(office.poll_in_the_evening_of("2026-03-04"), NOTHING);
    office.is_paid("I1", -100, "2026-03-05");
    assert_eq!(office.poll_on("2026-03-05"), NOTHING);
}

#[test]
fn an_invoice_that_leaves_the_ledger_is_not_paid() {
    // T20
    let mut office = office();
    office.ledger.invoices.clear();
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
}
