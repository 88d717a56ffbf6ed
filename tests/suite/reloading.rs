//! The files are read anew while the daemon works (D9): a signal or a command asks, all of it is checked first, and what is
//! on its way ends as it began.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::company::{Company, a_company, text};
use crate::support::daemon::{Daemon, three_days_ago, timetable_for_now};
use crate::support::post::{Post, wait_until};
use crate::support::relay::{Act, At, Gate, Script};

/// A company that polls every minute and has so many invoices three days late.
fn polled_every_minute(post: &Post, timetable: &str, invoices: u32) -> Company {
    let mut company =
        a_company().with_timetable(timetable).with_relay(post.port).with_settings("\n[poll]\nschedule = [\"* * * * *\"]\n");
    for number in 1..=invoices {
        company.given_an_invoice(&format!("I-{number}"), &format!("C-{number}"), &three_days_ago());
    }
    company.import();
    company
}

fn write(company: &Company, file: &str, text: &str) {
    std::fs::write(company.path("config").join(file), text).unwrap();
}

#[test]
fn a_changed_timetable_is_taken_at_a_signal_and_systemd_and_the_log_are_told_what_it_changes() {
    let post = Post::kind();
    let late = timetable_for_now().replace("days = 3\n", "days = 30\n");
    let company = polled_every_minute(&post, &late, 1);
    let systemd = UnixDatagram::bind(company.path("notify")).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // What it says, but for the signs of life in between.
    let word = || loop {
        let mut bytes = [0; 500];
        let length = systemd.recv(&mut bytes).unwrap();
        let said = String::from_utf8(bytes[..length].to_vec()).unwrap();
        if said.trim() != "WATCHDOG=1" {
            return said;
        }
    };
    let socket = ("NOTIFY_SOCKET".to_owned(), company.path("notify").display().to_string());
    let daemon = Daemon::begin_with(&company, "a", &[socket]);
    assert_eq!(word().trim(), "READY=1");
    wait_until("the daemon is ready", || daemon.has_said("\"ready\""));

    let new = format!("{}\n[[step]]\nid = \"call\"\ntask = \"call\"\ndays = 3\n", timetable_for_now());
    write(&company, "timetable.toml", &new);
    daemon.signal("HUP");
    let heard = word();
    let lines: Vec<&str> = heard.trim().lines().collect();
    assert_eq!((lines[0], lines[1].starts_with("MONOTONIC_USEC=")), ("RELOADING=1", true), "{lines:?}");
    assert_eq!(word().trim(), "READY=1");
    wait_until("it works by the new files", || daemon.has_said("works by the files that were read anew"));
    assert!(daemon.has_said("reloaded: the step `past-due`: from days 30 to days 3"), "{:#?}", daemon.said());
    assert!(daemon.has_said("reloaded: the step `call` was added: task `call`, days 3"));
    wait_until("the new step went out", || post.accepted().len() == 1);

    // T31 over a reload: an id with contacts is gone, and another has appeared.
    write(&company, "timetable.toml", &new.replace("id = \"past-due\"", "id = \"first-reminder\""));
    let said = company.run(&["reload"]).exits(0).says("taken");
    assert!(said.out.contains("the step `past-due` is gone") && said.out.contains("`first-reminder` was added"), "{said:#?}");
    wait_until("the next poll has looked", || {
        daemon.has_said("the steps past-due (1 contact in the log) are gone and first-reminder have appeared (T31)")
    });
    assert_eq!(post.accepted().len(), 1);
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_file_with_one_mistake_changes_nothing_and_is_reported_to_everybody() {
    let post = Post::kind();
    let company = polled_every_minute(&post, &timetable_for_now(), 1);
    let settings = std::fs::read_to_string(company.path("config/dunningd.toml")).unwrap();
    let daemon = Daemon::start(&company, "a");
    // A step that names a template that is not there, and a key that nobody knows.
    write(&company, "timetable.toml", &timetable_for_now().replace("email = \"past-due\"", "email = \"past-dew\""));
    let said = company.run(&["reload"]).exits(2).says("not taken").says("past-dew").says("go on with what they had");
    assert!(said.out.contains("timetable.toml"), "{said:#?}");
    write(&company, "timetable.toml", &format!("quite_days = 3\n{}", timetable_for_now().replace("days = 3\n", "days = 30\n")));
    daemon.signal("HUP");
    wait_until("it has said so", || {
        daemon.has_said("not reloaded") && daemon.has_said("timetable.toml:1:1: unknown key `quite_days`")
    });
    wait_until("it was written down", || company.run(&["status"]).out.contains("unknown key `quite_days`"));
    company.run(&["status"]).exits(1).says("has not taken the files");
    let json = company.run(&["status", "--format", "json"]).exits(1).json();
    assert_eq!(json[0]["not_reloaded"][0]["problems"].as_array().unwrap().len(), 1, "{}", json[0]);
    wait_until("the old timetable is in force", || post.accepted().len() == 1);

    // What cannot change while it works is refused with the rest; what can is taken.
    write(&company, "timetable.toml", &timetable_for_now());
    let moved = settings.replace("[database]\n", "[database]\nlease = \"77s\"\n").replace("name = \"Us Inc.\"", "name = \"We\"");
    write(&company, "dunningd.toml", &moved);
    company.run(&["reload"]).exits(2).says("[database] lease cannot change while the daemon works: restart it");
    write(&company, "dunningd.toml", &settings.replace("name = \"Us Inc.\"", "name = \"We\""));
    let json = company.run(&["reload", "--format", "json"]).exits(0).json();
    assert_eq!((&json[0]["taken"], &json[0]["changes"]), (&true.into(), &serde_json::json!(["[company] name changed"])));
    assert!(!company.run(&["status"]).out.contains("has not taken"));
    assert_eq!(daemon.stop(), Some(0));
    company.run(&["reload"]).exits(2).says("no daemon works on");
}

#[test]
fn what_is_on_its_way_ends_as_it_began_and_the_rest_of_the_queue_is_written_anew() {
    let gate = Gate::shut();
    let post = Post::open(Script::offering(&["PIPELINING"]).on(At::Dot, Act::Wait(gate.clone())));
    let company = polled_every_minute(&post, &timetable_for_now(), 20);
    let daemon = Daemon::start(&company, "a");
    wait_until("the relay has a message and has not answered", || post.bodies() > 0);
    let subject = company.path("config/templates/en/past-due/subject.txt");
    std::fs::write(&subject, "Quite another subject for {{ customer.name }}\n").unwrap();
    write(&company, "timetable.toml", &format!("{}\n[[step]]\nid = \"call\"\ntask = \"call\"\ndays = 40\n", timetable_for_now()));
    company.run(&["reload"]).exits(0).says("taken").says("past-due/subject.txt changed").says("`call` was added");
    assert!(!daemon.has_said("works by the files that were read anew"), "what is on its way comes first");
    gate.open();
    wait_until("all were taken", || post.accepted().len() == 20);
    wait_until("all are in the log", || company.log().iter().filter(|c| text(c, "state") == "sent").count() == 20);
    assert_eq!(daemon.stop(), Some(0));
    let new = post.accepted().iter().filter(|m| m.header("Subject").starts_with("Quite another subject")).count();
    assert!(new > 0 && new < 20, "{new} of 20 have the new subject");
    let mut to: Vec<String> = post.accepted().into_iter().flat_map(|m| m.to).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 20, "each was written to once");
}
