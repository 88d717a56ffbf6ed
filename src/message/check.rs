//! Every template in every language before every sample case: what is wrong is found by `check`, not at 3 a.m.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Problem;
use crate::message::context::Context;
use crate::message::lint;
use crate::message::renderer::{RenderError, Renderer};
use crate::message::samples::{BARE, samples};
use crate::message::schema::Shape;
use crate::message::settings::Company;
use crate::message::source::Source;

impl Renderer {
    /// All problems of all templates (R29, R30): unknown names, also within `{% if %}`; names that may be absent and are
    /// used without a test; `| safe`; `__tera_context`; unknown arguments; attributes without quotes. A template that is
    /// missing in a language is a warning, one that is missing in the default language an error.
    #[must_use]
    pub fn check(&self, company: &Company) -> Vec<Problem> {
        let mut found = Found::default();
        found.extend(self.lint());
        for language in self.sources.languages() {
            let seen = self.sources.seen_by(language);
            for name in self.sources.templates(language) {
                self.check_samples(name, language, company, &seen, &mut found);
            }
        }
        found.extend(self.missing());
        found.problems
    }

    /// What can be seen without rendering: quick enough for every start. A misspelt name would otherwise fail every
    /// contact of its step for good.
    #[must_use]
    pub fn lint(&self) -> Vec<Problem> {
        let schema = Shape::of_context();
        let mut found = Found::default();
        for language in self.sources.languages() {
            let seen = self.sources.seen_by(language);
            for name in seen.keys().filter(|name| !name.starts_with('_')) {
                found.extend(lint::lint(name, &seen, &schema));
            }
        }
        found.problems
    }

    /// The languages in which a template says the same whether the step sets a deadline (`pay_by`) or not.
    #[must_use]
    pub fn without_deadline(&self, name: &str, company: &Company) -> Vec<&str> {
        let Some(with) = samples(company, &self.extra_columns()).into_iter().map(|s| s.context).next() else { return vec![] };
        let without = Context { pay_by: None, ..with.clone() };
        let says = |language: &str, context| self.render(name, language, context).ok().map(|r| (r.subject, r.text, r.html));
        let is_same = |language: &&str| says(language, &with).is_some_and(|said| says(language, &without) == Some(said));
        self.languages_of(name).into_iter().filter(is_same).collect()
    }

    fn check_samples(&self, name: &str, language: &str, company: &Company, seen: &BTreeMap<String, Source>, found: &mut Found) {
        for sample in samples(company, &self.extra_columns()) {
            match self.render(name, language, &sample.context) {
                Ok(rendered) if rendered.subject.is_empty() => {
                    let file = seen.get(&format!("{name}/subject.txt")).map_or(name, |s| &s.file);
                    let message = format!("the subject is empty (case: {})", sample.name);
                    found.extend([Problem::error(file, "", None, message).help("say in a few words what the e-mail is about")]);
                }
                Ok(_) => {}
                Err(error) => found.extend([problem_of(&error, sample.name, seen)]),
            }
        }
    }

    fn missing(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for name in self.names() {
            let has = self.languages_of(name);
            let default = self.default_language.as_str();
            let in_default = has.iter().any(|l| *l == default || Some(*l) == default.split('-').next());
            if !in_default {
                let message = format!("the template `{name}` is missing in the default language `{default}`");
                problems.push(
                    Problem::error(&format!("{default}/{name}"), "", None, message).help("customers of other languages need it"),
                );
            }
            // A region has what it needs: the language without the region has the rest.
            for language in self.sources.languages().iter().filter(|l| !l.contains(['-', '_']) && !has.contains(l)) {
                let message = format!("the template `{name}` is missing in `{language}`");
                let help = format!("its customers get it in the default language, `{default}`");
                problems.push(Problem::error(&format!("{language}/{name}"), "", None, message).help(help).as_warning());
            }
        }
        problems
    }
}

/// The first problem of each place; a part is read once for each template that includes it.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    places: BTreeSet<(String, Option<(usize, usize)>)>,
}

impl Found {
    fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            let line = problem.line_column();
            let key =
                line.map_or_else(|| (format!("{}: {}", problem.file, problem.message), None), |_| (problem.file.clone(), line));
            if self.places.insert(key) {
                self.problems.push(problem);
            }
        }
    }
}

fn problem_of(error: &RenderError, case: &str, seen: &BTreeMap<String, Source>) -> Problem {
    match error {
        RenderError::Template { file, span, message, .. } => {
            let text = seen.values().find(|s| s.file == *file).map_or("", |s| s.text.as_str());
            // Tera's list of all that there is comes after the first sentence.
            let short = message.split(" Available").next().unwrap_or(message);
            let problem = Problem::error(file, text, Some(span.clone()), format!("{short} (case: {case})"));
            let named = whole_path(text, span);
            if case == BARE && (short.contains("not defined") || short.contains("ndefined")) {
                return problem.help(format!("it may be absent: put it within `{{% if {named} %}}` … `{{% endif %}}`"));
            }
            problem
        }
        RenderError::Other { file, message } => Problem::error(file, "", None, format!("{message} (case: {case})")),
        RenderError::Unknown { name, .. } => Problem::error(name, "", None, error.to_string()),
    }
}

/// The dotted name that ends where the span ends: Tera points to its last part only.
fn whole_path<'a>(text: &'a str, span: &std::ops::Range<usize>) -> &'a str {
    let before = text.get(..span.end).unwrap_or_default();
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || "_.[]?".contains(c))).map_or(0, |at| at + 1);
    before.get(start..).unwrap_or_default()
}
