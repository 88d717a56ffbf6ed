//! `dunningd status`.

use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::{State, claim, count, polls, suppress};

/// How many polls are shown.
const POLLS: u32 = 5;

pub async fn run(globals: &Globals) -> Result {
    let config = open::config(globals)?;
    let db = open::database_to_look(&config).await?;
    let mut tx = db.snapshot().await?;
    let daemons = claim::at_work(&mut tx).await?;
    // On a SQLite file the lock says it at once; elsewhere the leases do.
    let running = if db.is_shared() { !daemons.is_empty() } else { db.take_daemon_lock().is_err() };
    let polls = polls::latest(&mut tx, POLLS).await?;
    let counts = count::counts(&mut tx).await?;
    let suppressed = suppress::count(&mut tx).await?;
    let states = vec![State::InDoubt, State::Failed, State::Sending];
    let person: Vec<Entry> = entry::list(&mut tx, &Filter { states, ..Filter::default() }).await?;
    let doubt = person.iter().filter(|e| e.state == State::InDoubt).count();
    let last_problem = polls.first().and_then(|p| p.problem.clone());
    if globals.format == Format::Json {
        let states: serde_json::Map<_, _> = counts.iter().map(|(s, n)| (s.word().to_owned(), json!(n))).collect();
        let shown = |p: &polls::PollRecord| {
            json!({ "at": p.at, "slot": p.slot, "believed": p.believed, "open_invoices": p.read.open_invoices,
                    "bad_rows": p.read.bad_rows, "contacts": p.outcome, "problem": p.problem })
        };
        output::json(&json!({ "running": running, "contacts": states, "polls": polls.iter().map(shown).collect::<Vec<_>>(),
            "suppressed_addresses": suppressed, "needs_a_person": person }));
    } else {
        output::line(if running { "a daemon is running" } else { "no daemon is running" });
        let mut table = output::table(&["POLL", "READ", "OPEN INVOICES", "BAD ROWS", "PLANNED", "PROBLEM"]);
        for p in &polls {
            let planned: Vec<String> = p.outcome.iter().map(|(what, n)| format!("{n} {what}")).collect();
            table.add_row([
                p.at.with_timezone(&open::timetable(&config)?.time_zone).format("%F %R").to_string(),
                if p.believed { "believed" } else { "not believed" }.to_owned(),
                p.read.open_invoices.to_string(),
                p.read.bad_rows.to_string(),
                planned.join(", "),
                output::visible(p.problem.as_deref().unwrap_or_default()),
            ]);
        }
        if polls.is_empty() {
            output::line("nothing was polled yet");
        } else {
            output::show(&table);
        }
        let mut states: Vec<String> = State::ALL.into_iter().filter_map(|s| counts.get(&s).map(|n| format!("{n} {s}"))).collect();
        if states.is_empty() {
            states.push("none".to_owned());
        }
        output::line(format!("\ncontacts: {}", states.join(", ")));
        if suppressed > 0 {
            output::line(format!("suppressed addresses: {suppressed}; `dunningd suppressions` shows them"));
        }
        if doubt > 0 {
            output::line(
                "in doubt means: handed over, but never confirmed; nobody is written to again before a person has looked",
            );
        }
        if !person.is_empty() {
            output::line("\nneeds a person:");
            output::contacts(&person);
        }
    }
    Ok(if doubt > 0 || last_problem.is_some() { Exit::Attention } else { Exit::Done })
}
