//! The house's own order, read from the sources: who may name whom, who may name which crate, and how long a file is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Crates that belong to few modules; a place is a folder or a file of src/.
const CRATES: [(&str, &[&str]); 29] = [
    ("sqlx", &["database/", "ledger/query/"]),
    ("futures_util", &["ledger/query/"]),
    ("zstd", &["contacts/pack.rs"]),
    ("zip", &["commands/evidence/"]),
    ("csv", &["commands/sheet.rs", "ledger/csv/"]),
    ("encoding_rs", &["ledger/csv/"]),
    ("iso_currency", &["money.rs"]),
    ("annotate_snippets", &["diagnostic/"]),
    ("tera", &["message/", "commands/rehearse/"]),
    ("lettre", &["message/"]),
    ("html2text", &["message/"]),
    ("icu_decimal", &["message/"]),
    ("rustls", &["delivery/"]),
    ("tokio_rustls", &["delivery/"]),
    ("rustls_native_certs", &["delivery/"]),
    ("ring", &["message/dkim/"]),
    ("rustls_pki_types", &["message/dkim/"]),
    ("base64", &["message/dkim/"]),
    ("rustix", &["ledger/csv/", "message/attach/", "daemon/lease.rs"]),
    ("hickory_resolver", &["sender/"]),
    ("cron", &["daemon/"]),
    ("sd_notify", &["daemon/"]),
    ("plotters", &["report/picture/"]),
    ("icalendar", &["worklist/calendar/"]),
    ("clap", &["commands/"]),
    ("anyhow", &["commands/"]),
    ("comfy_table", &["commands/"]),
    ("indicatif", &["commands/"]),
    ("tracing_subscriber", &["commands/"]),
];

/// What pure modules may not name: the world outside.
const WORLD: [&str; 9] =
    ["crate::clock", "crate::database", "std::fs", "std::net", "std::process", "SystemTime", "Instant::", "tokio::", "tracing::"];

struct File {
    /// Below src/.
    name: String,
    text: String,
}

impl File {
    /// The code without comments, each line with its number.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(n, l)| (n + 1, l)).filter(|(_, l)| !l.trim_start().starts_with("//"))
    }

    fn module(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap()
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<File> {
    let (mut files, mut folders) = (Vec::new(), vec![src()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(src()).unwrap().to_str().unwrap().to_owned();
                files.push(File { name, text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(files.len() > 100, "the sources were not found");
    files
}

/// The modules in the order of lib.rs.
fn order() -> BTreeMap<String, usize> {
    let lib = std::fs::read_to_string(src().join("lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
    modules.enumerate().map(|(place, module)| (module.to_owned(), place)).collect()
}

/// The first names after `crate::`, those in braces too.
fn named_in(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group.split('}').next().unwrap().split(',').map(|g| word(g.trim()))),
            None => found.push(word(rest)),
        }
    }
    found
}

#[test]
fn a_module_names_only_modules_above_it() {
    let order = order();
    assert!(order.len() >= 15, "{order:?}");
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|f| !["lib.rs", "main.rs"].contains(&f.name.as_str())) {
        let own = order.get(file.module()).unwrap_or_else(|| panic!("lib.rs does not name the module of src/{}", file.name));
        for (number, line) in file.code() {
            for name in named_in(line) {
                // A macro stands at the crate's root, wherever it is written.
                let name = if name == "vals" { "database".to_owned() } else { name };
                match order.get(&name) {
                    Some(place) if place <= own => {}
                    Some(_) => wrong.push(format!("src/{}:{number} names crate::{name}, which stands below", file.name)),
                    None => wrong.push(format!("src/{}:{number} names crate::{name}, which is no module", file.name)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a line names a crate: `sqlx::`, `use sqlx;`, but not `dunningd_sqlx::`.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let begins = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':' && c != '"' && c != '.');
        begins && (after.starts_with("::") || (line.trim_start().starts_with("use ") && after.starts_with([';', ' '])))
    })
}

#[test]
fn a_crate_is_named_only_where_it_belongs() {
    let mut wrong = Vec::new();
    for file in sources() {
        for (number, line) in file.code() {
            for (name, places) in CRATES {
                if names_crate(line, name) && !places.iter().any(|p| file.name.starts_with(p)) {
                    wrong.push(format!("src/{}:{number} names {name}, which belongs to {}", file.name, places.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_timetable_and_the_plan_know_nothing_of_the_world() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|f| ["timetable", "plan"].contains(&f.module())) {
        for (number, line) in file.code() {
            wrong.extend(WORLD.iter().filter(|w| line.contains(**w)).map(|w| format!("src/{}:{number} names {w}", file.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_first_what_lives_there() {
    let is_test = |f: &File| f.name.ends_with("tests.rs") || f.name.contains("tests/");
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|f| !f.text.starts_with("//!") && (!is_test(f) || f.name.ends_with("mod.rs")))
        .map(|f| f.name)
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn a_file_is_short() {
    let long: Vec<(String, usize)> =
        sources().into_iter().map(|f| (f.name, f.text.lines().count())).filter(|(_, lines)| *lines > 300).collect();
    assert!(long.is_empty(), "longer than 300 lines: {long:?}");
}

#[test]
fn the_eyes_of_this_test_see() {
    assert_eq!(named_in("use crate::{delivery, timetable::Step};"), ["delivery", "timetable"]);
    assert_eq!(named_in("let x = crate::money::Money { a: crate::vals![] };"), ["money", "vals"]);
    assert!(names_crate("use sqlx::Row;", "sqlx") && names_crate("fn f(e: sqlx::Error)", "sqlx"));
    assert!(!names_crate("use tokio_rustls::rustls::X;", "rustls") && !names_crate("let tera = 1;", "tera"));
}
