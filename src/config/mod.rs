//! Gathers `dunningd.toml` (defaults < file < environment): each table belongs to the module that uses it.

mod load;
mod mistakes;
#[cfg(test)]
mod reference;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::daemon::schedule;
use crate::hex::hex;
use crate::ledger::freshness::MaxAge;
use crate::ledger::inbox::Inbox;
use crate::ledger::settings::{Import, MaxBadRows};
use crate::ledger::{guard, query};
use crate::message::{Company, Templates, attach, dkim};
use crate::worklist::calendar;
use crate::{delivery, digest, sender};
pub use load::{load, load_timetable, look, look_at_timetable, read, timetable_of};

/// The name of the file in the configuration's folder.
pub const FILE: &str = "dunningd.toml";
/// The name of the timetable beside it.
pub const TIMETABLE: &str = "timetable.toml";

/// `dunningd.toml`: where things are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The contact log and the own ledger.
    #[serde(default)]
    pub database: DatabaseSettings,
    /// What is owed.
    #[serde(default)]
    pub ledger: LedgerSettings,
    /// How the files of `dunningd import` are written.
    #[serde(default)]
    pub import: Import,
    /// How messages leave.
    pub relay: delivery::Settings,
    /// Who writes.
    pub company: Company,
    /// E-mails are signed for a domain. Without this table they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dkim: Option<dkim::Settings>,
    /// The invoices' documents.
    #[serde(default)]
    pub attachments: attach::Settings,
    /// When the daemon polls.
    #[serde(default)]
    pub poll: schedule::Settings,
    /// The e-mail to each collector, and to the manager, in the morning of each business day. Without this table there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<digest::Settings>,
    /// Files for calendar programs, with the tasks of each collector. Without this table there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<calendar::Settings>,
    /// Where the texts are.
    #[serde(default)]
    pub templates: Templates,
    /// What `dunningd check` asks.
    #[serde(default)]
    pub check: sender::Settings,
    /// The folder that relative paths are relative to.
    #[serde(skip)]
    pub folder: PathBuf,
    /// systemd's `$CREDENTIALS_DIRECTORY`.
    #[serde(skip)]
    pub credentials: Option<PathBuf>,
}

/// `[database]`: where the contact log and the own ledger are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:dunningd.db`: the file that holds the contact log and the own ledger. Or `postgres://user@host/database`, for
    /// several daemons at once (D7).
    pub url: String,
    /// PostgreSQL: the high-water mark of this daemon (D16). Default: `dunningd.mark` in systemd's `$STATE_DIRECTORY`, else
    /// in the configuration's folder. Beside a SQLite file it is `dunningd.db.mark`.
    pub mark_file: Option<PathBuf>,
    /// PostgreSQL: a daemon of which nothing was heard for so long has lost what it had claimed (D7). 5s at least.
    #[serde(serialize_with = "crate::duration::serialize", deserialize_with = "lease")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub lease: std::time::Duration,
    /// How long the bytes of messages are kept; their hashes are kept for good (D14).
    #[serde(serialize_with = "crate::duration::serialize", deserialize_with = "at_least_a_day")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub keep_messages: std::time::Duration,
}

/// Below it a daemon would lose its lease whenever the database is slow for a moment.
const SHORTEST_LEASE: std::time::Duration = std::time::Duration::from_secs(5);

fn lease<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<std::time::Duration, D::Error> {
    let lease = crate::duration::deserialize(deserializer)?;
    if lease < SHORTEST_LEASE {
        let found = crate::duration::format(lease);
        return Err(serde::de::Error::custom(format!("a lease of {found} is too short: 5s at least; 60s is usual")));
    }
    Ok(lease)
}

/// Less would take from a person the bytes that `resolve --resend` sends (D2).
fn at_least_a_day<'de, D: serde::Deserializer<'de>>(d: D) -> Result<std::time::Duration, D::Error> {
    let kept = crate::duration::deserialize(d)?;
    let problem = "keep_messages is at least 1d: what is in doubt may have to be sent again as it was";
    if kept < std::time::Duration::from_secs(86_400) { Err(serde::de::Error::custom(problem)) } else { Ok(kept) }
}

impl DatabaseSettings {
    /// Where the high-water mark lies on PostgreSQL.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn mark_file(&self, folder: &Path) -> PathBuf {
        match &self.mark_file {
            Some(file) => folder.join(file),
            None => std::env::var_os("STATE_DIRECTORY").map_or(folder.to_owned(), PathBuf::from).join("dunningd.mark"),
        }
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        let keep_messages = std::time::Duration::from_secs(3 * 365 * 86_400);
        let lease = std::time::Duration::from_secs(60);
        Self { url: "sqlite:dunningd.db".to_owned(), mark_file: None, lease, keep_messages }
    }
}

