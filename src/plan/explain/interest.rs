//! What may be claimed for the late payment of an invoice, and how it came about; or why nothing is.

use super::{Question, words};
use crate::ledger::{Invoice, Payment};
use crate::timetable::interest::{Claim, NoClaim, Span};
use crate::timetable::stops::Account;

/// Interest and compensation of an invoice, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Claimed {
    /// Exact decimals; absent where nothing is claimed.
    pub amount: Option<String>,
    pub compensation: Option<String>,
    pub spans: Vec<Part>,
    pub explanation: String,
}

/// Days in a row with one balance and one rate.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    pub from: chrono::NaiveDate,
    pub until: chrono::NaiveDate,
    pub days: i64,
    pub balance: String,
    /// Percent a year.
    pub rate: String,
}

/// What is claimed; `None` where the file has no `[interest]`, or the invoice is not late.
#[must_use]
pub fn interest(question: &Question<'_>, account: &Account<'_>, invoice: &Invoice) -> Option<Claimed> {
    let interest = question.day.timetable.interest.as_ref()?;
    let own = |p: &&Payment| p.invoice_id.as_deref() == Some(invoice.id.as_str());
    let payments: Vec<&Payment> = question.day.snapshot.payments.iter().filter(own).collect();
    let without = |explanation: String| Claimed { amount: None, compensation: None, spans: Vec::new(), explanation };
    Some(match interest.claim(account.customer, account.segment, invoice, &payments, question.on()) {
        Ok(claim) => claimed(question, invoice, &claim),
        Err(NoClaim::NotLate | NoClaim::NoAmount) => return None,
        Err(NoClaim::Segment) => {
            without(format!("No interest is shown: [interest] leaves out the segment `{}`.", account.segment))
        }
        Err(NoClaim::NoRegime) => without(match account.customer.country.as_deref() {
            Some(country) => format!("No interest is shown: for the country {country:?} [interest] has no regime."),
            None => "No interest is shown: the customer has no country, and [interest] names no regime.".to_owned(),
        }),
        Err(NoClaim::UnknownRate(day)) => without(format!(
            "No interest is shown: the rate of {} is not known; add it with [[interest.rate]].",
            question.date(day)
        )),
    })
}

fn claimed(question: &Question<'_>, invoice: &Invoice, claim: &Claim) -> Claimed {
    let currency = invoice.currency;
    let part = |s: &Span| Part {
        from: s.from,
        until: s.until,
        days: s.days(),
        balance: currency.plain(s.balance),
        rate: s.rate.normalize().to_string(),
    };
    let spans: Vec<Part> = claim.spans.iter().map(part).collect();
    let (amount, compensation) = (currency.plain(claim.interest), claim.compensation.map(|c| currency.plain(c)));
    let how: Vec<String> = spans
        .iter()
        .map(|p| {
            let days = words::count(p.days.unsigned_abs(), "day");
            format!("{} % on {} for {days} from {}", p.rate, p.balance, question.date(p.from))
        })
        .collect();
    let beside = compensation.as_ref().map(|c| format!(", and {c} {currency} compensation")).unwrap_or_default();
    let explanation = format!("Interest of {amount} {currency}{beside}, which is shown and not booked: {}.", how.join(", then "));
    Claimed { amount: Some(amount), compensation, spans, explanation }
}
