//! A poll looks only at the customers of whom something may be due or has changed (L7); what it finds is what it would find
//! if it looked at everybody.

use serde_json::Value;

use crate::support::company::{Company, a_company, text};
use crate::support::dice::Dice;
use crate::support::state;

const CUSTOMERS: u64 = 40;

/// A bit of everything that depends on days.
const TIMETABLE: &str = r#"
time_zone = "America/New_York"
send_window = { days = "mon-fri", from = "08:00", to = "17:30" }
holidays = ["2026-03-17"]
quiet_days = 2
grace_days = 6
go_live = "2026-03-05"
volume_guard = 0
promise_grace_days = 1

[[segment]]
name = "new"
match = { customer_for_days_below = 45 }

[[segment]]
name = "large"
match = { open_balance_from = "250" }

[[segment]]
name = "all"

[[step]]
id = "coming"
email = "reminder"
days = { all = -5, large = -9 }

[[step]]
id = "past-due"
email = "past-due"
days = { all = 3, new = 6, large = 1 }
repeat_every = 7
repeat_until = 40

[[step]]
id = "call"
task = "call"
days = 15

[[step]]
id = "silent"
task = "call"
after = "past-due"
silent_days = 3

[[step]]
id = "last-word"
email = "past-due"
days = { all = 14, new = 9 }
after = "past-due"
silent_days = 5

[[step]]
id = "review"
task = "review"
days = { all = 12, new = 20 }

[[step]]
id = "chief"
notify = "notice"
to = "chief@us.example"
days = { large = 10, all = 25 }

[[step]]
id = "thanks"
email = "thank-you"
on = "paid"

[[step]]
id = "broken"
task = "call"
on = "promise_broken"
"#;

fn date(day: u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// What a poll did, without what is made by chance.
fn done(company: &Company, now: &str) -> Vec<String> {
    let polled = company.poll_at(now);
    assert!(polled.poll["problems"].as_array().is_some_and(Vec::is_empty), "{}", polled.poll);
    let invoices = |c: &Value| -> Vec<String> {
        c["invoices"].as_array().unwrap().iter().map(|i| format!("{}#{}", text(i, "id"), i["occurrence"])).collect()
    };
    let one = |c: &Value| {
        format!(
            "{} {} {} {} {:?} {}",
            text(c, "kind"),
            text(c, "step"),
            text(c, "customer"),
            text(c, "state"),
            invoices(c),
            c["reason"]
        )
    };
    let mut all: Vec<String> = polled.contacts.iter().map(one).collect();
    all.push(format!("{} invoices of {} customers", polled.poll["open_invoices"], polled.poll["customers"]));
    all
}

#[test]
fn what_sleeping_customers_are_not_asked_is_what_would_not_have_happened() {
    let (slept, sent, _) = lived_through(TIMETABLE, 22);
    assert!(slept > 100 && sent > 40, "{slept} times a customer slept, {sent} were sent");
}

#[test]
fn whom_people_look_after_hangs_on_all_customers_and_those_who_sleep_are_counted() {
    let (slept, _, waiting) = lived_through(&format!("{TIMETABLE}\n[priority]\npersonal = \"pareto\"\n"), 8);
    assert!(slept > 20 && waiting > 5, "{slept} times a customer slept, {waiting} waited for approval");
}

/// Plays days with two companies, in one of which nobody sleeps. How often somebody slept, was written to, and how many e-mails
/// began to wait.
fn lived_through(timetable: &str, days: u64) -> (i64, usize, usize) {
    let mut dice = Dice::thrown();
    let mut twins = [(); 2].map(|()| a_company().with_all_templates().with_timetable(timetable));
    let (mut invoices, mut slept, mut sent, mut waiting) = (0, 0, 0, 0);
    for day in 0..days {
        let today = date(day);
        for _ in 0..=dice.below(if day == 0 { 90 } else { 6 }) + u64::from(day == 0) * 60 {
            invoices += 1;
            let (id, customer) = (format!("I-{invoices:03}"), format!("C-{:02}", dice.below(CUSTOMERS)));
            let due = date((day + dice.below(25)).saturating_sub(8));
            twins.iter_mut().for_each(|t| t.given_an_invoice(&id, &customer, &due));
            // Some are paid, perhaps on a day to come.
            if dice.below(3) == 0 {
                let on = date(day + dice.below(12));
                twins.iter_mut().for_each(|t| t.given_a_payment(&format!("P-{id}"), &customer, &id, &on));
            }
        }
        if dice.below(4) == 0 {
            let customer = format!("C-{:02}", dice.below(CUSTOMERS));
            twins.iter_mut().for_each(|t| t.given_a_customer(&customer, if day % 2 == 0 { "" } else { "new@customer.example" }));
        }
        let invoice = format!("I-{:03}", 1 + dice.below(invoices));
        let customer = format!("C-{:02}", dice.below(CUSTOMERS));
        let soon = date(day + dice.below(5));
        let act: Vec<&str> = match dice.below(8) {
            7 => vec!["note", "--customer", &customer, "--reply", "x"],
            0 => vec!["hold", "--customer", &customer, "--until", &soon, "--reason", "x"],
            1 => vec!["hold", "--invoice", &invoice, "--reason", "x"],
            2 => vec!["release", "--invoice", &invoice],
            3 => vec!["promise", "--customer", &customer, "--by", &soon],
            4 => vec!["promise", "--invoice", &invoice, "--by", &soon],
            5 => vec!["dispute", "--invoice", &invoice, "--reason", "x"],
            _ => vec!["dispute", "--invoice", &invoice, "--resolve"],
        };
        let now = format!("{today}T09:00:00-04:00");
        for twin in &twins {
            twin.import();
            twin.run_at(&now, &act);
        }
        // Nobody sleeps there.
        state::edit(&twins[1].database(), &["DELETE FROM state WHERE key = 'agenda'"]);
        let [these, all] = [0, 1].map(|n| done(&twins[n], &now));
        assert_eq!(these, all, "on {today}");
        waiting += these.iter().filter(|c| c.contains(" planned ")).count();
        sent += these.iter().filter(|c| c.contains(" sent ")).count();
        let sql = format!("SELECT count(*) AS n FROM customer_agenda WHERE look_on > '{today}'");
        slept += state::numbers(&twins[0].database(), &sql)[0];
    }
    eprintln!("{invoices} invoices, {sent} sent, {slept} times a customer slept");
    let stay = |t: &Company| t.run(&["log", "--verify"]).exits(0);
    twins.iter().for_each(|t| drop(stay(t)));
    (slept, sent, waiting)
}
