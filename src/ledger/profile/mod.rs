//! Import profiles: how the files of accounting programs are to be read, as data (`config/imports/NAME.toml`) or as a file
//! of the user's own.
//!
//! `file` is a profile as it is written, `problems` what is wrong with it; `sheet` finds the header (`layout`) and tells documents from headings and totals;
//! `ways` finds out how dates and amounts are written, by the file as a whole (`spelling`); `document` reads one of them, and
//! `translate` makes customers, invoices and payments of all.
//! No database here.

mod balances;
mod document;
mod error;
mod file;
mod layout;
mod problems;
mod sheet;
mod spelling;
mod text;
mod translate;
mod ways;

use std::path::Path;

pub use error::ProfileError;
pub use file::{File, Lines};
pub use translate::{Given, Translated, translate};

use crate::diagnostic::{Problem, nearest};

macro_rules! shipped {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../../../config/imports/", $name, ".toml")))),*] };
}

/// The shipped files.
const FILES: [(&str, &str); 14] = shipped![
    "beancount",
    "business-central",
    "datev-opos",
    "dynamics-gp",
    "hledger",
    "quickbooks-aging-detail",
    "quickbooks-online-aging-detail",
    "quickbooks-online-open-invoices",
    "quickbooks-open-invoices",
    "sage50-transaction-history",
    "stripe-invoices",
    "xero-aged-receivables",
    "xero-invoices",
    "zoho-books",
];

/// A profile, ready to read with.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What its rows are remembered under: the name of a shipped one, or of the file without its ending.
    pub name: String,
    pub file: File,
}

/// The names of the shipped profiles.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The text of a shipped profile, to start an own one from.
///
/// # Errors
/// A sentence with the name that may be meant.
pub fn text(name: &str) -> Result<&'static str, String> {
    let found = FILES.iter().find(|(n, _)| *n == name).map(|(_, text)| *text);
    found.ok_or_else(|| match nearest(name, names()) {
        Some(near) => format!("there is no profile `{name}`: did you mean `{near}`?"),
        None => format!(
            "there is no profile `{name}`: there are {}; a file of your own ends with .toml",
            names().collect::<Vec<_>>().join(", ")
        ),
    })
}

/// The profile of a name, or of a file that ends with `.toml`, relative to `folder`.
///
/// # Errors
/// What is wrong with it, with its place.
pub fn find(name: &str, folder: &Path) -> Result<Profile, Vec<Problem>> {
    let path = Path::new(name);
    if path.extension().is_none_or(|e| e != "toml") {
        let text = text(name).map_err(|sentence| vec![Problem::error(name, "", None, sentence).coded("unknown-word")])?;
        return file::parse(name, text, text_of).map(|file| Profile { name: name.to_owned(), file });
    }
    let shown = path.display().to_string();
    let unreadable = |e| {
        let help = "name a file, or one of the profiles that `dunningd import --profiles` lists";
        vec![Problem::error(&shown, "", None, format!("it cannot be read: {e}")).help(help).coded("unreadable")]
    };
    let text = std::fs::read_to_string(folder.join(path)).map_err(unreadable)?;
    let file = file::parse(&shown, &text, text_of)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Profile { name, file })
}

fn text_of(name: &str) -> Result<&'static str, String> {
    text(name)
}

#[cfg(test)]
mod tests;
