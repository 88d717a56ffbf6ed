//! `[ledger] drop`: files that appear are imported before the next poll reads the ledger.

use std::path::PathBuf;

use crate::support::company::{Company, MORNING, a_company, a_company_on};
use crate::support::postgres::TestDatabase;

const CUSTOMERS: &str = "id,name,email\nC-1,One,ap@one.example\n";
const INVOICES: &str = "id,customer_id,issue_date,due_date,currency,total\nI-1,C-1,2026-02-01,2026-02-28,USD,100.00\nI-2,C-1,2026-02-01,2026-02-28,USD,50.00\n";
const PAYMENTS: &str = "id,customer_id,invoice_id,received_on,amount,currency\nP-1,C-1,I-1,2026-02-27,100.00,USD\n";
const REPORT: &str = ",Type,Date,Num,Terms,Due Date,Open Balance\nAcme,,,,,,\n,Invoice,02/13/2026,1001,Net 15,02/28/2026,1200.00\n\
                      Total Acme,,,,,,1200.00\nTOTAL,,,,,,1200.00\n";

fn a_company_with_an_inbox(more: &str) -> Company {
    let company = a_company()
        .with_settings(&format!("[ledger]\ndrop = \"inbox\"\ndrop_settle = \"0s\"\n{more}[import]\ncurrency = \"USD\"\n"));
    std::fs::create_dir(inbox(&company)).unwrap();
    company
}

fn inbox(company: &Company) -> PathBuf {
    company.path("config/inbox")
}

fn drop(company: &Company, name: &str, text: &str) {
    let path = inbox(company).join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn hidden(name: &std::ffi::OsStr) -> bool {
    name.to_str().unwrap().starts_with('.')
}

/// The names in a folder of the inbox without their instants, and their texts.
fn put(company: &Company, folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(inbox(company).join(folder)).unwrap().map(|e| e.unwrap());
    let mut all: Vec<(String, String)> = entries
        .map(|e| {
            (
                e.file_name().to_str().unwrap().split_once("T").unwrap().1[7..].to_owned(),
                std::fs::read_to_string(e.path()).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn what_is_dropped_is_in_the_ledger_before_the_poll_reads_it_and_is_put_away_with_a_report() {
    let company = a_company_with_an_inbox("");
    for (name, text) in [("payments.csv", PAYMENTS), ("invoices.csv", INVOICES), ("customers-all.csv", CUSTOMERS)] {
        drop(&company, name, text);
    }
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 1, "the payments were read with the invoices");
    let done = put(&company, "done");
    let names: Vec<&str> = done.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "customers-all.csv",
            "customers-all.csv.report.txt",
            "invoices.csv",
            "invoices.csv.report.txt",
            "payments.csv",
            "payments.csv.report.txt"
        ]
    );
    assert!(done[3].1.contains("invoices: 2 rows read, 2 new or changed"), "{}", done[3].1);
    let left = std::fs::read_dir(inbox(&company)).unwrap().filter(|e| !hidden(&e.as_ref().unwrap().file_name()));
    assert_eq!(left.count(), 2, "done and rejected");
    // The same once more does no harm.
    drop(&company, "invoices.csv", INVOICES);
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 1);
    assert_eq!(put(&company, "done").len(), 8);
    company.run(&["status"]).exits(0);
}

#[test]
fn the_profile_is_that_of_the_subfolder_or_of_a_pattern() {
    let company = a_company_with_an_inbox("drop_profiles = { \"qb-*.csv\" = \"quickbooks-open-invoices\" }\n");
    drop(&company, "QB-today.csv", REPORT);
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 1);
    drop(&company, "quickbooks-open-invoices/x.csv", &REPORT.replace("1001", "1002"));
    assert_eq!(company.poll_at("2026-03-03T09:00:00-05:00").poll["open_invoices"], 1, "1001 is not named any more, 1002 is new");
    let mistaken = a_company_with_an_inbox("drop_profiles = { \"*\" = \"quickboks\" }\n");
    mistaken.run(&["run", "--once"]).exits(2).says("there is no profile `quickboks`");
}

