//! `dunningd import`, and what a poll sees of the ledger as of its day (L2–L6).

use serde_json::Value;

use crate::support::company::{Company, MORNING, Said, a_company, text};

const CUSTOMERS: &str = "id,name,email\nC-1,One,ap@one.example\nC-2,Two,ap@two.example\n";
const PAYMENTS: &str = "id,customer_id,invoice_id,received_on,amount,currency\n";

/// Twenty-five invoices of one customer, and a change to them.
fn invoices(change: impl Fn(usize) -> Option<String>) -> String {
    let row = |n: usize| Some(format!("I-{n},C-1,2026-02-01,2026-03-01,USD,100.00"));
    let rows = (1..=25).filter_map(|n| change(n).or_else(|| row(n)).filter(|r| !r.is_empty()));
    rows.fold("id,customer_id,issue_date,due_date,currency,total\n".to_owned(), |all, row| all + &row + "\n")
}

fn unchanged() -> String {
    invoices(|_| None)
}

/// Invoice 7 is another row; an empty one is none.
fn seventh(row: &str) -> String {
    invoices(|n| (n == 7).then(|| row.to_owned()))
}

fn import(company: &Company, customers: &str, invoices: &str, payments: &str, flags: &[&str]) -> Said {
    for (name, rows) in [("customers.csv", customers), ("invoices.csv", invoices), ("payments.csv", payments)] {
        std::fs::write(company.path(name), rows).unwrap();
    }
    let files = ["--customers", "customers.csv", "--invoices", "invoices.csv", "--payments", "payments.csv"];
    company.run(&[&["import", "--format", "json"], &files[..], flags].concat())
}

/// A company whose twenty-five invoices are in its ledger.
fn imported() -> Company {
    let company = a_company();
    import(&company, CUSTOMERS, &unchanged(), PAYMENTS, &[]).exits(0);
    company
}

/// The sets in their order, each as `changed, gone, bad_rows`.
fn counts(said: &Said) -> Vec<(u64, u64, u64)> {
    let number = |v: &Value, name: &str| v[name].as_u64().unwrap();
    said.json().iter().map(|s| (number(s, "changed"), number(s, "gone"), number(s, "bad_rows"))).collect()
}

fn open_invoices(company: &Company, at: &str) -> u64 {
    company.poll_at(at).poll["open_invoices"].as_u64().unwrap()
}

#[test]
fn the_same_files_twice_change_nothing() {
    let company = a_company();
    let payments = format!("{PAYMENTS}P-1,C-1,I-1,2026-02-20,40.00,USD\n");
    let first = import(&company, CUSTOMERS, &unchanged(), &payments, &[]).exits(0);
    let sets: Vec<Value> = first.json().iter().map(|s| s["set"].clone()).collect();
    assert_eq!(sets, ["customers", "invoices", "payments"]);
    assert_eq!(counts(&first), [(2, 0, 0), (25, 0, 0), (1, 0, 0)]);
    let state = company.state();
    for flags in [&[][..], &["--replace"]] {
        let again = import(&company, CUSTOMERS, &unchanged(), &payments, flags).exits(0);
        assert_eq!(counts(&again), [(0, 0, 0); 3]);
        assert_eq!(company.state(), state);
    }
}

#[test]
fn replace_voids_an_invoice_and_removes_a_payment_that_are_no_longer_named_and_thanks_nobody() {
    let company = a_company().with_steps("[[step]]\nid = \"thanks\"\nemail = \"thank-you\"\non = \"paid\"\n");
    let payments = format!("{PAYMENTS}P-1,C-1,I-1,2026-03-03,100.00,USD\nP-2,C-1,I-2,2026-03-03,100.00,USD\n");
    import(&company, CUSTOMERS, &unchanged(), &payments, &[]).exits(0);
    assert_eq!(open_invoices(&company, "2026-03-02T09:00:00-05:00"), 25);
    let without = import(&company, CUSTOMERS, &seventh(""), &payments[..payments.find("P-2").unwrap()], &[]).exits(0);
    assert_eq!(counts(&without), [(0, 0, 0); 3], "without --replace a row that is missing stays");
    let replaced = import(&company, CUSTOMERS, &seventh(""), &payments[..payments.find("P-2").unwrap()], &["--replace"]).exits(0);
    assert_eq!(counts(&replaced), [(0, 0, 0), (0, 1, 0), (0, 1, 0)]);
    // 1 is paid, 7 is void, 2 is open again.
    assert_eq!(open_invoices(&company, MORNING), 23);
    let thanked: Vec<Value> = company.log().into_iter().filter(|c| c["step"] == "thanks").collect();
    assert_eq!(thanked.len(), 1, "{thanked:#?}");
    assert_eq!(text(&thanked[0], "lead"), "I-1");
}

