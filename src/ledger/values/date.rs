//! Dates as accounts and spreadsheets write them (L4). ISO dates always; others only as the setting says.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Spelling;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// How dates are written, as a pattern of `yyyy` or `yy`, `mm` or `mmm` (an English name) and `dd` with separators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateFormat {
    written: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits: 2000 to 2099.
    ShortYear,
    Month,
    MonthName,
    Day,
    Literal(char),
}

impl Default for DateFormat {
    fn default() -> Self {
        use Part::{Day, Literal, Month, Year};
        Self { written: "yyyy-mm-dd".to_owned(), parts: vec![Year, Literal('-'), Month, Literal('-'), Day] }
    }
}

impl TryFrom<String> for DateFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let written = text.trim().to_lowercase();
        let parts = parts(&written).ok_or_else(|| {
            format!(
                "{text:?} is no date format: write \"yyyy-mm-dd\", \"dd.mm.yyyy\", \"mm/dd/yyyy\", \"dd/mm/yyyy\" or the like"
            )
        })?;
        Ok(Self { written, parts })
    }
}

impl From<DateFormat> for String {
    fn from(format: DateFormat) -> Self {
        format.written
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let run = rest.chars().take_while(|c| *c == first).count();
        let part = match (first, run) {
            ('y', 4) => Part::Year,
            ('y', 2) => Part::ShortYear,
            ('m', 1 | 2) => Part::Month,
            ('m', 3 | 4) => Part::MonthName,
            ('d', 1 | 2) => Part::Day,
            (c, 1) if !c.is_alphanumeric() => Part::Literal(c),
            _ => return None,
        };
        parts.push(part);
        rest = &rest[run * first.len_utf8()..];
    }
    let place = |found: fn(&Part) -> bool| {
        let mut places = parts.iter().enumerate().filter(|(_, p)| found(p)).map(|(i, _)| i);
        places.next().filter(|_| places.next().is_none())
    };
    let year = place(|p| matches!(p, Part::Year | Part::ShortYear))?;
    let month = place(|p| matches!(p, Part::Month | Part::MonthName))?;
    let day = place(|p| matches!(p, Part::Day))?;
    // A year in front is followed by the month everywhere; the other order would make ISO dates ambiguous.
    let ordered = !(year < month && day < month);
    let separated = parts.windows(2).all(|p| p.iter().any(|p| matches!(p, Part::Literal(_))));
    (ordered && separated).then_some(parts)
}

/// Reads a day. ISO dates (`2026-03-02`, `20260302`) are always read, others as the spelling says; a time of day may
/// follow if it is midnight.
///
/// # Errors
/// Says what is wrong and which setting mends it. A date that can be read in two ways is an error, never a guess (L4).
pub fn date(text: &str, spelling: &Spelling) -> Result<NaiveDate, String> {
    let text = text.trim();
    let day = without_midnight(text)?;
    let basic = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day_of_month) = if basic {
        (number(&day[..4]), number(&day[4..6]), number(&day[6..]))
    } else {
        iso(day)
            .or_else(|| read(day, &DateFormat::default().parts))
            .or_else(|| read(day, &spelling.dates.parts))
            .ok_or_else(|| not_understood(day, spelling))?
    };
    if !(1950..2200).contains(&year) {
        return Err(format!("the year {year} is not believable"));
    }
    i32::try_from(year)
        .ok()
        .and_then(|y| NaiveDate::from_ymd_opt(y, month, day_of_month))
        .ok_or_else(|| format!("the calendar has no day {year:04}-{month:02}-{day_of_month:02}"))
}

/// `2026-03-02`, as most are written.
fn iso(text: &str) -> Option<(u32, u32, u32)> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text.as_bytes() else { return None };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0, |n, b| Some(n * 10 + u32::from(**b).checked_sub(48).filter(|digit| *digit < 10)?))
    };
    Some((number(&[a, b, c, d])?, number(&[e, f])?, number(&[g, h])?))
}

/// Year, month, day, if the text has the shape.
fn read(text: &str, parts: &[Part]) -> Option<(u32, u32, u32)> {
    let (mut year, mut month, mut day) = (0, 0, 0);
    let mut rest = text;
    for part in parts {
        let taken = match part {
            Part::Literal(c) => {
                rest = rest.strip_prefix(*c)?;
                continue;
            }
            Part::MonthName => rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()),
            _ => rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()),
        };
        let (value, left) = rest.split_at(taken);
        rest = left;
        match (part, taken) {
            (Part::Year, 4) => year = number(value),
            (Part::ShortYear, 2) => year = 2000 + number(value),
            (Part::Month, 1 | 2) => month = number(value),
            (Part::MonthName, 3..) => {
                let name = value.to_ascii_lowercase();
                month = 1 + u32::try_from(MONTHS.iter().position(|m| name.starts_with(m))?).ok()?;
            }
            (Part::Day, 1 | 2) => day = number(value),
            _ => return None,
        }
    }
    rest.is_empty().then_some((year, month, day))
}

/// At most four ASCII digits; anything else is 0, which is neither a year, a month nor a day.
fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(0)
}

/// The text without a time of day that is midnight; any other time is refused, since its day depends on a zone.
fn without_midnight(text: &str) -> Result<&str, String> {
    let Some(colon) = text.find(':') else { return Ok(text) };
    let Some(gap) = text[..colon].rfind(['T', 't', ' ']) else { return Ok(text) };
    let time = text[gap + 1..].trim().to_ascii_lowercase();
    let (clock, noon) = match (time.strip_suffix("am"), time.strip_suffix("pm")) {
        (Some(am), _) => (am.trim_end(), "12"),
        (_, Some(_)) => (time.as_str(), "none"),
        _ => (time.as_str(), "none"),
    };
    let (clock, zone) = clock.split_at(clock.find(['z', '+', '-']).unwrap_or(clock.len()));
    let zone_is_one = zone == "z" || zone.bytes().skip(1).all(|b| b.is_ascii_digit() || b == b':');
    let mut fields = clock.trim_end().split([':', '.']);
    let hour = fields.next().unwrap_or_default();
    let zero = |f: &str| !f.is_empty() && f.bytes().all(|b| b == b'0');
    if zone_is_one && (zero(hour) || hour == noon) && fields.all(zero) {
        Ok(text[..gap].trim_end())
    } else {
        Err("it has a time of day; give the day alone".to_owned())
    }
}

fn not_understood(text: &str, spelling: &Spelling) -> String {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits && text.len() == 5 {
        return "this is a spreadsheet's day number; give the column a date format before saving it".to_owned();
    }
    if spelling.dates != DateFormat::default() {
        return format!("it is no date of the form {} (or yyyy-mm-dd)", spelling.dates);
    }
    let numbers: Vec<&str> = text.split(['/', '.', '-', ' ']).collect();
    let number = |i: usize| numbers.get(i).and_then(|n| n.parse::<u32>().ok()).filter(|n| (1..=12).contains(n));
    match (number(0), number(1), numbers.get(2)) {
        (Some(a), Some(b), Some(year)) if numbers.len() == 3 && year.len() == 4 && a != b => {
            format!("it may mean {year}-{a:02}-{b:02} or {year}-{b:02}-{a:02}; {}", spelling.mend_date())
        }
        _ => format!("it is no date of the form yyyy-mm-dd; if that is how the dates are written, {}", spelling.mend_date()),
    }
}

#[cfg(test)]
#[path = "date_tests.rs"]
mod tests;
