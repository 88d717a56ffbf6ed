//! `dunningd check`: every problem at once, and silence when all is well.

use std::collections::HashMap;

use clap::Args;

use super::{Exit, Failure, Format, Globals, Result, open, output};
use crate::config::{self, Config};
use crate::daemon::schedule::Schedule;
use crate::database::{Database, Location};
use crate::delivery::preset;
use crate::diagnostic::{Problem, Severity};
use crate::message::{Renderer, attach};
use crate::timetable::{Step, Timetable};

/// Looks at everything.
#[derive(Debug, Args)]
pub struct Check {
    /// Does not ask the ledger, the database and the relay
    #[arg(long)]
    offline: bool,
    /// Prints dunningd.toml as it is in force, defaults included
    #[arg(long)]
    effective: bool,
}

pub async fn run(globals: &Globals, args: &Check) -> Result {
    let folder = open::folder(globals);
    let (mut problems, mut timetable, mut config) = (Vec::new(), None, None);
    match config::load(&folder) {
        Ok(found) => config = Some(found),
        Err(found) => problems.extend(found),
    }
    match config::load_timetable(&folder) {
        Ok((found, warnings)) => {
            problems.extend(warnings);
            timetable = Some(found);
        }
        Err(found) => problems.extend(found),
    }
    if let Some(config) = &config {
        problems.extend(settings(config, timetable.as_ref()));
        problems.extend(templates(config, timetable.as_ref()));
        if !args.offline {
            problems.extend(outside(globals, config, timetable.as_ref()).await);
        }
        problems.extend(surprises(config, args.effective));
        if args.effective {
            let text = toml::to_string(config).map_err(anyhow::Error::from)?;
            output::line(text.trim_end());
        }
    }
    if problems.is_empty() && globals.format == Format::Json {
        output::problems(&problems, globals.format);
    }
    if problems.iter().any(|p| p.severity == Severity::Error) {
        return Err(Failure::Problems(problems));
    }
    if !problems.is_empty() {
        output::problems(&problems, globals.format);
    }
    Ok(Exit::Done)
}

fn problem(file: &std::path::Path, message: impl Into<String>, help: &str) -> Problem {
    Problem::error(&file.display().to_string(), "", None, message).help(help)
}

fn settings(config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
    let file = config.folder.join(config::FILE);
    let relay = config.relay.validate().into_iter().map(|(key, sentence)| {
        problem(&file, format!("[relay] {key}: {sentence}"), "docs/configuration.md has every key of [relay]")
    });
    let mut found: Vec<Problem> = relay.collect();
    let zone = timetable.map_or(chrono_tz::Tz::UTC, |t| t.time_zone);
    if let Err(sentence) = Schedule::new(&config.poll.schedule, zone) {
        found.push(problem(&file, sentence, "docs/configuration.md says how a schedule is written"));
    }
    let mut refuse = |error: Failure, help: &str| found.push(problem(&file, error.to_string(), help));
    if let Err(error) = open::company(config) {
        refuse(error, "docs/configuration.md has every key of [company]");
    }
    if let Err(error) = open::signer(config) {
        refuse(error, "docs/configuration.md says how [dkim] is set up");
    }
    found.extend(documents(config, timetable));
    if let Err(Failure::Wrong(error)) = open::source(config) {
        found.push(problem(&file, format!("{error:#}"), "docs/configuration.md has an example of [ledger.query]"));
    }
    found
}

/// What surprises people about the relay of the preset: a warning if it matters with these settings; with `--effective`
/// all of it, as notes.
fn surprises(config: &Config, all: bool) -> Vec<Problem> {
    let file = config.folder.join(config::FILE);
    let (matter, others): (Vec<_>, Vec<_>) = preset::remarks(&config.relay).into_iter().partition(|r| r.matters);
    for remark in others.iter().filter(|_| all) {
        output::remark(&format!("[relay] {}", remark.says));
    }
    let help = "docs/relays.md has what is known of each preset";
    matter.into_iter().map(|r| problem(&file, format!("[relay] {}", r.says), help).as_warning()).collect()
}

