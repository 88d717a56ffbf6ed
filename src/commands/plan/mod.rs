//! `dunningd plan`: what would go out, and why, without touching anything.

mod diff;
mod groups;

use std::path::PathBuf;

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, date, open, output};
use crate::contacts::Entry;
use crate::daemon::poll::{self, Inputs, Look};
use crate::daemon::rehearsal::{self, Paying, Rehearsal};
use crate::plan::make::Waiting;

/// What would go out.
#[derive(Debug, Args)]
pub struct Plan {
    /// The day [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// So many days from that day on, each after what the days before it have sent [default: 1; with --diff 30]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3660), value_name = "N")]
    days: Option<u32>,
    /// Everything that is held back, however much it is; with --diff every difference
    #[arg(long)]
    all: bool,
    /// Another timetable file: what it would change on these days
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
}

/// How much of what is held back is listed without --all.
const SHORT: usize = 20;

pub async fn run(globals: &Globals, args: &Plan) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let (now, today, _) = office.present();
    let first = args.on.unwrap_or(today);
    if let Some(file) = &args.diff {
        return diff::run(globals, &config, office, file, (first, args.days.unwrap_or(30)), args.all).await;
    }
    let shown = Shown { format: globals.format, all: args.all };
    let days = args.days.unwrap_or(1);
    if days > 1 {
        let last =
            first.checked_add_days(chrono::Days::new(u64::from(days) - 1)).ok_or_else(|| anyhow!("there is no such day"))?;
        let mut rehearsal = Rehearsal::begin(office, first, Paying::AsItStands, None).await.map_err(anyhow::Error::from)?;
        for day in rehearsal::days(first, last) {
            let played = rehearsal.play(day).await.map_err(anyhow::Error::from)?;
            shown.day(day, &played.contacts, &played.waiting, &played.problems);
        }
        return Ok(Exit::Done);
    }
    let inputs = Inputs::of(&office, now, first, office.timetable.calendar.is_business_day(first));
    let refusal = match poll::dry_run(&inputs).await? {
        Ok(Look { refusal: Some(refusal), .. }) => refusal,
        Ok(look) => {
            let contacts: Vec<Entry> = look.plan.contacts.iter().chain(&look.plan.skips).map(Entry::of_plan).collect();
            shown.day(first, &contacts, &look.plan.waiting, &look.problems);
            return Ok(Exit::Done);
        }
        Err(error) => poll::unread(&error),
    };
    shown.day(first, &[], &[], &[refusal, "nothing would be sent and nothing would be changed".to_owned()]);
    Ok(Exit::Attention)
}

/// How a plan is shown.
struct Shown {
    format: Format,
    all: bool,
}

impl Shown {
    fn day(&self, day: NaiveDate, contacts: &[Entry], waiting: &[Waiting], problems: &[String]) {
        if self.format == Format::Json {
            contacts.iter().for_each(output::json);
            let shown = |w: &Waiting| json!({ "customer": w.customer, "invoice": w.invoice, "step": w.step, "occurrence": w.occurrence, "reason": w.reason, "rule": w.rule, "until": w.until });
            output::json(&json!({ "plan": { "date": day, "contacts": contacts.len(), "groups": groups::document(contacts),
                "held": groups::held_document(waiting), "waiting": waiting.iter().map(shown).collect::<Vec<_>>(),
                "problems": problems } }));
            return;
        }
        output::line(format!("{}: {} contacts", day.format("%A, %F"), contacts.len()));
        if contacts.len() > 1 {
            groups::show(contacts);
        }
        if !contacts.is_empty() {
            output::contacts(contacts);
        }
        if !waiting.is_empty() {
            output::line(format!("\nheld back: {}", waiting.len()));
            groups::show_held(waiting);
            if self.all || waiting.len() <= SHORT {
                output::line("");
                list(waiting);
            } else {
                output::line("--all lists each of them");
            }
        }
        problems.iter().for_each(|p| output::remark(p));
        output::line("");
    }
}

fn list(waiting: &[Waiting]) {
    let mut table = output::table(&["CUSTOMER", "INVOICE", "STEP", "WHY", "UNTIL"]);
    for w in waiting {
        let words = [&w.customer, &w.invoice, &w.step].map(|text| output::visible(text));
        let [customer, invoice, step] = words;
        table.add_row([customer, invoice, step, format!("{} ({})", w.reason, w.rule), groups::day(w.until)]);
    }
    output::show(&table);
}
