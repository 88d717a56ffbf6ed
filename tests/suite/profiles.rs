//! `dunningd import --profile`: the files of accounting programs in the own ledger, from one day to the next.

use serde_json::Value;

use crate::support::company::{Company, MORNING, Said, a_company};

const HEAD: &str = ",Type,Date,Num,P. O. #,Terms,Due Date,Aging,Open Balance\n";

/// A report of QuickBooks: customers with their lines and the report's total.
fn report(groups: &[(&str, &str)], total: &str) -> String {
    let group = |(name, rows): &(&str, &str)| format!("{name},,,,,,,,\n{rows}Total {name},,,,,,,,0.00\n");
    format!("{HEAD}{}TOTAL,,,,,,,,{total}\n", groups.iter().map(group).collect::<String>())
}

const OLD: &str = ",Invoice,02/13/2026,1001,PO-7,Net 15,02/28/2026,2,1200.00\n";
const NEW: &str = ",Invoice,02/14/2026,1002,,Net 15,03/01/2026,1,400.00\n";
const CREDIT: &str = ",Payment,02/27/2026,4471,,,,,-33.30\n";

fn import(company: &Company, text: &str, flags: &[&str]) -> Said {
    std::fs::write(company.path("open.csv"), text).unwrap();
    company.run(&[&["import", "--profile", "quickbooks-open-invoices", "open.csv", "--format", "json"], flags].concat())
}

/// The sets as `changed, gone, bad_rows`: customers, invoices, payments.
fn counts(said: &Said) -> Vec<(u64, u64, u64)> {
    let number = |v: &Value, name: &str| v[name].as_u64().unwrap();
    said.json().iter().map(|s| (number(s, "changed"), number(s, "gone"), number(s, "bad_rows"))).collect()
}

#[test]
fn what_a_later_report_does_not_name_any_more_is_closed_and_nobody_is_thanked() {
    let company = a_company().with_steps("[[step]]\nid = \"thanks\"\nemail = \"thank-you\"\non = \"paid\"\n");
    let first = report(&[("Acme", &format!("{OLD}{NEW}{CREDIT}")), ("Duval & Fils", "")], "1566.70");
    assert_eq!(counts(&import(&company, &first, &["--currency", "USD"]).exits(0)), [(1, 0, 0), (2, 0, 0), (1, 0, 0)]);
    let state = company.state();
    assert_eq!(counts(&import(&company, &first, &["--currency", "USD"]).exits(0)), [(0, 0, 0); 3]);
    assert_eq!(company.state(), state, "the same file twice changes nothing");
    assert_eq!(company.poll_at("2026-03-01T09:00:00-05:00").poll["open_invoices"], 2);
    // One that came otherwise is none of the report's business.
    std::fs::write(company.path("c.csv"), "id,name\nC-9,Other\n").unwrap();
    std::fs::write(company.path("i.csv"), "id,customer_id,due_date,currency,total\nI-9,C-9,2026-02-27,USD,5.00\n").unwrap();
    company.run(&["import", "--customers", "c.csv", "--invoices", "i.csv"]).exits(0);
    let later = report(&[("Acme", NEW)], "400.00");
    assert_eq!(counts(&import(&company, &later, &["--currency", "USD"]).exits(0)), [(0, 0, 0), (0, 1, 0), (0, 1, 0)]);
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 2);
    assert!(company.log().iter().all(|c| c["step"] != "thanks"));
}

#[test]
fn addresses_that_were_given_otherwise_stay() {
    let company = a_company();
    std::fs::write(company.path("c.csv"), "id,name,email,language\nAcme,Acme Tools,ap@acme.example,fr\n").unwrap();
    let flags = ["--currency", "USD", "--customers", "c.csv"];
    let text = report(&[("Acme", OLD)], "1200.00");
    import(&company, &text, &flags).exits(0);
    import(&company, &text, &["--currency", "USD"]).exits(0);
    let sent = company.poll_at(MORNING);
    assert_eq!(sent.poll["believed"], true, "{:?}", sent.poll);
    assert_eq!(company.log().iter().find(|c| c["kind"] == "email").unwrap()["to"][0], "ap@acme.example");
}

