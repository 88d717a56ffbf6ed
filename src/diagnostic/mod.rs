//! A problem of a file that a person wrote: where it is, what is wrong, what to do. Rendered like a compiler's.
//!
//! [`places`] finds the keys of a TOML file, [`syntax`] says what is no TOML, [`words`] puts a deserializer's words into ours.

pub mod places;
pub mod syntax;
pub mod words;

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// One problem of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    /// A stable word for the kind of problem, for editors and scripts: `unknown-key`.
    pub code: &'static str,
    /// The file as the user knows it.
    pub file: String,
    /// The file's text, for the excerpt; may be empty when there is none.
    pub source: String,
    /// Byte range in `source`; `None` when the problem has no place in the text.
    pub span: Option<Range<usize>>,
    pub message: String,
    /// What to do, in one sentence.
    pub help: Option<String>,
}

impl Problem {
    /// An error at a byte range of a file.
    #[must_use]
    pub fn error(file: &str, source: &str, span: Option<Range<usize>>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: "invalid",
            file: file.to_owned(),
            source: source.to_owned(),
            span,
            message: message.into(),
            help: None,
        }
    }

    /// The same problem, under a word of its own.
    #[must_use]
    pub fn coded(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The same problem, said as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same problem, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Line and column, counted from 1 (columns in characters); `None` without a place.
    #[must_use]
    pub fn line_column(&self) -> Option<(usize, usize)> {
        self.place(self.span.as_ref()?.start)
    }

    /// Line and column just behind the last character.
    #[must_use]
    pub fn end_line_column(&self) -> Option<(usize, usize)> {
        self.place(self.span.as_ref()?.end)
    }

    fn place(&self, at: usize) -> Option<(usize, usize)> {
        let before = self.source.get(..at.min(self.source.len()))?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((line, column))
    }

    /// The problem with its excerpt, as `cargo` shows it; in colour if asked for.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str());
        let mut group = match &self.span {
            Some(span) => {
                let end = span.end.min(self.source.len());
                let start = span.start.min(end);
                let snippet = Snippet::source(self.source.as_str())
                    .path(self.file.as_str())
                    .annotation(AnnotationKind::Primary.span(start..end.max(start)));
                title.element(snippet)
            }
            None => title.element(annotate_snippets::Origin::path(self.file.as_str())),
        };
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }
}

/// The known word nearest to `word`, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (distance(word, k), k))
        .filter(|(d, k)| *d <= (k.len().max(word.len()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            d[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (d[i - 1][j] + 1).min(d[i][j - 1] + 1).min(d[i - 1][j - 1] + same);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(d[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    d[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_only_when_it_may_be_meant() {
        let known = ["quiet_days", "grace_days", "holidays"];
        assert_eq!(nearest("quite_days", known), Some("quiet_days"));
        assert_eq!(nearest("holiday", known), Some("holidays"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn a_problem_names_file_line_and_column_and_what_to_do() {
        let source = "quiet_days = 3\ngrase_days = 10\n";
        let problem =
            Problem::error("timetable.toml", source, Some(15..25), "unknown key `grase_days`").help("did you mean `grace_days`?");
        assert_eq!(problem.line_column(), Some((2, 1)));
        let text = problem.render(false);
        assert!(text.contains("timetable.toml:2:1") && text.contains("^^^^^^^^^^") && text.contains("did you mean"), "{text}");
    }
}
