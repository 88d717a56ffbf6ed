//! The aging report of ledgers that are made up.

use super::*;
use crate::ledger::Payment;
use crate::timetable::file;

const TODAY: &str = "2026-03-31";

fn timetable(aging: &str) -> Timetable {
    let text = format!(
        "time_zone = \"UTC\"\n[[segment]]\nname = \"vip\"\nmatch = {{ rank = [\"A\"] }}\n[[segment]]\nname = \"rest\"\n\
         [[step]]\nid = \"call\"\ntask = \"call\"\ndays = 3\n{aging}"
    );
    file::parse("t", &text).unwrap().0
}

fn usd() -> Currency {
    "USD".parse().unwrap()
}

fn invoice(id: &str, customer: &str, due: &str, amount: &str) -> Invoice {
    let due: NaiveDate = due.parse().unwrap();
    Invoice::unpaid(id, customer, (due, due), usd(), amount.parse().unwrap())
}

fn ledger(customers: &[(&str, &str)], invoices: Vec<Invoice>) -> Snapshot {
    let customer = |(id, rank): &(&str, &str)| Customer {
        id: (*id).to_owned(),
        name: format!("Customer {id}"),
        rank: Some((*rank).to_owned()).filter(|r| !r.is_empty()),
        ..Customer::default()
    };
    Snapshot {
        customers: customers.iter().map(|c| (c.0.to_owned(), customer(c))).collect(),
        invoices: invoices.into_iter().map(|i| (i.id.clone(), i)).collect(),
        ..Snapshot::default()
    }
}

/// `key currency: amounts / credit`, one for each line.
fn said(timetable: &Timetable, by: By, ledger: &Snapshot) -> Vec<String> {
    let mut report = Aging::new(timetable, by, TODAY.parse().unwrap());
    report.add(ledger, &HashMap::new());
    let amount = |line: &Line, a: Decimal| line.currency.map_or(a.to_string(), |c| c.plain(a));
    let line = |line: &&Line| {
        let amounts: Vec<String> = line.amounts.iter().map(|a| amount(line, *a)).collect();
        let currency = line.currency.map_or("?".to_owned(), |c| c.to_string());
        format!("{} {currency}: {} / {}", line.key, amounts.join(" "), amount(line, line.credit))
    };
    let mut lines: Vec<String> = report.lines().iter().map(line).collect();
    lines.extend(report.totals().iter().map(|total| format!("={}", line(&total))));
    lines
}

#[test]
fn each_open_balance_is_in_the_class_of_its_days_past_due() {
    let days = ["2026-04-01", "2026-03-31", "2026-03-30", "2026-03-01", "2026-02-28", "2026-01-30", "2026-01-29", "2025-12-30"];
    let invoices =
        days.iter().enumerate().map(|(n, due)| invoice(&format!("I-{n}"), "C-1", due, &format!("{}.01", 10_u32.pow(n as u32))));
    let ledger = ledger(&[("C-1", "")], invoices.collect());
    let expected = "C-1 USD: 11.02 1100.02 110000.02 1000000.01 10000000.01 / 0.00";
    assert_eq!(said(&timetable(""), By::Customer, &ledger)[0], expected);
    let two = said(&timetable("[aging]\nbuckets = [1]"), By::Customer, &ledger);
    assert_eq!(two[0], "C-1 USD: 11.02 100.01 11111000.05 / 0.00");
}

#[test]
fn what_is_paid_void_or_draft_is_not_open() {
    let mut invoices: Vec<Invoice> = (0..4).map(|n| invoice(&format!("I-{n}"), "C-1", "2026-03-01", "5")).collect();
    (invoices[0].status, invoices[1].status) = (Status::Void, Status::Draft);
    (invoices[2].status, invoices[2].open_balance) = (Status::Paid, Decimal::ZERO);
    invoices[3].open_balance = Decimal::ZERO;
    assert!(said(&timetable(""), By::Customer, &ledger(&[("C-1", "")], invoices)).is_empty());
}

