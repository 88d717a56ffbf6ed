//! `dunningd digest`: the morning's e-mail to colleagues, without sending it.

use std::io::Write as _;

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Exit, Format, Globals, Result, date, open, output};
use crate::address::EmailAddress;
use crate::daemon::digest::letter;
use crate::daemon::forewarn;
use crate::digest::gather;
use crate::message::digest::Digest;
use crate::message::forewarning::Forewarning;
use crate::timetable::calendar;

/// A digest, shown.
#[derive(Debug, Args)]
pub struct ShowDigest {
    /// Whose it is; without it: who gets one, and what is in it
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// Of this morning [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// The forewarning of what waits for approval instead, where `[approval]` gives it an hour of its own
    #[arg(long)]
    forewarning: bool,
    /// As which part of the e-mail
    #[arg(long = "as", value_enum, default_value_t = As::Text, value_name = "PART", requires = "to")]
    part: As,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum As {
    Text,
    Html,
    Eml,
}

pub async fn run(globals: &Globals, args: &ShowDigest) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let (now, present, _) = office.present();
    let on = args.on.unwrap_or(present);
    let settings = config.digest.clone().unwrap_or_default();
    if config.digest.is_none() {
        output::remark("dunningd.toml has no [digest], so that none is sent");
    }
    let rules = &office.timetable.approval;
    if args.forewarning && rules.at.is_none() {
        output::remark("timetable.toml has no `at` in [approval], so that the digest has the forewarning");
    }
    // Of another day: as it was at its hour.
    let hour = rules.at.filter(|_| args.forewarning).unwrap_or(settings.at);
    let at = if on < present { calendar::instant(office.timetable.time_zone, on, hour) } else { now };
    let mut gathered = gather::gather(&office.db, &office.source, &office.timetable, on, present, at).await?;
    gathered.drafts = forewarn::drafts(&office, &gathered.waiting).await?;
    let Some(to) = &args.to else {
        match args.forewarning {
            true => asked(globals.format, &gathered.forewarnings(config.digest.as_ref(), &office.company)),
            false => list(globals.format, &gathered.readers(&settings, &office.company)),
        }
        return Ok(Exit::Done);
    };
    let to = EmailAddress::parse(to).map_err(|reason| anyhow!("{to:?} is no address: {reason}"))?.to_string();
    let (renderer, language) = (&office.renderer, &office.default_language);
    let rendered = if args.forewarning {
        let forewarning = gathered.forewarning(&to, config.digest.as_ref(), &office.company);
        if globals.format == Format::Json {
            output::json(&forewarning);
            return Ok(Exit::Done);
        }
        if forewarning.approvals.is_empty() {
            output::line(format!("nothing waits for the approval of {to}"));
            return Ok(Exit::Done);
        }
        renderer.forewarning(language, &forewarning)
    } else {
        let digest = gathered.of(&to, &settings, &office.company);
        if globals.format == Format::Json {
            output::json(&digest);
            return Ok(Exit::Done);
        }
        renderer.digest(language, &digest)
    };
    let rendered = rendered.map_err(|problem| anyhow!("{problem}"))?;
    let shown = match args.part {
        As::Text => format!("Subject: {}\n\n{}", rendered.subject, output::visible(&rendered.text)).into_bytes(),
        As::Html => rendered.html.unwrap_or_default().into_bytes(),
        As::Eml => {
            drop(gathered);
            let office = crate::daemon::office::Office { signer: open::signer(&config)?, ..office };
            letter(&office, &to, &rendered, "preview", at).map_err(|problem| anyhow!(problem))?.bytes
        }
    };
    // A reader that has gone away is no error.
    let _ = std::io::stdout().lock().write_all(&shown);
    Ok(Exit::Done)
}

/// Who is told of what waits.
fn asked(format: Format, readers: &[Forewarning]) {
    if format == Format::Json {
        readers.iter().map(|f| json!({ "to": f.recipient, "approvals": f.approvals.len() })).for_each(|f| output::json(&f));
        return;
    }
    if readers.is_empty() {
        output::line("nobody is told: nothing waits for approval, or there is nobody to tell");
        return;
    }
    let mut table = output::table(&["TO", "APPROVALS"]);
    for f in readers {
        table.add_row([output::visible(&f.recipient), f.approvals.len().to_string()]);
    }
    output::to_the_right(&mut table, 1..2);
    output::show(&table);
}

fn list(format: Format, readers: &[Digest]) {
    if format == Format::Json {
        let reader = |d: &Digest| {
            json!({ "to": d.recipient, "manager": d.manager.is_some(), "tasks": d.tasks.len(), "overdue": d.overdue,
                    "results": d.results.len(), "approvals": d.approvals.len(), "payments": d.payments.len() + d.more_payments, "trouble": d.trouble.len() })
        };
        readers.iter().map(reader).for_each(|reader| output::json(&reader));
        return;
    }
    if readers.is_empty() {
        output::line("nobody gets a digest: [digest] names no manager, and no collector has anything to read");
        return;
    }
    let mut table = output::table(&["TO", "MANAGER", "TASKS", "OVERDUE", "APPROVALS", "RESULTS", "PAYMENTS", "TROUBLE"]);
    for d in readers {
        let manager = if d.manager.is_some() { "yes" } else { "–" };
        let payments = d.payments.len() + d.more_payments;
        let numbers =
            [d.tasks.len(), d.overdue, d.approvals.len(), d.results.len(), payments, d.trouble.len()].map(|n| n.to_string());
        table.add_row([output::visible(&d.recipient), manager.to_owned()].into_iter().chain(numbers));
    }
    output::to_the_right(&mut table, 2..8);
    output::show(&table);
}
