//! `timetable.toml`: from its text to a [`Timetable`], with every problem at its place.

mod customers;
mod reader;
mod segments;
mod steps;
mod top;
mod values;
mod warnings;

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
        return Err(broken(file, text, &syntax));
    }
    let table = Table::new(&source, 0..0, root.get_ref());
    let timetable = top::read(&table);
    let mut problems = source.problems.into_inner();
    problems.sort_by_key(|p| (p.span.as_ref().map(|s| s.start), p.severity));
    if problems.iter().all(|p| p.severity == Severity::Warning) { Ok((timetable, problems)) } else { Err(problems) }
}

/// What is no TOML at all. One slip, such as a bracket that is never closed, makes the reader stumble over every line
/// after it: the first few places are enough, one for a line.
fn broken(file: &str, text: &str, syntax: &[toml::de::Error]) -> Vec<Problem> {
    const ENOUGH: usize = 3;
    let problem = |e: &toml::de::Error| Problem::error(file, text, e.span(), e.message().trim()).help("mend the TOML first");
    let mut problems: Vec<Problem> = syntax.iter().map(problem).collect();
    problems.sort_by_key(|p| p.span.as_ref().map(|s| s.start));
    problems.dedup_by_key(|p| p.line_column().map(|(line, _)| line));
    problems.truncate(ENOUGH);
    problems
}

#[cfg(test)]
mod tests;
