//! `dunningd controls`: the holds, promises and disputes in force.

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::contacts::{control, tasks};
use crate::timetable::calendar;
use crate::timetable::stops::promise_end;

/// What people entered, and what still counts of it.
#[derive(Debug, Args)]
pub struct Controls {
    /// Only these
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only those of this customer and its invoices
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Hold,
    Promise,
    Dispute,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Promise => "promise",
            Self::Dispute => "dispute",
        }
    }
}

/// One of them.
#[derive(serde::Serialize)]
struct Entered {
    kind: String,
    invoice: Option<String>,
    customer: Option<String>,
    since: NaiveDate,
    age_days: i64,
    until: Option<NaiveDate>,
    amount: Option<String>,
    code: Option<String>,
    note: Option<String>,
    author: String,
}

pub async fn run(globals: &Globals, args: &Controls) -> Result {
    let config = open::config(globals)?;
    let timetable = open::timetable(&config)?;
    let zone = timetable.time_zone;
    let today = calendar::local(zone, globals.clock().now()).0;
    let db = open::database_to_look(&config).await?;
    let mut tx = db.snapshot().await?;
    let mut found = Vec::new();
    for row in control::rows(&mut tx, None).await? {
        let (kind, subject) = (row.text("kind")?, row.text("subject")?);
        let of_customer = row.text("about")? == "customer";
        let customer = if of_customer { Some(subject.clone()) } else { tasks::customer_of(&mut tx, &subject).await? };
        let since = calendar::local(zone, row.parsed("created_at", "an instant")?).0;
        let until = row.opt_date("until")?;
        let last = until.map(|until| if kind == "promise" { promise_end(&timetable, until) } else { until });
        let over = last.is_some_and(|last| last < today);
        let wanted =
            args.kind.is_none_or(|k| k.word() == kind) && args.customer.as_ref().is_none_or(|c| customer.as_ref() == Some(c));
        if wanted && !over {
            found.push(Entered {
                kind,
                invoice: (!of_customer).then_some(subject),
                customer,
                since,
                age_days: (today - since).num_days(),
                until,
                amount: row.opt_text("amount")?,
                code: row.opt_text("code")?,
                note: row.opt_text("note")?,
                author: row.text("author")?,
            });
        }
    }
    found.sort_by(|a, b| (&a.kind, a.since, &a.customer, &a.invoice).cmp(&(&b.kind, b.since, &b.customer, &b.invoice)));
    match globals.format {
        Format::Json => found.iter().for_each(|e| output::json(&json!(e))),
        Format::Text if found.is_empty() => output::line("nothing is held, promised or disputed by a person"),
        Format::Text => show(&found),
    }
    Ok(Exit::Done)
}

fn show(found: &[Entered]) {
    let mut table = output::table(&["KIND", "CUSTOMER", "INVOICE", "SINCE", "DAYS", "UNTIL", "AMOUNT", "CODE", "BY", "NOTE"]);
    for e in found {
        let text = |value: &Option<String>| output::one_line(value.as_deref().unwrap_or_default());
        table.add_row([
            e.kind.clone(),
            text(&e.customer),
            text(&e.invoice),
            e.since.to_string(),
            e.age_days.to_string(),
            e.until.map(|d| d.to_string()).unwrap_or_default(),
            text(&e.amount),
            text(&e.code),
            output::one_line(&e.author),
            text(&e.note),
        ]);
    }
    output::show(&table);
}