#[test]
fn a_file_that_cannot_be_read_is_rejected_and_stops_nothing_else() {
    let company = a_company_with_an_inbox("");
    drop(&company, "customers.csv", CUSTOMERS);
    drop(&company, "invoices.csv", INVOICES);
    drop(&company, "quickbooks-open-invoices/x.csv", &REPORT[..REPORT.find("TOTAL").unwrap()]);
    drop(&company, "notes.txt", "hello");
    let polled = company.poll_at(MORNING);
    assert_eq!((polled.code, &polled.poll["open_invoices"]), (Some(1), &2.into()));
    let problems = polled.poll["problems"].to_string();
    assert!(
        problems.contains("quickbooks-open-invoices/x.csv cannot be imported") && problems.contains("may be cut off"),
        "{problems}"
    );
    let rejected = put(&company, "rejected");
    assert_eq!(rejected.len(), 4);
    assert!(
        rejected[1].1.contains("nothing says what this file is") && rejected[1].1.contains("nothing was changed"),
        "{rejected:?}"
    );
    let status = company.run(&["status"]).exits(1).says("files that could not be imported").says("may be cut off");
    assert!(status.out.contains("notes.txt"));
    let json = company.run(&["status", "--format", "json"]).exits(1).json();
    assert_eq!(json[0]["rejected_files"].as_array().unwrap().len(), 2);
    // Whoever takes them away has seen them.
    std::fs::remove_dir_all(inbox(&company).join("rejected")).unwrap();
    company.run(&["status"]).exits(0);
}

#[test]
fn what_is_not_whole_yet_and_what_is_a_link_is_left_where_it_is() {
    let company = a_company_with_an_inbox("");
    drop(&company, "customers.csv", CUSTOMERS);
    drop(&company, "invoices.csv.part", INVOICES);
    std::fs::write(company.path("elsewhere.csv"), INVOICES).unwrap();
    std::os::unix::fs::symlink(company.path("elsewhere.csv"), inbox(&company).join("invoices.csv")).unwrap();
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 0);
    assert!(inbox(&company).join("invoices.csv").is_symlink() && inbox(&company).join("invoices.csv.part").exists());
    std::fs::rename(inbox(&company).join("invoices.csv.part"), inbox(&company).join("invoices-1.csv")).unwrap();
    assert_eq!(company.poll_at("2026-03-03T09:00:00-05:00").poll["open_invoices"], 2);
}

#[test]
fn plain_files_are_the_whole_where_the_settings_say_so() {
    for (replace, open) in [("drop_replace = true\n", 1), ("", 2)] {
        let company = a_company_with_an_inbox(replace);
        drop(&company, "customers.csv", CUSTOMERS);
        drop(&company, "invoices.csv", INVOICES);
        company.poll_at(MORNING);
        drop(&company, "invoices.csv", &INVOICES[..INVOICES.find("I-2").unwrap()]);
        assert_eq!(company.poll_at("2026-03-03T09:00:00-05:00").poll["open_invoices"], open, "{replace}");
    }
}

#[test]
fn an_inbox_and_a_query_ledger_do_not_go_together() {
    let company = a_company().with_settings(
        "[ledger]\nsource = \"query\"\ndrop = \"inbox\"\n[ledger.query]\nurl = \"sqlite:x.db\"\npreset = \"gnucash\"\n",
    );
    company.run(&["plan"]).exits(2).says("drop is a folder for files of the own ledger");
}

#[test]
fn a_file_that_somebody_goes_on_writing_is_left_until_it_rests() {
    let company = a_company().with_settings("[ledger]\ndrop = \"inbox\"\ndrop_settle = \"1s\"\n");
    drop(&company, "customers.csv", CUSTOMERS);
    let poll = company.begin_poll_at(MORNING);
    let path = inbox(&company).join("customers.csv");
    let (over, is_over) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            let mut file = std::fs::File::options().append(true).open(path).unwrap();
            while is_over.try_recv().is_err() {
                std::io::Write::write_all(&mut file, b"C-9,Nine,\n").unwrap();
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    });
    poll.finish();
    over.send(()).unwrap();
    writer.join().unwrap();
    assert!(path.exists(), "it was not touched");
    std::fs::write(&path, CUSTOMERS).unwrap();
    company.poll_at(MORNING);
    assert!(!path.exists());
}

#[test]
fn several_daemons_on_one_inbox_import_each_file_once() {
    let company = a_company_on(TestDatabase::make())
        .with_settings("[ledger]\ndrop = \"inbox\"\ndrop_settle = \"0s\"\n[import]\ncurrency = \"USD\"\n");
    std::fs::create_dir(inbox(&company)).unwrap();
    drop(&company, "customers.csv", CUSTOMERS);
    for number in 1..=8 {
        drop(&company, &format!("invoices-{number}.csv"), &INVOICES.replace("I-", &format!("I-{number}-")));
    }
    // One that another one has kept from planning is told to come again; it has imported nothing twice.
    let polls: Vec<_> = (0..3).map(|_| company.begin_poll_at(MORNING)).collect();
    polls.into_iter().for_each(|poll| _ = poll.finish());
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 16);
    let names = |folder| put(&company, folder).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let done: Vec<String> = names("done").into_iter().filter(|name| !name.ends_with(".report.txt")).collect();
    let mut wanted: Vec<String> = (1..=8).map(|n| format!("invoices-{n}.csv")).collect();
    wanted.insert(0, "customers.csv".to_owned());
    assert_eq!((done, names("done").len(), names("rejected")), (wanted, 18, Vec::new()));
}
