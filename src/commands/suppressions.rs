//! `dunningd suppressions`: the addresses that no e-mail goes to, and a person's word that one is good after all.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::address::EmailAddress;
use crate::config;
use crate::contacts::address_task;
use crate::contacts::suppress::{self, Suppression};

/// The suppressed addresses; without a word, those in force.
#[derive(Debug, Args)]
pub struct Suppressions {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The suppressed addresses (the default)
    #[command(after_help = "Example: dunningd suppressions list --all")]
    List {
        /// Also those that were lifted
        #[arg(long)]
        all: bool,
    },
    /// An address is good after all: e-mails go there again from the next poll on
    #[command(after_help = "Example: dunningd suppressions lift ap@example.com --reason \"their server is mended\"")]
    Lift {
        /// The address
        #[arg(value_parser = EmailAddress::parse)]
        address: EmailAddress,
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

pub async fn run(globals: &Globals, args: &Suppressions) -> Result {
    let config = open::config(globals)?;
    match &args.what {
        None => list(globals, &config, false).await,
        Some(What::List { all }) => list(globals, &config, *all).await,
        Some(What::Lift { address, reason }) => lift(globals, &config, &address.to_string(), reason).await,
    }
}

async fn lift(globals: &Globals, config: &config::Config, address: &str, reason: &str) -> Result {
    let db = open::database(config).await?;
    let (now, author) = (globals.clock().now(), config::author());
    let mut tx = db.begin().await?;
    if !suppress::lift(&mut tx, address, &author, reason, now).await? {
        return Err(anyhow!("{address} is not suppressed; `dunningd suppressions` lists those that are").into());
    }
    address_task::close(&mut tx, address, &author, reason, now).await?;
    tx.commit().await?;
    let said = format!("{address} is not suppressed any more: e-mails go there from the next poll on");
    match globals.format {
        Format::Text => output::line(said),
        Format::Json => output::json(&json!({ "said": said, "address": address, "lifted_by": author, "reason": reason })),
    }
    Ok(Exit::Done)
}

async fn list(globals: &Globals, config: &config::Config, all: bool) -> Result {
    let db = open::database_to_look(config).await?;
    let found = suppress::list(&mut db.snapshot().await?, all).await?;
    match globals.format {
        Format::Json => found.iter().for_each(output::json),
        Format::Text if found.is_empty() => output::line("no address is suppressed"),
        Format::Text => show(&found, open::timetable(config)?.time_zone, all),
    }
    Ok(Exit::Done)
}

fn show(found: &[Suppression], zone: chrono_tz::Tz, all: bool) {
    let mut header = vec!["ADDRESS", "SINCE", "CONTACT", "EVIDENCE"];
    header.extend(all.then_some("LIFTED"));
    let mut table = output::table(&header);
    let at = |t: chrono::DateTime<chrono::Utc>| t.with_timezone(&zone).format("%F %R").to_string();
    for one in found {
        let mut row = vec![
            output::visible(&one.address),
            at(one.since),
            one.contact.clone().unwrap_or_default(),
            output::visible(&one.evidence),
        ];
        if all {
            let lifted = one.lifted.as_ref().map(|lifted| {
                let words = |text: &Option<String>| text.clone().unwrap_or_default();
                format!("{} by {}: {}", at(lifted.at), words(&lifted.by), words(&lifted.reason))
            });
            row.push(output::visible(&lifted.unwrap_or_default()));
        }
        table.add_row(row);
    }
    output::show(&table);
}
