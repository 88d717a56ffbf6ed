//! The words of a template, with their places. Tera tells which names a template uses, but not where, and it takes an
//! unknown name in `{% if … %}` for false; so the sources are read once more here (crates.md trap 10).

use std::ops::Range;

/// What a piece of a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text between the tags.
    Content,
    /// `{{` or `{%`.
    Open,
    /// `}}` or `%}`.
    Close,
    /// A name.
    Word,
    /// A quoted text, with its quotes.
    Quoted,
    Number,
    /// An operator: one character, or `?.`, `==`, `!=`, `<=`, `>=`, `</`, `/>`, `...`.
    Sign,
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// Byte offset of `text` in the source.
    pub start: usize,
}

impl Token<'_> {
    /// Its byte range in the source.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Whether it is this operator or bracket.
    #[must_use]
    pub fn is(&self, sign: &str) -> bool {
        matches!(self.kind, Kind::Sign | Kind::Open | Kind::Close) && self.text == sign
    }

    /// The content of a quoted text, without regard to escapes.
    #[must_use]
    pub fn quoted(&self) -> Option<&str> {
        (self.kind == Kind::Quoted && self.text.len() > 1).then(|| &self.text[1..self.text.len() - 1])
    }
}

/// Takes a template apart. Comments and `{% raw %}` are left out. Never fails: what Tera refuses, it says itself.
#[must_use]
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let next = ["{{", "{%", "{#"].iter().filter_map(|m| rest.find(m)).min().unwrap_or(rest.len());
        if next > 0 {
            out.push(Token { kind: Kind::Content, text: &rest[..next], start: at });
            at += next;
        } else if rest.starts_with("{#") {
            at += rest.find("#}").map_or(rest.len(), |end| end + 2);
        } else if let Some(length) = raw(rest) {
            at += length;
        } else {
            at = inside(source, at, &mut out);
        }
    }
    out
}

/// The length of a `{% raw %} … {% endraw %}` at the beginning of `rest`.
fn raw(rest: &str) -> Option<usize> {
    let opened = rest.strip_prefix("{%")?.trim_start_matches('-').trim_start().strip_prefix("raw")?;
    opened.trim_start().trim_start_matches('-').strip_prefix("%}")?;
    let end = rest.find("endraw").unwrap_or(rest.len());
    Some(rest[end..].find("%}").map_or(rest.len(), |close| end + close + 2))
}

/// Reads one tag from `at` on; says where it ends.
fn inside<'a>(source: &'a str, mut at: usize, out: &mut Vec<Token<'a>>) -> usize {
    let close = if source[at..].starts_with("{{") { "}}" } else { "%}" };
    let mut push = |kind, start: usize, length: usize| {
        out.push(Token { kind, text: &source[start..start + length], start });
        start + length
    };
    at = push(Kind::Open, at, 2);
    let mut depth = 0_usize; // `{{ {"a": {"b": 1}} }}`: braces of its own
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        if depth == 0 && rest.starts_with(close) {
            return push(Kind::Close, at, 2);
        }
        at = match c {
            _ if c.is_whitespace() => at + c.len_utf8(),
            '"' | '\'' | '`' => push(Kind::Quoted, at, quoted_length(rest, c)),
            _ if c.is_alphabetic() || c == '_' => {
                push(Kind::Word, at, rest.find(|x: char| !x.is_alphanumeric() && x != '_').unwrap_or(rest.len()))
            }
            _ if c.is_ascii_digit() => push(Kind::Number, at, rest.find(|x: char| !x.is_ascii_digit()).unwrap_or(rest.len())),
            _ => {
                depth = match c {
                    '{' => depth + 1,
                    '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                let long = ["...", "?.", "==", "!=", "<=", ">=", "</", "/>"].iter().find(|s| rest.starts_with(**s));
                push(Kind::Sign, at, long.map_or(c.len_utf8(), |s| s.len()))
            }
        };
    }
    at
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return i + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_taken_apart_with_places() {
        let source = "Hé {{ a.b | f(x=\"}}\") -}}{# {{ no }} #}{% raw %}{{ no }}{% endraw %}{% if a?.c %}";
        let read = tokens(source);
        for token in &read {
            assert_eq!(&source[token.span()], token.text);
        }
        let texts: Vec<&str> = read.iter().map(|t| t.text).collect();
        let expected =
            ["Hé ", "{{", "a", ".", "b", "|", "f", "(", "x", "=", "\"}}\"", ")", "-", "}}", "{%", "if", "a", "?.", "c", "%}"];
        assert_eq!(texts, expected);
    }

    #[test]
    fn whatever_is_unfinished_ends_with_the_text() {
        for source in ["{{", "{{ \"a", "{%", "{# x", "{% raw %}", "{{ {", "{{ é", "{{ 'é\\"] {
            let _ = tokens(source);
        }
    }
}