/// `[ledger]`: where it is read from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LedgerSettings {
    /// `"own"`: filled by `dunningd import`. `"query"`: the queries of `[ledger.query]`.
    pub source: LedgerSource,
    /// How many rows of a set may be unusable before the read as a whole has failed (L3).
    #[cfg_attr(test, schemars(with = "String", extend("type" = ["string", "number"])))]
    pub max_bad_rows: MaxBadRows,
    /// A folder that files for the own ledger are dropped into, relative to the configuration's: before each poll they are
    /// imported, and moved to `done` or `rejected` below it with a report beside each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<PathBuf>,
    /// The profile of dropped files by their names: `"qb-*.csv" = "quickbooks-open-invoices"`. A file in a subfolder that is called as
    /// a profile needs none, nor do `customers….csv`, `invoices….csv` and `payments….csv`.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub drop_profiles: std::collections::BTreeMap<String, String>,
    /// Dropped `customers….csv`, `invoices….csv` and `payments….csv` are the whole of their sets, as with `import --replace`.
    pub drop_replace: bool,
    /// A dropped file is whole when nothing has changed about it for so long.
    #[serde(serialize_with = "crate::duration::serialize", deserialize_with = "crate::duration::deserialize")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub drop_settle: std::time::Duration,
    /// The queries of `source = "query"`.
    pub query: Option<query::Settings>,
    /// Past-due e-mails wait while the payments are older, in whole days: `"3d"` (L10). The own ledger has them up to the day
    /// of the last import of payments, or up to the one that it named with `--fresh-as-of`; a query ledger needs `fresh` of
    /// `[ledger.query]`. Weekends count. Without this key nothing waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub payments_max_age: Option<MaxAge>,
    /// When a read is not believed (T27).
    pub guard: guard::Settings,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            source: LedgerSource::default(),
            max_bad_rows: MaxBadRows::default(),
            drop: None,
            drop_profiles: std::collections::BTreeMap::new(),
            drop_replace: false,
            drop_settle: std::time::Duration::from_secs(5),
            query: None,
            payments_max_age: None,
            guard: guard::Settings::default(),
        }
    }
}

/// Where the ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LedgerSource {
    #[default]
    Own,
    Query,
}

/// The first folder of the default ones that has a configuration: `config`, then `/etc/dunningd`.
#[must_use]
pub fn default_folder() -> PathBuf {
    let system = PathBuf::from("/etc/dunningd");
    if !Path::new("config").join(FILE).exists() && system.join(FILE).exists() { system } else { PathBuf::from("config") }
}

/// SHA-256 of the timetable's file, in hexadecimal: daemons that work together have the same one (D7).
#[must_use]
pub fn timetable_hash(folder: &Path) -> String {
    let bytes = std::fs::read(folder.join(TIMETABLE)).unwrap_or_default();
    hex(&Sha256::digest(&bytes))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn credentials_directory() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// The name of the person who gives an order on the command line, for the log.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn author() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|k| std::env::var(k).ok().filter(|v| !v.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Whether colour is unwelcome (`NO_COLOR`).
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
}

/// What the log shows (`RUST_LOG`).
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn log_filter(usually: &str) -> String {
    std::env::var("RUST_LOG").unwrap_or_else(|_| usually.to_owned())
}

impl Config {
    /// Relative paths are relative to the configuration's folder.
    /// The folder that files are dropped into.
    #[must_use]
    pub fn inbox(&self) -> Option<Inbox> {
        let folder = self.ledger.drop.clone()?;
        Some(Inbox {
            folder,
            profiles: self.ledger.drop_profiles.clone(),
            replace: self.ledger.drop_replace,
            settle: self.ledger.drop_settle,
            import: self.import.clone(),
            max_bad_rows: self.ledger.max_bad_rows,
            beside: self.folder.clone(),
        })
    }

    fn resolve_paths(&mut self) {
        self.ledger.drop = self.ledger.drop.as_ref().map(|drop| self.folder.join(drop));
        if let Some(calendar) = &mut self.calendar {
            calendar.folder = self.folder.join(&calendar.folder);
        }
        self.templates.directory = self.folder.join(&self.templates.directory);
        self.relay.resolve_paths(&self.folder);
        self.attachments.resolve_paths(&self.folder);
        if let Some(dkim) = &mut self.dkim {
            dkim.resolve_paths(&self.folder);
        }
        if let Some(query) = &mut self.ledger.query {
            query.resolve_paths(&self.folder);
        }
    }
}
