//! A newcomer's first commands: `demo` and `init`.

use super::*;
use crate::support::books::Books;
use crate::support::company::Said;

#[test]
fn the_demo_runs_in_an_empty_folder_and_its_emails_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let demo = || Said::from(program(&["demo"]).current_dir(folder.path()).output().unwrap());
    let said = demo().exits(0).says("e-mails were handed over TCP");
    let emails = files(&folder.path().join("dunningd-demo/emails"));
    let emls: Vec<_> = emails.iter().filter(|(name, _)| name.ends_with(".eml")).collect();
    assert!(emls.len() >= 5, "{:?}", emails.keys());
    for (name, bytes) in emls {
        let message = mail_parser::MessageParser::default().parse(&bytes[..]).unwrap();
        assert!(message.subject().is_some_and(|s| !s.is_empty()) && message.to().is_some(), "{name}");
        assert!(message.message_id().is_some() && message.body_text(0).is_some() && message.body_html(0).is_some(), "{name}");
        for ending in [".html", ".txt"] {
            assert!(emails.contains_key(&name.replace(".eml", ending)), "{name}");
        }
        assert!(said.out.contains(name.as_str()), "{name} is not shown in {}", said.out);
    }
    // What it says comes next can be done.
    let me = env!("CARGO_BIN_EXE_dunningd");
    let next = |line: &str| line.trim().strip_prefix(me).is_some_and(|l| l.starts_with(" --config"));
    let commands: Vec<&str> = said.out.lines().filter(|l| next(l)).collect();
    assert!(commands.len() >= 3, "{}", said.out);
    for command in commands {
        let args: Vec<&str> = command.split_whitespace().skip(1).collect();
        Said::from(program(&args).current_dir(folder.path()).output().unwrap()).exits(0);
    }
    let before = files(folder.path());
    demo().exits(2).says("is there already");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn init_writes_what_check_is_content_with_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| Said::from(program(args).current_dir(folder.path()).output().unwrap());
    run(&["init"]).exits(0).says("config");
    run(&["check", "--offline"]).exits(0);
    run(&["timetable"]).exits(0).says("past-due-30");
    // What the first lines name for editors is there.
    for file in ["dunningd.toml", "timetable.toml"] {
        let text = std::fs::read_to_string(folder.path().join("config").join(file)).unwrap();
        let schema = text.lines().next().unwrap().strip_prefix("#:schema ./").unwrap();
        assert!(folder.path().join("config").join(schema).exists(), "{schema}");
    }
    let config = folder.path().join("config");
    std::fs::write(config.join("timetable.toml"), "# mine\n").unwrap();
    std::fs::remove_file(config.join("templates/en/final/body.txt")).unwrap();
    let mut before = files(&config);
    run(&["init"]).exits(0).says("1 files written").says("were left as they are");
    let after = files(&config);
    before.insert("templates/en/final/body.txt".to_owned(), after["templates/en/final/body.txt"].clone());
    assert_eq!(after, before);
    run(&["init", "elsewhere/deep"]).exits(0);
    assert!(folder.path().join("elsewhere/deep/dunningd.toml").exists());
}

#[test]
fn without_a_configuration_every_command_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 9] = [
        &["check"],
        &["timetable"],
        &["run", "--once"],
        &["run"],
        &["plan"],
        &["log"],
        &["tasks"],
        &["status"],
        &["hold", "--invoice", "I-1", "--reason", "x"],
    ];
    for command in commands {
        let said = Said::from(program(command).current_dir(folder.path()).output().unwrap()).exits(2);
        said.says(".toml").says("dunningd init");
    }
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_book_of_an_accounting_program_has_a_plan_with_two_commands() {
    let books = Books::sqlite().with_fixture("gnucash");
    let folder = tempfile::tempdir().unwrap();
    let book = books.url().trim_start_matches("sqlite:").to_owned();
    std::fs::copy(&book, folder.path().join("my book.gnucash")).unwrap();
    std::fs::write(folder.path().join("xml.gnucash"), [0x1f, 0x8b, 8, 0]).unwrap();
    let run = |args: &[&str]| Said::from(program(args).current_dir(folder.path()).output().unwrap());
    let init = |preset: &str, url: &str| run(&["init", "--preset", preset, "--url", url]);
    init("gnucsh", "sqlite:my book.gnucash").exits(2).says("did you mean `gnucash`?");
    init("gnucash", "sqlite:xml.gnucash").exits(2).says("is a book in XML").says("Save As");
    init("gnucash", "sqlite:nowhere.gnucash").exits(2).says("nowhere.gnucash cannot be read");
    assert!(!folder.path().join("config").exists());
    init("gnucash", "sqlite:my book.gnucash").exits(0).says("plan --days 30");
    let plan = run(&["--now", "2026-11-24T09:00:00-05:00", "plan", "--days", "30", "--format", "json"]).exits(0);
    assert!(plan.out.contains("ap@acme.example"), "{}", plan.out);
    init("gnucash", "sqlite:my book.gnucash").exits(2).says("is there already and stays as it is");
    // A server's url is taken as it is: it is asked later.
    run(&["init", "elsewhere", "--preset", "tryton", "--url", "postgres://reader@books/\"erp\""]).exits(0);
    let text = std::fs::read_to_string(folder.path().join("elsewhere/dunningd.toml")).unwrap();
    let read: toml::Table = text.parse().unwrap();
    assert_eq!(read["ledger"]["source"].as_str(), Some("query"));
    assert_eq!(read["ledger"]["query"]["url"].as_str(), Some("postgres://reader@books/\"erp\""));
}
