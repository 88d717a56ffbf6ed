//! `[review]`.

use toml::de::DeValue;

use super::reader::{Source, Table};
use super::values::{Value, string};
use crate::timetable::Segment;
use crate::timetable::review::{Every, Review};

/// When customers are reviewed; `None`: they are not.
pub fn read(table: &Table<'_, '_>, segments: &[Segment]) -> Option<Review> {
    let source = table.source;
    let table = Table::of(source, table.get("review")?)?;
    let mut review = Review { spread: table.boolean("spread").unwrap_or(true), ..Review::default() };
    let value = table.needed("every", "write every = \"quarter\", or a table by segment");
    match value.map(|v| (v, v.get_ref())) {
        Some((value, DeValue::Table(_))) => {
            for (name, span, value) in Table::of(source, value).iter().flat_map(Table::entries) {
                match every(source, value) {
                    Some(every) if segments.iter().any(|s| s.name == name) => {
                        review.by_segment.insert(name.to_owned(), every);
                    }
                    Some(_) => source.unknown(span, "segment", name, segments.iter().map(|s| s.name.as_str())),
                    None => {}
                }
            }
        }
        Some((value, _)) => review.every = every(source, value),
        None => {}
    }
    table.finish();
    Some(review)
}

fn every(source: &Source<'_>, value: Value<'_, '_>) -> Option<Every> {
    let word = string(source, value)?;
    let found = Every::ALL.into_iter().find(|every| every.word() == word);
    if found.is_none() {
        source.unknown(value.span(), "period", word, Every::ALL.map(Every::word));
    }
    found
}
