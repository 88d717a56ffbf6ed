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
    let words = own.some_strings("dispute_codes").map(|codes| codes.into_iter().map(|(code, _)| code.to_owned()).collect());
    own.finish();
    Worklist { retry_days, invoice_copy, dispute_codes: words.unwrap_or(usual.dispute_codes) }
}

/// Farther away nobody tries again.
const MOST: u32 = 365;
