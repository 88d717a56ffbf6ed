//! What is no TOML at all, and what can be said of a file in spite of it.

use toml::de::Error;

use super::Problem;

/// The first places where a file is no TOML, one for a line. One slip, such as a bracket that is never closed, makes the
/// reader stumble over every line after it: a few are enough.
#[must_use]
pub fn problems(file: &str, text: &str, errors: &[Error]) -> Vec<Problem> {
    const ENOUGH: usize = 3;
    let problem =
        |e: &Error| Problem::error(file, text, e.span(), e.message().trim()).help("mend the TOML first").coded("syntax");
    let mut problems: Vec<Problem> = errors.iter().map(problem).collect();
    problems.sort_by_key(|p| p.span.as_ref().map(|s| s.start));
    problems.dedup_by_key(|p| p.line_column().map(|(line, _)| line));
    problems.truncate(ENOUGH);
    problems
}

/// The text without the lines that are no TOML, so that the rest of it can be read.
#[derive(Debug)]
pub struct Without {
    /// Blanks instead of those lines: every place stays the same.
    pub text: String,
    /// Where what is missing now would be said to be missing.
    headers: Vec<usize>,
    /// Whether a name went away that others may use.
    names: bool,
}

impl Without {
    /// `None`: the mistakes are not within single lines `key = value`.
    #[must_use]
    pub fn lines_of(text: &str, errors: &[Error]) -> Option<Self> {
        let mut found = Self { text: text.to_owned(), headers: vec![0], names: false };
        for error in errors {
            let at = error.span()?.start.min(text.len());
            let start = text.get(..at)?.rfind('\n').map_or(0, |n| n + 1);
            let line = text.get(start..)?.lines().next().unwrap_or_default();
            let key = line.split_once('=').map(|(key, _)| key.trim())?;
            if key.is_empty() || key.starts_with(['[', '#']) {
                return None;
            }
            found.text.replace_range(start..start + line.len(), &" ".repeat(line.len()));
            let header = text.get(..start)?.lines().rev().position(|l| l.trim_start().starts_with('['));
            let lines = text.get(..start)?.lines().count();
            let header = header.map(|back| text.lines().take(lines - back - 1).map(|l| l.len() + 1).sum());
            let of = header.and_then(|h: usize| text.get(h..)).unwrap_or_default();
            found.names |= ["id", "name"].contains(&key) || of.trim_start().starts_with("[sizes");
            found.headers.extend(header);
        }
        toml::de::DeTable::parse(&found.text).is_ok().then_some(found)
    }

    /// Whether a problem is there only because of the lines that were left out.
    #[must_use]
    pub fn explains(&self, problem: &Problem) -> bool {
        let at_header = problem.span.as_ref().is_none_or(|s| self.headers.contains(&s.start));
        at_header || (self.names && problem.code == "unknown-word")
    }
}
