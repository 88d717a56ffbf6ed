//! `[approval]` (T34).

use super::customers::addresses;
use super::reader::Table;
use super::window::time;
use crate::timetable::approval::Rules;

/// The table, or what stands for it.
pub fn read(table: &Table<'_, '_>) -> Rules {
    let source = table.source;
    let Some(own) = table.get("approval").and_then(|v| Table::of(source, v)) else { return Rules::default() };
    let at = own.get("at");
    if at.is_none()
        && let Some(value) = own.get("to")
    {
        let help = "write at = \"09:00\", the hour of the e-mail, or leave `to` out";
        source.error(value.span(), "`to` says whom an e-mail goes to, and without `at` there is none", help);
    }
    let rules = Rules { at: at.and_then(|v| time(source, v)), to: addresses(&own, "to").unwrap_or_default() };
    own.finish();
    rules
}
