//! Amounts as accounts and spreadsheets write them (L4): exact decimals, never floating point.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::Spelling;
use crate::money::{Currency, plain_decimal};

/// What stands between the whole units and their fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecimalSeparator {
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

/// Symbols that belong to few currencies; beside any other currency they are a contradiction.
const SYMBOLS: [(char, &[&str]); 4] = [
    ('€', &["EUR"]),
    ('£', &["GBP", "GIP", "FKP", "SHP", "EGP", "LBP", "SYP", "SSP", "SDG"]),
    ('¥', &["JPY", "CNY"]),
    ('₹', &["INR"]),
];

/// Sums of amounts below this never overflow an exact decimal.
const LARGEST: Decimal = Decimal::from_parts(2_808_348_672, 232_830_643, 0, false, 0);

/// Reads an amount: `1234.50`, `1.234,56`, `(12.00)` and `12.00-` (negative), `$1,234.56`, `EUR 99`, `1 234,50`.
/// With a currency, decimals beyond those that it has must be zeros.
///
/// # Errors
/// Says what is wrong and which setting mends it; an amount that can be read in two ways is an error.
pub fn amount(text: &str, currency: Option<Currency>, spelling: &Spelling) -> Result<Decimal, String> {
    let (negative, body) = without_marks(text, currency)?;
    let plain = match body.split_once('/') {
        Some((over, under)) if spelling.of_query => quotient(over, under)?,
        _ => plain_digits(body, spelling)?,
    };
    let digits = plain.trim_start_matches('0').bytes().filter(u8::is_ascii_digit).count();
    if digits > 28 {
        return Err("it has more than 28 digits".to_owned());
    }
    let mut amount = plain_decimal(&plain)?;
    if let Some(currency) = currency.filter(|c| amount.scale() > c.decimals()) {
        if amount.normalize().scale() > currency.decimals() {
            let separator = if spelling.decimal.is_none() {
                format!("; if it is not meant so, {}", spelling.mend_amount())
            } else {
                String::new()
            };
            return Err(format!("{currency} has {} decimals, this amount has more{separator}", currency.decimals()));
        }
        amount.rescale(currency.decimals());
    }
    if amount >= LARGEST {
        return Err("it is larger than any invoice (18 digits before the decimals at the most)".to_owned());
    }
    amount.set_sign_negative(negative && !amount.is_zero());
    Ok(amount)
}

