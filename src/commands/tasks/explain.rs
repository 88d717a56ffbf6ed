//! `dunningd tasks explain`: how a task's priority came about.

use anyhow::anyhow;
use serde_json::json;

use super::super::counting::Counting;
use super::super::output::{self, heading, line, one_line, paragraph};
use super::super::{Exit, Format, Globals, Result};
use super::list;
use crate::ledger::source::ReadError;
use crate::plan::explain::words::count;
use crate::timetable::priority::Score;
use crate::worklist::Desk;
use crate::worklist::item::{self, Item};
use crate::worklist::priority::Weighed;

pub async fn run(globals: &Globals, id: &str) -> Result {
    let Counting { timetable, source, db, today } = Counting::open(globals).await?;
    let task = item::one(&mut db.snapshot().await?, id, today).await?;
    let task = task.ok_or_else(|| anyhow!("there is no task {id}; `dunningd tasks` lists those that are open"))?;
    let desk = match Desk::of(&db, &source, &timetable, std::iter::once(&task.entry), today).await {
        Ok(desk) => desk,
        Err(ReadError::Own(error)) => return Err(error.into()),
        Err(error) => {
            output::complain(&format!("the ledger could not be read: {error}"));
            return Ok(Exit::Attention);
        }
    };
    let customer = &task.entry.customer;
    let (Some(weighed), Some(figures)) = (desk.weigh(&task.entry), desk.figures(customer)) else {
        return Err(anyhow!("the ledger has no customer {customer:?} (any more): the task has no priority").into());
    };
    let name = figures.name.clone();
    let task = task.weighed(&desk);
    match globals.format {
        Format::Json => {
            let sum = sum(&weighed);
            output::json(&json!({
                "task": task, "customer_name": name, "priority": task.priority, "settled": weighed.settled,
                "factors": weighed.factors, "product": sum,
            }));
        }
        Format::Text => show(&task, &name, &weighed),
    }
    Ok(Exit::Done)
}

/// `2 × 1.5 × 4 = 12`.
fn sum(weighed: &Weighed) -> String {
    let times: Vec<String> = weighed.factors.iter().map(|f| Score::product([f.times]).to_string()).collect();
    if times.is_empty() { String::new() } else { format!("{} = {}", times.join(" × "), weighed.score) }
}

fn show(task: &Item, name: &str, weighed: &Weighed) {
    let e = &task.entry;
    heading(&format!("{} {}: priority {}", e.action, e.contact.as_deref().unwrap_or_default(), list::priority(task)));
    let about = task.invoices();
    let about = if about.is_empty() { String::new() } else { format!("; about {}", output::few(&about, 10)) };
    line(one_line(&format!("{name}, {}{about}", e.customer)));
    if weighed.settled {
        return paragraph("Nothing is open any more on the invoices that it is about: it comes after all others.", 0);
    }
    line("");
    let mut table = output::table(&["FACTOR", "FIGURE", "TIMES"]);
    for f in &weighed.factors {
        table.add_row([f.factor.to_owned(), one_line(&f.figure), Score::product([f.times]).to_string()]);
    }
    output::to_the_right(&mut table, 2..3);
    output::show(&table);
    line(format!("\n{}", sum(weighed)));
    if task.overdue {
        let days = count(task.days_overdue.unsigned_abs(), "day");
        paragraph(&format!("It was due on {}, {days} ago: overdue tasks come before all others.", task.due), 0);
    }
}
