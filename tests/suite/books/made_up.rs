//! The presets of programs that no test machine runs: their tables with rows made by hand, and what is owed by hand, too.

use super::presets::read;
use super::*;

/// What a preset gives, compared with lines made by hand: `number due currency total open` and a word if it is disputed;
/// `invoice amount currency day` of a payment; `customer amount currency` of a credit that is not set off.
fn assert_read(
    preset: &str,
    books: Books,
    options: &str,
    invoices: &[&str],
    payments: &[&str],
    credits: &[&str],
) -> dunningd::ledger::Snapshot {
    // One preset may have the fixtures of several versions.
    let fixture = if preset == "ledgersmb" { "ledgersmb-1.7" } else { preset };
    let snapshot = read(&books.with_fixture(fixture), preset, options);
    assert_eq!(snapshot.bad_rows, [], "{preset}");
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let wanted = |lines: &[&str]| sorted(lines.iter().map(|l| (*l).to_owned()).collect());
    let found = snapshot.invoices.values().map(|i| {
        let amount = |a| i.currency.plain(a);
        let disputed = if i.disputed { " disputed" } else { "" };
        format!("{} {} {} {} {}{disputed}", i.number, i.due_date, i.currency, amount(i.total), amount(i.open_balance))
    });
    assert_eq!(sorted(found.collect()), wanted(invoices), "{preset}");
    let (paid, open): (Vec<_>, Vec<_>) = snapshot.payments.iter().partition(|p| p.invoice_id.is_some());
    let line = |p: &&dunningd::ledger::Payment| {
        format!("{} {} {} {}", p.invoice_id.as_deref().unwrap(), p.currency.plain(p.amount), p.currency, p.received_on)
    };
    assert_eq!(sorted(paid.iter().map(line).collect()), wanted(payments), "{preset}");
    let line = |p: &&dunningd::ledger::Payment| format!("{} {} {}", p.customer_id, p.currency.plain(p.amount), p.currency);
    assert_eq!(sorted(open.iter().map(line).collect()), wanted(credits), "{preset}");
    let unknown = snapshot.invoices.values().filter(|i| !snapshot.customers.contains_key(&i.customer_id)).count();
    assert_eq!(unknown, 0, "{preset}");
    snapshot
}

/// `id name emails language segment`, and a word for those that are not to be written to.
fn customers(snapshot: &dunningd::ledger::Snapshot) -> Vec<String> {
    let line = |c: &dunningd::ledger::Customer| {
        let emails = c.email.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let word = |w: &Option<String>| w.clone().unwrap_or("-".to_owned());
        let stop = if c.do_not_contact { " not" } else { "" };
        format!("{} {} {emails} {} {}{stop}", c.id, c.name, word(&c.language), word(&c.segment))
    };
    snapshot.customers.values().map(line).collect()
}

#[test]
fn erpnext() {
    let snapshot = assert_read(
        "erpnext",
        Books::mariadb(),
        "options = { company = \"Acme Inc\" }",
        &[
            "SINV-1 2026-10-01 USD 1200.00 1200.00",
            "SINV-2 2026-10-05 USD 600.00 400.00",
            "SINV-3 2026-09-01 USD 360.00 0.00",
            "SINV-6 2026-11-01 USD 240.00 180.00",
            "SINV-8 2026-10-31 EUR 1000.00 1000.00",
            "SINV-9 2026-10-31 EUR 900.00 500.00",
            "SINV-10 (1/3) 2026-09-30 USD 400.00 0.00",
            "SINV-10 (2/3) 2026-10-31 USD 400.00 350.00",
            "SINV-10 (3/3) 2026-11-30 USD 400.00 400.00",
            "SINV-11 2026-10-01 USD 100.00 100.00",
        ],
        &[
            "SINV-2 200.00 USD 2026-10-10",
            "SINV-3 360.00 USD 2026-09-10",
            "SINV-9 400.00 EUR 2026-10-25",
            "SINV-10#1 450.00 USD 2026-10-01",
        ],
        &["CUST-1 96.00 USD", "CUST-1 33.30 USD"],
    );
    assert_eq!(snapshot.invoices["SINV-1"].payment_url.as_deref(), Some("https://pay.example/1"));
    assert_eq!(
        customers(&snapshot),
        [
            "CUST-1 CUST-1 Ltd ap@acme.example en Commercial",
            "CUST-2 CUST-2 Ltd compta@duval.example,copie@duval.example fr Retail",
            "CUST-3 CUST-3 Ltd x@m.example de Commercial",
            "CUST-4 CUST-4 Ltd  es Retail not",
        ]
    );
}

