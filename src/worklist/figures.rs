//! What the books say of the customers whose tasks are put in order. Pure: it is told page by page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use crate::ledger::{Customer, Invoice, Snapshot};
use crate::money::Currency;
use crate::timetable::history::Controls;
use crate::timetable::personal::Personal;
use crate::timetable::stops::{Account, Stop, Sums};
use crate::timetable::{Priority, Timetable};

/// An open invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub due: NaiveDate,
    pub balance: Decimal,
    pub currency: Currency,
    pub disputed: bool,
}

/// One customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub name: String,
    pub rank: Option<String>,
    /// The same for people, with where it comes from.
    pub shown_rank: Option<String>,
    /// By id.
    pub open: BTreeMap<String, Open>,
    /// When the oldest open invoice was issued; `None`: nothing is open.
    pub open_since: Option<NaiveDate>,
    /// The credit limit, which has no currency.
    pub limit: Option<Decimal>,
    /// The day of the last payment above 0.
    pub last_payment: Option<NaiveDate>,
    /// How many invoices were paid in the time that counts, and the sum of their days from the due date to the last payment.
    pub paid: (u32, i64),
    /// Why no e-mail reaches it.
    pub no_email: Option<Stop>,
    /// Why people look after it; `None`: they do not.
    pub personal: Option<String>,
}

/// What is known beside the books.
#[derive(Debug, Default)]
pub struct Known {
    pub controls: Controls,
    /// Since when each of them has been a customer (T6).
    pub since: HashMap<String, NaiveDate>,
    /// Whom people look after, by what is open.
    pub personal: Personal,
}

impl Figures {
    /// What the ledger has of a customer with these invoices and payments.
    #[must_use]
    pub fn of(
        timetable: &Timetable,
        customer: &Customer,
        invoices: &[&Invoice],
        paid_on: &HashMap<&str, NaiveDate>,
        known: &Known,
        today: NaiveDate,
    ) -> Self {
        let controls = &known.controls;
        let open: Vec<&&Invoice> = invoices.iter().filter(|i| i.is_open()).collect();
        let shown = |i: &&&Invoice| {
            let disputed = i.disputed || controls.disputes.contains(&i.id);
            (i.id.clone(), Open { due: i.due_date, balance: i.open_balance, currency: i.currency, disputed })
        };
        let account = {
            let since = known.since.get(&customer.id).copied();
            Account::new(timetable, customer, invoices, &Sums::default(), since, controls, today)
        };
        Self {
            name: customer.name.clone(),
            rank: customer.rank.clone(),
            shown_rank: customer.shown_rank(),
            open_since: open.iter().map(|i| i.issue_date).min(),
            open: open.iter().map(shown).collect(),
            limit: customer.credit_limit,
            last_payment: None,
            paid: days_late(invoices, paid_on, since(&timetable.priority, today)),
            personal: timetable.personal(&customer.id, account.segment, &known.personal).map(|why| why.said()),
            no_email: account.stops().into_iter().find(|s| matches!(s, Stop::NoAddress | Stop::Suppressed)),
        }
    }

    /// What is open, by currency.
    #[must_use]
    pub fn open_by_currency(&self) -> BTreeMap<Currency, Decimal> {
        sums(self.open.values())
    }
}

/// The first day of the time that counts.
#[must_use]
pub fn since(priority: &Priority, today: NaiveDate) -> NaiveDate {
    today.checked_sub_signed(TimeDelta::days(priority.look_back.into())).unwrap_or(NaiveDate::MIN)
}

/// The sums of some invoices, by currency.
pub fn sums<'a>(invoices: impl Iterator<Item = &'a Open>) -> BTreeMap<Currency, Decimal> {
    let mut sums: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for open in invoices {
        *sums.entry(open.currency).or_default() += open.balance;
    }
    sums
}

/// Of the invoices that are paid and whose last payment came since a day: how many, and the sum of the days from the due date.
fn days_late(invoices: &[&Invoice], paid_on: &HashMap<&str, NaiveDate>, since: NaiveDate) -> (u32, i64) {
    let paid = invoices.iter().filter(|i| !i.is_open());
    let late = paid.filter_map(|i| Some((*paid_on.get(i.id.as_str()).filter(|on| **on >= since)? - i.due_date).num_days()));
    // Who pays early is not late; and does not make up for another invoice.
    late.fold((0, 0), |(count, sum), days| (count + 1, sum + days.max(0)))
}

/// Looks at the customers of a page that are wanted.
pub fn look(
    timetable: &Timetable,
    ledger: &Snapshot,
    wanted: &BTreeSet<String>,
    known: &Known,
    today: NaiveDate,
    found: &mut HashMap<String, Figures>,
) {
    let mut invoices: HashMap<&str, Vec<&Invoice>> = HashMap::new();
    for invoice in ledger.invoices.values().filter(|i| wanted.contains(&i.customer_id)) {
        invoices.entry(&invoice.customer_id).or_default().push(invoice);
    }
    let mut paid_on: HashMap<&str, NaiveDate> = HashMap::new();
    let mut last: HashMap<&str, NaiveDate> = HashMap::new();
    let later = |map: &mut HashMap<_, NaiveDate>, key, day: NaiveDate| {
        let newest = map.entry(key).or_insert(day);
        *newest = day.max(*newest);
    };
    for payment in ledger.payments.iter().filter(|p| p.amount > Decimal::ZERO && p.received_on <= today) {
        // A payment is its invoice's customer's.
        let invoice = payment.invoice_id.as_ref().and_then(|id| ledger.invoices.get(id));
        if let Some(invoice) = invoice {
            later(&mut paid_on, invoice.id.as_str(), payment.received_on);
        }
        later(&mut last, invoice.map_or(payment.customer_id.as_str(), |i| &i.customer_id), payment.received_on);
    }
    for customer in ledger.customers.values().filter(|c| wanted.contains(&c.id)) {
        let own = invoices.get(customer.id.as_str()).map_or(&[][..], Vec::as_slice);
        let figures = Figures::of(timetable, customer, own, &paid_on, known, today);
        let last_payment = last.get(customer.id.as_str()).copied();
        found.insert(customer.id.clone(), Figures { last_payment, ..figures });
    }
}
