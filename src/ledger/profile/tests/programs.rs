//! Every sample of an accounting program's file, to the cent.

use super::*;

/// As `expected.json` writes it, as far as it says anything.
fn shown(row: &InvoiceRow, found: &Translated, like: &Value) -> Value {
    let customer = found.customers.iter().find(|(c, _)| c.id == row.customer_id).map(|(c, _)| c).unwrap();
    let amount = |a: Decimal| row.currency.plain(a);
    let mut all = json!({
        "number": row.number, "customer": customer.name, "issue_date": row.issue_date.to_string(),
        "due_date": row.due_date.to_string(), "currency": row.currency.to_string(), "total": amount(row.total),
        "open_balance": row.open_balance.map(amount), "po_number": row.po_number, "disputed": row.disputed,
        "email": customer.email.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    });
    for (key, value) in like.as_object().unwrap() {
        // What the file does not say is not compared.
        if value.is_null() {
            all[key] = Value::Null;
        }
    }
    for key in ["po_number", "email", "disputed"] {
        if like.get(key).is_none() {
            // hledger's sample has a number of its own there.
            assert!([json!(null), json!(""), json!(false), json!("PO-7781")].contains(&all[key]), "{key} of {row:?}");
            all.as_object_mut().unwrap().remove(key);
        }
    }
    all
}

fn assert_as_expected(profile: &str, files: &[&str]) {
    assert_as_expected_in("USD", profile, files);
}

fn assert_as_expected_in(currency: &str, profile: &str, files: &[&str]) {
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(fixtures().join("expected.json")).unwrap()).unwrap();
    let expected = &expected[files.join(" + ")];
    let paths: Vec<PathBuf> = files.iter().map(|f| fixtures().join(f)).collect();
    let found =
        read_with(&shipped(profile), &paths, &format!("currency = \"{currency}\"")).unwrap_or_else(|e| panic!("{profile}: {e}"));
    assert_eq!((found.tally.bad_rows, &found.remarks), (0, &vec![]), "{profile}: {:?}", found.tally.bad);
    let invoices = expected["invoices"].as_array().unwrap();
    let open = open(&found);
    assert_eq!(open.len(), invoices.len(), "{profile}: {open:#?}");
    for like in invoices {
        let row = open.iter().find(|i| i.number == like["number"].as_str().unwrap()).unwrap();
        assert_eq!(shown(row, &found, like), *like, "{profile}");
    }
    let unapplied: Vec<Value> = found
        .payments
        .iter()
        .filter(|(p, _)| p.invoice_id.is_none())
        .map(|(p, _)| {
            let name = found.customers.iter().find(|(c, _)| c.id == p.customer_id).unwrap().0.name.clone();
            let id = p.id.rsplit(' ').next().unwrap().to_owned();
            json!([id, name, p.currency.plain(p.amount)])
        })
        .collect();
    assert_eq!(json!(unapplied), expected["unapplied"], "{profile}");
    for number in expected["must_not_appear"].as_array().into_iter().flatten() {
        assert!(found.invoices.iter().all(|(i, _)| i.number != *number), "{profile}: {number}");
    }
}

#[test]
fn every_sample_comes_out_to_the_cent() {
    for (profile, files) in [
        ("quickbooks-open-invoices", &["quickbooks-desktop-open-invoices.csv"][..]),
        ("quickbooks-aging-detail", &["quickbooks-desktop-ar-aging-detail.csv"]),
        ("quickbooks-online-aging-detail", &["quickbooks-online-ar-aging-detail.csv"]),
        ("xero-invoices", &["xero-sales-invoices.csv"]),
        ("xero-aged-receivables", &["xero-aged-receivables-detail.csv"]),
        ("sage50-transaction-history", &["sage50us-customer-transaction-history.csv"]),
        ("dynamics-gp", &["dynamics-gp-smartlist-receivables.csv"]),
        ("business-central", &["business-central-customer-ledger-entries-en.csv"]),
        ("zoho-books", &["zoho-books-invoices.csv"]),
        ("hledger", &["hledger-balance-by-invoice-tidy.csv", "hledger-print.csv"]),
        ("beancount", &["beancount-query.csv"]),
    ] {
        assert_as_expected(profile, files);
    }
}

