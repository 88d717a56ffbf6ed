//! What a template sees of the interest on a late invoice: for showing only, nothing of it is booked.

use chrono::NaiveDate;
use serde::Serialize;

use super::context::Invoice;
use crate::timetable::interest::{self, Claim};

/// Days in a row with one balance and one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    pub days: i64,
    /// An exact decimal, for the filter `money`.
    pub balance: String,
    /// Percent a year, as plain digits: `10.27`.
    pub rate: String,
}

impl Invoice {
    /// The same invoice with what may be claimed beside its open balance.
    #[must_use]
    pub fn claiming(mut self, claim: Option<&Claim>) -> Self {
        let Some(claim) = claim else { return self };
        let currency = self.currency;
        let span = |s: &interest::Span| Span {
            from: s.from,
            until: s.until,
            days: s.days(),
            balance: currency.plain(s.balance),
            rate: s.rate.normalize().to_string(),
        };
        self.interest = Some(currency.plain(claim.interest));
        self.compensation = claim.compensation.map(|c| currency.plain(c));
        self.interest_spans = claim.spans.iter().map(span).collect();
        self
    }
}
