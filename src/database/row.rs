//! What comes out of the database.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::DatabaseError;
use super::packed::Packed;

/// One row of an answer.
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
    /// Of SQLite, handed over with many others.
    Packed(Packed),
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row")
    }
}

/// A column of whichever row it is.
macro_rules! get {
    ($row:expr, $column:expr, $packed:expr) => {
        match $row {
            Row::Sqlite(row) => row.try_get($column)?,
            Row::Postgres(row) => row.try_get($column)?,
            Row::Packed(row) => $packed(row)?,
        }
    };
}

fn needed<T>(column: &str, found: Result<Option<T>, DatabaseError>, wanted: &'static str) -> Result<T, DatabaseError> {
    found?.ok_or_else(|| inconsistent(column, "NULL".to_owned(), wanted))
}

impl Row {
    /// A column that is never NULL.
    ///
    /// # Errors
    /// When it is not there, NULL or of another type.
    pub fn text(&self, column: &str) -> Result<String, DatabaseError> {
        Ok(get!(self, column, |row: &Packed| needed(column, row.text(column), "text")))
    }

    /// A column that may be NULL.
    ///
    /// # Errors
    /// When it is not there or of another type.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DatabaseError> {
        Ok(get!(self, column, |row: &Packed| row.text(column)))
    }

    /// Bytes.
    ///
    /// # Errors
    /// When it is not there, NULL or of another type.
    pub fn bytes(&self, column: &str) -> Result<Vec<u8>, DatabaseError> {
        // What is packed is JSON, which has no bytes.
        Ok(get!(self, column, |_| Err(inconsistent(column, "no bytes".to_owned(), "bytes"))))
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is not there, NULL or of another type.
    pub fn int(&self, column: &str) -> Result<i64, DatabaseError> {
        Ok(get!(self, column, |row: &Packed| needed(column, row.int(column), "a whole number")))
    }

    /// A whole number or NULL.
    ///
    /// # Errors
    /// When it is not there or of another type.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DatabaseError> {
        Ok(get!(self, column, |row: &Packed| row.int(column)))
    }

    /// A small whole number that is not negative.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn count(&self, column: &str) -> Result<u32, DatabaseError> {
        let found = self.int(column)?;
        u32::try_from(found).map_err(|_| inconsistent(column, found.to_string(), "a count"))
    }

    /// A truth value.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn flag(&self, column: &str) -> Result<bool, DatabaseError> {
        Ok(self.int(column)? != 0)
    }

    /// A column that is read from its text.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn parsed<T: FromStr>(&self, column: &str, wanted: &'static str) -> Result<T, DatabaseError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| inconsistent(column, text, wanted))
    }

    /// The same, of a column that may be NULL.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn opt_parsed<T: FromStr>(&self, column: &str, wanted: &'static str) -> Result<Option<T>, DatabaseError> {
        self.opt_text(column)?.map(|t| t.parse().map_err(|_| inconsistent(column, t, wanted))).transpose()
    }

    /// A date.
    ///
    /// # Errors
    /// When it is none.
    pub fn date(&self, column: &str) -> Result<NaiveDate, DatabaseError> {
        self.parsed(column, "a date")
    }

    /// A date or NULL.
    ///
    /// # Errors
    /// When it is neither.
    pub fn opt_date(&self, column: &str) -> Result<Option<NaiveDate>, DatabaseError> {
        self.opt_parsed(column, "a date")
    }

    /// An exact amount.
    ///
    /// # Errors
    /// When it is none.
    pub fn amount(&self, column: &str) -> Result<Decimal, DatabaseError> {
        self.parsed(column, "an amount")
    }

    /// JSON.
    ///
    /// # Errors
    /// When it is not of the type.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, DatabaseError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|_| inconsistent(column, text, "JSON"))
    }
}

/// What to say of a value that cannot be there.
#[must_use]
pub fn inconsistent(column: &str, value: String, wanted: &'static str) -> DatabaseError {
    DatabaseError::Inconsistent { column: column.to_owned(), value, wanted }
}
