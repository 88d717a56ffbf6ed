//! A deserializer's words in ours.

use crate::diagnostic::nearest;

/// What is wrong, what to do, and the code of it.
pub fn said(message: &str) -> (String, String, &'static str) {
    let message = message.replace("unknown field", "unknown key").replace("missing field", "missing key");
    let message = message.replace("unknown variant", "unknown word");
    if let Some((unknown, near)) = message.split_once(": did you mean ").filter(|_| message.starts_with("unknown preset")) {
        return (unknown.to_owned(), format!("did you mean {near}"), "unknown-word");
    }
    if message.starts_with("missing key") {
        let key = message.split('`').nth(1).unwrap_or_default();
        let help = format!("write `{key} = …` in this table; docs/reference.md says what it means");
        return (message, help, "missing-key");
    }
    if let Some(found) = unknown(&message) {
        return found;
    }
    if let Some((found, wanted)) = message.split_once(", expected ") {
        if let Some(found) = found.strip_prefix("invalid type: ") {
            let (wanted, help) = kind(wanted);
            return (format!("{wanted} is wanted here, not {}", shown(found)), help.to_owned(), "wrong-type");
        }
        if let Some(found) = found.strip_prefix("invalid value: ") {
            let (wanted, _) = kind(wanted);
            let found = shown(found);
            let found = found.strip_prefix("the number ").unwrap_or(&found);
            let message = format!("{found} is not possible here: {wanted} is wanted");
            return (message, "see docs/reference.md for what is".to_owned(), "wrong-type");
        }
    }
    let help = match message.contains("is no mailbox") {
        true => "write it as \"Example Accounts <accounts@example.com>\"",
        false => "docs/reference.md says how this key is written",
    };
    (message, help.to_owned(), "invalid")
}

fn unknown(message: &str) -> Option<(String, String, &'static str)> {
    let code = match message {
        m if m.contains("unknown key") => "unknown-key",
        m if m.contains("unknown word") => "unknown-word",
        _ => return None,
    };
    let (unknown, known) = message.split_once(", expected ")?;
    let word = unknown.split('`').nth(1).unwrap_or_default();
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let help = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Some((unknown.to_owned(), help, code))
}

/// What serde expects, and how it is written.
fn kind(expected: &str) -> (&str, &'static str) {
    match expected.split_whitespace().next().unwrap_or_default() {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" => ("a whole number", "write it without quotes"),
        "f64" => ("a number", "write it without quotes"),
        "struct" | "map" => ("a table", "write it as [table], or as { key = value }"),
        "a" => match expected {
            "a string" => ("a text", "put it in quotes"),
            "a boolean" => ("true or false", "write true or false, without quotes"),
            "a sequence" => ("a list", "write it as [\"…\", \"…\"]"),
            "a map" => ("a table", "write it as [table], or as { key = value }"),
            "a borrowed string" => ("a text", "put it in quotes"),
            other => (other, "docs/reference.md says how this key is written"),
        },
        _ => (expected, "docs/reference.md says how this key is written"),
    }
}

/// What was found, in our words.
fn shown(found: &str) -> String {
    let inner = |name: &str| found.strip_prefix(name).map(|rest| rest.trim_matches('`').to_owned());
    if let Some(text) = found.strip_prefix("string ") {
        return format!("the text {text}");
    }
    if let Some(number) = inner("integer ").or_else(|| inner("floating point ")) {
        return format!("the number {number}");
    }
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        _ => inner("boolean ").unwrap_or_else(|| found.to_owned()),
    }
}
