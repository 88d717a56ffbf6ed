//! The parser, asked with good files, wrong files and rubbish.

mod aging;
mod approval;
mod cases;
mod customers;
mod interest;
mod keys;
mod priority;
mod rank;
mod review;
mod rubbish;
mod shipped;
mod steps;
mod top;
mod warnings;
mod who;

use super::parse;
use crate::diagnostic::{Problem, Severity};
use crate::timetable::Timetable;

/// The zone, a size, two segments and a step: what other texts are put around. `above` holds keys of the top.
fn file(above: &str, below: &str) -> String {
    format!(
        "time_zone = \"UTC\"\n{above}\n[sizes]\nlarge = \"1000\"\n[[segment]]\nname = \"vip\"\nmatch = {{ rank = [\"A\"] }}\n\
         [[segment]]\nname = \"rest\"\n[[step]]\nid = \"first\"\nemail = \"past-due\"\ndays = 3\n{below}\n"
    )
}

/// The line on which `below` of [`file`] begins, `above` being one line.
const BELOW: usize = 14;

fn good(text: &str) -> Timetable {
    match parse("timetable.toml", text) {
        Ok((timetable, warnings)) if warnings.is_empty() => timetable,
        Ok((_, problems)) | Err(problems) => panic!("{text}\n{:#?}", problems.iter().map(line).collect::<Vec<_>>()),
    }
}

/// Every problem of the file in one line: place, offending text, message, what to do.
fn said(text: &str) -> Vec<String> {
    match parse("timetable.toml", text) {
        Ok((_, problems)) | Err(problems) => problems.iter().map(line).collect(),
    }
}

/// The one problem of the file.
fn only(text: &str) -> String {
    let mut all = said(text);
    assert_eq!(all.len(), 1, "{text}\n{all:#?}");
    all.remove(0)
}

fn line(problem: &Problem) -> String {
    let (line, column) = problem.line_column().unwrap();
    let offending = &problem.source[problem.span.clone().unwrap()];
    let mark = if problem.severity == Severity::Warning { "warning: " } else { "" };
    let help = problem.help.as_deref().unwrap_or("(no help)");
    format!("{}:{line}:{column} «{offending}» {mark}{}; {help}", problem.file, problem.message)
}

/// A wrong line of the top (line 2) and what is said of it.
fn assert_top(above: &str, expected: &str) {
    assert_eq!(only(&file(above, "")), format!("timetable.toml:2:{expected}"));
}

/// A wrong text below the good steps; `line` is counted in that text from 0.
fn assert_below(below: &str, line: usize, expected: &str) {
    assert_eq!(only(&file("", below)), format!("timetable.toml:{}:{expected}", BELOW + line));
}
