//! Reads the sources of templates for what Tera passes over in silence: unknown names within `{% if %}`, `| safe`,
//! `__tera_context`, unknown arguments, attributes without quotes (R29, R30).

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Problem, nearest};
use crate::message::filters::{FILTERS, FUNCTIONS};
use crate::message::lex::{Kind, Token, tokens};
use crate::message::schema::Shape;
use crate::message::source::Source;

/// Tera's own filters, tests and functions.
const TERA_FILTERS: &str = "safe default upper lower wordcount escape escape_html escape_xml newlines_to_br pluralize trim \
    trim_start trim_end replace capitalize title truncate indent str int float length reverse split abs round first last nth \
    join sort unique get values keys pairs group_by";
const TERA_TESTS: &str = "string number map bool array integer float none iterable defined undefined odd even divisible_by \
    starting_with ending_with containing";
const TERA_FUNCTIONS: &str = "range throw super";
/// Words of expressions that are no names.
const OPERATORS: &str = "and or not in is if else for true false True False none None null";
/// Filters that leave a list a list of the same things.
const SAME_KIND: &str = "sort reverse unique default";
/// Deeper inclusion is a circle, which Tera reports.
const DEPTH: usize = 16;

fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|w| w == word)
}

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
                self.unquoted_attribute(source, &read, at);
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

    /// `<a href={{ x }}>`: escaping does not help where a space ends the value.
    fn unquoted_attribute(&mut self, source: &Source, read: &[Token<'_>], at: usize) {
        let before = read[at].text.trim_end_matches(' ');
        let html = source.name.ends_with(".html") && read[at].kind == Kind::Content;
        if html && before.ends_with('=') && read.get(at + 1).is_some_and(|t| t.is("{{")) {
            let span = read[at + 1].span();
            self.say(
                source,
                span,
                "a value without quotes: a space in it would begin another attribute",
                "put it in double quotes",
            );
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
            "extends" => return rest.first().and_then(Token::quoted).map(str::to_owned),
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

    fn component(&mut self, rest: &[Token<'_>]) {
        let names = rest.iter().filter(|t| t.kind == Kind::Word).map(|t| t.text.to_owned()).chain(["body".to_owned()]);
        let scope: BTreeMap<String, Shape> = names.map(|name| (name, Shape::Any)).collect();
        self.component = true;
        self.scopes.push(scope);
    }

    /// Looks at every name of an expression; says what the whole of it is, as far as that can be known.
    fn expression(&mut self, source: &Source, inner: &[Token<'_>]) -> Shape {
        let comprehension = comprehension_names(inner);
        let bound = !comprehension.is_empty();
        if bound {
            self.scopes.push(comprehension.into_iter().map(|name| (name, Shape::Any)).collect());
        }
        let mut whole = None;
        let mut simple = true;
        let mut at = 0;
        while at < inner.len() {
            let token = inner[at];
            let before = at.checked_sub(1).map(|i| inner[i]);
            let next = inner.get(at + 1);
            if token.kind != Kind::Word {
                simple &= token.is("|") || token.is("(") || token.is(")") || token.is("=") || token.kind == Kind::Quoted;
                at += 1;
            } else if before.is_some_and(|t| t.is("|")) {
                self.filter(source, token, &inner[at + 1..]);
                simple &= has(SAME_KIND, token.text);
                at += 1;
            } else if before.is_some_and(|t| t.text == "is" || (t.text == "not" && at > 1 && inner[at - 2].text == "is"))
                && token.text != "not"
            {
                self.word(source, token, TERA_TESTS, &[], "test");
                simple = false;
                at += 1;
            } else if has(OPERATORS, token.text) {
                simple = false;
                at += 1;
            } else if next.is_some_and(|t| t.is("=")) && at > 0 {
                at += 1; // an argument's name
            } else if before.is_some_and(|t| t.is("<") || t.is("</")) && at <= 1 {
                at = skip_dotted(inner, at); // a component's name
                simple = false;
            } else if next.is_some_and(|t| t.is("(")) {
                self.function(source, token, &inner[at + 1..]);
                simple = false;
                at += 1;
            } else {
                let (shape, end) = self.path(source, inner, at);
                simple &= at == 0;
                whole = Some(shape);
                at = end;
            }
        }
        if bound {
            self.scopes.pop();
        }
        whole.filter(|_| simple).unwrap_or(Shape::Any)
    }

    /// `customer.extra.vat`, `invoices[0].number`: what it is, and the index behind it.
    fn path(&mut self, source: &Source, inner: &[Token<'_>], at: usize) -> (Shape, usize) {
        let mut shape = self.root(source, inner[at]);
        let mut so_far = inner[at].text.to_owned();
        let mut at = at + 1;
        while let Some(sign) = inner.get(at) {
            match inner.get(at + 1) {
                Some(name) if (sign.is(".") || sign.is("?.")) && name.kind == Kind::Word => {
                    shape = self.step(source, &shape, &so_far, name.text, name.span());
                    so_far = format!("{so_far}.{}", name.text);
                    at += 2;
                }
                Some(_) if sign.is("[") => {
                    let end = closing(inner, at);
                    let index = &inner[at + 1..end];
                    match index {
                        [key] if key.kind == Kind::Quoted => {
                            let name = key.quoted().unwrap_or_default().to_owned();
                            shape = self.step(source, &shape, &so_far, &name, key.span());
                        }
                        _ => {
                            self.expression(source, index);
                            // A slice of a list is a list.
                            if !index.iter().any(|t| t.is(":")) {
                                shape = shape.element().clone();
                            }
                        }
                    }
                    so_far.push_str("[…]");
                    at = end + 1;
                }
                Some(_) if sign.is(".") => {
                    shape = shape.element().clone(); // `invoices.0`
                    at += 2;
                }
                _ => break,
            }
        }
        (shape, at)
    }

    fn root(&mut self, source: &Source, token: Token<'_>) -> Shape {
        if token.text == "__tera_context" {
            let help = "name the values that the text needs";
            self.say(source, token.span(), "`__tera_context` would show the customer all that is known", help);
            return Shape::Any;
        }
        if let Some(shape) = self.scopes.iter().rev().find_map(|scope| scope.get(token.text)) {
            return shape.clone();
        }
        if let Some(shape) = self.schema.field(token.text).filter(|_| !self.component) {
            return shape.clone();
        }
        let known = self.scopes.iter().flat_map(BTreeMap::keys).map(String::as_str).chain(self.schema.names());
        let help = did_you_mean(token.text, known, "the names are");
        self.say(source, token.span(), format!("unknown name `{}`", token.text), help);
        Shape::Any
    }

    fn step(&mut self, source: &Source, shape: &Shape, so_far: &str, name: &str, span: std::ops::Range<usize>) -> Shape {
        if let Some(found) = shape.field(name) {
            return found.clone();
        }
        let (message, help) = match shape {
            Shape::List(_) => {
                (format!("`{so_far}` is a list, and has no `{name}`"), format!("go through it with `{{% for i in {so_far} %}}`"))
            }
            Shape::Map(_) => (format!("`{so_far}` has no `{name}`"), did_you_mean(name, shape.names(), "it has")),
            _ => (format!("`{so_far}` is a plain value, and has no `{name}`"), format!("leave `.{name}` out")),
        };
        self.say(source, span, message, help);
        Shape::Any
    }

    fn filter(&mut self, source: &Source, name: Token<'_>, rest: &[Token<'_>]) {
        if name.text == "safe" {
            let help = "leave `| safe` out; for an address of several lines there is the filter `lines`";
            self.say(source, name.span(), "`| safe` would let the ledger write HTML into the e-mail", help);
        } else {
            self.word(source, name, TERA_FILTERS, &FILTERS, "filter");
            self.arguments(source, name, rest, &FILTERS);
        }
    }

    fn function(&mut self, source: &Source, name: Token<'_>, rest: &[Token<'_>]) {
        self.word(source, name, TERA_FUNCTIONS, &FUNCTIONS, "function");
        self.arguments(source, name, rest, &FUNCTIONS);
    }

    fn word(&mut self, source: &Source, name: Token<'_>, tera: &str, ours: &[(&str, &[&str])], what: &str) {
        let known = || ours.iter().map(|(n, _)| *n).chain(tera.split_whitespace());
        if !known().any(|n| n == name.text) {
            let help = did_you_mean(name.text, known(), "there are");
            self.say(source, name.span(), format!("unknown {what} `{}`", name.text), help);
        }
    }

    /// The arguments of one of our filters or functions; Tera would pass an unknown one over.
    fn arguments(&mut self, source: &Source, name: Token<'_>, rest: &[Token<'_>], ours: &[(&str, &[&str])]) {
        let Some((_, known)) = ours.iter().find(|(n, _)| *n == name.text) else { return };
        if !rest.first().is_some_and(|t| t.is("(")) {
            return;
        }
        let inner = &rest[1..closing(rest, 0)];
        let mut depth = 0_usize;
        for (i, token) in inner.iter().enumerate() {
            match token.text {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let names = depth == 0 && token.kind == Kind::Word && inner.get(i + 1).is_some_and(|t| t.is("="));
            if names && !known.contains(&token.text) {
                let help = did_you_mean(token.text, known.iter().copied(), "it has");
                self.say(source, token.span(), format!("`{}` has no argument `{}`", name.text, token.text), help);
            }
        }
    }

    fn say(&mut self, source: &Source, span: std::ops::Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem::error(&source.file, &source.text, Some(span), message).help(help));
    }
}

/// The nearest known word, or all of them.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, all: &str) -> String {
    let known: BTreeSet<&str> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{all}: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// The index of the bracket that closes the one at `at`, or the end.
fn closing(inner: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (i, token) in inner.iter().enumerate().skip(at) {
        match token.text {
            "(" | "[" if token.kind == Kind::Sign => depth += 1,
            ")" | "]" if token.kind == Kind::Sign => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return i;
        }
    }
    inner.len()
}

fn skip_dotted(inner: &[Token<'_>], mut at: usize) -> usize {
    at += 1;
    while inner.get(at).is_some_and(|t| t.is(".")) {
        at += 2;
    }
    at.min(inner.len())
}

/// The names that `[x.number for x in invoices]` gives.
fn comprehension_names(inner: &[Token<'_>]) -> Vec<String> {
    let mut names = Vec::new();
    for (i, _) in inner.iter().enumerate().filter(|(_, t)| t.kind == Kind::Word && t.text == "for") {
        let bound = inner[i + 1..].iter().take_while(|t| t.text != "in").filter(|t| t.kind == Kind::Word);
        names.extend(bound.map(|t| t.text.to_owned()));
    }
    names
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
