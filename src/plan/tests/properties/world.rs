//! Random worlds: a timetable, customers, invoices, what happens to them, and the polls of some weeks.

use chrono::{Days, NaiveDate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::office::{Fate, Office, the};
use crate::ledger::Status;
use crate::plan::Plan;

/// How many days are played, from Thursday the 1st of January 2026.
pub const DAYS: u64 = 70;

/// What is played.
#[derive(Debug, Clone)]
pub struct World {
    pub file: String,
    pub invoices: Vec<Start>,
    pub changes: Vec<(u64, Change)>,
    pub polls: Vec<(u64, Poll)>,
}

/// An invoice as it begins: customer, due day, amount, dollars.
pub type Start = (usize, u64, i64, bool);

/// One poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Poll {
    pub today: NaiveDate,
    pub may_send: bool,
    pub fate: Fate,
}

/// Something that happens; the first number is the invoice or the customer, whatever of them there is.
#[derive(Debug, Clone)]
pub enum Change {
    Pay(usize, i64),
    WriteOff(usize),
    Status(usize, Status),
    Dispute(usize, bool),
    Hold(usize, Option<u64>),
    Promise(usize, u64),
    DueDate(usize, u64),
    DoNotContact(usize, bool),
    Bounce(usize),
    NoAddress(usize),
    Credit(usize, i64),
    FinishReviews,
}

impl World {
    /// Plays all polls. `see` is shown the office before and after each of them, the poll, and its plan.
    pub fn play(&self, see: &mut dyn FnMut(&Office, &Office, Poll, &Plan)) -> (Office, NaiveDate) {
        self.play_with(Office::of(&self.file), see)
    }

    /// Likewise, with an office whose timetable was made some other way.
    pub fn play_with(&self, mut office: Office, see: &mut dyn FnMut(&Office, &Office, Poll, &Plan)) -> (Office, NaiveDate) {
        for (n, (customer, due, amount, dollars)) in self.invoices.iter().enumerate() {
            let currency = if *dollars { "USD" } else { "EUR" };
            let customer = format!("C{customer}");
            office.given_an_invoice_of(&format!("I{n}"), &customer, &date(*due).to_string(), *amount, currency);
            office.customer(&customer).rank = (customer == "C0").then(|| "A".to_owned());
        }
        for day in 0..DAYS {
            for (_, change) in self.changes.iter().filter(|(on, _)| *on == day) {
                self.happens(&mut office, change, day);
            }
            for (_, poll) in self.polls.iter().filter(|(on, _)| *on == day) {
                let today = date(day);
                let may_send = poll.may_send && office.timetable.calendar.is_business_day(today);
                let poll = Poll { today, may_send, ..*poll };
                let before = office.clone();
                office.fate = poll.fate;
                let plan = office.poll(today, may_send);
                see(&before, &office, poll, &plan);
            }
        }
        (office, date(DAYS - 1))
    }

    fn happens(&self, office: &mut Office, change: &Change, day: u64) {
        let id = |n: usize| format!("I{}", n % self.invoices.len());
        let customer = |n: usize| format!("C{}", self.invoices[n % self.invoices.len()].0);
        let today = date(day).to_string();
        match change {
            Change::Pay(n, percent) => {
                let open =
                    office.invoice(&id(*n)).total * rust_decimal::Decimal::from(*percent) / rust_decimal::Decimal::from(100);
                office.is_paid(&id(*n), i64::try_from(open.trunc()).unwrap(), &today);
            }
            Change::WriteOff(n) => office.invoice(&id(*n)).open_balance = 0.into(),
            Change::Status(n, status) => office.invoice(&id(*n)).status = *status,
            Change::Dispute(n, disputed) => office.invoice(&id(*n)).disputed = *disputed,
            Change::Hold(n, days) => office.holds(&id(*n), days.map(|d| date(day + d).to_string()).as_deref()),
            Change::Promise(n, days) => office.is_promised(&id(*n), &date(day + days).to_string()),
            Change::DueDate(n, days) => office.invoice(&id(*n)).due_date = date(*days),
            Change::DoNotContact(n, yes) => office.customer(&customer(*n)).do_not_contact = *yes,
            Change::Bounce(n) => office.bounces(&customer(*n)),
            Change::NoAddress(n) => office.customer(&customer(*n)).email.clear(),
            Change::Credit(n, amount) => office.given_unallocated(&customer(*n), *amount, "EUR"),
            Change::FinishReviews => office.log.contacts.iter_mut().for_each(|c| c.open = false),
        }
    }

    /// Whether a due date moves: then T18 re-opens steps.
    pub fn moves_due_dates(&self) -> bool {
        self.changes.iter().any(|(_, c)| matches!(c, Change::DueDate(..)))
    }
}

/// The day of a number.
pub fn date(day: u64) -> NaiveDate {
    the("2026-01-01") + Days::new(day)
}

