//! T15, T19: what stops a reminder, reason by reason and in their order.

use super::NOTHING;
use super::office::{Office, email, notice, plain, task, the};
use crate::plan::{Kind, last_look};
use crate::timetable::Event;
use crate::timetable::occurrence::Case;
use crate::timetable::stops::{self, Stop};

const FILE: &str = "quiet_days = 0\nmin_balance = { EUR = 50 }";

/// An e-mail, a task and a notice that are all due on the 3rd of March.
fn office() -> Office {
    let steps = email("mail", 1) + &task("call", "call", 1) + &notice("tell", "collector", 1);
    let paused = "[customer.C1]\npaused_until = \"2026-03-03\"\n[customer.C2]\n";
    let mut office = Office::of(&(plain(FILE, &steps) + paused));
    office.timetable.customers.clear();
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office
}

fn reason(office: &Office, step: &str) -> Option<Stop> {
    match office.case_on("2026-03-03", "I1", step, 0) {
        Case::Due => None,
        Case::Stopped(stop) => Some(stop),
        other => panic!("{other:?}"),
    }
}

fn pause(office: &mut Office, until: &str) {
    office.timetable.customers.entry("C1".to_owned()).or_default().paused_until = Some(the(until));
}

/// Something that happens before the poll.
type Happens = fn(&mut Office);

/// Everything that can stop an e-mail, in T19's order, each as something that happens.
fn all_reasons() -> [(Stop, Happens); 9] {
    [
        (Stop::Disputed, |o| o.is_disputed("I1")),
        (Stop::Held, |o| o.holds("I1", None)),
        (Stop::Promised, |o| o.is_promised("I1", "2026-03-03")),
        (Stop::DoNotContact, |o| o.customer("C1").do_not_contact = true),
        (Stop::Paused, |o| pause(o, "2026-03-03")),
        (Stop::NoAddress, |o| o.customer("C1").email.clear()),
        (Stop::Suppressed, |o| o.bounces("C1")),
        (Stop::MinBalance, |o| o.is_paid("I1", 60, "2026-03-01")),
        (Stop::Credit, |o| o.given_unallocated("C1", 100, "EUR")),
    ]
}

#[test]
fn each_reason_stops_the_email_and_only_a_hold_and_a_pause_stop_the_task_and_the_notice() {
    // T19, T24
    for (stop, happen) in all_reasons() {
        let mut office = office();
        happen(&mut office);
        office.poll_on("2026-03-02");
        assert_eq!(reason(&office, "mail"), Some(stop));
        let of_tasks = matches!(stop, Stop::Held | Stop::Paused).then_some(stop);
        assert_eq!((reason(&office, "call"), reason(&office, "tell")), (of_tasks, of_tasks), "{stop:?}");
    }
}

#[test]
fn of_two_reasons_the_earlier_one_of_the_list_is_told() {
    // T19. An address that is missing cannot be suppressed as well.
    for (n, (stop, happen)) in all_reasons().into_iter().enumerate() {
        for (later, and_this) in &all_reasons()[n + 1..] {
            if (stop, *later) == (Stop::NoAddress, Stop::Suppressed) {
                continue;
            }
            let mut office = office();
            happen(&mut office);
            and_this(&mut office);
            office.poll_on("2026-03-02");
            assert_eq!(reason(&office, "mail"), Some(stop), "{stop:?} and {later:?}");
        }
    }
}

#[test]
fn what_is_stopped_writes_nothing_waits_and_goes_out_when_the_reason_is_gone() {
    // T15
    let mut office = office();
    office.invoice("I1").disputed = true;
    assert_eq!(office.poll_on("2026-03-03"), ["notice to collector: tell/I1", "call: call/I1"]);
    let waiting = office.plan_on("2026-03-04").waiting;
    assert_eq!((waiting[0].step.as_str(), waiting[0].reason, waiting[0].rule), ("mail", "disputed", "T15"));
    office.invoice("I1").disputed = false;
    assert_eq!(office.poll_on("2026-03-05"), ["past-due: mail/I1"]);
}

#[test]
fn what_is_stopped_for_too_long_expires() {
    // T13 comes before T15.
    let mut office = office();
    office.invoice("I1").disputed = true;
    office.poll_on("2026-03-03");
    assert_eq!(office.poll_on("2026-03-14"), ["skip expired: mail/I1"]);
}

