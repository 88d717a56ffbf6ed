//! Whether the ledger can be read, which of its rows cannot be used (L2), and what a query ledger's rows are taken for.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::files::Files;
use super::{shared, today};
use crate::commands::{Format, Globals, open, output};
use crate::config::Config;
use crate::contacts::facts;
use crate::database::Database;
use crate::diagnostic::Problem;
use crate::ledger::Snapshot;
use crate::ledger::source::{ReadError, Source};
use crate::timetable::{Timetable, holidays};

/// So many rows of each query are shown.
const SHOWN: usize = 10;
/// Their columns, in the order of a person's table.
const CUSTOMERS: [&str; 8] = ["id", "name", "email", "language", "segment", "rank", "do_not_contact", "unallocated_credit"];
const INVOICES: [&str; 10] =
    ["id", "number", "customer_id", "issue_date", "due_date", "currency", "total", "open_balance", "status", "disputed"];
const PAYMENTS: [&str; 6] = ["id", "customer_id", "invoice_id", "received_on", "amount", "currency"];

/// The own ledger.
pub async fn of_own(
    globals: &Globals,
    files: &Files,
    config: &Config,
    timetable: Option<&Timetable>,
    db: &Database,
    notes: &mut Vec<String>,
) -> Vec<Problem> {
    let Some(timetable) = timetable else { return Vec::new() };
    match open::source(config, timetable.time_zone) {
        Ok(source @ Source::Own) => {
            let read = source.read(db, facts::Remembered, today(globals, timetable)).await;
            judged(globals, files, config, timetable, &read, notes)
        }
        _ => Vec::new(),
    }
}

/// A query ledger: no database of dunningd's is needed for it.
pub async fn of_queries(
    globals: &Globals,
    files: &Files,
    config: &Config,
    timetable: Option<&Timetable>,
    notes: &mut Vec<String>,
) -> Vec<Problem> {
    let (Some(timetable), Some(settings)) = (timetable, &config.ledger.query) else { return Vec::new() };
    let Ok(Source::Query(queries)) = open::source(config, timetable.time_zone) else { return Vec::new() };
    let read = queries.read(&mut HashMap::new()).await.map_err(ReadError::from);
    let mut found = judged(globals, files, config, timetable, &read, notes);
    let Ok(snapshot) = &read else { return found };
    if let Err(error) = queries.changed_since(None, 0).await {
        let help = "until it can be asked, each poll reads the whole ledger";
        found.push(files.problem("ledger-changed", format!("[ledger.query] changed_since: {error}"), help).as_warning());
    }
    if let Ok(Some(object)) = queries.writable().await {
        let message = format!("[ledger.query] url: its user may write, here to {object}; dunningd never does");
        let help = "give dunningd a user of its own that may only SELECT: docs/ledger.md has the statements";
        found.push(files.problem("ledger-role", message, help).as_warning());
    }
    if queries.is_exposed(settings) {
        let message = "[ledger.query] tls: \"none\" lets others on the way read the accounts and the password";
        found.push(
            files.problem("ledger-tls", message, "leave it out, and name the server's certificate in `ca_file`").as_warning(),
        );
    }
    show(snapshot, globals.format);
    found
}

