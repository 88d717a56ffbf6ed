//! `dunningd report`: what the reminders bring, and how long the company waits for its money.

mod dso;
mod effect;

use clap::{Args, Subcommand};

use super::{Exit, Failure, Globals, Result, output};
use crate::report::books::ReportError;

/// Numbers about the work itself.
#[derive(Debug, Args)]
pub struct Report {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Which step brings the money: for how many invoices something came after it and before the next, how soon, how much
    #[command(after_help = "Example: dunningd report effect --from 2026-01-01 --to 2026-06-30")]
    Effect(effect::Effect),
    /// Days sales outstanding and collection effectiveness, month by month
    #[command(after_help = "Example: dunningd report dso --months 24 --csv > dso.csv")]
    Dso(dso::Dso),
}

pub async fn run(globals: &Globals, args: &Report) -> Result {
    match &args.what {
        What::Effect(args) => effect::run(globals, args).await,
        What::Dso(args) => dso::run(globals, args).await,
    }
}

/// A ledger that cannot be read is no mistake of the command: it ran, and there is nothing to show.
fn failed(error: ReportError) -> Result {
    match error {
        ReportError::Database(error) => Err(error.into()),
        error @ ReportError::PastQuery { .. } => Err(Failure::Wrong(error.into())),
        error @ ReportError::Read(_) => {
            output::complain(&error.to_string());
            Ok(Exit::Attention)
        }
    }
}

/// A number, or that there is none.
fn some<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| "–".to_owned(), |n| n.to_string())
}
