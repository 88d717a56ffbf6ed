//! The filters, tests and functions that there are, and the arguments of ours.

use super::expression::closing;
use super::{Linter, did_you_mean};
use crate::message::filters::{FILTERS, FUNCTIONS};
use crate::message::lex::{Kind, Token};
use crate::message::source::Source;

/// Tera's own filters, tests and functions.
const TERA_FILTERS: &str = "safe default upper lower wordcount escape escape_html escape_xml newlines_to_br pluralize trim \
    trim_start trim_end replace capitalize title truncate indent str int float length reverse split abs round first last nth \
    join sort unique get values keys pairs group_by";
pub(super) const TERA_TESTS: &str = "string number map bool array integer float none iterable defined undefined odd even divisible_by \
    starting_with ending_with containing";
const TERA_FUNCTIONS: &str = "range throw super";

/// Whether a list of words has this one.
pub(super) fn has(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|w| w == word)
}

impl Linter<'_> {
    pub(super) fn filter(&mut self, source: &Source, name: Token<'_>, rest: &[Token<'_>]) {
        if name.text == "safe" {
            let help = "leave `| safe` out; for an address of several lines there is the filter `lines`";
            self.say("unsafe-html", source, name.span(), "`| safe` would let the ledger write HTML into the e-mail", help);
        } else {
            self.word(source, name, TERA_FILTERS, &FILTERS, "filter");
            self.arguments(source, name, rest, &FILTERS);
        }
    }

    pub(super) fn function(&mut self, source: &Source, name: Token<'_>, rest: &[Token<'_>]) {
        self.word(source, name, TERA_FUNCTIONS, &FUNCTIONS, "function");
        self.arguments(source, name, rest, &FUNCTIONS);
    }

    pub(super) fn word(&mut self, source: &Source, name: Token<'_>, tera: &str, ours: &[(&str, &[&str])], what: &str) {
        let known = || ours.iter().map(|(n, _)| *n).chain(tera.split_whitespace());
        if !known().any(|n| n == name.text) {
            let help = did_you_mean(name.text, known(), "there are");
            self.say("unknown-name", source, name.span(), format!("unknown {what} `{}`", name.text), help);
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
                self.say("unknown-name", source, token.span(), format!("`{}` has no argument `{}`", name.text, token.text), help);
            }
        }
    }
}
