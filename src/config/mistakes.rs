//! Every mistake of `dunningd.toml` at once, each at its place. serde stops at the first one; so what it complains of is
//! taken out, and it reads again, table by table.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::Config;
use crate::diagnostic::words::said;
use crate::diagnostic::{Problem, syntax};

/// The smallest good file: what stands in for the tables that are not looked at just now.
const GOOD: &str = "[relay]\n[company]\nname = \"x\"\nfrom = \"x@example.com\"\n";
/// Nobody makes more of them in one table.
const ENOUGH: usize = 50;

/// All that is wrong with a file that cannot be read (empty: nothing), and the text of what is right of it; `None` if
/// something that has to be there is missing.
#[must_use]
pub fn all(file: &str, text: &str) -> (Vec<Problem>, Option<String>) {
    let (root, broken) = DeTable::parse_recoverable(text);
    let mut found = syntax::problems(file, text, &broken);
    let mut rest = None;
    if broken.is_empty() {
        let (others, good) = of_tables(file, text, &root.into_inner());
        found.extend(others);
        rest = good;
    } else if let Some(without) = syntax::Without::lines_of(text, &broken) {
        let (recovered, _) = DeTable::parse_recoverable(&without.text);
        let (others, good) = of_tables(file, text, &recovered.into_inner());
        found.extend(others.into_iter().filter(|p| p.code != "missing-key" && !without.explains(p)));
        rest = good;
    }
    found.sort_by_key(|p| p.span.as_ref().map(|s| s.start));
    (found, rest)
}

fn of_tables(file: &str, text: &str, root: &DeTable<'_>) -> (Vec<Problem>, Option<String>) {
    let (mut found, mut rest) = (Vec::new(), DeTable::new());
    for (name, value) in root {
        let mut document = good();
        document.remove(name.get_ref().as_ref());
        document.insert(name.clone(), value.clone());
        found.extend(of_document(file, text, &mut document));
        if let Some((name, value)) = document.remove_entry(name.get_ref().as_ref()) {
            rest.insert(name, value);
        }
    }
    // What every file needs.
    for (needed, example) in [("relay", "[relay] with host = \"smtp.example.com\""), ("company", "[company] with name and from")]
    {
        if !root.iter().any(|(key, _)| key.get_ref() == needed) {
            let message = format!("the table [{needed}] is missing");
            found.push(Problem::error(file, text, Some(0..0), message).help(format!("write {example}")).coded("missing-key"));
        }
    }
    let is_whole = found.iter().all(|p| p.code != "missing-key");
    let rest = Spanned::new(0..text.len(), rest);
    let rest = toml::Table::deserialize(Deserializer::from(rest)).ok().filter(|_| is_whole).map(|table| table.to_string());
    (found, rest)
}

fn good() -> DeTable<'static> {
    DeTable::parse_recoverable(GOOD).0.into_inner()
}

/// Reads a document again and again, without what was complained of before, and with something for what is missing.
fn of_document(file: &str, text: &str, document: &mut DeTable<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    while found.len() < ENOUGH {
        let spanned = Spanned::new(0..text.len(), document.clone());
        let Err(error) = Config::deserialize(Deserializer::from(spanned)) else { break };
        let Some(span) = error.span().filter(|span| *span != NOWHERE) else { break };
        let (message, help, code) = said(error.message().trim());
        let missing = message.split('`').nth(1).filter(|_| code == "missing-key").map(str::to_owned);
        if !missing.as_ref().is_some_and(|key| gone.contains(key)) {
            found.push(Problem::error(file, text, Some(span.clone()), message).help(help).coded(code));
        }
        let goes_on = match missing {
            Some(key) => stand_in(document, &span, &key),
            None => take_out(document, &span, 0).map(|key| gone.insert(key)).is_some(),
        };
        if !goes_on {
            break;
        }
    }
    found
}

/// Where nothing of the file stands.
const NOWHERE: Range<usize> = usize::MAX..usize::MAX;

/// Puts something under a missing key of the table at a place; whether there is such a table.
fn stand_in(table: &mut DeTable<'_>, span: &Range<usize>, key: &str) -> bool {
    table.iter_mut().any(|(_, value)| stand_in_value(value, span, key))
}

fn stand_in_value(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, key: &str) -> bool {
    let here = value.span() == *span;
    match value.get_mut() {
        DeValue::Table(table) if here => {
            let text = DeValue::String("x@example.com".into());
            table.insert(Spanned::new(NOWHERE, key.to_owned().into()), Spanned::new(NOWHERE, text));
            true
        }
        DeValue::Table(table) => stand_in(table, span, key),
        DeValue::Array(list) => list.iter_mut().any(|item| stand_in_value(item, span, key)),
        _ => false,
    }
}

