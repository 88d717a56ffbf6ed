//! The file's name that the reader sees.

use crate::message::clean;

/// The most characters of a name, without its ending.
const LIMIT: usize = 100;

/// The invoice's number as a file's name that every system can store; another one where it is taken already.
pub(super) fn of(number: &str, taken: &[&str]) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.,+()#& ".contains(c) { c } else { '-' };
    let plain: String = clean::line(number, LIMIT).replace('…', "").chars().map(safe).collect();
    let plain = plain.trim_matches([' ', '.', '-']);
    let stem = if plain.is_empty() { "invoice" } else { plain };
    // A number may be one already.
    let stem = stem.strip_suffix(".pdf").or_else(|| stem.strip_suffix(".PDF")).unwrap_or(stem);
    let is_free = |name: &String| !taken.iter().any(|t| t.eq_ignore_ascii_case(name));
    let names = std::iter::once(format!("{stem}.pdf")).chain((2..).map(|n| format!("{stem} ({n}).pdf")));
    names.into_iter().find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_becomes_a_name_that_every_system_can_store() {
        for (number, name) in [
            ("2026-0142", "2026-0142.pdf"),
            ("RE/2026/7", "RE-2026-7.pdf"),
            ("../../etc/passwd", "etc-passwd.pdf"),
            ("a\r\nX: y\"\u{202E}", "a X- y.pdf"),
            ("Größe 7", "Größe 7.pdf"),
            ("7.pdf", "7.pdf"),
            ("...", "invoice.pdf"),
            ("", "invoice.pdf"),
        ] {
            assert_eq!(of(number, &[]), name, "{number:?}");
        }
        assert_eq!(of(&"W".repeat(5000), &[]).chars().count(), LIMIT - 1 + ".pdf".len());
    }

    #[test]
    fn two_files_of_an_email_have_two_names() {
        assert_eq!(of("A/1", &["A-1.pdf"]), "A-1 (2).pdf");
        assert_eq!(of("a-1", &["A-1.pdf", "a-1 (2).pdf"]), "a-1 (3).pdf");
    }
}
