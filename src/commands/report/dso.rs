//! `dunningd report dso`.

use anyhow::anyhow;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use super::{failed, some};
use crate::commands::sheet::Sheet;
use crate::commands::{Exit, Format, Globals, Result, open, output};
use crate::database::Database;
use crate::ledger::source::Source;
use crate::report::books::{Books, ReportError};
use crate::report::months::Months;
use crate::timetable::calendar;

/// Month by month.
#[derive(Debug, Args)]
pub struct Dso {
    /// So many months, this one among them
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=600))]
    months: u32,
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
}

pub async fn run(globals: &Globals, args: &Dso) -> Result {
    if args.csv && globals.format == Format::Json {
        return Err(anyhow!("--csv and --format json are two formats: give one of them").into());
    }
    let config = open::config(globals)?;
    let timetable = open::timetable(&config)?;
    let source = open::source(&config, timetable.time_zone)?;
    let db = open::database_to_look(&config).await?;
    let today = calendar::local(timetable.time_zone, globals.clock().now()).0;
    let mut months = Months::until(today, args.months);
    let notes = match gather(&mut months, &db, &source, today).await {
        Ok(notes) => notes,
        Err(error) => return failed(error),
    };
    if args.csv {
        write_sheet(&months)?;
    } else if globals.format == Format::Json {
        output::json(&json!({ "on": today, "rows": rows(&months), "notes": notes }));
    } else {
        show(&months);
    }
    if args.csv || globals.format == Format::Text {
        notes.iter().for_each(|note| output::remark(note));
    }
    Ok(Exit::Done)
}

async fn gather(
    months: &mut Months,
    db: &Database,
    source: &Source,
    today: chrono::NaiveDate,
) -> Result<Vec<String>, ReportError> {
    let mut books = Books::open(db, source, today, today).await?;
    while let Some((ledger, _)) = books.next().await? {
        months.add(&ledger);
    }
    Ok(books.notes)
}

fn rows(months: &Months) -> Vec<serde_json::Value> {
    let text = |n: Option<Decimal>| n.map(|n| n.to_string());
    let row = |(currency, m): (crate::money::Currency, &crate::report::months::Month)| {
        json!({ "month": m.first.format("%Y-%m").to_string(), "until": m.last, "currency": currency, "sales": currency.plain(m.sales),
                "opening": currency.plain(m.opening), "closing": currency.plain(m.closing), "current": currency.plain(m.current),
                "dso": text(m.dso()), "best_dso": text(m.best_dso()), "cei": text(m.cei()) })
    };
    months.lines().map(row).collect()
}

fn write_sheet(months: &Months) -> Result<()> {
    let mut sheet =
        Sheet::begin(["month", "currency", "sales", "opening", "closing", "not due", "dso", "best dso", "cei percent"])?;
    for (currency, m) in months.lines() {
        let amounts = [m.sales, m.opening, m.closing, m.current].map(|amount| currency.plain(amount));
        let numbers = [m.dso(), m.best_dso(), m.cei()].map(|n| n.map(|n| n.to_string()).unwrap_or_default());
        sheet.row([m.first.format("%Y-%m").to_string(), currency.to_string()].into_iter().chain(amounts).chain(numbers))?;
    }
    sheet.end()
}

fn show(months: &Months) {
    let mut table = output::table(&["MONTH", "CURRENCY", "SALES", "OPENING", "CLOSING", "NOT DUE", "DSO", "BEST DSO", "CEI %"]);
    output::to_the_right(&mut table, 2..9);
    for (currency, m) in months.lines() {
        let mut row = vec![m.first.format("%Y-%m").to_string(), currency.to_string()];
        row.extend([m.sales, m.opening, m.closing, m.current].map(|amount| currency.plain(amount)));
        row.extend([m.dso(), m.best_dso(), m.cei()].map(some));
        table.add_row(row);
    }
    if months.lines().next().is_none() {
        output::line("nothing was sold or owed in these months");
        return;
    }
    output::heading("Days sales outstanding, and collection effectiveness");
    output::show(&table);
    output::line(
        "\nDSO: what was owed at the end, in days of the month's sales. Best DSO: the same of what was not yet due. CEI: what was \
         collected of what could have been.",
    );
}
