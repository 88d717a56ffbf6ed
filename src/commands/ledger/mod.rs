//! `dunningd ledger`: the accounts that are read, as a person looks at them. One file for each word.

mod diff;
mod doctor;
mod role;
mod show;

use clap::{Args, Subcommand};

use super::{Globals, Result};

/// The accounts that are read.
#[derive(Debug, Args)]
pub struct Ledger {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The rows of an invoice or a customer as they were read, and the query, or the file and line, that each comes from
    #[command(after_help = "Example: dunningd ledger show 2026-0142\n         dunningd ledger show C-1042 --format json")]
    Show(show::Show),
    /// What has changed since the last poll: invoices that are new, gone, paid, void, whose balance rose or fell, and addresses
    #[command(after_help = "Example: dunningd ledger diff\n         dunningd ledger diff --csv > changes.csv")]
    Diff(diff::Diff),
    /// What a person should mend in the books: customers without address, credit that is not set off, and the like
    #[command(after_help = "Example: dunningd ledger doctor\n         dunningd ledger doctor --only no-address --csv > mend.csv")]
    Doctor(doctor::Examine),
    /// The SQL that makes a user who may read what a preset reads, and nothing else; to be run by the database's owner
    #[command(
        after_help = "Example: dunningd ledger role --preset tryton > role.sql; psql tryton -f role.sql\n         dunningd ledger role --preset erpnext | mariadb erpnext"
    )]
    Role(role::Role),
}

pub async fn run(globals: &Globals, args: &Ledger) -> Result {
    match &args.what {
        What::Show(args) => show::run(globals, args).await,
        What::Diff(args) => diff::run(globals, args).await,
        What::Doctor(args) => doctor::run(globals, args).await,
        What::Role(args) => role::run(globals, args),
    }
}
