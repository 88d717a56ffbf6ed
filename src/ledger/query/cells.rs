//! The cells of a row as text, exact whatever their type: what cannot be exact is a fault of the row (L2).

use std::borrow::Cow;

use chrono::{NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

use crate::ledger::columns::{Header, Set};
use crate::ledger::record::{Fault, Record};

/// One row of an answer.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
    MySql(MySqlRow),
}

/// How the text of a column is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    /// It is what it says.
    Plain,
    /// A day, perhaps with a time: its own day is meant.
    Day,
    /// An instant in UTC: the day in the company's time zone.
    Instant,
    /// Binary floating point, with so many decimal digits that are surely meant.
    Float(usize),
    /// PostgreSQL's MONEY, as its server writes amounts.
    Money,
    /// MySQL's BIT: a number in bytes.
    Bits,
    /// SQLite: each value has its own.
    OfValue,
}

/// The columns of an answer.
pub(super) struct Shape {
    pub(super) header: Header,
    columns: Vec<Column>,
}

struct Column {
    /// The database's.
    source: String,
    /// dunningd's, if it knows it.
    name: String,
    /// Whether dunningd knows it, and whether it is needed.
    known: Option<bool>,
    of: Type,
}

impl Row {
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Sqlite(row) => row.columns().iter().map(sqlx::Column::name).collect(),
            Self::Postgres(row) => row.columns().iter().map(sqlx::Column::name).collect(),
            Self::MySql(row) => row.columns().iter().map(sqlx::Column::name).collect(),
        }
    }

    /// The first cell.
    pub(super) fn first_text(&self) -> Option<String> {
        self.cell(0, Type::Plain).ok().flatten().map(|(text, _)| text.into_owned())
    }

    /// The day of the first cell. `None`: NULL.
    pub(super) fn first_day(&self, zone: Tz) -> Result<Option<String>, String> {
        let Some((text, of)) = self.cell(0, self.type_of(0))? else { return Ok(None) };
        Ok(understand(text.trim(), of, false, zone, 0)?.map(|day| day.split([' ', 'T']).next().unwrap_or_default().to_owned()))
    }

    fn type_of(&self, at: usize) -> Type {
        match self {
            Self::Sqlite(_) => Type::OfValue,
            Self::Postgres(row) => match row.column(at).type_info().name() {
                "DATE" | "TIMESTAMP" | "TIMESTAMPTZ" => Type::Day,
                "FLOAT4" => Type::Float(6),
                "FLOAT8" => Type::Float(15),
                "MONEY" => Type::Money,
                _ => Type::Plain,
            },
            Self::MySql(row) => match row.column(at).type_info().name() {
                "DATE" | "DATETIME" => Type::Day,
                "TIMESTAMP" => Type::Instant,
                // It shows six digits: with six, the next one may have been there.
                "FLOAT" => Type::Float(5),
                "DOUBLE" => Type::Float(15),
                "BIT" => Type::Bits,
                _ => Type::Plain,
            },
        }
    }

    /// The bytes of a cell as the database sends them, and what they are.
    fn cell(&self, at: usize, of: Type) -> Result<Option<(Cow<'_, str>, Type)>, String> {
        let broken = |e: sqlx::Error| format!("it cannot be read: {e}");
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| "it is no text (UTF-8)".to_owned());
        match self {
            Self::Sqlite(row) => {
                let value = row.try_get_raw(at).map_err(broken)?;
                if value.is_null() {
                    return Ok(None);
                }
                let number = |text: String, of| Ok(Some((text.into(), of)));
                match value.type_info().name() {
                    "INTEGER" | "BOOLEAN" => {
                        number(row.try_get_unchecked::<i64, _>(at).map_err(broken)?.to_string(), Type::Plain)
                    }
                    "REAL" => number(row.try_get_unchecked::<f64, _>(at).map_err(broken)?.to_string(), Type::Float(15)),
                    _ => Ok(Some((text(row.try_get_unchecked::<&[u8], _>(at).map_err(broken)?)?.into(), Type::Plain))),
                }
            }
            Self::Postgres(row) => {
                let value = row.try_get_unchecked::<Option<&str>, _>(at).map_err(broken)?;
                Ok(value.map(|v| (v.into(), of)))
            }
            Self::MySql(row) => match row.try_get_unchecked::<Option<&[u8]>, _>(at).map_err(broken)? {
                None => Ok(None),
                Some(bits) if of == Type::Bits => {
                    let number = bits.iter().fold(0_u64, |n, byte| (n << 8) | u64::from(*byte));
                    Ok(Some((number.to_string().into(), Type::Plain)))
                }
                Some(bytes) => Ok(Some((text(bytes)?.into(), of))),
            },
        }
    }
}

impl Shape {
    /// The shape of an answer, by one of its rows.
    ///
    /// # Errors
    /// When a needed column is missing, or one stands there twice.
    pub(super) fn of(set: &Set, row: &Row) -> Result<Self, crate::ledger::columns::HeaderError> {
        let names = row.names();
        let header = Header::of(set, names.iter().copied())?;
        let column = |(at, name): (usize, &&str)| {
            let known = set.column(name);
            Column {
                source: (*name).to_owned(),
                name: known.map_or_else(|| (*name).to_owned(), str::to_owned),
                known: known.map(|k| set.needed.contains(&k)),
                of: row.type_of(at),
            }
        };
        Ok(Self { columns: names.iter().enumerate().map(column).collect(), header })
    }

