//! When the daemon polls: five-field cron lines in the timetable's zone, each slot once (T30).

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use serde::{Deserialize, Deserializer};

use crate::timetable::calendar;

/// `[poll]`: when the daemon polls.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Five-field cron lines (minute hour day month weekday), in the timetable's `time_zone`.
    #[serde(deserialize_with = "one_or_many")]
    #[cfg_attr(test, schemars(extend("type" = ["array", "string"])))]
    pub schedule: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { schedule: vec!["*/15 8-17 * * mon-fri".to_owned()] }
    }
}

/// For a key that takes one text or a list of them.
fn one_or_many<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a list of texts")]
    enum Written {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Written::deserialize(d)? {
        Written::One(text) => vec![text],
        Written::Many(list) => list,
    })
}

/// A slot of the schedule: known by its local date and time as written, whatever summer time does to it (T30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// When it is polled.
    pub at: DateTime<Utc>,
    /// What is written on the wall.
    pub local: NaiveDateTime,
}

impl Slot {
    /// How the log knows the slot.
    #[must_use]
    pub fn name(&self) -> String {
        self.local.format("%Y-%m-%dT%H:%M").to_string()
    }
}

/// The schedule of all lines together.
#[derive(Debug, Clone)]
pub struct Schedule {
    lines: Vec<cron::Schedule>,
    zone: Tz,
}

impl Schedule {
    /// Reads the lines.
    ///
    /// # Errors
    /// The first line that is no cron line, with what is wrong.
    pub fn new(lines: &[String], zone: Tz) -> Result<Self, String> {
        if lines.is_empty() {
            return Err("[poll] schedule is empty: write at least one line, such as \"*/15 8-17 * * mon-fri\"".to_owned());
        }
        let read = |line: &String| {
            let six = with_seconds(line).map_err(|problem| format!("[poll] schedule {line:?}: {problem}"))?;
            cron::Schedule::from_str(&six).map_err(|_| {
                format!("[poll] schedule {line:?} is no cron line: write minute hour day month weekday, such as \"*/15 8-17 * * mon-fri\"")
            })
        };
        Ok(Self { lines: lines.iter().map(read).collect::<Result<_, _>>()?, zone })
    }

    /// The first slot whose instant is after `after`.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<Slot> {
        // The wall time is handed to cron as if it were UTC: what summer time does is decided here alone. Three hours
        // back, so that a slot which summer time moves is not overlooked.
        let wall = after.with_timezone(&self.zone).naive_local() - TimeDelta::hours(3);
        let of =
            |line: &cron::Schedule| line.after(&wall.and_utc()).map(|w| self.slot(w.naive_utc())).find(|slot| slot.at > after);
        self.lines.iter().filter_map(of).min()
    }

    fn slot(&self, local: NaiveDateTime) -> Slot {
        Slot { at: calendar::instant(self.zone, local.date(), local.time()), local }
    }
}

/// From classic cron (five fields, 0 and 7 are Sunday) to the crate's (seconds first, 1 is Sunday): weekdays by name.
fn with_seconds(line: &str) -> Result<String, String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("{} fields, where five are wanted: minute hour day month weekday", fields.len()));
    };
    if *day != "*" && *weekday != "*" {
        return Err(
            "it limits both the day of the month and the weekday, which every cron reads differently: write two lines".to_owned()
        );
    }
    Ok(format!("0 {minute} {hour} {day} {month} {}", weekdays(weekday)?))
}

const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

fn weekdays(field: &str) -> Result<String, String> {
    let number = |text: &str| -> Result<usize, String> {
        let text = text.to_lowercase();
        let named = NAMES.iter().position(|n| *n == text);
        named
            .or_else(|| text.parse().ok().filter(|n| *n <= 7))
            .ok_or_else(|| format!("{text:?} is no weekday: write sun to sat, or 0 to 7"))
    };
    if field == "*" {
        return Ok("*".to_owned());
    }
    let mut days = [false; 7];
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().ok().filter(|s| *s > 0).ok_or_else(|| format!("{part:?} has no step"))?;
        let (first, last) = match range.split_once('-') {
            Some((a, b)) => (number(a)?, number(b)?),
            None if range == "*" => (0, 6),
            None => (number(range)?, number(range)?),
        };
        let length = if last >= first { last - first } else { last + 7 - first };
        (0..=length).step_by(step).for_each(|i| days[(first + i) % 7] = true);
    }
    Ok(NAMES.iter().zip(days).filter(|(_, on)| *on).map(|(n, _)| *n).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(line: &str, zone: Tz, from: &str, how_many: usize) -> Vec<(String, String)> {
        let schedule = Schedule::new(&[line.to_owned()], zone).unwrap();
        let mut after: DateTime<Utc> = from.parse().unwrap();
        let mut found = Vec::new();
        while found.len() < how_many {
            let slot = schedule.next(after).unwrap();
            assert!(slot.at > after, "time goes on");
            after = slot.at;
            found.push((slot.name(), slot.at.format("%FT%RZ").to_string()));
        }
        found
    }

    #[test]
    fn a_slot_that_summer_time_skips_is_polled_at_the_next_instant() {
        let found = slots("30 2 * * *", chrono_tz::Europe::Berlin, "2026-03-28T12:00:00Z", 2);
        assert_eq!(found[0], ("2026-03-29T02:30".to_owned(), "2026-03-29T01:00Z".to_owned()));
        assert_eq!(found[1], ("2026-03-30T02:30".to_owned(), "2026-03-30T00:30Z".to_owned()));
    }

    #[test]
    fn the_hour_that_summer_time_repeats_polls_once() {
        let found = slots("30 2 * * *", chrono_tz::Europe::Berlin, "2026-10-24T12:00:00Z", 2);
        assert_eq!(found[0], ("2026-10-25T02:30".to_owned(), "2026-10-25T00:30Z".to_owned()));
        assert_eq!(found[1].0, "2026-10-26T02:30");
        let quarter_hours = slots("*/15 * * * *", chrono_tz::Europe::Berlin, "2026-10-24T23:50:00Z", 12);
        let mut names: Vec<&String> = quarter_hours.iter().map(|(n, _)| n).collect();
        names.dedup();
        assert_eq!(names.len(), 12, "no local time twice: {quarter_hours:?}");
    }

    #[test]
    fn weekdays_are_those_of_classic_cron() {
        assert_eq!(weekdays("1-5").unwrap(), "mon,tue,wed,thu,fri");
        assert_eq!(weekdays("fri-mon").unwrap(), "sun,mon,fri,sat");
        assert_eq!(weekdays("0,7").unwrap(), "sun");
        assert_eq!(weekdays("*/2").unwrap(), "sun,tue,thu,sat");
        assert!(weekdays("8").unwrap_err().contains("no weekday"));
    }

    #[test]
    fn a_line_that_cannot_be_meant_is_refused_with_a_reason() {
        let refused = |line: &str| Schedule::new(&[line.to_owned()], Tz::UTC).unwrap_err();
        assert!(refused("* * * *").contains("4 fields"));
        assert!(refused("0 9 1 * mon").contains("two lines"));
        assert!(refused("61 9 * * *").contains("no cron line"));
        assert!(Schedule::new(&[], Tz::UTC).unwrap_err().contains("empty"));
    }
}
