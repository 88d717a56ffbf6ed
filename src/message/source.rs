//! The files of a template folder.
//!
//! `LANGUAGE/NAME/{subject.txt,body.txt,body.html}` is a template; `_ANYTHING/` and `LANGUAGE/_ANYTHING/` hold parts that
//! templates include or extend, the language's own before the common ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::diagnostic::Problem;

/// The three files of a template.
pub const ROLES: [&str; 3] = ["subject.txt", "body.txt", "body.html"];

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name within its language, by which others include it: `reminder/body.html`, `_shared/table.txt`.
    pub name: String,
    /// The path as the user knows it.
    pub file: String,
    pub text: String,
}

/// All files of a folder, by language; the common parts stand under the empty language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    pub by_language: BTreeMap<String, BTreeMap<String, Source>>,
}

impl Sources {
    /// Reads a folder. A file that does not belong there is a problem, as is a template without a subject or a body.
    ///
    /// # Errors
    /// All problems at once.
    pub fn read(directory: &Path) -> Result<Self, Vec<Problem>> {
        let mut sources = Self::default();
        let mut problems = Vec::new();
        for language in entries(directory, &mut problems) {
            if !language.folder {
                problems.push(stray(&language.path, "a template folder holds one folder for each language"));
            } else if language.name.starts_with('_') {
                sources.read_parts("", &language, &mut problems);
            } else {
                for template in entries(&language.path, &mut problems) {
                    if !template.folder {
                        problems.push(stray(&template.path, "a language holds one folder for each template"));
                    } else if template.name.starts_with('_') {
                        sources.read_parts(&language.name, &template, &mut problems);
                    } else {
                        sources.read_template(&language.name, &template, &mut problems);
                    }
                }
            }
        }
        if problems.is_empty() { Ok(sources) } else { Err(problems) }
    }

    /// The templates of a language, by name.
    #[must_use]
    pub fn templates(&self, language: &str) -> BTreeSet<&str> {
        let files = self.by_language.get(language).into_iter().flat_map(BTreeMap::keys);
        files.filter_map(|name| name.strip_suffix("/subject.txt")).filter(|name| !name.starts_with('_')).collect()
    }

    /// The languages that have templates.
    #[must_use]
    pub fn languages(&self) -> Vec<&str> {
        self.by_language.keys().map(String::as_str).filter(|l| !self.templates(l).is_empty()).collect()
    }

    /// The files that a template of this language can see: its own, then the parts of the language without the region,
    /// then the common ones.
    #[must_use]
    pub fn seen_by(&self, language: &str) -> BTreeMap<String, Source> {
        let base = language.split(['-', '_']).next().unwrap_or_default();
        let mut seen = self.by_language.get("").cloned().unwrap_or_default();
        let parts = self.by_language.get(base).into_iter().flatten().filter(|(name, _)| name.starts_with('_'));
        seen.extend(parts.map(|(name, source)| (name.clone(), source.clone())));
        seen.extend(self.by_language.get(language).cloned().unwrap_or_default());
        seen
    }

    fn read_parts(&mut self, language: &str, folder: &Entry, problems: &mut Vec<Problem>) {
        for file in entries(&folder.path, problems) {
            if file.folder {
                problems.push(stray(&file.path, "a folder of shared parts holds files only"));
            } else {
                self.add(language, &folder.name, &file, problems);
            }
        }
    }

    fn read_template(&mut self, language: &str, folder: &Entry, problems: &mut Vec<Problem>) {
        let files = entries(&folder.path, problems);
        for file in &files {
            if file.folder || !ROLES.contains(&file.name.as_str()) {
                problems.push(stray(&file.path, "a template is subject.txt, body.txt and body.html, and nothing else"));
            } else {
                self.add(language, &folder.name, file, problems);
            }
        }
        let has = |role: &str| files.iter().any(|f| f.name == role);
        if !has("subject.txt") {
            problems.push(
                problem(&folder.path, "this template has no subject.txt").help("write one: it is the subject of the e-mail"),
            );
        }
        if !has("body.txt") && !has("body.html") {
            problems.push(problem(&folder.path, "this template has no body").help("write a body.txt, a body.html, or both"));
        }
    }

    fn add(&mut self, language: &str, folder: &str, file: &Entry, problems: &mut Vec<Problem>) {
        let shown = file.path.display().to_string();
        match fs::read_to_string(&file.path) {
            Ok(text) => {
                let name = format!("{folder}/{}", file.name);
                let source = Source { name: name.clone(), file: shown, text };
                self.by_language.entry(language.to_owned()).or_default().insert(name, source);
            }
            Err(e) => problems.push(problem(&file.path, &format!("cannot be read: {e}")).help("a template is a UTF-8 text file")),
        }
    }
}

struct Entry {
    name: String,
    path: std::path::PathBuf,
    folder: bool,
}

/// What a folder holds, in the order of the names; hidden files (editors leave them) are passed over.
fn entries(folder: &Path, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(e) => {
            let help = "set `directory` under [templates], or make the templates with `dunningd init`";
            problems.push(problem(folder, &format!("the template folder cannot be read: {e}")).help(help));
            return vec![];
        }
    };
    let mut found: Vec<Entry> = read
        .flatten()
        .map(|e| Entry { name: e.file_name().to_string_lossy().into_owned(), folder: e.path().is_dir(), path: e.path() })
        .filter(|e| !e.name.starts_with('.') && !e.name.ends_with('~'))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn problem(path: &Path, message: &str) -> Problem {
    Problem::error(&path.display().to_string(), "", None, message)
}

fn stray(path: &Path, help: &str) -> Problem {
    problem(path, "this does not belong here").help(help)
}
