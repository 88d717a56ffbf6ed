//! One batch of files into the own ledger. What cannot be read changes nothing, and says why.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::{Batch, Inbox, Reads, Waiting};
use crate::database::Tx;
use crate::ledger::freshness;
use crate::ledger::import::{self, Files, Imported};
use crate::ledger::profile::{self, Given};

/// What a batch came to.
#[derive(Debug)]
pub struct Taken {
    /// What is said of it, in lines.
    pub report: String,
}

/// Reads a batch. Nothing is durable before the caller commits. `today`: up to which day its payments are complete (L10).
///
/// # Errors
/// Why nothing was taken from it, in lines.
pub async fn take(inbox: &Inbox, tx: &mut Tx, batch: &Batch, today: NaiveDate) -> Result<Taken, String> {
    let (sets, remarks, fresh) = match batch.files.first().map(|f| &f.reads) {
        None | Some(Reads::Unknown) => {
            return Err(
                "nothing says what this file is: call it customers….csv, invoices….csv or payments….csv, put it into a folder \
                        that is called as a profile, or name a pattern for it in [ledger.drop_profiles]"
                    .to_owned(),
            );
        }
        Some(Reads::Profile(name)) => by_profile(inbox, tx, batch, name).await?,
        Some(_) => plain(inbox, tx, batch).await?,
    };
    if fresh {
        freshness::note(tx, today).await.map_err(|e| e.to_string())?;
    }
    let lines = sets.iter().map(line).chain(remarks.into_iter().map(|r| format!("note: {r}")));
    let bad = sets.iter().flat_map(|s| &s.tally.bad).map(|b| format!("left out: {b}"));
    Ok(Taken { report: lines.chain(bad).collect::<Vec<_>>().join("\n") + "\n" })
}

fn line(set: &Imported) -> String {
    let gone = if set.gone == 0 { String::new() } else { format!(", {} no longer named", set.gone) };
    let bad = if set.tally.bad_rows == 0 { String::new() } else { format!(", {} left out", set.tally.bad_rows) };
    format!("{}: {} rows read, {} new or changed{gone}{bad}", set.tally.set, set.tally.rows, set.changed)
}

type Read = (Vec<Imported>, Vec<String>, bool);

async fn by_profile(inbox: &Inbox, tx: &mut Tx, batch: &Batch, name: &str) -> Result<Read, String> {
    let said =
        |problems: Vec<crate::diagnostic::Problem>| problems.iter().map(|p| p.render(false)).collect::<Vec<_>>().join("\n");
    let profile = profile::find(name, &inbox.beside).map_err(said)?;
    let paths: Vec<PathBuf> = batch.files.iter().map(|f| f.path.clone()).collect();
    let settings = inbox.import();
    let given = Given { import: &settings, currency: None, date_format: None };
    let found = profile::translate(&profile, &paths, &given).map_err(|e| e.to_string())?;
    let done = import::import_by(tx, &profile, found, inbox.max_bad_rows).await.map_err(|e| e.to_string())?;
    Ok((done.sets, done.remarks, profile.file.complete))
}

async fn plain(inbox: &Inbox, tx: &mut Tx, batch: &Batch) -> Result<Read, String> {
    let of = |reads: &Reads| batch.files.iter().find(|f| f.reads == *reads).map(|f: &Waiting| f.path.as_path());
    let files = Files { customers: of(&Reads::Customers), invoices: of(&Reads::Invoices), payments: of(&Reads::Payments) };
    let mut progress = |_: &'static str, _: u64| {};
    let sets = import::import(tx, files, &inbox.import(), inbox.max_bad_rows, inbox.replace, &mut progress).await;
    Ok((sets.map_err(|e| e.to_string())?, Vec::new(), files.payments.is_some()))
}
