//! A mistake is named with its place and what to do, and nothing is changed by the command that finds it.

use std::net::TcpListener;
use std::path::PathBuf;

use super::*;
use crate::support::company::{Said, TIMETABLE, a_company_with_a_file};
use crate::support::post::Post;

/// A port on which nobody listens.
fn deaf_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// `file:line:column` of a text in a file.
fn place(file: &PathBuf, needle: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let at = text.find(needle).unwrap();
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].rsplit('\n').next().unwrap().chars().count() + 1;
    format!("{}:{line}:{column}", file.file_name().unwrap().to_str().unwrap())
}

/// Every command that reads the file refuses, says these words, and changes nothing.
fn assert_refused(company: &Company, commands: &[&[&str]], words: &[&str]) {
    let before = everything(company);
    for command in commands {
        let said = company.run_at(MORNING, command).exits(2);
        for word in words {
            assert!(said.err.contains(word) || said.out.contains(word), "{command:?}: {word:?} is not in {said:#?}");
        }
        assert_eq!(everything(company), before, "{command:?}");
    }
}

const ALL: [&[&str]; 8] = [
    &["check"],
    &["run", "--once"],
    &["plan"],
    &["plan", "--days", "3"],
    &["preview", "past-due", "--invoice", "I-1"],
    &["rehearse", "--from", "2026-03-02", "--to", "2026-03-03"],
    &["import", "--customers", "customers.csv"],
    &["hold", "--invoice", "I-1", "--reason", "x"],
];
/// Those that need the timetable.
const PLANNING: [&[&str]; 6] = [ALL[0], ALL[1], ALL[2], ALL[3], ALL[4], ALL[5]];

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
    let company = with_one_invoice().with_settings("\n[poll]\nschedul = [\"0 9 * * *\"]\n");
    let place = place(&company.path("config/dunningd.toml"), "schedul");
    assert_refused(&company, &ALL, &[&place, "unknown key `schedul`", "did you mean `schedule`"]);
    let company = with_one_invoice().with_timetable(&TIMETABLE.replace("quiet_days", "quite_days"));
    let place = self::place(&company.path("config/timetable.toml"), "quite_days");
    assert_refused(&company, &PLANNING, &[&place, "quite_days", "did you mean `quiet_days`"]);
}

#[test]
fn broken_toml_is_named_with_its_place() {
    let company = with_one_invoice().with_settings("\n[poll\n");
    assert_refused(&company, &ALL, &["dunningd.toml:", "[poll"]);
    let company = with_one_invoice().with_timetable(&TIMETABLE.replace("quiet_days = 3", "quiet_days = three"));
    let place = place(&company.path("config/timetable.toml"), "three");
    assert_refused(&company, &PLANNING, &[&place]);
}

#[test]
fn every_mistake_is_listed_at_once() {
    let timetable =
        TIMETABLE.replace("quiet_days = 3", "quiet_days = -3").replace("email = \"past-due-30\"", "email = \"past-deu\"");
    let company = with_one_invoice().with_timetable(&timetable.replace("New_York", "Gotham"));
    let said = company.run_at(MORNING, &["check", "--format", "json"]).exits(2);
    let problems = said.json()[0]["problems"].as_array().unwrap().clone();
    assert!(problems.len() >= 2, "{problems:#?}");
    for problem in &problems {
        assert!(text(problem, "file").ends_with("timetable.toml") && problem["line"].is_u64() && problem["column"].is_u64());
    }
}

#[test]
fn a_template_that_is_not_there_is_named_with_the_nearest() {
    let company = with_one_invoice().with_timetable(&TIMETABLE.replace("email = \"past-due-30\"", "email = \"past-deu\""));
    let commands = [ALL[0], ALL[1], ALL[2], ALL[5]];
    assert_refused(&company, &commands, &["the step `second`", "`past-deu`", "did you mean `past-due`"]);
}

#[test]
fn a_misspelt_variable_of_a_template_is_named_with_its_place_before_anything_is_sent() {
    let company = with_one_invoice();
    let body = company.path("config/templates/en/past-due/body.txt");
    let old = std::fs::read_to_string(&body).unwrap();
    let line = old.lines().position(|l| l.starts_with("May we ask you")).unwrap() + 1;
    std::fs::write(&body, old.replace("May we ask you", "{{ customer.nmae }}, may we ask you")).unwrap();
    let said = company.run_at(MORNING, &["check", "--offline"]).exits(2);
    said.says(&format!("past-due/body.txt:{line}:")).says("nmae").says("did you mean `name`");
    let state = company.state();
    let polled = company.run_at(MORNING, &["run", "--once", "--format", "json"]);
    if polled.code == Some(2) {
        assert_eq!(company.state(), state);
    } else {
        // One contact has failed, the others would have gone on (D10).
        assert_eq!(polled.code, Some(1));
        assert_eq!(states(&company.log()), ["C-1: failed"]);
    }
    assert!(files(&company.path("config")).keys().all(|n| !n.starts_with("outbox/")), "nothing was sent");
}

