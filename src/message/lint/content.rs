//! The text between the tags: attributes without quotes, and links that are not https.

use super::Linter;
use crate::message::lex::{Kind, Token};
use crate::message::source::Source;

impl Linter<'_> {
    /// Looks at one piece of text and at what follows it.
    pub(super) fn content(&mut self, source: &Source, token: Token<'_>, next: Option<&Token<'_>>) {
        if token.kind != Kind::Content {
            return;
        }
        let html = source.name.ends_with(".html");
        if let Some(value) = next.filter(|t| t.is("{{") && html && in_bare_value(token.text)) {
            let message = "a value without quotes: a space in it would begin another attribute";
            self.say("unquoted-attribute", source, value.span(), message, "put it in double quotes");
        }
        for (at, _) in token.text.match_indices("http://") {
            let rest = &token.text[at..];
            let length = rest.find(|c: char| c.is_whitespace() || "\"'<>)".contains(c)).unwrap_or(rest.len());
            // The name of a kind of document, which nobody follows.
            if rest.starts_with("http://www.w3.org/") {
                continue;
            }
            let start = token.start + at;
            let help = "write https://: what a customer reads and pays by must not be changed on the way";
            self.say("insecure-link", source, start..start + length, "a link that is not https", help);
            if let Some(problem) = self.problems.last_mut() {
                *problem = problem.clone().as_warning();
            }
        }
    }
}

/// Whether the text ends within the value of an attribute that has no quotes: `<a href=`, `<a href=https://pay/`.
fn in_bare_value(text: &str) -> bool {
    let Some((_, tag)) = text.rsplit_once('<') else { return false };
    let mut quote = None;
    // What was written since the last blank outside of quotes.
    let mut word = String::new();
    for c in tag.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '>' => return false,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.clear();
            }
            // Blanks behind the sign do not end the value.
            None if c.is_whitespace() && word.ends_with('=') => {}
            None if c.is_whitespace() => word.clear(),
            None => word.push(c),
        }
    }
    quote.is_none() && word.contains('=')
}

#[cfg(test)]
mod tests {
    use super::in_bare_value;

    #[test]
    fn a_value_without_quotes_is_seen_wherever_the_variable_stands_in_it() {
        for text in ["<a href=", "<a href= ", "<p>x</p><a class=\"b\" href=https://pay.example/"] {
            assert!(in_bare_value(text), "{text}");
        }
        for text in ["<a href=\"", "<a href='https://x/?a=", "a = ", "<p>a=", "<b>x</b> y=", "<a href=\"x\" "] {
            assert!(!in_bare_value(text), "{text}");
        }
    }
}
