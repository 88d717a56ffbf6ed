//! The `[relay]` table of `dunningd.toml`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::preset;
use super::refusal::Row;
use super::timeouts::Timeouts;

/// How messages leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A provider whose host, limits and ways are known: `"amazon-ses"`, `"microsoft-365"`, `"google-workspace"`,
    /// `"mailgun"`, `"sendgrid"` or `"postmark"`. Every other key here wins over it.
    #[serde(deserialize_with = "preset::name")]
    pub preset: Option<String>,
    /// The provider's region, where it has a host for each: `"us-east-1"`.
    pub region: Option<String>,
    /// `"smtp"`: to the relay at `host`. `"file"`: one `.eml` per message in `directory`, and nothing leaves.
    pub transport: Transport,
    /// Where `transport = "file"` writes; it is made when it is missing.
    pub directory: Option<PathBuf>,
    /// The relay's name, as it stands in its certificate.
    pub host: String,
    /// Default: 587, with `tls = "implicit"` 465, with `tls = "none"` 25.
    pub port: Option<u16>,
    /// `"required"`: STARTTLS. `"implicit"`: TLS from the first byte. `"none"`: for a relay on this host only (D13).
    pub tls: Tls,
    /// PEM file with the certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Allows `tls = "none"` to another host: everybody on the way reads the mail and the password.
    pub insecure: bool,
    /// Signs in as this user; without it, there is no AUTH.
    pub username: Option<String>,
    /// File with the password (or the XOAUTH2 token); only its owner may read it. A systemd credential of the name
    /// `relay-password` comes first. It is read again for each connection, so that a token may be renewed.
    pub password_file: Option<PathBuf>,
    /// A program and its arguments that print an XOAUTH2 token: alone, or as JSON with `access_token` and `expires_in`.
    /// No shell; it has 30 seconds. Instead of a password.
    pub token_command: Option<Vec<String>>,
    /// `"plain"`, `"login"` or `"xoauth2"`. Default: XOAUTH2 with a token command; else PLAIN, else LOGIN, whichever the
    /// relay offers.
    pub auth: Option<Mechanism>,
    /// The name given in EHLO. Default: the sender's domain.
    pub helo_name: Option<String>,
    /// Connections at once.
    pub max_connections: u32,
    /// Messages over one connection, before it is closed and another is opened.
    pub max_per_connection: u32,
    /// Messages in any 60 seconds, over all daemons on one database. Default: no limit.
    pub max_per_minute: Option<u32>,
    /// Messages in any 24 hours, over all daemons on one database. Default: no limit.
    pub max_per_day: Option<u32>,
    /// What becomes of an e-mail that may have been accepted: `"hold"` leaves it in doubt for a person, `"resend"` sends the
    /// same bytes with the same Message-ID again (D2).
    pub in_doubt: InDoubt,
    /// The largest message in octets, as it is sent; one that is larger fails. Default: what the relay says in EHLO.
    pub max_message_size: Option<u64>,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// Rows that are tried before those of the shipped table of refusals (D4).
    pub refusal: Vec<Row>,
}

/// How messages leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    #[default]
    Smtp,
    File,
}

/// How the connection is protected (D13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    #[default]
    Required,
    Implicit,
    None,
}

/// What becomes of an e-mail that may have been accepted (D2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum InDoubt {
    /// It waits for a person.
    #[default]
    Hold,
    /// It is sent again as it was.
    Resend,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mechanism {
    Plain,
    Login,
    Xoauth2,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            preset: None,
            region: None,
            transport: Transport::Smtp,
            directory: None,
            host: String::new(),
            port: None,
            tls: Tls::Required,
            ca_file: None,
            insecure: false,
            username: None,
            password_file: None,
            token_command: None,
            auth: None,
            helo_name: None,
            max_connections: 10,
            max_per_connection: 100,
            max_per_minute: None,
            max_per_day: None,
            in_doubt: InDoubt::Hold,
            max_message_size: None,
            timeouts: Timeouts::default(),
            refusal: Vec::new(),
        }
    }
}

