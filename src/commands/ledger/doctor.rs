//! `dunningd ledger doctor`: what a person should mend in the books.

use clap::Args;
use serde_json::json;

use super::super::counting::{Counting, failed, one_format};
use super::super::sheet::{self, Sheet};
use super::super::{Exit, Format, Globals, Result, output};
use crate::contacts::suppress;
use crate::report::books::{Books, ReportError};
use crate::report::doctor::{Doctor, Finding, WHAT};

/// What to mend.
#[derive(Debug, Args)]
pub struct Examine {
    /// Only this; several times if need be
    #[arg(long, value_name = "WHAT", value_parser = word)]
    only: Vec<String>,
    /// Of this customer
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// As CSV, for a spreadsheet program
    #[arg(long)]
    csv: bool,
}

fn word(text: &str) -> std::result::Result<String, String> {
    let known: Vec<&str> = WHAT.iter().map(|(word, _)| *word).collect();
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("there are {}", known.join(", "))) }
}

pub async fn run(globals: &Globals, args: &Examine) -> Result {
    one_format(globals, args.csv)?;
    let counting = Counting::open(globals).await?;
    let suppressed = suppress::in_force_at(&mut counting.db.snapshot().await?, None).await?;
    let mut doctor = Doctor::new(suppressed);
    match examine(&mut doctor, counting.books(counting.today).await).await {
        Err(error) => return failed(error),
        Ok(()) => doctor.sort(),
    }
    let is_asked = |f: &&Finding| {
        (args.only.is_empty() || args.only.iter().any(|o| o == f.what)) && args.customer.as_ref().is_none_or(|c| f.customer == *c)
    };
    let findings: Vec<&Finding> = doctor.findings.iter().filter(is_asked).collect();
    match globals.format {
        _ if args.csv => {
            let mut sheet = Sheet::begin(["what", "customer", "name", "about", "problem"])?;
            for f in &findings {
                sheet.row([
                    f.what.to_owned(),
                    sheet::text(&f.customer),
                    sheet::text(&f.name),
                    sheet::text(&f.about),
                    sheet::text(&f.problem),
                ])?;
            }
            sheet.end()?;
        }
        Format::Json => output::json(&json!({ "on": counting.today, "findings": findings })),
        Format::Text => show(&findings),
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Attention })
}

async fn examine(doctor: &mut Doctor, books: std::result::Result<Books, ReportError>) -> std::result::Result<(), ReportError> {
    let mut books = books?;
    while let Some((ledger, _)) = books.next().await? {
        doctor.add(&ledger);
    }
    Ok(())
}

fn show(findings: &[&Finding]) {
    if findings.is_empty() {
        return output::line("nothing to mend");
    }
    for (what, meaning) in WHAT {
        let of_it: Vec<&&Finding> = findings.iter().filter(|f| f.what == what).collect();
        if of_it.is_empty() {
            continue;
        }
        output::heading(&format!("{what}: {meaning} ({})", of_it.len()));
        let mut table = output::table(&["CUSTOMER", "NAME", "ABOUT", "PROBLEM"]);
        for f in of_it {
            table.add_row([&f.customer, &f.name, &f.about, &f.problem].map(|text| output::visible(text)));
        }
        output::show(&table);
        output::line("");
    }
    let n = findings.len();
    output::line(format!("{n} thing{} to mend", if n == 1 { "" } else { "s" }));
}
