//! Every command, as a person or a program calls it.

mod aging;
mod books;
mod checking;
mod comparing;
mod evidence;
mod explaining;
mod forgetting;
mod holding_up;
mod interest;
mod looking;
mod mistakes;
mod ranking;
mod reasons;
mod rehearsing;
mod relay;
mod reporting;
mod starting;
mod steering;
mod verifying;

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::company::{Company, MORNING, a_company, program, states, text};

/// Every file below a folder with its bytes, but not those with which a database works.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if !name.contains("dunningd.db") {
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What a command that only looks must leave as it is: all files, and all rows of the database.
fn everything(company: &Company) -> (BTreeMap<String, Vec<u8>>, Option<String>) {
    (files(&company.path("")), company.state())
}

/// A company with one invoice that is three days late.
fn with_one_invoice() -> Company {
    let mut company = a_company();
    company.given_an_overdue_invoice("I-1", "C-1");
    company.import();
    company
}

const COMMANDS: [&str; 31] = [
    "demo",
    "init",
    "check",
    "timetable",
    "run",
    "plan",
    "preview",
    "explain",
    "rehearse",
    "log",
    "import",
    "aging",
    "digest",
    "tasks",
    "hold",
    "release",
    "promise",
    "dispute",
    "controls",
    "note",
    "accept-ledger",
    "accept-volume",
    "accept-steps",
    "accept-clock",
    "accept-gap",
    "resolve",
    "evidence",
    "forget",
    "status",
    "suppressions",
    "send-test",
];

#[test]
fn the_help_of_every_command_shows_an_example() {
    let all = program(&["--help"]).output().unwrap();
    let all = String::from_utf8(all.stdout).unwrap();
    assert!(all.contains("Example: dunningd demo"), "{all}");
    let listed: Vec<&str> = all.lines().filter_map(|l| l.strip_prefix("  ")?.split_whitespace().next()).collect();
    for command in COMMANDS {
        assert!(listed.contains(&command), "{command} is not in {all}");
        let help = program(&[command, "--help"]).output().unwrap();
        assert!(help.status.success());
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(help.contains(&format!("Example: dunningd {command}")), "{help}");
    }
}

#[test]
fn wrong_usage_is_exit_code_2_and_says_what_is_known() {
    let company = with_one_invoice();
    let before = everything(&company);
    let wrong: [(&[&str], &str); 14] = [
        (&["pln"], "plan"),
        (&["hold", "--invoice", "I-1"], "--reason"),
        (&["hold", "--reason", "x"], "--invoice"),
        (&["hold", "--invoice", "I-1", "--customer", "C-1", "--reason", "x"], "cannot be used with"),
        (&["promise", "--invoice", "I-1", "--by", "soon"], "2026-03-02"),
        (&["promise", "--invoice", "I-1", "--by", "2026-03-20", "--amount", "lots"], "--amount"),
        (&["log", "--state", "gone"], "in-doubt"),
        (&["--now", "today", "plan"], "2026-03-02T09:00:00-05:00"),
        (&["run", "--accept-volume"], "--once"),
        (&["rehearse", "--from", "2026-03-05", "--to", "2026-03-01"], "before"),
        (&["preview", "past-deu", "--invoice", "I-1"], "did you mean past-due"),
        (&["suppressions", "lift", "ap@c-1.example", "--reason", "x"], "ap@c-1.example is not suppressed"),
        (&["suppressions", "lift", "ap@c-1.example"], "--reason"),
        (&["tasks", "done", "01J", "--note", "x"], "there is no task 01J"),
    ];
    for (args, says) in wrong {
        let said = company.run(args).exits(2);
        assert!(said.err.contains(says), "{says:?} is not in {said:#?}");
        assert!(said.out.is_empty(), "{said:#?}");
    }
    assert_eq!(everything(&company), before);
}
