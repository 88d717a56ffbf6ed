//! `dunningd rank`: the ranks that the books suggest, and how they come about.

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::counting::{Counting, failed, one_format};
use super::sheet::{self, Sheet};
use super::{Exit, Format, Globals, Result, date, output};
use crate::ledger::Customer;
use crate::ledger::ranks::{Computed, Part, Ranks, Use};
use crate::report::books::{Books, ReportError};

/// The ranks that follow from the books.
#[derive(Debug, Args)]
pub struct Rank {
    /// The customer's id
    #[arg(value_name = "CUSTOMER", required_unless_present = "all", conflicts_with = "all")]
    customer: Option<String>,
    /// Of everybody
    #[arg(long)]
    all: bool,
    /// As they are on this day [default: today]; a past one needs an own ledger
    #[arg(long, value_parser = date, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
}

/// A customer, as the ledger has it, and its rank by the books.
type Row = (Customer, Computed);

pub async fn run(globals: &Globals, args: &Rank) -> Result {
    one_format(globals, args.csv)?;
    let counting = Counting::open(globals).await?;
    let (on, ranks) = (args.on.unwrap_or(counting.today), &counting.timetable.ranks);
    // The ledger's own rank is wanted here, whichever counts.
    let books = Books::open(&counting.db, &counting.source, &Ranks::default(), on, counting.today).await;
    let (rows, notes) = match gather(books, ranks, args, on).await {
        Ok(found) => found,
        Err(error) => return failed(error),
    };
    if let (Some(id), true) = (&args.customer, rows.is_empty()) {
        return Err(anyhow!("the ledger has no customer {id:?}; `dunningd rank --all` lists all").into());
    }
    match globals.format {
        _ if args.csv => write_sheet(ranks, &rows)?,
        Format::Json => rows.iter().for_each(|row| output::json(&document(ranks, row))),
        Format::Text if args.all => table(ranks, &rows, on),
        Format::Text => rows.iter().for_each(|row| one(ranks, row)),
    }
    if args.csv || globals.format == Format::Text {
        notes.iter().for_each(|note| output::remark(note));
    }
    Ok(Exit::Done)
}

async fn gather(
    books: Result<Books, ReportError>,
    ranks: &Ranks,
    args: &Rank,
    on: NaiveDate,
) -> Result<(Vec<Row>, Vec<String>), ReportError> {
    let (mut books, mut rows) = (books?, Vec::new());
    while let Some((ledger, _)) = books.next().await? {
        let wanted = |c: &Customer| args.customer.as_ref().is_none_or(|id| *id == c.id);
        let found = ranks.all(&ledger, Ranks::as_of(on)).filter(|(c, _)| wanted(c));
        rows.extend(found.map(|(customer, computed)| (customer.clone(), computed)));
    }
    Ok((rows, books.notes))
}

/// The rank that the timetable sees.
fn used<'a>(ranks: &Ranks, (customer, computed): &'a Row) -> Option<&'a str> {
    let own = customer.rank.as_deref();
    match ranks.uses {
        Use::Ledger => own,
        Use::Missing => own.or(computed.rank),
        Use::Computed => computed.rank.or(own),
    }
}

fn word(uses: Use) -> &'static str {
    match uses {
        Use::Ledger => "ledger",
        Use::Missing => "missing",
        Use::Computed => "computed",
    }
}

fn or_none(text: Option<&str>) -> String {
    text.map_or_else(|| "–".to_owned(), output::one_line)
}

fn one(ranks: &Ranks, row: &Row) {
    let (customer, computed) = row;
    output::heading(&output::one_line(&format!("{}, {}", customer.name, customer.id)));
    let none = "none";
    output::line(format!(
        "rank {} in the ledger, {} by the books; the timetable sees {} (use = \"{}\" of [rank])",
        customer.rank.as_deref().unwrap_or(none),
        computed.rank.unwrap_or(none),
        used(ranks, row).unwrap_or(none),
        word(ranks.uses)
    ));
    let last = computed.on.pred_opt().unwrap_or(computed.on);
    output::line(format!("what counts is from {} to {last}\n", computed.from));
    let mut table = output::table(&["PART", "FIGURE", "RANK", "POINTS", "WEIGHT"]);
    for part in &computed.parts {
        let points = if part.rank.is_some() { part.points().to_string() } else { "–".to_owned() };
        let figure = part.figure.as_deref().unwrap_or("the books have none: it does not count");
        let weight = part.weight.normalize().to_string();
        table.add_row([part.name.to_owned(), output::one_line(figure), or_none(part.rank), points, weight]);
    }
    output::to_the_right(&mut table, 3..5);
    output::show(&table);
    output::line(format!("\n{}", sum(computed)));
}

