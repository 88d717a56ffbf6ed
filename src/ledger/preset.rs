//! Presets: the queries for accounting programs that many companies have, as data (`config/ledgers/NAME.toml`).

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Deserializer};

use crate::diagnostic::nearest;

/// The shipped files.
const FILES: [(&str, &str); 10] = [
    ("akaunting", include_str!("../../config/ledgers/akaunting.toml")),
    ("dolibarr", include_str!("../../config/ledgers/dolibarr.toml")),
    ("erpnext", include_str!("../../config/ledgers/erpnext.toml")),
    ("gnucash", include_str!("../../config/ledgers/gnucash.toml")),
    ("invoiceninja", include_str!("../../config/ledgers/invoiceninja.toml")),
    ("invoiceplane", include_str!("../../config/ledgers/invoiceplane.toml")),
    ("ledgersmb", include_str!("../../config/ledgers/ledgersmb.toml")),
    ("odoo", include_str!("../../config/ledgers/odoo.toml")),
    ("sql-ledger", include_str!("../../config/ledgers/sql-ledger.toml")),
    ("tryton", include_str!("../../config/ledgers/tryton.toml")),
];

/// What is known of one accounting program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The program's name, for people.
    pub title: String,
    /// Its versions, for people: `6.0 to 8.0`.
    pub versions: String,
    /// How far the queries were compared with the program itself.
    pub checked: String,
    /// Tables and columns (`table.column`) without which it is not this program, or an older version.
    pub needs: Vec<String>,
    /// What the program does not know or the queries do not show, as sentences.
    pub cannot: Vec<String>,
    /// What to take care of when the role is made, as sentences.
    #[serde(default)]
    pub beware: Vec<String>,
    /// The tables that the queries always read; `table(column, …)` where the others are nobody's business.
    pub tables: Vec<String>,
    /// Further ones, which only some versions or modules have.
    #[serde(default)]
    pub further_tables: Vec<String>,
    #[serde(default)]
    options: BTreeMap<String, Choice>,
    /// The queries by database: `sqlite`, `postgres`, `mysql`.
    queries: BTreeMap<String, Queries>,
}

/// A value that the user may give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    says: String,
    /// Without one it has to be given.
    default: Option<String>,
    kind: ChoiceKind,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChoiceKind {
    Number,
    Text,
    /// A part of the names of tables.
    Name,
}

/// The three queries of a database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queries {
    pub customers: String,
    pub invoices: String,
    pub payments: String,
}

/// The names of all presets.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The preset of a name.
///
/// # Errors
/// A sentence with the name that may be meant.
pub fn find(name: &str) -> Result<Preset, String> {
    let Some((_, text)) = FILES.iter().find(|(n, _)| *n == name) else {
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        return Err(format!("unknown preset `{name}`: {help}"));
    };
    toml::from_str(text).map_err(|e| e.to_string())
}

/// Reads `preset`: the name of one that there is.
pub(super) fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(deserializer)?;
    find(&name).map(|_| Some(name)).map_err(serde::de::Error::custom)
}

impl Preset {
    /// The databases that there are queries for.
    pub fn databases(&self) -> impl Iterator<Item = &str> {
        self.queries.keys().map(String::as_str)
    }

    /// The preset with the options put in; what depends on tables is still in its queries.
    ///
    /// # Errors
    /// A sentence: an option that there is not, one that is missing, or a value that it cannot have.
    pub fn with(mut self, given: &BTreeMap<String, String>) -> Result<Self, String> {
        if let Some(name) = given.keys().find(|name| !self.options.contains_key(*name)) {
            let known: Vec<&str> = self.options.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
            return Err(format!("{} has no option `{name}`: {known}", self.title));
        }
        for (name, choice) in &self.options {
            let needed = || format!("{} needs the option `{name}`. {}", self.title, choice.says);
            let value = given.get(name).or(choice.default.as_ref()).ok_or_else(needed)?;
            let value =
                choice.kind.literal(value).map_err(|wanted| format!("the option `{name}` of {} is {wanted}", self.title))?;
            let mark = format!("{{{name}}}");
            let lists = [&mut self.needs, &mut self.tables, &mut self.further_tables, &mut self.beware];
            let queries = self.queries.values_mut().flat_map(|q| [&mut q.customers, &mut q.invoices, &mut q.payments]);
            lists.into_iter().flatten().chain(queries).for_each(|text| *text = text.replace(&mark, &value));
        }
        Ok(self)
    }

    /// The same, for the statements of a role: what it does not depend on may be missing.
    ///
    /// # Errors
    /// As [`Preset::with`].
    pub fn for_role(mut self, given: &BTreeMap<String, String>) -> Result<Self, String> {
        self.options.retain(|name, choice| matches!(choice.kind, ChoiceKind::Name) || given.contains_key(name));
        self.with(given)
    }

    /// The queries for a database.
    ///
    /// # Errors
    /// A sentence: the program keeps its accounts elsewhere.
    pub fn queries(&self, database: &str) -> Result<&Queries, String> {
        let known = || self.databases().collect::<Vec<_>>().join(" or ");
        self.queries.get(database).ok_or_else(|| format!("{} is read from {}, not from {database}", self.title, known()))
    }

    /// What is missing in a database that has these tables and columns (`table`, `table.column`).
    #[must_use]
    pub fn missing(&self, there: &HashSet<String>) -> Option<&str> {
        self.needs.iter().find(|name| !there.contains(*name)).map(String::as_str)
    }
}

