//! `[aging]`.

use super::reader::Table;
use super::values::{integer, needed_items};
use crate::timetable::Aging;

/// More classes than a page is wide.
const MOST: usize = 12;

/// The classes by days past due.
pub fn read(table: &Table<'_, '_>) -> Aging {
    let source = table.source;
    let Some(table) = table.get("aging").and_then(|v| Table::of(source, v)) else { return Aging::default() };
    let buckets = table.get("buckets").map(|value| {
        let mut days: Vec<u32> = Vec::new();
        for item in needed_items(source, value, "write the last day of each class, such as buckets = [30, 60, 90]") {
            match integer::<u32>(source, item, "buckets") {
                Some(day) if day > days.last().copied().unwrap_or(0) => days.push(day),
                Some(0) => source.error(item.span(), "a class ends on day 1 or later", "what is not due has a class of its own"),
                Some(_) => source.error(item.span(), "the days of `buckets` rise", "write them as in buckets = [30, 60, 90]"),
                None => {}
            }
        }
        if days.len() > MOST {
            source.error(
                value.span(),
                format!("{} classes fit on no page", days.len()),
                format!("write {MOST} days at the most"),
            );
        }
        days
    });
    table.finish();
    buckets.map_or_else(Aging::default, |buckets| Aging { buckets })
}
