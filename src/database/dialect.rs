//! The few words in which the two databases differ. SQL is written once, in these:
//!
//! | written | SQLite | PostgreSQL |
//! |---|---|---|
//! | `IN ($2[])` | the values of a JSON array | the same |
//! | `{rows}` | the rows of a [`Bulk`](super::Bulk), bound as `$1`, with `n` their place | the same |
//! | `JOIN THEN` | `CROSS JOIN`: in this order | `JOIN` |
//! | `{clock}` | the database's clock, as text of a fixed width | the same |
//! | `{clock+$3}` | the same, so many seconds later | the same |
//! | `FOR UPDATE`, `FOR UPDATE SKIP LOCKED`, `FOR SHARE` | nothing: one writer at a time | the same |

use super::bulk::Bulk;

/// Which database reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The text as this database reads it.
    pub(super) fn say(self, sql: &str, bulk: Option<&Bulk>) -> String {
        let mut text = match bulk {
            Some(bulk) => sql.replace("{rows}", &self.rows(bulk)),
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
            Self::Postgres => text.replace("JOIN THEN", "JOIN"),
        }
    }

    fn rows(self, bulk: &Bulk) -> String {
        let column = |(i, column): (usize, &super::Column)| match (self, column.is_int) {
            (Self::Postgres, true) => format!("(value ->> {i})::bigint AS {}", column.name),
            _ => format!("value ->> {i} AS {}", column.name),
        };
        let columns = bulk.columns.iter().enumerate().map(column).collect::<Vec<_>>().join(", ");
        match self {
            Self::Sqlite => format!("(SELECT {columns}, key AS n FROM json_each($1))"),
            Self::Postgres => {
                format!("(SELECT {columns}, n FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given (value, n))")
            }
        }
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

const PATTERN: &str = "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'";

#[cfg(test)]
mod tests {
    use super::super::bulk::{int, text};
    use super::*;

    #[test]
    fn one_text_is_said_in_both_tongues() {
        let sql = "SELECT a FROM t JOIN THEN u ON u.a = t.a WHERE id IN ($2[]) AND cc <> '[]' AND until < {clock} AND later < {clock+$3} FOR UPDATE SKIP LOCKED";
        let lite = Dialect::Sqlite.say(sql, None);
        assert!(
            lite.contains("CROSS JOIN u")
                && lite.contains("json_each($2)")
                && lite.contains("cc <> '[]'")
                && lite.contains("$3 || ' seconds'"),
            "{lite}"
        );
        assert!(!lite.contains("FOR UPDATE") && !lite.contains('{'), "{lite}");
        let pg = Dialect::Postgres.say(sql, None);
        assert!(pg.contains(" JOIN u") && !pg.contains("CROSS") && pg.contains("jsonb_array_elements_text($2::jsonb)"), "{pg}");
        assert!(pg.ends_with("FOR UPDATE SKIP LOCKED") && pg.contains("$3 * interval"), "{pg}");
    }

    #[test]
    fn rows_are_columns_with_their_names_and_types() {
        const COLUMNS: &[super::super::Column] = &[text("id"), int("tries")];
        let bulk = Bulk::new(COLUMNS);
        let sql = "UPDATE t SET tries = r.tries FROM {rows} r WHERE t.id = r.id";
        assert!(Dialect::Sqlite.say(sql, Some(&bulk)).contains("value ->> 0 AS id, value ->> 1 AS tries, key AS n"));
        assert!(Dialect::Postgres.say(sql, Some(&bulk)).contains("(value ->> 1)::bigint AS tries, n FROM"));
    }
}
