//! The last look before an e-mail leaves (T26): of a query ledger the customers concerned are read, and no others.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use dunningd::clock::Clock;
use dunningd::daemon::excerpt::{Excerpt, LastRead};
use dunningd::daemon::office::Office;
use dunningd::database::{Database, Location};
use dunningd::ledger::source::Source;
use dunningd::message::Renderer;

use super::presets::{block_on, ledger};
use super::*;
use crate::support::company::TIMETABLE;

pub(super) fn instant() -> DateTime<Utc> {
    MORNING.parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc()
}

/// An office that reads these books.
fn office(books: &Books) -> Office {
    office_that_asks(books, "")
}

/// The same with further lines of `[ledger.query]`.
pub(super) fn office_that_asks(books: &Books, more: &str) -> Office {
    let queries = format!(
        "customers = \"SELECT * FROM customers\"\ninvoices = \"SELECT * FROM invoices\"\npayments = \"SELECT * FROM payments\"\n{more}"
    );
    let folder = tempfile::tempdir().unwrap();
    let db = block_on(Database::open_to_look(&Location::Sqlite(folder.path().join("empty.db")))).unwrap();
    Office {
        inbox: None,
        clock: Mutex::new(Clock::Given(instant())),
        db,
        timetable: dunningd::timetable::file::parse("timetable.toml", TIMETABLE).unwrap().0,
        timetable_hash: String::new(),
        source: Source::Query(Box::new(ledger(books, &queries))),
        guard: Default::default(),
        payments_max_age: None,
        renderer: Renderer::none("en"),
        company: toml::from_str("name = \"Us\"\nfrom = \"ar@us.example\"").unwrap(),
        default_language: "en".to_owned(),
        attachments: Default::default(),
        keep_messages: TimeDelta::days(1),
        digest: None,
        calendars: None,
        signer: None,
    }
}

/// The picture of a poll, and what becomes of it by a look at one customer twenty minutes later.
fn looked_at(books: &Books, customer: &str, change: &str) -> (LastRead, LastRead, Office) {
    let office = office(books);
    let Source::Query(queries) = &office.source else { panic!() };
    let copy = block_on(queries.copy(&mut HashMap::new())).unwrap();
    let before = LastRead::new(instant(), "2026-03-04".parse().unwrap(), None, Some(copy));
    let of = BTreeSet::from([customer]);
    assert!(!before.is_stale(&office, &of));
    office.set_clock(Clock::Given(instant() + TimeDelta::minutes(20)));
    assert!(before.is_stale(&office, &of));
    books.sql(change);
    let after = block_on(before.again(&office, &of)).unwrap().unwrap();
    (before, after, office)
}

/// What contacts would be prepared from.
fn excerpt(office: &Office, read: &LastRead) -> Arc<Excerpt> {
    block_on(async {
        read.of(&mut office.db.snapshot().await.unwrap(), &["1".to_owned(), "2".to_owned()], &office.timetable.ranks)
            .await
            .unwrap()
    })
}

fn owed(office: &Office, read: &LastRead, invoice: &str) -> String {
    excerpt(office, read).snapshot.invoices[invoice].open_balance.normalize().to_string()
}

#[test]
fn a_payment_of_the_customer_is_seen_and_the_rest_of_the_picture_is_kept_as_it_was() {
    for books in Books::of_each_kind() {
        books.sql(ACCOUNTS);
        let change = "INSERT INTO payments VALUES (3, 1, 12, '2026-03-04', 50.5, 'USD'), (4, 2, 13, '2026-03-04', 49.95, 'USD')";
        let (before, after, office) = looked_at(&books, "1", change);
        assert_eq!((owed(&office, &before, "12"), owed(&office, &after, "12")), ("50.5".to_owned(), "0".to_owned()));
        assert_eq!(owed(&office, &after, "13"), "49.95", "nobody has asked for the other customer");
        assert!(!after.is_stale(&office, &BTreeSet::from(["1"])));
        assert!(after.is_stale(&office, &BTreeSet::from(["2"])) && after.is_stale(&office, &BTreeSet::from(["1", "2"])));
        assert_eq!(after.good_until(&office, &BTreeSet::from(["1"])) - before.at, TimeDelta::minutes(35));
        assert_eq!(after.good_until(&office, &BTreeSet::from(["2"])), before.good_until(&office, &BTreeSet::from(["2"])));
        assert_eq!(excerpt(&office, &after).invoices_of("1").len(), 2);
    }
}

#[test]
fn what_looks_worse_is_judged_by_a_read_of_the_whole_ledger() {
    for change in [
        "DELETE FROM payments WHERE id = 1",
        "UPDATE invoices SET total = 70 WHERE id = 12",
        "DELETE FROM customers WHERE id = 1",
    ] {
        let books = Books::sqlite();
        books.sql(ACCOUNTS);
        let change = format!("{change}; INSERT INTO payments VALUES (4, 2, 13, '2026-03-04', 49.95, 'USD')");
        let office = office(&books);
        let Source::Query(queries) = &office.source else { panic!() };
        let all = block_on(queries.copy(&mut HashMap::new())).unwrap();
        let before = LastRead::new(instant(), "2026-03-04".parse().unwrap(), None, Some(all));
        books.sql(&change);
        match block_on(before.again(&office, &BTreeSet::from(["1"]))).unwrap() {
            Ok(after) => assert_eq!(owed(&office, &after, "13"), "0", "{change}: the whole ledger was read"),
            // Two invoices of three are without a customer.
            Err(error) => assert!(error.contains("cannot be used"), "{change}: {error}"),
        }
    }
}

#[test]
fn an_id_is_a_value_and_never_sql() {
    for books in Books::of_each_kind() {
        books.sql(
            "CREATE TABLE customers (id VARCHAR(80), name VARCHAR(80));
             INSERT INTO customers VALUES ('O''Hara\"`); --', 'One'), ('x', 'Two');
             CREATE TABLE invoices (id VARCHAR(80), \"Customer ID\" VARCHAR(80), due_date DATE, currency CHAR(3), total NUMERIC(12, 2));
             CREATE TABLE payments (id VARCHAR(80), customer_id VARCHAR(80), received_on DATE, amount NUMERIC(12, 2), currency CHAR(3));
             INSERT INTO invoices VALUES ('1', 'O''Hara\"`); --', '2026-03-01', 'USD', 5), ('2', 'x', '2026-03-01', 'USD', 6)"
                .replace('"', if matches!(books, Books::MariaDb(_)) { "`" } else { "\"" })
                .replace("O''Hara``", "O''Hara\"`")
                .as_str(),
        );
        let queries = "customers = \"SELECT * FROM customers\"\ninvoices = \"SELECT * FROM invoices\"\npayments = \"SELECT * FROM payments\"";
        let read = block_on(ledger(&books, queries).read_of(&["O'Hara\"`); --".to_owned()], &mut HashMap::new())).unwrap();
        assert_eq!(read.invoices.keys().collect::<Vec<_>>(), ["1"]);
        assert_eq!(read.customers.len(), 1);
    }
}
