use super::super::{DateFormat, Spelling};
use super::{DecimalSeparator, amount};

fn with(separator: Option<DecimalSeparator>, text: &str, code: &str) -> Result<String, String> {
    let spelling = Spelling::of_files(DateFormat::default(), separator);
    amount(text, Some(code.parse().unwrap()), &spelling).map(|a| a.to_string())
}

fn unset(text: &str) -> Result<String, String> {
    with(None, text, "EUR")
}

fn comma(text: &str) -> Result<String, String> {
    with(Some(DecimalSeparator::Comma), text, "EUR")
}

fn point(text: &str) -> Result<String, String> {
    with(Some(DecimalSeparator::Point), text, "EUR")
}

#[test]
fn a_plain_amount_needs_no_setting() {
    for (text, value) in [("1234.50", "1234.50"), ("0.05", "0.05"), (".5", "0.5"), ("7", "7"), ("+3.10", "3.10"), ("0", "0")] {
        assert_eq!(unset(text).as_deref(), Ok(value), "{text}");
        assert_eq!(point(text).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn a_decimal_comma_is_read_when_the_setting_says_so() {
    assert_eq!(comma("1.234,56").unwrap(), "1234.56");
    assert_eq!(comma("1.234").unwrap(), "1234");
    assert_eq!(comma("12,5").unwrap(), "12.5");
    assert_eq!(comma("-60,00").unwrap(), "-60.00");
    for text in ["1.234,56", "12,50", "0,123", "1.234.567", "1.234.567,00"] {
        assert!(unset(text).unwrap_err().contains("`decimal_separator` under `[import]`"), "{text}");
    }
    assert!(comma("1234.50").unwrap_err().contains("groups of three"));
    assert!(comma("1,234,567").is_err());
    assert!(point("0,123").is_err() && comma("0.123").is_err());
}

#[test]
fn a_lone_separator_before_three_digits_is_an_error_until_the_setting_resolves_it() {
    for text in ["1.234", "1,234", "999,000", "$1,200"] {
        assert!(with(None, text, "USD").unwrap_err().contains("`decimal_separator`"), "{text}");
    }
    assert_eq!(point("1,234").unwrap(), "1234");
    assert_eq!(point("1.000").unwrap(), "1.00");
    assert_eq!(with(Some(DecimalSeparator::Point), "1.234", "KWD").unwrap(), "1.234");
    // These can be read in one way only.
    assert_eq!(unset("1,234,567").unwrap(), "1234567");
    assert_eq!(unset("1,234.50").unwrap(), "1234.50");
    assert_eq!(unset("0.000").unwrap(), "0.00");
    assert_eq!(with(None, "1234.567", "KWD").unwrap(), "1234.567");
}

#[test]
fn parentheses_and_a_minus_on_either_side_are_negative() {
    for text in [
        "(12.00)",
        "12.00-",
        "-12.00",
        "\u{2212}12.00",
        "($12.00)",
        "-$12.00",
        "$-12.00",
        "$ (12.00)",
        "USD -12.00",
        "12.00 USD-",
    ] {
        assert_eq!(with(None, text, "USD").as_deref(), Ok("-12.00"), "{text}");
    }
    assert_eq!(unset("-0.00").unwrap(), "0.00");
    for text in ["(-12.00)", "--1", "-1-", "(12.00", "12.00)", "()", "-", "- -1"] {
        assert!(unset(text).is_err(), "{text}");
    }
}

#[test]
fn currency_symbols_and_codes_may_stand_around_an_amount_but_not_contradict_the_row() {
    assert_eq!(with(None, "$1,234.56", "USD").unwrap(), "1234.56");
    assert_eq!(unset("€ 99").unwrap(), "99");
    assert_eq!(comma("1.234,50 €").unwrap(), "1234.50");
    assert_eq!(unset("EUR 12.00").unwrap(), "12.00");
    assert_eq!(unset("12.00eur").unwrap(), "12.00");
    assert!(with(None, "EUR 12.00", "USD").unwrap_err().contains("currency is USD"));
    assert!(with(None, "€12.00", "USD").unwrap_err().contains("currency is USD"));
    assert!(unset("€ 12.00 EUR").is_err());
    assert!(unset("€").is_err());
}

#[test]
fn thousands_may_be_grouped_by_blanks_and_apostrophes_in_threes() {
    for text in ["1 234.50", "1\u{A0}234.50", "1\u{202F}234.50", "1\u{2009}234.50", "1'234.50", "1\u{2019}234.50", "1,234.50"] {
        assert_eq!(unset(text).as_deref(), Ok("1234.50"), "{text}");
    }
    assert_eq!(comma("1 234 567,89").unwrap(), "1234567.89");
    for text in ["12,34,567.00", "1 23.00", "1 234'567.00", "1,,234.00", ",123.00", "1,234,5.00", "1234 567.00"] {
        assert!(unset(text).is_err(), "{text}");
    }
}

#[test]
fn more_decimals_than_the_currency_has_must_be_zeros() {
    assert_eq!(unset("12.5000").unwrap(), "12.50");
    assert_eq!(with(None, "1200.00", "JPY").unwrap(), "1200");
    assert!(unset("12.3456").unwrap_err().contains("EUR has 2 decimals"));
    assert!(with(None, "0.5", "JPY").unwrap_err().contains("JPY has 0 decimals"));
    let spelling = Spelling::of_queries();
    assert_eq!(amount("12.3456", None, &spelling).unwrap().to_string(), "12.3456");
}

#[test]
fn what_is_no_exact_amount_is_refused() {
    let long = "12345678901234567890123456789";
    assert!(unset(long).unwrap_err().contains("28 digits"));
    assert_eq!(unset(&format!("{}.00", &long[..18])).unwrap(), format!("{}.00", &long[..18]));
    assert!(unset(&format!("{}.00", &long[..19])).unwrap_err().contains("larger than any invoice"));
    for text in ["", "1e3", "NaN", "12%", "1.2.3", "1..2", "n/a", "#REF!", "１２", ".", "12.00 kr", "0x10"] {
        assert!(unset(text).is_err(), "{text}");
    }
}

#[test]
fn a_query_may_give_a_whole_number_over_a_power_of_ten() {
    let of = |text: &str, code: &str| amount(text, Some(code.parse().unwrap()), &Spelling::of_queries()).map(|a| a.to_string());
    assert_eq!(of("12345/100", "EUR").unwrap(), "123.45");
    assert_eq!(of("-5/100", "EUR").unwrap(), "-0.05");
    assert_eq!(of("12345000000/1000000", "EUR").unwrap(), "12345.00");
    assert_eq!(of("12345/1000", "KWD").unwrap(), "12.345");
    assert_eq!(of("700/1", "JPY").unwrap(), "700");
    for wrong in ["1/3", "12345/1000", "1/", "/100", "1.5/10", "1/0"] {
        assert!(of(wrong, "EUR").is_err(), "{wrong}");
    }
    assert!(unset("12345/100").is_err(), "not in a CSV file");
}
