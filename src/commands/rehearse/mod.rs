//! `dunningd rehearse`: days played one after another, without sending anything.

mod calendar;
mod report;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use calendar::Calendar;
use chrono::{Days, NaiveDate};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Exit, Format, Globals, Result, date, open, output};
use crate::daemon::rehearsal::{self, Paying, Rehearsal, RehearsalError};

/// Plays days.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The first day [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// The last day [default: four weeks from the first]
    #[arg(long, value_parser = date, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Who pays on these days: nobody of whom the ledger does not say so, or everybody as late as so far
    #[arg(long, value_enum, default_value_t = Payers::AsItStands)]
    paying: Payers,
    /// Where report.html, contacts.jsonl and the e-mails (emails/*.eml) are written
    #[arg(long, default_value = "rehearsal", value_name = "DIR")]
    out: PathBuf,
    /// Writes no e-mails: only what goes out and when
    #[arg(long)]
    no_emails: bool,
}

/// The words for [`Paying`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
enum Payers {
    AsItStands,
    AsSoFar,
}

impl From<Payers> for Paying {
    fn from(payers: Payers) -> Self {
        match payers {
            Payers::AsItStands => Self::AsItStands,
            Payers::AsSoFar => Self::AsSoFar,
        }
    }
}

pub async fn run(globals: &Globals, args: &Rehearse) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let from = args.from.unwrap_or(office.present().1);
    let to = args.to.or_else(|| from.checked_add_days(Days::new(27))).context("there is no such day")?;
    if to < from {
        return Err(anyhow!("--to {to} is before --from {from}").into());
    }
    let (emails, file) = (args.out.join("emails"), args.out.join("contacts.jsonl"));
    if emails.exists() || file.exists() {
        return Err(anyhow!(
            "{} has a rehearsal already: name another folder with --out, or take it away first",
            args.out.display()
        )
        .into());
    }
    open::make_folder(if args.no_emails { &args.out } else { &emails })?;
    let create = std::fs::File::create(&file).with_context(|| format!("{} cannot be written", file.display()));
    let mut lines = std::io::BufWriter::new(create?);
    let company = office.company.name.clone();
    let begun = Rehearsal::begin(office, from, args.paying.into(), (!args.no_emails).then(|| emails.clone())).await;
    let mut rehearsal = match begun {
        Err(error @ RehearsalError::Ledger(_)) => {
            output::complain(&error.to_string());
            return Ok(Exit::Attention);
        }
        begun => begun.map_err(anyhow::Error::from)?,
    };
    let controls = rehearsal.controls();
    let mut calendar = Calendar::default();
    for day in rehearsal::days(from, to) {
        let played = rehearsal.play(day).await.map_err(anyhow::Error::from)?;
        for contact in &played.contacts {
            serde_json::to_writer(&mut lines, contact).map_err(anyhow::Error::from)?;
            lines.write_all(b"\n")?;
        }
        calendar.add(day, &played);
    }
    lines.flush()?;
    let page = args.out.join("report.html");
    let html = report::page(&calendar, &company, args.paying.into(), controls).map_err(|e| anyhow!("{e}"))?;
    std::fs::write(&page, html).with_context(|| format!("{} cannot be written", page.display()))?;
    if globals.format == Format::Json {
        output::json(&json!({ "rehearsal": { "from": from, "to": to, "days": calendar.days.len(), "out": args.out,
            "paying": args.paying, "contacts": calendar.totals(), "calendar": calendar.document(),
            "reviews": calendar.reviews, "problems": calendar.problems } }));
        return Ok(Exit::Done);
    }
    calendar.show();
    calendar.show_reviews();
    output::line(format!("\n{} days, {} contacts: {}", calendar.days.len(), calendar.contacts(), file.display()));
    if !args.no_emails {
        output::line(format!("the e-mails: {}", emails.display()));
    }
    output::line(format!("the report:  {}", page.display()));
    if controls > 0 {
        output::remark(&format!("{controls} holds, promises and disputes of today were in force, each as long as it lasts"));
    }
    calendar.problems.iter().take(20).for_each(|p| output::remark(p));
    if calendar.problems.len() > 20 {
        output::remark(&format!("… and {} more", calendar.problems.len() - 20));
    }
    Ok(Exit::Done)
}