/// `12345/100`, as GnuCash keeps amounts: a whole number over a power of ten.
fn quotient(over: &str, under: &str) -> Result<String, String> {
    let digits = |t: &str| !t.is_empty() && t.len() <= 28 && t.bytes().all(|b| b.is_ascii_digit());
    let zeros = under.strip_prefix('1').filter(|z| z.bytes().all(|b| b == b'0')).map(str::len);
    match zeros {
        Some(decimals) if digits(over) && decimals <= 9 => {
            let padded = format!("{over:0>width$}", width = decimals + 1);
            let (whole, fraction) = padded.split_at(padded.len() - decimals);
            Ok(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
        }
        _ => Err("a quotient is a whole number over a power of ten, as 12345/100".to_owned()),
    }
}

/// The sign, and the text without sign, parentheses, currency code and symbol.
fn without_marks(text: &str, currency: Option<Currency>) -> Result<(bool, &str), String> {
    let mut body = text.trim();
    // As most are written.
    if body.starts_with(|c: char| c.is_ascii_digit()) && body.ends_with(|c: char| c.is_ascii_digit()) {
        return Ok((false, body));
    }
    let (mut signs, mut negative, mut marks) = (0, false, 0);
    loop {
        let before = body;
        if let Some(inner) = body.strip_prefix('(').and_then(|b| b.strip_suffix(')')) {
            (body, negative, signs) = (inner.trim(), true, signs + 1);
        }
        for sign in ['-', '\u{2212}', '+'] {
            if let Some(rest) = body.strip_prefix(sign).or_else(|| body.strip_suffix(sign)) {
                (body, negative, signs) = (rest.trim(), negative || sign != '+', signs + 1);
            }
        }
        if let Some((mark, rest)) = leading_mark(body).or_else(|| trailing_mark(body)) {
            fits(mark, currency)?;
            (body, marks) = (rest.trim(), marks + 1);
        }
        if body == before {
            break;
        }
    }
    if signs > 1 || marks > 1 {
        return Err("it has more than one sign or currency".to_owned());
    }
    if body.is_empty() {
        return Err(if signs + marks > 0 { "it has no digits" } else { "it is needed, and it is empty" }.to_owned());
    }
    Ok((negative, body))
}

fn is_symbol(c: char) -> bool {
    c.general_category() == GeneralCategory::CurrencySymbol
}

fn leading_mark(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    if is_symbol(first) {
        return Some(text.split_at(first.len_utf8()));
    }
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    (letters == 3).then(|| text.split_at(3))
}

fn trailing_mark(text: &str) -> Option<(&str, &str)> {
    let last = text.chars().next_back()?;
    if is_symbol(last) {
        return Some((&text[text.len() - last.len_utf8()..], &text[..text.len() - last.len_utf8()]));
    }
    let letters = text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    (letters == 3).then(|| (&text[text.len() - 3..], &text[..text.len() - 3]))
}

/// Refuses a code or symbol that contradicts the row's currency.
fn fits(mark: &str, currency: Option<Currency>) -> Result<(), String> {
    let Some(currency) = currency else { return Ok(()) };
    let fits = match SYMBOLS.iter().find(|(symbol, _)| mark.starts_with(*symbol)) {
        Some((_, codes)) => codes.contains(&currency.as_str()),
        None => mark.starts_with(is_symbol) || mark.eq_ignore_ascii_case(currency.as_str()),
    };
    if fits { Ok(()) } else { Err(format!("it is written with {mark}, but the row's currency is {currency}")) }
}

/// Digits with at most one point, from digits with a decimal separator and grouped thousands.
fn plain_digits(body: &str, spelling: &Spelling) -> Result<String, String> {
    let known = |c: &char| c.is_ascii_digit() || matches!(c, '.' | ',') || is_gap(*c);
    if let Some(c) = body.chars().find(|c| !known(c)) {
        return Err(format!("{c:?} does not belong in an amount; write it like 1234.50"));
    }
    let hint = || format!("if that is how the amounts are written, {}", spelling.mend_amount());
    let decimal = match spelling.decimal {
        Some(DecimalSeparator::Comma) => ',',
        Some(DecimalSeparator::Point) => '.',
        None if is_ambiguous(body) => {
            return Err(format!("it may be thousands or decimals; {}", spelling.mend_amount()));
        }
        None => '.',
    };
    let (whole, fraction) = body.split_once(decimal).unwrap_or((body, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("nothing but digits may follow the decimal separator {decimal:?}; {}", hint()));
    }
    let whole = without_groups(whole).ok_or_else(|| format!("its thousands are not in groups of three digits; {}", hint()))?;
    match (whole.is_empty(), fraction.is_empty()) {
        (true, true) => Err("it has no digits".to_owned()),
        (true, false) => Ok(format!("0.{fraction}")),
        (false, true) => Ok(whole),
        (false, false) => Ok(format!("{whole}.{fraction}")),
    }
}

/// Blanks and apostrophes that group thousands in some countries: space, no-break, thin and narrow no-break space.
fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{A0}' | '\u{2009}' | '\u{202F}' | '\'' | '\u{2019}')
}

/// A lone point or comma before exactly three digits, behind what may be a first group.
fn is_ambiguous(body: &str) -> bool {
    let Some((first, last)) = body.split_once(['.', ',']) else { return false };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    digits(first) && digits(last) && last.len() == 3 && first.len() <= 3 && !first.starts_with('0')
}

/// The digits of a whole number whose groups of three, if any, all have the same separator.
fn without_groups(whole: &str) -> Option<String> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return Some(whole.to_owned()) };
    let mut groups = whole.split(separator);
    // A number does not begin with a zero and go on in thousands: `0,123` is a decimal comma.
    let begins = |g: &&str| (1..=3).contains(&g.len()) && !g.starts_with('0') && g.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().filter(begins)?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

#[cfg(test)]
#[path = "amount_tests.rs"]
mod tests;
