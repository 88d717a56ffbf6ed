//! Text that came from a ledger, made fit for a header line or a body (D12).

use std::borrow::Cow;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The longest name or number that is shown, in characters.
pub const NAME_LIMIT: usize = 200;
/// The longest subject, in characters: far below the 998 octets of a line, in whatever encoding.
pub const SUBJECT_LIMIT: usize = 250;
const CUT: char = '…';

/// One line without anything invisible: control characters and line separators become a space, format characters
/// (zero width, direction marks) go, white space is collapsed, and what is longer than `limit` characters is cut.
#[must_use]
pub fn line(text: &str, limit: usize) -> String {
    // Most texts are clean, and there are twenty of them in each letter.
    let plain = text.bytes().all(|b| (b' '..0x7f).contains(&b));
    if plain && text.len() <= limit && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ") {
        return text.to_owned();
    }
    let visible: String = text
        .chars()
        .filter_map(|c| match c.general_category() {
            GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => Some(' '),
            GeneralCategory::Format => None,
            _ => Some(c),
        })
        .collect();
    let one = visible.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    if one.chars().count() <= limit {
        return one;
    }
    one.chars().take(limit.saturating_sub(1)).chain([CUT]).collect()
}

/// A name or a number of the ledger as one line of at most [`NAME_LIMIT`] characters.
#[must_use]
pub fn name(text: &str) -> String {
    line(text, NAME_LIMIT)
}

/// Several lines: every line break is `\n`, and no other control character but the tab is left.
#[must_use]
pub fn body(text: &str) -> Cow<'_, str> {
    // 0xC2 begins the second set of control characters, among others. Many bytes are looked at in one step.
    let is_clean = |b: u8| (b == b'\n') | (b == b'\t') | ((b >= b' ') & (b != 0x7f) & (b != 0xc2));
    if text.as_bytes().chunks(64).all(|some| some.iter().fold(true, |all, b| all & is_clean(*b))) {
        return Cow::Borrowed(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(lines.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect())
}

/// The same of a text that is not needed any more.
#[must_use]
pub fn whole_body(text: String) -> String {
    match body(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

/// A plain text as it is sent: [`body`], no white space at the end of a line, at most one empty line in a row, none at
/// the beginning, and a line break at the end. So that a template need not count its line breaks.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in body(text).lines().map(str::trim_end) {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if empty > 0 && !out.is_empty() {
            out.push('\n');
        }
        empty = 0;
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_line() {
        assert_eq!(name("A\r\nBcc: v@y.test\0\u{200B}\u{202E}  B\u{2028}C"), "A Bcc: v@y.test B C");
        assert_eq!(name(&"x".repeat(5000)).chars().count(), NAME_LIMIT);
        assert_eq!(name("Müller & Söhne"), "Müller & Söhne");
    }

    #[test]
    fn a_body_has_one_kind_of_line_break_and_no_controls() {
        assert_eq!(body("a\r\nb\rc\0\u{7}\td\n"), "a\nb\nc\td\n");
    }

    #[test]
    fn empty_lines_do_not_pile_up() {
        assert_eq!(plain("\n\na  \n\n\n\nb\n\n"), "a\n\nb\n");
    }
}
