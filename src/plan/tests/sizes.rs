//! T7: sizes, and the limits of a step.

use super::NOTHING;
use super::office::{Office, email};

const SIZES: &str = "time_zone = \"UTC\"\nquiet_days = 0\ngo_live = \"2025-01-01\"\n[sizes]\nmedium = \"1000\"\nlarge = \"10000\"\n\
                     [sizes.JPY]\nmedium = \"150000\"\n[[segment]]\nname = \"all\"\n";

/// What a customer with one invoice of this amount gets, of three steps for the three sizes.
fn size_of(amount: i64, currency: &str) -> String {
    let step = |size: &str| email(size, 1) + &format!("sizes = \"{size}\"\n");
    let mut office = Office::of(&(SIZES.to_owned() + &step("small") + &step("medium") + &step("large")));
    office.given_an_invoice_of("I1", "C1", "2026-03-02", amount, currency);
    office.poll_on("2026-03-03").remove(0)
}

#[test]
fn a_size_begins_at_its_threshold() {
    // T7
    for (amount, size) in [(1, "small"), (999, "small"), (1000, "medium"), (9_999, "medium"), (10_000, "large")] {
        assert_eq!(size_of(amount, "EUR"), format!("past-due: {size}/I1"), "{amount}");
    }
}

#[test]
fn a_currency_may_have_thresholds_of_its_own_and_keeps_the_others() {
    // T7: 20000 yen do not reach `medium` but the general `large`, which is the largest that they reach.
    for (amount, size) in [(9_999, "small"), (20_000, "large"), (149_999, "large"), (150_000, "medium")] {
        assert_eq!(size_of(amount, "JPY"), format!("past-due: {size}/I1"), "{amount}");
    }
}

#[test]
fn the_total_counts_and_not_what_is_still_open() {
    // T7
    let mut office = Office::of(&(SIZES.to_owned() + &email("large", 1) + "sizes = \"large\"\n"));
    office.given_an_invoice_of("I1", "C1", "2026-03-02", 10_000, "EUR");
    office.is_paid("I1", 9_900, "2026-03-01");
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: large/I1"]);
}

#[test]
fn a_step_is_limited_by_rank_segment_and_currency_too() {
    // T7
    for (limit, allows) in [
        ("ranks = [\"A\", \"B\"]", true),
        ("ranks = \"C\"", false),
        ("segments = \"all\"", true),
        ("currencies = [\"EUR\"]", true),
        ("currencies = [\"USD\"]", false),
        ("currencies = [\"EUR\"]\nranks = \"C\"", false),
    ] {
        let mut office = Office::of(&(SIZES.to_owned() + &email("s", 1) + limit));
        office.given_an_invoice("I1", "C1", "2026-03-02");
        office.customer("C1").rank = Some("B".to_owned());
        assert_eq!(!office.poll_on("2026-03-03").is_empty(), allows, "{limit}");
    }
}

#[test]
fn a_customer_without_a_rank_has_no_step_of_ranks() {
    // T7
    let mut office = Office::of(&(SIZES.to_owned() + &email("s", 1) + "ranks = [\"A\", \"B\", \"C\", \"D\"]\n"));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert_eq!(office.poll_on("2026-03-03"), NOTHING);
}
