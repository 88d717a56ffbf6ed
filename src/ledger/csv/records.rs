//! Text to records of cells, by RFC 4180.
//!
//! Stricter than a lenient CSV reader in one thing: a quote that is left open swallows the rows behind it, and a
//! swallowed payment means that somebody who has paid is dunned. So text behind a closing quote, or a quote without an
//! end, is a flaw of all the lines that it covers.

use std::io::{self, BufRead};

use crate::ledger::record::Record;

/// No row of a ledger is longer; a longer one is read over without being kept.
const LONGEST: usize = 1024 * 1024;
const MOST_CELLS: usize = 16 * 1024;

/// Cuts UTF-8 bytes into records. Line ends are LF, CRLF or CR; blanks around quotes are let pass.
#[derive(Debug)]
pub struct Records<R> {
    input: R,
    delimiter: u8,
    line: u64,
    /// The last byte was a CR: a LF right behind it belongs to it.
    after_cr: bool,
    ends: Vec<usize>,
}

/// Where a record stands, and whether its quotes are in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub first: u64,
    pub last: u64,
    pub flaw: Option<Flaw>,
}

/// Why a record is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    OpenQuote,
    TextAfterQuote,
    TooLong,
    NotUtf8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but blanks so far.
    Start,
    Plain,
    Quoted,
    /// Behind a quote within quotes: the end of the cell, or half of a doubled one.
    Quote,
    /// Blanks behind the closing quote.
    Closed,
}

impl<R: BufRead> Records<R> {
    /// Records from here on, the first line being `line`.
    pub fn new(input: R, delimiter: u8, line: u64) -> Self {
        Self { input, delimiter, line, after_cr: false, ends: Vec::new() }
    }

    pub fn input(&self) -> &R {
        &self.input
    }

    /// Reads the next record that is not blank; `None` at the end. The cells of a flawed record are not to be used.
    pub fn next(&mut self, record: &mut Record) -> io::Result<Option<Found>> {
        loop {
            let Some(found) = self.scan(record)? else { return Ok(None) };
            // A lone U+001A is the end mark of old DOS programs.
            let blank = record.iter().all(|cell| cell.is_empty() || cell == "\u{1A}");
            if found.flaw.is_some() || !blank {
                return Ok(Some(found));
            }
        }
    }

    fn scan(&mut self, record: &mut Record) -> io::Result<Option<Found>> {
        let mut cells = Cells { text: record.take_buffer(), ends: &mut self.ends, flaw: None };
        cells.ends.clear();
        let first = self.line;
        let (mut state, mut begun, mut ended) = (State::Start, false, false);
        while !ended {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                if !begun {
                    return Ok(None);
                }
                if state == State::Quoted {
                    cells.flaw = Some(Flaw::OpenQuote);
                }
                break;
            }
            let mut used = 0;
            for &byte in chunk {
                used += 1;
                if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                    continue;
                }
                begun = true;
                let line_end = byte == b'\n' || byte == b'\r';
                if line_end {
                    self.line += 1;
                    self.after_cr = byte == b'\r';
                }
                state = match state {
                    State::Quoted if byte == b'"' => State::Quote,
                    State::Quoted => cells.push(if line_end { b'\n' } else { byte }, State::Quoted),
                    State::Quote if byte == b'"' => cells.push(byte, State::Quoted),
                    _ if line_end => {
                        ended = true;
                        break;
                    }
                    _ if byte == self.delimiter => cells.end(),
                    State::Start if byte == b'"' => cells.open(),
                    State::Start if byte == b' ' || byte == b'\t' => cells.push(byte, State::Start),
                    State::Start | State::Plain => cells.push(byte, State::Plain),
                    State::Quote | State::Closed if byte == b' ' || byte == b'\t' => State::Closed,
                    State::Quote | State::Closed => {
                        cells.flaw.get_or_insert(Flaw::TextAfterQuote);
                        State::Plain
                    }
                };
            }
            self.input.consume(used);
        }
        cells.end();
        let Cells { text, mut flaw, .. } = cells;
        let last = if ended || text.ends_with(b"\n") { self.line - 1 } else { self.line };
        if record.fill(text, &self.ends).is_err() {
            flaw.get_or_insert(Flaw::NotUtf8);
        }
        Ok(Some(Found { first, last, flaw }))
    }
}

/// The cells of the record that is being read.
struct Cells<'a> {
    text: Vec<u8>,
    ends: &'a mut Vec<usize>,
    flaw: Option<Flaw>,
}

impl Cells<'_> {
    fn push(&mut self, byte: u8, next: State) -> State {
        if self.text.len() < LONGEST {
            self.text.push(byte);
        } else {
            self.flaw.get_or_insert(Flaw::TooLong);
        }
        next
    }

    fn end(&mut self) -> State {
        if self.ends.len() < MOST_CELLS {
            self.ends.push(self.text.len());
        } else {
            self.flaw.get_or_insert(Flaw::TooLong);
        }
        State::Start
    }

    /// The blanks before an opening quote are not part of the cell.
    fn open(&mut self) -> State {
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
        State::Quoted
    }
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
