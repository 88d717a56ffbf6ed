//! `timetable.toml`: from its text to a [`Timetable`], with every problem at its place.

mod aging;
mod approval;
mod cases;
mod customers;
mod follow;
mod interest;
mod merge;
mod priority;
mod rank;
mod reader;
mod review;
mod segments;
mod steps;
mod top;
mod values;
mod warnings;
mod when;
mod window;
mod worklist;

use std::cell::RefCell;

use toml::de::DeTable;

use super::Timetable;
use crate::diagnostic::{Problem, Severity, syntax};
use reader::{Source, Table};
pub use warnings::overlap;

/// Reads the text of a timetable file; `file` is its name for the messages. Warnings come with the timetable.
///
/// # Errors
/// All problems of the file at once, in the order of the file, warnings among them.
pub fn parse(file: &str, text: &str) -> Result<(Timetable, Vec<Problem>), Vec<Problem>> {
    match look(file, text) {
        (Some(timetable), problems) if problems.iter().all(|p| p.severity == Severity::Warning) => Ok((timetable, problems)),
        (_, problems) => Err(problems),
    }
}

/// All that is wrong with a timetable, and what is right of it, so that the templates it names can be looked at in spite of a
/// mistake. Nothing may be planned by a timetable with errors.
#[must_use]
pub fn look(file: &str, text: &str) -> (Option<Timetable>, Vec<Problem>) {
    let (root, broken) = DeTable::parse_recoverable(text);
    if broken.is_empty() {
        let (timetable, problems) = read(file, text, root.get_ref());
        return (Some(timetable), problems);
    }
    let mut problems = syntax::problems(file, text, &broken);
    let Some(without) = syntax::Without::lines_of(text, &broken) else { return (None, problems) };
    let (rest, _) = DeTable::parse_recoverable(&without.text);
    let (timetable, found) = read(file, text, rest.get_ref());
    problems.extend(found.into_iter().filter(|p| !without.explains(p)));
    in_order(&mut problems);
    (Some(timetable), problems)
}

/// A timetable in any case, and what is wrong with it.
fn read(file: &str, text: &str, root: &DeTable<'_>) -> (Timetable, Vec<Problem>) {
    let source = Source { file, text, problems: RefCell::default() };
    let timetable = top::read(&Table::new(&source, 0..0, root));
    let mut problems = source.problems.into_inner();
    in_order(&mut problems);
    (timetable, problems)
}

fn in_order(problems: &mut [Problem]) {
    problems.sort_by_key(|p| (p.span.as_ref().map(|s| s.start), p.severity));
}

#[cfg(test)]
pub mod schema;
#[cfg(test)]
mod tests;
