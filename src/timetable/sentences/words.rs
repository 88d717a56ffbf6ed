//! The words that the sentences are made of.

use chrono::{Datelike as _, NaiveDate};

use crate::timetable::{Action, Recipient, Step};

/// `Mon 7 Dec 2026`.
pub fn date(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// The same, without the year where that is the year of `due`.
pub fn day(day: NaiveDate, due: NaiveDate) -> String {
    let format = if day.year() == due.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
    day.format(format).to_string()
}

pub fn days_of(number: i64) -> String {
    format!("{number} day{}", if number == 1 { "" } else { "s" })
}

/// What the step does, as the subject of a sentence.
pub fn action(step: &Step) -> String {
    match &step.action {
        Action::Email { template } => format!("the e-mail `{template}`"),
        Action::Task { task } if task == "review" => "a review of the customer, one for all of its invoices,".to_owned(),
        Action::Task { task } => format!("a task `{task}`"),
        Action::Notice { template, to } => {
            let to = match to {
                Recipient::AccountManager => "the account manager".to_owned(),
                Recipient::Collector => "the collector".to_owned(),
                Recipient::Address(address) => address.to_string(),
            };
            format!("the notice `{template}` to {to}")
        }
    }
}

pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

pub fn and(list: Vec<String>) -> String {
    joined(list, "and")
}

pub fn or(list: Vec<String>) -> String {
    joined(list, "or")
}

fn joined(mut list: Vec<String>, word: &str) -> String {
    match list.pop() {
        Some(last) if !list.is_empty() => format!("{} {word} {last}", list.join(", ")),
        last => last.unwrap_or_default(),
    }
}

pub fn quoted(list: &[String]) -> String {
    and(list.iter().map(|s| format!("`{s}`")).collect())
}