#[test]
fn the_local_currency_of_a_file_is_the_one_that_is_said() {
    assert_as_expected_in("GBP", "quickbooks-online-aging-detail", &["quickbooks-online-ar-aging-detail-old-uk.csv"]);
    assert_as_expected_in("EUR", "business-central", &["business-central-customer-ledger-entries-de.csv"]);
    let silent = read_with(&shipped("quickbooks-open-invoices"), &[fixtures().join("quickbooks-desktop-open-invoices.csv")], "");
    assert!(silent.unwrap_err().to_string().contains("--currency"));
}

#[test]
fn datev_lists_are_added_up_by_account_and_number_condensed_or_not() {
    let list = |rows: &str| {
        let text = format!("Konto;Kontobezeichnung;Rechnungsnummer;Datum;Fälligkeit;Sollbetrag;Habenbetrag;Saldo\n{rows}");
        let found = read("datev-opos", &text).unwrap();
        assert_eq!(found.tally.bad_rows, 0, "{:?}", found.tally.bad);
        found
    };
    let condensed = list("10000;Acme;RE1003;23.09.2026;23.10.2026;1.600,00;200,00;1.400,00\n");
    let posted =
        list("10000;Acme;RE1003;23.09.2026;23.10.2026;1.600,00;;1.600,00\n10000;Acme;RE1003;02.11.2026;;;200,00;1.400,00\n");
    for found in [condensed, posted] {
        let row = open(&found)[0];
        assert_eq!((row.id.as_str(), row.customer_id.as_str()), ("10000/RE1003", "10000"));
        assert_eq!(
            (row.currency.plain(row.total), row.currency.plain(row.open_balance.unwrap())),
            ("1600.00".into(), "1400.00".into())
        );
        assert_eq!((row.currency.as_str(), row.due_date.to_string()), ("EUR", "2026-10-23".to_owned()));
    }
    let credit = list("10000;Acme;GU12;20.10.2026;20.10.2026;;60,00;-60,00\nSumme;;;;;;60,00;-60,00\n");
    assert_eq!(credit.invoices.len(), 0);
    assert_eq!(credit.payments[0].0.amount, Decimal::new(6000, 2));
}

#[test]
fn stripes_times_are_cut_off_and_what_is_paid_is_taken_off() {
    let text = "id,Amount Due,Billing,Closed,Currency,Customer,Date (UTC),Due Date (UTC),Number,Paid,Total,Amount Paid,Status,Customer Email\n\
                in_1,100.00,send_invoice,false,eur,cus_1,2026-09-08 14:03,2026-10-08 14:03,A-1,false,120.00,40.00,open,ap@one.example\n\
                in_2,5.00,send_invoice,true,eur,cus_1,2026-09-08 14:03,2026-10-08 14:03,A-2,true,5.00,5.00,paid,\n\
                in_3,7.00,send_invoice,true,eur,cus_2,2026-09-08 14:03,,A-3,false,7.00,0.00,draft,\n\
                in_4,8.00,send_invoice,true,eur,cus_2,2026-09-08 14:03,,A-4,false,8.00,0.00,open,\n";
    let found = read("stripe-invoices", text).unwrap();
    let row = open(&found)[0].clone();
    assert_eq!((row.id.as_str(), row.number.as_str(), row.open_balance), ("in_1", "A-1", Some(Decimal::new(6000, 2))));
    assert_eq!((row.issue_date.to_string(), row.due_date.to_string()), ("2026-09-08".into(), "2026-10-08".into()));
    assert_eq!(found.invoices[1].0.status, crate::ledger::Status::Paid);
    assert_eq!(found.closed, [("in_3".to_owned(), crate::ledger::Status::Draft)]);
    assert_eq!(
        complaints(&found),
        ["file.csv:5: Due Date (UTC): it is needed, and it is empty; terms would do, or `default_due_days`"]
    );
    assert_eq!(found.left_out, ["in_4"]);
}
