//! `dunningd reload`: the daemons at work read their files anew, and say what came of it (D9).

use std::time::Duration;

use anyhow::anyhow;
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::contacts::claim::{self, Daemon};
use crate::daemon::orders::{self, Answer};
use crate::database::Database;

/// How long a daemon may take to answer: it looks every two seconds, and renders all templates once.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(200);

pub async fn run(globals: &Globals) -> Result {
    let config = open::config(globals)?;
    let db = open::database_to_look(&config).await?;
    let daemons = claim::at_work(&mut db.snapshot().await?).await?;
    if daemons.is_empty() || db.is_taken() == Some(false) {
        let name = db.name();
        return Err(anyhow!("no daemon works on {name}; one that is started reads its files then. If `url` of [database] was changed, a daemon at work on the old one has to be restarted").into());
    }
    let db = open::database(&config).await?;
    let order = ulid::Ulid::new().to_string();
    let mut tx = db.begin().await?;
    for daemon in &daemons {
        orders::ask_to_reload(&mut tx, &daemon.id, Some(&order)).await?;
    }
    tx.commit().await?;
    let mut not_taken = 0;
    for daemon in &daemons {
        let answer = wait(&db, daemon, &order).await?;
        not_taken += usize::from(!answer.as_ref().is_some_and(|a| a.taken));
        show(globals.format, daemon, answer.as_ref());
    }
    if not_taken > 0 {
        let all = daemons.len();
        return Err(anyhow!("{not_taken} of {all} daemons did not take the files, and go on with what they had").into());
    }
    Ok(Exit::Done)
}

/// The answer to the order; `None`: there is none in time, and the order is taken back.
async fn wait(db: &Database, daemon: &Daemon, order: &str) -> Result<Option<Answer>> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let answer = orders::answered(&mut db.snapshot().await?, &daemon.id).await?;
        if let Some(answer) = answer.filter(|a| a.order.as_deref() == Some(order)) {
            return Ok(Some(answer));
        }
        if tokio::time::Instant::now() > until {
            let mut tx = db.begin().await?;
            orders::ask_to_reload(&mut tx, &daemon.id, None).await?;
            tx.commit().await?;
            return Ok(None);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn show(format: Format, daemon: &Daemon, answer: Option<&Answer>) {
    if format == Format::Json {
        let (taken, said) = answer.map_or((false, &[][..]), |a| (a.taken, &a.said[..]));
        let (changes, problems) = if taken { (said, &[][..]) } else { (&[][..], said) };
        return output::json(&json!({ "daemon": daemon.name, "answered": answer.is_some(), "taken": taken,
            "changes": changes, "problems": problems }));
    }
    match answer {
        None => output::line(format!("{}: no answer within {} seconds", daemon.name, PATIENCE.as_secs())),
        Some(Answer { taken: true, said, .. }) if said.is_empty() => {
            output::line(format!("{}: nothing has changed", daemon.name))
        }
        Some(Answer { taken, said, .. }) => {
            output::line(format!("{}: {}", daemon.name, if *taken { "taken" } else { "not taken" }));
            said.iter().for_each(|s| output::line(format!("  {}", output::visible(s))));
        }
    }
}
