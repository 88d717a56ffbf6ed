//! A Tryton database with 500 overdue invoices: who is due on a day is whom Tryton's own dunning run finds on it
//! (`scripts/tryton-dunning` has made both).

use std::collections::BTreeSet;

use super::*;
use crate::support::books::fixtures;

/// One step after five days, as the one level of the dunning procedure there; nothing else holds anything back.
const TIMETABLE: &str = r#"
time_zone = "UTC"
send_window = { days = "mon-sun", from = "00:00", to = "23:59" }
holidays = []
quiet_days = 0
grace_days = 365
go_live = "2026-01-01"
volume_guard = 0

[[segment]]
name = "all"

[[step]]
id = "past-due"
email = "past-due"
days = 5
"#;

#[test]
fn whom_trytons_own_dunning_run_finds_on_a_day_is_due_on_it() {
    let books = Books::sqlite().with_fixture("tryton-dunning");
    let company = a_company_with_a_file().with_timetable(TIMETABLE).with_settings(&format!(
        "[ledger.query]\nurl = {:?}\npreset = \"tryton\"\noptions = {{ company = 1 }}\n[ledger]\nsource = \"query\"\n",
        books.url()
    ));
    let expected = std::fs::read_to_string(fixtures().join("tryton-dunning.sqlite.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let mut dunned = 0;
    for (day, lines) in expected.as_object().unwrap() {
        let polled = company.poll_at(&format!("{day}T10:00:00Z"));
        let covered = polled.contacts.iter().flat_map(|c| c["invoices"].as_array().unwrap());
        let found: BTreeSet<&str> = covered.map(|i| text(i, "id")).collect();
        let wanted: BTreeSet<&str> = lines.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(found, wanted, "{day}");
        dunned += wanted.len();
    }
    assert!(dunned >= 500, "{dunned}");
}
