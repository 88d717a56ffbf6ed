//! What goes into the database.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

/// A value that goes into the database.
#[derive(Debug, Clone)]
pub enum Val {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

macro_rules! val_from {
    ($($type:ty => $make:expr),* $(,)?) => { $(
        impl From<$type> for Val {
            fn from(v: $type) -> Self {
                let make: fn($type) -> Self = $make;
                make(v)
            }
        }
    )* };
}

val_from! {
    i64 => |v| Self::Int(Some(v)),
    Vec<u8> => Self::Bytes,
    u32 => |v| Self::Int(Some(v.into())),
    bool => |v| Self::Int(Some(v.into())),
    Option<i64> => Self::Int,
    String => |v| Self::Text(Some(v)),
    &str => |v| Self::Text(Some(v.to_owned())),
    &String => |v| Self::Text(Some(v.clone())),
    Option<String> => Self::Text,
    Option<&str> => |v| Self::Text(v.map(str::to_owned)),
    &Option<String> => |v| Self::Text(v.clone()),
    Option<&String> => |v| Self::Text(v.cloned()),
    &Val => Clone::clone,
    NaiveDate => |v| Self::Text(Some(v.to_string())),
    Option<NaiveDate> => |v| Self::Text(v.map(|d| d.to_string())),
    DateTime<Utc> => |v| Self::Text(Some(instant_text(v))),
    Option<DateTime<Utc>> => |v| Self::Text(v.map(instant_text)),
    Decimal => |v| Self::Text(Some(v.to_string())),
    Option<Decimal> => |v| Self::Text(v.map(|d| d.to_string())),
}

/// An instant as the database has it: fixed width, so that the order of the texts is that of the instants.
#[must_use]
pub fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The values of a statement.
#[macro_export]
macro_rules! vals {
    ($($v:expr),* $(,)?) => { vec![$($crate::database::Val::from($v)),*] };
}
