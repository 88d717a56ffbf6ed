//! The presets, on databases of the programs themselves: the rows are what the program says of each document.
//!
//! A test reads the whole ledger as the program does, through the library.

use std::collections::{BTreeMap, HashMap};

use dunningd::ledger::query::{QueryLedger, Surroundings};
use dunningd::ledger::{Snapshot, settings::MaxBadRows};

use super::*;
use crate::support::books::fixtures;

/// Waits for what the library does.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// The queries of these settings for these accounts.
pub(super) fn ledger(books: &Books, settings: &str) -> QueryLedger {
    let settings = format!("url = {:?}\n{settings}", books.url());
    let around = Surroundings {
        folder: std::path::Path::new("/"),
        credentials: None,
        zone: chrono_tz::Europe::Berlin,
        max_bad_rows: MaxBadRows::default(),
        scratch: &std::env::temp_dir(),
    };
    QueryLedger::new(&toml::from_str(&settings).unwrap(), around).unwrap()
}

/// What the preset gives for these accounts; the same, whether all is asked for or each customer (T26).
pub(super) fn read(books: &Books, preset: &str, options: &str) -> Snapshot {
    let queries = ledger(books, &format!("preset = {preset:?}\n{options}"));
    let mut whole = block_on(queries.read(&mut HashMap::new())).unwrap();
    let customers: Vec<String> = whole.customers.keys().cloned().collect();
    let mut narrowed = block_on(queries.read_of(&customers, &mut HashMap::new())).unwrap();
    whole.payments.sort_by(|a, b| a.id.cmp(&b.id));
    narrowed.payments.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(whole, narrowed, "{preset}");
    whole
}