#[test]
fn odoo() {
    let snapshot = assert_read(
        "odoo",
        Books::postgres(),
        "",
        &[
            "INV/1 2026-10-01 USD 1200.00 1200.00",
            "INV/2 2026-10-01 USD 600.00 400.00 disputed",
            "INV/3 (1/3) 2026-09-30 USD 400.00 0.00",
            "INV/3 (2/3) 2026-10-31 USD 400.00 350.00",
            "INV/3 (3/3) 2026-11-30 USD 400.00 400.00",
            "INV/6 2026-10-01 EUR 900.00 500.00",
            "INV/9 2026-10-01 USD 70.00 0.00",
        ],
        &["2:2 200.00 USD 2026-10-10", "3:3 400.00 USD 2026-10-12", "3:4 50.00 USD 2026-10-12", "6:6 400.00 EUR 2026-10-13"],
        &["1 96.00 USD"],
    );
    assert_eq!(snapshot.invoices["1:1"].payment_url.as_deref(), Some("https://erp.example/my/invoices/1?access_token=tok1"));
    assert_eq!(
        customers(&snapshot),
        ["1 Acme ap@acme.example,cfo@acme.example en-US Wholesale", "3 Duval compta@duval.example fr-FR -"]
    );
}

#[test]
fn dolibarr() {
    let snapshot = assert_read(
        "dolibarr",
        Books::mariadb(),
        "",
        &[
            "FA2609-0001 2026-10-01 EUR 1200.00 1200.00",
            "FA2609-0002 2026-10-01 EUR 600.00 400.00",
            "FA2609-0003 2026-10-01 EUR 360.00 0.00",
            "FA2609-0006 2026-10-01 EUR 240.00 180.00",
            "FA2609-0007 2026-10-01 USD 1089.00 649.00",
            "FA2609-0008 2026-10-01 EUR 100.00 0.00",
            "AC2609-0001 2026-10-01 EUR 50.00 50.00",
        ],
        &["2 200.00 EUR 2026-10-05", "3 360.00 EUR 2026-09-20", "8 440.00 USD 2026-10-06", "9 95.00 EUR 2026-10-06"],
        &["1 25.00 EUR"],
    );
    assert_eq!(customers(&snapshot), ["1 Acme ap@acme.example fr-FR Grand groupe", "2 Duval d@d.example - -"]);
}

#[test]
fn akaunting() {
    let snapshot = assert_read(
        "akaunting",
        Books::mariadb(),
        "options = { prefix = \"ak_\", company = 1 }",
        &["INV-1 2026-10-01 USD 1200.00 1200.00", "INV-2 2026-10-01 EUR 600.00 420.00", "INV-3 2026-10-01 USD 100.00 0.00"],
        &["2 180.00 EUR 2026-10-05", "3 99.99 USD 2026-09-20"],
        &[],
    );
    assert_eq!(customers(&snapshot), ["1 Acme ap@acme.example,cfo@acme.example - -"]);
}

