//! What people and programs read: aligned tables with colour on a terminal only, or JSON with stable names.

use std::io::{IsTerminal as _, Write as _};

use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};

use super::Format;
use crate::contacts::Entry;
use crate::diagnostic::{Problem, Severity};

/// Whether colour is wanted on the standard output.
pub fn colour() -> bool {
    std::io::stdout().is_terminal() && !crate::config::no_colour()
}

/// Whether colour is wanted on the standard error.
pub fn colour_of_errors() -> bool {
    std::io::stderr().is_terminal() && !crate::config::no_colour()
}

/// Writes a line; a reader that has gone away is no error.
pub fn line(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", text.as_ref());
}

/// Writes one JSON document or object on a line.
pub fn json(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => line(text),
        Err(error) => complain(&format!("it cannot be written as JSON: {error}")),
    }
}

/// Says what is wrong, on the standard error.
pub fn complain(message: &str) {
    let (on, off) = if colour_of_errors() { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    let _ = writeln!(std::io::stderr().lock(), "{on}error{off}: {}", visible(message));
}

/// Says what a person should know, on the standard error.
pub fn remark(message: &str) {
    let (on, off) = if colour_of_errors() { ("\x1b[1;33m", "\x1b[0m") } else { ("", "") };
    let _ = writeln!(std::io::stderr().lock(), "{on}note{off}: {}", visible(message));
}

/// Shows the problems of files, each with its place.
pub fn problems(problems: &[Problem], format: Format) {
    if format == Format::Json {
        let shown = |p: &Problem| {
            let (line, column) = p.line_column().unzip();
            let (end_line, end_column) = p.end_line_column().unzip();
            serde_json::json!({
                "severity": p.severity, "code": p.code, "file": p.file, "line": line, "column": column, "end_line": end_line,
                "end_column": end_column, "message": p.message, "help": p.help,
            })
        };
        json(&serde_json::json!({ "problems": problems.iter().map(shown).collect::<Vec<_>>() }));
        return;
    }
    let mut out = std::io::stderr().lock();
    for problem in problems {
        let _ = writeln!(out, "{}\n", problem.render(colour_of_errors()));
    }
    let count = |s| problems.iter().filter(|p| p.severity == s).count();
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let _ = writeln!(out, "{}, {}", plural(count(Severity::Error), "error"), plural(count(Severity::Warning), "warning"));
}

/// A table without lines, its columns aligned.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().copied());
    table
}

/// Columns of numbers, by their places.
pub fn to_the_right(table: &mut Table, columns: std::ops::Range<usize>) {
    for place in columns {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Prints a table without blanks at the ends of its lines, its header in bold on a terminal.
pub fn show(table: &Table) {
    show_marked(table, &[]);
}

/// The same, the rows of these places in red on a terminal. Their cells have one line each.
pub fn show_marked(table: &Table, marked: &[usize]) {
    for (number, row) in table.to_string().lines().enumerate() {
        let row = row.trim_end();
        let row = row.strip_prefix(' ').unwrap_or(row);
        line(match number.checked_sub(1) {
            None => strong(row),
            Some(place) if marked.contains(&place) => red(row),
            Some(_) => row.to_owned(),
        });
    }
}

/// Red on a terminal.
pub fn red(text: &str) -> String {
    if colour() { format!("\x1b[31m{text}\x1b[0m") } else { text.to_owned() }
}

/// Text of the ledger in a cell of one line.
pub fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A line above what follows, in bold on a terminal.
pub fn heading(text: &str) {
    line(strong(&visible(text)));
}

/// Sentences, in lines that are not too long to read.
pub fn paragraph(text: &str, indent: usize) {
    let mut row = String::new();
    for word in visible(text).split_whitespace() {
        if !row.is_empty() && indent + row.chars().count() + 1 + word.chars().count() > WIDTH {
            line(format!("{:indent$}{row}", ""));
            row.clear();
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(word);
    }
    line(format!("{:indent$}{row}", ""));
}

/// How many characters a line of sentences has.
const WIDTH: usize = 100;

/// Bold on a terminal.
pub fn strong(text: &str) -> String {
    if colour() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// Text of the ledger on a terminal: control characters are shown, not obeyed.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// Contacts as a table.
pub fn contacts(entries: &[Entry]) {
    let mut table = table(&["DATE", "KIND", "STATE", "STEP", "CUSTOMER", "INVOICES", "OPEN", "TO", "WHY"]);
    for e in entries {
        let step = if e.occurrence == 0 { e.step.clone() } else { format!("{}#{}", e.step, e.occurrence) };
        let why = match (&e.reason, &e.told, &e.approved_by) {
            (Some(reason), Some(told), _) => format!("{reason}, leaves on {} ({})", told.leaves_on, e.rule),
            (Some(reason), ..) => format!("{} ({})", reason, e.rule),
            (None, _, Some(author)) => format!("{}; approved (T34): {author}", e.rule),
            (None, ..) => e.rule.clone(),
        };
        table.add_row([
            e.date.to_string(),
            e.kind.word().to_owned(),
            e.state.to_string(),
            visible(&step),
            visible(&e.customer),
            visible(&invoices(e)),
            open(e),
            visible(&few(&e.to, 1)),
            visible(&why),
        ]);
    }
    show(&table);
}

fn invoices(entry: &Entry) -> String {
    let mut ids: Vec<String> = entry.invoices.iter().map(|i| i.id.clone()).collect();
    ids.dedup();
    if ids.is_empty() {
        // It covers none, as a task for a better address: the one that brought it up.
        ids.push(entry.lead.clone());
    }
    few(&ids, 3)
}

/// The first ones of a list, and how many there are beside.
pub fn few<T: AsRef<str>>(items: &[T], most: usize) -> String {
    let shown: Vec<&str> = items.iter().take(most).map(AsRef::as_ref).collect();
    let more = items.len().saturating_sub(most);
    if more == 0 { shown.join(", ") } else { format!("{} +{more}", shown.join(", ")) }
}

/// What is open on the invoices of a contact, by currency.
pub fn open(entry: &Entry) -> String {
    let mut sums = std::collections::BTreeMap::new();
    for invoice in &entry.invoices {
        let amount: rust_decimal::Decimal = invoice.open_balance.parse().unwrap_or_default();
        *sums.entry(invoice.currency).or_insert(rust_decimal::Decimal::ZERO) += amount;
    }
    let shown = sums.into_iter().map(|(currency, amount)| crate::money::Money { amount, currency }.to_string());
    shown.collect::<Vec<_>>().join(", ")
}
