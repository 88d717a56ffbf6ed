//! `dunningd aging`: what is open, by how many days it is past due.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::anyhow;
use chrono::NaiveDate;
use clap::Args;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::counting::{Counting, Picture, failed, one_format};
use super::sheet::{self, Sheet};
use super::{Exit, Format, Globals, Result, date, output};
use crate::money::Currency;
use crate::report::aging::{Aging, By, Line};
use crate::report::books::{Books, ReportError};
use crate::timetable::Timetable;
use crate::timetable::aging::Bucket;

/// What is open, and how long since.
#[derive(Debug, Args)]
pub struct AgingReport {
    /// What a line is about: customer, segment, collector or rank
    #[arg(long, value_name = "WHAT", default_value = "customer")]
    by: By,
    /// As of this day [default: today]; a past one needs an own ledger
    #[arg(long, value_parser = date, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Only the customers that people look after (`personal` of the timetable)
    #[arg(long)]
    personal: bool,
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    picture: Picture,
}

pub async fn run(globals: &Globals, args: &AgingReport) -> Result {
    one_format(globals, args.csv)?;
    let counting = Counting::open(globals).await?;
    let timetable = &counting.timetable;
    let on = args.on.unwrap_or(counting.today);
    if args.personal && args.by != By::Customer {
        return Err(anyhow!("--personal is about customers: leave --by out").into());
    }
    let mut report = Aging::new(timetable, args.by, on);
    let notes = match gather(&mut report, counting.books(on).await).await {
        Ok(notes) => notes,
        Err(error) => return failed(error),
    };
    let personal = report.personal();
    if args.personal {
        report.only(&personal);
        if !timetable.knows_personal() {
            output::remark(
                "the timetable has nobody that people look after: `personal` of a segment, a customer or [priority] says it",
            );
        }
    }
    args.picture.draw(|| report.panels())?;
    match globals.format {
        _ if args.csv => write_sheet(timetable, args.by, &report)?,
        Format::Json => output::json(&document(timetable, args.by, on, &report, (&personal, &notes))),
        Format::Text => {
            show(timetable, args.by, on, &report);
            if args.personal {
                say_why(&personal, &report);
            }
        }
    }
    if args.csv || globals.format == Format::Text {
        notes.iter().for_each(|note| output::remark(note));
    }
    Ok(Exit::Done)
}

async fn gather(report: &mut Aging<'_>, books: Result<Books, ReportError>) -> Result<Vec<String>, ReportError> {
    let mut books = books?;
    while let Some((ledger, since)) = books.next().await? {
        report.add(&ledger, &since);
    }
    Ok(books.notes)
}

/// An amount with the decimals of its currency.
fn plain(currency: Option<Currency>, amount: Decimal) -> String {
    currency.map_or_else(|| amount.normalize().to_string(), |c| c.plain(amount))
}

fn show(timetable: &Timetable, by: By, on: NaiveDate, report: &Aging<'_>) {
    let (lines, totals) = (report.lines(), report.totals());
    if lines.is_empty() {
        output::line(format!("nothing is open on {on}"));
        return;
    }
    output::heading(&format!("What is open on {on}, by days past due"));
    let what = by.word().to_uppercase();
    let mut header = vec![what, "NAME".to_owned(), "CURRENCY".to_owned(), "INVOICES".to_owned()];
    if by != By::Customer {
        header.remove(1);
    }
    header.extend(timetable.aging.classes().iter().map(|c| c.name().to_uppercase()));
    header.extend(["PAST DUE", "TOTAL", "CREDIT"].map(str::to_owned));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = output::table(&header);
    output::to_the_right(&mut table, header.len() - timetable.aging.classes().len() - 4..header.len());
    let totals = totals.iter().map(|line| (line, "total"));
    for (line, key) in
        lines.into_iter().map(|line| (line, if line.key.is_empty() { "none" } else { line.key.as_str() })).chain(totals)
    {
        let mut row = vec![output::visible(key)];
        if by == By::Customer {
            row.push(output::visible(&line.name));
        }
        row.push(line.currency.map_or("?".to_owned(), |c| c.to_string()));
        row.push(line.invoices.to_string());
        let amounts = line.amounts.iter().copied().chain([line.past_due(), line.total(), line.credit]);
        row.extend(amounts.map(|amount| if amount.is_zero() { "–".to_owned() } else { plain(line.currency, amount) }));
        table.add_row(row);
    }
    output::show(&table);
    output::line("\nCredit is what was received or credited and is set against no invoice; it is not taken off.");
}

