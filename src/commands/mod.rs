//! The command line: one file per command, of the same name.
//!
//! Owns the exit codes: 0 done; 1 it ran, and something needs attention; 2 wrong usage or configuration, nothing was done;
//! 3 another daemon holds the state. May import everything.

mod accept;
mod aging;
mod all;
mod approve;
mod check;
mod controls;
mod counting;
mod demo;
mod digest;
mod evidence;
mod explain;
mod forget;
mod import;
mod in_force;
mod init;
mod journal;
mod ledger;
mod log;
mod note;
mod open;
mod output;
mod plan;
mod preview;
mod rank;
mod rehearse;
mod reload;
mod report;
mod reread;
mod resolve;
mod run;
mod send_test;
mod sheet;
mod status;
mod suppressions;
mod tasks;
mod timetable;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, ValueEnum};
use rust_decimal::Decimal;

use crate::clock::Clock;
use crate::contacts::State;
use crate::diagnostic::Problem;

/// Reminder e-mails for accounts receivable, by the company's own timetable.
#[derive(Debug, Parser)]
#[command(name = "dunningd", version, about, propagate_version = true, after_help = "Example: dunningd demo")]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: all::Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
struct Globals {
    /// The folder with dunningd.toml and timetable.toml [default: config, then /etc/dunningd]
    #[arg(long, global = true, value_name = "DIR")]
    config: Option<PathBuf>,
    /// Tables for people, or JSON for programs
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Takes this instant for the present; only a loopback relay or the file transport may be used then
    #[arg(long, global = true, value_name = "RFC3339", value_parser = instant)]
    now: Option<DateTime<Utc>>,
}

impl Globals {
    fn clock(&self) -> Clock {
        self.now.map_or(Clock::System, Clock::Given)
    }
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let read = DateTime::parse_from_rfc3339(text).map(|t| t.to_utc());
    read.map_err(|e| format!("{e}; write it as 2026-03-02T09:00:00-05:00"))
}

fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write the date as 2026-03-02".to_owned())
}

fn amount(text: &str) -> Result<Decimal, String> {
    crate::money::plain_decimal(text)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// An invoice or a customer, one of the two.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
struct About {
    /// The invoice's id
    #[arg(long, value_name = "ID")]
    invoice: Option<String>,
    /// The customer's id
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Done,
    /// It ran, and something needs attention.
    Attention,
}

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Problems of files, each with its place.
    #[error("{}", .0.first().map_or("", |p| p.message.as_str()))]
    Problems(Vec<Problem>),
    /// Another daemon holds the state (D8).
    #[error("{0}")]
    Taken(String),
    /// Wrong usage, or something that the command needs is not there.
    #[error("{0:#}")]
    Wrong(#[from] anyhow::Error),
}

impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl From<crate::database::DatabaseError> for Failure {
    fn from(error: crate::database::DatabaseError) -> Self {
        match error {
            crate::database::DatabaseError::Taken { .. } => Self::Taken(error.to_string()),
            other => Self::Wrong(other.into()),
        }
    }
}

impl From<crate::daemon::shift::ShiftError> for Failure {
    fn from(error: crate::daemon::shift::ShiftError) -> Self {
        match error {
            crate::daemon::shift::ShiftError::Database(error) => error.into(),
            other => Self::Wrong(other.into()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Wrong(error.into())
    }
}

type Result<T = Exit, E = Failure> = std::result::Result<T, E>;

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&format!("the runtime cannot be started: {error}"));
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(all::dispatch(&cli.globals, &cli.command)) {
        Ok(Exit::Done) => ExitCode::SUCCESS,
        Ok(Exit::Attention) => ExitCode::from(1),
        Err(Failure::Problems(problems)) => {
            output::problems(&problems, cli.globals.format);
            ExitCode::from(2)
        }
        Err(Failure::Taken(message)) => {
            output::complain(&message);
            ExitCode::from(3)
        }
        Err(Failure::Wrong(error)) => {
            output::complain(&causes(&error));
            ExitCode::from(2)
        }
    }
}

/// An error with its causes, each said once.
fn causes(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .map(ToString::to_string)
        .fold(error.to_string(), |said, cause| if said.contains(&cause) { said } else { format!("{said}: {cause}") })
}

fn state(word: &str) -> Result<State, String> {
    word.parse()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_shows_an_example() {
        let cli = Cli::command();
        cli.clone().debug_assert();
        for command in cli.get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Example: dunningd "), "{}", command.get_name());
        }
    }
}
