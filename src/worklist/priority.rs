//! **Pure**: how urgent a task is, as a product of factors (`[priority]`), each with its figure from the books.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::figures::{self, Figures, Open};
use crate::money::{Currency, Money};
use crate::plan::explain::words::count;
use crate::timetable::Timetable;
use crate::timetable::priority::Score;
use crate::timetable::segment::SMALL;
use crate::timetable::stops::Stop;

/// What the log knows of a customer beside the books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// The last day on which it was heard from by telephone, a promise or a dispute, and what that was.
    pub last: Option<(NaiveDate, String)>,
    /// How many promises were broken in the time that counts.
    pub broken: u32,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Factor {
    pub factor: &'static str,
    /// The number or word from the books that it goes by; `None`: they have none.
    pub value: Option<String>,
    /// The same in a sentence.
    pub figure: String,
    #[serde(serialize_with = "number")]
    pub times: Decimal,
}

fn number<S: serde::Serializer>(times: &Decimal, s: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&Score::product([*times]), s)
}

/// How urgent a task is, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighed {
    /// The invoices that it is about were open, and none of them is any more: it comes last.
    pub settled: bool,
    pub factors: Vec<Factor>,
    pub score: Score,
    /// What is open on the invoices that it is about, by currency.
    pub open: BTreeMap<Currency, Decimal>,
}

/// What a task is about.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// Its invoices; empty: the customer.
    pub invoices: BTreeSet<&'a str>,
    /// Whether something was open on them when the task was made.
    pub was_open: bool,
}

/// Weighs a task. It is about its own invoices, and about all others of the customer that are past due and not disputed: who
/// calls, talks about all of it.
#[must_use]
pub fn weigh(timetable: &Timetable, about: &About<'_>, figures: &Figures, heard: &Heard, today: NaiveDate) -> Weighed {
    let own = |id: &String| about.invoices.contains(id.as_str());
    let open = figures::sums(figures.open.iter().filter(|(id, _)| own(id)).map(|(_, o)| o));
    if !about.invoices.is_empty() && about.was_open && open.is_empty() {
        return Weighed { settled: true, ..Weighed::default() };
    }
    let talked_about = |(id, o): &(&String, &Open)| own(id) || (o.due < today && !o.disputed);
    let of: Vec<&Open> = figures.open.iter().filter(talked_about).map(|(_, o)| o).collect();
    let mut factors = vec![
        aging(timetable, &of, today),
        rank(timetable, figures),
        silence(timetable, figures, heard, today),
        amount(timetable, &of),
        broken(timetable, heard),
        days_late(timetable, figures),
        over_limit(timetable, figures),
        no_email(timetable, figures),
    ];
    if timetable.knows_personal() {
        factors.push(personal(timetable, figures));
    }
    let score = Score::product(factors.iter().map(|f| f.times));
    Weighed { settled: false, factors, score, open }
}

fn factor(name: &'static str, value: Option<String>, figure: impl Into<String>, times: Decimal) -> Factor {
    Factor { factor: name, value, figure: figure.into(), times }
}

fn aging(timetable: &Timetable, of: &[&Open], today: NaiveDate) -> Factor {
    let days = of.iter().map(|o| (today - o.due).num_days()).max();
    let late = days.unwrap_or(0).max(0);
    let class = timetable.aging.class_of(late);
    let name = timetable.aging.classes().get(class).map(crate::timetable::aging::Bucket::name).unwrap_or_default();
    let figure = match days {
        None => "nothing is due".to_owned(),
        Some(..=0) => "not due yet".to_owned(),
        Some(days) => format!("the oldest invoice is {} past due: {name}", count(days.unsigned_abs(), "day")),
    };
    let times = timetable.priority.aging.get(class).copied().unwrap_or(Decimal::ONE);
    factor("aging", Some(late.to_string()), figure, times)
}

fn rank(timetable: &Timetable, figures: &Figures) -> Factor {
    let rank = figures.rank.as_deref();
    let shown = figures.shown_rank.as_ref();
    let figure = shown.map_or_else(|| "the customer has no rank".to_owned(), |r| format!("rank {r}"));
    factor("rank", rank.map(str::to_owned), figure, timetable.priority.of_rank(rank))
}

/// The last that was heard: a payment, or what the log has.
fn last_heard(figures: &Figures, heard: &Heard) -> Option<(NaiveDate, String)> {
    let payment = figures.last_payment.map(|on| (on, "a payment".to_owned()));
    payment.into_iter().chain(heard.last.clone()).max()
}

