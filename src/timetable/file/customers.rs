//! `[customer."ID"]` (T8).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::reader::Table;
use super::steps::Steps;
use crate::address::EmailAddress;
use crate::timetable::{CustomerSettings, Days, Segment, Step, When};

/// The settings of single customers, by id.
pub fn read(table: &Table<'_, '_>, segments: &[Segment], steps: &Steps) -> BTreeMap<String, CustomerSettings> {
    let source = table.source;
    let Some(all) = table.get("customer").and_then(|v| Table::of(source, v)) else { return BTreeMap::new() };
    all.entries()
        .filter_map(|(id, _, value)| Table::of(source, value).map(|one| (id.to_owned(), read_one(&one, segments, steps))))
        .collect()
}

fn read_one(table: &Table<'_, '_>, segments: &[Segment], steps: &Steps) -> CustomerSettings {
    let source = table.source;
    let segment = table.get("segment").and_then(|v| Some((super::values::string(source, v)?, v.span())));
    if let Some((name, span)) = segment.as_ref().filter(|(name, _)| !segments.iter().any(|s| s.name == *name)) {
        source.unknown(span.clone(), "segment", name, segments.iter().map(|s| s.name.as_str()));
    }
    let extra_steps = step_ids(table, "extra_steps", steps);
    for (id, span) in &extra_steps {
        let plain = |s: &&Step| matches!(s.when, When::Days { days: Days::All(_), .. });
        if steps.steps.iter().find(|s| s.id == *id).is_some_and(|s| !plain(&s)) {
            source.error(
                span.clone(),
                format!("`{id}` cannot be an extra step"),
                "an extra step needs one number of `days` for all",
            );
        }
    }
    let settings = CustomerSettings {
        segment: segment.map(|(name, _)| name.to_owned()),
        skip_steps: step_ids(table, "skip_steps", steps).into_iter().map(|(s, _)| s).collect(),
        extra_steps: extra_steps.into_iter().map(|(s, _)| s).collect::<BTreeSet<_>>(),
        to: addresses(table, "to"),
        cc: addresses(table, "cc"),
        language: table.string("language").map(str::to_owned),
        quiet_days: table.integer("quiet_days"),
        approve: super::approval::word(table),
        personal: table.boolean("personal"),
        paused_until: table.date("paused_until"),
    };
    table.finish();
    settings
}

fn step_ids(table: &Table<'_, '_>, key: &'static str, steps: &Steps) -> Vec<(String, Range<usize>)> {
    let list = table.strings(key).unwrap_or_default();
    for (id, span) in list.iter().filter(|(id, _)| !steps.ids.iter().any(|known| known == id)) {
        table.source.unknown(span.clone(), "step", id, steps.ids.iter().map(String::as_str));
    }
    list.into_iter().map(|(s, span)| (s.to_owned(), span)).collect()
}

/// One text or a list of texts, of addresses.
pub fn addresses(table: &Table<'_, '_>, key: &'static str) -> Option<Vec<EmailAddress>> {
    let mut found = Vec::new();
    for (text, span) in table.strings(key)? {
        let (good, bad) = EmailAddress::parse_list(text);
        for (part, reason) in bad {
            table.source.error(span.clone(), format!("\"{part}\" is no address: {reason}"), "write it as name@example.com");
        }
        found.extend(good);
    }
    Some(found)
}