impl ChoiceKind {
    /// The value as it stands in SQL; what it should be otherwise.
    fn literal(self, value: &str) -> Result<String, &'static str> {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match self {
            Self::Number if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => Ok(value.to_owned()),
            Self::Number => Err("a whole number"),
            // Not even MySQL's own way to write a quote.
            Self::Text if !value.contains('\\') && !value.chars().any(char::is_control) => {
                Ok(format!("'{}'", value.replace('\'', "''")))
            }
            Self::Text => Err("a text without a backslash"),
            Self::Name if value.chars().all(name) => Ok(value.to_owned()),
            Self::Name => Err("letters, digits and underscores"),
        }
    }
}

/// The query for a database that has these tables and columns: of the lines between `-- if NAME`, `-- else` and `-- end`
/// those that are for it.
#[must_use]
pub fn fitted(query: &str, there: &HashSet<String>) -> String {
    let mut taken = Vec::new();
    let mut lines = Vec::new();
    for line in query.lines() {
        match line.trim().strip_prefix("-- ") {
            Some("else") => taken.iter_mut().last().into_iter().for_each(|t: &mut bool| *t = !*t),
            Some("end") => drop(taken.pop()),
            Some(rest) if rest.starts_with("if ") => taken.push(there.contains(rest[3..].trim())),
            _ if taken.iter().all(|t| *t) => lines.push(line),
            _ => {}
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a value for each option that needs one.
    fn filled(name: &str) -> Preset {
        let preset = find(name).unwrap();
        let open = preset.options.iter().filter(|(_, o)| o.default.is_none()).map(|(name, _)| (name.clone(), "1".to_owned()));
        let given = open.collect();
        preset.with(&given).unwrap()
    }

    #[test]
    fn every_preset_is_complete_and_its_options_are_all_used() {
        for name in names() {
            let preset = filled(name);
            assert!(!preset.cannot.is_empty() && !preset.needs.is_empty() && !preset.checked.is_empty(), "{name}");
            let lists = [&preset.needs, &preset.tables, &preset.further_tables, &preset.beware];
            assert!(lists.into_iter().flatten().all(|text| !text.contains('{')), "{name}: {lists:?}");
            for queries in preset.queries.values() {
                for text in [&queries.customers, &queries.invoices, &queries.payments] {
                    assert!(!text.contains('{'), "{name}: {text}");
                    let ifs = text.lines().filter(|l| l.trim().starts_with("-- if ")).count();
                    assert_eq!(ifs, text.lines().filter(|l| l.trim() == "-- end").count(), "{name}: {text}");
                }
            }
            for (option, choice) in find(name).unwrap().options {
                let used = find(name).unwrap().queries.values().any(|q| q.invoices.contains(&format!("{{{option}}}")));
                assert!(used && !choice.says.is_empty(), "{name}: {option}");
            }
        }
    }

    #[test]
    fn a_preset_that_there_is_not_is_told_the_nearest() {
        assert!(find("triton").unwrap_err().contains("did you mean `tryton`?"));
        assert!(find("x").unwrap_err().contains("there are akaunting"));
    }

    #[test]
    fn an_option_is_put_in_as_a_value_and_never_as_sql() {
        let with = |preset: &str, option: &str, value: &str| {
            find(preset).unwrap().with(&BTreeMap::from([(option.to_owned(), value.to_owned())]))
        };
        let tryton = with("tryton", "company", "7").unwrap();
        assert!(tryton.queries("sqlite").unwrap().invoices.contains("i.company = 7"));
        assert!(tryton.queries("mysql").unwrap_err().contains("not from mysql"));
        assert!(
            with("tryton", "company", "1 OR 1 = 1").unwrap_err().contains("the option `company` of Tryton is a whole number")
        );
        assert!(with("tryton", "journal", "").unwrap_err().contains("no option `journal`: it has company"));
        assert!(find("erpnext").unwrap().with(&BTreeMap::new()).unwrap_err().contains("needs the option `company`"));
        let erpnext = with("erpnext", "company", "O'Hara").unwrap();
        assert!(erpnext.queries("mysql").unwrap().invoices.contains("si.company = 'O''Hara'"));
        assert!(with("erpnext", "company", "\\'").is_err());
        let dolibarr = with("dolibarr", "prefix", "abc_").unwrap();
        assert!(dolibarr.needs.contains(&"abc_facture.ref".to_owned()));
        assert!(with("dolibarr", "prefix", "x; DROP").is_err());
    }

    #[test]
    fn lines_are_for_databases_that_have_a_table_or_for_the_others() {
        let query = "SELECT a\n  -- if dunning\n  , b\n  -- else\n  , c\n  -- end\nFROM t";
        assert_eq!(fitted(query, &HashSet::from(["dunning".to_owned()])), "SELECT a\n  , b\nFROM t");
        assert_eq!(fitted(query, &HashSet::new()), "SELECT a\n  , c\nFROM t");
        let nested = "-- if a\n1\n-- if b\n2\n-- end\n3\n-- else\n4\n-- end\n5";
        let there = |names: &[&str]| fitted(nested, &names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!((there(&["a"]), there(&["b"]), there(&["a", "b"])), ("1\n3\n5".into(), "4\n5".into(), "1\n2\n3\n5".into()));
    }
}