fn judged(
    globals: &Globals,
    files: &Files,
    config: &Config,
    timetable: &Timetable,
    read: &Result<Snapshot, ReadError>,
    notes: &mut Vec<String>,
) -> Vec<Problem> {
    let problem = |message: String, help: &str| {
        let message = if message.starts_with('[') { message } else { format!("[ledger] {message}") };
        files.problem("ledger", message, help)
    };
    let snapshot = match read {
        Err(error) => return vec![problem(error.to_string(), "nothing is sent until the ledger can be read (T27)")],
        Ok(snapshot) => snapshot,
    };
    notes.extend(shared::note(timetable, snapshot));
    let wanted = config.ledger.payments_max_age.map(|age| age.oldest(today(globals, timetable)));
    let fresh = Snapshot { payments_as_of: snapshot.payments_as_of, payments_wanted: wanted, ..Snapshot::default() };
    let old = fresh.payments_too_old().then(|| {
        let help = "past-due e-mails wait until newer payments are there (L10)";
        problem(format!("payments_max_age: {}", fresh.why_payments_too_old()), help)
    });
    let unknown = unknown_countries(snapshot, timetable).map(|countries| {
        let help = "write the two letters of ISO 3166 into the ledger, such as DE, or the dates into `holidays`";
        problem(format!("customer_holidays: no holidays are known of {countries}"), help)
    });
    let bad = snapshot.bad_rows.iter().map(|bad| problem(format!("left out: {bad}"), "mend the row in the accounts"));
    let customers = snapshot.customers.values();
    let addresses = customers.flat_map(|c| c.unusable_addresses.iter().map(move |(text, why)| (c, text, why)));
    let addresses = addresses.map(|(c, text, why)| {
        problem(format!("customer {}: {text:?} is no address: {why}", c.id), "mend the address in the accounts")
    });
    old.into_iter().chain(unknown).chain(bad).chain(addresses).map(Problem::as_warning).take(100).collect()
}

/// The countries of customers whose holidays are to count and are not known.
fn unknown_countries(snapshot: &Snapshot, timetable: &Timetable) -> Option<String> {
    let all: BTreeSet<&str> = snapshot.customers.values().filter_map(|c| c.country.as_deref()).collect();
    let unknown: Vec<&str> = all.into_iter().filter(|c| holidays::of(c).is_none()).take(20).collect();
    (!timetable.customer_calendars.is_empty() && !unknown.is_empty()).then(|| unknown.join(", "))
}

/// The first rows of each set as dunningd understands them.
fn show(snapshot: &Snapshot, format: Format) {
    let customers = snapshot.customers.values().take(SHOWN).map(|c| {
        let list = |all: &[crate::address::EmailAddress]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        json!({
            "id": c.id, "name": c.name, "email": list(&c.email), "language": c.language, "segment": c.segment, "rank": c.rank,
            "do_not_contact": c.do_not_contact, "unallocated_credit": c.unallocated_credit.to_string(),
        })
    });
    let invoices = snapshot.invoices.values().take(SHOWN).map(|i| {
        json!({
            "id": i.id, "number": i.number, "customer_id": i.customer_id, "issue_date": i.issue_date, "due_date": i.due_date,
            "currency": i.currency, "total": i.currency.plain(i.total), "open_balance": i.currency.plain(i.open_balance),
            "status": i.status.word(), "disputed": i.disputed,
        })
    });
    let payments = snapshot.payments.iter().take(SHOWN).map(|p| {
        json!({
            "id": p.id, "customer_id": p.customer_id, "invoice_id": p.invoice_id, "received_on": p.received_on,
            "amount": p.currency.plain(p.amount), "currency": p.currency,
        })
    });
    let sets: [(&str, usize, Vec<Value>, &[&str]); 3] = [
        ("customers", snapshot.customers.len(), customers.collect(), &CUSTOMERS),
        ("invoices", snapshot.invoices.len(), invoices.collect(), &INVOICES),
        ("payments", snapshot.payments.len(), payments.collect(), &PAYMENTS),
    ];
    if format == Format::Json {
        let rows: serde_json::Map<String, Value> =
            sets.into_iter().map(|(set, _, rows, _)| (set.to_owned(), rows.into())).collect();
        output::json(&json!({ "ledger": rows }));
        return;
    }
    for (set, number, rows, names) in &sets {
        let shown = if *number > SHOWN { format!(", the first {SHOWN}") } else { String::new() };
        output::line(format!("{set}: {number} usable rows{shown}"));
        let mut table = output::table(names);
        for row in rows {
            table.add_row(names.iter().map(|name| match &row[*name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }));
        }
        output::show(&table);
    }
}
