//! A query ledger: the accounts in SQLite, PostgreSQL and MariaDB, as dunningd understands them.

mod changing;
mod dunning;
mod kinds;
mod large;
mod made_up;
mod presets;
mod reaching;
mod rechecking;

use serde_json::Value;

use crate::support::books::{Books, PLAIN, Queries};
use crate::support::company::{Company, MORNING, a_company_with_a_file, text};

/// Two customers; three overdue invoices, of which one is paid and one is half paid.
const ACCOUNTS: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(80));
    CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER, issue_date DATE, due_date DATE, currency CHAR(3),
        total NUMERIC(12, 2));
    CREATE TABLE payments (id INTEGER PRIMARY KEY, customer_id INTEGER, invoice_id INTEGER, received_on DATE,
        amount NUMERIC(12, 2), currency CHAR(3));
    INSERT INTO customers VALUES (1, 'Müller', 'ap@one.example'), (2, 'Two', 'ap@two.example');
    INSERT INTO invoices VALUES (11, 1, '2026-02-01', '2026-03-01', 'USD', 100), (12, 1, '2026-02-01', '2026-03-01', 'USD', 50.5),
        (13, 2, '2026-02-01', '2026-03-01', 'USD', 80);
    INSERT INTO payments VALUES (1, 1, 11, '2026-02-20', 100, 'USD'), (2, 2, 13, '2026-02-21', 30.05, 'USD');
";

/// What `check` shows of the rows of a set.
fn rows(company: &Company, set: &str) -> Vec<Value> {
    let said = company.run_at(MORNING, &["check", "--format", "json"]);
    let shown = said.json().iter().find_map(|line| line["ledger"][set].as_array().cloned());
    shown.unwrap_or_else(|| panic!("{said:#?}"))
}

/// What `check` says that is wrong.
fn complaints(company: &Company) -> Vec<String> {
    let said = company.run_at(MORNING, &["check", "--format", "json"]);
    let problems =
        said.json().iter().find_map(|line| line["problems"].as_array().cloned()).unwrap_or_else(|| panic!("{said:#?}"));
    let of_ledger = |p: &&Value| text(p, "code").starts_with("ledger");
    problems.iter().filter(of_ledger).map(|p| format!("{}: {}", text(p, "code"), text(p, "message"))).collect()
}

#[test]
fn the_same_accounts_are_dunned_alike_from_each_of_the_three_databases() {
    for books in Books::of_each_kind() {
        books.sql(ACCOUNTS);
        let company = a_company_with_a_file().reading(&books.url(), &PLAIN);
        let polled = company.poll_at(MORNING);
        assert_eq!(polled.states(), ["1: sent", "2: sent"]);
        let balance =
            |c: &Value| c["invoices"].as_array().unwrap().iter().map(|i| text(i, "open_balance").to_owned()).collect::<Vec<_>>();
        assert_eq!(company.log().iter().map(balance).collect::<Vec<_>>(), [["50.50"], ["49.95"]]);
        // Paid since: nothing more is sent, and the payment is no bad row.
        books.sql("INSERT INTO payments VALUES (3, 2, 13, '2026-03-09', 49.95, 'USD')");
        let polled = company.poll_at("2026-03-10T09:00:00-04:00");
        assert_eq!(polled.states(), ["1: sent"], "only the second reminder of the one who has not paid");
    }
}

#[test]
fn check_shows_ten_rows_of_each_query_to_a_person_too_and_none_offline() {
    let books = Books::sqlite();
    books.sql(ACCOUNTS);
    let more: String =
        (20..40).map(|n| format!("INSERT INTO customers VALUES ({n}, 'Customer {n}', 'c{n}@x.example');")).collect();
    books.sql(&more);
    let company = a_company_with_a_file().reading(&books.url(), &PLAIN);
    let said = company.run_at(MORNING, &["check"]).exits(0).says("customers: 22 usable rows, the first 10\n");
    said.says("invoices: 3 usable rows\n").says("49.95").says("Müller");
    assert_eq!(rows(&company, "customers").len(), 10);
    assert_eq!(company.run_at(MORNING, &["check", "--offline"]).exits(0).out, "");
}

#[test]
fn a_column_that_is_missing_is_named_with_its_query_even_where_there_is_no_row() {
    for books in Books::of_each_kind() {
        books.sql(ACCOUNTS);
        for filter in ["", " WHERE 1 = 0"] {
            let invoices =
                format!("SELECT id, customer_id, due_date AS pay_until, currency, total FROM invoices{filter}; -- all");
            let company = a_company_with_a_file().reading(&books.url(), &Queries { invoices: &invoices, ..PLAIN });
            let complaints = complaints(&company);
            assert!(
                complaints[0].contains("the invoices query: the needed column `due_date` is missing")
                    && complaints[0].contains("pay_until"),
                "{complaints:?}"
            );
        }
        let company = a_company_with_a_file().reading(&books.url(), &Queries { payments: "SELECT * FROM nowhere", ..PLAIN });
        let complaints = self::complaints(&company);
        assert!(complaints[0].contains("the payments query failed") && complaints[0].contains("nowhere"), "{complaints:?}");
    }
}

#[test]
fn how_fresh_the_payments_are_is_asked_of_each_database() {
    for books in Books::of_each_kind() {
        books.sql(ACCOUNTS);
        for fresh in ["SELECT max(received_on) FROM payments", "SELECT max(received_on) FROM payments WHERE 1 = 0"] {
            let queries = Queries { more: &format!("fresh = {fresh:?}"), ..PLAIN };
            let company = a_company_with_a_file().reading(&books.url(), &queries).with_settings("payments_max_age = \"3d\"\n");
            let said = complaints(&company).join("\n");
            let wanted =
                if fresh.contains("WHERE") { "does not say up to which day" } else { "the payments up to Sat 2026-02-21, and" };
            assert!(said.contains(wanted), "{said}");
        }
    }
}

#[test]
fn a_read_is_one_picture_of_the_accounts() {
    for books in [Books::postgres(), Books::mariadb()] {
        books.sql(ACCOUNTS);
        let (sleep, running) = match &books {
            Books::MariaDb(_) => (
                "SLEEP(2)",
                "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(2)%' AND state = 'User sleep'",
            ),
            _ => (
                "(SELECT pg_sleep(2)::text)",
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)::text%' AND wait_event = 'PgSleep'",
            ),
        };
        let customers = format!(
            "SELECT c.*, {sleep} AS waited FROM customers c WHERE id = 1 UNION ALL SELECT c.*, NULL FROM customers c WHERE id = 2"
        );
        let company = a_company_with_a_file().reading(&books.url(), &Queries { customers: &customers, ..PLAIN });
        let poll = company.begin_poll_at(MORNING);
        while books.sql(running) == "0" {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        books.sql("UPDATE invoices SET total = 999 WHERE id = 12");
        poll.finish().exits(0);
        assert_eq!(company.log()[0]["invoices"][0]["open_balance"], "50.50");
    }
}
