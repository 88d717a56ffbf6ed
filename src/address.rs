//! E-mail addresses: parsed once, compared safely, masked for logs.
//!
//! Stricter than the RFC on purpose (research: the mail library accepts `a@b`, `a@127.0.0.1` and invisible characters):
//! the domain has a dot, no address literals, no control or format characters; the domain is kept as A-labels.

use std::fmt;

use sha2::{Digest as _, Sha256};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::hex::hex;

/// A usable e-mail address. The domain is lower case and ASCII (IDNA); the local part is as written.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

impl EmailAddress {
    /// Reads one address, without a display name.
    ///
    /// # Errors
    /// Says in one phrase why the text is no address that mail can be sent to.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if let Some(c) = text.chars().find(|c| is_invisible(*c)) {
            return Err(format!("it holds the character U+{:04X}, which cannot be seen", u32::from(c)));
        }
        let (local, domain) = text.rsplit_once('@').ok_or("it has no @")?;
        check_local(local)?;
        let domain = domain_of(domain)?;
        if local.len() + 1 + domain.len() > 254 {
            return Err("it is longer than 254 characters".to_owned());
        }
        Ok(Self { local: local.to_owned(), domain })
    }

    /// Splits a list at `,` and `;` outside of quotes, and reads each part; the unusable ones come with their reason.
    #[must_use]
    pub fn parse_list(text: &str) -> (Vec<Self>, Vec<(String, String)>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for part in split_outside_quotes(text) {
            match Self::parse(part) {
                Ok(address) if good.contains(&address) => {}
                Ok(address) => good.push(address),
                Err(reason) => bad.push((part.trim().to_owned(), reason)),
            }
        }
        (good, bad)
    }

    /// SHA-256 of the address with a salt before it, in hexadecimal: recognises an address that must not be kept (D15).
    #[must_use]
    pub fn fingerprint(&self, salt: &str) -> String {
        hex(&Sha256::digest(format!("{salt}\n{self}")))
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`, in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether the address needs a relay with SMTPUTF8 (its local part is not ASCII).
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// For logs: `a***@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let first = self.local.chars().next().unwrap_or('*');
        format!("{first}***@{}", self.domain)
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c.general_category_group(), GeneralCategoryGroup::Other | GeneralCategoryGroup::Separator) && c != ' '
}

fn check_local(local: &str) -> Result<(), String> {
    const ATOM: &str = "!#$%&'*+-/=?^_`{|}~.";
    if local.is_empty() {
        return Err("nothing stands before the @".to_owned());
    }
    if local.len() > 64 {
        return Err("the part before the @ is longer than 64 characters".to_owned());
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("the part before the @ has a dot in the wrong place".to_owned());
    }
    match local.chars().find(|c| !(c.is_alphanumeric() || ATOM.contains(*c))) {
        Some(c) => Err(format!("the part before the @ holds {c:?}")),
        None => Ok(()),
    }
}

fn domain_of(domain: &str) -> Result<String, String> {
    if domain.starts_with('[') || domain.parse::<std::net::IpAddr>().is_ok() {
        return Err("the domain is an IP address".to_owned());
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| format!("{domain:?} is no domain"))?;
    let labels: Vec<&str> = ascii.split('.').collect();
    if labels.len() < 2 || labels.iter().any(|l| l.is_empty()) {
        return Err("the domain has no dot".to_owned());
    }
    if labels.last().is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit())) {
        return Err("the domain is an IP address".to_owned());
    }
    Ok(ascii)
}

fn split_outside_quotes(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && (c == ',' || c == ';')
    })
    .filter(|part| !part.trim().is_empty())
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// Debug output may reach a log: it is masked.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl serde::Serialize for EmailAddress {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mail_cannot_be_sent_to_is_refused_with_a_reason() {
        for text in [
            "a@b",
            "a@localhost",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@example.com\u{200B}",
            "a@x.test\r\nRCPT TO:<v@y.test>",
            "\"a b\"@x.test",
            "a b@x.test",
            "<a@x.test>",
            "a@x..test",
            ".a@x.test",
            "@x.test",
            "a",
            "",
            "a@x.test>",
            "a@@x.test",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_international_domain_becomes_ascii_and_its_local_part_needs_smtputf8() {
        let address = EmailAddress::parse("info@MÜNCHEN.example").unwrap();
        assert_eq!(address.to_string(), "info@xn--mnchen-3ya.example");
        assert!(!address.needs_smtputf8());
        assert!(EmailAddress::parse("jürgen@firma.example").unwrap().needs_smtputf8());
    }

    #[test]
    fn a_list_is_split_outside_of_quotes_and_said_once() {
        let (good, bad) = EmailAddress::parse_list("a@x.test; b@x.test,a@X.test,, nobody");
        assert_eq!(good.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a@x.test", "b@x.test"]);
        assert_eq!(bad, [("nobody".to_owned(), "it has no @".to_owned())]);
        let (good, bad) = EmailAddress::parse_list("\"a;b\"@x.test");
        assert!(good.is_empty());
        assert_eq!(bad.len(), 1);
    }

    #[test]
    fn a_log_never_sees_the_whole_address() {
        let address = EmailAddress::parse("maria@example.com").unwrap();
        assert_eq!(format!("{address:?}"), "m***@example.com");
    }
}