#[test]
fn invoice_ninja() {
    let snapshot = assert_read(
        "invoiceninja",
        Books::mariadb(),
        "options = { portal = \"https://billing.example\" }",
        &[
            "INV-1 2026-10-01 USD 1200.00 1200.00",
            "INV-2 2026-09-01 USD 600.00 400.00",
            "INV-3 2026-10-01 USD 360.00 0.00",
            "INV-6 2026-10-01 USD 70.00 70.00",
            "INV-8 2026-10-01 EUR 900.00 900.00",
            "INV-9 (1/2) 2026-09-15 USD 300.00 300.00",
            "INV-9 (2/2) 2026-11-01 USD 700.00 600.00",
        ],
        &["2 200.00 USD 2026-10-05", "3 360.00 USD 2026-09-20", "9:1 100.00 USD 2026-09-21"],
        &["1 96.00 USD", "1 33.30 USD", "2 25.00 EUR"],
    );
    assert_eq!(snapshot.invoices["1"].payment_url.as_deref(), Some("https://billing.example/client/invoice/abc"));
    assert_eq!(customers(&snapshot), ["1 Acme ap@acme.example de Wholesale", "2 Marie Duval marie@duval.example fr-FR -"]);
}

#[test]
fn invoiceplane() {
    let snapshot = assert_read(
        "invoiceplane",
        Books::mariadb(),
        "",
        &[
            "INV-1 2026-10-01 EUR 1200.00 1200.00",
            "INV-2 2026-10-01 EUR 600.00 400.00",
            "INV-3 2026-10-01 EUR 360.00 0.00",
            "INV-7 2026-10-01 EUR 75.50 75.50",
        ],
        &["2 200.00 EUR 2026-10-05", "3 360.00 EUR 2026-09-20"],
        &[],
    );
    assert_eq!(snapshot.invoices["1"].payment_url, None, "without the address there is no link");
    assert_eq!(customers(&snapshot), ["1 Acme ap@acme.example,cfo@acme.example de -", "2 Marie marie@duval.example - - not"]);
}

#[test]
fn sql_ledger() {
    let snapshot = assert_read(
        "sql-ledger",
        Books::postgres(),
        "",
        &[
            "INV-1 2026-10-01 USD 1200.00 1200.00",
            "INV-2 2026-10-01 USD 600.30 400.20",
            "INV-3 2026-10-01 USD 360.00 0.00",
            "INV-5 2026-09-01 USD 75.00 75.00 disputed",
            "INV-6 2026-10-01 EUR 900.00 500.00",
        ],
        &["2 100.00 USD 2026-10-05", "2 100.10 USD 2026-10-05", "3 360.00 USD 2026-09-20", "6 400.00 EUR 2026-10-10"],
        &["1 96.00 USD"],
    );
    assert_eq!(
        customers(&snapshot),
        ["1 Acme ap@acme.example,cfo@acme.example en-US Wholesale", "2 Duval compta@duval.example - - not"]
    );
}

#[test]
fn ledgersmb_from_1_7_on_has_the_amounts_in_the_currency_of_the_document() {
    let snapshot = assert_read(
        "ledgersmb",
        Books::postgres(),
        "",
        &[
            "INV-1 2026-10-01 USD 1200.00 1200.00",
            "INV-2 2026-10-01 USD 600.00 400.00",
            "INV-3 2026-09-01 USD 360.00 0.00",
            "INV-4 2026-10-01 EUR 900.00 500.00",
            "INV-9 2026-10-01 USD 75.00 75.00 disputed",
        ],
        &["2 200.00 USD 2026-10-05", "3 360.00 USD 2026-09-20", "4 400.00 EUR 2026-10-06"],
        &["1 96.00 USD"],
    );
    let acme = &snapshot.customers["1"];
    assert_eq!(acme.account_manager.as_ref().map(ToString::to_string).as_deref(), Some("sales@us.example"));
    assert_eq!((acme.phone.as_deref(), acme.credit_limit), (Some("+1 555 0100"), Some(5000.into())));
    assert_eq!(
        customers(&snapshot),
        ["1 Acme billing@acme.example,copy@acme.example en-US Wholesale", "2 Duval d@duval.example fr - not"]
    );
}
