//! Reads the sources of templates for what Tera passes over in silence: unknown names within `{% if %}`, `| safe`,
//! `__tera_context`, unknown arguments, attributes without quotes (R29, R30).

use std::collections::{BTreeMap, BTreeSet};

mod content;
mod expression;
mod vocabulary;

use crate::diagnostic::{Problem, nearest};
use crate::message::lex::{Kind, Token, tokens};
use crate::message::schema::Shape;
use crate::message::source::Source;

/// Deeper inclusion is a circle, which Tera reports.
const DEPTH: usize = 16;

/// Reads one template with all that it includes and extends, as Tera would.
#[must_use]
pub fn lint(name: &str, sources: &BTreeMap<String, Source>, schema: &Shape) -> Vec<Problem> {
    let mut linter = Linter { sources, schema, scopes: vec![BTreeMap::new()], component: false, problems: vec![] };
    linter.file(name, 0);
    linter.problems
}

/// The user's own columns that a template names: `customer.extra.NAME`, `invoice.extra.NAME`.
#[must_use]
pub fn extra_columns(source: &str) -> BTreeSet<String> {
    let read = tokens(source);
    let named = |t: &[Token<'_>]| {
        let own = t[0].text == "extra" && t[0].kind == Kind::Word && matches!(t[1].text, "." | "?.") && t[2].kind == Kind::Word;
        own.then(|| t[2].text.to_owned())
    };
    read.windows(3).filter_map(named).collect()
}

struct Linter<'a> {
    sources: &'a BTreeMap<String, Source>,
    schema: &'a Shape,
    /// Names that the template itself gives, the innermost last.
    scopes: Vec<BTreeMap<String, Shape>>,
    /// Within a component: there the context is not seen.
    component: bool,
    problems: Vec<Problem>,
}

impl<'a> Linter<'a> {
    fn file(&mut self, name: &str, depth: usize) {
        let Some(source) = self.sources.get(name).filter(|_| depth < DEPTH) else { return };
        let read = tokens(&source.text);
        let mut parent = None;
        let mut at = 0;
        while at < read.len() {
            let token = read[at];
            if token.kind != Kind::Open {
                self.content(source, token, read.get(at + 1));
                at += 1;
                continue;
            }
            let end = read[at..].iter().position(|t| t.kind == Kind::Close).map_or(read.len(), |n| at + n);
            // White space control is no subtraction.
            let mut inner = &read[at + 1..end];
            if inner.first().is_some_and(|t| t.is("-")) {
                inner = &inner[1..];
            }
            if inner.last().is_some_and(|t| t.is("-")) {
                inner = &inner[..inner.len() - 1];
            }
            if token.text == "{{" {
                self.expression(source, inner);
            } else if let Some(other) = self.tag(source, inner, depth) {
                parent = Some(other);
            }
            at = end + 1;
        }
        if let Some(parent) = parent {
            self.file(&parent, depth + 1);
        }
    }

    /// A `{% … %}`; says which template is extended, if this is that tag.
    fn tag(&mut self, source: &Source, inner: &[Token<'_>], depth: usize) -> Option<String> {
        let (first, rest) = inner.split_first()?;
        match first.text {
            "for" => self.for_loop(source, rest),
            "endfor" => {
                self.scopes.pop();
            }
            "set" | "set_global" => self.set(source, rest),
            "if" | "elif" => {
                self.expression(source, rest);
            }
            "filter" => {
                if let Some(name) = rest.first() {
                    self.filter(source, *name, &rest[1..]);
                }
            }
            "include" => {
                // What a part sets, it sets for itself.
                self.scopes.push(BTreeMap::new());
                if let Some(name) = rest.first().and_then(Token::quoted) {
                    self.file(name, depth + 1);
                }
                self.scopes.pop();
            }
            "extends" => {
                let parent = rest.first().and_then(Token::quoted)?;
                self.inherit(parent, depth + 1);
                return Some(parent.to_owned());
            }
            "component" => self.component(rest),
            "endcomponent" => {
                self.scopes.pop();
                self.component = false;
            }
            "<" => {
                self.expression(source, inner);
            }
            _ => {}
        }
        None
    }

    fn for_loop(&mut self, source: &Source, rest: &[Token<'_>]) {
        let Some(within) = rest.iter().position(|t| t.text == "in") else { return };
        let names: Vec<&str> = rest[..within].iter().filter(|t| t.kind == Kind::Word).map(|t| t.text).collect();
        let list = self.expression(source, &rest[within + 1..]);
        let mut scope = BTreeMap::from([("loop".to_owned(), Shape::Any)]);
        for name in &names {
            let shape = if names.len() == 1 { list.element().clone() } else { Shape::Any };
            scope.insert((*name).to_owned(), shape);
        }
        self.scopes.push(scope);
    }

    fn set(&mut self, source: &Source, rest: &[Token<'_>]) {
        let Some(name) = rest.first() else { return };
        let shape = match rest.get(1) {
            Some(sign) if sign.is("=") => self.expression(source, &rest[2..]),
            _ => Shape::Any,
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.text.to_owned(), shape);
        }
    }

    /// The names that a parent sets are known in the blocks of its children.
    fn inherit(&mut self, parent: &str, depth: usize) {
        let Some(source) = self.sources.get(parent).filter(|_| depth < DEPTH) else { return };
        for pair in tokens(&source.text).windows(2).filter(|pair| pair[0].kind == Kind::Word) {
            if matches!(pair[0].text, "set" | "set_global") {
                self.scopes[0].entry(pair[1].text.to_owned()).or_insert(Shape::Any);
            } else if pair[0].text == "extends"
                && let Some(grandparent) = pair[1].quoted()
            {
                self.inherit(grandparent, depth + 1);
            }
        }
    }

    fn component(&mut self, rest: &[Token<'_>]) {
        let names = rest.iter().filter(|t| t.kind == Kind::Word).map(|t| t.text.to_owned()).chain(["body".to_owned()]);
        let scope: BTreeMap<String, Shape> = names.map(|name| (name, Shape::Any)).collect();
        self.component = true;
        self.scopes.push(scope);
    }

    fn say(
        &mut self,
        code: &'static str,
        source: &Source,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(Problem::error(&source.file, &source.text, Some(span), message).help(help).coded(code));
    }
}

/// The nearest known word, or all of them.
fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, all: &str) -> String {
    let known: BTreeSet<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{all}: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// The parts that a file includes or extends and that are not there.
#[must_use]
pub fn missing_parts(source: &Source, seen: &BTreeMap<String, Source>) -> Vec<Problem> {
    let read = tokens(&source.text);
    let mut problems = Vec::new();
    for pair in read.windows(2).filter(|p| matches!(p[0].text, "include" | "extends") && p[0].kind == Kind::Word) {
        let Some(part) = pair[1].quoted().filter(|part| !seen.contains_key(*part)) else { continue };
        let help = did_you_mean(part, seen.keys().map(String::as_str), "there are");
        let message = format!("unknown part `{part}`");
        problems.push(Problem::error(&source.file, &source.text, Some(pair[1].span()), message).help(help));
    }
    problems
}
