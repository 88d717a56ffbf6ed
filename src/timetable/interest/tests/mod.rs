//! Interest worked by hand, and what holds of every claim.

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::*;
use crate::ledger::Status;

mod properties;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn interest(keys: &str) -> Interest {
    let head =
        "time_zone = \"UTC\"\n[[segment]]\nname = \"all\"\n[[step]]\nid = \"a\"\nemail = \"final\"\ndays = 3\n[interest]\n";
    crate::timetable::file::parse("timetable.toml", &format!("{head}{keys}")).unwrap().0.interest.unwrap()
}

fn invoice(open: &str, currency: &str, due: &str) -> Invoice {
    let due_date = day(due);
    Invoice::unpaid("1", "C", (due_date - TimeDelta::days(30), due_date), currency.parse().unwrap(), number(open))
}

/// A payment that the open balance of the invoice knows already.
fn paid(invoice: &mut Invoice, on: &str, amount: &str) -> Payment {
    invoice.open_balance -= number(amount);
    Payment {
        id: on.to_owned(),
        customer_id: "C".to_owned(),
        invoice_id: Some("1".to_owned()),
        received_on: day(on),
        amount: number(amount),
        currency: invoice.currency,
    }
}

fn claim(interest: &Interest, invoice: &Invoice, payments: &[Payment], today: &str) -> Result<Claim, NoClaim> {
    let payments: Vec<&Payment> = payments.iter().collect();
    interest.claim(&Customer::default(), "all", invoice, &payments, day(today))
}

/// Interest and compensation.
fn comes_to(keys: &str, invoice: &Invoice, payments: &[Payment], today: &str) -> (String, Option<String>) {
    let claim = claim(&interest(keys), invoice, payments, today).unwrap();
    (claim.interest.to_string(), claim.compensation.map(|c| c.to_string()))
}

fn only(text: &str) -> (String, Option<String>) {
    (text.to_owned(), None)
}

fn with(text: &str, compensation: &str) -> (String, Option<String>) {
    (text.to_owned(), Some(compensation.to_owned()))
}

#[test]
fn interest_is_simple_and_begins_on_the_day_after_the_due_date() {
    let late = invoice("100", "EUR", "2026-03-01");
    assert_eq!(comes_to("rate = 10", &late, &[], "2026-03-16"), only("0.41"));
    assert_eq!(comes_to("rate = 12", &invoice("1000", "GBP", "2026-03-01"), &[], "2026-03-31"), only("9.86"));
    assert_eq!(comes_to("rate = 10", &late, &[], "2026-03-02"), only("0.03"));
    assert_eq!(claim(&interest("rate = 10"), &late, &[], "2026-03-01"), Err(NoClaim::NotLate));
}

#[test]
fn another_half_year_has_another_rate() {
    // 15 days at 2.27 + 9, then 31 days at 1.27 + 9.
    let late = invoice("1000", "EUR", "2025-06-15");
    assert_eq!(comes_to("regime = \"de\"", &late, &[], "2025-07-31"), with("13.35", "40"));
    let spans = claim(&interest("regime = \"de\""), &late, &[], "2025-07-31").unwrap().spans;
    let shown: Vec<_> = spans.iter().map(|s| (s.from.to_string(), s.days(), s.rate.to_string())).collect();
    assert_eq!(shown, [("2025-06-16".to_owned(), 15, "11.27".to_owned()), ("2025-07-01".to_owned(), 31, "10.27".to_owned())]);
}

#[test]
fn a_half_year_without_a_change_makes_no_other_span() {
    let claim = claim(&interest("regime = \"de\""), &invoice("1000", "EUR", "2025-12-01"), &[], "2026-02-01").unwrap();
    assert_eq!(claim.spans.len(), 1);
    assert_eq!(claim.spans[0].days(), 62);
}

#[test]
fn the_british_rate_is_that_of_the_day_on_which_interest_begins() {
    let late = invoice("10000", "GBP", "2026-02-01");
    assert_eq!(comes_to("regime = \"gb\"", &late, &[], "2026-02-02"), with("3.22", "100"));
    let claim = claim(&interest("regime = \"gb\""), &invoice("999.99", "GBP", "2025-06-20"), &[], "2025-08-31").unwrap();
    assert_eq!(claim.spans.len(), 1, "{claim:?}");
    assert_eq!((claim.spans[0].rate, claim.compensation), (number("12.75"), Some(number("40"))));
}