    /// The names of the columns as the database gives them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|c| c.source.as_str())
    }

    /// Fills the record with the cells of a row; a cell that cannot be used is empty in it.
    ///
    /// # Errors
    /// The first such cell.
    pub(super) fn cells(&self, row: &Row, record: &mut Record, zone: Tz, money_decimals: usize) -> Result<(), Fault> {
        record.clear();
        let mut fault = None;
        for (at, column) in self.columns.iter().enumerate() {
            let cell = row.cell(at, column.of);
            let understood = match &cell {
                Ok(None) => Ok(None),
                Ok(Some((text, of))) => match column.known {
                    Some(needed) => understand(text.trim(), *of, needed, zone, money_decimals)
                        .map_err(|problem| Fault::new(&column.name, text, problem)),
                    // A template shows it as the database does.
                    None => Ok(Some(text.as_ref().into())),
                },
                Err(problem) => Err(Fault::new(&column.name, "", problem.as_str())),
            };
            match understood {
                Ok(text) => record.push(text.as_deref().unwrap_or_default()),
                Err(found) => {
                    record.push("");
                    fault.get_or_insert(found);
                }
            }
        }
        fault.map_or(Ok(()), Err)
    }
}

/// The text that is meant. `None`: nothing.
fn understand(text: &str, of: Type, needed: bool, zone: Tz, money_decimals: usize) -> Result<Option<Cow<'_, str>>, String> {
    match of {
        Type::Day | Type::Instant if text.starts_with("0000-00-00") => {
            if needed {
                Err("0000-00-00 is how MySQL writes that there is no date".to_owned())
            } else {
                Ok(None)
            }
        }
        Type::Day => Ok(Some(text.split([' ', 'T']).next().unwrap_or_default().into())),
        Type::Instant => {
            let instant =
                NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").map_err(|e| format!("it is no instant: {e}"))?;
            Ok(Some(Utc.from_utc_datetime(&instant).with_timezone(&zone).date_naive().to_string().into()))
        }
        Type::Float(digits) if !is_exact(text, digits) => {
            let help = "let the query round it, such as CAST(ROUND(x, 2) AS DECIMAL(20, 2)), or a text in SQLite";
            Err(format!("it is a floating-point number and no exact amount; {help}"))
        }
        Type::Money => Ok(Some(money(text, money_decimals).into())),
        _ => Ok(Some(text.into())),
    }
}

/// Whether a floating-point number is surely the decimal number that it is written as.
fn is_exact(text: &str, digits: usize) -> bool {
    let plain = text.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let shown = text.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count();
    plain && shown <= digits
}

/// `-$1,234.50`, `(1.234,50 €)` and the like: the digits, with as many decimals as the server gives.
fn money(text: &str, decimals: usize) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if text.contains(['-', '(', '\u{2212}']) { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, of: Type) -> Result<Option<String>, String> {
        understand(text, of, true, chrono_tz::Europe::Berlin, 2).map(|text| text.map(Cow::into_owned))
    }

    #[test]
    fn a_floating_point_number_is_an_amount_only_if_it_is_one_exactly() {
        for exact in ["12.5", "-0.1", "1234567.89", "0", "0.000012", "9999999999999.99"] {
            assert_eq!(read(exact, Type::Float(15)).unwrap().as_deref(), Some(exact));
        }
        for other in ["0.30000000000000004", "1e+20", "1e-17", "NaN", "Infinity", "12345678901234.56"] {
            assert!(read(other, Type::Float(15)).unwrap_err().contains("floating-point"), "{other}");
        }
        assert!(read("123457", Type::Float(5)).is_err() && read("12.5", Type::Float(5)).is_ok());
    }

    #[test]
    fn an_instant_has_its_day_in_the_companys_time_zone_and_a_time_without_zone_its_own() {
        assert_eq!(read("2026-03-01 23:30:00", Type::Instant).unwrap().as_deref(), Some("2026-03-02"));
        assert_eq!(read("2026-03-01 23:30:00.25", Type::Day).unwrap().as_deref(), Some("2026-03-01"));
        assert_eq!(read("2026-03-02 00:30:00+01", Type::Day).unwrap().as_deref(), Some("2026-03-02"));
    }

    #[test]
    fn a_zero_date_is_no_date_and_a_fault_only_where_one_is_needed() {
        assert!(read("0000-00-00", Type::Day).unwrap_err().contains("MySQL"));
        assert_eq!(understand("0000-00-00 00:00:00", Type::Instant, false, chrono_tz::UTC, 2), Ok(None));
    }

    #[test]
    fn money_is_read_in_every_locale() {
        for (text, amount) in [("$1,234.50", "1234.50"), ("-$0.05", "-0.05"), ("1.234,50 €", "1234.50"), ("($7.00)", "-7.00")] {
            assert_eq!(read(text, Type::Money).unwrap().as_deref(), Some(amount));
        }
        assert_eq!(money("￥1,200", 0), "1200");
    }
}