impl Settings {
    /// The port that is in force.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Required => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        })
    }

    /// The way to sign in that is wanted; `None`: the best of PLAIN and LOGIN that the relay offers.
    #[must_use]
    pub fn mechanism(&self) -> Option<Mechanism> {
        self.auth.or(self.token_command.as_ref().map(|_| Mechanism::Xoauth2))
    }

    /// Whether no message can leave this machine through it.
    #[must_use]
    pub fn is_loopback_or_file(&self) -> bool {
        self.transport == Transport::File || is_loopback(&self.host)
    }

    /// Makes relative paths relative to the folder of the configuration.
    pub fn resolve_paths(&mut self, folder: &Path) {
        for path in [&mut self.directory, &mut self.ca_file, &mut self.password_file].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        // A program without a slash is looked for in $PATH.
        let program = self.token_command.iter_mut().flatten().next();
        if let Some(program) = program.filter(|p| p.contains('/') && !Path::new(p.as_str()).is_absolute()) {
            *program = folder.join(&*program).to_string_lossy().into_owned();
        }
    }

    /// Every problem, each as a key and a sentence; empty when all is well.
    #[must_use]
    pub fn validate(&self) -> Vec<(&'static str, String)> {
        let mut problems = self.transport_problems();
        let mut say = |key: &'static str, sentence: &str| problems.push((key, sentence.to_owned()));
        if self.max_connections == 0 {
            say("max_connections", "at least one connection is needed");
        }
        if self.max_per_connection == 0 {
            say("max_per_connection", "at least one message per connection is needed");
        }
        if self.max_per_minute == Some(0) {
            say("max_per_minute", "0 would send nothing: leave it out for no limit");
        }
        if self.max_per_day == Some(0) {
            say("max_per_day", "0 would send nothing: leave it out for no limit");
        }
        if self.max_message_size == Some(0) {
            say("max_message_size", "0 would send nothing: leave it out for what the relay says");
        }
        problems
    }

    fn transport_problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut say = |key: &'static str, sentence: &str| problems.push((key, sentence.to_owned()));
        if self.transport == Transport::File {
            if self.directory.is_none() {
                say("directory", "transport = \"file\" needs the directory to write to");
            }
            return problems;
        }
        let loopback = is_loopback(&self.host);
        let region = preset::problem(self);
        if let Some((key, sentence)) = &region {
            say(key, sentence);
        }
        if self.host.trim().is_empty() {
            if region.is_some() {
                return problems;
            }
            say("host", "the relay's host is missing: host = \"smtp.example.com\"");
        } else if self.tls == Tls::None && !loopback && !self.insecure {
            say("tls", "\"none\" would send mail and password in the clear: use \"required\", or insecure = true");
        }
        if self.username.is_none() && (self.password_file.is_some() || self.mechanism().is_some()) {
            say("username", "a way to sign in is given, but not as whom");
        }
        if let Some(command) = &self.token_command {
            if command.first().is_none_or(|program| program.trim().is_empty()) {
                say(
                    "token_command",
                    "the program is missing: token_command = [\"/usr/bin/oauth-token\", \"--for\", \"ar@example.com\"]",
                );
            }
            if self.password_file.is_some() {
                say("token_command", "a password_file is given as well: keep one of the two");
            }
            if self.auth.is_some_and(|m| m != Mechanism::Xoauth2) {
                say("auth", "a token signs in by \"xoauth2\" only: leave auth out, or token_command");
            }
        }
        if self.username.as_ref().is_some_and(|name| name.is_empty() || name.contains(char::is_control)) {
            say("username", "it is empty or holds a control character");
        }
        if self.helo_name.as_ref().is_some_and(|name| !is_host_name(name)) {
            say("helo_name", "it is no host name: letters, digits, dots and hyphens");
        }
        if self.timeouts.dot < Timeouts::default().dot && !loopback {
            say("timeouts.dot", "below 10m, mail that the relay has taken would be left in doubt (RFC 5321)");
        }
        if self.timeouts.any_is_zero() {
            say("timeouts", "a timer of 0 lets nothing through");
        }
        problems
    }
}

/// By its name alone: an answer from DNS could change.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().map_or_else(
        |_| {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        },
        |ip| ip.to_canonical().is_loopback(),
    )
}

fn is_host_name(name: &str) -> bool {
    let address = name.starts_with('[') && name.ends_with(']');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || (address && "[]:".contains(c));
    !name.is_empty() && name.chars().all(plain)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
