//! `[worklist]`.

use super::reader::Table;
use crate::timetable::{Worklist, worklist};

/// The table, or what stands for it.
pub fn read(table: &Table<'_, '_>) -> Worklist {
    let usual = Worklist::default();
    let Some(own) = table.get("worklist").and_then(|v| Table::of(table.source, v)) else { return usual };
    let retry_days = own.integer("retry_days").unwrap_or(usual.retry_days);
    if !(1..=MOST).contains(&retry_days)
        && let Some(value) = own.get("retry_days")
    {
        let help = "write the business days until a call that reached nobody is tried again";
        table.source.error(value.span(), format!("`retry_days` is at least 1 and at most {MOST}"), help);
    }
    let invoice_copy = own.string("invoice_copy").map_or(usual.invoice_copy, worklist::invoice_copy);
    own.finish();
    Worklist { retry_days, invoice_copy }
}

/// Farther away nobody tries again.
const MOST: u32 = 365;
