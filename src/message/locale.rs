//! How a language writes amounts and dates. Digits and grouping are CLDR's; where the currency stands and how a date is
//! put together are two small tables here, because the libraries have no stable answer.

use chrono::NaiveDate;
use icu_decimal::DecimalFormatter;
use rust_decimal::Decimal;

use crate::money::Currency;

/// A no-break space: an amount never loses its currency at the end of a line.
const NBSP: char = '\u{a0}';

/// Regions that write otherwise than the language alone (`de` is `de-DE`, `en` is `en-US`).
pub const REGIONS: [&str; 20] = [
    "en-AU", "en-CA", "en-GB", "en-IE", "en-IN", "en-NZ", "en-ZA", "de-AT", "de-CH", "de-LI", "fr-BE", "fr-CA", "fr-CH", "fr-LU",
    "es-MX", "it-CH", "nl-BE", "pt-BR", "sv-FI", "de-LU",
];

/// A BCP 47 language, perhaps with a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    language: String,
    region: Option<String>,
}

/// The two lengths of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// `March 2, 2026`.
    Long,
    /// For tables: `Mar 2, 2026`, `02.03.2026`.
    Short,
}

impl Locale {
    /// Reads `de`, `fr-CA`, `fr_ca`; scripts and variants are passed over.
    #[must_use]
    pub fn new(tag: &str) -> Self {
        let mut parts = tag.trim().split(['-', '_', '.', '@']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let region = parts.find(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_alphabetic())).map(str::to_ascii_uppercase);
        Self { language, region }
    }

    /// The language alone: `fr`.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The language with its region: `fr-CA`.
    #[must_use]
    pub fn tag(&self) -> String {
        match &self.region {
            Some(region) => format!("{}-{region}", self.language),
            None => self.language.clone(),
        }
    }

    /// `$1,234.50`, `1.234,50 €`: exact, with the decimals of the currency.
    #[must_use]
    pub fn money(&self, amount: Decimal, currency: Currency) -> String {
        let digits = self.digits(&currency.plain(amount.abs()));
        let symbol = self.symbol(currency);
        let sign = if amount.is_sign_negative() && !amount.is_zero() { "-" } else { "" };
        // Letters need a space between them and the digits; a sign such as `$` does not.
        let spaced = symbol.chars().last().is_some_and(char::is_alphabetic);
        match (self.language.as_str(), self.region.as_deref()) {
            ("en", _) | ("es", Some("MX")) if spaced => format!("{sign}{symbol}{NBSP}{digits}"),
            ("en", _) | ("es", Some("MX")) => format!("{sign}{symbol}{digits}"),
            ("nl", _) | ("pt", Some("BR")) | ("de", Some("AT" | "CH" | "LI")) | ("it", Some("CH")) => {
                format!("{symbol}{NBSP}{sign}{digits}")
            }
            _ => format!("{sign}{digits}{NBSP}{symbol}"),
        }
    }

    /// The digits of a plain decimal, grouped as the language does; a language that CLDR does not know gets them plain.
    fn digits(&self, plain: &str) -> String {
        let tag = if self.language == "no" { "nb".to_owned() } else { self.tag() };
        let locale = tag.parse::<icu_locale_core::Locale>().ok();
        let formatter = locale.and_then(|l| DecimalFormatter::try_new(l.into(), Default::default()).ok());
        match (formatter, plain.parse::<fixed_decimal::Decimal>()) {
            (Some(formatter), Ok(number)) => formatter.format(&number).to_string(),
            _ => plain.to_owned(),
        }
    }

    /// The sign by which the reader knows the currency for certain: `$` alone is the reader's own dollar or the
    /// United States'; anything that might be mistaken is shown by its code.
    fn symbol(&self, currency: Currency) -> String {
        let home = self.region.as_deref().unwrap_or(if self.language == "en" { "US" } else { "" });
        let dollar = match home {
            "AU" => "AUD",
            "CA" => "CAD",
            "NZ" => "NZD",
            "MX" => "MXN",
            _ => "USD",
        };
        match (currency.as_str(), self.language.as_str()) {
            ("EUR", _) => "€",
            ("GBP", _) => "£",
            ("JPY", _) => "¥",
            ("INR", _) => "₹",
            ("BRL", "pt") => "R$",
            ("PLN", "pl") => "zł",
            ("CZK", "cs") => "Kč",
            ("SEK", "sv") | ("NOK", "nb" | "no") => "kr",
            ("DKK", "da") => "kr.",
            (code, _) if code == dollar => "$",
            (code, _) => code,
        }
        .to_owned()
    }

    /// The date as the language writes it; in ISO 8601 for a language that the table does not have.
    #[must_use]
    pub fn date(&self, date: NaiveDate, form: DateForm) -> String {
        let Some((region, long, short)) = self.date_patterns() else { return date.to_string() };
        let region = self.region.as_deref().unwrap_or(region);
        let name = format!("{}_{region}", if self.language == "no" { "nb" } else { &self.language });
        let fallback = format!("{}_{}", self.language, self.date_patterns().map_or("", |p| p.0));
        let names = chrono::Locale::try_from(name.as_str()).or_else(|_| chrono::Locale::try_from(fallback.as_str()));
        let pattern = match form {
            DateForm::Long => long,
            DateForm::Short => short,
        };
        let text = date.format_localized(pattern, names.unwrap_or(chrono::Locale::POSIX)).to_string();
        match (self.language.as_str(), form) {
            // French counts only the first of a month as an ordinal.
            ("fr", DateForm::Long) => text.strip_prefix("1 ").map_or(text.clone(), |rest| format!("1er {rest}")),
            _ => text,
        }
    }