fn silence(timetable: &Timetable, figures: &Figures, heard: &Heard, today: NaiveDate) -> Factor {
    let Some(since) = figures.open_since else {
        return factor("silence", None, "nothing is open, so that nobody waits for a word", Decimal::ONE);
    };
    match last_heard(figures, heard) {
        Some((on, how)) if on >= since => {
            let days = (today - on).num_days().max(0);
            let figure = format!("heard from {} ago: {how} on {on}", count(days.unsigned_abs(), "day"));
            factor("silence", Some(days.to_string()), figure, timetable.priority.silence.at(days))
        }
        _ => {
            let figure = format!("never heard from since the oldest open invoice was issued on {since}");
            factor("silence", Some("never".to_owned()), figure, timetable.priority.never)
        }
    }
}

/// Sums of several currencies are not added: the one with the greatest factor counts.
fn amount(timetable: &Timetable, of: &[&Open]) -> Factor {
    let priority = &timetable.priority;
    let weighed = figures::sums(of.iter().copied()).into_iter().map(|(currency, amount)| {
        let (times, size) = priority.of_amount(amount, currency);
        (times, amount, currency, size.to_owned())
    });
    let all: Vec<_> = weighed.collect();
    let Some((times, amount, currency, size)) = all.iter().max_by_key(|(times, amount, ..)| (*times, *amount)).cloned() else {
        let times = priority.amount.get(SMALL).copied().unwrap_or(Decimal::ONE);
        return factor("amount", None, "nothing is past due", times);
    };
    let beside = if all.len() > 1 { ", the most of its currencies" } else { "" };
    let figure = format!("{} to talk about{beside}: {size}", Money { amount, currency });
    factor("amount", Some(currency.plain(amount)), figure, times)
}

fn broken(timetable: &Timetable, heard: &Heard) -> Factor {
    let back = count(timetable.priority.look_back.into(), "day");
    let figure = match heard.broken {
        0 => format!("no promise was broken in the last {back}"),
        n => format!("{} broken in the last {back}", count(n.into(), "promise")),
    };
    factor("broken", Some(heard.broken.to_string()), figure, timetable.priority.broken.at(heard.broken.into()))
}

fn days_late(timetable: &Timetable, figures: &Figures) -> Factor {
    let (paid, sum) = figures.paid;
    let back = count(timetable.priority.look_back.into(), "day");
    if paid == 0 {
        return factor("days_late", None, format!("the ledger has no invoice paid in the last {back}"), Decimal::ONE);
    }
    let average = (Decimal::from(sum) / Decimal::from(paid)).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let days = i64::try_from(average).unwrap_or_default();
    let figure = match days {
        1.. => format!(
            "pays {} late on average ({} in the last {back})",
            count(days.unsigned_abs(), "day"),
            count(paid.into(), "invoice")
        ),
        _ => format!("pays in time on average ({} in the last {back})", count(paid.into(), "invoice")),
    };
    factor("days_late", Some(days.to_string()), figure, timetable.priority.days_late.at(days))
}

/// The limit has no currency: each currency is compared with it by itself.
fn over_limit(timetable: &Timetable, figures: &Figures) -> Factor {
    let Some(limit) = figures.limit else {
        return factor("over_limit", None, "the ledger has no credit limit", Decimal::ONE);
    };
    let over = figures.open_by_currency().into_iter().filter(|(_, open)| *open > limit).max_by_key(|(_, open)| *open);
    match over {
        Some((currency, amount)) => {
            let figure = format!("{} open, more than the limit of {limit}", Money { amount, currency });
            factor("over_limit", Some("yes".to_owned()), figure, timetable.priority.over_limit)
        }
        None => factor("over_limit", Some("no".to_owned()), format!("inside the credit limit of {limit}"), Decimal::ONE),
    }
}

fn personal(timetable: &Timetable, figures: &Figures) -> Factor {
    match &figures.personal {
        Some(why) => factor("personal", Some("yes".to_owned()), why.clone(), timetable.priority.personal_factor),
        None => factor("personal", Some("no".to_owned()), "not one of those whom people look after", Decimal::ONE),
    }
}

fn no_email(timetable: &Timetable, figures: &Figures) -> Factor {
    match figures.no_email {
        None => factor("no_email", Some("no".to_owned()), "e-mails reach the customer", Decimal::ONE),
        Some(stop) => {
            let figure =
                if stop == Stop::Suppressed { "all its addresses are suppressed" } else { "the customer has no e-mail address" };
            factor("no_email", Some(stop.word().to_owned()), figure, timetable.priority.no_email)
        }
    }
}

#[cfg(test)]
mod tests;
