//! `list_unsubscribe` of `[company]`: where the reader's mail program may ask for no more mail (RFC 2369, RFC 8058).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

use crate::message::pay_link;

/// Far below the 998 octets of a line, which no white space would let fold.
const LIMIT: usize = 500;
/// Stands for the contact's id.
const CONTACT: &str = "{contact}";

/// An `https:` or `mailto:` address; `{contact}` in it stands for the contact's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUnsubscribe(String);

impl ListUnsubscribe {
    /// The address for one contact. The id of a contact is letters and digits.
    #[must_use]
    pub fn of(&self, contact: &str) -> String {
        let plain: String = contact.chars().filter(char::is_ascii_alphanumeric).collect();
        self.0.replace(CONTACT, &plain)
    }
}

/// Whether such an address takes the one click of RFC 8058.
#[must_use]
pub fn is_one_click(address: &str) -> bool {
    address.starts_with("https://")
}

impl FromStr for ListUnsubscribe {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let tried = text.replace(CONTACT, "01J");
        if tried.len() > LIMIT {
            return Err(format!("it is longer than {LIMIT} characters"));
        }
        // It stands between < and > in a header, where a comma begins the next one.
        if let Some(c) = tried.chars().find(|c| !c.is_ascii_graphic() || "<>,{}\\\"".contains(*c)) {
            return Err(format!("it holds {c:?}; only {CONTACT} may stand in braces"));
        }
        let good = match Url::parse(&tried) {
            Ok(url) if url.scheme() == "https" => is_one_click(text) && pay_link::safe(&tried).is_some(),
            Ok(url) => url.scheme() == "mailto" && url.path().contains('@'),
            Err(_) => false,
        };
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err("it is neither an https: address of a host with a name nor a mailto: address".to_owned())
    }
}

impl fmt::Display for ListUnsubscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ListUnsubscribe {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ListUnsubscribe {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(|reason| serde::de::Error::custom(format!("{text:?} cannot be used: {reason}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contact_stands_where_its_braces_stood() {
        let https: ListUnsubscribe = "https://pay.example.com/stop?c={contact}".parse().unwrap();
        assert_eq!(https.of("01JABC"), "https://pay.example.com/stop?c=01JABC");
        assert!(is_one_click(&https.of("01JABC")));
        let mail: ListUnsubscribe = "mailto:ar@example.com?subject=stop%20{contact}".parse().unwrap();
        assert_eq!(mail.of("01J>\r\nX: y"), "mailto:ar@example.com?subject=stop%2001JXy");
        assert!(!is_one_click(&mail.of("1")));
    }

    #[test]
    fn only_what_can_stand_in_the_header_is_taken() {
        for wrong in [
            "",
            "http://pay.example.com/",
            "HTTPS://pay.example.com/",
            "https://localhost/stop",
            "https://user@pay.example.com/",
            "https://pay.example.com/a b",
            "https://pay.example.com/a,b",
            "https://pay.example.com/{kontact}",
            "https://pay.example.com/>\r\nX: y",
            "mailto:nobody",
            "javascript:alert(1)",
            "stop",
        ] {
            assert!(wrong.parse::<ListUnsubscribe>().is_err(), "{wrong:?}");
        }
        assert!(format!("https://pay.example.com/{}", "x".repeat(600)).parse::<ListUnsubscribe>().is_err());
    }
}
