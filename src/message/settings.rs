//! The keys of `dunningd.toml` that belong to messages: `[company]` and `[templates]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::address::EmailAddress;
use crate::message::mailbox::{Mailbox, optional_address};

/// `[company]`: who writes. A template sees it as `company`; a key that is not set is absent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The company's name, as it stands under a letter.
    pub name: String,
    /// The `From` of every e-mail: `Example Accounts <accounts@example.com>`.
    pub from: Mailbox,
    /// Where answers go when the customer has no collector. Default: `from`.
    #[serde(default, deserialize_with = "optional_address", skip_serializing_if = "Option::is_none")]
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
    /// Whatever else the templates want to say: `company.extra.NAME`.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
}

impl Company {
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
            extra: BTreeMap::new(),
        }
    }
}

/// `[templates]`: where the texts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