/// Takes out the innermost entry that an error is about, and says its key. A table at the top stays: it is what is read.
fn take_out(table: &mut DeTable<'_>, span: &Range<usize>, depth: usize) -> Option<String> {
    let mut about = None;
    for (key, value) in table.iter_mut() {
        let within = match value.get_mut() {
            DeValue::Table(inner) => take_out(inner, span, depth + 1),
            DeValue::Array(list) => {
                let mut within = None;
                for item in list.iter_mut() {
                    if let DeValue::Table(inner) = item.get_mut() {
                        within = within.or_else(|| take_out(inner, span, depth + 1));
                    }
                }
                within
            }
            _ => None,
        };
        if within.is_some() {
            return within;
        }
        let holds = |place: &Range<usize>| place.start <= span.start && span.end <= place.end;
        let about_item = value.get_ref().as_array().is_some_and(|l| l.iter().any(|item| holds(&item.span())));
        if key.span() == *span || holds(&value.span()) || about_item {
            about = Some((key.get_ref().to_string(), depth == 0 && value.get_ref().is_table() && key.span() != *span));
        }
    }
    let (key, is_whole) = about?;
    if is_whole {
        return None;
    }
    table.remove(key.as_str());
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line:column message (help)` of every problem below a good `[relay]` and `[company]`.
    fn found(text: &str) -> Vec<String> {
        let say = |p: &Problem| {
            let (line, column) = p.line_column().unwrap_or_default();
            format!("{line}:{column} {} ({})", p.message, p.help.as_deref().unwrap_or_default())
        };
        all("dunningd.toml", text).0.iter().map(say).collect()
    }

    #[test]
    fn every_mistake_of_every_table_is_listed_at_once() {
        let text = "[relay]\nhost = 5\nprot = 25\nport = \"25\"\ntls = \"requird\"\nmax_connections = -1\n\
                    [relay.timeouts]\nconect = \"1s\"\ndot = \"soon\"\n[company]\nname = \"x\"\nfrom = \"nobody\"\nverp = \"no\"\n\
                    [databse]\nurl = \"x\"\n[poll]\nschedule = [1]\n";
        let expected = [
            "2:8 a text is wanted here, not the number 5 (put it in quotes)",
            "3:1 unknown key `prot` (did you mean `port`?)",
            "4:8 a whole number is wanted here, not the text \"25\" (write it without quotes)",
            "5:7 unknown word `requird` (did you mean `required`?)",
            "6:19 -1 is not possible here: a whole number is wanted (see docs/reference.md for what is)",
            "8:1 unknown key `conect` (did you mean `connect`?)",
        ];
        let said = found(text);
        assert_eq!(said[..6], expected, "{said:#?}");
        assert!(said[6].starts_with("9:7 ") && said[7].starts_with("12:8 "), "{said:#?}");
        assert!(said[8].starts_with("13:8 true or false is wanted here, not the text \"no\""), "{said:#?}");
        assert!(said[9].starts_with("14:2 unknown key `databse` (did you mean `database`?"), "{said:#?}");
        assert!(said[10].starts_with("17:1"), "{said:#?}");
        assert_eq!(said.len(), 11, "{said:#?}");
    }

    #[test]
    fn what_is_missing_is_said_beside_what_is_wrong() {
        let said = found("[company]\nnmae = \"x\"\nfrom = \"a@b.example\"\n[ledger.query]\nurk = \"x\"\n[dkim]\ndomain = 1\n");
        let starts = [
            "1:1 missing key `name`",
            "1:1 the table [relay] is missing",
            "2:1 unknown key `nmae`",
            "4:1 missing key `url`",
            "5:1 unknown key `urk`",
            "6:1 missing key `selector`",
            "7:10 a text",
        ];
        assert_eq!(said.len(), starts.len(), "{said:#?}");
        for start in starts {
            assert!(said.iter().any(|s| s.starts_with(start)), "{start}: {said:#?}");
        }
    }

    #[test]
    fn a_line_that_is_no_toml_does_not_hide_the_others() {
        let said =
            found("[relay]\nhost = smtp.example.com\nprot = 25\n[company]\nname = \"x\"\nfrom = \"a@b.example\"\nfone = \"1\"\n");
        assert_eq!(said.len(), 3, "{said:#?}");
        assert!(
            said[0].starts_with("2:8") && said[1].starts_with("3:1 unknown key `prot`") && said[2].starts_with("7:1"),
            "{said:#?}"
        );
    }

    #[test]
    fn a_good_file_has_no_mistakes() {
        assert!(found(include_str!("../../config/dunningd.toml")).is_empty());
        assert!(found(GOOD).is_empty());
    }
}
