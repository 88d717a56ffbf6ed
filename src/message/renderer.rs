//! From a template and a context to a subject and a body.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tera::{ErrorKind, Tera};

use crate::diagnostic::Problem;
use crate::message::clean;
use crate::message::filters;
use crate::message::lint;
use crate::message::locale::{Locale, REGIONS};
use crate::message::source::{ROLES, Source, Sources};
use crate::message::{digest, forewarning};

/// The most that one file of a template may make, in bytes. Three hundred invoices make about 200,000.
const LIMIT: usize = 4 << 20;
/// The width of a text that is made from HTML, in characters.
const WIDTH: usize = 76;

/// A rendered e-mail, not yet a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The language of the templates it was made from.
    pub language: String,
    /// One visible line (D12).
    pub subject: String,
    /// Line breaks are `\n`.
    pub text: String,
    pub html: Option<String>,
}

/// Why a contact cannot be rendered; only this contact fails (D10).
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("there is no template `{name}` in the language `{language}` nor in the default language")]
    Unknown { name: String, language: String },
    #[error("{file}:{line}:{column}: {message}")]
    Template { file: String, line: usize, column: usize, span: std::ops::Range<usize>, message: String },
    #[error("{file}: {message}")]
    Other { file: String, message: String },
}

/// The templates of a folder, read and parsed.
#[derive(Debug)]
pub struct Renderer {
    pub(super) sources: Sources,
    pub(super) default_language: String,
    /// By the tag of a locale: `fr`, and `fr-CA` with the templates of `fr`.
    engines: BTreeMap<String, Engine>,
}

#[derive(Debug)]
struct Engine {
    tera: Tera,
    /// The folder's name.
    language: String,
    /// The files of each template that there are, in the order of [`ROLES`].
    files: BTreeMap<String, [Option<String>; 3]>,
}

impl Engine {
    fn of(tera: Tera, language: &str, sources: &Sources) -> Self {
        let of = |name: &str| {
            ROLES.map(|role| Some(format!("{name}/{role}")).filter(|file| tera.get_template_names().any(|n| n == file)))
        };
        let to_colleagues = [digest::FOLDER, forewarning::FOLDER].into_iter().filter(|name| of(name)[0].is_some());
        let files =
            sources.templates(language).into_iter().chain(to_colleagues).map(|name| (name.to_owned(), of(name))).collect();
        Self { language: language.to_owned(), files, tera }
    }
}

