//! What a template sees. Amounts are exact decimals as text, dates are ISO 8601 as text, and what is absent is absent
//! (not null, not empty), so that using it without a test is an error (crates.md trap 10).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::address::EmailAddress;
use crate::ledger;
use crate::message::clean;
use crate::message::interest::Span;
use crate::message::settings::Company;
use crate::money::Currency;

/// Everything that a template may name (`spec: Templates`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Context {
    pub customer: Customer,
    /// The invoices of this e-mail, the lead first.
    pub invoices: Vec<Invoice>,
    /// The customer's other open invoices.
    pub other_open: Vec<Invoice>,
    /// One for each currency, by its code.
    pub totals: Vec<Total>,
    pub step: Step,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The new deadline that the step sets (`pay_within`), a business day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_by: Option<NaiveDate>,
    /// The lead's; negative before its due date.
    pub days_past_due: i64,
    #[serde(serialize_with = "letterhead")]
    pub company: Company,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector: Option<Collector>,
    pub today: NaiveDate,
    /// The customer's; a template sees the language in which it is written.
    pub language: String,
    /// Earlier contacts about the lead, the oldest first; empty: this is the first.
    pub history: Vec<Earlier>,
}

fn letterhead<S: serde::Serializer>(company: &Company, s: S) -> Result<S::Ok, S::Error> {
    company.letterhead().serialize(s)
}

/// The customer, as far as a template may see it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Customer {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<String>,
    pub extra: BTreeMap<String, String>,
}

impl Customer {
    /// The ledger's row, its texts made one visible line each (D12, L9).
    #[must_use]
    pub fn of(row: &ledger::Customer) -> Self {
        Self {
            id: clean::name(&row.id),
            name: clean::name(&row.name),
            language: shown(row.language.as_ref()),
            country: shown(row.country.as_ref()),
            phone: shown(row.phone.as_ref()),
            segment: shown(row.segment.as_ref()),
            rank: shown(row.rank.as_ref()),
            extra: row.extra.clone(),
        }
    }
}

/// An invoice, as far as a template may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invoice {
    pub id: String,
    pub number: String,
    pub customer_id: String,
    pub customer_name: String,
    pub issue_date: NaiveDate,
    pub due_date: NaiveDate,
    /// An exact decimal, for the filter `money`; so is `open_balance`.
    pub total: String,
    pub open_balance: String,
    pub currency: Currency,
    /// Calendar days; negative before the due date.
    pub days_past_due: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// As the ledger has it; a template links to `pay_link(invoice=i)`, which is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_url: Option<String>,
    /// The step that this contact is for this invoice; absent for other open ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Interest on the late payment, an exact decimal; absent where nothing is claimed, and so are the two after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// The fixed sum for the trouble.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensation: Option<String>,
    /// How the interest came about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interest_spans: Vec<Span>,
    pub extra: BTreeMap<String, String>,
}

impl Invoice {
    /// The ledger's row as of `today`, its texts made one visible line each (D12, L9).
    #[must_use]
    pub fn of(row: &ledger::Invoice, customer_name: &str, today: NaiveDate, step: Option<&str>) -> Self {
        Self {
            id: clean::name(&row.id),
            number: clean::name(&row.number),
            customer_id: clean::name(&row.customer_id),
            customer_name: clean::name(customer_name),
            issue_date: row.issue_date,
            due_date: row.due_date,
            total: row.currency.plain(row.total),
            open_balance: row.currency.plain(row.open_balance),
            currency: row.currency,
            days_past_due: row.days_past_due(today),
            po_number: shown(row.po_number.as_ref()),
            payment_url: row.payment_url.clone().filter(|u| !u.trim().is_empty()),
            step: step.map(str::to_owned),
            interest: None,
            compensation: None,
            interest_spans: Vec::new(),
            extra: row.extra.clone(),
        }
    }
}

/// The sums of one currency; currencies are never added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Total {
    pub currency: Currency,
    /// What is open on the invoices of this e-mail.
    pub covered: String,
    /// What is open on all of the customer's invoices.
    pub open: String,
    /// The part of `open` whose due date has passed.
    pub past_due: String,
    /// The interest on the invoices of this e-mail; absent where nothing is claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// The fixed sums on the invoices of this e-mail; absent likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensation: Option<String>,
    /// `covered` with both; absent without `interest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_interest: Option<String>,
}

impl Total {
    /// The totals of the invoices of an e-mail and of the customer's other open ones.
    #[must_use]
    pub fn of(covered: &[Invoice], other_open: &[Invoice]) -> Vec<Self> {
        let mut sums: BTreeMap<Currency, [Decimal; 3]> = BTreeMap::new();
        for (invoice, in_mail) in covered.iter().map(|i| (i, true)).chain(other_open.iter().map(|i| (i, false))) {
            let amount = invoice.open_balance.parse::<Decimal>().unwrap_or_default();
            let sum = sums.entry(invoice.currency).or_default();
            for (slot, counts) in [(0, in_mail), (1, true), (2, invoice.days_past_due > 0)] {
                if counts {
                    sum[slot] = sum[slot].saturating_add(amount);
                }
            }
        }
        let sum = |currency: Currency, part: fn(&Invoice) -> Option<&String>| {
            let parts = covered.iter().filter(|i| i.currency == currency).filter_map(part).filter_map(|a| a.parse().ok());
            parts.reduce(Decimal::saturating_add)
        };
        let total = |(currency, [covered, open, past_due]): (Currency, [Decimal; 3])| {
            let interest = sum(currency, |i| i.interest.as_ref());
            let compensation = sum(currency, |i| i.compensation.as_ref());
            let claimed = |interest: Decimal| covered.saturating_add(interest).saturating_add(compensation.unwrap_or_default());
            Self {
                currency,
                covered: currency.plain(covered),
                open: currency.plain(open),
                past_due: currency.plain(past_due),
                interest: interest.map(|i| currency.plain(i)),
                compensation: compensation.map(|c| currency.plain(c)),
                with_interest: interest.map(|i| currency.plain(claimed(i))),
            }
        };
        sums.into_iter().map(total).collect()
    }
}

/// The step of the timetable that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub id: String,
    /// Calendar days from the due date; absent for an event (T20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// `email`, `notice` or `task`.
    pub action: String,
}

/// The colleague who looks after the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collector {
    pub address: EmailAddress,
}

/// An earlier contact about the lead invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Earlier {
    pub date: NaiveDate,
    pub step: String,
    /// `email`, `notice` or `task`.
    pub kind: String,
}

/// An optional text of the ledger; one of which nothing visible is left is absent.
fn shown(text: Option<&String>) -> Option<String> {
    text.map(|t| clean::name(t)).filter(|t| !t.is_empty())
}
