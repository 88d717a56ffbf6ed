//! T24: notices to colleagues.

use super::office::{Office, notice};

#[test]
fn notices_of_one_step_are_merged_for_each_colleague_over_several_customers() {
    // T24: one collector, two account managers.
    let steps = notice("tell", "collector", 1) + &notice("warn", "account_manager", 1);
    let mut office = Office::with(&steps);
    office.given_an_invoice_of("I1", "C1", "2026-03-02", 100, "EUR");
    office.given_an_invoice_of("I2", "C2", "2026-03-02", 900, "EUR");
    office.customer("C2").account_manager = Some(crate::address::EmailAddress::parse("other@x.test").unwrap());
    let plan = office.plan_on("2026-03-03");
    let expected = ["notice to manager: warn/I1", "notice to collector: tell/I2 tell/I1", "notice to other: warn/I2"];
    assert_eq!(super::office::lines(&plan), expected);
    // `customer` is the lead's, and each invoice has its own.
    let merged = &plan.contacts[1];
    assert_eq!(merged.customer, "C2");
    assert_eq!(merged.covered.iter().map(|c| c.customer.as_str()).collect::<Vec<_>>(), ["C2", "C1"]);
}

#[test]
fn steps_and_occurrences_are_not_merged_with_one_another() {
    // T24: "per recipient, day, step and occurrence".
    let steps = notice("tell", "boss@x.test", 1) + "repeat_every = 5\n" + &notice("warn", "boss@x.test", 6);
    let mut office = Office::with(&steps);
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-08");
    office.given_an_invoice("I3", "C3", "2026-03-03");
    office.poll_on("2026-03-04");
    let expected = ["notice to boss: tell.1/I1 tell.1/I3", "notice to boss: warn/I1 warn/I3", "notice to boss: tell/I2"];
    assert_eq!(office.poll_on("2026-03-09"), expected);
}

#[test]
fn a_customer_without_a_colleague_is_left_out_and_waits() {
    // T24
    let mut office = Office::with(&notice("tell", "account_manager", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-02");
    office.customer("C1").account_manager = None;
    let plan = office.plan_on("2026-03-03");
    assert_eq!(super::office::lines(&plan), ["notice to manager: tell/I2"]);
    assert_eq!((plan.waiting[0].invoice.as_str(), plan.waiting[0].reason), ("I1", "no_address"));
}