#[test]
fn a_bad_row_does_not_close_its_invoice_and_too_many_change_nothing() {
    let company = a_company().with_settings("[ledger]\nmax_bad_rows = \"40%\"\n");
    import(&company, &report(&[("Acme", &format!("{OLD}{NEW}"))], "1600.00"), &["--currency", "USD"]).exits(0);
    let bad = OLD.replace("02/28/2026", "soon");
    let three = ",Invoice,02/14/2026,1003,,Net 15,03/01/2026,1,4.00\n";
    let said = import(&company, &report(&[("Acme", &format!("{bad}{NEW}{three}"))], "1604.00"), &["--currency", "USD"]).exits(0);
    assert_eq!(counts(&said), [(0, 0, 0), (1, 0, 1), (0, 0, 0)]);
    said.says("open.csv:3: Due Date \"soon\": it is no date");
    assert_eq!(company.poll_at(MORNING).poll["open_invoices"], 3);
    let state = company.state();
    import(&company, &report(&[("Acme", &format!("{bad}{NEW}"))], "1600.00"), &["--currency", "USD"])
        .exits(2)
        .says("nothing was changed");
    assert_eq!(company.state(), state);
}

#[test]
fn the_currency_and_the_form_of_the_dates_are_said_by_a_flag_or_the_settings() {
    let company = a_company();
    let text = report(&[("Acme", &NEW.replace("02/14/2026", "01/02/2026").replace("03/01/2026", "04/03/2026"))], "400.00");
    import(&company, &text, &[]).exits(2).says("--currency");
    import(&company, &text, &["--currency", "USD"]).exits(2).says("mm/dd/yyyy or dd/mm/yyyy");
    import(&company, &text, &["--currency", "USD", "--date-format", "dd.mm"]).exits(2);
    import(&company, &text, &["--currency", "USD", "--date-format", "dd/mm/yyyy"]).exits(0);
    let settled = a_company().with_settings("[import]\ncurrency = \"EUR\"\ndate_format = \"mm/dd/yyyy\"\n");
    import(&settled, &text, &[]).exits(0);
}

#[test]
fn a_profile_of_ones_own_is_a_file_and_its_mistake_has_its_place() {
    let company = a_company();
    std::fs::write(company.path("open.csv"), report(&[("Acme", OLD)], "1200.00")).unwrap();
    std::fs::write(company.path("mine.toml"), "extends = \"quickbooks-open-invoices\"\ncurrency = \"USD\"\n").unwrap();
    company.run(&["import", "--profile", "./mine.toml", "open.csv"]).exits(0).says("invoices: 1 rows read, 1 new or changed");
    std::fs::write(company.path("mine.toml"), "extends = \"quickbooks-open-invoices\"\ncurency = \"USD\"\n").unwrap();
    company
        .run(&["import", "--profile", "./mine.toml", "open.csv"])
        .exits(2)
        .says("mine.toml:2:1")
        .says("did you mean `currency`?");
    company
        .run(&["import", "--profile", "quickboks-open-invoices", "open.csv"])
        .exits(2)
        .says("did you mean `quickbooks-open-invoices`?");
    company.run(&["import", "--profile", "hledger"]).exits(2);
    company.run(&["import", "open.csv"]).exits(2);
}

#[test]
fn all_profiles_are_listed_with_the_menus_that_make_their_files() {
    let company = a_company();
    company.run(&["import", "--profiles"]).exits(0).says("xero-invoices").says("DATEV");
    let all = company.run(&["import", "--profiles", "--format", "json"]).exits(0).json();
    let profiles = all[0]["profiles"].as_array().unwrap();
    assert!(profiles.len() >= 14 && profiles.iter().all(|p| p["menu"].as_str().is_some_and(|m| !m.is_empty())), "{profiles:?}");
}