/// Why people look after those that are shown, a line for each reason.
fn say_why(personal: &BTreeMap<String, String>, report: &Aging<'_>) {
    let shown: BTreeSet<&str> = report.lines().into_iter().map(|l| l.key.as_str()).collect();
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (customer, why) in personal.iter().filter(|(customer, _)| shown.contains(customer.as_str())) {
        reasons.entry(why).or_default().push(customer);
    }
    for (why, customers) in reasons {
        output::paragraph(&format!("{why}: {}", output::few(&customers, 10)), 0);
    }
}

fn write_sheet(timetable: &Timetable, by: By, report: &Aging<'_>) -> Result<()> {
    let class = |bucket: &Bucket| match (bucket.from, bucket.to) {
        (None, _) => "not due".to_owned(),
        // With words between them: `1-30` would become the 30th of January.
        (Some(from), Some(to)) => format!("{from} to {to} days"),
        (Some(from), None) => format!("over {} days", from - 1),
    };
    let mut header = vec![by.word().to_owned()];
    header.extend(["name", "currency", "invoices"].map(str::to_owned));
    header.extend(timetable.aging.classes().iter().map(class));
    header.extend(["past due", "total", "credit"].map(str::to_owned));
    let mut sheet = Sheet::begin(header)?;
    for line in report.lines() {
        let mut row = vec![sheet::text(&line.key), sheet::text(&line.name)];
        row.push(line.currency.map(|c| c.to_string()).unwrap_or_default());
        row.push(line.invoices.to_string());
        let amounts = line.amounts.iter().copied().chain([line.past_due(), line.total(), line.credit]);
        row.extend(amounts.map(|amount| plain(line.currency, amount)));
        sheet.row(row)?;
    }
    sheet.end()
}

fn document(
    timetable: &Timetable,
    by: By,
    on: NaiveDate,
    report: &Aging<'_>,
    said: (&BTreeMap<String, String>, &[String]),
) -> Value {
    let (personal, notes) = said;
    let classes = timetable.aging.classes();
    let amounts = |line: &Line| {
        let bucket =
            |(class, amount): (&Bucket, &Decimal)| json!({ "name": class.name(), "amount": plain(line.currency, *amount) });
        json!({
            "currency": line.currency, "invoices": line.invoices,
            "buckets": classes.iter().zip(&line.amounts).map(bucket).collect::<Vec<_>>(),
            "past_due": plain(line.currency, line.past_due()), "total": plain(line.currency, line.total()),
            "credit": plain(line.currency, line.credit),
        })
    };
    let row = |line: &&Line| {
        let mut row = amounts(line);
        let given = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
        row[by.word()] = given(&line.key).into();
        if by == By::Customer {
            row["name"] = given(&line.name).into();
            row["personal"] = personal.get(&line.key).cloned().into();
        }
        row
    };
    let class = |class: &Bucket| json!({ "name": class.name(), "from": class.from, "to": class.to });
    json!({
        "on": on, "by": by.word(), "buckets": classes.iter().map(class).collect::<Vec<_>>(),
        "rows": report.lines().iter().map(row).collect::<Vec<_>>(),
        "totals": report.totals().iter().map(amounts).collect::<Vec<_>>(), "notes": notes,
    })
}
