//! `dunningd ledger show`, `diff` and `doctor`: the books as a person looks at them.

use super::*;

const CUSTOMERS: &str =
    "id,name,email,language\nC-1,One,ap@one.example,fr\nC-2,\"=HYPERLINK(\"\"x\"\")\",,\nC-3,one,ap@three.example; nobody,\n";
const INVOICES: &str = "id,number,customer_id,issue_date,due_date,currency,total,cost centre\nI-1,A-1,C-1,2026-02-01,2026-02-27,USD,100.00,North\n\
                        I-2,A-2,C-2,2026-02-01,2026-02-27,USD,50.00,\nI-3,A-3,C-1,2026-02-01,2026-02-27,USD,30.00,\n";
const PAYMENTS: &str = "id,customer_id,invoice_id,received_on,amount,currency\nP-1,C-1,I-1,2026-02-20,10.00,USD\nP-2,C-1,,2026-02-20,5.00,USD\n\
                        P-3,C-1,I-9,2026-02-20,1.00,USD\n";

fn import(company: &Company, invoices: &str, payments: &str) {
    for (name, text) in [("customers.csv", CUSTOMERS), ("invoices.csv", invoices), ("payments.csv", payments)] {
        std::fs::write(company.path(name), text).unwrap();
    }
    let files = ["--customers", "customers.csv", "--invoices", "invoices.csv", "--payments", "payments.csv"];
    company.run(&[&["import", "--replace"], &files[..]].concat()).exits(0);
}

fn with_books() -> Company {
    let company = a_company();
    import(&company, INVOICES, PAYMENTS);
    company
}

#[test]
fn the_rows_of_an_invoice_or_customer_are_shown_with_the_file_and_line_that_they_come_from() {
    let company = with_books();
    let before = everything(&company);
    let shown = company.run(&["ledger", "show", "I-1"]).exits(0);
    for text in [
        "invoice I-1, from invoices.csv:2",
        "payment P-1, from payments.csv:2",
        "customer C-1, from customers.csv:2",
        "open_balance   90.00",
        "cost_centre = North",
        "ap@one.example",
    ] {
        assert!(shown.out.contains(text), "{text} in {}", shown.out);
    }
    assert!(!shown.out.contains("I-3"));
    company.run(&["ledger", "show", "A-1"]).exits(0).says("invoice I-1");
    let all = company.run(&["ledger", "show", "C-1", "--format", "json"]).exits(0).json();
    let count = |set: &str| all[0][set].as_array().unwrap().len();
    assert_eq!((count("customers"), count("invoices"), count("payments")), (1, 2, 3));
    assert_eq!(all[0]["invoices"][1]["from"], "invoices.csv:4");
    company.run(&["ledger", "show", "I-77"]).exits(2).says("no invoice and no customer \"I-77\"");
    assert_eq!(everything(&company), before);
}

#[test]
fn the_line_is_that_of_the_import_that_changed_the_row_last() {
    let company = with_books();
    std::fs::write(company.path("more.csv"), INVOICES.replace("30.00", "31.00")).unwrap();
    company.run(&["import", "--invoices", "more.csv"]).exits(0).says("1 new or changed");
    company.run(&["ledger", "show", "I-1"]).exits(0).says("from invoices.csv:2");
    company.run(&["ledger", "show", "I-3"]).exits(0).says("from more.csv:4");
}

#[test]
fn what_has_changed_since_the_last_poll_is_told_without_writing_anything() {
    let company = with_books();
    company.run(&["ledger", "diff"]).exits(0).says("nothing was polled yet").says("new");
    company.poll_at(MORNING);
    company.run(&["ledger", "diff"]).exits(0).says("nothing has changed");
    let invoices = INVOICES
        .replace("I-3,A-3", "I-4,A-4")
        .replace("C-2,2026-02-01,2026-02-27,USD,50.00", "C-2,2026-02-01,2026-02-27,USD,60.00");
    import(&company, &invoices, &PAYMENTS.replace("10.00", "100.00"));
    let customers = CUSTOMERS.replace("ap@one.example", "new@one.example");
    std::fs::write(company.path("customers.csv"), customers).unwrap();
    company.run(&["import", "--customers", "customers.csv"]).exits(0);
    let before = everything(&company);
    let said = company.run(&["ledger", "diff", "--format", "json"]).exits(0).json();
    let changes: Vec<String> = said[0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            format!(
                "{} {} {} {} -> {}",
                text(c, "what"),
                text(c, "customer"),
                text(c, "invoice"),
                text(c, "before"),
                text(c, "now")
            )
        })
        .collect();
    assert_eq!(
        changes,
        [
            "new C-1 I-4  -> 30.00 USD",
            "paid C-1 I-1 90.00 USD -> 0.00 USD",
            "void C-1 I-3 30.00 USD -> 0.00 USD",
            "address C-1  ap@one.example -> new@one.example",
            "risen C-2 I-2 50.00 USD -> 60.00 USD",
        ]
    );
    company.run(&["ledger", "diff"]).exits(0).says("Since the poll of 2026-03-0").says("risen");
    assert!(company.run(&["ledger", "diff", "--csv"]).exits(0).out.starts_with("what,customer,invoice,before,now\n"));
    assert_eq!(everything(&company), before);
}

#[test]
fn the_doctor_lists_what_to_mend_and_a_spreadsheet_gets_no_formula() {
    let company = with_books();
    let before = everything(&company);
    let said = company.run(&["ledger", "doctor"]).exits(1);
    for line in [
        "no-address: customers who owe something and have no e-mail address (1)",
        "bad-address",
        "\"nobody\" cannot be used",
        "same-customer",
        "C-1 has the same name",
        "credit-not-set-off",
        "5.00 USD are to its credit, and 120.00 USD are open",
        "pays-nothing",
        "pay the invoice I-9, which the ledger does not have",
        "5 things to mend",
    ] {
        assert!(said.out.contains(line), "{line} in {}", said.out);
    }
    let only = company.run(&["ledger", "doctor", "--only", "no-address", "--csv"]).exits(1);
    assert_eq!(
        only.out,
        "what,customer,name,about,problem\nno-address,C-2,\"'=HYPERLINK(\"\"x\"\")\",,\
                          \"1 of its invoices are open, and there is no address to write to; give it one\"\n"
    );
    let json = company.run(&["ledger", "doctor", "--customer", "C-3", "--format", "json"]).exits(1).json();
    let words: Vec<&str> = json[0]["findings"].as_array().unwrap().iter().map(|f| text(f, "what")).collect();
    assert_eq!(words, ["bad-address", "same-customer"]);
    company.run(&["ledger", "doctor", "--only", "no-adress"]).exits(2).says("no-address");
    assert_eq!(everything(&company), before);
    let mut fine = a_company();
    fine.given_an_overdue_invoice("I-1", "C-1");
    fine.import();
    fine.run(&["ledger", "doctor"]).exits(0).says("nothing to mend");
}
