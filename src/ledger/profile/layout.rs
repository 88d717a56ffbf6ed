//! Where in a file the columns of a profile stand: the header line is the first one that has those that cannot be missed.

use std::collections::BTreeMap;

use super::file::{File, Group, Part, Place};
use crate::ledger::record::Record;

/// The columns of one file.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Where the values of each column of ours stand; the first that is filled counts.
    places: BTreeMap<String, Vec<usize>>,
    /// What a column of ours is called in the file.
    names: BTreeMap<String, String>,
    parts: BTreeMap<String, Part>,
    extra: Vec<(String, usize)>,
    /// The columns up to the last one that has a name.
    pub width: usize,
}

/// Blanks and capitals do not matter, nor does a byte order mark.
pub fn plain(name: &str) -> String {
    let name = name.trim_start_matches('\u{FEFF}').replace(['\u{A0}', '\u{202F}'], " ");
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What a header line lacks, in sentences such as `number ("Num")`.
pub fn lacking(file: &File, record: &Record) -> Vec<String> {
    let names: Vec<String> = record.iter().map(plain).collect();
    let there = |ours: &str| file.columns.get(ours).is_some_and(|p| p.columns().iter().any(|n| names.contains(&plain(n))));
    let shown = |ours: &&str| {
        let of = |p: &Place| p.columns().iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(" or ");
        file.columns.get(*ours).map(|p| format!("{ours} ({})", of(p)))
    };
    let mut groups: Vec<&[&str]> =
        vec![&["number", "id"], &["open_balance", "amount", "debit", "total"], &["due_date", "issue_date", "terms"]];
    if file.group != Some(Group::Customer) {
        groups.push(&["customer_id", "customer_name"]);
    }
    // Without its word a row cannot be told from another one.
    groups.extend([&["kind"][..], &["status"], &["pays"]]);
    let named = |g: &[&str]| g.iter().any(|ours| file.columns.contains_key(*ours));
    let missing = groups.into_iter().filter(|g| named(g) && !g.iter().any(|ours| there(ours)));
    missing.map(|g| g.iter().filter_map(shown).collect::<Vec<_>>().join(" or ")).collect()
}

/// How many of the profile's columns a line names.
pub fn known(file: &File, record: &Record) -> usize {
    let names: Vec<String> = record.iter().map(plain).collect();
    file.columns.values().filter(|p| p.columns().iter().any(|n| names.contains(&plain(n)))).count()
}

impl Layout {
    /// By the header line.
    pub fn of(file: &File, header: &Record) -> Self {
        let names: Vec<String> = header.iter().map(plain).collect();
        let at = |name: &String| names.iter().position(|n| *n == plain(name));
        let mut layout = Self::default();
        for (ours, place) in &file.columns {
            let found: Vec<usize> = place.columns().iter().filter_map(at).collect();
            let Some(first) = found.first().and_then(|at| header.get(*at)) else { continue };
            layout.names.insert(ours.clone(), first.to_owned());
            layout.places.insert(ours.clone(), found);
            if let Place::Part(part) = place {
                layout.parts.insert(ours.clone(), part.clone());
            }
        }
        layout.extra = file.extra.iter().filter_map(|name| Some((key(name), at(name)?))).collect();
        layout.width = names.iter().rposition(|n| !n.is_empty()).map_or(0, |at| at + 1);
        layout
    }

    /// The columns of ours that the file has, as it calls them.
    pub fn into_names(self) -> BTreeMap<String, String> {
        self.names
    }

    /// The value of a column of ours; `None`: nothing stands there, or a word that means nothing.
    pub fn get(&self, ours: &str, record: &Record, empty: &[String]) -> Option<String> {
        let filled = |at: &usize| record.get(*at).filter(|v| !v.is_empty() && !empty.iter().any(|e| e == v));
        let mut texts = self.places.get(ours)?.iter().filter_map(filled);
        match self.parts.get(ours) {
            Some(Part { filled: true, .. }) => texts.next().map(|_| "yes".to_owned()),
            Some(Part { tag: Some(tag), .. }) => texts.find_map(|text| tagged(text, tag)),
            _ => texts.next().map(str::to_owned),
        }
    }

    /// All values of a row, and the columns that are kept for templates.
    pub fn values(&self, record: &Record, empty: &[String]) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let value = |ours: &String| Some((ours.clone(), self.get(ours, record, empty)?));
        let extra =
            |(name, at): &(String, usize)| record.get(*at).filter(|v| !v.is_empty()).map(|v| (name.clone(), v.to_owned()));
        (self.places.keys().filter_map(value).collect(), self.extra.iter().filter_map(extra).collect())
    }
}

/// The name under which templates see a column.
fn key(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// The value of `tag:value` in a list with commas, as hledger has them in comments.
fn tagged(text: &str, tag: &str) -> Option<String> {
    let of = |part: &str| {
        let (before, value) = part.split_once(':')?;
        // Words of the comment may stand before the tag.
        (before.split_whitespace().next_back() == Some(tag)).then(|| value.trim().to_owned())
    };
    text.split([',', '\n']).find_map(of).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_behind_words_and_among_others() {
        let text = "for the harbour due:2026-10-08, po:PO-7781, invoice: INV-1001";
        assert_eq!(tagged(text, "due").as_deref(), Some("2026-10-08"));
        assert_eq!(tagged(text, "invoice").as_deref(), Some("INV-1001"));
        assert_eq!((tagged(text, "voice"), tagged("due:", "due")), (None, None));
    }
}
