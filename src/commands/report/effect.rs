//! `dunningd report effect`.

use std::collections::BTreeMap;

use anyhow::anyhow;
use chrono::{Months, NaiveDate};
use clap::Args;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::some;
use crate::commands::counting::{Counting, Picture, failed, one_format};
use crate::commands::sheet::{self, Sheet};
use crate::commands::{Exit, Format, Globals, Result, date, output};
use crate::contacts::past::past_of;
use crate::money::Currency;
use crate::report::books::ReportError;
use crate::report::effect::{Effect as Effects, Line};

/// Contacts and payments of a span of days.
#[derive(Debug, Args)]
pub struct Effect {
    /// The first day [default: a year before the last one]
    #[arg(long, value_parser = date, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// The last day [default: today]
    #[arg(long, value_parser = date, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    picture: Picture,
}

pub async fn run(globals: &Globals, args: &Effect) -> Result {
    one_format(globals, args.csv)?;
    let counting = Counting::open(globals).await?;
    let to = args.to.unwrap_or(counting.today);
    let from = args.from.or_else(|| to.checked_sub_months(Months::new(12))).unwrap_or(to);
    if from > to {
        return Err(anyhow!("--from {from} lies after --to {to}: the first day comes first").into());
    }
    let mut effects = Effects::new(&counting.timetable, (from, to));
    let notes = match gather(&mut effects, &counting).await {
        Ok(notes) => notes,
        Err(error) => return failed(error),
    };
    args.picture.draw(|| effects.panels())?;
    if args.csv {
        write_sheet(&effects)?;
    } else if globals.format == Format::Json {
        let steps: Vec<Value> = effects.lines().into_iter().map(|(step, line)| row(step, line)).collect();
        output::json(
            &json!({ "from": from, "to": to, "steps": steps, "unasked": amounts(&effects.unasked().received), "notes": notes }),
        );
    } else {
        show(&effects, (from, to));
    }
    if args.csv || globals.format == Format::Text {
        notes.iter().for_each(|note| output::remark(note));
    }
    Ok(Exit::Done)
}

async fn gather(effects: &mut Effects<'_>, counting: &Counting) -> Result<Vec<String>, ReportError> {
    let mut books = counting.books(counting.today).await?;
    let mut log = counting.db.snapshot().await?;
    while let Some((ledger, _)) = books.next().await? {
        let ids: Vec<&str> = ledger.invoices.keys().map(String::as_str).collect();
        effects.add(&ledger, &past_of(&mut log, &ids).await?);
    }
    Ok(books.notes)
}

fn amounts(received: &BTreeMap<Currency, Decimal>) -> Value {
    received.iter().map(|(currency, amount)| json!({ "currency": currency, "amount": currency.plain(*amount) })).collect()
}

fn row(step: &str, line: &Line) -> Value {
    json!({ "step": step, "kind": line.kind, "contacts": line.contacts, "answered": line.answered,
            "answered_percent": line.share().map(|share| share.to_string()), "median_days": line.median_days(),
            "received": amounts(&line.received) })
}

fn sums(received: &BTreeMap<Currency, Decimal>) -> String {
    let all: Vec<String> = received.iter().map(|(currency, amount)| format!("{} {currency}", currency.plain(*amount))).collect();
    if all.is_empty() { "–".to_owned() } else { all.join(", ") }
}

fn write_sheet(effects: &Effects<'_>) -> Result<()> {
    let mut sheet = Sheet::begin(["step", "kind", "contacts", "answered", "median days", "currency", "received"])?;
    for (step, line) in effects.lines().into_iter().chain([("", effects.unasked())]) {
        let mut received: Vec<(String, String)> =
            line.received.iter().map(|(currency, amount)| (currency.to_string(), currency.plain(*amount))).collect();
        if received.is_empty() {
            received.push(Default::default());
        }
        let days = line.median_days().map(|d| d.to_string()).unwrap_or_default();
        for (currency, amount) in received {
            let counts = [line.contacts.to_string(), line.answered.to_string(), days.clone(), currency, amount];
            sheet.row([sheet::text(step), line.kind.clone()].into_iter().chain(counts))?;
        }
    }
    sheet.end()
}

fn show(effects: &Effects<'_>, (from, to): (NaiveDate, NaiveDate)) {
    output::heading(&format!("What came after each step and before the next one, {from} to {to}"));
    let mut table = output::table(&["STEP", "KIND", "CONTACTS", "ANSWERED", "%", "MEDIAN DAYS", "RECEIVED"]);
    output::to_the_right(&mut table, 2..7);
    for (step, line) in effects.lines() {
        table.add_row([
            output::visible(step),
            line.kind.clone(),
            line.contacts.to_string(),
            line.answered.to_string(),
            some(line.share()),
            some(line.median_days()),
            sums(&line.received),
        ]);
    }
    let unasked = ["before any", "", "", "", "", ""].map(str::to_owned);
    table.add_row(unasked.into_iter().chain([sums(&effects.unasked().received)]));
    output::show(&table);
    output::line(
        "\nEach payment counts for the last contact about its invoice on a day before it. A contact about several invoices counts \
         for each of them.",
    );
}
