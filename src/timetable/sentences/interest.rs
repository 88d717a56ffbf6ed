//! What `[interest]` comes to.

use chrono::NaiveDate;

use super::words::{date, days_of, or, quoted};
use super::{Section, Sentence};
use crate::timetable::interest::Terms;
use crate::timetable::{Interest, MinBalance, Timetable};

/// The interest that templates may show; `due`: the due date of the sample invoice.
pub fn section(timetable: &Timetable, due: NaiveDate) -> Option<Section> {
    let interest = timetable.interest.as_ref()?;
    let whom = interest.segments.as_ref().map(|s| format!(" of {}", or(s.clone()))).unwrap_or_default();
    let mut said = vec![format!(
        "Templates may show interest on late invoices{whom}, from the day after the due date, by {}; it is booked nowhere.",
        interest.day_count.word()
    )];
    if interest.by_country {
        said.push("The law of the customer's country says how much.".to_owned());
    }
    said.extend(rate(interest, due));
    said.extend(interest.compensation.as_ref().map(|own| match own {
        MinBalance::All(sum) if sum.is_zero() => "There is no compensation.".to_owned(),
        MinBalance::All(sum) => format!("The compensation is {sum}, in the invoice's currency."),
        MinBalance::ByCurrency(all) => {
            format!("The compensation is {}.", or(all.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect()))
        }
    }));
    let without: Vec<String> = timetable.steps.iter().filter(|s| !s.interest).map(|s| s.id.clone()).collect();
    said.extend((!without.is_empty()).then(|| format!("{} without it.", capital_go(&without))));
    Some(Section { about: "Interest".to_owned(), sentences: said.into_iter().map(Sentence::of).collect() })
}

fn capital_go(steps: &[String]) -> String {
    format!("{} {}", quoted(steps), if steps.len() == 1 { "goes" } else { "go" })
}

/// The rate of a single regime, or by contract.
fn rate(interest: &Interest, due: NaiveDate) -> Option<String> {
    let name = interest.regime.as_deref();
    let terms = Terms::of(interest, name).filter(|_| name.is_some() || !interest.by_country || interest.rate.is_some())?;
    let day = due.succ_opt()?;
    let whose = match (name, interest.rate) {
        (Some(name), None) => format!(" (`{name}`)"),
        _ => String::new(),
    };
    Some(match (terms.rate_on(day), terms.unknown_from()) {
        (Some(rate), Some(end)) => {
            let left = days_of((end - day).num_days());
            let what = if terms.fixed { ", which stays" } else { "" };
            format!("On {} the rate{whose} is {rate} %{what}; the rates are known for {left} more.", date(day))
        }
        (Some(rate), None) => format!("The rate{whose} is {rate} %."),
        (None, _) => format!("The rate{whose} of {} is not known.", date(day)),
    })
}
