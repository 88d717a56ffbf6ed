//! How the accounts are reached: passwords, TLS, users that may too much, and what takes too long.

use super::*;

#[test]
fn the_password_lies_in_a_file_and_no_error_shows_it() {
    let books = Books::mariadb();
    books.sql(ACCOUNTS);
    let Books::MariaDb(database) = &books else { panic!() };
    let reading = |password: &str| {
        let company = a_company_with_a_file();
        company.with_secret("ledger-password", password);
        company.reading(&database.url_of_reader(), &Queries { more: "password_file = \"ledger-password\"", ..PLAIN })
    };
    let company = reading(&database.password());
    assert_eq!(company.poll_at(MORNING).states(), ["1: sent", "2: sent"]);
    assert!(complaints(&company).is_empty(), "{:?}", complaints(&company));
    let company = reading("hunter2");
    for args in [&["check"][..], &["check", "--effective"], &["run", "--once"]] {
        let said = company.run_at(MORNING, args);
        assert!(said.code != Some(0) && said.err.contains("cannot be opened"), "{said:#?}");
        assert!(!said.out.contains("hunter2") && !said.err.contains("hunter2"), "{said:#?}");
    }
}

#[test]
fn a_server_shows_a_certificate_that_is_trusted_or_nothing_is_read() {
    let books = Books::mariadb();
    books.sql(ACCOUNTS);
    let Books::MariaDb(database) = &books else { panic!() };
    let reading = |more: &str| {
        let company = a_company_with_a_file();
        company.with_secret("ledger-password", &database.password());
        let more = format!("password_file = \"ledger-password\"\n{more}");
        company.reading(&database.url_of_reader(), &Queries { more: &more, ..PLAIN })
    };
    let trusting = reading(&format!("tls = \"required\"\nca_file = {:?}", database.certificate()));
    assert_eq!(trusting.poll_at(MORNING).states(), ["1: sent", "2: sent"]);
    let said = complaints(&reading("tls = \"required\""));
    assert!(said[0].contains("cannot be opened") && said[0].contains("`ca_file`"), "{said:?}");
}

#[test]
fn a_user_that_may_write_is_warned_of() {
    for books in [Books::postgres(), Books::mariadb()] {
        books.sql(ACCOUNTS);
        let company = a_company_with_a_file().reading(&books.url(), &PLAIN);
        let said = complaints(&company);
        assert!(said[0].starts_with("ledger-role: [ledger.query] url: its user may write, here to "), "{said:?}");
        assert_eq!(company.run_at(MORNING, &["check"]).code, Some(0), "a warning stops nothing");
    }
    let books = Books::postgres();
    let Books::Postgres(database) = &books else { panic!() };
    let reader = format!("reader_{}", database.name);
    books.sql(ACCOUNTS);
    books.sql(&format!("CREATE ROLE {reader} LOGIN; GRANT SELECT ON customers, invoices, payments TO {reader}"));
    let company = a_company_with_a_file().reading(&books.url().replace("postgres@", &format!("{reader}@")), &PLAIN);
    assert_eq!(complaints(&company), Vec::<String>::new());
    books.sql(&format!("GRANT UPDATE ON payments TO {reader}"));
    assert!(complaints(&company)[0].contains("public.payments"));
    books.sql(&format!("DROP OWNED BY {reader}; DROP ROLE {reader}"));
}

#[test]
fn a_query_that_writes_is_refused_by_the_transaction() {
    let books = Books::postgres();
    books.sql(ACCOUNTS);
    let customers = "WITH gone AS (DELETE FROM payments RETURNING id) SELECT * FROM customers";
    let company = a_company_with_a_file().reading(&books.url(), &Queries { customers, ..PLAIN });
    assert!(complaints(&company)[0].contains("read-only transaction"), "{:?}", complaints(&company));
    let payments = "SELECT * FROM payments; DELETE FROM payments";
    let company = a_company_with_a_file().reading(&books.url(), &Queries { payments, ..PLAIN });
    company.run_at(MORNING, &["run", "--once"]).exits(2).says("more than one statement");
    assert_eq!(books.sql("SELECT count(*) FROM payments"), "2");
}

#[test]
fn a_query_that_takes_too_long_is_ended_and_nothing_is_sent() {
    for books in Books::of_each_kind() {
        books.sql(ACCOUNTS);
        let slow = match &books {
            Books::Sqlite(_) => {
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) SELECT c.* FROM customers c WHERE (SELECT max(i) FROM n) > 0"
            }
            Books::Postgres(_) => "SELECT c.*, pg_sleep(600)::text AS waited FROM customers c",
            Books::MariaDb(_) => "SELECT c.*, SLEEP(600) AS waited FROM customers c",
        };
        let company =
            a_company_with_a_file().reading(&books.url(), &Queries { customers: slow, more: "timeout = \"300ms\"", ..PLAIN });
        let said = company.run_at(MORNING, &["run", "--once"]).exits(1);
        assert!(
            said.err.contains("the ledger could not be read (T27)") || said.out.contains("the ledger could not be read (T27)"),
            "{said:#?}"
        );
        assert!(company.log().is_empty());
    }
}

#[test]
fn a_key_that_cannot_be_meant_is_named() {
    let said = |url: &str, more: &str| {
        let company = a_company_with_a_file().reading(url, &Queries { more, ..PLAIN });
        company.run_at(MORNING, &["check", "--offline"]).exits(2).err
    };
    assert!(said("sqlite:books.db", "timeout = \"0s\"").contains("[ledger.query] timeout: no query is done in no time"));
    assert!(said("sqlite:books.db", "tls = \"none\"").contains("[ledger.query] tls: it is for a server"));
    assert!(said("postgres://a:hunter2@b/c", "").contains("[ledger.query] password_file: the url holds a password"));
    assert!(!said("postgres://a:hunter2@b/c", "").contains("hunter2"));
    assert!(said("sqlite:books.db", "preset = \"trytn\"").contains("did you mean `tryton`?"));
    assert!(said("sqlite:books.db", "preset = \"erpnext\"").contains("needs the option `company`"));
}

#[test]
fn queries_may_stand_in_files_of_their_own() {
    let books = Books::sqlite();
    books.sql("CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1);");
    let written = [
        ("customers", "SELECT 'C-7' AS id, 'Customer' AS name, 'ap@c.example' AS email FROM one"),
        (
            "invoices",
            "SELECT 'I-7' AS id, 'C-7' AS customer_id, '2026-03-01' AS due_date, 'USD' AS currency, '5.00' AS total FROM one",
        ),
        ("payments", "SELECT 1 AS id, 1 AS customer_id, 1 AS received_on, 1 AS amount, 1 AS currency FROM one WHERE 1 = 0"),
    ];
    let mut lines = format!("[ledger]\nsource = \"query\"\n[ledger.query]\nurl = {:?}\n", books.url());
    let company = a_company_with_a_file();
    for (name, query) in written {
        std::fs::write(company.path("config").join(format!("{name}.sql")), query).unwrap();
        lines.push_str(&format!("{name}_file = \"{name}.sql\"\n"));
    }
    let company = company.with_settings(&lines);
    assert_eq!(company.poll_at(MORNING).states(), ["C-7: sent"]);
    std::fs::remove_file(company.path("config/payments.sql")).unwrap();
    company.run_at(MORNING, &["plan"]).exits(2).says("payments.sql");
}
