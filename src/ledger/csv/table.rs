//! A file as a table: Excel's `sep=` line, the delimiter, the header line, and rows of the header's width.

use std::io::{self, BufRead};
use std::path::Path;

use super::CsvError;
use super::encoding::Text;
use super::records::{Flaw, Found, Records};
use crate::ledger::columns::{Header, Set};
use crate::ledger::record::{Fault, Record};
use crate::ledger::settings::Import;

/// An open file whose header line has been read.
#[derive(Debug)]
pub struct Table {
    records: Records<Text>,
    header: Header,
    file: String,
}

/// Where a row stands, and why it cannot be used, if its cells already tell.
#[derive(Debug)]
pub struct Line {
    pub first: u64,
    last: u64,
    pub fault: Option<Fault>,
}

impl Line {
    /// How many rows this stands for: a flawed record counts for each line that it has swallowed.
    pub fn rows(&self) -> u64 {
        if self.fault.is_some() { self.last - self.first + 1 } else { 1 }
    }
}

impl Table {
    pub fn open(path: &Path, settings: &Import, set: &Set) -> Result<Self, CsvError> {
        let file = path.display().to_string();
        let unreadable = |source| CsvError::Unreadable { file: file.clone(), source };
        let mut text = Text::open(path, settings.encoding, settings.below.as_deref())?;
        let head = text.fill_buf().map_err(unreadable)?;
        let (told, skipped) = sep_line(head).map_or((None, 0), |(byte, length)| (Some(byte), length));
        let delimiter = settings.delimiter.byte().or(told).unwrap_or_else(|| sniffed(&head[skipped..], set));
        text.consume(skipped);
        let mut records = Records::new(text, delimiter, if skipped > 0 { 2 } else { 1 });
        let mut names = Record::default();
        let Some(found) = records.next(&mut names).map_err(unreadable)? else {
            return Err(CsvError::Empty { file });
        };
        if let Some(problem) = flaw_text(found) {
            return Err(CsvError::HeaderLine { file, line: found.first, problem });
        }
        match Header::of(set, names.iter()) {
            Ok(header) => Ok(Self { records, header, file }),
            Err(source) => Err(CsvError::Columns { file, line: found.first, source }),
        }
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    pub fn bytes_read(&self) -> u64 {
        self.records.input().bytes_read()
    }

    pub fn place(&self, line: u64) -> String {
        format!("{}:{line}", self.file)
    }

    /// Reads the next row that is not blank; `None` at the end.
    pub fn next(&mut self, record: &mut Record) -> Result<Option<Line>, CsvError> {
        let found = self.records.next(record).map_err(|source| self.unreadable(source))?;
        Ok(found.map(|found| {
            let problem = flaw_text(found).or_else(|| self.width_text(record, found));
            Line { first: found.first, last: found.last, fault: problem.map(|p| Fault::new("row", "", p)) }
        }))
    }

    fn unreadable(&self, source: io::Error) -> CsvError {
        CsvError::Unreadable { file: self.file.clone(), source }
    }

    /// Empty cells behind the last named column do no harm; anything else means that cells have moved or are lost.
    fn width_text(&self, record: &Record, found: Found) -> Option<String> {
        let width = self.header.width;
        if record.len() >= width && record.iter().skip(width).all(str::is_empty) {
            return None;
        }
        let lines = if found.last > found.first { swallowed(found) } else { String::new() };
        Some(format!("it has {} cells where the header line names {width}{lines}", record.len()))
    }
}

fn swallowed(found: Found) -> String {
    format!("; a quote in it runs on to line {}, and these lines are left out", found.last)
}

/// Why a record is no row, for a person.
pub fn flaw_text(found: Found) -> Option<String> {
    let lines = if found.last > found.first { swallowed(found) } else { String::new() };
    Some(match found.flaw? {
        Flaw::OpenQuote => format!("a quote is opened and never closed{lines}"),
        Flaw::TextAfterQuote => {
            format!("text follows a closing quote; a quote within quotes is written twice{lines}")
        }
        Flaw::TooLong => format!("it is longer than any row of a ledger; is a quote or a line end missing?{lines}"),
        Flaw::NotUtf8 => "it holds bytes that are not UTF-8, as the rest of the file is; save the file as UTF-8, or set \
                          `encoding` under `[import]`"
            .to_owned(),
    })
}

/// Excel's first line `sep=;`: the delimiter, and the length of the line.
fn sep_line(head: &[u8]) -> Option<(u8, usize)> {
    let end = head.iter().take(16).position(|b| matches!(b, b'\n' | b'\r'))?;
    let line = std::str::from_utf8(&head[..end]).ok()?.trim_matches([' ', '"']);
    let delimiter = line.get(..4).filter(|s| s.eq_ignore_ascii_case("sep=")).and(line.get(4..))?;
    let delimiter = match delimiter.as_bytes() {
        [byte @ (b',' | b';' | b'\t')] => *byte,
        _ => return None,
    };
    let crlf = usize::from(head[end..].starts_with(b"\r\n"));
    Some((delimiter, end + 1 + crlf))
}

/// The delimiter with which the first line names the most known columns, else makes the most cells.
fn sniffed(head: &[u8], set: &Set) -> u8 {
    let score = |delimiter: u8| {
        let mut names = Record::default();
        // Reading a slice cannot fail.
        let _ = Records::new(head, delimiter, 1).next(&mut names);
        (names.iter().filter(|n| set.column(n).is_some()).count(), names.len())
    };
    // The last of equals wins, so the comma stands last.
    [b'\t', b';', b','].into_iter().max_by_key(|d| score(*d)).unwrap_or(b',')
}
