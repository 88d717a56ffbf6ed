//! `dunningd status`.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::polls::PollRecord;
use crate::contacts::{State, approval, claim, count, polls, suppress};
use crate::daemon::mark::Mark;
use crate::daemon::{orders, pace, pause, settle};
use crate::database::Tx;
use crate::ledger::inbox;

/// How many polls are shown.
const POLLS: u32 = 5;

/// What holds the delivery up, or slows it down.
struct Holds {
    /// The relay refuses us, or everybody (D4).
    pause: Option<pause::Pause>,
    /// The relay refused our password too often (D4).
    sign_in: Option<String>,
    /// E-mails a minute, since the relay asked for less (D6).
    throttle: Option<u32>,
    /// The database went back in time (D16).
    gap: Option<String>,
}

impl Holds {
    async fn load(tx: &mut Tx, mark: &Mark, now: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            pause: pause::load(tx).await?.filter(|p| now < p.until),
            sign_in: settle::paused(tx, now).await?,
            throttle: pace::throttle(tx, now).await?,
            gap: mark.gap(tx).await?,
        })
    }

    fn stop(&self) -> bool {
        self.pause.is_some() || self.sign_in.is_some() || self.gap.is_some()
    }

    fn show(&self, zone: chrono_tz::Tz) {
        if let Some(pause) = &self.pause {
            let until = pause.until.with_timezone(&zone).format("%F %R");
            output::line(format!("delivery pauses until {until} and the queue is kept: {}", output::visible(&pause.reason)));
        }
        self.sign_in.iter().for_each(output::line);
        if let Some(n) = self.throttle {
            output::line(format!("the relay has asked for less: {n} e-mails a minute for now"));
        }
        self.gap.iter().for_each(output::line);
    }
}

