//! `merge`, of the whole file and of a step (T22).

use toml::de::DeValue;

use super::reader::Table;
use super::values::a;
use crate::timetable::step::Merge;

/// Which e-mails of a day become one, if the table says so.
pub fn read(table: &Table<'_, '_>) -> Option<Merge> {
    let value = table.get("merge")?;
    match value.get_ref() {
        DeValue::Boolean(true) => return Some(Merge::Customer),
        DeValue::Boolean(false) => return Some(Merge::Alone),
        DeValue::String(word) if word == "address" => return Some(Merge::Address),
        DeValue::String(word) => table.source.unknown(value.span(), "way to merge", word, ["address"]),
        other => {
            let message = format!("`merge` is true, false or \"address\", not {}", a(other));
            table.source.error(value.span(), message, "write merge = \"address\", true or false");
        }
    }
    None
}