#[test]
fn credit_is_shown_apart_in_its_currency_or_without_one() {
    let mut books = ledger(
        &[("C-1", ""), ("C-2", "")],
        vec![invoice("I-1", "C-1", "2026-03-01", "100"), invoice("I-2", "C-1", "2026-03-01", "-30")],
    );
    let payment = |customer: &str, currency: &str, amount: &str| Payment {
        id: format!("{customer}{currency}"),
        customer_id: customer.to_owned(),
        invoice_id: None,
        received_on: TODAY.parse().unwrap(),
        amount: amount.parse().unwrap(),
        currency: currency.parse().unwrap(),
    };
    books.payments = vec![payment("C-1", "EUR", "7"), payment("C-1", "USD", "1.50")];
    books.customers.get_mut("C-1").unwrap().unallocated_credit = Decimal::TEN;
    books.customers.get_mut("C-2").unwrap().unallocated_credit = Decimal::TWO;
    let expected = [
        "C-1 EUR: 0.00 0.00 0.00 0.00 0.00 / 7.00",
        "C-1 USD: 0.00 100.00 0.00 0.00 0.00 / 41.50",
        "C-2 ?: 0 0 0 0 0 / 2",
        "= EUR: 0.00 0.00 0.00 0.00 0.00 / 7.00",
        "= USD: 0.00 100.00 0.00 0.00 0.00 / 41.50",
        "= ?: 0 0 0 0 0 / 2",
    ];
    assert_eq!(said(&timetable(""), By::Customer, &books), expected);
}

#[test]
fn customers_come_by_what_is_past_due_and_groups_in_their_own_order() {
    let customers = [("C-1", "B"), ("C-2", "A"), ("C-3", ""), ("C-4", "A")];
    let invoices = vec![
        invoice("I-1", "C-1", "2026-03-01", "1"),
        invoice("I-2", "C-2", "2026-03-01", "10"),
        invoice("I-3", "C-3", "2026-01-01", "3"),
        invoice("I-4", "C-4", "2026-05-01", "400"),
        invoice("I-5", "C-5", "2026-03-01", "2"),
    ];
    let ledger = ledger(&customers, invoices);
    let keys = |by| -> Vec<String> {
        let lines = said(&timetable(""), by, &ledger);
        lines.iter().filter(|l| !l.starts_with('=')).map(|l| l.split(" USD").next().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(By::Customer), ["C-2", "C-3", "C-5", "C-1", "C-4"]);
    assert_eq!(keys(By::Segment), ["vip", "rest", ""]);
    assert_eq!(keys(By::Rank), ["A", "B", ""]);
    assert_eq!(keys(By::Collector), [""]);
    assert_eq!(said(&timetable(""), By::Segment, &ledger)[0], "vip USD: 400.00 10.00 0.00 0.00 0.00 / 0.00");
}

proptest::proptest! {
    #[test]
    fn every_way_to_part_a_ledger_has_the_same_totals(invoices in proptest::collection::vec((0_u8..4, -100_i64..200, 1_i64..10_000), 0..40), cut in 0_usize..4) {
        let all: Vec<Invoice> = invoices.iter().enumerate().map(|(n, (customer, days, cents))| {
            let due = TODAY.parse::<NaiveDate>().unwrap() - chrono::TimeDelta::days(*days);
            let mut one = invoice(&format!("I-{n}"), &format!("C-{customer}"), "2026-03-01", "1");
            (one.due_date, one.open_balance) = (due, Decimal::new(*cents, 2));
            one
        }).collect();
        let customers = [("C-0", "A"), ("C-1", "B"), ("C-2", ""), ("C-3", "A")];
        let whole = ledger(&customers, all.clone());
        let sum: Decimal = all.iter().map(|i| i.open_balance).sum();
        let timetable = timetable("");
        for by in By::ALL {
            let mut paged = Aging::new(&timetable, by, TODAY.parse().unwrap());
            let mut at_once = Aging::new(&timetable, by, TODAY.parse().unwrap());
            at_once.add(&whole, &HashMap::new());
            let of = |wanted: &dyn Fn(&str) -> bool| whole.of(&customers.iter().map(|c| c.0.to_owned()).filter(|c| wanted(c)).collect());
            let first = format!("C-{cut}");
            paged.add(&of(&|c| c < first.as_str()), &HashMap::new());
            paged.add(&of(&|c| c >= first.as_str()), &HashMap::new());
            proptest::prop_assert_eq!(paged.lines(), at_once.lines());
            proptest::prop_assert_eq!(at_once.totals().iter().map(Line::total).sum::<Decimal>(), sum);
        }
    }
}