pub async fn run(globals: &Globals) -> Result {
    let config = open::config(globals)?;
    let db = open::database_to_look(&config).await?;
    // First: a daemon at work writes the log, and then the mark.
    let mark = open::mark(&config, &db)?;
    let mut tx = db.snapshot().await?;
    let daemons = claim::at_work(&mut tx).await?;
    // On a SQLite file the lock says it at once; elsewhere the leases do.
    let running = db.is_taken().unwrap_or(!daemons.is_empty());
    let daemons = if running { daemons } else { Vec::new() };
    let mut refused = Vec::new();
    for daemon in &daemons {
        let answer = orders::answered(&mut tx, &daemon.id).await?.filter(|a| !a.taken);
        refused.extend(answer.map(|a| (daemon.name.clone(), a)));
    }
    let polls = polls::latest(&mut tx, POLLS).await?;
    let counts = count::counts(&mut tx).await?;
    let suppressed = suppress::count(&mut tx).await?;
    let (waiting, next_try) = count::waiting(&mut tx).await?;
    let (asking, asking_since) = approval::count(&mut tx).await?;
    let holds = Holds::load(&mut tx, &mark, globals.clock().now()).await?;
    let states = vec![State::InDoubt, State::Failed, State::Sending];
    let person: Vec<Entry> = entry::list(&mut tx, &Filter { states, ..Filter::default() }).await?;
    let doubts: Vec<&Entry> = person.iter().filter(|e| e.state == State::InDoubt).collect();
    let inbox = config.inbox();
    let rejected = inbox.as_ref().map(|i| inbox::rejected(&i.folder)).transpose()?.unwrap_or_default();
    let last_problem = polls.first().and_then(|p| p.problem.clone());
    if globals.format == Format::Json {
        let states: serde_json::Map<_, _> = counts.iter().map(|(s, n)| (s.word().to_owned(), json!(n))).collect();
        let shown = |p: &PollRecord| {
            json!({ "at": p.at, "slot": p.slot, "believed": p.believed, "open_invoices": p.read.open_invoices,
                    "bad_rows": p.read.bad_rows, "contacts": p.outcome, "problem": p.problem })
        };
        let pause = holds.pause.as_ref().map(|p| json!({ "until": p.until, "reason": p.reason }));
        output::json(&json!({ "running": running, "daemons": daemons, "contacts": states, "waiting": waiting,
            "next_try": next_try, "wait_for_approval": asking, "wait_for_approval_since": asking_since, "pause": pause, "sign_in": holds.sign_in, "per_minute": holds.throttle, "gap": holds.gap,
            "not_reloaded": refused.iter().map(|(name, a)| json!({ "daemon": name, "at": a.at, "problems": a.said })).collect::<Vec<_>>(),
            "polls": polls.iter().map(shown).collect::<Vec<_>>(), "suppressed_addresses": suppressed,
            "rejected_files": rejected.iter().map(|(file, why)| json!({ "file": file, "problem": why })).collect::<Vec<_>>(),
            "needs_a_person": person }));
    } else {
        // With a file that cannot be read `status` is wanted most.
        let zone = open::timetable(&config).map_or_else(
            |_| {
                output::remark("timetable.toml cannot be read: run `dunningd check`; all times here are UTC");
                chrono_tz::Tz::UTC
            },
            |timetable| timetable.time_zone,
        );
        let local = |text: &str| {
            let at = text.parse::<DateTime<Utc>>();
            at.map_or_else(|_| text.to_owned(), |t| t.with_timezone(&zone).format("%F %R").to_string())
        };
        output::line(if running { "a daemon is running" } else { "no daemon is running" });
        for d in &daemons {
            let (since, seen) = (local(&d.started_at), local(&d.seen_at));
            let n = d.connections;
            let shares = if db.is_shared() { format!(", {n} connections, seen {seen}") } else { String::new() };
            output::line(format!("  {} (version {}) since {since}{shares}", d.name, d.version));
        }
        for (name, answer) in &refused {
            let at = answer.at.with_timezone(&zone).format("%F %R");
            output::line(format!("{name} has not taken the files as they were at {at}, and goes on with what it had (D9):"));
            answer.said.iter().for_each(|s| output::line(format!("  {}", output::visible(s))));
        }
        holds.show(zone);
        show_polls(&polls, zone);
        let mut states: Vec<String> = State::ALL.into_iter().filter_map(|s| counts.get(&s).map(|n| format!("{n} {s}"))).collect();
        if states.is_empty() {
            states.push("none".to_owned());
        }
        output::line(format!("\ncontacts: {}", states.join(", ")));
        if waiting > 0 {
            let next = next_try.map(|t| format!("; the next that is to be tried again, at {}", local(&t))).unwrap_or_default();
            output::line(format!("waiting to be sent: {waiting}{next}"));
        }
        if let Some(since) = asking_since {
            output::line(format!("waiting for approval: {asking}, the first since {since}; `dunningd approve` shows them"));
        }
        if suppressed > 0 {
            output::line(format!("suppressed addresses: {suppressed}; `dunningd suppressions` shows them"));
        }
        if let Some(inbox) = inbox.filter(|_| !rejected.is_empty()) {
            let place = inbox.folder.join(inbox::REJECTED);
            output::line(format!(
                "files that could not be imported, in {} (drop them again when they are mended, and delete these):",
                place.display()
            ));
            rejected.iter().for_each(|(file, why)| output::line(output::visible(&format!("  {file}: {why}"))));
        }
        if !doubts.is_empty() {
            output::line(
                "in doubt means: handed over, but never confirmed; nobody is written to again before a person has looked",
            );
            for e in &doubts {
                let (id, message) = (e.contact.as_deref().unwrap_or_default(), e.message_id.as_deref().unwrap_or_default());
                output::line(format!("  dunningd resolve {id} --sent|--resend|--cancel    (Message-ID {message})"));
            }
        }
        if !person.is_empty() {
            output::line("\nneeds a person:");
            output::contacts(&person);
        }
    }
    let attention = !doubts.is_empty() || last_problem.is_some() || holds.stop() || !refused.is_empty() || !rejected.is_empty();
    Ok(if attention { Exit::Attention } else { Exit::Done })
}

fn show_polls(polls: &[PollRecord], zone: chrono_tz::Tz) {
    if polls.is_empty() {
        return output::line("nothing was polled yet");
    }
    let mut table = output::table(&["POLL", "READ", "OPEN INVOICES", "BAD ROWS", "PLANNED", "PROBLEM"]);
    for p in polls {
        let planned: Vec<String> = p.outcome.iter().map(|(what, n)| format!("{n} {what}")).collect();
        table.add_row([
            p.at.with_timezone(&zone).format("%F %R").to_string(),
            if p.believed { "believed" } else { "not believed" }.to_owned(),
            p.read.open_invoices.to_string(),
            p.read.bad_rows.to_string(),
            planned.join(", "),
            output::visible(p.problem.as_deref().unwrap_or_default()),
        ]);
    }
    output::show(&table);
}
