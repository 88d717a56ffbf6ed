//! `dunningd plan`: what would go out, and why, without touching anything.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, date, open, output};
use crate::config;
use crate::contacts::Entry;
use crate::daemon::poll::{self, Inputs, Outcome};
use crate::daemon::rehearsal::{self, Rehearsal};
use crate::plan::make::Waiting;

/// What would go out.
#[derive(Debug, Args)]
pub struct Plan {
    /// The day [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// So many days from that day on, each after what the days before it have sent
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3660), value_name = "N")]
    days: u32,
}

pub async fn run(globals: &Globals, args: &Plan) -> Result {
    let config = open::config(globals)?;
    let office = open::office_to_look(globals, &config).await?;
    let (now, today, _) = office.present();
    let first = args.on.unwrap_or(today);
    if args.days > 1 {
        let last =
            first.checked_add_days(chrono::Days::new(u64::from(args.days) - 1)).ok_or_else(|| anyhow!("there is no such day"))?;
        let mut rehearsal = Rehearsal::begin(office, &config::scratch_folder(), None).await.map_err(anyhow::Error::from)?;
        for day in rehearsal::days(first, last) {
            let report = rehearsal.play(day).await.map_err(anyhow::Error::from)?;
            show(globals.format, day, &report.contacts, &report.waiting, &report.problems);
        }
        return Ok(Exit::Done);
    }
    let inputs = Inputs::of(&office, now, first, office.timetable.calendar.is_business_day(first));
    let outcome: Outcome = poll::dry_run(&inputs).await?;
    let contacts: Vec<Entry> = outcome.plan.contacts.iter().chain(&outcome.plan.skips).map(Entry::of_plan).collect();
    show(globals.format, first, &contacts, &outcome.plan.waiting, &outcome.problems);
    Ok(if outcome.snapshot.is_none() { Exit::Attention } else { Exit::Done })
}

fn show(format: Format, day: NaiveDate, contacts: &[Entry], waiting: &[Waiting], problems: &[String]) {
    if format == Format::Json {
        contacts.iter().for_each(output::json);
        let shown = |w: &Waiting| json!({ "customer": w.customer, "invoice": w.invoice, "step": w.step, "occurrence": w.occurrence, "reason": w.reason, "rule": w.rule });
        output::json(&json!({ "plan": { "date": day, "contacts": contacts.len(),
            "waiting": waiting.iter().map(shown).collect::<Vec<_>>(), "problems": problems } }));
        return;
    }
    output::line(format!("{}: {} contacts", day.format("%A, %F"), contacts.len()));
    if !contacts.is_empty() {
        output::contacts(contacts);
    }
    if !waiting.is_empty() {
        output::line(format!("\nheld back: {}", waiting.len()));
        let mut table = output::table(&["CUSTOMER", "INVOICE", "STEP", "WHY"]);
        for w in waiting {
            table.add_row([
                output::visible(&w.customer),
                output::visible(&w.invoice),
                output::visible(&w.step),
                format!("{} ({})", w.reason, w.rule),
            ]);
        }
        output::show(&table);
    }
    problems.iter().for_each(|p| output::remark(p));
    output::line("");
}
