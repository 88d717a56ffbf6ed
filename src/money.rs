//! Exact amounts with their currency. Nothing here is ever a floating-point number.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An ISO 4217 alphabetic code, in capitals: `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the currency has (ISO 4217; 2 for a code that the list does not know).
    #[must_use]
    pub fn decimals(&self) -> u32 {
        iso_currency::Currency::from_code(self.as_str()).and_then(|c| c.exponent()).map_or(2, u32::from)
    }

    /// Whether ISO 4217 has it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        iso_currency::Currency::from_code(self.as_str()).is_some()
    }

    /// The amount as plain text with the decimals of the currency: `55.9` EUR is `55.90`.
    #[must_use]
    pub fn plain(&self, amount: Decimal) -> String {
        let mut shown = amount.normalize();
        if shown.scale() < self.decimals() {
            shown.rescale(self.decimals());
        }
        shown.to_string()
    }
}

impl FromStr for Currency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        match code.as_bytes() {
            &[a, b, c] if code.bytes().all(|x| x.is_ascii_uppercase()) => Ok(Self([a, b, c])),
            _ => Err("a currency is a code of three letters, such as EUR".to_owned()),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    pub amount: Decimal,
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.plain(self.amount), self.currency)
    }
}

/// Reads a plain decimal (`1234.50`, `-3`): digits, at most one point, no grouping, no exponent.
///
/// # Errors
/// Says what an amount looks like, when the text is none or has more than 28 digits.
pub fn plain_decimal(text: &str) -> Result<Decimal, String> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().any(|b| b.is_ascii_digit());
    if !plain {
        return Err("an amount is written with digits and a decimal point, such as 1234.50".to_owned());
    }
    Decimal::from_str_exact(text).map_err(|e| format!("not an exact amount: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_with_the_decimals_of_its_currency() {
        let show = |amount: &str, code: &str| code.parse::<Currency>().unwrap().plain(plain_decimal(amount).unwrap());
        assert_eq!(show("55.9", "EUR"), "55.90");
        assert_eq!(show("1000", "JPY"), "1000");
        assert_eq!(show("0.5", "KWD"), "0.500");
        assert_eq!(show("-0.00", "EUR"), "0.00");
    }

    #[test]
    fn exponents_and_grouping_are_no_plain_amount() {
        for text in ["1e3", "1_000", "1,000", "", ".", "-", "NaN", "1.2.3"] {
            assert!(plain_decimal(text).is_err(), "{text}");
        }
    }
}