#[test]
fn a_relay_that_does_not_answer_is_named_by_check_and_costs_nobody_a_reminder() {
    let company = with_one_invoice().with_relay(deaf_port());
    let before = everything(&company);
    company.run_at(MORNING, &["check"]).exits(2).says("[relay]").says("host, port, tls");
    company.run_at(MORNING, &["check", "--offline"]).exits(0);
    company.run_at(MORNING, &["send-test", "me@example.com"]).exits(1);
    assert_eq!(everything(&company), before);
    let polled = company.poll_at(MORNING);
    assert_eq!(polled.states(), ["C-1: retrying"]);
    let post = Post::kind();
    let company = company.with_relay(post.port);
    company.run_at(MORNING, &["check"]).exits(0);
    assert_eq!(company.poll_at("2026-03-04T12:00:00-05:00").states(), ["C-1: sent"]);
    assert_eq!(post.accepted().len(), 1);
}

#[test]
fn a_test_email_arrives() {
    let post = Post::kind();
    let company = a_company().with_relay(post.port);
    let said = company.run(&["send-test", "me@example.com", "--format", "json"]).exits(0).json();
    assert_eq!(said[0]["accepted"], true);
    let message = post.only();
    assert_eq!(
        (message.to.as_slice(), message.header("Message-ID")),
        (&["me@example.com".to_owned()][..], text(&said[0], "message_id").to_owned())
    );
    company.run(&["send-test", "me@localhost"]).exits(2).says("domain has no dot");
}

#[test]
fn a_given_instant_refuses_a_relay_that_is_not_on_this_host() {
    let company = with_one_invoice().with_relay_settings("host = \"smtp.example.com\"\n");
    let commands: [&[&str]; 3] = [&["run", "--once"], &["run"], &["send-test", "me@example.com"]];
    assert_refused(&company, &commands, &["--now", "a real relay is refused", "transport = \"file\""]);
}

#[test]
fn a_database_that_cannot_be_opened_is_named_with_what_to_do() {
    let url = |url: &str| {
        let mut company = a_company_with_a_file();
        company.given_an_overdue_invoice("I-1", "C-1");
        company.import();
        let file = company.path("config/dunningd.toml");
        let old = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, old.replace("sqlite:dunningd.db", url)).unwrap();
        company
    };
    let mut commands = ALL.to_vec();
    commands.extend([&["log"][..], &["tasks"], &["status"], &["run", "--once"]]);
    assert_refused(&url("sqlite:nowhere/dunningd.db"), &commands, &["nowhere"]);
    assert_refused(&url("oracle://books"), &commands, &["oracle://books", "sqlite:dunningd.db"]);
    let company = url("sqlite:not-a-database");
    std::fs::write(company.path("config/not-a-database"), "This is a text, and has been one for a long time.\n".repeat(99))
        .unwrap();
    let before = files(&company.path("config"));
    for command in commands {
        let said: Said = company.run_at(MORNING, command).exits(2);
        said.says("not-a-database").says("not a database");
    }
    assert_eq!(files(&company.path("config"))["not-a-database"], before["not-a-database"]);
}

#[test]
fn a_variable_of_the_environment_overrides_a_key_and_a_wrong_one_is_named() {
    let post = Post::kind();
    let company = with_one_invoice().with_relay(deaf_port());
    let with = |name: &str, value: &str| {
        let mut command = company.command(&["--now", MORNING, "run", "--once", "--format", "json"]);
        Said::from(command.env(name, value).output().unwrap())
    };
    with("DUNNINGD__RELAY__PORT", "many").exits(2).says("DUNNINGD__");
    with("DUNNINGD__RELAY__PROT", "25").exits(2).says("prot");
    with("DUNNINGD__RELAY__PORT", &post.port.to_string()).exits(0);
    assert_eq!(post.accepted().len(), 1);
}

#[test]
fn a_mistake_of_one_file_does_not_hide_those_of_the_others() {
    let company = with_one_invoice()
        .with_settings("\n[poll]\nschedule = [\"*/15 8-25 * * *\"]\n[chek]\ndns = true\n")
        .with_timetable(&TIMETABLE.replace("quiet_days", "quite_days").replace("email = \"past-due\"", "email = \"past-du\""));
    let said = company.run_at(MORNING, &["check", "--offline"]).exits(2);
    for words in ["unknown key `chek`", "8-25", "unknown key `quite_days`", "names the template `past-du`"] {
        assert!(said.err.contains(words), "{words}: {said:#?}");
    }
}
