//! `dunningd report dso`.

use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use super::some;
use crate::commands::counting::{Counting, Picture, failed, one_format};
use crate::commands::sheet::Sheet;
use crate::commands::{Exit, Format, Globals, Result, output};
use crate::report::books::ReportError;
use crate::report::months::Months;

/// Month by month.
#[derive(Debug, Args)]
pub struct Dso {
    /// So many months, this one among them
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=600))]
    months: u32,
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    picture: Picture,
}

pub async fn run(globals: &Globals, args: &Dso) -> Result {
    one_format(globals, args.csv)?;
    let counting = Counting::open(globals).await?;
    let mut months = Months::until(counting.today, args.months);
    let notes = match gather(&mut months, &counting).await {
        Ok(notes) => notes,
        Err(error) => return failed(error),
    };
    args.picture.draw(|| months.panels())?;
    if args.csv {
        write_sheet(&months)?;
    } else if globals.format == Format::Json {
        output::json(&json!({ "on": counting.today, "rows": rows(&months), "notes": notes }));
    } else {
        show(&months);
    }
    if args.csv || globals.format == Format::Text {
        notes.iter().for_each(|note| output::remark(note));
    }
    Ok(Exit::Done)
}

async fn gather(months: &mut Months, counting: &Counting) -> Result<Vec<String>, ReportError> {
    let mut books = counting.books(counting.today).await?;
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
