//! What the DNS says of the sender's domain, for `check`: SPF, DKIM and DMARC, and the name that we say in EHLO.
//!
//! Owns nothing. May import `address`, `message` and what stands above. DNS is named nowhere else.

mod dmarc;
mod dns;
mod spf;

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

pub use dns::Dns;

use crate::message::dkim::Signer;

/// `[check]`: what `dunningd check` asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The DNS server that `check` asks for SPF, DKIM and DMARC: `"192.0.2.53:53"`. Default: those of this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub dns: Option<SocketAddr>,
}

/// The domains of a message.
#[derive(Debug)]
pub struct Sender<'a> {
    /// Of `From`.
    pub from: &'a str,
    /// Of the envelope's sender.
    pub return_path: &'a str,
    /// What is said in EHLO.
    pub ehlo: &'a str,
    pub signer: Option<&'a Signer>,
}

/// Something that receivers hold against the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: &'static str,
    /// Whether mail is refused or thrown away because of it, not only trusted less.
    pub error: bool,
    /// A sentence that begins with the table and the key that it is about: `[dkim] selector: …`.
    pub message: String,
    pub help: String,
}

impl Finding {
    fn error(code: &'static str, message: String, help: impl Into<String>) -> Self {
        Self { code, error: true, message, help: help.into() }
    }

    fn warning(code: &'static str, message: String, help: impl Into<String>) -> Self {
        Self { error: false, ..Self::error(code, message, help) }
    }
}

/// What was found, and what is merely worth knowing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
}

/// Asks the DNS of a sender.
pub async fn look(dns: &Dns, sender: &Sender<'_>) -> Report {
    let mut report = Report::default();
    if let Err(error) = ask(dns, sender, &mut report).await {
        let message = format!("[company] from: {error}; SPF, DKIM and DMARC were not looked at any further");
        let help =
            "see that this host can ask the DNS, or name a server: dns = \"192.0.2.53:53\" in [check]; `--offline` asks nothing";
        report.findings.push(Finding::warning("dns", message, help));
    }
    report
}

async fn ask(dns: &Dns, sender: &Sender<'_>, report: &mut Report) -> Result<(), dns::Unanswered> {
    spf::look(dns, sender.return_path, report).await?;
    if let Some(signer) = sender.signer {
        dkim(dns, signer, report).await?;
    }
    dmarc::look(dns, sender, report).await?;
    ehlo(dns, sender.ehlo, report).await
}

async fn dkim(dns: &Dns, signer: &Signer, report: &mut Report) -> Result<(), dns::Unanswered> {
    let (name, record) = signer.record();
    let published = dns.txt(&name).await?;
    let keys: Vec<&String> = published.iter().filter(|t| t.contains("p=")).collect();
    let help = format!("publish this as TXT record of {name}: {record}");
    let found = match keys.as_slice() {
        [] => Finding::error(
            "dkim-missing",
            format!("[dkim] selector: the DNS has no public key at {name}: every signature is broken"),
            help,
        ),
        [key] => match signer.agrees_with(key) {
            Ok(()) => return Ok(()),
            Err(problem) => Finding::error("dkim-different", format!("[dkim] selector: the record at {name} {problem}"), help),
        },
        several => {
            let message = format!("[dkim] selector: the DNS has {} keys at {name}; receivers take any of them", several.len());
            Finding::warning("dkim-several", message, "leave the one that belongs to `key_file`")
        }
    };
    report.findings.push(found);
    Ok(())
}

/// The name in EHLO should be a host's full name, and lead to it (RFC 5321 4.1.4).
async fn ehlo(dns: &Dns, name: &str, report: &mut Report) -> Result<(), dns::Unanswered> {
    if name.starts_with('[') {
        return Ok(());
    }
    let help = "set helo_name of [relay] to the full name of this host, such as \"dunning.example.com\"";
    let problem = match name.contains('.') {
        false => "is no full name of a host",
        true if !dns.has_address(name).await? => "has no address in the DNS",
        true => return Ok(()),
    };
    report.findings.push(Finding::warning(
        "ehlo-name",
        format!("[relay] helo_name: {name}, as which we say EHLO, {problem}"),
        help,
    ));
    Ok(())
}
