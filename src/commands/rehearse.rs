//! `dunningd rehearse`: days played one after another, without sending anything.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, date, open, output};
use crate::config;
use crate::daemon::rehearsal::{self, Rehearsal};

/// Plays days.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The first day
    #[arg(long, value_parser = date, value_name = "DATE")]
    from: NaiveDate,
    /// The last day
    #[arg(long, value_parser = date, value_name = "DATE")]
    to: NaiveDate,
    /// Where contacts.jsonl and the e-mails (emails/*.eml) are written
    #[arg(long, default_value = "rehearsal", value_name = "DIR")]
    out: PathBuf,
}

pub async fn run(globals: &Globals, args: &Rehearse) -> Result {
    if args.to < args.from {
        return Err(anyhow!("--to {} is before --from {}", args.to, args.from).into());
    }
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let emails = args.out.join("emails");
    if emails.exists() {
        return Err(anyhow!(
            "{} has a rehearsal already: name another folder with --out, or take it away first",
            args.out.display()
        )
        .into());
    }
    open::make_folder(&emails)?;
    let file = args.out.join("contacts.jsonl");
    let create = std::fs::File::create(&file).with_context(|| format!("{} cannot be written", file.display()));
    let mut lines = std::io::BufWriter::new(create?);
    let mut rehearsal =
        Rehearsal::begin(office, &config::scratch_folder(), Some(emails.clone())).await.map_err(anyhow::Error::from)?;
    let controls = rehearsal.controls().await.map_err(anyhow::Error::from)?;
    let (mut counts, mut problems, mut days) = (BTreeMap::new(), Vec::new(), 0_u32);
    for day in rehearsal::days(args.from, args.to) {
        let report = rehearsal.play(day).await.map_err(anyhow::Error::from)?;
        days += 1;
        for contact in &report.contacts {
            serde_json::to_writer(&mut lines, contact).map_err(anyhow::Error::from)?;
            lines.write_all(b"\n")?;
            *counts.entry((contact.step.clone(), contact.kind.word(), contact.state.word())).or_insert(0_u64) += 1;
        }
        problems.extend(report.problems.into_iter().map(|p| format!("{day}: {p}")));
    }
    lines.flush()?;
    if globals.format == Format::Json {
        let shown = |((step, kind, state), n): (&(String, &str, &str), &u64)| json!({ "step": step, "kind": kind, "state": state, "contacts": n });
        output::json(&json!({ "rehearsal": { "from": args.from, "to": args.to, "days": days, "out": args.out,
            "contacts": counts.iter().map(shown).collect::<Vec<_>>(), "problems": problems } }));
        return Ok(Exit::Done);
    }
    let mut table = output::table(&["STEP", "KIND", "STATE", "CONTACTS"]);
    for ((step, kind, state), n) in &counts {
        table.add_row([step.clone(), (*kind).to_owned(), (*state).to_owned(), n.to_string()]);
    }
    output::show(&table);
    output::line(format!("\n{days} days, {} contacts: {}", counts.values().sum::<u64>(), file.display()));
    output::line(format!("the e-mails: {}", emails.display()));
    if controls > 0 {
        output::remark(&format!("{controls} holds, promises and disputes of today were in force on every day"));
    }
    problems.iter().take(20).for_each(|p| output::remark(p));
    if problems.len() > 20 {
        output::remark(&format!("… and {} more", problems.len() - 20));
    }
    Ok(Exit::Done)
}