#[test]
fn the_british_sum_is_by_the_debt_at_the_beginning_and_in_pounds_only() {
    let mut late = invoice("10000", "GBP", "2026-02-01");
    let payments = [paid(&mut late, "2026-02-10", "9500")];
    assert_eq!(claim(&interest("regime = \"gb\""), &late, &payments, "2026-02-20").unwrap().compensation, Some(number("100")));
    let payments = [paid(&mut late, "2026-01-10", "400"), payments[0].clone()];
    assert_eq!(claim(&interest("regime = \"gb\""), &late, &payments, "2026-02-20").unwrap().compensation, Some(number("70")));
    let euro = invoice("10000", "EUR", "2026-02-01");
    assert_eq!(claim(&interest("regime = \"gb\""), &euro, &[], "2026-02-20").unwrap().compensation, None);
}

#[test]
fn the_rates_of_the_second_half_of_2025_are_the_published_ones() {
    for (name, rate) in [
        ("de", "10.27"),
        ("at", "10.73"),
        ("fr", "12.15"),
        ("be", "10.5"),
        ("fi", "10.5"),
        ("it", "10.15"),
        ("es", "10.15"),
        ("nl", "10.15"),
        ("gb", "12.25"),
    ] {
        let interest = interest(&format!("regime = \"{name}\""));
        let terms = Terms::of(&interest, Some(name)).unwrap();
        assert_eq!(terms.rate_on(day("2025-09-01")).map(|r| r.to_string()).as_deref(), Some(rate), "{name}");
    }
}

#[test]
fn a_part_payment_bears_interest_on_the_day_it_comes_and_not_after() {
    let mut late = invoice("1000", "EUR", "2026-01-10");
    let payments = [paid(&mut late, "2026-01-20", "400")];
    // 10 days on 1000, then 20 days on 600.
    assert_eq!(comes_to("rate = 10", &late, &payments, "2026-02-09"), only("6.03"));
    // One before the due date, or set against another currency, is none.
    let mut early = invoice("1000", "EUR", "2026-01-10");
    let mut payments = [paid(&mut early, "2026-01-05", "400")];
    assert_eq!(comes_to("rate = 10", &early, &payments, "2026-02-09"), only("4.93"));
    payments[0].received_on = day("2026-01-20");
    payments[0].currency = "USD".parse().unwrap();
    assert_eq!(comes_to("rate = 10", &early, &payments, "2026-02-09"), only("4.93"));
}

#[test]
fn a_cheque_that_bounced_had_paid_for_as_long_as_it_had() {
    let mut late = invoice("365", "EUR", "2026-01-10");
    let payments = [paid(&mut late, "2026-01-15", "365"), paid(&mut late, "2026-01-18", "-365")];
    // 5 days, nothing for three, then 12.
    let claim = claim(&interest("rate = 10"), &late, &payments, "2026-01-30").unwrap();
    assert_eq!(claim.interest, number("1.70"));
    assert_eq!(claim.spans.iter().map(Span::days).collect::<Vec<_>>(), [5, 12]);
}

#[test]
fn a_credit_note_counts_from_the_beginning() {
    let mut late = invoice("1000", "EUR", "2026-01-10");
    late.open_balance = number("600");
    assert_eq!(comes_to("rate = 10", &late, &[], "2026-02-09"), only("4.93"));
}

#[test]
fn a_day_of_a_leap_year_is_one_of_366_where_the_file_says_so() {
    let late = invoice("366000", "EUR", "2023-12-30");
    assert_eq!(comes_to("rate = 10", &late, &[], "2024-01-02"), only("300.82"));
    assert_eq!(comes_to("rate = 10\nday_count = \"actual/actual\"", &late, &[], "2024-01-02"), only("300.27"));
    assert_eq!(comes_to("rate = 10\nday_count = \"actual/actual\"", &late, &[], "2023-12-31"), only("100.27"));
}

#[test]
fn an_amount_is_rounded_once_and_half_up_to_the_decimals_of_its_currency() {
    assert_eq!(comes_to("rate = 10", &invoice("18.25", "EUR", "2026-01-10"), &[], "2026-01-11"), only("0.01"));
    assert_eq!(comes_to("rate = 10", &invoice("1825", "JPY", "2026-01-10"), &[], "2026-01-11"), only("1"));
    let little = claim(&interest("rate = 10"), &invoice("18.24", "EUR", "2026-01-10"), &[], "2026-01-11");
    assert_eq!(little, Err(NoClaim::NoAmount));
    let huge = claim(&interest("rate = 10"), &invoice("79228162514264337593543950335", "JPY", "2026-01-10"), &[], "2026-01-20");
    assert_eq!(huge, Err(NoClaim::NoAmount));
}

