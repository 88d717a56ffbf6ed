//! Cells that hold one of a few words, a code or an id.

use crate::money::Currency;

/// true/false, yes/no, t/f, y/n, 1/0 in any case; an empty cell is false.
///
/// # Errors
/// Names the words.
pub fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "t" | "y" | "1" => Ok(true),
        "" | "false" | "no" | "f" | "n" | "0" => Ok(false),
        _ => Err("write true or false (also yes/no, t/f, 1/0)".to_owned()),
    }
}

/// A, B, C or D, in either case.
///
/// # Errors
/// Names the ranks.
pub fn rank(text: &str) -> Result<String, String> {
    match text.trim().to_ascii_uppercase() {
        rank if ["A", "B", "C", "D"].contains(&rank.as_str()) => Ok(rank),
        _ => Err("a rank is A, B, C or D".to_owned()),
    }
}

/// A currency code: `EUR`.
///
/// # Errors
/// Says what a currency looks like.
pub fn currency(text: &str) -> Result<Currency, String> {
    text.parse()
}

/// An id or number: text as it is, without control characters, at most 200 characters (L9).
///
/// # Errors
/// Says what is wrong with it.
pub fn id(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is needed, and it is empty".to_owned());
    }
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        return Err(format!("it holds the control character U+{:04X}", u32::from(c)));
    }
    if text.chars().count() > 200 {
        return Err("it is longer than 200 characters".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_have_many_spellings_and_no_others() {
        for text in ["true", "YES", "t", "1", "True", " yes "] {
            assert_eq!(yes_or_no(text), Ok(true), "{text}");
        }
        for text in ["", "false", "No", "F", "0"] {
            assert_eq!(yes_or_no(text), Ok(false), "{text}");
        }
        for text in ["2", "maybe", "ja", "-"] {
            assert!(yes_or_no(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rank_is_one_of_four_letters() {
        assert_eq!(rank("b"), Ok("B".to_owned()));
        assert!(rank("E").is_err());
        assert!(rank("AA").is_err());
    }

    #[test]
    fn an_id_holds_no_control_characters() {
        assert_eq!(id(" INV-1 "), Ok("INV-1".to_owned()));
        assert!(id("INV\u{0}1").unwrap_err().contains("U+0000"));
        assert!(id("INV\r\n1").unwrap_err().contains("U+000D"));
        assert!(id(" ").unwrap_err().contains("empty"));
        assert!(id(&"x".repeat(201)).is_err());
    }
}
