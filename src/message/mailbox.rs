//! An address with the name of whom it belongs to: `Example Accounts <accounts@example.com>`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::address::EmailAddress;
use crate::message::clean;

/// A display name, which may be missing, and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// One visible line (D12).
    pub name: Option<String>,
    pub address: EmailAddress,
}

impl Mailbox {
    /// The address with a name from the ledger; a name of which nothing visible is left is none.
    #[must_use]
    pub fn new(name: &str, address: EmailAddress) -> Self {
        Self { name: Some(clean::name(name)).filter(|n| !n.is_empty()), address }
    }
}

impl From<EmailAddress> for Mailbox {
    fn from(address: EmailAddress) -> Self {
        Self { name: None, address }
    }
}

impl FromStr for Mailbox {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let Some(inner) = text.strip_suffix('>') else {
            return EmailAddress::parse(text).map(Self::from);
        };
        let (name, address) = inner.rsplit_once('<').ok_or("it has a > but no <")?;
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or(name);
        Ok(Self::new(name, EmailAddress::parse(address)?))
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

impl Serialize for Mailbox {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mailbox {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(|reason| serde::de::Error::custom(format!("{text:?} is no mailbox: {reason}")))
    }
}

/// Reads an address without a name, for a settings key that may be missing.
pub(super) fn optional_address<'de, D: Deserializer<'de>>(d: D) -> Result<Option<EmailAddress>, D::Error> {
    let text = String::deserialize(d)?;
    let address = EmailAddress::parse(&text);
    address.map(Some).map_err(|reason| serde::de::Error::custom(format!("{text:?} is no address: {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_is_read_with_and_without_its_name() {
        let mailbox: Mailbox = "Example Accounts <accounts@example.com>".parse().unwrap();
        assert_eq!(mailbox.name.as_deref(), Some("Example Accounts"));
        assert_eq!(mailbox.to_string(), "Example Accounts <accounts@example.com>");
        assert_eq!("\"Smith, Jones\" <a@x.test>".parse::<Mailbox>().unwrap().name.as_deref(), Some("Smith, Jones"));
        assert_eq!("a@x.test".parse::<Mailbox>().unwrap().name, None);
        assert!("Example <a@x>".parse::<Mailbox>().is_err());
        assert!("a@x.test>".parse::<Mailbox>().is_err());
    }
}
