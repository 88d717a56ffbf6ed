//! `dunningd tasks calendar`: the tasks for a calendar program.

use std::collections::HashMap;
use std::io::Write as _;

use anyhow::Context as _;

use super::super::counting::{Counting, failed};
use super::super::{Exit, Globals, Result, open, output};
use super::Calendar;
use crate::report::books::ReportError;
use crate::worklist::calendar::{Tasks, Who, written};

pub async fn run(globals: &Globals, args: &Calendar) -> Result {
    let config = open::config(globals)?;
    let entries = args.entries.or(config.calendar.map(|c| c.entries)).unwrap_or_default();
    let counting = Counting::open(globals).await?;
    let of = args.collector.as_deref();
    let tasks = Tasks::read(&mut counting.db.snapshot().await?, of, counting.today).await?;
    let who = match who(&counting, &tasks).await {
        Ok(who) => who,
        Err(error) => return failed(error),
    };
    let text = written(&tasks, of, &who, entries);
    if tasks.is_empty() {
        output::remark("no such task is open: the calendar is empty");
    }
    match &args.out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("{}: the calendar cannot be written", path.display()))?;
        }
        // A reader that has gone away is no error.
        None => drop(std::io::stdout().lock().write_all(text.as_bytes())),
    }
    Ok(Exit::Done)
}

/// The customers of the tasks, as the ledger has them today.
async fn who(counting: &Counting, tasks: &Tasks) -> Result<HashMap<String, Who>, ReportError> {
    let wanted = tasks.customers();
    let (mut who, mut books) = (HashMap::new(), counting.books(counting.today).await?);
    while let Some((ledger, _)) = books.next().await? {
        let customers = ledger.customers.values().filter(|c| wanted.contains(c.id.as_str()));
        who.extend(customers.map(|c| (c.id.clone(), Who::from(c))));
    }
    Ok(who)
}
