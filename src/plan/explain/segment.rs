//! The customer's segment, and why (T6, T8).

use super::Question;
use super::words;
use crate::money::Money;
use crate::timetable::segment::{self, Match, Why};
use crate::timetable::stops::Account;

/// A sentence.
#[must_use]
pub fn why(q: &Question<'_>, account: &Account<'_>) -> String {
    let (customer, name) = (account.customer, account.segment);
    match segment::found(q.day.timetable, customer, &account.standing, q.on()) {
        Some((_, Why::File)) => format!("The timetable file puts the customer into {name} (T8)."),
        Some((_, Why::Ledger)) => format!("The ledger says {name} (T6)."),
        Some((_, Why::Match(keys))) => {
            format!("It is the first segment that matches: {} (T6).", words::list(&held(q, account, keys)))
        }
        Some((_, Why::Last)) => format!("No segment before {name} matches, and {name} is for everybody else (T6)."),
        None => "The timetable has no segment.".to_owned(),
    }
}

/// Each key of the match with the value that it found.
fn held(q: &Question<'_>, account: &Account<'_>, keys: &Match) -> Vec<String> {
    let (customer, standing) = (account.customer, &account.standing);
    let none = || "none".to_owned();
    let days = standing.customer_since.map(|since| (q.on() - since).num_days());
    let days = || days.map_or_else(none, |d| format!("a customer for {d} days"));
    let open: Vec<String> = standing.open.iter().map(|(c, amount)| Money { amount: *amount, currency: *c }.to_string()).collect();
    let open = || if open.is_empty() { "nothing".to_owned() } else { words::list(&open) };
    let currencies: Vec<String> = standing.open.keys().map(ToString::to_string).collect();
    [
        keys.rank.as_ref().map(|l| format!("the rank is {} (rank = {l:?})", customer.shown_rank().unwrap_or_else(none))),
        keys.country
            .as_ref()
            .map(|l| format!("the country is {} (country = {l:?})", customer.country.clone().unwrap_or_else(none))),
        keys.currency.as_ref().map(|l| format!("open invoices are in {} (currency = {l:?})", words::list(&currencies))),
        keys.customer_for_days_below.map(|n| format!("{} (customer_for_days_below = {n})", days())),
        keys.customer_for_days_from.map(|n| format!("{} (customer_for_days_from = {n})", days())),
        keys.open_balance_from.map(|n| format!("{} are open (open_balance_from = {n})", open())),
        keys.open_balance_below.map(|n| format!("{} are open (open_balance_below = {n})", open())),
    ]
    .into_iter()
    .flatten()
    .collect()
}
