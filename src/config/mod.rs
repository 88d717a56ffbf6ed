//! Gathers `dunningd.toml` (defaults < file < environment): each table belongs to the module that uses it.

mod mistakes;
#[cfg(test)]
mod reference;
mod words;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::daemon::schedule;
use crate::delivery::preset;
use crate::diagnostic::Problem;
use crate::hex::hex;
use crate::ledger::freshness::MaxAge;
use crate::ledger::settings::{Import, MaxBadRows};
use crate::ledger::{guard, query};
use crate::message::{Company, Templates, attach, dkim};
use crate::{delivery, sender, timetable};

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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LedgerSettings {
    /// `"own"`: filled by `dunningd import`. `"query"`: the queries of `[ledger.query]`.
    pub source: LedgerSource,
    /// How many rows of a set may be unusable before the read as a whole has failed (L3).
    #[cfg_attr(test, schemars(with = "String", extend("type" = ["string", "number"])))]
    pub max_bad_rows: MaxBadRows,
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

/// Reads `dunningd.toml` of a folder, and what the environment overrides (`DUNNINGD__RELAY__HOST=…`). The preset of the
/// relay lies beneath both.
///
/// # Errors
/// What is wrong, with its place.
pub fn load(folder: &Path) -> Result<Config, Vec<Problem>> {
    let path = folder.join(FILE);
    let file = path.display().to_string();
    let text = read(&path, "run `dunningd init` to write a configuration to start from, or name its folder with --config")?;
    if let Err(error) = toml::from_str::<Config>(&text) {
        let all = mistakes::all(&file, &text);
        let one = || {
            let (message, help, code) = words::said(error.message().trim());
            vec![Problem::error(&file, &text, error.span(), message).help(help).coded(code)]
        };
        return Err(if all.is_empty() { one() } else { all });
    }
    let layered = layers(&text, "").and_then(|given| match beneath(&given) {
        preset if preset.is_empty() => Ok(given),
        preset => layers(&text, &preset),
    });
    let mut config = layered.and_then(config::Config::try_deserialize::<Config>).map_err(|error| {
        let (message, near, code) = words::said(&error.to_string());
        let named = "a variable is named DUNNINGD__TABLE__KEY, such as DUNNINGD__RELAY__HOST".to_owned();
        let help = if code.starts_with("unknown") { near } else { named };
        vec![Problem::error("the environment (DUNNINGD__…)", "", None, message).help(help).coded(code)]
    })?;
    folder.clone_into(&mut config.folder);
    config.credentials = credentials_directory();
    config.resolve_paths();
    Ok(config)
}

fn layers(text: &str, beneath: &str) -> Result<config::Config, config::ConfigError> {
    config::Config::builder()
        .add_source(config::File::from_str(beneath, config::FileFormat::Toml))
        .add_source(config::File::from_str(text, config::FileFormat::Toml))
        .add_source(config::Environment::with_prefix("DUNNINGD").prefix_separator("__").separator("__"))
        .build()
}

/// What lies beneath the file and the environment: the keys of `relay.preset`, as TOML.
fn beneath(given: &config::Config) -> String {
    let word = |key: &str| given.get_string(&format!("relay.{key}")).ok();
    let is_given = |key: &str| given.get::<config::Value>(&format!("relay.{key}")).is_ok();
    let Some(preset) = word("preset") else { return String::new() };
    let relay = preset::beneath(&preset, word("region").as_deref(), is_given);
    if relay.is_empty() { String::new() } else { toml::Table::from_iter([("relay".to_owned(), relay.into())]).to_string() }
}

/// Reads `timetable.toml` of a folder.
///
/// # Errors
/// Every problem, with its place.
pub fn load_timetable(folder: &Path) -> Result<(timetable::Timetable, Vec<Problem>), Vec<Problem>> {
    timetable_of(&folder.join(TIMETABLE), "run `dunningd init` to write one to start from, or name its folder with --config")
}

/// Reads the timetable of a file, wherever it is; `help`: what to do if it is not there.
///
/// # Errors
/// Every problem, with its place.
pub fn timetable_of(path: &Path, help: &str) -> Result<(timetable::Timetable, Vec<Problem>), Vec<Problem>> {
    let text = read(path, help)?;
    timetable::file::parse(&path.display().to_string(), &text)
}

/// SHA-256 of the timetable's file, in hexadecimal: daemons that work together have the same one (D7).
#[must_use]
pub fn timetable_hash(folder: &Path) -> String {
    let bytes = std::fs::read(folder.join(TIMETABLE)).unwrap_or_default();
    hex(&Sha256::digest(&bytes))
}

/// The text of a file of the configuration.
///
/// # Errors
/// It cannot be read, or is no UTF-8.
pub fn read(path: &Path, help: &str) -> Result<String, Vec<Problem>> {
    let file = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|e| vec![Problem::error(&file, "", None, format!("it cannot be read: {e}")).help(help)])?;
    String::from_utf8(bytes).map_err(|e| {
        let message = format!("byte {} is not UTF-8", e.utf8_error().valid_up_to());
        vec![Problem::error(&file, "", None, message).help("save the file as UTF-8")]
    })
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
    fn resolve_paths(&mut self) {
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
