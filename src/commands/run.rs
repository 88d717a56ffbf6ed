//! `dunningd run`.

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, accept::Accept, journal, open, output, reread};
use crate::daemon::pass::{Pass, Report, pass};
use crate::daemon::schedule::Schedule;
use crate::daemon::serve::{serve, stop_on_signal};
use crate::daemon::{clock_check, stop};
use crate::database::{Database, DatabaseError};

/// The daemon, or one poll.
#[derive(Debug, Args)]
pub struct Run {
    /// One poll: plan, deliver all that is due, say what happened, exit
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    accept: Accept,
}

pub async fn run(globals: &Globals, args: &Run) -> Result {
    let config = open::config(globals)?;
    let relay = open::relay(globals, &config)?;
    if !args.once && globals.now.is_some() {
        return Err(anyhow!("--now stands still, and the daemon waits for the clock: add --once").into());
    }
    // Another daemon at work on a SQLite file has an exit code of its own (D8).
    let shift = open::shift(globals, &config, relay).await?;
    // One poll says by itself what it did.
    journal::begin(globals.format, if args.once { "warn" } else { "info" });
    if !args.once {
        let schedule = Schedule::new(&open::schedule(&config, &shift.office.timetable), shift.office.timetable.time_zone)
            .map_err(|e| anyhow!(e))?;
        return match serve(shift, schedule, reread::settings(&config), reread::reread(globals)).await {
            Ok(()) => Ok(Exit::Done),
            Err(error) => Err(anyhow::Error::from(error).into()),
        };
    }
    if let Some(other) = shift.other_timetable().await? {
        shift.end().await?;
        return Err(anyhow!(other).into());
    }
    let (stopper, stop) = stop::pair();
    stop_on_signal(stopper)?;
    let accepted = args.accept.accepted();
    let clock_problem = if accepted.clock { None } else { clock_check::problem(&shift.office).await? };
    let how = Pass { accepted, clock_problem: clock_problem.as_deref(), ..Pass::default() };
    let db = shift.office.db.clone();
    let passed = pass(&shift, how, &stop).await;
    shift.end().await?;
    let report = passed?;
    show(&report, &db, globals.format).await?;
    Ok(if report.needs_attention() { Exit::Attention } else { Exit::Done })
}

/// Shows what a pass came to.
///
/// # Errors
/// The own database's.
pub async fn show(report: &Report, db: &Database, format: Format) -> Result<(), DatabaseError> {
    let mut tx = db.snapshot().await?;
    if format == Format::Json {
        for part in 0..report.contacts.parts() {
            report.contacts.part(&mut tx, part).await?.iter().for_each(output::json);
        }
        output::json(&json!({ "poll": {
            "at": report.at, "date": report.date, "believed": report.believed, "in_window": report.in_window,
            "go_live": report.go_live, "open_invoices": report.open_invoices, "customers": report.customers,
            "contacts": report.counts.clone(), "waiting": report.waiting, "held_by_volume": report.held_by_volume,
            "bad_rows": report.bad_rows.len(), "problems": report.problems,
        } }));
        return Ok(());
    }
    if report.contacts.is_empty() {
        let why = match (report.believed, report.in_window) {
            (false, _) => "nothing was done",
            (true, false) => "nothing to do: it is outside of the send window",
            (true, true) if !report.problems.is_empty() => "nothing was sent",
            (true, true) => "nothing to do today",
        };
        output::line(why);
    } else {
        for part in 0..report.contacts.parts() {
            output::contacts(&report.contacts.part(&mut tx, part).await?);
        }
        let counts: Vec<String> = report.counts.iter().map(|(what, n)| format!("{n} {what}")).collect();
        output::line(format!("\n{}", counts.join(", ")));
    }
    if report.waiting > 0 {
        output::line(format!("{} steps are stopped or deferred; `dunningd plan` shows them", report.waiting));
    }
    report.bad_rows.iter().take(20).for_each(|bad| output::remark(&format!("left out: {bad}")));
    if report.bad_rows.len() > 20 {
        output::remark(&format!("… and {} more rows of the ledger", report.bad_rows.len() - 20));
    }
    report.problems.iter().for_each(|p| output::remark(p));
    Ok(())
}