#[test]
fn after_the_last_known_half_year_nothing_is_claimed_until_the_file_says_the_rate() {
    let late = invoice("1000", "EUR", "2026-12-22");
    let unknown = Err(NoClaim::UnknownRate(day("2027-01-01")));
    assert_eq!(claim(&interest("regime = \"de\""), &late, &[], "2027-01-02"), unknown);
    assert_eq!(comes_to("regime = \"de\"", &late, &[], "2026-12-31"), with("2.59", "40"));
    let own = "regime = \"de\"\n[[interest.rate]]\nvalid_from = \"2027-01-01\"\nbase = \"1.77\"";
    // 9 days at 10.52, one at 10.77.
    assert_eq!(comes_to(own, &late, &[], "2027-01-01"), with("2.89", "40"));
    assert_eq!(claim(&interest(own), &late, &[], "2027-07-01"), Err(NoClaim::UnknownRate(day("2027-07-01"))));
    // A half-year that was left out is not bridged.
    let gap = "regime = \"de\"\n[[interest.rate]]\nvalid_from = \"2027-07-01\"\nrate = 11";
    assert_eq!(claim(&interest(gap), &late, &[], "2027-07-05"), unknown);
    let before = claim(&interest("regime = \"de\""), &invoice("1000", "EUR", "2014-06-01"), &[], "2026-01-02");
    assert_eq!(before, Err(NoClaim::UnknownRate(day("2014-06-02"))));
}

#[test]
fn the_file_may_set_other_rates_points_and_sums_than_the_law() {
    let late = invoice("36500", "EUR", "2026-01-10");
    let of = |keys: &str| comes_to(keys, &late, &[], "2026-01-11");
    assert_eq!(of("regime = \"de\"\nover_base = 5"), with("6.27", "40"));
    assert_eq!(of("regime = \"de\"\nrate = \"7.5\""), with("7.5", "40"));
    assert_eq!(of("regime = \"de\"\ncompensation = 0"), only("10.27"));
    assert_eq!(of("regime = \"de\"\ncompensation = { EUR = \"25.50\" }"), with("10.27", "25.50"));
    assert_eq!(of("regime = \"de\"\ncompensation = { USD = 50 }"), only("10.27"));
    assert_eq!(of("regime = \"de\"\n[[interest.rate]]\nvalid_from = \"2026-01-01\"\nbase = \"-1\""), with("8", "40"));
    let own =
        "[[interest.rate]]\nvalid_from = \"2020-01-01\"\nrate = 9\n[[interest.rate]]\nvalid_from = \"2026-01-11\"\nrate = 6";
    assert_eq!(of(own), only("6"));
}

#[test]
fn the_customers_country_says_whose_law_it_is() {
    let (late, today) = (invoice("36500", "EUR", "2026-01-10"), day("2026-01-11"));
    let of = |keys: &str, country: Option<&str>| {
        let customer = Customer { country: country.map(str::to_owned), ..Customer::default() };
        interest(keys).claim(&customer, "all", &late, &[], today).map(|c| c.interest.to_string())
    };
    assert_eq!(of("by_country = true", Some("AT")).unwrap(), "10.73");
    assert_eq!(of("by_country = true", Some("fr")).unwrap(), "12.15");
    assert_eq!(of("by_country = true", Some("US")), Err(NoClaim::NoRegime));
    assert_eq!(of("by_country = true", None), Err(NoClaim::NoRegime));
    assert_eq!(of("by_country = true\nregime = \"de\"", Some("US")).unwrap(), "10.27");
    assert_eq!(of("regime = \"de\"", Some("AT")).unwrap(), "10.27");
}

#[test]
fn segments_that_are_not_named_are_left_out() {
    let mut interest = interest("rate = 10");
    interest.segments = Some(vec!["firms".to_owned()]);
    let late = invoice("100", "EUR", "2026-03-01");
    assert_eq!(claim(&interest, &late, &[], "2026-03-16"), Err(NoClaim::Segment));
    interest.segments = Some(vec!["all".to_owned()]);
    assert!(claim(&interest, &late, &[], "2026-03-16").is_ok());
}

#[test]
fn of_an_invoice_that_is_not_open_nothing_is_claimed() {
    let mut late = invoice("100", "EUR", "2026-03-01");
    late.status = Status::Void;
    assert_eq!(claim(&interest("rate = 10"), &late, &[], "2026-03-16"), Err(NoClaim::NotLate));
}
