//! `timetable.toml`: from its text to a [`Timetable`], with every problem at its place.

mod customers;
mod reader;
mod segments;
mod steps;
mod top;

use std::cell::RefCell;

use toml::de::DeTable;

use super::Timetable;
use crate::diagnostic::{Problem, Severity};
use reader::{Source, Table};

/// Reads the text of a timetable file; `file` is its name for the messages. Warnings come with the timetable.
///
/// # Errors
/// All problems of the file at once, in the order of the file, warnings among them.
pub fn parse(file: &str, text: &str) -> Result<(Timetable, Vec<Problem>), Vec<Problem>> {
    let source = Source { file, text, problems: RefCell::default() };
    let (root, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        let problem = |e: &toml::de::Error| Problem::error(file, text, e.span(), e.message().trim()).help("mend the TOML first");
        return Err(syntax.iter().map(problem).collect());
    }
    let table = Table::new(&source, 0..0, root.get_ref());
    let timetable = top::read(&table);
    let mut problems = source.problems.into_inner();
    problems.sort_by_key(|p| (p.span.as_ref().map(|s| s.start), p.severity));
    match timetable {
        Some(timetable) if problems.iter().all(|p| p.severity == Severity::Warning) => Ok((timetable, problems)),
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests;
