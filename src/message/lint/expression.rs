//! The names of an expression, and what is known of their values.

use std::collections::BTreeMap;
use std::ops::Range;

use super::vocabulary::{TERA_TESTS, has};
use super::{Linter, did_you_mean};
use crate::message::lex::{Kind, Token};
use crate::message::schema::Shape;
use crate::message::source::Source;

/// Words of expressions that are no names.
const OPERATORS: &str = "and or not in is if else for true false True False none None null";
/// Filters that leave a list a list of the same things.
const SAME_KIND: &str = "sort reverse unique default";

impl Linter<'_> {
    /// Looks at every name of an expression; says what the whole of it is, as far as that can be known.
    pub(super) fn expression(&mut self, source: &Source, inner: &[Token<'_>]) -> Shape {
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
            self.say("unsafe-html", source, token.span(), "`__tera_context` would show the customer all that is known", help);
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
        self.say("unknown-name", source, token.span(), format!("unknown name `{}`", token.text), help);
        Shape::Any
    }

    fn step(&mut self, source: &Source, shape: &Shape, so_far: &str, name: &str, span: Range<usize>) -> Shape {
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
        self.say("unknown-name", source, span, message, help);
        Shape::Any
    }
}

/// The index of the bracket that closes the one at `at`, or the end.
pub(super) fn closing(inner: &[Token<'_>], at: usize) -> usize {
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
