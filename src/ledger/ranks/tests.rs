//! The ranks of ledgers that are made up, as of the first of April.

use super::*;
use crate::ledger::model::{Payment, Status};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn invoice(id: &str, issued: &str, due: &str, amount: &str) -> Invoice {
    let (amount, currency) = amount.split_once(' ').unwrap_or((amount, "EUR"));
    Invoice::unpaid(id, "C", (day(issued), day(due)), currency.parse().unwrap(), amount.parse().unwrap())
}

fn paid(invoice: Invoice) -> Invoice {
    Invoice { open_balance: Decimal::ZERO, ..invoice }
}

fn payment(invoice: &str, on: &str) -> Payment {
    Payment {
        id: format!("{invoice}-{on}"),
        customer_id: "C".to_owned(),
        invoice_id: Some(invoice.to_owned()),
        received_on: day(on),
        amount: 1.into(),
        currency: "EUR".parse().unwrap(),
    }
}

fn picture(customer: Customer, invoices: Vec<Invoice>, payments: Vec<Payment>) -> Snapshot {
    Snapshot {
        customers: BTreeMap::from([("C".to_owned(), Customer { id: "C".to_owned(), ..customer })]),
        invoices: invoices.into_iter().map(|i| (i.id.clone(), i)).collect(),
        payments,
        ..Snapshot::default()
    }
}

fn computed(ranks: &Ranks, picture: &Snapshot) -> Computed {
    ranks.all(picture, day("2026-04-01")).next().unwrap().1
}

/// Name, figure and rank of each part, and what comes of it.
fn said(computed: &Computed) -> Vec<String> {
    let part = |p: &Part| format!("{}: {} {}", p.name, p.figure.as_deref().unwrap_or("-"), p.rank.unwrap_or("-"));
    let whole = format!("{} {}", computed.points.map_or("-".to_owned(), |p| p.to_string()), computed.rank.unwrap_or("-"));
    computed.parts.iter().map(part).chain([whole]).collect()
}

#[test]
fn a_rank_is_the_weighted_average_of_volume_lateness_and_margin() {
    let margin = BTreeMap::from([("margin".to_owned(), "22.5 %".to_owned())]);
    let invoices = vec![
        paid(invoice("A", "2026-01-01", "2026-02-01", "30000")),
        paid(invoice("B", "2026-01-01", "2026-02-01", "100")),
        invoice("O", "2026-02-01", "2026-03-02", "100"),
    ];
    let payments = vec![payment("A", "2026-02-10"), payment("A", "2026-02-21"), payment("B", "2026-01-20")];
    let all = computed(&Ranks::default(), &picture(Customer { extra: margin, ..Customer::default() }, invoices, payments));
    // 20 days of A, none of B, 30 of what is still open: 50 / 3.
    let expected = [
        "volume: 30200.00 EUR invoiced B",
        "days_late: 17 days late on average (50 days of 3 invoices) C",
        "margin: 22.5 % B",
        // (3 × 1 + 2 × 2 + 3 × 1) / 4
        "2.50 B",
    ];
    assert_eq!(said(&all), expected);
}

#[test]
fn only_what_was_before_the_first_of_the_month_counts() {
    let ranks = Ranks::default();
    let before = vec![paid(invoice("A", "2025-04-01", "2025-05-01", "6000"))];
    let base = said(&computed(&ranks, &picture(Customer::default(), before.clone(), vec![payment("A", "2025-05-03")])));
    assert_eq!(
        base,
        ["volume: 6000.00 EUR invoiced C", "days_late: 2 days late on average (2 days of 1 invoice) A", "margin: - -", "3.33 B"]
    );
    let with = |more: Vec<Invoice>, payments: Vec<Payment>| {
        let all = before.iter().cloned().chain(more).collect();
        said(&computed(&ranks, &picture(Customer::default(), all, payments)))
    };
    let own = || payment("A", "2025-05-03");
    assert_eq!(with(vec![invoice("N", "2026-04-01", "2026-04-10", "900000")], vec![own()]), base, "issued in this month");
    assert_eq!(
        with(vec![paid(invoice("N", "2025-03-31", "2025-03-31", "900000"))], vec![own(), payment("N", "2025-03-31")]),
        base
    );
    let void = Invoice { status: Status::Void, ..invoice("N", "2026-01-01", "2026-01-02", "900000") };
    assert_eq!(with(vec![void], vec![own()]), base);
    // Paid in this month: open and 21 days late on its first day, whatever came since.
    let late = invoice("N", "2026-02-01", "2026-03-11", "1000");
    let open = with(vec![late.clone()], vec![own()]);
    assert_eq!(open[1], "days_late: 12 days late on average (23 days of 2 invoices) B");
    assert_eq!(with(vec![paid(late)], vec![own(), payment("N", "2026-04-20")]), open);
}