fn expected(name: &str, books: &Books) -> Value {
    let path = fixtures().join(format!("{name}.{}.json", books.kind()));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Some columns of expected rows, sorted.
fn rows_of(rows: &Value, columns: &[&str]) -> Vec<String> {
    let line = |row: &Value| columns.iter().map(|c| word(&row[*c])).collect::<Vec<_>>().join(" | ");
    let mut lines: Vec<String> = rows.as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

fn sorted(rows: impl Iterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    rows
}

/// Compares everything, to the cent.
fn assert_as_the_program_says(name: &str, books: &Books, snapshot: &Snapshot) {
    let expected = expected(name, books);
    assert_eq!(snapshot.bad_rows, []);
    let columns =
        ["id", "number", "customer_id", "issue_date", "due_date", "currency", "total", "open_balance", "disputed", "po_number"];
    let invoices = snapshot.invoices.values().map(|i| {
        let amount = |a| i.currency.plain(a);
        let po = i.po_number.as_deref().unwrap_or_default();
        format!(
            "{} | {} | {} | {} | {} | {} | {} | {} | {} | {po}",
            i.id,
            i.number,
            i.customer_id,
            i.issue_date,
            i.due_date,
            i.currency,
            amount(i.total),
            amount(i.open_balance),
            i.disputed
        )
    });
    assert_eq!(sorted(invoices), rows_of(&expected["invoices"], &columns));
    let open = |i: &&Value| word(&i["open_balance"]).parse::<rust_decimal::Decimal>().unwrap() > rust_decimal::Decimal::ZERO;
    let open = expected["invoices"].as_array().unwrap().iter().filter(open).count();
    assert_eq!(snapshot.invoices.values().filter(|i| i.is_open()).count(), open);

    let columns = ["id", "name", "email", "language", "segment", "phone", "account_manager", "do_not_contact"];
    let customers = snapshot.customers.values().map(|c| {
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let email = c.email.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let manager = c.account_manager.as_ref().map(ToString::to_string).unwrap_or_default();
        format!(
            "{} | {} | {email} | {} | {} | {} | {manager} | {}",
            c.id,
            c.name,
            text(&c.language),
            text(&c.segment),
            text(&c.phone),
            c.do_not_contact
        )
    });
    assert_eq!(sorted(customers), rows_of(&expected["customers"], &columns));

    let (of_invoices, credits): (Vec<_>, Vec<_>) = snapshot.payments.iter().partition(|p| p.invoice_id.is_some());
    let line = |p: &&dunningd::ledger::Payment| {
        let invoice = p.invoice_id.as_deref().unwrap_or_default();
        format!("{} | {invoice} | {} | {} | {} | {}", p.id, p.customer_id, p.currency.plain(p.amount), p.currency, p.received_on)
    };
    let columns = ["id", "invoice_id", "customer_id", "amount", "currency", "received_on"];
    assert_eq!(sorted(of_invoices.iter().map(line)), rows_of(&expected["payments"], &columns));
    let credit = |p: &&dunningd::ledger::Payment| {
        let id = p.id.strip_prefix("credit:").unwrap();
        format!("{id} | {} | {} | {} | {}", p.customer_id, p.currency.plain(p.amount), p.currency, p.received_on)
    };
    let columns = ["id", "customer_id", "amount", "currency", "date"];
    assert_eq!(sorted(credits.iter().map(credit)), rows_of(&expected["unapplied_credits"], &columns));

    let numbers: BTreeMap<&str, ()> = snapshot.invoices.values().map(|i| (i.number.as_str(), ())).collect();
    for gone in expected["must_not_appear"].as_array().unwrap() {
        assert!(!numbers.contains_key(word(&gone["number"]).as_str()), "{gone}");
    }
}

fn assert_preset(name: &str, books: Books) {
    let books = books.with_fixture(name);
    assert_as_the_program_says(name, &books, &read(&books, name, ""));
}

#[test]
fn gnucash_as_the_program_says() {
    assert_preset("gnucash", Books::sqlite());
    assert_preset("gnucash", Books::postgres());
}

#[test]
fn tryton_as_the_program_says() {
    assert_preset("tryton", Books::sqlite());
    assert_preset("tryton", Books::postgres());
}

#[test]
fn ledgersmb_as_the_program_says() {
    assert_preset("ledgersmb", Books::postgres());
}

#[test]
fn another_company_has_other_invoices() {
    let books = Books::sqlite().with_fixture("tryton");
    assert!(!read(&books, "tryton", "options = { company = 1 }").invoices.is_empty());
    assert!(read(&books, "tryton", "options = { company = 2 }").invoices.is_empty());
}

#[test]
fn a_database_of_another_program_is_told_what_is_missing() {
    let books = Books::sqlite().with_fixture("gnucash");
    let more = "preset = \"tryton\"";
    let company = a_company_with_a_file()
        .with_settings(&format!("[ledger]\nsource = \"query\"\n[ledger.query]\nurl = {:?}\n{more}\n", books.url()));
    let said = complaints(&company);
    assert!(said[0].contains("no database of Tryton 6.0 to 8.0: account_invoice.payment_term_date is not there"), "{said:?}");
}

#[test]
fn the_role_of_a_preset_reads_all_that_it_needs_and_may_not_write() {
    let presets = [("gnucash", Books::postgres()), ("tryton", Books::postgres()), ("ledgersmb", Books::postgres())];
    for (preset, books) in presets {
        let books = books.with_fixture(preset);
        let Books::Postgres(database) = &books else { panic!() };
        let user = format!("role_{}", database.name);
        let said = a_company_with_a_file().run(&["ledger", "role", "--preset", preset, "--user", &user]).exits(0);
        books.sql(&said.out);
        let url = books.url().replace("postgres@", &format!("{user}@"));
        let settings = format!("[ledger]\nsource = \"query\"\n[ledger.query]\nurl = {url:?}\npreset = {preset:?}\n");
        let company = a_company_with_a_file().with_settings(&settings);
        assert!(!rows(&company, "invoices").is_empty());
        assert!(!complaints(&company).iter().any(|c| c.starts_with("ledger-role")), "{:?}", complaints(&company));
        books.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}"));
    }
}

#[test]
fn every_preset_is_described() {
    let read = |name: &str| std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let (page, configuration) = (read("docs/presets.md"), read("docs/configuration.md"));
    for name in dunningd::ledger::preset::names() {
        let preset = dunningd::ledger::preset::find(name).unwrap();
        assert!(page.contains(&format!("### {}: `{name}`", preset.title)), "{name}");
        assert!(preset.cannot.iter().all(|sentence| page.contains(&format!("- {sentence}\n"))), "{name}");
        assert!(configuration.contains(&format!("`\"{name}\"`")), "{name}");
    }
}
