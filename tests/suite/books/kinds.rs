//! Every type that the databases have for a date, an amount, a truth value and an id.

use super::*;

/// A company in New York that reads these books.
fn company(books: &Books, invoices: &str) -> Company {
    let customers = "SELECT DISTINCT 'C' AS id, 'Customer' AS name, 'ap@c.example' AS email FROM one";
    let payments =
        "SELECT 1 AS id, 'C' AS customer_id, due_date AS received_on, 1 AS amount, 'USD' AS currency FROM one WHERE 1 = 0";
    a_company_with_a_file().reading(&books.url(), &Queries { customers, invoices, payments, more: "" })
}

/// The one invoice: `id, due_date, total, disputed`.
fn shown(books: &Books, invoices: &str) -> String {
    let rows = rows(&company(books, invoices), "invoices");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    format!("{} {} {} {}", text(row, "id"), text(row, "due_date"), text(row, "total"), row["disputed"])
}

/// Why the one invoice is left out.
fn fault(books: &Books, invoices: &str) -> String {
    let company = company(books, invoices);
    complaints(&company).join("\n")
}

fn invoice(id: &str, due: &str, total: &str, disputed: &str) -> String {
    format!(
        "SELECT {id} AS id, 'C' AS customer_id, {due} AS due_date, 'USD' AS currency, {total} AS total, {disputed} AS disputed FROM one"
    )
}

#[test]
fn postgresql() {
    let books = Books::postgres();
    books.sql(
        "CREATE TABLE one (day DATE, due_date DATE, at TIMESTAMP, zoned TIMESTAMPTZ, n NUMERIC(12,4), m MONEY, d DOUBLE PRECISION, r REAL,
         b BOOLEAN, bits BIT(1), u UUID, i BIGINT, t TEXT, c CHAR(20), nothing DATE);
         SET timezone = 'UTC'; INSERT INTO one VALUES ('2026-03-01', '2026-03-01', '2026-03-01 23:30', '2026-03-02 03:00+00', 1234.5, '-1234.56', 12.1, 7.25,
         true, B'1', '0b8d7c9e-0000-4000-8000-000000000001', 9007199254740993, ' x ', 'c', NULL)",
    );
    assert_eq!(shown(&books, &invoice("u", "day", "n", "b")), "0b8d7c9e-0000-4000-8000-000000000001 2026-03-01 1234.50 true");
    assert_eq!(shown(&books, &invoice("i", "at", "m", "bits")), "9007199254740993 2026-03-01 -1234.56 true");
    // Still the evening of the day before in New York.
    assert_eq!(shown(&books, &invoice("c", "zoned", "d", "NULL::boolean")), "c 2026-03-01 12.10 false");
    assert_eq!(shown(&books, &invoice("t", "day::text", "r", "'no'")), "x 2026-03-01 7.25 false");
    assert_eq!(shown(&books, &invoice("r", "day", "'12.50'", "0")), "7.25 2026-03-01 12.50 false");
    let fault = |due, total| self::fault(&books, &invoice("'I-7'", due, total, "false"));
    assert!(
        fault("day", "0.1::float8 + 0.2::float8")
            .contains("invoices query, id I-7: total \"0.30000000000000004\": it is a floating-point number")
    );
    assert!(fault("day", "n / 7").contains("USD has 2 decimals"));
    assert!(fault("day", "'NaN'::numeric").contains("id I-7: total \"NaN\""));
    assert!(fault("nothing", "n").contains("id I-7: due_date: it is needed, and it is empty"));
    assert!(fault("'infinity'::date", "n").contains("id I-7: due_date \"infinity\""));
}

#[test]
fn mariadb() {
    let books = Books::mariadb();
    books.sql(
        "SET sql_mode = ''; SET time_zone = '+00:00';
         CREATE TABLE one (day DATE, due_date DATE, at DATETIME, zoned TIMESTAMP, n DECIMAL(12,4), d DOUBLE, f FLOAT, yes TINYINT(1), bits BIT(1),
         u UUID, i BIGINT UNSIGNED, t TEXT, raw BINARY(4), zero DATE, zerotime DATETIME);
         INSERT INTO one VALUES ('2026-03-01', '2026-03-01', '2026-03-01 23:30', '2026-03-02 03:00', 1234.5, 12.1, 7.25, 1, b'1',
         '0b8d7c9e-0000-4000-8000-000000000001', 18446744073709551615, 'Müller', X'ff00ff00', '0000-00-00', '0000-00-00')",
    );
    assert_eq!(shown(&books, &invoice("u", "day", "n", "yes")), "0b8d7c9e-0000-4000-8000-000000000001 2026-03-01 1234.50 true");
    assert_eq!(shown(&books, &invoice("i", "at", "d", "bits")), "18446744073709551615 2026-03-01 12.10 true");
    assert_eq!(shown(&books, &invoice("t", "zoned", "f", "bits + 0")), "Müller 2026-03-01 7.25 true");
    assert_eq!(
        shown(&books, &invoice("'a' || 'b'", "day", "n", "0")),
        "0 2026-03-01 1234.50 false",
        "|| is what it is on the server"
    );
    let fault = |due, total| self::fault(&books, &invoice("'I-7'", due, total, "false"));
    assert!(fault("zero", "n").contains("id I-7: due_date \"0000-00-00\": 0000-00-00 is how MySQL writes that there is no date"));
    assert!(fault("day", "0.1e0 + 0.2e0").contains("id I-7: total \"0.30000000000000004\": it is a floating-point number"));
    assert!(fault("day", "CAST(123456.78 AS FLOAT)").contains("floating-point"));
    // Where a column may be empty, a zero date is none.
    let issued = invoice("'I-7'", "day", "n", "0").replace(" AS disputed", " AS disputed, zerotime AS issue_date");
    assert_eq!(text(&rows(&company(&books, &issued), "invoices")[0], "issue_date"), "2026-03-01");
    let raw = company(&books, &invoice("raw", "day", "n", "0"));
    assert!(complaints(&raw)[0].contains("invoices query, row 1: id: it is no text (UTF-8)"), "{:?}", complaints(&raw));
}

#[test]
fn sqlite() {
    let books = Books::sqlite();
    books.sql(
        "CREATE TABLE one (day, due_date, n NUMERIC, r REAL, blob BLOB, raw BLOB, i INTEGER, t TEXT);
         INSERT INTO one VALUES ('2026-03-01', '2026-03-01', 1234.5, 12.1, X'37302E3530', X'ff00', 9007199254740993, 'x')",
    );
    assert_eq!(shown(&books, &invoice("i", "day", "n", "1")), "9007199254740993 2026-03-01 1234.50 true");
    assert_eq!(shown(&books, &invoice("t", "day", "blob", "'f'")), "x 2026-03-01 70.50 false");
    assert_eq!(shown(&books, &invoice("i", "day", "r", "NULL")), "9007199254740993 2026-03-01 12.10 false");
    let fault = |due, total| self::fault(&books, &invoice("'I-7'", due, total, "0"));
    assert!(fault("day", "0.1 + 0.2").contains("id I-7: total \"0.30000000000000004\": it is a floating-point number"));
    assert!(fault("day", "raw").contains("id I-7: total: it is no text"));
}
