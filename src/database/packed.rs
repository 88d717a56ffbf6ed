//! Rows that SQLite hands over in one piece. Each row of an answer goes through a channel between two threads, and each of its
//! values is copied on its own: where there are many rows, that costs more than finding them. One text with all of them does not.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::DatabaseError;
use super::row::inconsistent;

/// A row and the names of its columns.
#[derive(Debug)]
pub struct Packed {
    columns: &'static [&'static str],
    cells: Vec<Cell>,
}

/// A value as JSON gives it: SQLite's text and whole numbers, and nothing else is in our tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
}

/// The query that packs these columns of all rows into one text. A column may be `table.name` or `expression AS name`.
pub(super) fn query(columns: &[&str], from: &str) -> String {
    let columns: Vec<&str> = columns.iter().map(|c| c.rsplit_once(" AS ").map_or(*c, |(expression, _)| expression)).collect();
    format!("SELECT json_group_array(json_array({})) AS packed FROM {from}", columns.join(", "))
}

/// The rows of such a text.
pub(super) fn unpack(columns: &'static [&'static str], text: &str) -> Result<Vec<Packed>, DatabaseError> {
    let rows: Vec<Vec<Cell>> = serde_json::from_str(text).map_err(|e| inconsistent("rows", e.to_string(), "rows"))?;
    Ok(rows.into_iter().map(|cells| Packed { columns, cells }).collect())
}

impl Packed {
    /// The value of a column.
    pub(super) fn cell(&self, column: &str) -> Result<&Cell, DatabaseError> {
        let is_it = |c: &&str| c.strip_suffix(column).is_some_and(|before| before.is_empty() || before.ends_with([' ', '.']));
        let at = self.columns.iter().position(is_it);
        at.and_then(|at| self.cells.get(at)).ok_or_else(|| inconsistent(column, "nothing".to_owned(), "a column"))
    }

    /// Text or NULL.
    pub(super) fn text(&self, column: &str) -> Result<Option<String>, DatabaseError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text.clone())),
            Cell::Int(n) => Err(inconsistent(column, n.to_string(), "text")),
        }
    }

    /// A whole number or NULL.
    pub(super) fn int(&self, column: &str) -> Result<Option<i64>, DatabaseError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(n) => Ok(Some(*n)),
            Cell::Text(text) => Err(inconsistent(column, text.clone(), "a whole number")),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a whole number or null")
            }

            fn visit_unit<E: Error>(self) -> Result<Cell, E> {
                Ok(Cell::Null)
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Cell, E> {
                Ok(Cell::Int(n))
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Cell, E> {
                i64::try_from(n).map(Cell::Int).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell::Text(text.to_owned()))
            }
        }
        from.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::database::tx::TOO_BIG;
    use crate::vals;

    #[tokio::test]
    async fn packed_rows_are_what_the_rows_one_by_one_are() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::scratch(&folder.path().join("x.db")).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.exec("CREATE TABLE odd (id TEXT, n INTEGER, said TEXT)", vec![]).await.unwrap();
        let said = ["", "\"quoted\" \\ back", "line\nfeed\u{1}\u{7f}", "ü€𝄞\u{2028}", "a\0b", "<script>'"];
        let numbers = [Some(i64::MIN), Some(i64::MAX), Some(0), Some(-1), Some(1 << 60), None];
        for (i, (text, n)) in said.iter().zip(numbers).enumerate() {
            tx.exec("INSERT INTO odd VALUES ($1, $2, $3)", vals![i.to_string(), n, *text]).await.unwrap();
        }
        tx.exec("INSERT INTO odd VALUES ('6', 7, NULL)", vec![]).await.unwrap();
        let rows = tx.many(&["id", "n", "said"], "odd WHERE id < $1", vals!["7"]).await.unwrap();
        let found: Vec<_> =
            rows.iter().map(|r| (r.text("id").unwrap(), r.opt_int("n").unwrap(), r.opt_text("said").unwrap())).collect();
        let plain = tx.all("SELECT id, n, said FROM odd", vec![]).await.unwrap();
        let expected: Vec<_> =
            plain.iter().map(|r| (r.text("id").unwrap(), r.opt_int("n").unwrap(), r.opt_text("said").unwrap())).collect();
        assert_eq!((found.len(), &found), (7, &expected));
        assert_eq!(found[4].2.as_deref(), Some("a\0b"));
        assert!(rows[0].text("n").is_err() && rows[0].int("said").is_err() && rows[0].text("other").is_err());
        assert!(rows[6].text("said").is_err(), "NULL is no text");
        assert!(tx.many(&["id"], "odd WHERE id = $1", vals!["nobody"]).await.unwrap().is_empty());
        let named = tx.many(&["o.id", "coalesce(o.said, o.id) AS either"], "odd o WHERE o.id = '6'", vec![]).await.unwrap();
        assert_eq!((named[0].text("id").unwrap(), named[0].text("either").unwrap()), ("6".to_owned(), "6".to_owned()));
        assert!(named[0].text("d").is_err() && named[0].text("said").is_err());
        let large = tx.all("SELECT zeroblob(1000000001)", vec![]).await;
        let Err(DatabaseError::Sql(sqlx::Error::Database(error))) = large else { panic!("{large:?}") };
        assert_eq!(error.code().as_deref(), Some(TOO_BIG), "{error}");
    }
}
