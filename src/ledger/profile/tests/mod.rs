//! Profiles with the files of programs, and with files that are not quite such.

mod odd;
mod programs;

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::ledger::InvoiceRow;
use crate::ledger::settings::Import;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports")
}

fn import(toml: &str) -> Import {
    toml::from_str(toml).unwrap()
}

fn read_with(profile: &Profile, paths: &[PathBuf], toml: &str) -> Result<Translated, ProfileError> {
    let import = import(toml);
    translate(profile, paths, &Given { import: &import, currency: None, date_format: None })
}

fn shipped(name: &str) -> Profile {
    find(name, Path::new("")).unwrap_or_else(|p| panic!("{name}: {}", p[0].render(false)))
}

/// A text read with a shipped profile, in dollars if it does not say.
fn read(profile: &str, text: &str) -> Result<Translated, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    std::fs::write(&path, text).unwrap();
    read_with(&shipped(profile), &[path], "currency = \"USD\"").map_err(|e| e.to_string())
}

/// What is said of the bad rows, without the folder.
fn complaints(found: &Translated) -> Vec<String> {
    found.tally.bad.iter().map(|b| b.to_string()).map(|t| t[t.find("file.csv").unwrap()..].to_owned()).collect()
}

fn open(found: &Translated) -> Vec<&InvoiceRow> {
    found
        .invoices
        .iter()
        .map(|(i, _)| i)
        .filter(|i| i.open_balance > Some(Decimal::ZERO) && i.status == crate::ledger::Status::Open)
        .collect()
}