/// `(3 × 1 + 2 × 2) / 3 = 2.33: C`.
fn sum(computed: &Computed) -> String {
    let (Some(points), Some(rank)) = (computed.points, computed.rank) else {
        return "The books have nothing of that time: there is no rank.".to_owned();
    };
    let counted: Vec<&Part> = computed.parts.iter().filter(|p| p.rank.is_some()).collect();
    let products: Vec<String> = counted.iter().map(|p| format!("{} × {}", p.points(), p.weight.normalize())).collect();
    let weights: Decimal = counted.iter().map(|p| p.weight).sum();
    format!("({}) / {} = {points}: {rank}", products.join(" + "), weights.normalize())
}

fn table(ranks: &Ranks, rows: &[Row], on: NaiveDate) {
    if rows.is_empty() {
        return output::line("the ledger has no customers");
    }
    output::heading(&format!("Ranks as of {}; the timetable sees use = \"{}\" of [rank]", Ranks::as_of(on), word(ranks.uses)));
    let header = ["CUSTOMER", "NAME", "LEDGER", "BOOKS", "USED", "VOLUME", "DAYS LATE", "MARGIN", "POINTS"];
    let mut table = output::table(&header);
    for row in rows {
        let (customer, computed) = row;
        let mut cells = vec![output::one_line(&customer.id), output::one_line(&customer.name)];
        cells.extend([customer.rank.as_deref(), computed.rank, used(ranks, row)].map(or_none));
        let of = |part: &Part| match (&part.value, part.currency) {
            (Some(value), Some(currency)) => format!("{value} {currency}"),
            (Some(value), None) => value.clone(),
            (None, _) => "–".to_owned(),
        };
        cells.extend(computed.parts.iter().map(of));
        cells.push(computed.points.map_or_else(|| "–".to_owned(), |p| p.to_string()));
        table.add_row(cells);
    }
    output::to_the_right(&mut table, 5..9);
    output::show(&table);
}

fn write_sheet(ranks: &Ranks, rows: &[Row]) -> Result<()> {
    let header = ["customer", "name", "ledger", "computed", "used", "volume", "currency", "days late", "margin", "points"];
    let mut sheet = Sheet::begin(header)?;
    for row in rows {
        let (customer, computed) = row;
        let mut cells = vec![sheet::text(&customer.id), sheet::text(&customer.name)];
        let letters = [customer.rank.as_deref(), computed.rank, used(ranks, row)];
        cells.extend(letters.map(|l| sheet::text(l.unwrap_or_default())));
        for part in &computed.parts {
            cells.push(part.value.clone().unwrap_or_default());
            if part.name == "volume" {
                cells.push(part.currency.map(|c| c.to_string()).unwrap_or_default());
            }
        }
        cells.push(computed.points.map(|p| p.to_string()).unwrap_or_default());
        sheet.row(cells)?;
    }
    sheet.end()
}

fn document(ranks: &Ranks, row: &Row) -> Value {
    let (customer, computed) = row;
    let part = |p: &Part| {
        json!({ "part": p.name, "value": p.value, "currency": p.currency, "figure": p.figure, "rank": p.rank,
                "points": p.rank.map(|_| p.points()), "weight": p.weight.normalize().to_string() })
    };
    json!({
        "customer": customer.id, "name": customer.name, "ledger": customer.rank, "computed": computed.rank,
        "used": used(ranks, row), "use": word(ranks.uses), "from": computed.from, "as_of": computed.on,
        "parts": computed.parts.iter().map(part).collect::<Vec<_>>(), "points": computed.points.map(|p| p.to_string()),
    })
}
