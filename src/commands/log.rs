//! `dunningd log`.

use chrono::NaiveDate;
use clap::Args;

use super::{Exit, Format, Globals, Result, date, open, output, state, verify};
use crate::contacts::entry::{self, Filter};
use crate::contacts::{State, approval};

/// The contact log.
#[derive(Debug, Args)]
pub struct Log {
    /// Only this customer's contacts
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Only contacts about this invoice
    #[arg(long, value_name = "ID")]
    invoice: Option<String>,
    /// Only from this day on
    #[arg(long, value_parser = date, value_name = "DATE")]
    since: Option<NaiveDate>,
    /// Only in this state; may be given several times
    #[arg(long, value_parser = state, value_name = "STATE")]
    state: Vec<State>,
    /// Checks the chain of hashes from the first event, the contacts and the kept messages
    #[arg(long, conflicts_with_all = ["customer", "invoice", "since", "state"])]
    verify: bool,
}

pub async fn run(globals: &Globals, args: &Log) -> Result {
    let config = open::config(globals)?;
    let db = open::database_to_look(&config).await?;
    if args.verify {
        return verify::run(globals, &config, &db).await;
    }
    let filter = Filter {
        customer: args.customer.clone(),
        invoice: args.invoice.clone(),
        since: args.since,
        states: args.state.clone(),
        ..Filter::default()
    };
    let mut tx = db.snapshot().await?;
    let mut entries = entry::list(&mut tx, &filter).await?;
    approval::name_authors(&mut tx, &mut entries).await?;
    match globals.format {
        Format::Json => entries.iter().for_each(output::json),
        Format::Text if entries.is_empty() => output::line("the log has no such contact"),
        Format::Text => output::contacts(&entries),
    }
    Ok(Exit::Done)
}
