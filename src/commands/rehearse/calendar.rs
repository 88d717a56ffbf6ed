//! What the played days brought, counted by day, step and segment.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use serde_json::{Value, json};

use super::super::output;
use crate::contacts::Entry;
use crate::daemon::rehearsal::PlayedDay;
use crate::daemon::review;
use crate::plan::Kind;

/// So many texts of reviews are shown; the page has more.
const SHOWN: usize = 3;

/// The contacts of one day.
#[derive(Debug)]
pub struct Day {
    pub date: NaiveDate,
    /// By step; skipped ones are not in it.
    pub emails: BTreeMap<String, u64>,
    pub notices: u64,
    pub tasks: BTreeMap<String, u64>,
    /// The e-mails again, by segment.
    pub segments: BTreeMap<String, u64>,
    pub skipped: u64,
    /// Occurrences that were stopped or deferred on the day.
    pub held: u64,
}

impl Day {
    /// The e-mails to customers.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.emails.values().sum()
    }
}

/// All of the days.
#[derive(Debug, Default)]
pub struct Calendar {
    pub days: Vec<Day>,
    /// By step, kind and state.
    counts: BTreeMap<(String, &'static str, &'static str), u64>,
    /// What a person should know, each with its day.
    pub problems: Vec<String>,
    /// The credit reviews, with what they say.
    pub reviews: Vec<Review>,
}

/// A credit review of a played day.
#[derive(Debug, serde::Serialize)]
pub struct Review {
    pub date: NaiveDate,
    pub customer: String,
    /// One line for each thing.
    pub text: String,
}

impl Calendar {
    /// Counts a day.
    pub fn add(&mut self, date: NaiveDate, played: &PlayedDay) {
        let (emails, tasks, segments) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let held = played.waiting.len() as u64;
        let mut day = Day { date, emails, notices: 0, tasks, segments, skipped: 0, held };
        for contact in &played.contacts {
            *self.counts.entry((contact.step.clone(), contact.kind.word(), contact.state.word())).or_default() += 1;
            day.count(contact);
            if let Some(text) = contact.note.as_ref().filter(|_| contact.step == review::WORD) {
                self.reviews.push(Review { date, customer: contact.customer.clone(), text: output::visible(text) });
            }
        }
        self.problems.extend(played.problems.iter().map(|p| format!("{date}: {p}")));
        self.days.push(day);
    }

    /// How many contacts there were, skipped ones included.
    #[must_use]
    pub fn contacts(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The counts by step, kind and state.
    #[must_use]
    pub fn totals(&self) -> Vec<Value> {
        let shown = |((step, kind, state), n): (&(String, &str, &str), &u64)| json!({ "step": step, "kind": kind, "state": state, "contacts": n });
        self.counts.iter().map(shown).collect()
    }

    /// The counts of each day.
    #[must_use]
    pub fn document(&self) -> Vec<Value> {
        let day = |d: &Day| {
            json!({ "date": d.date, "emails": d.emails, "notices": d.notices, "tasks": d.tasks, "segments": d.segments,
                "skipped": d.skipped, "held": d.held })
        };
        self.days.iter().map(day).collect()
    }

    /// What the first reviews say.
    pub fn show_reviews(&self) {
        for review in self.reviews.iter().take(SHOWN) {
            output::heading(&format!("\n{}, {} of {}", review.date, review::WORD, review.customer));
            review.text.lines().for_each(|line| output::paragraph(line, 4));
        }
        if self.reviews.len() > SHOWN {
            output::line(format!("\n… and {} more reviews: the report has their texts", self.reviews.len() - SHOWN));
        }
    }

    /// The counts by step, and the volume of each week.
    pub fn show(&self) {
        let mut table = output::table(&["STEP", "KIND", "STATE", "CONTACTS"]);
        for ((step, kind, state), n) in &self.counts {
            table.add_row([output::visible(step), (*kind).to_owned(), (*state).to_owned(), n.to_string()]);
        }
        output::show(&table);
        if self.days.len() < 2 {
            return;
        }
        output::line("");
        let mut table = output::table(&["WEEK OF", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "E-MAILS", "TASKS"]);
        for week in self.days.chunk_by(|a, b| a.date.iso_week() == b.date.iso_week()) {
            let Some(first) = week.first() else { continue };
            let monday = first.date.week(chrono::Weekday::Mon).first_day();
            let of = |n: u32| {
                let day = week.iter().find(|d| d.date.weekday().num_days_from_monday() == n);
                day.map_or(String::new(), |d| if d.sent() == 0 { "–".to_owned() } else { d.sent().to_string() })
            };
            let mut row = vec![monday.to_string()];
            row.extend((0..7).map(of));
            row.push(week.iter().map(Day::sent).sum::<u64>().to_string());
            row.push(week.iter().flat_map(|d| d.tasks.values()).sum::<u64>().to_string());
            table.add_row(row);
        }
        output::show(&table);
    }
}

impl Day {
    fn count(&mut self, contact: &Entry) {
        match (contact.reason.is_some() && contact.state.word() == "skipped", contact.kind) {
            (true, _) => self.skipped += 1,
            (false, Kind::Email) => {
                *self.emails.entry(contact.step.clone()).or_default() += 1;
                *self.segments.entry(contact.segment.clone()).or_default() += 1;
            }
            (false, Kind::Notice) => self.notices += 1,
            (false, Kind::Task) => *self.tasks.entry(contact.step.clone()).or_default() += 1,
        }
    }
}