    /// The home region, the long and the short pattern.
    fn date_patterns(&self) -> Option<(&'static str, &'static str, &'static str)> {
        Some(match (self.language.as_str(), self.region.as_deref()) {
            ("en", None | Some("US" | "CA")) => ("US", "%B %-d, %Y", "%b %-d, %Y"),
            ("en", _) => ("GB", "%-d %B %Y", "%-d %b %Y"),
            ("de", _) => ("DE", "%-d. %B %Y", "%d.%m.%Y"),
            ("fr", Some("CA")) => ("CA", "%-d %B %Y", "%Y-%m-%d"),
            ("fr", Some("CH")) => ("CH", "%-d %B %Y", "%d.%m.%Y"),
            ("fr", _) => ("FR", "%-d %B %Y", "%d/%m/%Y"),
            ("es", _) => ("ES", "%-d de %B de %Y", "%d/%m/%Y"),
            ("pt", _) => ("PT", "%-d de %B de %Y", "%d/%m/%Y"),
            ("it", _) => ("IT", "%-d %B %Y", "%d/%m/%Y"),
            ("nl", _) => ("NL", "%-d %B %Y", "%d-%m-%Y"),
            ("sv", _) => ("SE", "%-d %B %Y", "%Y-%m-%d"),
            ("da", _) => ("DK", "%-d. %B %Y", "%d.%m.%Y"),
            ("nb" | "no", _) => ("NO", "%-d. %B %Y", "%d.%m.%Y"),
            ("pl", _) => ("PL", "%-d %B %Y", "%d.%m.%Y"),
            ("cs", _) => ("CZ", "%-d. %B %Y", "%d.%m.%Y"),
            _ => return None,
        })
    }

    /// Whether the language says the singular of `n` things (French also of none).
    #[must_use]
    pub fn is_one(&self, n: i64) -> bool {
        match self.language.as_str() {
            "fr" | "pt" => (0..2).contains(&n),
            _ => n == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(tag: &str, amount: &str, currency: &str) -> String {
        Locale::new(tag).money(amount.parse().unwrap(), currency.parse().unwrap())
    }

    #[test]
    fn an_amount_is_written_as_the_language_does() {
        assert_eq!(money("en", "1234.5", "USD"), "$1,234.50");
        assert_eq!(money("en", "-1234.5", "EUR"), "-€1,234.50");
        assert_eq!(money("en", "1234.5", "CHF"), "CHF\u{a0}1,234.50");
        assert_eq!(money("de", "1234.5", "EUR"), "1.234,50\u{a0}€");
        assert_eq!(money("de-CH", "1234.5", "CHF"), "CHF\u{a0}1'234.50");
        assert_eq!(money("de-AT", "1234.5", "EUR"), "€\u{a0}1\u{a0}234,50");
        assert_eq!(money("fr", "1234.5", "EUR"), "1\u{202f}234,50\u{a0}€");
        assert_eq!(money("fr-CA", "1234.5", "CAD"), "1\u{a0}234,50\u{a0}$");
        assert_eq!(money("en", "88000", "JPY"), "¥88,000");
        assert_eq!(money("en", "0.5", "KWD"), "KWD\u{a0}0.500");
        assert_eq!(money("en-IN", "12345678", "INR"), "₹1,23,45,678.00");
    }

    #[test]
    fn a_dollar_sign_is_never_the_wrong_dollar() {
        assert_eq!(money("en-CA", "5", "CAD"), "$5.00");
        assert_eq!(money("en-CA", "5", "USD"), "USD\u{a0}5.00");
        assert_eq!(money("en", "5", "CAD"), "CAD\u{a0}5.00");
    }

    #[test]
    fn an_unknown_language_gets_plain_forms() {
        assert_eq!(money("tlh", "1234.5", "EUR"), "1,234.50\u{a0}€");
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        assert_eq!(Locale::new("tlh").date(day, DateForm::Long), "2026-03-02");
    }

    #[test]
    fn a_date_is_written_as_the_language_does() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let long = |tag| Locale::new(tag).date(day, DateForm::Long);
        let short = |tag| Locale::new(tag).date(day, DateForm::Short);
        assert_eq!((long("en"), short("en")), ("March 2, 2026".into(), "Mar 2, 2026".into()));
        assert_eq!((long("en-GB"), short("en-GB")), ("2 March 2026".into(), "2 Mar 2026".into()));
        assert_eq!((long("de"), short("de")), ("2. März 2026".into(), "02.03.2026".into()));
        assert_eq!((long("fr"), short("fr")), ("2 mars 2026".into(), "02/03/2026".into()));
        assert_eq!(long("es"), "2 de marzo de 2026");
        assert_eq!(long("pl"), "2 marca 2026");
        let first = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        assert_eq!(Locale::new("fr").date(first, DateForm::Long), "1er mars 2026");
        let january = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        assert_eq!(Locale::new("de-AT").date(january, DateForm::Long), "5. Jänner 2026");
    }

    #[test]
    fn a_tag_is_read_however_it_is_written() {
        for (tag, read) in [("fr_ca", "fr-CA"), ("FR-ca", "fr-CA"), ("zh-Hant-TW", "zh-TW"), (" de ", "de"), ("", "")] {
            assert_eq!(Locale::new(tag).tag(), read);
        }
    }
}
