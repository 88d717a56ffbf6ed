//! What lies outside of the files: the database, the ledger, the relay, and what the DNS says of the sender.

use super::files::Files;
use super::ledger;
use crate::commands::{Failure, Globals, open};
use crate::config::Config;
use crate::database::{Database, Location};
use crate::delivery::{self, Relay};
use crate::diagnostic::Problem;
use crate::sender::{self, Dns, Sender};
use crate::timetable::Timetable;

/// What was found, and what is merely worth knowing.
#[derive(Default)]
pub struct Outside {
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
}

/// Asks all of them.
pub async fn look(globals: &Globals, files: &Files, config: &Config, timetable: Option<&Timetable>) -> Outside {
    let mut found = Outside::default();
    found.problems = database(globals, files, config, timetable, &mut found.notes).await;
    found.problems.extend(ledger::of_queries(globals, files, config, timetable, &mut found.notes).await);
    let relay = match open::relay(globals, config) {
        Ok(relay) => relay,
        Err(Failure::Wrong(error)) if config.relay.validate().is_empty() => {
            found.problems.push(files.problem("relay", format!("{error:#}"), "docs/configuration.md has every key of [relay]"));
            return found;
        }
        Err(_) => return found,
    };
    match relay.probe().await {
        Ok(report) => welcomed(files, config, report, &mut found),
        Err(outcome) => {
            let help = "see that host, port, tls, username and password are those of your relay";
            found.problems.push(files.problem("relay", format!("[relay] host: {}", outcome.describe()), help));
        }
    }
    if !relay.is_loopback_or_file() {
        domain(files, config, &relay, &mut found).await;
    }
    found
}

fn welcomed(files: &Files, config: &Config, report: delivery::Report, found: &mut Outside) {
    found.notes.extend(report.sentences.into_iter().map(|sentence| format!("[relay] {sentence}")));
    // Base64, with its line breaks, takes 37 % more.
    let most = config.attachments.max_size.octets() * 137 / 100;
    if let Some(largest) = report.largest.filter(|l| *l < most && config.attachments.directory.is_some()) {
        let message = format!(
            "[attachments] max_size: {} of documents need about {most} octets in an e-mail, and the relay takes {largest}",
            config.attachments.max_size
        );
        let help = "lower it, so that an e-mail with so many documents does not fail";
        found.problems.push(files.problem("relay-size", message, help).as_warning());
    }
}

/// SPF, DKIM, DMARC, and the name in EHLO.
async fn domain(files: &Files, config: &Config, relay: &Relay, found: &mut Outside) {
    let dns = match Dns::of(config.check.dns) {
        Ok(dns) => dns,
        Err(sentence) => {
            let help = "name a server: dns = \"192.0.2.53:53\" in [check]; `--offline` asks nothing";
            found.problems.push(files.problem("dns", format!("[company] from: {sentence}"), help).as_warning());
            return;
        }
    };
    let signer = open::signer(config).ok().flatten();
    let from = config.company.from.address.domain();
    let return_path = config.company.return_path.as_ref().map_or(from, |path| path.domain());
    let report = sender::look(&dns, &Sender { from, return_path, ehlo: relay.ehlo_name(), signer: signer.as_ref() }).await;
    found.notes.extend(report.notes);
    found.problems.extend(report.findings.into_iter().map(|finding| {
        let problem = files.problem(finding.code, finding.message, &finding.help);
        if finding.error { problem } else { problem.as_warning() }
    }));
}

async fn database(
    globals: &Globals,
    files: &Files,
    config: &Config,
    timetable: Option<&Timetable>,
    notes: &mut Vec<String>,
) -> Vec<Problem> {
    let problem = |message: String, help: &str| files.problem("database", format!("[database] url: {message}"), help);
    match Database::locate(&config.database.url, &config.folder) {
        Err(error) => vec![problem(error.to_string(), "write url = \"sqlite:dunningd.db\"")],
        // The first poll makes it; `check` makes nothing.
        Ok(Location::Sqlite(path)) if !path.exists() => {
            let folder = path.parent().filter(|f| !f.exists());
            folder.map(|f| problem(format!("the folder {} is not there", f.display()), "make it")).into_iter().collect()
        }
        Ok(location) => match Database::open(&location).await {
            Err(error) => vec![problem(error.to_string(), "see that it may be read and written")],
            Ok(db) => ledger::of_own(globals, files, config, timetable, &db, notes).await,
        },
    }
}
