//! What lies outside of the files: the database, the ledger, the relay, and what the DNS says of the sender.

use std::collections::{BTreeSet, HashMap};

use super::files::Files;
use super::today;
use crate::commands::{Failure, Globals, open};
use crate::config::Config;
use crate::database::{Database, Location};
use crate::delivery::{self, Relay};
use crate::diagnostic::Problem;
use crate::ledger::Snapshot;
use crate::sender::{self, Dns, Sender};
use crate::timetable::{Timetable, holidays};

/// What was found, and what is merely worth knowing.
#[derive(Default)]
pub struct Outside {
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
}

/// Asks all of them.
pub async fn look(globals: &Globals, files: &Files, config: &Config, timetable: Option<&Timetable>) -> Outside {
    let mut found = Outside { problems: database(globals, files, config, timetable).await, notes: Vec::new() };
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

async fn database(globals: &Globals, files: &Files, config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
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
            Ok(db) => ledger(globals, files, config, timetable, &db).await,
        },
    }
}

/// Whether the ledger can be read, and which of its rows cannot be used (L2).
async fn ledger(globals: &Globals, files: &Files, config: &Config, timetable: Option<&Timetable>, db: &Database) -> Vec<Problem> {
    let (Ok(source), Some(timetable)) = (open::source(config), timetable) else { return Vec::new() };
    let problem = |message: String, help: &str| files.problem("ledger", format!("[ledger] {message}"), help);
    match source.read(db, &HashMap::new(), today(globals, timetable)).await {
        Err(error) => vec![problem(error.to_string(), "nothing is sent until the ledger can be read (T27)")],
        Ok(mut snapshot) => {
            snapshot.payments_wanted = config.ledger.payments_max_age.map(|age| age.oldest(today(globals, timetable)));
            let old = snapshot.payments_too_old().then(|| {
                let help = "past-due e-mails wait until newer payments are there (L10)";
                problem(format!("payments_max_age: {}", snapshot.why_payments_too_old()), help)
            });
            let unknown = unknown_countries(&snapshot, timetable).map(|countries| {
                let help = "write the two letters of ISO 3166 into the ledger, such as DE, or the dates into `holidays`";
                problem(format!("customer_holidays: no holidays are known of {countries}"), help)
            });
            let bad = snapshot.bad_rows.iter().map(|bad| problem(format!("left out: {bad}"), "mend the row in the accounts"));
            let customers = snapshot.customers.values();
            let addresses = customers.flat_map(|c| c.unusable_addresses.iter().map(move |(text, why)| (c, text, why)));
            let addresses = addresses.map(|(c, text, why)| {
                problem(format!("customer {}: {text:?} is no address: {why}", c.id), "mend the address in the accounts")
            });
            old.into_iter().chain(unknown).chain(bad).chain(addresses).map(Problem::as_warning).take(100).collect()
        }
    }
}

/// The countries of customers whose holidays are to count and are not known.
fn unknown_countries(snapshot: &Snapshot, timetable: &Timetable) -> Option<String> {
    let all: BTreeSet<&str> = snapshot.customers.values().filter_map(|c| c.country.as_deref()).collect();
    let unknown: Vec<&str> = all.into_iter().filter(|c| holidays::of(c).is_none()).take(20).collect();
    (!timetable.customer_calendars.is_empty() && !unknown.is_empty()).then(|| unknown.join(", "))
}
