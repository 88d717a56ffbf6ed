//! A query ledger of more customers than are looked at together: it is read in little memory, and nothing is different.

use std::collections::{BTreeMap, HashMap};

use dunningd::ledger::Snapshot;
use dunningd::ledger::validate::{Identity, Memory};

use super::presets::{block_on, ledger};
use super::*;

/// 1,201 customers with three invoices of 100 each, the last first. Customer 7 pays for everybody: 40 of each first invoice. What
/// is wrong: an id that two customers have, a payment in another currency, and one of an invoice that nobody has.
const MANY: &str = "
    CREATE TABLE customers (id INTEGER, name TEXT, email TEXT);
    CREATE TABLE invoices (id TEXT, customer_id INTEGER, issue_date TEXT, due_date TEXT, currency TEXT, total TEXT);
    CREATE TABLE payments (id TEXT, customer_id INTEGER, invoice_id TEXT, received_on TEXT, amount TEXT, currency TEXT);
    INSERT INTO customers WITH RECURSIVE n(n) AS (SELECT 1201 UNION ALL SELECT n - 1 FROM n WHERE n > 1)
        SELECT n, 'Customer ' || n, 'ap@c' || n || '.example' FROM n;
    INSERT INTO invoices WITH RECURSIVE n(n) AS (SELECT 3602 UNION ALL SELECT n - 1 FROM n WHERE n > 0)
        SELECT 'I' || n, n / 3 + 1, '2026-02-01', '2026-03-01', 'USD', '100' FROM n;
    INSERT INTO payments SELECT 'P' || id, 7, id, '2026-02-20', '40', 'USD' FROM invoices WHERE substr(id, 2) % 3 = 0;
    INSERT INTO invoices VALUES ('I0', 1201, '2026-02-01', '2026-03-01', 'USD', '1');
    INSERT INTO payments VALUES ('P1', 3, 'I3000', '2026-02-20', '1', 'EUR'), ('P2', 3, 'gone', '2026-02-20', '5', 'USD'),
        ('P2', 900, NULL, '2026-02-20', '6', 'USD'), ('P3', 900, NULL, '2026-02-20', '7', 'USD');
";

const QUERIES: &str =
    "customers = \"SELECT * FROM customers\"\ninvoices = \"SELECT * FROM invoices\"\npayments = \"SELECT * FROM payments\"";

#[test]
fn the_pages_are_one_picture_and_each_payment_stands_with_its_invoice() {
    let books = Books::sqlite();
    books.sql(MANY);
    let copy = block_on(ledger(&books, QUERIES).copy(&mut HashMap::new())).unwrap();
    let (pages, whole) = (copy.pages(), copy.whole().unwrap());
    assert_eq!((pages, whole.customers.len(), whole.invoices.len()), (3, 1201, 3603));
    for (id, invoice) in &whole.invoices {
        let owed = if id[1..].parse::<u32>().unwrap().is_multiple_of(3) { "60.00" } else { "100.00" };
        assert_eq!(invoice.currency.plain(invoice.open_balance), owed, "{id}");
    }
    let bad: Vec<String> = whole.bad_rows.iter().map(ToString::to_string).collect();
    assert_eq!(
        bad,
        [
            "invoices query, id I0: id \"I0\": row 3604 has the same id; an id is never used twice".replace("3604", "3603"),
            "payments query, id P1: currency \"EUR\": its invoice I3000 is in USD".to_owned(),
            "payments query, id P2: id \"P2\": row 1203 has the same id; an id is never used twice".to_owned(),
        ]
    );
    assert_eq!(whole.payments.last().unwrap().id, "P3", "in the order in which they came");

    let mut sum = Snapshot { bad_rows: whole.bad_rows.clone(), ..Snapshot::default() };
    let mut after = String::new();
    for number in 0..pages {
        let page = copy.page(number).unwrap();
        let upto = copy.last_of(number).map(str::to_owned);
        assert!(page.customers.keys().all(|id| *id > after && upto.as_ref().is_none_or(|upto| id <= upto)));
        assert!(page.invoices.values().all(|i| page.customers.contains_key(&i.customer_id)));
        sum.customers.extend(page.customers);
        sum.invoices.extend(page.invoices);
        sum.payments.extend(page.payments);
        after = upto.unwrap_or_default();
    }
    let by_id = |ledger: &Snapshot| ledger.payments.iter().map(|p| (p.id.clone(), p.clone())).collect::<BTreeMap<_, _>>();
    assert_eq!(by_id(&sum), by_id(&whole));
    assert_eq!(Snapshot { payments: Vec::new(), ..sum }, Snapshot { payments: Vec::new(), ..whole.clone() });
    let some = copy.of(&["7", "700", "nobody"].map(str::to_owned).into()).unwrap();
    assert!(some.customers.len() <= 1_000 && some.invoices["I2097"] == whole.invoices["I2097"]);
}

#[test]
fn what_an_id_stood_for_is_asked_of_some_at_a_time_and_leaves_the_row_out() {
    let books = Books::sqlite();
    books.sql(MANY);
    let stood = |customer: &str| Identity { customer_id: customer.to_owned(), currency: "USD".parse().unwrap() };
    struct Counting(HashMap<String, Identity>, Vec<usize>);
    impl Memory for Counting {
        async fn recall(
            &mut self,
            customers: dunningd::ledger::Whose<'_>,
            invoices: &[&str],
        ) -> Result<HashMap<String, Identity>, dunningd::database::DatabaseError> {
            self.1.push(invoices.len());
            self.0.recall(customers, invoices).await
        }
    }
    let known = HashMap::from([("I3".to_owned(), stood("2")), ("I4".to_owned(), stood("900"))]);
    let mut memory = Counting(known, Vec::new());
    let copy = block_on(ledger(&books, QUERIES).copy(&mut memory)).unwrap();
    assert!(memory.1.len() == 3 && memory.1.iter().all(|asked| *asked <= 1_501), "{:?}", memory.1);
    let bad: Vec<String> = copy.bad_rows.iter().map(ToString::to_string).collect();
    assert!(
        bad.contains(
            &"invoices query, id I4: customer_id \"2\": the id I4 stood for customer 900 before; an id is never used twice"
                .to_owned()
        ),
        "{bad:?}"
    );
    assert!(!copy.whole().unwrap().invoices.contains_key("I4"));
}

#[test]
fn a_poll_of_many_pages_dunns_everybody_once_and_in_the_order_of_the_customers() {
    let books = Books::sqlite();
    books.sql(MANY);
    books.sql("DELETE FROM customers WHERE id > 520; DELETE FROM invoices WHERE customer_id > 520 OR substr(id, 2) % 3 > 0; DELETE FROM payments");
    let company = a_company_with_a_file().reading(&books.url(), &PLAIN);
    assert_eq!(company.poll_at(MORNING).states().len(), 520);
    let log = company.log();
    let customers: Vec<&str> = log.iter().map(|c| text(c, "customer")).collect();
    assert_eq!((customers.len(), customers.is_sorted()), (520, true));
    assert_eq!(company.poll_at(MORNING).states(), [""; 0], "nothing twice");
    // Whoever is no longer in the accounts is missed (T27), on whichever page it was.
    books.sql("DELETE FROM customers WHERE id > 250; DELETE FROM invoices WHERE customer_id > 250");
    let polled = company.poll_with("2026-03-05T09:00:00-05:00", &[]);
    assert_eq!(polled.poll["believed"], false, "{polled:?}");
}
