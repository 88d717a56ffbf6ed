//! The keys of `dunningd.toml` that belong to messages: `[company]` and `[templates]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::message::mailbox::{Mailbox, optional_address};
use crate::message::unsubscribe::ListUnsubscribe;

/// The most octets before the @ of an address (RFC 5321 4.5.3.1.1).
const LOCAL_LIMIT: usize = 64;
/// The length of a contact's id.
const CONTACT: usize = 26;

/// `[company]`: who writes. A template sees its words as `company`; a key that is not set is absent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The company's name, as it stands under a letter.
    pub name: String,
    /// The `From` of every e-mail: `Example Accounts <accounts@example.com>`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub from: Mailbox,
    /// Where answers go when the customer has no collector. Default: `from`.
    #[serde(default, deserialize_with = "optional_address", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub reply_to: Option<EmailAddress>,
    /// The postal address; several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whom to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How to pay: bank, account, what to quote; several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// Where bounces go: the envelope's sender. Default: the address of `from`.
    #[serde(default, deserialize_with = "optional_address", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub return_path: Option<EmailAddress>,
    /// Whether each contact has a return path of its own, `bounce+CONTACT@…`, so that its bounce is known (D11).
    #[serde(default = "yes")]
    pub verp: bool,
    /// `https:` or `mailto:`, with `{contact}` for the contact's id; in e-mails to customers only. Default: no such header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub list_unsubscribe: Option<ListUnsubscribe>,
    /// Whatever else the templates want to say: `company.extra.NAME`.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

impl Company {
    /// The envelope's sender for a contact: the same for every try, as greylisting needs it (D11).
    #[must_use]
    pub fn sender_of(&self, contact: &str) -> EmailAddress {
        let Some(path) = &self.return_path else { return self.from.address.clone() };
        let plain: String = contact.chars().filter(char::is_ascii_alphanumeric).collect();
        let own = format!("{}+{plain}@{}", path.local(), path.domain());
        // Only an address that `problems` complains of cannot be made into one.
        let own = if self.verp { EmailAddress::parse(&own).ok() } else { None };
        own.unwrap_or_else(|| path.clone())
    }

    /// What is wrong with it beyond its single keys, each as a key and a sentence.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let room = LOCAL_LIMIT - CONTACT - 1;
        let long = |path: &EmailAddress| self.verp && path.local().len() > room;
        let sentence = format!(
            "with `verp`, at most {room} characters may stand before its @: an id follows them; take a shorter address, or verp = false"
        );
        self.return_path.iter().filter(|p| long(p)).map(|_| ("return_path", sentence.clone())).collect()
    }

    /// The words that a template sees.
    #[must_use]
    pub fn letterhead(&self) -> Letterhead<'_> {
        let Self { name, from, reply_to, address, phone, payment, extra, .. } = self;
        Letterhead {
            name,
            from,
            reply_to: reply_to.as_ref(),
            address: address.as_deref(),
            phone: phone.as_deref(),
            payment: payment.as_deref(),
            extra,
        }
    }

    /// A company that has every key, for samples.
    ///
    /// # Panics
    /// Never: its addresses are constants (a test reads them).
    #[must_use]
    #[expect(clippy::expect_used, reason = "constants")]
    pub fn sample() -> Self {
        Self {
            name: "Example Ltd".to_owned(),
            from: "Example Accounts <accounts@example.com>".parse().expect("a mailbox"),
            reply_to: Some(EmailAddress::parse("accounts@example.com").expect("an address")),
            address: Some("1 Example Street\nExampletown EX1 2MP".to_owned()),
            phone: Some("+44 20 7946 0000".to_owned()),
            payment: Some("Example Bank, IBAN GB33 BUKB 2020 1555 5555 55, BIC BUKBGB22".to_owned()),
            return_path: None,
            verp: true,
            list_unsubscribe: None,
            extra: BTreeMap::new(),
        }
    }
}

/// [`Company`] as a template sees it: without what belongs to the envelope and the headers.
#[derive(Debug, Clone, Serialize)]
pub struct Letterhead<'a> {
    name: &'a str,
    from: &'a Mailbox,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<&'a EmailAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<&'a str>,
    extra: &'a BTreeMap<String, String>,
}

/// `[templates]`: where the texts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// The folder that holds `LANGUAGE/NAME/{subject.txt,body.txt,body.html}`.
    pub directory: PathBuf,
    /// The language for customers whose own has no templates.
    pub default_language: String,
}

impl Default for Templates {
    fn default() -> Self {
        Self { directory: PathBuf::from("templates"), default_language: "en".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_read_and_an_unknown_key_is_refused() {
        let text =
            "name = \"Example Ltd\"\nfrom = \"Example <a@example.com>\"\nreply_to = \"b@example.com\"\naddress = \"1\\n2\"\n";
        let company: Company = toml::from_str(text).unwrap();
        assert_eq!(company.reply_to.unwrap().to_string(), "b@example.com");
        assert_eq!(company.phone, None);
        let error = toml::from_str::<Company>(&format!("{text}fone = \"1\"\n")).unwrap_err();
        assert!(error.to_string().contains("fone"), "{error}");
        let error = toml::from_str::<Company>("name = \"X\"\nfrom = \"X <a@b>\"\n").unwrap_err();
        assert!(error.to_string().contains("no mailbox"), "{error}");
    }

    #[test]
    fn a_template_never_sees_a_key_that_is_not_set() {
        let company = Company { phone: None, ..Company::sample() };
        let seen = serde_json::to_value(company).unwrap();
        assert!(seen.get("phone").is_none());
        assert_eq!(seen["from"], "Example Accounts <accounts@example.com>");
    }
}
