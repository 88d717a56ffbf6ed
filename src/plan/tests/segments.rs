//! T6: the one segment that a customer belongs to.

use super::office::{Office, email, the};

/// Whether a customer, prepared by `prepare`, falls into the segment with this `match` on the 2nd of March 2026.
fn matches(condition: &str, prepare: impl FnOnce(&mut Office)) -> bool {
    let segments = format!("[[segment]]\nname = \"in\"\nmatch = {{ {condition} }}\n[[segment]]\nname = \"out\"\n");
    let mut office = Office::of(&format!("time_zone = \"UTC\"\n{segments}{}", email("s", "{ in = 0, out = 0 }")));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    prepare(&mut office);
    let plan = office.plan_on("2026-03-02");
    plan.contacts[0].segment == "in"
}

#[test]
fn by_rank_or_country_one_of_the_list_is_enough_and_none_is_not() {
    // T6
    assert!(matches("rank = [\"A\", \"B\"]", |o| o.customer("C1").rank = Some("B".to_owned())));
    assert!(!matches("rank = [\"A\", \"B\"]", |o| o.customer("C1").rank = Some("C".to_owned())));
    assert!(!matches("rank = \"A\"", |_| ()));
    assert!(matches("country = \"DE\"", |o| o.customer("C1").country = Some("DE".to_owned())));
    assert!(!matches("country = \"DE\"", |_| ()));
}

#[test]
fn by_currency_one_of_the_open_invoices_has_it() {
    // T6
    assert!(matches("currency = \"EUR\"", |_| ()));
    assert!(matches("currency = \"USD\"", |o| o.given_an_invoice_of("I2", "C1", "2026-05-01", 5, "USD")));
    assert!(!matches("currency = \"USD\"", |o| {
        o.given_an_invoice_of("I2", "C1", "2026-05-01", 5, "USD");
        o.is_paid("I2", 5, "2026-03-01");
    }));
}

#[test]
fn by_age_the_first_invoice_ever_seen_counts_and_a_paid_one_too() {
    // T6: issued on the 31st of January, 30 days ago.
    assert!(matches("customer_for_days_below = 31", |_| ()));
    assert!(!matches("customer_for_days_below = 30", |_| ()));
    assert!(matches("customer_for_days_from = 30", |_| ()));
    assert!(!matches("customer_for_days_from = 31", |_| ()));
    let paid_last_year = |o: &mut Office| {
        o.given_an_invoice("I0", "C1", "2025-03-02");
        o.is_paid("I0", 100, "2025-04-01");
    };
    assert!(matches("customer_for_days_from = 395", paid_last_year));
    assert!(!matches("customer_for_days_from = 396", paid_last_year));
}

#[test]
fn an_invoice_that_has_left_the_ledger_still_made_the_customer_old() {
    // T6: "ever seen".
    assert!(matches("customer_for_days_from = 300", |o| {
        o.given_an_invoice("I0", "C1", "2025-03-02");
        o.is_paid("I0", 100, "2025-04-01");
        o.poll_on("2026-02-27");
        o.ledger.invoices.remove("I0");
    }));
}

#[test]
fn by_open_balance_one_currency_reaches_it_or_none_does() {
    // T6: 100 EUR are open, and 150 USD.
    let two = |o: &mut Office| o.given_an_invoice_of("I2", "C1", "2026-05-01", 150, "USD");
    assert!(matches("open_balance_from = 150", two));
    assert!(!matches("open_balance_from = 151", two), "currencies do not add up");
    assert!(matches("open_balance_below = 151", two));
    assert!(!matches("open_balance_below = 150", two));
    assert!(matches("open_balance_from = 200", |o| o.given_an_invoice_of("I2", "C1", "2026-05-01", 100, "EUR")));
}

#[test]
fn every_key_must_hold() {
    // T6
    let both = "rank = \"A\", country = \"DE\"";
    assert!(!matches(both, |o| o.customer("C1").rank = Some("A".to_owned())));
    assert!(matches(both, |o| {
        o.customer("C1").rank = Some("A".to_owned());
        o.customer("C1").country = Some("DE".to_owned());
    }));
}

#[test]
fn the_ledgers_own_word_wins_if_the_file_knows_it() {
    // T6
    assert!(matches("rank = \"A\"", |o| o.customer("C1").segment = Some("in".to_owned())));
    assert!(!matches("currency = \"EUR\"", |o| o.customer("C1").segment = Some("out".to_owned())));
    assert!(matches("currency = \"EUR\"", |o| o.customer("C1").segment = Some("unheard-of".to_owned())));
}

#[test]
fn the_first_segment_that_holds_wins_and_the_last_is_everybody_else() {
    // T6, T2: the segment decides on which day a step falls.
    let segments = "[[segment]]\nname = \"a\"\nmatch = { rank = [\"A\", \"B\"] }\n[[segment]]\nname = \"b\"\nmatch = { rank = \"B\" }\n\
                    [[segment]]\nname = \"rest\"\n";
    let step = email("s", "{ a = 1, rest = 2 }");
    let mut office = Office::of(&format!("time_zone = \"UTC\"\ngo_live = \"2025-01-01\"\n{segments}{step}"));
    for (customer, rank) in [("C1", Some("A")), ("C2", Some("B")), ("C3", None)] {
        office.given_an_invoice(&format!("I-{customer}"), customer, "2026-03-02");
        office.customer(customer).rank = rank.map(str::to_owned);
    }
    assert_eq!(office.poll_on("2026-03-03"), ["past-due: s/I-C1", "past-due: s/I-C2"]);
    assert_eq!(office.poll_on("2026-03-04"), ["past-due: s/I-C3"]);
}

#[test]
fn a_segment_that_the_table_leaves_out_does_not_have_the_step() {
    // T2
    let segments = "[[segment]]\nname = \"a\"\nmatch = { rank = \"A\" }\n[[segment]]\nname = \"rest\"\n";
    let mut office = Office::of(&format!("time_zone = \"UTC\"\ngo_live = \"2025-01-01\"\n{segments}{}", email("s", "{ a = 1 }")));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    assert!(office.occurrences(the("2026-03-03"), "I1").is_empty());
}
