//! `dunningd ledger diff`: what has changed since the last poll. Nothing is written, and the next poll finds the same.

use clap::Args;
use serde_json::json;

use super::super::counting::{Counting, one_format};
use super::super::sheet::{self, Sheet};
use super::super::{Exit, Failure, Format, Globals, Result, output};
use crate::contacts::{facts, polls, written};
use crate::ledger::reading::Which;
use crate::ledger::source::ReadError;
use crate::report::changes::{self, Change};

/// What is different.
#[derive(Debug, Args)]
pub struct Diff {
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
}

pub async fn run(globals: &Globals, args: &Diff) -> Result {
    one_format(globals, args.csv)?;
    let Counting { timetable, source, db, today } = Counting::open(globals).await?;
    let mut tx = db.snapshot().await?;
    let since = polls::latest(&mut tx, 1).await?.first().map(|p| p.at);
    let mut reading = match source.open(db.snapshot().await?, facts::Remembered, today, None, Which::All).await {
        Ok(reading) => reading,
        Err(ReadError::Own(error)) => return Err(error.into()),
        Err(error @ ReadError::Query(_)) => {
            output::complain(&format!("the ledger could not be read: {error}"));
            return Ok(Exit::Attention);
        }
    };
    let mut found: Vec<Change> = Vec::new();
    while let Some(page) = reading.next().await? {
        let before = facts::load(&mut tx, page.whose()).await?;
        let recipients = written::last_recipients(&mut tx, page.whose()).await?;
        found.extend(changes::of(&page.snapshot, &before, &recipients));
    }
    match globals.format {
        _ if args.csv => write(&found)?,
        Format::Json => output::json(&json!({ "since": since, "changes": found })),
        Format::Text => {
            let zone = timetable.time_zone;
            match since {
                None => output::line("nothing was polled yet: all is new"),
                Some(at) => output::line(format!("Since the poll of {}:", at.with_timezone(&zone).format("%F %R"))),
            }
            show(&found);
        }
    }
    Ok(Exit::Done)
}

fn write(found: &[Change]) -> Result<(), Failure> {
    let mut sheet = Sheet::begin(["what", "customer", "invoice", "before", "now"])?;
    for c in found {
        let texts = [&c.customer, &c.invoice, &c.before, &c.now].map(|t| sheet::text(t));
        sheet.row(std::iter::once(c.what.word().to_owned()).chain(texts))?;
    }
    sheet.end()
}

fn show(found: &[Change]) {
    if found.is_empty() {
        return output::line("nothing has changed");
    }
    let mut table = output::table(&["WHAT", "CUSTOMER", "INVOICE", "BEFORE", "NOW"]);
    for c in found {
        let word = c.what.word().to_owned();
        table.add_row([
            word,
            output::visible(&c.customer),
            output::visible(&c.invoice),
            output::visible(&c.before),
            output::visible(&c.now),
        ]);
    }
    output::show(&table);
}
