//! CSV files as they come: whole files, rows, and rubbish.

mod files;
mod rows;
mod rubbish;

use std::fs;
use std::path::PathBuf;

use super::{CsvError, Rows};
use crate::ledger::rows::LedgerRow;
use crate::ledger::settings::Import;
use crate::ledger::tally::Tally;

const CUSTOMERS: &str = "id,name,email\nC1,Müller & Söhne,a@x.test\nC2,Crédit Ltd,\n";

/// A file that lives as long as the folder beside it.
fn a_file(bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn import(toml: &str) -> Import {
    toml::from_str(toml).unwrap()
}

fn try_read<T: LedgerRow>(bytes: impl AsRef<[u8]>, settings: &Import) -> Result<(Vec<T>, Tally), CsvError> {
    let (_folder, path) = a_file(bytes);
    let mut rows = Rows::<T>::open(&path, settings)?;
    let mut good = Vec::new();
    for row in rows.by_ref() {
        good.push(row?.0);
    }
    Ok((good, rows.into_tally()))
}

fn read<T: LedgerRow>(bytes: impl AsRef<[u8]>, toml: &str) -> (Vec<T>, Tally) {
    try_read(bytes, &import(toml)).unwrap()
}

/// What is said about the only bad row, without the folder.
fn complaint(tally: &Tally) -> String {
    assert_eq!(tally.bad.len(), 1, "{:?}", tally.bad);
    let text = tally.bad[0].to_string();
    text[text.find("file.csv").unwrap()..].to_owned()
}