/// The templates by themselves, and those that the timetable names.
fn templates(config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
    if timetable.is_some_and(|t| open::needs_no_templates(config, t)) {
        return Vec::new();
    }
    let renderer = match Renderer::load(&config.templates.directory, &config.templates.default_language) {
        Ok(renderer) => renderer,
        Err(problems) => return problems,
    };
    let mut found = renderer.check(&config.company);
    found.extend(timetable.iter().flat_map(|t| open::missing_templates(config, t, &renderer)));
    found
}

/// The folder of the documents, and whether a step wants them without one.
fn documents(config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
    let Some(directory) = &config.attachments.directory else {
        let wants = |s: &&Step| s.attach == Some(true);
        let file = config.folder.join(config::TIMETABLE);
        return timetable
            .and_then(|t| t.steps.iter().find(wants))
            .map(|step| {
                let message = format!("the step `{}` has attach = true, and nothing is attached", step.id);
                problem(&file, message, "set `directory` of [attachments] in dunningd.toml").as_warning()
            })
            .into_iter()
            .collect();
    };
    let wrong = attach::Folder::open(directory).err();
    let help = "make it, or leave [attachments] out: e-mails with documents fail until it is there";
    wrong.map(|sentence| problem(&config.folder.join(config::FILE), sentence, help)).into_iter().collect()
}

/// The database, the ledger and the relay.
async fn outside(globals: &Globals, config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
    let file = config.folder.join(config::FILE);
    let mut found = Vec::new();
    match Database::locate(&config.database.url, &config.folder) {
        Err(error) => found.push(problem(&file, format!("[database] {error}"), "write url = \"sqlite:dunningd.db\"")),
        // The first poll makes it; `check` makes nothing.
        Ok(Location::Sqlite(path)) if !path.exists() => {
            if let Some(folder) = path.parent().filter(|f| !f.exists()) {
                found.push(problem(&file, format!("[database] the folder {} is not there", folder.display()), "make it"));
            }
        }
        Ok(location) => match Database::open(&location).await {
            Err(error) => found.push(problem(&file, format!("[database] {error}"), "see that it may be read and written")),
            Ok(db) => found.extend(ledger(globals, config, timetable, &db).await),
        },
    }
    match open::relay(globals, config) {
        Err(Failure::Wrong(error)) if config.relay.validate().is_empty() => {
            found.push(problem(&file, format!("{error:#}"), "docs/configuration.md has every key of [relay]"));
        }
        Ok(relay) => {
            if let Err(outcome) = relay.probe().await {
                let help = "see that host, port, tls, username and password are those of your relay";
                found.push(problem(&file, format!("[relay] {}", outcome.describe()), help));
            }
        }
        Err(_) => {}
    }
    found
}

/// Whether the ledger can be read, and which of its rows cannot be used (L2).
async fn ledger(globals: &Globals, config: &Config, timetable: Option<&Timetable>, db: &Database) -> Vec<Problem> {
    let file = config.folder.join(config::FILE);
    let (Ok(source), Some(timetable)) = (open::source(config), timetable) else { return Vec::new() };
    let (today, _) = crate::timetable::calendar::local(timetable.time_zone, globals.clock().now());
    match source.read(db, &HashMap::new(), today).await {
        Err(error) => vec![problem(&file, format!("[ledger] {error}"), "nothing is sent until the ledger can be read (T27)")],
        Ok(snapshot) => {
            let bad = snapshot
                .bad_rows
                .iter()
                .map(|bad| problem(&file, format!("[ledger] left out: {bad}"), "mend the row in the accounts").as_warning());
            let customers = snapshot.customers.values();
            let addresses = customers.flat_map(|c| c.unusable_addresses.iter().map(move |(text, why)| (c, text, why))).map(
                |(c, text, why)| {
                    let message = format!("[ledger] customer {}: {text:?} is no address: {why}", c.id);
                    problem(&file, message, "mend the address in the accounts").as_warning()
                },
            );
            bad.chain(addresses).take(100).collect()
        }
    }
}
