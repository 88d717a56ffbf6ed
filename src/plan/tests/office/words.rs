//! Days, and a plan in words.

use chrono::NaiveDate;

use crate::plan::contact::Group;
use crate::plan::{Covered, Plan, Planned};

/// A date.
pub fn the(day: &str) -> NaiveDate {
    day.parse().unwrap_or_else(|_| panic!("{day:?} is no date"))
}

/// One line for each contact (`past-due: first/I1 first/I2`), skip (`skip moot: first/I1`) and addition to a review
/// (`joins: check/I1`). A later occurrence is `first.2/I1`, one that T18 re-opened `first/I1 (again)`.
pub fn lines(plan: &Plan) -> Vec<String> {
    let contacts = plan.contacts.iter().map(|c| line(&kind(c), &c.covered));
    let skips = plan.skips.iter().map(|s| line(&format!("skip {}", s.reason.unwrap_or_default()), &s.covered));
    let joins = plan.additions.iter().map(|(_, c)| line("joins", std::slice::from_ref(c)));
    contacts.chain(skips).chain(joins).collect()
}

/// Likewise, without what is skipped.
pub fn contacts(plan: &Plan) -> Vec<String> {
    lines(plan).into_iter().filter(|l| !l.starts_with("skip ")).collect()
}

fn kind(contact: &Planned) -> String {
    match contact.group {
        Group::PastDue => "past-due".to_owned(),
        Group::ComingDue => "coming-due".to_owned(),
        Group::Event(event) => event.word().to_owned(),
        Group::Task => contact.action.clone(),
        Group::Notice => format!("notice to {}", contact.to.iter().map(|a| a.local().to_owned()).collect::<String>()),
    }
}

fn line(what: &str, covered: &[Covered]) -> String {
    let one = |c: &Covered| {
        let number = if c.occurrence > 0 { format!(".{}", c.occurrence) } else { String::new() };
        format!("{}{number}/{}{}", c.step, c.invoice, if c.round > 0 { " (again)" } else { "" })
    };
    format!("{what}: {}", covered.iter().map(one).collect::<Vec<_>>().join(" "))
}
