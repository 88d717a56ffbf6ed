//! The worklist in calendar programs, as another library reads it.

use std::process::Command;

use super::*;
use crate::support::daemon::Daemon;
use crate::support::post::wait_until;

/// The entries of a calendar, as icalendar for Python has them; the calendar itself is the first.
fn read(company: &Company, file: &str) -> Vec<Value> {
    let has =
        |python: &&str| Command::new(python).args(["-c", "import icalendar"]).output().is_ok_and(|asked| asked.status.success());
    let python = ["/usr/bin/python3", "python3"].into_iter().find(has).expect("apt-get install python3-icalendar");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/read_calendar.py");
    let done = Command::new(python).arg(script).arg(company.path(file)).output().unwrap();
    assert!(done.status.success(), "{file}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two customers with a call each on the fourth of March; the first is Maria's.
fn a_company_with_calls() -> Company {
    let company = with_invoices(&[("I-1", "C-1"), ("I-2", "C-2")]);
    let name = "\"Weber; Söhne, \\ & Co – mit einem Namen, der über mehr als eine Zeile eines Kalenders geht\"";
    with_customers(
        &company,
        &format!("C-1,{name},ap@c-1.example,+1 555 0100,maria@us.example,A\nC-2,Borealis,ap@c-2.example,,,B\n"),
    );
    polled(&company, 4);
    company
}

#[test]
fn a_calendar_has_what_one_needs_for_each_call() {
    let company = a_company_with_calls();
    company.run_at(&day(6), &["tasks", "calendar", "--collector", "Maria@us.example", "--out", "maria.ics"]).exits(0);
    let all = read(&company, "maria.ics");
    assert_eq!((all.len(), text(&all[0], "component"), text(&all[0], "name")), (2, "VCALENDAR", "Tasks of Maria@us.example"));
    let call = &all[1];
    let id = task(&company, 6, "phone", "I-1");
    assert_eq!(text(call, "component"), "VTODO");
    assert_eq!(text(call, "uid"), format!("{id}@dunningd"));
    assert_eq!((text(call, "due"), text(call, "priority"), text(call, "status")), ("2026-03-04", "1", "NEEDS-ACTION"));
    assert!(text(call, "summary").starts_with("call: Weber; Söhne, \\ & Co – mit"), "{call}");
    let said = text(call, "description");
    for wanted in
        ["Phone: +1 555 0100\n", "Open: 100.00 USD on I-1\n", "Overdue since 2026-03-04\n", &format!("dunningd tasks show {id}")]
    {
        assert!(said.contains(wanted), "{wanted} in {said}");
    }
    // For programs that know no tasks: on the day on which it is to be done.
    company.run_at(&day(6), &["tasks", "calendar", "--entries", "events", "--out", "all.ics"]).exits(0);
    let events = read(&company, "all.ics");
    assert_eq!(
        events.iter().skip(1).map(|e| format!("{} {}", text(e, "component"), text(e, "dtstart"))).collect::<Vec<_>>(),
        ["VEVENT 2026-03-06"; 2]
    );
    company.run(&["tasks", "calendar", "--entries", "nonsense"]).exits(2);
}

#[test]
fn a_poll_keeps_the_files_up_to_date_and_leaves_those_of_others_alone() {
    let company = a_company_with_calls().with_settings("\n[calendar]\nfolder = \"calendars\"\nentries = \"events\"\n");
    std::fs::create_dir(company.path("config/calendars")).unwrap();
    std::fs::write(company.path("config/calendars/holidays.ics"), "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").unwrap();
    polled(&company, 5);
    assert_eq!(read(&company, "config/calendars/all.ics").len(), 3);
    let hers = read(&company, "config/calendars/maria@us.example.ics");
    assert_eq!((hers.len(), text(&hers[1], "dtstart")), (2, "2026-03-05"));
    // Nothing has changed: nothing is written.
    let written = || std::fs::metadata(company.path("config/calendars/all.ics")).unwrap().modified().unwrap();
    let before = written();
    polled(&company, 5);
    assert_eq!(written(), before);
    done(&company, 5, &task(&company, 5, "phone", "I-1"), &["--result", "reached"]).exits(0);
    polled(&company, 5);
    assert_eq!(read(&company, "config/calendars/maria@us.example.ics").len(), 1, "it stays, and is empty");
    assert_eq!(read(&company, "config/calendars/all.ics").len(), 2);
    assert_eq!(std::fs::read_dir(company.path("config/calendars")).unwrap().count(), 3);
    // What cannot be written is said, and stops nothing.
    std::fs::remove_dir_all(company.path("config/calendars")).unwrap();
    std::fs::write(company.path("config/calendars"), "in the way").unwrap();
    let poll = company.poll_at(&day(6));
    let problems = poll.poll["problems"].to_string();
    assert!(problems.contains("[calendar]") && problems.contains("calendars"), "{problems}");
}

#[test]
fn the_daemon_keeps_the_files_up_to_date_between_the_polls() {
    let settings = "\n[calendar]\nfolder = \"calendars\"\n[poll]\nschedule = [\"0 0 1 1 *\"]\n";
    let company = a_company_with_calls().with_settings(settings);
    done(&company, 5, &task(&company, 5, "phone", "I-2"), &["--result", "reached"]).exits(0);
    let daemon = Daemon::start(&company, "daemon");
    wait_until("there is a file", || company.path("config/calendars/all.ics").exists());
    assert_eq!(daemon.stop(), Some(0));
    let all = read(&company, "config/calendars/all.ics");
    assert_eq!((all.len(), text(&all[1], "component")), (2, "VTODO"));
    assert!(text(&all[1], "description").contains("+1 555 0100"), "{all:?}");
}
