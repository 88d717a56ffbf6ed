//! The settings of reading: `[import]` for CSV files, and how many rows of a set may be unusable (L3).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::values::{DateFormat, DecimalSeparator, Spelling};
use crate::money::Currency;

/// `[import]`: how the CSV files of `dunningd import` are written (L4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Import {
    /// How dates are written: `yyyy-mm-dd` (the default), `dd.mm.yyyy`, `mm/dd/yyyy`, `dd/mm/yyyy`, `m/d/yy`,
    /// `d mmm yyyy` and the like. ISO dates are read whatever stands here. A day or month may lack its leading zero.
    #[cfg_attr(test, schemars(with = "String"))]
    pub date_format: DateFormat,
    /// The decimal separator of amounts, `"."` or `","`; the other one may group thousands. Without this key it is the
    /// point, and an amount that can be read both ways, such as `1.234` or `1,234`, is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub decimal_separator: Option<DecimalSeparator>,
    /// `auto` (the default), `utf-8`, `utf-16` or `windows-1252`. A byte order mark in the file wins over this key.
    pub encoding: Encoding,
    /// `auto` (the default: what the header line shows), `","`, `";"` or `"tab"`.
    pub delimiter: Delimiter,
    /// The currency of files that have no column for it, such as many reports that are imported with a profile: `"USD"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub currency: Option<Currency>,
    /// Of a folder into which others put files: no link below it is followed.
    #[serde(skip)]
    #[cfg_attr(test, schemars(skip))]
    pub below: Option<PathBuf>,
}

impl Import {
    /// How dates and amounts of the files are read.
    #[must_use]
    pub fn spelling(&self) -> Spelling {
        Spelling::of_files(self.date_format.clone(), self.decimal_separator)
    }
}

/// The encoding of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Encoding {
    /// By the byte order mark, else by the bytes.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "utf-8")]
    Utf8,
    /// Little endian, unless the mark or the bytes say otherwise.
    #[serde(rename = "utf-16")]
    Utf16,
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Delimiter {
    /// What an Excel `sep=` line says, else the one with which the header line names the most known columns.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = ";")]
    Semicolon,
    #[serde(rename = "tab", alias = "\t")]
    Tab,
}

impl Delimiter {
    /// The byte; `None` when it is to be found out.
    #[must_use]
    pub fn byte(self) -> Option<u8> {
        match self {
            Self::Auto => None,
            Self::Comma => Some(b','),
            Self::Semicolon => Some(b';'),
            Self::Tab => Some(b'\t'),
        }
    }
}

/// `max_bad_rows` of `[ledger]` (L3): the share of a set's rows that may be unusable, from 0 to 1. Written `"5%"` (the
/// default) or `0.05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxBadRows(Decimal);

impl MaxBadRows {
    /// The share, from 0 to 1.
    #[must_use]
    pub fn share(self) -> Decimal {
        self.0
    }
}

impl Default for MaxBadRows {
    fn default() -> Self {
        Self(Decimal::new(5, 2))
    }
}

impl FromStr for MaxBadRows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let number = |t: &str| t.trim().parse::<Decimal>().ok();
        let share = match text.strip_suffix('%') {
            Some(percent) => number(percent).map(|p| p / Decimal::ONE_HUNDRED),
            None => number(text),
        };
        share
            .filter(|s| (Decimal::ZERO..=Decimal::ONE).contains(s))
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no share of the rows: write \"5%\" or 0.05, from 0% to 100%"))
    }
}

impl fmt::Display for MaxBadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}

impl Serialize for MaxBadRows {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MaxBadRows {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a share of the rows, such as \"5%\" or 0.05")]
        enum Written {
            Text(String),
            Whole(u64),
            Number(f64),
        }
        // A number goes through its shortest text, so 0.05 is exactly five hundredths.
        let text = match Written::deserialize(d)? {
            Written::Text(text) => text,
            Written::Whole(number) => number.to_string(),
            Written::Number(number) => number.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Key {
        max_bad_rows: MaxBadRows,
    }

    fn share(toml: &str) -> Result<String, String> {
        toml::from_str::<Key>(toml).map(|k| k.max_bad_rows.share().normalize().to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn the_share_of_bad_rows_is_a_percentage_or_a_number() {
        assert_eq!(share("max_bad_rows = \"5%\"").unwrap(), "0.05");
        assert_eq!(share("max_bad_rows = \"2.5 %\"").unwrap(), "0.025");
        assert_eq!(share("max_bad_rows = 0.05").unwrap(), "0.05");
        assert_eq!(share("max_bad_rows = 0").unwrap(), "0");
        for wrong in ["5", "\"5\"", "\"200%\"", "-0.1", "\"a few\"", "nan"] {
            assert!(share(&format!("max_bad_rows = {wrong}")).is_err(), "{wrong}");
        }
        assert_eq!(MaxBadRows::default().to_string(), "5%");
    }

    #[test]
    fn every_key_of_import_has_its_words() {
        let read: Import = toml::from_str(
            "date_format = \"DD.MM.YYYY\"\ndecimal_separator = \",\"\nencoding = \"windows-1252\"\ndelimiter = \"tab\"\n",
        )
        .unwrap();
        assert_eq!(read.decimal_separator, Some(DecimalSeparator::Comma));
        assert_eq!((read.encoding, read.delimiter), (Encoding::Windows1252, Delimiter::Tab));
        assert_eq!(read.date_format.to_string(), "dd.mm.yyyy");
        assert_eq!(toml::from_str::<Import>("").unwrap(), Import::default());
        assert_eq!(toml::from_str::<Import>(&toml::to_string(&read).unwrap()).unwrap(), read);
        assert!(toml::from_str::<Import>("date_fromat = \"dd.mm.yyyy\"").is_err());
        assert!(toml::from_str::<Import>("date_format = \"dd.mm\"").is_err());
    }
}
