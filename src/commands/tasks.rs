//! `dunningd tasks`: the worklist.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Exit, Format, Globals, Result, date, open, output};
use crate::config;
use crate::contacts::State;
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::tasks::{self, Changed};
use crate::plan::Kind;

/// The worklist; without a word, its open tasks.
#[derive(Debug, Args)]
pub struct Tasks {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The open tasks (the default)
    #[command(after_help = "Example: dunningd tasks list --all")]
    List {
        /// Also those that are done or sleep
        #[arg(long)]
        all: bool,
    },
    /// A task is done
    #[command(after_help = "Example: dunningd tasks done 01J… --note \"pays on Friday\"")]
    Done {
        /// The task's id, as `tasks list` shows it
        id: String,
        /// What came of it
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// A task sleeps, that day included
    #[command(after_help = "Example: dunningd tasks snooze 01J… --until 2026-12-04")]
    Snooze {
        /// The task's id, as `tasks list` shows it
        id: String,
        /// The last day of its sleep
        #[arg(long, value_parser = date, value_name = "DATE")]
        until: NaiveDate,
    },
}

pub async fn run(globals: &Globals, args: &Tasks) -> Result {
    let config = open::config(globals)?;
    let db = match &args.what {
        None | Some(What::List { .. }) => open::database_to_look(&config).await?,
        Some(_) => open::database(&config).await?,
    };
    let (now, author) = (globals.clock().now(), config::author());
    let (changed, id, said) = match &args.what {
        None => return list(globals, &db, false).await,
        Some(What::List { all }) => return list(globals, &db, *all).await,
        Some(What::Done { id, note }) => {
            let mut tx = db.begin().await?;
            let changed = tasks::done(&mut tx, id, note, &author, now).await?;
            tx.commit().await?;
            (changed, id, "is done".to_owned())
        }
        Some(What::Snooze { id, until }) => {
            let mut tx = db.begin().await?;
            let changed = tasks::snooze(&mut tx, id, *until, &author, now).await?;
            tx.commit().await?;
            (changed, id, format!("sleeps until {until}, that day included"))
        }
    };
    match changed {
        Changed::NoSuchTask => Err(anyhow!("there is no task {id}; `dunningd tasks` lists those that are open").into()),
        Changed::AlreadyDone => Err(anyhow!("the task {id} is done already").into()),
        Changed::Yes => {
            match globals.format {
                Format::Json => {
                    let filter = Filter { contacts: Some(vec![id.clone()]), ..Filter::default() };
                    entry::list(&mut db.snapshot().await?, &filter).await?.iter().for_each(output::json);
                }
                Format::Text => output::line(format!("task {id} {said}")),
            }
            Ok(Exit::Done)
        }
    }
}

async fn list(globals: &Globals, db: &crate::database::Database, all: bool) -> Result {
    let states = if all { vec![State::Open, State::Snoozed, State::Done] } else { vec![State::Open] };
    let filter = Filter { kinds: vec![Kind::Task], states, ..Filter::default() };
    let entries = entry::list(&mut db.snapshot().await?, &filter).await?;
    match globals.format {
        Format::Json => entries.iter().for_each(output::json),
        Format::Text if entries.is_empty() => output::line("no task is open"),
        Format::Text => show(&entries),
    }
    Ok(Exit::Done)
}

fn show(entries: &[Entry]) {
    let mut table = output::table(&["ID", "SINCE", "TASK", "STEP", "CUSTOMER", "INVOICES", "COLLECTOR", "STATE", "NOTE"]);
    for e in entries {
        let mut invoices: Vec<&str> = e.invoices.iter().map(|i| i.id.as_str()).collect();
        if invoices.is_empty() {
            // A task that is of no step, as one for a better address: the invoice that brought it up.
            invoices.push(&e.lead);
        }
        table.add_row([
            e.contact.clone().unwrap_or_default(),
            e.date.to_string(),
            output::visible(&e.action),
            output::visible(&e.step),
            output::visible(&e.customer),
            output::visible(&invoices.join(", ")),
            e.to.join(", "),
            e.state.to_string(),
            output::visible(e.note.as_deref().unwrap_or_default()),
        ]);
    }
    output::show(&table);
}
