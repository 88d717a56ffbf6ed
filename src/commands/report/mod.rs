//! `dunningd report`: what the reminders bring, and how long the company waits for its money.

mod dso;
mod effect;

use clap::{Args, Subcommand};

use super::{Globals, Result};

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

/// A number, or that there is none.
fn some<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| "–".to_owned(), |n| n.to_string())
}