/// Any world.
pub fn world() -> impl Strategy<Value = World> {
    let follow_ups =
        vec((0_usize..7, 0_u32..9, select(vec!["email = \"y\"", "task = \"call\"", "email = \"z\"\ndays = 12"])), 0..3);
    let file = (top(), vec(step(), 1..7), follow_ups).prop_map(|(top, mut steps, follow_ups)| {
        // T33: some of them follow the e-mails among the others.
        let emails: Vec<usize> = (0..steps.len()).filter(|n| steps[*n].starts_with("email")).collect();
        for (which, silent, what) in follow_ups.into_iter().filter(|_| !emails.is_empty()) {
            let after = emails[which % emails.len()];
            steps.push(format!("{what}\nafter = \"s{after}\"\nsilent_days = {silent}\n"));
        }
        let steps: String = steps.iter().enumerate().map(|(n, lines)| format!("[[step]]\nid = \"s{n}\"\n{lines}")).collect();
        format!("{top}{steps}")
    });
    let invoices = vec((0_usize..3, 0_u64..60, 1_i64..2_000, any::<bool>()), 1..8);
    (file, invoices, vec((0..DAYS, change()), 0..30), polls()).prop_map(|(file, invoices, changes, polls)| World {
        file,
        invoices,
        changes,
        polls,
    })
}

fn top() -> impl Strategy<Value = String> {
    let min_balance = select(vec!["0", "50", "{ USD = 300 }"]);
    let holidays = vec(0..DAYS, 0..5);
    (0_u32..5, 0_u32..12, min_balance, holidays, option::of(0_u64..30), 0_u32..20).prop_map(
        |(quiet, grace, min, holidays, live, resend)| {
            let holidays: Vec<String> = holidays.into_iter().map(|d| format!("\"{}\"", date(d))).collect();
            let live = live.map(|d| format!("go_live = \"{}\"\n", date(d))).unwrap_or_default();
            format!(
                "time_zone = \"UTC\"\nquiet_days = {quiet}\ngrace_days = {grace}\nmin_balance = {min}\nresend_after_days = {resend}\n\
                 holidays = [{}]\n{live}[sizes]\nlarge = 1000\n[[segment]]\nname = \"a\"\nmatch = {{ rank = \"A\" }}\n\
                 [[segment]]\nname = \"rest\"\n",
                holidays.join(", ")
            )
        },
    )
}

fn step() -> impl Strategy<Value = String> {
    let email = || select(vec!["email = \"x\"", "email = \"x\"", "email = \"x\"", "email = \"x\"\nmerge = false"]);
    let other = select(vec![
        "task = \"call\"",
        "task = \"review\"",
        "notify = \"x\"\nto = \"collector\"",
        "notify = \"x\"\nto = \"boss@x.test\"",
    ]);
    let action = prop_oneof![2 => email(), 1 => other];
    let days = prop_oneof![
        3 => (-12_i64..25).prop_map(|d| format!("days = {d}")),
        1 => (-12_i64..25, -12_i64..25).prop_map(|(a, b)| format!("days = {{ a = {a}, rest = {b} }}")),
        1 => (-12_i64..25).prop_map(|d| format!("days = {{ rest = {d} }}")),
        1 => (1_i64..15, any::<bool>()).prop_map(|(d, before)| format!("days = \"{}{d}bd\"", if before { "-" } else { "" })),
    ];
    let repeat = option::weighted(0.2, (3_u32..15).prop_map(|n| format!("\nrepeat_every = {n}")));
    let events = vec!["issued", "paid", "partly_paid", "promise_broken", "disputed"];
    let when = prop_oneof![
        2 => (days, repeat).prop_map(|(d, r)| d + &r.unwrap_or_default()),
        1 => select(events).prop_map(|e| format!("on = \"{e}\"")),
    ];
    let extra =
        select(vec!["", "", "", "\nsizes = \"large\"", "\ngrace_days = 20", "\ngrace_days = 0", "\ncurrencies = \"EUR\""]);
    (action, when, extra).prop_map(|(action, when, extra)| format!("{action}\n{when}{extra}\n"))
}

fn change() -> impl Strategy<Value = Change> {
    let n = 0_usize..8;
    let status = select(vec![Status::Open, Status::Paid, Status::Void, Status::Draft]);
    prop_oneof![
        6 => (n.clone(), select(vec![100_i64, 100, 70, 30, 30, -100])).prop_map(|(n, p)| Change::Pay(n, p)),
        1 => n.clone().prop_map(Change::WriteOff),
        1 => (n.clone(), status).prop_map(|(n, s)| Change::Status(n, s)),
        2 => (n.clone(), any::<bool>()).prop_map(|(n, d)| Change::Dispute(n, d)),
        2 => (n.clone(), option::of(0_u64..15)).prop_map(|(n, d)| Change::Hold(n, d)),
        2 => (n.clone(), 0_u64..15).prop_map(|(n, d)| Change::Promise(n, d)),
        3 => (n.clone(), 0_u64..90).prop_map(|(n, d)| Change::DueDate(n, d)),
        1 => (n.clone(), any::<bool>()).prop_map(|(n, d)| Change::DoNotContact(n, d)),
        1 => n.clone().prop_map(Change::Bounce),
        1 => n.clone().prop_map(Change::NoAddress),
        1 => (n, 1_i64..4_000).prop_map(|(n, a)| Change::Credit(n, a)),
        1 => Just(Change::FinishReviews),
    ]
}

fn polls() -> impl Strategy<Value = Vec<(u64, Poll)>> {
    let fate = select(vec![Fate::Sent, Fate::Sent, Fate::Sent, Fate::Sent, Fate::Failed, Fate::LeftQueued]);
    let poll = (0..DAYS, prop::bool::weighted(0.85), fate)
        .prop_map(|(day, may_send, fate)| (day, Poll { today: date(day), may_send, fate }));
    prop_oneof![
        Just((0..DAYS).map(|d| (d, Poll { today: date(d), may_send: true, fate: Fate::Sent })).collect()),
        vec(poll, 5..90),
    ]
}