#[test]
fn a_row_that_is_left_out_does_not_void_its_invoice() {
    let unusable = [
        ("I-7,C-1,2026-02-01,2026-13-01,USD,100.00", "due_date", "2026-13-01"),
        ("I-7,C-1,2026-02-01,2026-03-01,USD,a lot", "total", "a lot"),
        ("I-7,C-1,2026-02-01,2026-03-01,XXX1,100.00", "currency", "XXX1"),
        ("I-7,C-9,2026-02-01,2026-03-01,USD,100.00", "customer_id", "C-9"),
        ("I-7,C-2,2026-02-01,2026-03-01,USD,100.00", "customer_id", "C-2"),
        ("I-7,C-1,2026-02-01,2026-03-01,EUR,100.00", "currency", "EUR"),
        ("I-7,C-1,2028-02-01,2026-03-01,USD,100.00", "due_date", "2026-03-01"),
    ];
    for (row, column, value) in unusable {
        let company = imported();
        let state = company.state();
        let said = import(&company, CUSTOMERS, &seventh(row), PAYMENTS, &["--replace"]).exits(0);
        let bad = &said.json()[1]["bad"][0];
        assert_eq!((text(bad, "place"), text(bad, "column"), text(bad, "value")), ("invoices.csv:8", column, value), "{bad}");
        assert!(!text(bad, "problem").is_empty());
        assert!(said.err.contains("invoices.csv:8") && said.err.contains(value), "{said:#?}");
        assert_eq!(counts(&said)[1], (0, 0, 1), "{row}");
        assert_eq!(company.state(), state, "{row}");
    }
}

#[test]
fn a_customer_whose_row_is_left_out_stays_with_its_invoices() {
    let company = a_company();
    let many: String = (1..=25).map(|n| format!("C-{n},Name {n},ap@c{n}.example\n")).collect();
    let customers = format!("id,name,email\n{many}");
    import(&company, &customers, &unchanged(), PAYMENTS, &[]).exits(0);
    let state = company.state();
    let broken = customers.replace("C-1,Name 1,", "C-1,,");
    let said = import(&company, &broken, &unchanged(), PAYMENTS, &["--replace"]).exits(0);
    assert_eq!(counts(&said), [(0, 0, 1), (0, 0, 0), (0, 0, 0)], "{said:#?}");
    assert_eq!(company.state(), state);
}

#[test]
fn more_than_a_twentieth_of_bad_rows_is_no_import_at_all() {
    let company = imported();
    let state = company.state();
    let two_bad = invoices(|n| (n < 3).then(|| format!("I-{n},C-1,2026-02-01,soon,USD,100.00")));
    let said = import(&company, &CUSTOMERS.replace("One", "Changed"), &two_bad, PAYMENTS, &["--replace"]).exits(2);
    let said = said.says("2 of 25 invoices rows").says("invoices.csv:2").says("due_date").says("\"soon\"");
    said.says("nothing was changed");
    assert_eq!(company.state(), state);
    let company = company.with_settings("\n[ledger]\nmax_bad_rows = \"10%\"\n");
    import(&company, CUSTOMERS, &two_bad, PAYMENTS, &["--replace"]).exits(0);
}

#[test]
fn an_import_that_fails_changes_nothing_and_says_where_it_failed() {
    let company = imported();
    let state = company.state();
    let renamed = CUSTOMERS.replace("One", "Changed");
    let cases: [(&str, &[&str]); 4] = [
        ("id,customer_id,currency,total\nI-1,C-1,USD,1.00\n", &["invoices.csv:1", "`due_date`"]),
        ("id,custmer_id,due_date,currency,total\n", &["invoices.csv:1", "rename it to `customer_id`"]),
        ("", &["invoices.csv", "empty"]),
        ("PK\u{3}\u{4}rest of a spreadsheet", &["invoices.csv", "CSV"]),
    ];
    for (invoices, words) in cases {
        let said = import(&company, &renamed, invoices, PAYMENTS, &["--replace"]).exits(2);
        assert!(words.iter().all(|w| said.err.contains(w)), "{words:?} {said:#?}");
        assert_eq!(company.state(), state);
    }
    let missing = company.run(&["import", "--customers", "customers.csv", "--invoices", "nowhere.csv"]).exits(2);
    missing.says("nowhere.csv");
    assert_eq!(company.state(), state);
    company.run(&["import"]).exits(2).says("--customers");
}

#[test]
fn an_id_twice_in_one_file_is_left_out_the_second_time() {
    let company = a_company();
    let twice = seventh("I-6,C-1,2026-02-01,2026-03-01,USD,900.00");
    let said = import(&company, CUSTOMERS, &twice, PAYMENTS, &[]).exits(0);
    assert_eq!(counts(&said)[1], (24, 0, 1));
    assert_eq!(text(&said.json()[1]["bad"][0], "value"), "I-6");
}

