//! `dunningd check`: every problem at once, and silence when all is well.

mod approval;
mod files;
mod ledger;
mod outside;
mod rules;
mod shared;
mod suggest;

use chrono::NaiveDate;
use clap::Args;

use super::{Exit, Failure, Format, Globals, Result, open, output};
use crate::config::{self, Config};
use crate::delivery::preset;
use crate::diagnostic::{Problem, Severity};
use crate::timetable::{Timetable, calendar};
use files::Files;

/// Looks at everything.
#[derive(Debug, Args)]
pub struct Check {
    /// Does not ask the ledger, the database, the relay and the DNS
    #[arg(long)]
    offline: bool,
    /// Prints dunningd.toml as it is in force, defaults included, and what is worth knowing of the relay
    #[arg(long)]
    effective: bool,
    /// Prints every rule of the timetable as a sentence with sample dates, and the next three polls
    #[arg(long)]
    rules: bool,
    /// Prints a [[case]] for timetable.toml, made from an invoice of the ledger, and looks at nothing else
    #[arg(long, value_name = "INVOICE", conflicts_with_all = ["offline", "effective", "rules"])]
    suggest_case: Option<String>,
}

pub async fn run(globals: &Globals, args: &Check) -> Result {
    if let Some(invoice) = &args.suggest_case {
        return suggest::run(globals, invoice).await;
    }
    let folder = open::folder(globals);
    let (config, mut problems) = config::look(&folder);
    let (timetable, found) = config::look_at_timetable(&folder);
    // What is right of a file with mistakes is good enough for looking at the others, and for nothing else.
    let is_right = |found: &[Problem]| found.iter().all(|p| p.severity == Severity::Warning);
    let (config_is_right, timetable_is_right) = (is_right(&problems), is_right(&found));
    problems.extend(found);
    let files = Files::read(&folder);
    let whole = timetable.as_ref().filter(|_| timetable_is_right);
    if let Some(timetable) = whole {
        problems.extend(files.timetable(timetable, today(globals, timetable)));
    }
    if let Some(config) = &config {
        problems.extend(files.settings(config));
        problems.extend(files.schedule(config, whole));
        problems.extend(files.documents(config, timetable.as_ref()));
        problems.extend(files.templates(config, timetable.as_ref()));
        problems.extend(whole.and_then(|timetable| approval::untold(&files, config, timetable)));
    }
    if let (Some(config), true) = (&config, config_is_right) {
        if !args.offline {
            let outside = outside::look(globals, &files, config, whole).await;
            problems.extend(outside.problems);
            outside.notes.iter().filter(|_| args.effective).for_each(|note| output::remark(note));
        }
        problems.extend(surprises(&files, config, args.effective));
        if args.effective {
            let text = toml::to_string(config).map_err(anyhow::Error::from)?;
            output::line(text.trim_end());
        }
    }
    if let (true, Some(timetable)) = (args.rules, whole) {
        rules::print(globals, config.as_ref(), timetable);
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

fn today(globals: &Globals, timetable: &Timetable) -> NaiveDate {
    calendar::local(timetable.time_zone, globals.clock().now()).0
}

/// What surprises people about the relay of the preset: a warning if it matters with these settings; with `--effective`
/// all of it, as notes.
fn surprises(files: &Files, config: &Config, all: bool) -> Vec<Problem> {
    let (matter, others): (Vec<_>, Vec<_>) = preset::remarks(&config.relay).into_iter().partition(|r| r.matters);
    for remark in others.iter().filter(|_| all) {
        output::remark(&format!("[relay] {}", remark.says));
    }
    let help = "docs/relays.md has what is known of each preset";
    matter.into_iter().map(|r| files.problem("relay", format!("[relay] {}", r.says), help).as_warning()).collect()
}
