//! One statement of the user's, fit to stand in parentheses.

use super::place::Kind;

/// The statement without the `;` at its end and what follows it.
///
/// # Errors
/// A sentence: there is nothing, or a second statement.
pub(super) fn single(sql: &str, kind: Kind) -> Result<String, String> {
    let (mut end, mut at) = (None, 0);
    while let Some(c) = sql[at..].chars().next() {
        let length = skipped(&sql[at..], kind);
        let blank = length.is_none_or(|(_, comment)| comment) && (length.is_some() || c.is_whitespace() || c == ';');
        match end {
            Some(_) if !blank => return Err("it holds more than one statement; give one SELECT".to_owned()),
            None if length.is_none() && c == ';' => end = Some(at),
            _ => {}
        }
        at += length.map_or(c.len_utf8(), |(n, _)| n);
    }
    let statement = sql[..end.unwrap_or(sql.len())].trim();
    if statement.is_empty() { Err("it is empty".to_owned()) } else { Ok(statement.to_owned()) }
}

/// The length of the comment (`true`) or of the quoted text with which the rest begins.
fn skipped(rest: &str, kind: Kind) -> Option<(usize, bool)> {
    let until = |from: usize, mark: &str| rest[from..].find(mark).map_or(rest.len(), |n| from + n + mark.len());
    if rest.starts_with("--") || (kind == Kind::MySql && rest.starts_with('#')) {
        return Some((until(0, "\n"), true));
    }
    if rest.starts_with("/*") {
        return Some((until(2, "*/"), true));
    }
    if let Some(quote) = rest.chars().next().filter(|c| ['\'', '"', '`'].contains(c)) {
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            if c == quote && !escaped {
                return Some((at + 1, false));
            }
            // Nowhere but in MySQL does a backslash hide a quote in an ordinary text.
            escaped = kind == Kind::MySql && c == '\\' && !escaped;
        }
        return Some((rest.len(), false));
    }
    // PostgreSQL's $tag$ … $tag$.
    let tag = rest.strip_prefix('$').filter(|_| kind == Kind::Postgres).and_then(|r| r.split_once('$'))?.0;
    let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_') && !tag.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then(|| (until(tag.len() + 2, &format!("${tag}$")), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_loses_its_semicolon_and_a_second_one_is_refused() {
        let of = |sql: &str| single(sql, Kind::Postgres);
        assert_eq!(
            of("\n SELECT ';', \"a;b\" -- no; more\n FROM t; -- the end\n;\n").unwrap(),
            "SELECT ';', \"a;b\" -- no; more\n FROM t"
        );
        assert_eq!(of("SELECT $x$ ; $x$, 'it''s;' /* ; */").unwrap(), "SELECT $x$ ; $x$, 'it''s;' /* ; */");
        assert!(of("SELECT 1; DELETE FROM t").unwrap_err().contains("more than one statement"));
        assert!(of("SELECT 1; 'x'").is_err());
        for nothing in ["", " ; ", "-- nothing"] {
            assert!(of(nothing).is_err() || nothing.starts_with("--"), "{nothing:?}");
        }
    }

    #[test]
    fn a_backslash_hides_a_quote_only_in_mysql() {
        assert_eq!(single(r"SELECT '\';', 1; # end", Kind::MySql).unwrap(), r"SELECT '\';', 1");
        assert!(single(r"SELECT '\'; SELECT 2", Kind::Postgres).is_err());
    }
}
