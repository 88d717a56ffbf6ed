//! A ledger that says of whom something has changed (L8): between two polls of a day only those are read.

use chrono::TimeDelta;
use dunningd::clock::Clock;
use dunningd::daemon::office::Office;
use dunningd::daemon::poll::{Inputs, Outcome, poll};
use dunningd::ledger::source::Source;

use super::presets::block_on;
use super::rechecking::{instant, office_that_asks};
use super::*;

const CHANGED: &str = "changed_since = \"SELECT customer_id FROM changes WHERE at >= :since\"";

/// The accounts with a table of what has changed.
fn books_that_say_what_changed(books: Books) -> Books {
    books.sql(ACCOUNTS);
    let instant = if matches!(books, Books::Postgres(_)) { "TIMESTAMPTZ" } else { "TIMESTAMP" };
    books.sql(&format!("CREATE TABLE changes (customer_id INTEGER, at {instant})"));
    books
}

/// A poll, which knows what an earlier one has read.
fn polled(office: &Office, earlier: Option<&Outcome>) -> Outcome {
    let (now, today, _) = office.present();
    let last = earlier.and_then(|outcome| outcome.ledger.as_ref());
    block_on(poll(&Inputs { last, ..Inputs::of(office, now, today, false) })).unwrap()
}

/// A payment of each of the two customers, of which that of the first is said.
const PAYMENTS: &str =
    "INSERT INTO payments VALUES (3, 1, 12, '2026-03-04', 50.5, 'USD'), (4, 2, 13, '2026-03-04', 49.95, 'USD');
    INSERT INTO changes VALUES (1, CURRENT_TIMESTAMP)";

#[test]
fn a_later_poll_of_the_day_reads_those_who_have_changed_and_one_of_the_next_day_reads_all() {
    for books in Books::of_each_kind() {
        let books = books_that_say_what_changed(books);
        let office = office_that_asks(&books, CHANGED);
        let first = polled(&office, None);
        assert_eq!((first.reread, first.read.open_invoices), (None, 2));
        let second = polled(&office, Some(&first));
        assert_eq!((second.reread, second.read.open_invoices), (Some(0), 2), "{:?}", second.problems);
        books.sql(PAYMENTS);
        let third = polled(&office, Some(&second));
        assert_eq!((third.reread, third.read.open_invoices, third.read.customers), (Some(1), 1, 2), "{:?}", third.problems);
        // It is still said: what was written a quarter of an hour ago may have come to light only now.
        let fourth = polled(&office, Some(&third));
        assert_eq!((fourth.reread, fourth.read.open_invoices), (Some(1), 1), "{:?}", fourth.problems);
        office.set_clock(Clock::Given(instant() + TimeDelta::days(1)));
        let fifth = polled(&office, Some(&fourth));
        assert_eq!((fifth.reread, fifth.read.open_invoices), (None, 0), "{:?}", fifth.problems);
    }
}

#[test]
fn what_looks_worse_or_has_no_query_is_a_read_of_the_whole_ledger() {
    let books = books_that_say_what_changed(Books::sqlite());
    let office = office_that_asks(&books, CHANGED);
    let first = polled(&office, None);
    books.sql(PAYMENTS);
    // More is owed than before: that is for the guard to judge, and it sees all of it.
    books.sql("UPDATE invoices SET total = 170 WHERE id = 12");
    let second = polled(&office, Some(&first));
    assert_eq!((second.reread, second.read.open_invoices), (None, 1), "{:?}", second.problems);
    let silent = office_that_asks(&books, "");
    let all = polled(&silent, None);
    assert_eq!(polled(&silent, Some(&all)).reread, None);
}

#[test]
fn too_many_changes_are_no_list_of_customers() {
    let books = books_that_say_what_changed(Books::sqlite());
    books.sql("INSERT INTO changes VALUES (1, '2026-01-01'), (2, '2026-01-02'), (2, '2026-01-03'), (NULL, '2026-01-03')");
    let office = office_that_asks(&books, CHANGED);
    let Source::Query(queries) = &office.source else { panic!() };
    let asked =
        |at_most| block_on(queries.changed_since(Some("2025-12-31 00:00:00"), at_most)).unwrap().map(|(who, _)| who.len());
    assert_eq!((asked(1), asked(2)), (None, Some(2)));
}

#[test]
fn a_query_of_changes_says_since_when_and_stands_in_one_place() {
    let books = books_that_say_what_changed(Books::sqlite());
    let said = |more: &str| {
        let company = a_company_with_a_file().reading(&books.url(), &Queries { more, ..PLAIN });
        complaints(&company).join("\n")
    };
    assert!(said("changed_since = \"SELECT customer_id FROM changes\"").contains("changed_since: it does not say `:since`"));
    let two = said(&format!("{CHANGED}\nchanged_since_file = \"changes.sql\""));
    assert!(two.contains("`changed_since` and `changed_since_file`: give one of the two"), "{two}");
    assert_eq!(said(CHANGED), "");
    assert!(said("changed_since = \"SELECT id FROM nowhere WHERE at > :since\"").contains("the changed_since query failed"));
}
