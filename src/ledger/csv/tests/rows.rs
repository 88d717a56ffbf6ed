//! Bad rows (L2) with their line, column and value; and good rows, whole.

use rust_decimal::Decimal;

use super::{a_file, complaint, read};
use crate::ledger::csv::read_payments;
use crate::ledger::settings::{Import, MaxBadRows};
use crate::ledger::{Customer, InvoiceRow, Payment, Status};

const INVOICES: &str = "id,customer_id,due_date,currency,total";

/// The complaint about one invoice, and the row before and behind it are good.
fn bad_invoice(columns: &str, row: &str, toml: &str) -> String {
    let good = |id: &str| format!("{id},C1,2026-03-02,EUR,10.00{}", ",".repeat(columns.matches(',').count()));
    let text = format!("{INVOICES}{columns}\n{}\n{row}\n{}\n", good("G1"), good("G2"));
    let (rows, tally) = read::<InvoiceRow>(text, toml);
    assert_eq!(rows.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["G1", "G2"]);
    assert_eq!((tally.rows, tally.bad_rows), (3, 1));
    complaint(&tally)
}

#[test]
fn a_whole_invoice_is_read_with_its_extra_columns() {
    let text = "Invoice Group;ID;Customer ID;Number;Issue Date;Due Date;Currency;Total;Open Balance;Status;Disputed;PO Number\n\
                north;7;C1;RE-7;02.03.2026;01.04.2026;eur;1.234,56;(12,00);paid;no;PO 9\n";
    let (rows, tally) = read::<InvoiceRow>(text, "date_format = \"dd.mm.yyyy\"\ndecimal_separator = \",\"");
    assert_eq!(tally.bad, []);
    let row = &rows[0];
    assert_eq!((row.id.as_str(), row.number.as_str(), row.customer_id.as_str()), ("7", "RE-7", "C1"));
    assert_eq!((row.issue_date.to_string(), row.due_date.to_string()), ("2026-03-02".into(), "2026-04-01".into()));
    assert_eq!((row.currency.as_str(), row.total.to_string()), ("EUR", "1234.56".to_owned()));
    assert_eq!(row.open_balance, Some(Decimal::new(-1200, 2)));
    assert_eq!((row.status, row.disputed, row.po_number.as_deref()), (Status::Paid, false, Some("PO 9")));
    assert_eq!(row.extra.get("invoice_group").map(String::as_str), Some("north"));
}

#[test]
fn the_defaults_of_an_invoice_are_its_id_and_its_due_date() {
    let (rows, _) = read::<InvoiceRow>(format!("{INVOICES}\n7,C1,2026-03-02,EUR,10.00\n"), "");
    let row = rows[0].clone();
    assert_eq!((row.number.as_str(), row.issue_date, row.open_balance), ("7", row.due_date, None));
    assert_eq!(row.status, Status::Open);
    assert_eq!(row.clone().into_invoice(Decimal::new(400, 2)).open_balance, Decimal::new(600, 2));
    let given = InvoiceRow { open_balance: Some(Decimal::ONE), ..row.clone() };
    assert_eq!(given.into_invoice(Decimal::TEN).open_balance, Decimal::ONE);
    assert_eq!(InvoiceRow { status: Status::Paid, ..row }.into_invoice(Decimal::ZERO).open_balance, Decimal::ZERO);
}

#[test]
fn a_bad_row_is_named_with_line_column_and_value_and_the_others_go_on() {
    assert!(bad_invoice("", ",C1,2026-03-02,EUR,1.00", "").starts_with("file.csv:3: id: it is needed"));
    let said = bad_invoice("", "7,C1,soon,EUR,1.00", "");
    assert!(said.starts_with("file.csv:3: due_date \"soon\": it is no date"), "{said}");
    let said = bad_invoice("", "7,C1,2026-03-02,EUR,abc", "");
    assert!(said.starts_with("file.csv:3: total \"abc\": "), "{said}");
    let said = bad_invoice("", "7,C1,2026-03-02,EURO,1.00", "");
    assert!(said.starts_with("file.csv:3: currency \"EURO\": "), "{said}");
    let said = bad_invoice("", "7,,2026-03-02,EUR,1.00", "");
    assert!(said.starts_with("file.csv:3: customer_id: it is needed"), "{said}");
}

#[test]
fn an_ambiguous_date_or_amount_is_a_bad_row_that_says_which_setting_mends_it() {
    let said = bad_invoice("", "7,C1,03/04/2026,EUR,1.00", "");
    assert!(said.contains("due_date \"03/04/2026\"") && said.contains("`date_format` under `[import]`"), "{said}");
    let said = bad_invoice("", "7,C1,2026-03-02,EUR,1.234", "");
    assert!(said.contains("total \"1.234\"") && said.contains("`decimal_separator` under `[import]`"), "{said}");
}

#[test]
fn a_status_that_is_none_of_the_documented_words_is_a_bad_row() {
    for word in ["PAID", "Paid", "overdue", "closed"] {
        let said = bad_invoice(",status", &format!("7,C1,2026-03-02,EUR,1.00,{word}"), "");
        assert!(said.starts_with(&format!("file.csv:3: status {word:?}: a status is open, paid, void or draft")), "{said}");
    }
    let (rows, _) = read::<InvoiceRow>(format!("{INVOICES},status\n7,C1,2026-03-02,EUR,1.00, void \n"), "");
    assert_eq!(rows[0].status, Status::Void);
}

