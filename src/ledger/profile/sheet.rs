//! A file of an accounting program to its documents: titles above the header, headings, totals and what is not kept fall
//! away; a row that is none of these and cannot be used is a bad one.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use super::file::{File, Group};
use super::layout::{Layout, known, lacking, plain};
use crate::ledger::csv::{CsvError, Records, Text, flaw_text};
use crate::ledger::record::{Fault, Record};
use crate::ledger::settings::Import;

/// One row that is a document, or a part of one.
#[derive(Debug, Clone)]
pub struct Doc {
    /// `file.csv:17`.
    pub place: String,
    /// What stands there, by the names of our columns.
    pub cells: BTreeMap<String, String>,
    pub extra: BTreeMap<String, String>,
}

impl Doc {
    /// A cell that is not empty.
    pub fn get(&self, ours: &str) -> Option<&str> {
        self.cells.get(ours).map(String::as_str)
    }
}

/// What one file says.
#[derive(Debug, Default)]
pub struct Sheet {
    pub docs: Vec<Doc>,
    /// Rows that cannot be read: where, how many lines, and why.
    pub faults: Vec<(String, u64, Fault)>,
    /// What our columns are called in it.
    pub names: BTreeMap<String, String>,
    /// The grand total as it is written.
    pub grand_total: Option<String>,
}

/// Why a file as a whole is not what the profile reads.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error(transparent)]
    Csv(#[from] CsvError),
    #[error("{file}: none of its first lines names the columns that the profile {profile} reads{nearest}")]
    NoHeader { file: String, profile: String, nearest: String },
    #[error("{file}: it has no line {total:?} at its end: it may be cut off; export it again")]
    CutOff { file: String, total: String },
}

/// How far down the header line is looked for.
const TITLES: usize = 100;

/// Finds the delimiter and the header line: the number of records up to it.
fn header(file: &File, head: &[u8], delimiters: &[u8]) -> Result<(u8, usize), String> {
    let mut best: (usize, String) = (0, String::new());
    for delimiter in delimiters {
        let mut records = Records::new(head, *delimiter, 1);
        let mut record = Record::default();
        for number in 0..TITLES {
            // Reading a slice cannot fail.
            let Ok(Some(found)) = records.next(&mut record) else { break };
            let lacks = lacking(file, &record);
            if lacks.is_empty() && known(file, &record) > 0 {
                return Ok((*delimiter, number));
            }
            let score = known(file, &record);
            if score > best.0 {
                best = (score, format!("; line {} comes nearest, without {}", found.first, lacks.join(", ")));
            }
        }
    }
    Err(best.1)
}

/// Reads a file.
///
/// # Errors
/// When it cannot be read, has no header line, or has been cut off.
pub fn read(path: &Path, profile: &str, file: &File, import: &Import) -> Result<Sheet, SheetError> {
    let shown = path.display().to_string();
    let unreadable = |source| CsvError::Unreadable { file: shown.clone(), source };
    let mut text = Text::open(path, file.encoding.unwrap_or(import.encoding), import.below.as_deref())?;
    let head = text.fill_buf().map_err(unreadable)?;
    if head.is_empty() {
        return Err(CsvError::Empty { file: shown }.into());
    }
    let told = file.delimiter.unwrap_or(import.delimiter).byte();
    let delimiters = told.map_or(vec![b',', b';', b'\t'], |byte| vec![byte]);
    let no_header = |nearest| SheetError::NoHeader { file: shown.clone(), profile: profile.to_owned(), nearest };
    let (delimiter, titles) = header(file, head, &delimiters).map_err(no_header)?;
    let mut records = Records::new(text, delimiter, 1);
    let mut record = Record::default();
    for _ in 0..=titles {
        records.next(&mut record).map_err(unreadable)?;
    }
    let mut reader = Reader { file, layout: Layout::of(file, &record), customers: Vec::new(), sheet: Sheet::default() };
    while let Some(found) = records.next(&mut record).map_err(unreadable)? {
        let place = format!("{shown}:{}", found.first);
        match flaw_text(found) {
            Some(problem) => {
                let fault = Fault::new("row", "", problem);
                reader.sheet.faults.push((place, found.last - found.first + 1, fault));
            }
            None => reader.row(&record, place),
        }
    }
    let Reader { layout, mut sheet, .. } = reader;
    sheet.names = layout.into_names();
    match &file.grand_total {
        Some(total) if sheet.grand_total.is_none() => Err(SheetError::CutOff { file: shown, total: total.clone() }),
        _ => Ok(sheet),
    }
}

struct Reader<'a> {
    file: &'a File,
    layout: Layout,
    /// The headings that are open, the innermost last.
    customers: Vec<String>,
    sheet: Sheet,
}

impl Reader<'_> {
    fn row(&mut self, record: &Record, place: String) {
        let filled: Vec<(usize, &str)> = record.iter().enumerate().filter(|(_, c)| !c.is_empty()).collect();
        if let (Some(group), [(_, text)]) = (self.file.group, &filled[..])
            && record.get(0).is_some_and(|first| first == *text)
        {
            return match group {
                Group::Customer => self.customers.push((*text).to_owned()),
                Group::Ignore => {}
            };
        }
        let (mut cells, extra) = self.layout.values(record, &self.file.empty);
        if let Some((_, first)) = filled.first().filter(|(_, first)| self.is_total(first))
            && !["kind", "due_date", "number"].iter().any(|ours| cells.contains_key(*ours) && cells[*ours] != *first)
        {
            return self.total(first, &cells);
        }
        let keeps = |(ours, starts): (&String, &Vec<String>)| {
            let value = cells.get(ours).map(|v| plain(v)).unwrap_or_default();
            starts.iter().any(|s| value.starts_with(&plain(s)))
        };
        if !self.file.keep.iter().all(keeps) {
            return;
        }
        if let Some(customer) = self.customers.last().filter(|_| self.file.group == Some(Group::Customer)) {
            cells.entry("customer_name".to_owned()).or_insert_with(|| customer.clone());
        }
        let width = self.layout.width;
        if record.len() < width || !record.iter().skip(width).all(str::is_empty) {
            let problem = format!("it has {} cells where the header line names {width}", record.len());
            self.sheet.faults.push((place, 1, Fault::new("row", filled.first().map_or("", |(_, text)| text), problem)));
            return;
        }
        self.sheet.docs.push(Doc { place, cells, extra });
    }

    fn is_total(&self, text: &str) -> bool {
        let text = plain(text);
        let begins = |word: &String| {
            let word = plain(word);
            text.strip_prefix(&word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        self.file.totals.iter().chain(&self.file.grand_total).any(begins)
    }

    /// A total ends its heading, and those within it.
    fn total(&mut self, first: &str, cells: &BTreeMap<String, String>) {
        let text = plain(first);
        if self.file.grand_total.as_ref().is_some_and(|total| plain(total) == text) {
            self.sheet.grand_total = Some(cells.get("open_balance").cloned().unwrap_or_default());
        }
        if let Some(at) = self.customers.iter().rposition(|customer| text.ends_with(&plain(customer))) {
            self.customers.truncate(at);
        }
    }
}
