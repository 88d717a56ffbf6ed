//! Where the keys of a TOML file stand: for what is found out only after the file was read.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Problem;

/// A file with the places of its keys. Of one that is no TOML, what can be read.
#[derive(Debug)]
pub struct Places<'s> {
    file: &'s str,
    text: &'s str,
    root: DeTable<'s>,
}

impl<'s> Places<'s> {
    /// Reads the text of the file `file`.
    #[must_use]
    pub fn of(file: &'s str, text: &'s str) -> Self {
        Self { file, text, root: DeTable::parse_recoverable(text).0.into_inner() }
    }

    /// A problem at a place of this file; an error unless it is made a warning.
    #[must_use]
    pub fn problem(&self, code: &'static str, span: Option<Range<usize>>, message: impl Into<String>, help: &str) -> Problem {
        let source = if span.is_some() { self.text } else { "" };
        Problem::error(self.file, source, span, message).help(help).coded(code)
    }

    /// `key = value` (or the header of a table) at the end of a path of keys.
    #[must_use]
    pub fn key(&self, path: &[&str]) -> Option<Range<usize>> {
        let (last, tables) = path.split_last()?;
        let mut table = &self.root;
        for name in tables {
            table = entry(table, name)?.1.as_table()?;
        }
        entry(table, last).map(|(span, _)| span)
    }

    /// A key of the block of an array of tables (`[[step]]`) whose `name_key` is `name`; the block's name where it has no
    /// such key, and its header where it has no name.
    #[must_use]
    pub fn block(&self, array: &str, name_key: &str, name: &str, key: &str) -> Option<Range<usize>> {
        let blocks = entry(&self.root, array)?.1.as_array()?;
        let named = |t: &&DeTable<'_>| entry(t, name_key).is_some_and(|(_, v)| v.as_str() == Some(name));
        let block = blocks.iter().filter_map(|b| b.get_ref().as_table()).find(named)?;
        entry(block, key).or_else(|| entry(block, name_key)).map(|(span, _)| span)
    }

    /// A key of the `[[step]]` of an id.
    #[must_use]
    pub fn step(&self, id: &str, key: &str) -> Option<Range<usize>> {
        self.block("step", "id", id, key)
    }

    /// A key of the `[[segment]]` of a name.
    #[must_use]
    pub fn segment(&self, name: &str, key: &str) -> Option<Range<usize>> {
        self.block("segment", "name", name, key)
    }

    /// The place that a message such as `[relay] host: …` is about: the key, else the header of the table.
    #[must_use]
    pub fn of_message(&self, message: &str) -> Option<Range<usize>> {
        let (table, rest) = message.strip_prefix('[')?.split_once("] ")?;
        let word = rest.split(|c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c))).next().unwrap_or_default();
        let tables = table.split('.');
        let full: Vec<&str> = tables.clone().chain(word.split('.').filter(|w| !w.is_empty())).collect();
        self.key(&full).or_else(|| self.key(&tables.collect::<Vec<_>>()))
    }
}

/// From the key to the end of its value; a table with a header has the header for its place.
fn entry<'t, 's>(table: &'t DeTable<'s>, key: &str) -> Option<(Range<usize>, &'t DeValue<'s>)> {
    let (k, v) = table.iter().find(|(k, _)| k.get_ref().as_ref() == key)?;
    let (key, value) = (k.span(), v.span());
    let span = if value.start >= key.end { key.start..value.end } else { value };
    Some((span, v.get_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n[relay]\nhost = \"x\"\n[relay.timeouts]\ndot = \"1m\"\n[[step]]\nid = \"s\"\ndays = { x = 1 }\n";

    fn shown(span: Option<Range<usize>>) -> &'static str {
        span.map_or("-", |s| &TEXT[s])
    }

    #[test]
    fn a_key_is_found_by_its_path_its_block_or_a_message_about_it() {
        let places = Places::of("f", TEXT);
        assert_eq!(shown(places.key(&["a"])), "a = 1");
        assert_eq!(shown(places.key(&["relay", "host"])), "host = \"x\"");
        assert_eq!(shown(places.key(&["relay"])), "[relay]");
        assert_eq!(shown(places.step("s", "days")), "days = { x = 1 }");
        assert_eq!(shown(places.step("s", "sizes")), "id = \"s\"");
        assert_eq!(shown(places.step("t", "days")), "-");
        assert_eq!(shown(places.of_message("[relay] timeouts.dot: too short")), "dot = \"1m\"");
        assert_eq!(shown(places.of_message("[relay] host: it is bad")), "host = \"x\"");
        assert_eq!(shown(places.of_message("[relay] username: it is missing")), "[relay]");
        assert_eq!(shown(places.of_message("no table")), "-");
    }
}