#[test]
fn a_hold_lasts_until_its_day_and_that_day_too_and_a_customers_hold_is_for_all_its_invoices() {
    // T19; the command line's `hold --until`.
    let mut office = office();
    office.holds_customer("C1", Some("2026-03-04"));
    assert_eq!(office.poll_on("2026-03-04"), NOTHING);
    assert_eq!(office.poll_on("2026-03-05").len(), 3);
    let mut office = self::office();
    office.holds("I1", Some("2026-03-04"));
    office.holds_customer("C1", Some("2026-03-03"));
    assert_eq!(office.poll_on("2026-03-04"), NOTHING, "the invoice's own hold is still in force");
}

#[test]
fn a_promise_stops_until_its_grace_is_over() {
    // T19: promised for the 4th, two days of grace: the 6th is the last day.
    let mut office = Office::with(&email("mail", 1));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.is_promised("I1", "2026-03-04");
    assert_eq!(office.poll_on("2026-03-06"), NOTHING);
    assert_eq!(office.poll_on("2026-03-09"), ["past-due: mail/I1"]);
}

#[test]
fn of_an_invoices_and_its_customers_promise_the_later_one_counts() {
    // T19
    for (own, customers) in [("2026-03-10", "2026-03-03"), ("2026-03-03", "2026-03-10")] {
        let mut office = Office::with(&email("mail", 1));
        office.given_an_invoice("I1", "C1", "2026-03-02");
        office.is_promised("I1", own);
        office.customer_promises("C1", customers);
        assert_eq!(office.poll_on("2026-03-12"), NOTHING);
        assert_eq!(office.poll_on("2026-03-13"), ["past-due: mail/I1"]);
    }
}

#[test]
fn the_least_balance_is_still_dunned_and_what_lies_below_is_not() {
    // T19: `min_balance` is 50 EUR, and 0 for a currency that it does not name.
    let mut office = office();
    office.is_paid("I1", 50, "2026-03-01");
    office.poll_on("2026-03-02");
    assert_eq!(reason(&office, "mail"), None);
    office.is_paid("I1", 1, "2026-03-01");
    assert_eq!(reason(&office, "mail"), Some(Stop::MinBalance));
    let mut office = self::office();
    office.given_an_invoice_of("I2", "C1", "2026-03-02", 1, "USD");
    assert_eq!(office.poll_on("2026-03-03")[0], "past-due: mail/I1 mail/I2");
}

#[test]
fn one_usable_address_is_enough() {
    // T19
    let mut office = office();
    let more = crate::address::EmailAddress::parse("more@x.test").unwrap();
    office.bounces("C1");
    office.customer("C1").email.push(more.clone());
    let plan = office.plan_on("2026-03-03");
    assert_eq!(plan.contacts[0].to, [more]);
}

#[test]
fn a_notice_needs_somebody_to_write_to() {
    // T24
    let mut office = office();
    office.customer("C1").collector = None;
    office.poll_on("2026-03-02");
    assert_eq!(reason(&office, "tell"), Some(Stop::NoAddress));
    assert_eq!(reason(&office, "call"), None, "a task without a collector is still work");
}

#[test]
fn payments_that_are_too_old_stop_past_due_emails_after_all_other_reasons_and_nothing_else() {
    // L10
    let steps = email("before", -1) + &email("mail", 1) + &task("call", "call", 1) + &notice("tell", "collector", 1);
    let mut office = Office::of(&plain(FILE, &steps));
    office.given_an_invoice("I1", "C1", "2026-03-02");
    office.given_an_invoice("I2", "C2", "2026-03-04");
    (office.ledger.payments_as_of, office.ledger.payments_wanted) = (Some(the("2026-02-27")), Some(the("2026-02-28")));
    let plan = office.plan_on("2026-03-03");
    let waits: Vec<_> = plan.waiting.iter().map(|w| (w.step.as_str(), w.reason, w.rule)).collect();
    assert_eq!(waits, [("mail", "payments_too_old", "L10")]);
    assert_eq!(plan.contacts.len(), 3, "the reminder of C2, the call and the notice go on: {:#?}", plan.contacts);
    let invoice = office.ledger.invoices["I1"].clone();
    let stops = |office: &Office, event, days| {
        office.on(the("2026-03-03"), |day| {
            let account = day.account(&office.ledger.customers["C1"], &[&invoice], &stops::sums(&office.ledger));
            last_look::stops_now(day, &account, &invoice, Kind::Email, event, days, ("mail", 0))
        })
    };
    assert_eq!(stops(&office, None, Some(1)), Some(Stop::PaymentsTooOld), "T26");
    assert_eq!((stops(&office, None, Some(-1)), stops(&office, Some(Event::Disputed), None)), (None, None));
    office.is_disputed("I1");
    assert_eq!(reason(&office, "mail"), Some(Stop::Disputed));
}
