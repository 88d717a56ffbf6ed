//! A second file, with what is open on each invoice: hledger's balances by invoice.

use std::collections::HashMap;
use std::path::Path;

use super::file::{Balances, File, OneOrMore, Place};
use super::sheet::{self, Doc, SheetError};
use crate::ledger::settings::Import;

/// The rows of the second file; a number that is empty is that of what belongs to no invoice.
pub fn read(path: &Path, profile: &str, of: &Balances, file: &File, import: &Import) -> Result<Vec<Doc>, SheetError> {
    let column = |name: &String| Place::Columns(OneOrMore::One(name.clone()));
    let mut columns = [("number".to_owned(), column(&of.number)), ("open_balance".to_owned(), column(&of.open_balance))];
    columns.sort_by(|a, b| a.0.cmp(&b.0));
    let mut columns: std::collections::BTreeMap<String, Place> = columns.into_iter().collect();
    if let Some(currency) = &of.currency {
        columns.insert("currency".to_owned(), column(currency));
    }
    // Whose it is stands in the other file.
    let group = Some(super::file::Group::Customer);
    let layout = File { columns, group, encoding: file.encoding, delimiter: file.delimiter, ..File::default() };
    Ok(sheet::read(path, profile, &layout, import)?.docs)
}

/// The balances by number and currency.
pub fn by_number<'a>(
    docs: &'a [Doc],
    mut value: impl FnMut(&'a Doc) -> Option<rust_decimal::Decimal>,
) -> HashMap<&'a str, rust_decimal::Decimal> {
    let mut found = HashMap::new();
    for doc in docs {
        if let (Some(number), Some(open)) = (doc.get("number"), value(doc)) {
            *found.entry(number).or_default() += open;
        }
    }
    found
}
