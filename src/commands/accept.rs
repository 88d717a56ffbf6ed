//! A person's word that a guard has tripped without need (T27–T29, T31, D16): for one poll with `run --once`, or for a
//! running daemon with `dunningd accept-…`.

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::config;
use crate::contacts::claim;
use crate::daemon::orders::{self, Order};
use crate::daemon::poll::Accepted;
use crate::daemon::schedule::Schedule;

/// What is accepted for this one poll.
#[derive(Debug, Clone, Copy, Args)]
pub struct Accept {
    /// The ledger is right, although the guard does not believe it (T27)
    #[arg(long, requires = "once")]
    accept_ledger: bool,
    /// So many e-mails are meant (T28)
    #[arg(long, requires = "once")]
    accept_volume: bool,
    /// The steps that appeared are new ones, not renamed (T31)
    #[arg(long, requires = "once")]
    accept_steps: bool,
    /// The clock is right (T29)
    #[arg(long, requires = "once")]
    accept_clock: bool,
    /// The database went back in time, and what it has forgotten was looked at (D16)
    #[arg(long, requires = "once")]
    accept_gap: bool,
}

impl Accept {
    /// As the poll takes it.
    pub fn accepted(self) -> Accepted {
        Accepted {
            ledger: self.accept_ledger,
            volume: self.accept_volume,
            steps: self.accept_steps,
            clock: self.accept_clock,
            gap: self.accept_gap,
        }
    }
}

/// What a word means for the next poll.
fn meaning(order: Order) -> &'static str {
    match order {
        Order::Ledger => "the ledger is believed as it is then read, and is the measure from then on (T27)",
        Order::Volume => "all e-mails that are due leave, however many they are (T28)",
        Order::Steps => "the steps that appeared are taken for new ones (T31)",
        Order::Clock => "the clock is believed (T29)",
        Order::Gap => {
            "the log is believed as it is now, although it was further once (D16); what it has forgotten may be sent again"
        }
    }
}

/// Gives the word to the daemon: its next poll takes it, and no other one.
pub async fn give(globals: &Globals, order: Order) -> Result {
    let config = open::config(globals)?;
    let zone = open::timetable(&config)?.time_zone;
    let schedule = Schedule::new(&config.poll.schedule, zone).map_err(|e| anyhow!(e))?;
    let db = open::database(&config).await?;
    let now = globals.clock().now();
    let mut tx = db.begin().await?;
    if order == Order::Gap {
        let mark = open::mark(&config, &db)?;
        // On a shared database the mark that is ahead may lie beside a daemon on another host.
        if (mark.is_there() || !db.is_shared()) && mark.gap(&mut tx).await?.is_none() {
            let said = "there is no gap: the log has all that the high-water mark beside the daemon says; nothing was done";
            say(globals, order, false, said, None);
            return Ok(Exit::Done);
        }
    }
    orders::give(&mut tx, order, &config::author(), now).await?;
    let at_work = claim::at_work(&mut tx).await?;
    tx.commit().await?;
    let running = db.is_taken().unwrap_or(!at_work.is_empty());
    let next = schedule.next(now).map(|slot| slot.at.with_timezone(&zone));
    let when = match (running, next) {
        (true, Some(at)) => format!("at the next poll, {}", at.format("%F %R")),
        (true, None) => "at the next poll; the schedule has none".to_owned(),
        (false, _) => format!(
            "at the first poll of the daemon, which is not running now; for a single poll without it: `dunningd run --once --accept-{}`",
            order.word()
        ),
    };
    let lasts = if order == Order::Gap { "" } else { "; it holds for that poll only" };
    let said = format!("{}: {}{lasts}", when, meaning(order));
    say(globals, order, true, &said, next.filter(|_| running).map(|t| t.to_rfc3339()));
    Ok(Exit::Done)
}

fn say(globals: &Globals, order: Order, given: bool, said: &str, poll: Option<String>) {
    match globals.format {
        Format::Text => output::line(said),
        Format::Json => output::json(&json!({ "accepted": order.word(), "given": given, "poll": poll, "said": said })),
    }
}
