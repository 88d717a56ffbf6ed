//! The documents of the invoices that an e-mail is about (D11): from which folder, how much, and what if one is missing.

mod document;
mod name;
mod size;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use document::{Folder, Problem};
pub use size::Size;

/// `[attachments]`: the invoices' documents go with the e-mails. Without a directory nothing is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The one folder in which the documents lie. A `document_path` of the ledger is relative to it, or inside of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<PathBuf>,
    /// The most that the documents of one e-mail may have together, as files. In the e-mail they need a third more.
    #[cfg_attr(test, schemars(with = "String"))]
    pub max_size: Size,
    /// What if they have more: the e-mail fails, or leaves without those that do not fit.
    pub too_large: Otherwise,
    /// What if the ledger names a document that is not there.
    pub missing: Otherwise,
}

/// What becomes of an e-mail whose document cannot go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// It is not sent; the contact has failed, with the reason.
    #[default]
    Fail,
    /// It is sent without the document.
    LeaveOut,
}

impl Default for Settings {
    fn default() -> Self {
        Self { directory: None, max_size: Size::DEFAULT, too_large: Otherwise::Fail, missing: Otherwise::Fail }
    }
}

/// A file of an e-mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The name that the reader sees, with `.pdf` at its end.
    pub name: String,
    /// A PDF.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} octets)", self.name, self.bytes.len())
    }
}

/// An invoice's document, as the ledger names it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The invoice's number, for the name.
    pub number: &'a str,
    /// `document_path`.
    pub path: &'a str,
}

/// What goes with an e-mail, and what was left out of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Attached {
    pub files: Vec<Attachment>,
    /// A sentence for each document that was left out, as the settings allow it.
    pub left_out: Vec<String>,
}

impl Settings {
    /// A relative path is relative to the folder of the configuration.
    pub fn resolve_paths(&mut self, folder: &Path) {
        if let Some(path) = &mut self.directory {
            *path = folder.join(&*path);
        }
    }

    /// Reads the documents, in their order; one that is named twice is there once.
    ///
    /// # Errors
    /// A sentence: a document that cannot be attached, and may not be left out.
    pub fn attach(&self, wanted: &[Wanted<'_>]) -> Result<Attached, String> {
        let Some(directory) = self.directory.as_deref().filter(|_| !wanted.is_empty()) else { return Ok(Attached::default()) };
        let folder = Folder::open(directory)?;
        let (mut attached, mut seen, mut left) = (Attached::default(), Vec::new(), self.max_size.octets());
        for document in wanted {
            let failed = |problem: &Problem| {
                let shown = super::clean::name(document.path);
                format!("the document {shown:?} of the invoice {} {problem}", super::clean::name(document.number))
            };
            let found = folder.find(document.path).and_then(|inside| match seen.contains(&inside) {
                true => Ok(None),
                false => {
                    let bytes = folder.read(&inside, left)?;
                    seen.push(inside);
                    Ok(Some(bytes))
                }
            });
            match found {
                Ok(None) => {}
                Ok(Some(bytes)) => {
                    left = left.saturating_sub(bytes.len() as u64);
                    let taken: Vec<&str> = attached.files.iter().map(|f| f.name.as_str()).collect();
                    attached.files.push(Attachment { name: name::of(document.number, &taken), bytes });
                }
                Err(problem) => {
                    let may_go = match problem {
                        Problem::Missing => self.missing == Otherwise::LeaveOut,
                        Problem::TooLarge(_) => self.too_large == Otherwise::LeaveOut,
                        _ => false,
                    };
                    let sentence = match problem {
                        Problem::TooLarge(_) => {
                            format!("{} ({} in all: `max_size` of [attachments])", failed(&problem), self.max_size)
                        }
                        _ => failed(&problem),
                    };
                    if !may_go {
                        return Err(sentence);
                    }
                    attached.left_out.push(sentence);
                }
            }
        }
        Ok(attached)
    }
}

#[cfg(test)]
mod tests;
