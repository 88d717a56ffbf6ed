//! Steps that never go out, whoever the customer and whatever the invoice: found by playing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::play::{Came, Scene, play};
use crate::diagnostic::Problem;
use crate::diagnostic::places::Places;
use crate::money::Currency;
use crate::timetable::occurrence::Case;
use crate::timetable::{Step, Timetable};

/// On so many days in a row an invoice is due: every weekday twice.
const DUE_DATES: u64 = 14;
/// No more is played than this; a file with more kinds of invoices is believed.
const SCENES: usize = 2_000;

/// A kind of customer and invoice that a step may be limited to.
struct Kind {
    segment: String,
    rank: Option<String>,
    currency: Currency,
    amount: Decimal,
}

/// Warns of due-date steps of the file that never go out for an unpaid invoice that is due in the days after `from`, and of
/// templates that another step's always takes the place of. `known`: steps of which it was said already.
#[must_use]
pub fn lint(places: &Places<'_>, timetable: &Timetable, known: &BTreeSet<String>, from: NaiveDate) -> Vec<Problem> {
    let steps = timetable.steps.iter().filter(|s| s.event().is_none() && !known.contains(&s.id));
    let mut missing: BTreeMap<&str, Option<Why>> = steps.map(|s| (s.id.as_str(), None)).collect();
    let kinds = kinds(timetable);
    let dues = (0..DUE_DATES).filter_map(|n| from.checked_add_days(Days::new(n)));
    let scenes = dues.flat_map(|due| kinds.iter().map(move |kind| (due, kind)));
    for (due, kind) in scenes.take(SCENES) {
        if missing.is_empty() {
            break;
        }
        let wanted = |id: &str| timetable.step(id).is_some_and(|s| reaches(timetable, s, kind));
        if !missing.keys().any(|id| wanted(id)) {
            continue;
        }
        let played = play(timetable, &scene(timetable, kind, due));
        for Came { step, led_by, .. } in played.came {
            match led_by {
                None => drop(missing.remove(step.as_str())),
                Some(leader) => note(&mut missing, &step, Why::LedBy(leader)),
            }
        }
        for (step, (_, case)) in played.held {
            note(&mut missing, &step, Why::Case(case));
        }
    }
    let said = missing.into_iter().filter_map(|(id, why)| say(places, timetable, timetable.step(id)?, &why?));
    said.collect()
}

/// Why a step did not come.
enum Why {
    Case(Case),
    LedBy(String),
}

fn note(missing: &mut BTreeMap<&str, Option<Why>>, step: &str, why: Why) {
    if let Some(slot) = missing.get_mut(step) {
        *slot = Some(why);
    }
}

fn say(places: &Places<'_>, timetable: &Timetable, step: &Step, why: &Why) -> Option<Problem> {
    let id = &step.id;
    let quiet = timetable.quiet_days;
    let (message, help) = match why {
        Why::LedBy(leader) if step.is_email() => (
            format!("the template of `{id}` is never used: `{leader}` falls on the same day, and its template leads (T22)"),
            "move one of the two to another day, or leave one out".to_owned(),
        ),
        Why::Case(Case::Superseded { step: other, .. }) => (
            format!("`{id}` never goes out: when it might, `{other}` has come to its date as well, and goes instead (T14)"),
            format!("leave more than {quiet} days (quiet_days) between the two, or leave one out"),
        ),
        Why::Case(Case::Expired) => {
            let grace = timetable.grace_days(step);
            (
                format!("`{id}` never goes out: it has always expired before it may (T13), with {grace} days of grace"),
                format!("give it more `grace_days`, or more than {quiet} days (quiet_days) after the e-mail before it"),
            )
        }
        Why::Case(Case::Moot) => (
            format!("`{id}` never goes out: the due date has always passed before it may (T12)"),
            format!("leave more than {quiet} days (quiet_days) after the e-mail before it"),
        ),
        Why::Case(Case::Stopped(stop)) => (
            format!("`{id}` never goes out: it is always stopped ({}, T19)", stop.word()),
            "see what its limits leave over".into(),
        ),
        Why::Case(_) | Why::LedBy(_) => return None,
    };
    Some(places.problem("never-sent", places.step(id, "days"), message, &help).as_warning())
}

fn reaches(timetable: &Timetable, step: &Step, kind: &Kind) -> bool {
    let scene = scene(timetable, kind, NaiveDate::default());
    timetable.usual_day(step, &kind.segment).is_some() && step.applies(timetable, &scene.customer, &kind.segment, &scene.invoice)
}

fn scene(timetable: &Timetable, kind: &Kind, due: NaiveDate) -> Scene {
    let days = |s: &Step| timetable.usual_day(s, &kind.segment);
    let first = timetable.steps.iter().filter_map(days).min().unwrap_or(0).min(0);
    let last = timetable.steps.iter().filter_map(days).max().unwrap_or(0).max(0);
    // Each follow-up may be moved by a weekend and wait for its turn (T3, T16).
    let follow_ups = timetable.steps.iter().filter(|s| s.after.is_some()).count() as i64;
    let slack = follow_ups * (i64::from(timetable.quiet_days) + 4)
        + i64::from(timetable.quiet_days)
        + i64::from(timetable.grace_days)
        + 14;
    let shifted = |days| due.checked_add_signed(TimeDelta::days(days)).unwrap_or(due);
    let mut scene = Scene::of(kind.amount, kind.currency, shifted(first - 14), due, shifted(last + slack));
    scene.customer.segment = Some(kind.segment.clone());
    scene.customer.rank.clone_from(&kind.rank);
    scene
}

/// Every kind that the limits of the file tell apart.
fn kinds(timetable: &Timetable) -> Vec<Kind> {
    let mut ranks: BTreeSet<Option<String>> = BTreeSet::from([None]);
    let mut currencies: BTreeSet<Currency> = timetable.sizes.by_currency.keys().copied().collect();
    for limits in timetable.steps.iter().map(|s| &s.limits) {
        ranks.extend(limits.ranks.iter().flatten().cloned().map(Some));
        currencies.extend(limits.currencies.iter().flatten());
    }
    // One that the file says nothing of.
    let other = ["EUR", "USD", "GBP", "CHF"].iter().filter_map(|c| c.parse().ok()).find(|c| !currencies.contains(c));
    currencies.extend(other);
    let mut kinds = Vec::new();
    for currency in currencies {
        for amount in amounts(timetable, currency) {
            for segment in &timetable.segments {
                for rank in &ranks {
                    kinds.push(Kind { segment: segment.name.clone(), rank: rank.clone(), currency, amount });
                }
            }
        }
    }
    kinds
}

/// An amount for each size that there is in a currency, as large as `min_balance` if there is such a one.
fn amounts(timetable: &Timetable, currency: Currency) -> Vec<Decimal> {
    let own = timetable.sizes.by_currency.get(&currency);
    let limits = timetable.sizes.thresholds.iter().map(|(name, limit)| own.and_then(|o| o.get(name)).unwrap_or(limit));
    let smallest = timetable.min_balance.of(currency).max(Decimal::new(1, 2));
    let mut by_size: BTreeMap<&str, Decimal> = BTreeMap::new();
    for limit in limits.copied().chain([smallest]) {
        for amount in [limit, limit - Decimal::new(1, 2)].into_iter().filter(|a| *a > Decimal::ZERO) {
            let size = timetable.sizes.size_of(amount, currency);
            let best = by_size.entry(size).or_insert(amount);
            if *best < smallest {
                *best = amount;
            }
        }
    }
    by_size.into_values().collect()
}
