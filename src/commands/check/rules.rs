//! `dunningd check --rules`: the timetable in sentences, and the next polls.

use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::json;

use super::today;
use crate::commands::{Format, Globals, output};
use crate::config::Config;
use crate::daemon::schedule::{Schedule, Slot};
use crate::timetable::{Timetable, sentences};

/// So many polls are shown.
const POLLS: usize = 3;

pub fn print(globals: &Globals, config: Option<&Config>, timetable: &Timetable) {
    let due = sample_due_date(today(globals, timetable));
    let sections = sentences::of(timetable, due);
    let polls = config.map(|c| polls(globals, c, timetable)).unwrap_or_default();
    if globals.format == Format::Json {
        let polls: Vec<String> = polls.iter().map(|slot| slot.at.with_timezone(&timetable.time_zone).to_rfc3339()).collect();
        output::json(&json!({ "rules": sections, "sample_due_date": due, "polls": polls }));
        return;
    }
    for section in &sections {
        output::line(output::visible(&section.about));
        for sentence in &section.sentences {
            let step = sentence.step.as_ref().map_or(String::new(), |step| format!("{step}: "));
            output::line(output::visible(&format!("  {step}{}", sentence.text)));
        }
        output::line("");
    }
    if !polls.is_empty() {
        let shown: Vec<String> = polls.iter().map(|slot| slot.local.format("%a %-d %b %Y %H:%M").to_string()).collect();
        output::line(format!("The next polls ({}): {}", timetable.time_zone.name(), shown.join(", ")));
    }
}

/// A Monday, more than a week ahead.
fn sample_due_date(today: NaiveDate) -> NaiveDate {
    let to_monday = 7 - u64::from(today.weekday().num_days_from_monday());
    today.checked_add_days(Days::new(to_monday + if to_monday < 7 { 7 } else { 0 })).unwrap_or(today)
}

fn polls(globals: &Globals, config: &Config, timetable: &Timetable) -> Vec<Slot> {
    let Ok(schedule) = Schedule::new(&config.poll.schedule, timetable.time_zone) else { return Vec::new() };
    let next = |slot: &Slot| schedule.next(slot.at);
    std::iter::successors(schedule.next(globals.clock().now()), next).take(POLLS).collect()
}