impl Renderer {
    /// Reads and parses all templates.
    ///
    /// # Errors
    /// Everything that is wrong with the files at once: stray files, missing subjects, syntax, unknown filters,
    /// functions and parts, each with file, line and column.
    pub fn load(directory: &Path, default_language: &str) -> Result<Self, Vec<Problem>> {
        let sources = Sources::read(directory)?;
        let mut problems = Vec::new();
        let mut engines = BTreeMap::new();
        let languages: Vec<String> = sources.languages().into_iter().map(str::to_owned).collect();
        for language in &languages {
            let seen = sources.seen_by(language);
            match parse(language, &seen) {
                Ok(tera) => {
                    let locale = Locale::new(language);
                    for region in REGIONS.iter().filter(|r| Locale::new(r).language() == language.as_str()) {
                        let mut regional = tera.clone();
                        filters::register(&mut regional, &Locale::new(region));
                        engines.entry((*region).to_owned()).or_insert_with(|| Engine::of(regional, language, &sources));
                    }
                    engines.insert(locale.tag(), Engine::of(tera, language, &sources));
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() && !languages.iter().any(|l| Locale::new(l) == Locale::new(default_language)) {
            let message = format!("there are no templates in the default language `{default_language}`");
            let found = if languages.is_empty() { "none".to_owned() } else { languages.join(", ") };
            let help = format!("set `default_language` to a language that has some (found: {found})");
            problems.push(Problem::error(&directory.display().to_string(), "", None, message).help(help));
        }
        problems.dedup();
        if problems.is_empty() {
            return Ok(Self { sources, default_language: Locale::new(default_language).tag(), engines });
        }
        // What can be seen in the other files goes with it.
        let others = Self { sources, engines: BTreeMap::new(), ..Self::none(default_language) }.lint();
        let broken: BTreeSet<String> = problems.iter().map(|p| p.file.clone()).collect();
        problems.extend(others.into_iter().filter(|p| !broken.contains(&p.file)));
        Err(problems)
    }

    /// No templates: for a timetable that has nothing but tasks.
    #[must_use]
    pub fn none(default_language: &str) -> Self {
        let default_language = Locale::new(default_language).tag();
        Self { sources: Sources::default(), default_language, engines: BTreeMap::new() }
    }

    /// The files that differ from those of an earlier reading, or are gone.
    #[must_use]
    pub fn changed_since(&self, earlier: &Self) -> Vec<String> {
        let texts = |r: &Self| -> BTreeSet<(String, String)> {
            let files = r.sources.by_language.values().flat_map(BTreeMap::values);
            files.map(|s| (s.file.clone(), s.text.clone())).collect()
        };
        let differ: BTreeSet<String> = (&texts(self) ^ &texts(earlier)).into_iter().map(|(file, _)| file).collect();
        differ.into_iter().collect()
    }

    /// The names of all templates, in whatever language.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.sources.languages().into_iter().flat_map(|l| self.sources.templates(l)).collect()
    }

    /// The languages (folders) that have a template of this name.
    #[must_use]
    pub fn languages_of(&self, name: &str) -> Vec<&str> {
        self.sources.languages().into_iter().filter(|l| self.sources.templates(l).contains(name)).collect()
    }

    /// The columns of the user's ledger that templates name (`customer.extra.NAME`, `invoice.extra.NAME`).
    #[must_use]
    pub fn extra_columns(&self) -> BTreeSet<String> {
        let files = self.sources.by_language.values().flat_map(BTreeMap::values);
        files.flat_map(|source| lint::extra_columns(&source.text)).collect()
    }

    /// Renders a template for a customer who reads `language`: `fr-CA` falls back to `fr`, then to the default language.
    ///
    /// # Errors
    /// The place in the template, and what is wrong there. Never panics: a panic of the template engine is an error.
    pub fn render(&self, name: &str, language: &str, context: &impl serde::Serialize) -> Result<Rendered, RenderError> {
        let (locale, engine, files) = self
            .engine(name, language)
            .ok_or_else(|| RenderError::Unknown { name: name.to_owned(), language: language.to_owned() })?;
        let mut values = tera::Context::from_serialize(context)
            .map_err(|e| RenderError::Other { file: name.to_owned(), message: e.to_string() })?;
        values.insert("language", locale);
        let [subject, text, html] = files;
        let role = |file: &Option<String>| file.as_ref().map(|file| self.role(engine, file, &values)).transpose();
        let subject = clean::line(&role(subject)?.unwrap_or_default(), clean::SUBJECT_LIMIT);
        let html = role(html)?.map(clean::whole_body);
        let text = match (role(text)?, &html) {
            (Some(text), _) => text,
            (None, Some(html)) => {
                plain_of(html).map_err(|message| RenderError::Other { file: format!("{name}/body.html"), message })?
            }
            (None, None) => String::new(),
        };
        Ok(Rendered { language: engine.language.clone(), subject, text: clean::plain(&text), html })
    }

    /// The engine for a template and a language, with the tag of its locale and the template's files.
    fn engine(&self, name: &str, language: &str) -> Option<(&str, &Engine, &[Option<String>; 3])> {
        let found = |tag: &str| {
            let (tag, engine) = self.engines.get_key_value(tag)?;
            Some((tag.as_str(), engine, engine.files.get(name)?))
        };
        // Most languages are written as they are kept.
        found(language).or_else(|| {
            let (wanted, default) = (Locale::new(language), Locale::new(&self.default_language));
            [wanted.tag(), wanted.language().to_owned(), default.tag(), default.language().to_owned()]
                .iter()
                .find_map(|t| found(t))
        })
    }

    /// Whether somebody who reads `language` is answered, in whatever language.
    pub(super) fn speaks(&self, name: &str, language: &str) -> bool {
        self.engine(name, language).is_some()
    }

    fn role(&self, engine: &Engine, file: &str, values: &tera::Context) -> Result<String, RenderError> {
        let mut out = Limited(Vec::new());
        let result = catch_unwind(AssertUnwindSafe(|| engine.tera.render_to(file, values, &mut out)));
        let other = |message: String| RenderError::Other { file: self.file(engine, file), message };
        match result {
            Ok(Ok(())) => String::from_utf8(out.0).map_err(|e| other(e.to_string())),
            Ok(Err(_)) if out.0.len() >= LIMIT => Err(other(format!("it makes more than {LIMIT} bytes of text"))),
            Ok(Err(e)) => Err(self.error(engine, file, &e)),
            Err(_) => Err(other("the template engine failed; please report this template".to_owned())),
        }
    }

    fn error(&self, engine: &Engine, file: &str, error: &tera::Error) -> RenderError {
        match error.kind() {
            ErrorKind::SyntaxError(r) | ErrorKind::RenderingError(r) => RenderError::Template {
                file: self.file(engine, r.filename()),
                line: r.span().start_line,
                column: r.span().start_col + 1,
                span: r.span().range.clone(),
                message: r.message().to_owned(),
            },
            other => RenderError::Other { file: self.file(engine, file), message: other.to_string() },
        }
    }

    /// The path of a template as the user knows it.
    fn file(&self, engine: &Engine, name: &str) -> String {
        self.sources.seen_by(&engine.language).get(name).map_or_else(|| name.to_owned(), |s| s.file.clone())
    }
}

/// Parses the files of one language; each file alone first, so that one broken file does not hide the others.
fn parse(language: &str, seen: &BTreeMap<String, Source>) -> Result<Tera, Vec<Problem>> {
    let mut problems = Vec::new();
    for source in seen.values() {
        if let Err(e) = Tera::new().add_raw_template(&source.name, &source.text)
            && let ErrorKind::SyntaxError(r) = e.kind()
        {
            let help = "docs/templates.md says how templates are written";
            let problem = Problem::error(&source.file, &source.text, Some(r.span().range.clone()), r.message());
            problems.push(problem.help(help).coded("syntax"));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut tera = filters::engine(&Locale::new(language));
    match tera.add_raw_templates(seen.values().map(|s| (&s.name, &s.text))) {
        Ok(()) => Ok(tera),
        Err(e) => Err(refused(seen, &e.to_string())),
    }
}

/// What Tera refuses beyond syntax: unknown filters, functions, tests and parts. It gives a text only; the places are
/// found again in the sources.
fn refused(seen: &BTreeMap<String, Source>, text: &str) -> Vec<Problem> {
    let mut problems: Vec<Problem> = seen
        .keys()
        .flat_map(|name| lint::lint(name, seen, &crate::message::schema::Shape::Any))
        .filter(|p| p.message.starts_with("unknown ") && !p.message.starts_with("unknown name"))
        .collect();
    problems.extend(seen.values().flat_map(|source| lint::missing_parts(source, seen)));
    if problems.is_empty() {
        let file = seen.values().find(|s| text.contains(&s.name)).map_or("templates", |s| s.file.as_str());
        problems.push(Problem::error(file, "", None, text.trim()));
    }
    problems.sort_by(|a, b| (&a.file, a.line_column()).cmp(&(&b.file, b.line_column())));
    problems.dedup();
    problems
}

/// A text part from HTML, for a template without one.
fn plain_of(html: &str) -> Result<String, String> {
    let made =
        catch_unwind(AssertUnwindSafe(|| html2text::config::plain().no_table_borders().string_from_read(html.as_bytes(), WIDTH)));
    match made {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(e)) => Err(format!("no text can be made from it ({e}); write a body.txt")),
        Err(_) => Err("no text can be made from it; write a body.txt".to_owned()),
    }
}

/// A writer that stops at [`LIMIT`].
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = LIMIT - self.0.len();
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
