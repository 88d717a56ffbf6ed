//! `after` and `silent_days` of a step (T33).

use std::ops::Range;

use super::reader::Table;
use super::values::string;
use crate::timetable::follow::SILENT_DAYS;
use crate::timetable::{After, Step};

/// The two keys.
pub fn read(table: &Table<'_, '_>) -> Option<After> {
    let (after, silent) = (table.get("after"), table.get("silent_days"));
    let Some(after) = after else {
        if let Some(silent) = silent {
            let help = "say which e-mail stays without answer: after = \"past-due-5\"";
            table.source.error(silent.span(), "`silent_days` without `after`", help);
        }
        return None;
    };
    let silent_days = table.integer("silent_days").unwrap_or(SILENT_DAYS);
    Some(After { step: string(table.source, after)?.to_owned(), silent_days })
}

/// Whether each of them follows an e-mail of the file, and none itself. `ids`: all that there are, also of steps that
/// cannot be read.
pub fn check(table: &Table<'_, '_>, steps: &[(Step, Range<usize>)], places: &[(String, Range<usize>)], ids: &[String]) {
    let source = table.source;
    let step = |id: &str| steps.iter().map(|(s, _)| s).find(|s| s.id == id);
    for (id, span) in places {
        let Some(after) = step(id).and_then(|s| s.after.as_ref()) else { continue };
        if !ids.contains(&after.step) {
            source.unknown(span.clone(), "step", &after.step, ids.iter().map(String::as_str));
        } else if step(&after.step).is_some_and(|s| !s.is_email()) {
            let message = format!("`{}` is no e-mail to the customer, who cannot leave it without answer", after.step);
            source.error(span.clone(), message, "name a step with `email`");
        } else if let Some(way) = circle(id, &step) {
            let message = match way.len() {
                1 => format!("`{id}` follows itself"),
                _ => format!("the steps follow one another in a circle: {}", way.join(", ")),
            };
            source.error(span.clone(), message, "name a step that comes before it");
        }
    }
}

/// The steps by which one follows itself.
fn circle<'s>(id: &str, step: &impl Fn(&str) -> Option<&'s Step>) -> Option<Vec<String>> {
    let mut way = vec![format!("`{id}`")];
    let mut at = step(id)?;
    loop {
        at = step(&at.after.as_ref()?.step)?;
        if at.id == id {
            return Some(way);
        }
        let name = format!("`{}`", at.id);
        // A circle that it only leads into.
        if way.contains(&name) {
            return None;
        }
        way.push(name);
    }
}
