//! `[ledger.query]`: where the accounts are, how they are reached, and how they are asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::ledger::preset;

/// `[ledger.query]`: where the accounts are, and how they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `postgres://reader@books/erp`, `mysql://reader@books/erp` or `sqlite:books.db` (relative to the configuration's
    /// folder). Without a password: that lies in `password_file` or in the systemd credential `ledger-password`.
    pub url: String,
    /// A file that holds the password of the url's user; only its owner may read it.
    pub password_file: Option<PathBuf>,
    /// `"required"`: the connection is encrypted and the server's certificate is verified. `"none"`: neither. Without this
    /// key it is required, but not on this machine: there it is encrypted if the server offers it.
    pub tls: Option<Tls>,
    /// The certificates to trust (PEM) beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// So long may one query take.
    #[serde(default = "two_minutes", with = "crate::duration")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub timeout: Duration,
    /// An accounting program whose queries are shipped, such as `"gnucash"` or `"tryton"`: docs/presets.md has all. Queries of
    /// your own win.
    #[serde(default, deserialize_with = "preset::name")]
    pub preset: Option<String>,
    /// What the preset wants to know, such as `{ company = 2 }`.
    #[serde(default, deserialize_with = "words")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub options: BTreeMap<String, String>,
    /// The query of the customers, with the documented columns; or its file.
    pub customers: Option<String>,
    /// A file that holds the query of the customers.
    pub customers_file: Option<PathBuf>,
    /// The query of the invoices; or its file.
    pub invoices: Option<String>,
    /// A file that holds the query of the invoices.
    pub invoices_file: Option<PathBuf>,
    /// The query of the payments; or its file.
    pub payments: Option<String>,
    /// A file that holds the query of the payments.
    pub payments_file: Option<PathBuf>,
    /// A query of one date: up to which day the payments are complete, such as that of the last booked bank statement
    /// (L10). Needs `payments_max_age` of `[ledger]`.
    pub fresh: Option<String>,
    /// A file that holds this query.
    pub fresh_file: Option<PathBuf>,
    /// A query of the ids of customers of whom something has changed since an instant, which it names `:since` (L8). Of the
    /// later polls of a day the daemon then reads those customers alone.
    pub changed_since: Option<String>,
    /// A file that holds this query.
    pub changed_since_file: Option<PathBuf>,
}

/// Texts, or whole numbers.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let text = |(key, value): (String, toml::Value)| match value {
        toml::Value::String(text) => Ok((key, text)),
        toml::Value::Integer(number) => Ok((key, number.to_string())),
        _ => Err(serde::de::Error::custom(format!("options: `{key}` is a text or a whole number"))),
    };
    BTreeMap::deserialize(deserializer)?.into_iter().map(text).collect()
}

fn two_minutes() -> Duration {
    Duration::from_secs(120)
}

/// How a connection to the accounts is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    Required,
    None,
}

impl Settings {
    /// Whether there is a query that says how fresh the payments are (L10).
    #[must_use]
    pub fn says_how_fresh(&self) -> bool {
        self.fresh.is_some() || self.fresh_file.is_some()
    }

    /// Relative paths are relative to `folder`.
    pub fn resolve_paths(&mut self, folder: &Path) {
        for file in [&mut self.password_file, &mut self.ca_file].into_iter().flatten() {
            *file = folder.join(&*file);
        }
    }
}