#[test]
fn currencies_are_not_added_and_each_may_have_limits_of_its_own() {
    let invoices =
        vec![invoice("A", "2026-03-01", "2026-05-01", "4000 EUR"), invoice("B", "2026-03-01", "2026-05-01", "4000000 JPY")];
    let mut ranks = Ranks::default();
    let books = picture(Customer::default(), invoices, vec![]);
    assert_eq!(said(&computed(&ranks, &books))[0], "volume: 4000000 JPY invoiced A");
    let limits = [15_000_000, 3_750_000, 750_000].map(Decimal::from);
    ranks.volume_in.insert("JPY".parse().unwrap(), limits);
    assert_eq!(said(&computed(&ranks, &books))[0], "volume: 4000000 JPY invoiced B");
}

#[test]
fn of_whom_the_books_have_nothing_there_is_no_rank() {
    let extra = BTreeMap::from([("margin".to_owned(), "much".to_owned())]);
    let nothing = computed(&Ranks::default(), &picture(Customer { extra, ..Customer::default() }, vec![], vec![]));
    assert_eq!(said(&nothing), ["volume: - -", "days_late: - -", "margin: \"much\" is no number of percent -", "- -"]);
}

#[test]
fn a_computed_rank_takes_the_place_of_the_ledgers_only_if_the_file_says_so() {
    let books = || {
        let given = Customer { rank: Some("D".to_owned()), ..Customer::default() };
        let mut all = picture(given, vec![invoice("A", "2026-03-01", "2026-05-01", "900000")], vec![]);
        let none = Customer { id: "N".to_owned(), ..Customer::default() };
        let own = Invoice { customer_id: "N".to_owned(), ..invoice("N", "2026-03-01", "2026-05-01", "900000") };
        all.customers.insert("N".to_owned(), none);
        all.invoices.insert("N".to_owned(), own);
        all
    };
    let ranks = |uses: Use| {
        let (rules, mut all) = (Ranks { uses, ..Ranks::default() }, books());
        rules.apply(&mut all, day("2026-04-17"));
        let once = all.clone();
        rules.apply(&mut all, day("2026-04-30"));
        assert_eq!(all, once, "the same on every day of a month");
        let said = |id: &str| format!("{:?} {}", all.customers[id].rank.as_deref(), all.customers[id].rank_is_computed);
        (said("C"), said("N"))
    };
    let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(ranks(Use::Ledger), both("Some(\"D\") false", "None false"));
    assert_eq!(ranks(Use::Missing), both("Some(\"D\") false", "Some(\"A\") true"));
    assert_eq!(ranks(Use::Computed), both("Some(\"A\") true", "Some(\"A\") true"));
}

#[test]
fn ranks_change_on_the_first_of_a_month() {
    let next = |uses: Use, on: &str| Ranks { uses, ..Ranks::default() }.next(day(on));
    assert_eq!(next(Use::Computed, "2026-12-01"), Some(day("2027-01-01")));
    assert_eq!(next(Use::Missing, "2026-01-31"), Some(day("2026-02-01")));
    assert_eq!(next(Use::Ledger, "2026-01-31"), None);
}
