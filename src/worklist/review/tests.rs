//! What reviews say of ledgers that are made up.

use super::*;
use crate::ledger::Payment;
use crate::timetable::file;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn timetable() -> Timetable {
    let text = "time_zone = \"UTC\"\n[[segment]]\nname = \"vip\"\nmatch = { rank = [\"A\", \"B\"] }\n[[segment]]\nname = \"rest\"\n\
                [[step]]\nid = \"call\"\ntask = \"call\"\ndays = 3\n";
    file::parse("t", text).unwrap().0
}

fn invoice(id: &str, due: &str, amount: &str, open: &str) -> Invoice {
    let whole = Invoice::unpaid(id, "C", (day("2026-01-05"), day(due)), "EUR".parse().unwrap(), amount.parse().unwrap());
    Invoice { open_balance: open.parse().unwrap(), ..whole }
}

fn payment(invoice: &str, on: &str) -> Payment {
    Payment {
        id: invoice.to_owned(),
        customer_id: "C".to_owned(),
        invoice_id: Some(invoice.to_owned()),
        received_on: day(on),
        amount: 1.into(),
        currency: "EUR".parse().unwrap(),
    }
}

/// The review of 10 July; the last one was on 1 April.
fn reviewed(
    customer: Customer,
    invoices: Vec<Invoice>,
    payments: Vec<Payment>,
    before: Option<&Figures>,
) -> (bool, String, Figures) {
    let rules = timetable();
    let customer = Customer { id: "C".to_owned(), ..customer };
    let mut standing = Standing::default();
    for i in invoices.iter().filter(|i| i.is_open()) {
        *standing.open.entry(i.currency).or_default() += i.open_balance;
    }
    let books = Snapshot {
        customers: BTreeMap::from([("C".to_owned(), customer.clone())]),
        invoices: invoices.into_iter().map(|i| (i.id.clone(), i)).collect(),
        payments,
        ..Snapshot::default()
    };
    let segment = segment::segment_of(&rules, &customer, &standing, day("2026-07-10"));
    let (today, since) = (day("2026-07-10"), day("2026-04-01"));
    let subject = Subject { timetable: &rules, customer: &customer, books: &books, standing: &standing, segment, today, since };
    let (said, figures) = subject.paper(before);
    (subject.has_something_to_look_at(), said, figures)
}

#[test]
fn a_review_says_what_has_changed_and_proposes_the_rank_of_the_figures_and_its_segment() {
    let who = Customer { rank: Some("B".to_owned()), credit_limit: Some(1000.into()), ..Customer::default() };
    let invoices = vec![
        invoice("O", "2026-07-01", "900.00", "900.00"),
        invoice("P", "2026-04-01", "400.00", "300.00"),
        invoice("Q", "2026-04-10", "10.00", "0"),
        invoice("R", "2026-05-01", "10.00", "0"),
    ];
    let before = Figures { open: BTreeMap::from([("EUR".parse().unwrap(), 700.into())]), days_late: Some(8) };
    let payments = vec![payment("Q", "2026-04-30"), payment("R", "2026-05-11")];
    let (is_wanted, said, kept) = reviewed(who, invoices, payments, Some(&before));
    assert!(is_wanted);
    assert_eq!(
        said,
        "Open: 1200.00 EUR (700.00 at the last review, on 2026-04-01): 1-30 900.00, over 90 300.00. \
         Since 2026-04-01 it has paid 15 days late on average, 8 days before: worse. \
         It is over the credit limit of 1000 by 200.00 EUR. \
         Its rank is B; the figures suggest D: change it? (`dunningd rank` says how.) \
         With it: It is in the segment vip; the figures suggest rest."
    );
    let again = serde_json::from_str::<Figures>(&serde_json::to_string(&kept).unwrap()).unwrap();
    assert_eq!((again.days_late, again), (Some(15), kept));
}

#[test]
fn a_customer_that_owes_nothing_and_has_not_moved_is_not_reviewed() {
    let quiet =
        reviewed(Customer::default(), vec![invoice("Q", "2026-02-01", "10", "0")], vec![payment("Q", "2026-03-01")], None);
    assert!(!quiet.0);
    assert!(reviewed(Customer::default(), vec![invoice("Q", "2026-02-01", "10", "0")], vec![payment("Q", "2026-04-02")], None).0);
    assert!(reviewed(Customer::default(), vec![invoice("Q", "2026-02-01", "10", "3")], vec![], None).0);
}

#[test]
fn without_an_earlier_review_the_same_time_before_is_compared() {
    let invoices = vec![invoice("Q", "2026-01-10", "10", "0"), invoice("R", "2026-05-01", "10", "0")];
    let payments = vec![payment("Q", "2026-01-30"), payment("R", "2026-05-11")];
    let (_, said, _) = reviewed(Customer::default(), invoices, payments, None);
    assert!(
        said.starts_with("Nothing is open. Since 2026-04-01 it has paid 10 days late on average, 20 days before: better."),
        "{said}"
    );
    assert!(said.contains("It has no rank; the figures suggest C: change it?"), "{said}");
}
