//! `dunningd import`: CSV files as dunningd has them, or with a profile (`profile`) those of accounting programs.

mod profile;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::anyhow;
use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::config::LedgerSource;
use crate::ledger::freshness;
use crate::ledger::import::{self, Files, Imported};
use crate::ledger::values::DateFormat;
use crate::money::Currency;

/// CSV files into the own ledger.
#[derive(Debug, Args)]
pub struct Import {
    /// The file of the customers
    #[arg(long, value_name = "FILE", required_unless_present_any = ["invoices", "payments", "profile", "profiles"])]
    customers: Option<PathBuf>,
    /// The file of the invoices
    #[arg(long, value_name = "FILE")]
    invoices: Option<PathBuf>,
    /// The file of the payments
    #[arg(long, value_name = "FILE")]
    payments: Option<PathBuf>,
    /// The payments are complete up to this day; without it, up to the day of the import (L10)
    #[arg(long, value_name = "DATE", value_parser = super::date)]
    fresh_as_of: Option<NaiveDate>,
    /// The files are the whole ledger: an invoice that they do not name becomes void, a payment or customer is gone
    #[arg(long)]
    replace: bool,
    /// Files of an accounting program, read with a profile: the name of one, or a file of your own that ends with .toml
    #[arg(long, value_name = "PROFILE", requires = "files", conflicts_with_all = ["invoices", "payments", "replace"])]
    profile: Option<String>,
    /// The files that are read with the profile
    #[arg(value_name = "FILE", requires = "profile")]
    files: Vec<PathBuf>,
    /// With a profile: the currency where the files have none
    #[arg(long, value_name = "CODE", requires = "profile", value_parser = currency)]
    currency: Option<Currency>,
    /// With a profile: how the dates are written, such as mm/dd/yyyy
    #[arg(long, value_name = "FORMAT", requires = "profile", value_parser = date_format)]
    date_format: Option<DateFormat>,
    /// Lists the profiles
    #[arg(long, conflicts_with_all = ["customers", "invoices", "payments", "profile"])]
    profiles: bool,
}

fn currency(text: &str) -> std::result::Result<Currency, String> {
    text.parse()
}

fn date_format(text: &str) -> std::result::Result<DateFormat, String> {
    DateFormat::try_from(text.to_owned())
}

pub async fn run(globals: &Globals, args: &Import) -> Result {
    if args.profiles {
        profile::list(globals.format)?;
        return Ok(Exit::Done);
    }
    if args.fresh_as_of.is_some() && args.payments.is_none() && args.profile.is_none() {
        return Err(anyhow!("--fresh-as-of says how old payments are: name their file with --payments, or a --profile").into());
    }
    let config = open::config(globals)?;
    if config.ledger.source != LedgerSource::Own {
        return Err(anyhow!("[ledger] source is \"query\": the ledger is read from the accounts, and nothing is imported").into());
    }
    let translated = args.profile.as_ref().map(|name| profile::read(name, args, &config)).transpose()?;
    let db = open::database(&config).await?;
    let paths = [("customers", &args.customers), ("invoices", &args.invoices), ("payments", &args.payments)];
    let bars = Bars::new(&paths);
    let mut progress = |set: &'static str, bytes| bars.advance(set, bytes);
    let files =
        Files { customers: args.customers.as_deref(), invoices: args.invoices.as_deref(), payments: args.payments.as_deref() };
    let mut tx = db.begin().await?;
    let max = config.ledger.max_bad_rows;
    let imported = import::import(&mut tx, files, &config.import, max, args.replace, &mut progress).await;
    bars.clear();
    let unchanged = |e| anyhow!("{e}\nnothing was changed");
    let mut imported = imported.map_err(unchanged)?;
    let mut remarks = Vec::new();
    let mut is_fresh = args.payments.is_some();
    if let Some((profile, found)) = translated {
        let done = import::import_by(&mut tx, &profile, found, max).await.map_err(unchanged)?;
        imported.extend(done.sets);
        remarks = done.remarks;
        is_fresh |= profile.file.complete || args.fresh_as_of.is_some();
    }
    if is_fresh {
        let today =
            || globals.clock().now().with_timezone(&open::timetable(&config).map_or(Tz::UTC, |t| t.time_zone)).date_naive();
        freshness::note(&mut tx, args.fresh_as_of.unwrap_or_else(today)).await?;
    }
    tx.commit().await?;
    show(&imported, globals.format);
    remarks.iter().for_each(|text| output::remark(text));
    Ok(Exit::Done)
}

fn show(imported: &[Imported], format: Format) {
    for set in imported {
        let bad = &set.tally.bad;
        if format == Format::Json {
            output::json(&json!({ "set": set.tally.set, "rows": set.tally.rows, "changed": set.changed, "gone": set.gone,
                "bad_rows": set.tally.bad_rows, "bad": bad }));
        } else {
            let gone = if set.gone == 0 { String::new() } else { format!(", {} no longer named", set.gone) };
            output::line(format!("{}: {} rows read, {} new or changed{gone}", set.tally.set, set.tally.rows, set.changed));
        }
        bad.iter().take(20).for_each(|b| output::remark(&format!("left out: {b}")));
        if set.tally.bad_rows > 20 {
            output::remark(&format!("… {} rows of {} in all were left out", set.tally.bad_rows, set.tally.set));
        }
    }
}

/// Below this size nobody needs a bar.
const WORTH_A_BAR: u64 = 4 << 20;

/// A bar for each large file, on a terminal only.
struct Bars {
    all: MultiProgress,
    bars: Vec<(&'static str, ProgressBar)>,
}

impl Bars {
    fn new(paths: &[(&'static str, &Option<PathBuf>)]) -> Self {
        let all = MultiProgress::new();
        let size = |p: &PathBuf| std::fs::metadata(p).map_or(0, |m| m.len());
        let style = ProgressStyle::with_template("{prefix:10} {bar:40} {bytes}/{total_bytes} {eta} left");
        let bar = |(set, path): &(&'static str, &Option<PathBuf>)| {
            let size = path.as_ref().map(size).filter(|s| *s >= WORTH_A_BAR && std::io::stderr().is_terminal())?;
            let bar = all.add(ProgressBar::new(size).with_prefix(*set));
            if let Ok(style) = &style {
                bar.set_style(style.clone());
            }
            Some((*set, bar))
        };
        Self { bars: paths.iter().filter_map(bar).collect(), all }
    }

    fn advance(&self, set: &str, bytes: u64) {
        self.bars.iter().filter(|(s, _)| *s == set).for_each(|(_, bar)| bar.set_position(bytes));
    }

    fn clear(&self) {
        // A bar that cannot be wiped off the terminal stays there: no harm.
        let _ = self.all.clear();
    }
}
