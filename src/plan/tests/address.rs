//! T22: `merge = "address"`: one e-mail for customers that share their addresses.

use super::office::{Office, contacts, email, plain};
use crate::address::EmailAddress;
use crate::timetable::occurrence::Case;

fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@x.test")).unwrap()
}

/// Two customers with one address, each with an invoice.
fn shared(quiet: u32, steps: &str) -> Office {
    let mut office = Office::of(&plain(&format!("quiet_days = {quiet}\nmerge = \"address\""), steps));
    office.given_an_invoice_of("I1", "C1", "2026-03-02", 100, "EUR");
    office.given_an_invoice_of("I2", "C2", "2026-03-02", 200, "EUR");
    for id in ["C1", "C2"] {
        office.customer(id).email = vec![address("ap")];
    }
    office
}

#[test]
fn customers_that_share_an_address_get_one_email_led_as_ever() {
    let mut office = shared(0, &email("first", 1));
    let plan = office.plan_on("2026-03-03");
    assert_eq!(contacts(&plan), ["past-due: first/I2 first/I1"]);
    assert_eq!(plan.contacts[0].customer, "C2");
    assert_eq!(plan.contacts[0].covered.iter().map(|c| c.customer.as_str()).collect::<Vec<_>>(), ["C2", "C1"]);
    assert!(office.contacts_on("2026-03-04").is_empty());
}

#[test]
fn the_order_of_the_addresses_does_not_matter_and_everything_else_does() {
    let of = |change: &dyn Fn(&mut Office)| {
        let mut office = shared(0, &email("first", 1));
        change(&mut office);
        office.contacts_on("2026-03-03").len()
    };
    let both = |office: &mut Office| {
        office.customer("C1").email = vec![address("ap"), address("boss")];
        office.customer("C2").email = vec![address("boss"), address("ap")];
    };
    assert_eq!(of(&both), 1);
    assert_eq!(of(&|o| o.customer("C1").email.push(address("boss"))), 2);
    assert_eq!(of(&|o| o.customer("C1").cc = vec![address("boss")]), 2);
    assert_eq!(of(&|o| o.customer("C1").language = Some("de".to_owned())), 2);
}

#[test]
fn a_step_may_merge_by_customer_though_the_file_merges_by_address_and_the_other_way_round() {
    let mut office = shared(0, &(email("first", 1) + "merge = true\n"));
    assert_eq!(office.contacts_on("2026-03-03"), ["past-due: first/I1", "past-due: first/I2"]);
    let mut office = shared(0, &(email("first", 1) + "merge = \"address\"\n"));
    office.timetable.quiet_days = 0;
    assert_eq!(office.contacts_on("2026-03-03").len(), 1);
}

#[test]
fn the_quiet_days_count_for_all_who_share_the_address() {
    // T16
    let mut office = shared(3, &email("first", 1));
    office.invoice("I2").due_date = "2026-03-04".parse().unwrap();
    assert_eq!(office.contacts_on("2026-03-03"), ["past-due: first/I1"]);
    let until = "2026-03-07".parse().unwrap();
    assert_eq!(office.case_on("2026-03-05", "I2", "first", 0), Case::Deferred { until });
    let line = office.line("2026-03-05", "I2", "first", "deferred");
    assert!(line.explanation.contains("because of the e-mail of Tue 3 Mar to the same address (first of I1)"), "{line:?}");
    assert_eq!(office.contacts_on("2026-03-09"), ["past-due: first/I2"]);
}

#[test]
fn the_coming_due_email_of_one_gives_way_to_the_past_due_one_of_another() {
    // T23
    let mut office = shared(2, &(email("soon", -3) + &email("late", 1)));
    office.invoice("I2").due_date = "2026-03-06".parse().unwrap();
    let plan = office.plan_on("2026-03-03");
    assert_eq!(contacts(&plan), ["past-due: late/I1"]);
    assert_eq!((plan.waiting[0].invoice.as_str(), plan.waiting[0].rule), ("I2", "T23"));
    let line = office.line("2026-03-03", "I2", "soon", "deferred");
    assert_eq!(line.rule, "T16");
}

#[test]
fn a_hold_of_one_customer_stops_only_its_own_invoices() {
    // T19
    let mut office = shared(0, &email("first", 1));
    office.holds("I2", None);
    assert_eq!(office.contacts_on("2026-03-03"), ["past-due: first/I1"]);
}

#[test]
fn the_volume_guard_counts_the_emails_and_not_the_customers() {
    // T28
    let many = |address: &dyn Fn(usize) -> EmailAddress| {
        let mut office = Office::of(&plain("quiet_days = 0\nmerge = \"address\"", &email("first", 1)));
        for n in 0..210 {
            office.given_an_invoice(&format!("I{n}"), &format!("C{n}"), "2026-03-02");
            office.customer(&format!("C{n}")).email = vec![address(n)];
        }
        office.plan_on("2026-03-03").held_by_volume
    };
    assert_eq!(many(&|_| address("ap")), 0);
    assert_eq!(many(&|n| address(&n.to_string())), 210);
}
