//! Rates of interest that nobody has told the program yet.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::names;
use crate::diagnostic::Problem;
use crate::diagnostic::places::Places;
use crate::timetable::Timetable;
use crate::timetable::interest::{self, Terms};

/// So many days ahead it is said: the new rate is known by then.
const AHEAD: u64 = 7;

/// Warns of the regimes in use whose rate of a week from now is not known: their e-mails show no interest then.
#[must_use]
pub fn unknown_rates(places: &Places<'_>, timetable: &Timetable, today: NaiveDate) -> Vec<Problem> {
    let warning = |(from, regimes): (NaiveDate, Vec<&str>)| {
        let help = format!(
            "add it with [[interest.rate]]: regime = \"{}\", valid_from = \"{from}\", base = \"…\"",
            regimes.first().unwrap_or(&"")
        );
        places.problem("interest-rate", places.key(&["interest"]), sentence(from, &regimes), &help).as_warning()
    };
    unknown(timetable, today).into_iter().map(warning).collect()
}

/// The same for the log of a daemon, which works for months by files that nobody checks again.
#[must_use]
pub fn said_of_rates(timetable: &Timetable, today: NaiveDate) -> Vec<String> {
    unknown(timetable, today).into_iter().map(|(from, regimes)| sentence(from, &regimes)).collect()
}

fn sentence(from: NaiveDate, regimes: &[&str]) -> String {
    format!("the rate from {from} is not known for {}: no interest is shown", names(regimes))
}

/// The regimes in use by the day from which their rate is not known, if that is within a week.
fn unknown(timetable: &Timetable, today: NaiveDate) -> BTreeMap<NaiveDate, Vec<&str>> {
    let mut unknown: BTreeMap<NaiveDate, Vec<&str>> = BTreeMap::new();
    let Some(interest) = &timetable.interest else { return unknown };
    let by_country: Vec<&str> = interest::names().filter(|_| interest.by_country).collect();
    let all = by_country.into_iter().chain(interest.regime.as_deref());
    let soon = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
    for name in all {
        let from = Terms::of(interest, Some(name)).and_then(|terms| terms.unknown_from());
        if let Some(list) = from.filter(|from| *from <= soon).map(|from| unknown.entry(from).or_default())
            && !list.contains(&name)
        {
            list.push(name);
        }
    }
    unknown
}