#[test]
fn a_poll_sees_the_ledger_as_of_its_day() {
    let company = a_company();
    let invoices = "id,customer_id,issue_date,due_date,currency,total\n\
                    I-1,C-1,2026-02-01,2026-03-01,USD,100.00\nI-2,C-2,2026-03-05,2026-03-06,USD,100.00\n";
    let payments = format!("{PAYMENTS}P-1,C-1,I-1,2026-03-05,100.00,USD\n");
    import(&company, CUSTOMERS, invoices, &payments, &[]).exits(0);
    for (day, open) in [("2026-01-30", 0), ("2026-02-02", 1), ("2026-03-05", 1), ("2026-03-06", 1)] {
        assert_eq!(open_invoices(&company, &format!("{day}T07:00:00-05:00")), open, "{day}");
    }
    let planned = company.run_at(MORNING, &["plan", "--format", "json"]).exits(0).json();
    assert_eq!(text(&planned[0], "customer"), "C-1", "the payment of tomorrow is not seen today");
    let planned = company.run_at(MORNING, &["plan", "--on", "2026-03-09", "--format", "json"]).exits(0).json();
    assert_eq!(text(&planned[0], "customer"), "C-2");
    company.run_at(MORNING, &["preview", "past-due", "--invoice", "I-2"]).exits(2).says("as of 2026-03-04");
}

#[test]
fn a_spreadsheets_file_is_read_as_its_settings_say() {
    let company = a_company().with_settings("\n[import]\ndate_format = \"dd.mm.yyyy\"\ndecimal_separator = \",\"\n");
    std::fs::write(
        company.path("c.csv"),
        b"\xEF\xBB\xBFID;Name;E-Mail\r\nK1;\"M\xC3\xBCller;\r\nS\xC3\xB6hne\";ap@k1.example\r\n",
    )
    .unwrap();
    // Windows-1252, as the bytes show.
    let invoices = b"ID;Customer ID;Issue date;DUE_DATE;Currency;Total;Bemerkung\r\nR1;K1;01.02.2026;01.03.2026;EUR;1.234,56;f\xFCr Maschinen\r\n";
    std::fs::write(company.path("i.csv"), invoices).unwrap();
    company.run(&["import", "--customers", "c.csv", "--invoices", "i.csv"]).exits(0).says("1 new or changed");
    let polled = company.poll_at(MORNING);
    let invoice = &polled.contacts[0]["invoices"][0];
    assert_eq!((text(invoice, "open_balance"), text(invoice, "due_date")), ("1234.56", "2026-03-01"));
    // Without the settings the dates are no dates, and nobody guesses.
    let plain = a_company();
    std::fs::copy(company.path("c.csv"), plain.path("c.csv")).unwrap();
    std::fs::copy(company.path("i.csv"), plain.path("i.csv")).unwrap();
    plain.run(&["import", "--customers", "c.csv", "--invoices", "i.csv"]).exits(2).says("01.03.2026");
}

/// The first import of a large file does without indexes and triggers.
#[test]
fn who_sleeps_is_woken_by_a_large_first_import_and_by_every_small_one_after_it() {
    let company = a_company();
    let rows = |head: &str, row: &dyn Fn(usize) -> String| (1..=6_000).fold(head.to_owned(), |all, n| all + &row(n) + "\n");
    let customers = rows("id,name,email\n", &|n| format!("C-{n},Customer number {n},accounts-payable@customer-{n}.example"));
    let invoices =
        rows("id,customer_id,issue_date,due_date,currency,total\n", &|n| format!("I-{n},C-{n},2026-02-01,2026-12-31,USD,100.00"));
    // The payer is not always the customer of the invoice.
    let payments = rows(PAYMENTS, &|n| format!("PAYMENT-{n},C-{},I-{n},2026-03-01,100.00,USD", n.div_ceil(2)));
    let sizes = [customers.len(), invoices.len(), payments.len()];
    assert!(sizes.iter().all(|size| *size > 256 << 10), "{sizes:?}");
    let set = |set: &str, text: &str| {
        std::fs::write(company.path(set), text).unwrap();
        company.run(&["import", &format!("--{set}"), set, "--format", "json"]).exits(0);
    };
    set("customers", &customers);
    set("invoices", &invoices);
    assert_eq!(open_invoices(&company, "2026-03-02T10:00:00Z"), 6_000);
    set("payments", &payments);
    assert_eq!(open_invoices(&company, "2026-03-03T10:00:00Z"), 0);
    let one_more = "id,customer_id,issue_date,due_date,currency,total\nI-0,C-3000,2026-02-01,2026-12-31,USD,100.00\n";
    set("invoices", one_more);
    assert_eq!(open_invoices(&company, "2026-03-04T10:00:00Z"), 1);
}