#[test]
fn a_due_date_more_than_a_year_before_the_issue_date_is_a_bad_row() {
    let said = bad_invoice(",issue_date", "7,C1,2025-03-01,EUR,1.00,2026-03-02", "");
    assert!(said.contains("due_date \"2025-03-01\": it is more than a year before the issue date 2026-03-02"), "{said}");
    let (rows, _) = read::<InvoiceRow>(format!("{INVOICES},issue_date\n7,C1,2025-03-02,EUR,1.00,2026-03-02\n"), "");
    assert_eq!(rows.len(), 1);
}

#[test]
fn every_row_after_the_first_with_an_id_is_left_out_and_told_the_first() {
    let said = bad_invoice("", "G1,C2,2026-03-02,EUR,1.00", "");
    assert!(said.starts_with("file.csv:3: id \"G1\": line 2 has the same id"), "{said}");
}

#[test]
fn a_control_character_in_an_id_is_a_bad_row() {
    let said = bad_invoice("", "7\u{7},C1,2026-03-02,EUR,1.00", "");
    assert!(said.contains("id \"7\\u{7}\": it holds the control character U+0007"), "{said}");
    let said = bad_invoice("", "7,\"C1\r\nBcc: x\",2026-03-02,EUR,1.00", "");
    assert!(said.contains("customer_id") && said.contains("U+000A"), "{said}");
}

#[test]
fn a_row_with_too_few_or_too_many_cells_is_a_bad_row() {
    let said = bad_invoice("", "7,C1,2026-03-02,EUR", "");
    assert!(said.starts_with("file.csv:3: row: it has 4 cells where the header line names 5"), "{said}");
    let said = bad_invoice("", "7,C1,2026-03-02,EUR,1,234.50", "");
    assert!(said.starts_with("file.csv:3: row: it has 6 cells"), "{said}");
}

#[test]
fn an_open_quote_counts_for_every_line_that_it_swallows() {
    let text = format!(
        "{INVOICES},po_number\n1,C1,2026-03-02,EUR,1.00,\n2,C1,2026-03-02,EUR,1.00,\"PO\n\
                        3,C1,2026-03-02,EUR,1.00,\n4,C1,2026-03-02,EUR,1.00,\n"
    );
    let (rows, tally) = read::<InvoiceRow>(text, "");
    assert_eq!((rows.len(), tally.rows, tally.bad_rows), (1, 4, 3));
    let said = complaint(&tally);
    assert!(said.starts_with("file.csv:3: row: a quote is opened and never closed") && said.contains("line 5"), "{said}");
    let failed = tally.check(MaxBadRows::default()).unwrap_err().to_string();
    assert!(failed.contains("3 of 4 invoices rows"), "{failed}");
}

#[test]
fn an_unusable_address_does_not_make_its_customer_bad() {
    let text = "id,name,email,cc,collector,rank,credit_limit\nC1,Acme,\"a@x.test; nobody\",b@localhost,c@x.test,b,\"1,000.00\"\n";
    let (rows, tally) = read::<Customer>(text, "");
    assert_eq!(tally.bad_rows, 0);
    let customer = &rows[0];
    assert_eq!(customer.email.len(), 1);
    assert!(customer.cc.is_empty() && customer.collector.is_some());
    let unusable: Vec<_> = customer.unusable_addresses.iter().map(|(a, _)| a.as_str()).collect();
    assert_eq!(unusable, ["nobody", "b@localhost"]);
    assert_eq!((customer.rank.as_deref(), customer.credit_limit), (Some("B"), Some(Decimal::new(100_000, 2))));
}

#[test]
fn a_doubtful_do_not_contact_leaves_the_customer_out() {
    let (rows, tally) = read::<Customer>("id,name,do_not_contact\nC1,Acme,perhaps\n", "");
    assert!(rows.is_empty());
    assert!(complaint(&tally).starts_with("file.csv:2: do_not_contact \"perhaps\": write true or false"));
}

#[test]
fn payments_may_be_negative_and_unallocated_and_are_told_with_their_line() {
    let (_folder, path) = a_file(
        "id,customer_id,received_on,amount,currency,invoice_id\nP1,C1,2026-03-02,-5.00,EUR,\n\nP2,C1,2026-03-02 00:00,5,EUR,7\n",
    );
    let (mut found, mut told) = (Vec::new(), 0);
    let mut each = |payment: Payment, line| found.push((payment.id, payment.invoice_id, payment.amount, line));
    let tally = read_payments(&path, &Import::default(), &mut |bytes| told = bytes, &mut each).unwrap();
    assert_eq!((tally.rows, tally.bad_rows), (2, 0));
    assert_eq!(found[0], ("P1".to_owned(), None, Decimal::from(-5), 2));
    assert_eq!(found[1], ("P2".to_owned(), Some("7".to_owned()), Decimal::from(5), 4));
    assert_eq!(told, path.metadata().unwrap().len());
}
