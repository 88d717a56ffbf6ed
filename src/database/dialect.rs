//! The few words in which the two databases differ. SQL is written once, in these:
//!
//! | written | SQLite | PostgreSQL |
//! |---|---|---|
//! | `IN ($2[])` | the values of a JSON array | the same |
//! | `{rows}` | the rows of a [`Bulk`](super::Bulk), as parameters, with `n` their place | the same, as JSON in `$1` |
//! | `JOIN THEN` | `CROSS JOIN`: in this order | `JOIN` |
//! | `{clock}` | the database's clock, as text of a fixed width | the same |
//! | `{clock+$3}` | the same, so many seconds later | the same |
//! | `INDEXED BY x` | the same: without statistics it takes any index that an equality fits | nothing |
//! | `FOR UPDATE`, `FOR UPDATE SKIP LOCKED`, `FOR SHARE` | nothing: one writer at a time | the same |

use std::fmt::Write as _;

use super::bulk::Column;

/// Which database reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The text as this database reads it. `rows`: what stands for `{rows}`.
    pub(super) fn say(self, sql: &str, rows: Option<&str>) -> String {
        let mut text = match rows {
            Some(rows) => sql.replace("{rows}", rows),
            None => sql.to_owned(),
        };
        text = self.lists(&text);
        text = self.clock(&text);
        match self {
            Self::Sqlite => text
                .replace(" FOR UPDATE SKIP LOCKED", "")
                .replace(" FOR SHARE", "")
                .replace(" FOR UPDATE", "")
                .replace("JOIN THEN", "CROSS JOIN"),
            Self::Postgres => without_hints(text.replace("JOIN THEN", "JOIN")),
        }
    }

    /// What stands for `{rows}` with room for `room` rows. On SQLite their values are the first ones: parameters without a
    /// name are counted from 1, and finding one by its name takes the longer, the more there are.
    pub(super) fn rows(self, columns: &[Column], room: usize) -> String {
        let mut text = String::new();
        match self {
            Self::Sqlite => {
                let names: Vec<String> = (2..).zip(columns).map(|(i, c)| format!("column{i} AS {}", c.name)).collect();
                // The unused room is NULL.
                let _ = write!(text, "(SELECT {}, column1 AS n FROM (VALUES ", names.join(", "));
                for row in 0..room {
                    let _ = write!(text, "{}({row}", if row > 0 { "," } else { "" });
                    text.push_str(&",?".repeat(columns.len()));
                    text.push(')');
                }
                text.push_str(") WHERE column2 IS NOT NULL)");
            }
            Self::Postgres => {
                let column = |(i, c): (usize, &Column)| match c.is_int {
                    true => format!("(value ->> {i})::bigint AS {}", c.name),
                    false => format!("value ->> {i} AS {}", c.name),
                };
                let names = columns.iter().enumerate().map(column).collect::<Vec<_>>().join(", ");
                let _ =
                    write!(text, "(SELECT {names}, n FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given (value, n))");
            }
        }
        text
    }

    /// `$2` and what follows, so many places later: `$1` is what the rows make room for.
    pub(super) fn later(sql: &str, by: usize) -> String {
        let (mut text, mut rest) = (String::with_capacity(sql.len() + 16), sql);
        while let Some(at) = rest.find('$') {
            let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            text.push_str(&rest[..=at]);
            match rest[at + 1..at + 1 + digits].parse::<usize>() {
                Ok(place) => {
                    let _ = write!(text, "{}", place - 1 + by);
                }
                Err(_) => text.push_str(&rest[at + 1..at + 1 + digits]),
            }
            rest = &rest[at + 1 + digits..];
        }
        text.push_str(rest);
        text
    }

    /// `$2[]`: each value of the JSON array that is bound there.
    fn lists(self, sql: &str) -> String {
        let (mut text, mut rest) = (String::with_capacity(sql.len() + 64), sql);
        while let Some(end) = rest.find("[]") {
            let (before, after) = (&rest[..end], &rest[end + 2..]);
            let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
            let start = end - digits;
            // `'[]'` is a text like any other.
            if digits == 0 || !before[..start].ends_with('$') {
                text.push_str(&rest[..end + 2]);
                rest = after;
                continue;
            }
            let start = start - 1;
            text.push_str(&before[..start]);
            let place = &before[start..];
            text.push_str(&match self {
                Self::Sqlite => format!("SELECT value FROM json_each({place})"),
                Self::Postgres => format!("SELECT jsonb_array_elements_text({place}::jsonb)"),
            });
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn clock(self, sql: &str) -> String {
        let (mut text, mut rest) = (String::with_capacity(sql.len()), sql);
        while let Some(start) = rest.find("{clock") {
            text.push_str(&rest[..start]);
            let Some(end) = rest[start..].find('}') else { break };
            let later = rest[start..start + end].strip_prefix("{clock+");
            text.push_str(&match (self, later) {
                (Self::Sqlite, None) => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')".to_owned(),
                (Self::Sqlite, Some(place)) => format!("strftime('%Y-%m-%dT%H:%M:%fZ', 'now', {place} || ' seconds')"),
                (Self::Postgres, None) => format!("to_char(clock_timestamp() AT TIME ZONE 'UTC', {PATTERN})"),
                (Self::Postgres, Some(place)) => {
                    format!("to_char((clock_timestamp() + {place} * interval '1 second') AT TIME ZONE 'UTC', {PATTERN})")
                }
            });
            rest = &rest[start + end + 1..];
        }
        text.push_str(rest);
        text
    }
}

/// Without `INDEXED BY x`.
fn without_hints(mut text: String) -> String {
    const HINT: &str = " INDEXED BY ";
    while let Some(start) = text.find(HINT) {
        let name = start + HINT.len();
        let end = text[name..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(text.len(), |n| name + n);
        text.replace_range(start..end, "");
    }
    text
}

const PATTERN: &str = "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'";

#[cfg(test)]
mod tests {
    use super::super::bulk::{int, text};
    use super::*;

    #[test]
    fn one_text_is_said_in_both_tongues() {
        let sql = "SELECT a FROM t INDEXED BY t_a JOIN THEN u ON u.a = t.a WHERE id IN ($2[]) AND cc <> '[]' AND until < {clock} AND later < {clock+$3} FOR UPDATE SKIP LOCKED";
        let lite = Dialect::Sqlite.say(sql, None);
        assert!(
            lite.contains("FROM t INDEXED BY t_a CROSS JOIN u")
                && lite.contains("json_each($2)")
                && lite.contains("cc <> '[]'")
                && lite.contains("$3 || ' seconds'"),
            "{lite}"
        );
        assert!(!lite.contains("FOR UPDATE") && !lite.contains('{'), "{lite}");
        let pg = Dialect::Postgres.say(sql, None);
        assert!(
            pg.contains("FROM t JOIN u") && !pg.contains("CROSS") && pg.contains("jsonb_array_elements_text($2::jsonb)"),
            "{pg}"
        );
        assert!(pg.ends_with("FOR UPDATE SKIP LOCKED") && pg.contains("$3 * interval"), "{pg}");
    }

    #[test]
    fn rows_are_columns_with_their_names_and_types() {
        const COLUMNS: &[Column] = &[text("id"), int("tries")];
        let lite = Dialect::Sqlite.rows(COLUMNS, 2);
        assert!(lite.contains("column2 AS id, column3 AS tries, column1 AS n"), "{lite}");
        assert!(lite.contains("VALUES (0,?,?),(1,?,?)"), "{lite}");
        assert!(Dialect::Postgres.rows(COLUMNS, 2).contains("(value ->> 1)::bigint AS tries, n FROM"));
    }
}
