//! The files of a daemon at work, read anew and checked as a whole (D9).

use std::sync::Arc;

use super::{Failure, Globals, Result, open};
use crate::config::{self, Config};
use crate::daemon::reload::{Fresh, Reread};
use crate::daemon::schedule::Schedule;
use crate::database::Database;
use crate::diagnostic::{Problem, Severity};
use crate::message::attach;

/// Reads the files of the folder that the command line names.
pub fn reread(globals: &Globals) -> Reread {
    let globals = globals.clone();
    Arc::new(move |db| fresh(&globals, db))
}

/// `dunningd.toml` as it is in force, to see later which keys have changed.
pub fn settings(config: &Config) -> toml::Table {
    toml::Table::try_from(config).unwrap_or_default()
}

fn fresh(globals: &Globals, db: Database) -> Result<Fresh, Vec<String>> {
    let folder = open::folder(globals);
    let (config, timetable) = match (config::load(&folder), config::load_timetable(&folder)) {
        (Ok(config), Ok((timetable, _))) => (config, timetable),
        (config, timetable) => {
            let problems = config.err().into_iter().chain(timetable.err()).flatten();
            return Err(problems.filter_map(|p| sentence(&p)).collect());
        }
    };
    let mut wrong = Vec::new();
    keep(&mut wrong, open::company(&config));
    let renderer = keep(&mut wrong, open::renderer(&config, &timetable));
    if let Some(renderer) = renderer.as_ref().filter(|_| !open::needs_no_templates(&config, &timetable)) {
        wrong.extend(renderer.check(&config.company).iter().filter_map(sentence));
        wrong.extend(open::check_of_colleagues(&config, Some(&timetable), renderer).iter().filter_map(sentence));
    }
    let source = keep(&mut wrong, open::source(&config, timetable.time_zone));
    let signer = keep(&mut wrong, open::signer(&config));
    let relay = keep(&mut wrong, open::relay(globals, &config));
    let schedule = Schedule::new(&open::schedule(&config, &timetable), timetable.time_zone).map_err(|e| wrong.push(e)).ok();
    let documents = config.attachments.directory.as_deref().map(attach::Folder::open);
    wrong.extend(documents.and_then(std::result::Result::err));
    match (renderer, source, signer, relay, schedule) {
        (Some(renderer), Some(source), Some(signer), Some(relay), Some(schedule)) if wrong.is_empty() => {
            let office = open::furnish(globals, &config, (timetable, renderer, source), db);
            let office = crate::daemon::office::Office { signer, ..office };
            Ok(Fresh { office, relay, schedule, settings: settings(&config) })
        }
        _ => Err(wrong),
    }
}

/// What could be read; what is wrong with the rest is kept.
fn keep<T>(wrong: &mut Vec<String>, read: Result<T>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(Failure::Problems(problems)) => {
            wrong.extend(problems.iter().filter_map(sentence));
            None
        }
        Err(other) => {
            wrong.push(other.to_string());
            None
        }
    }
}

/// An error on one line; a warning is for `check`.
fn sentence(problem: &Problem) -> Option<String> {
    if problem.severity == Severity::Warning {
        return None;
    }
    let place = problem.line_column().map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    Some(format!("{}{place}: {}{help}", problem.file, problem.message))
}
