//! The timetable as sentences for people, with sample dates: `check --rules`.

mod general;
mod interest;
mod words;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;

use self::words::{and, capital, days_of, or, quoted};
use super::approval::Approve;
use super::step::{Merge, planned_date};
use super::{Event, Offset, Step, Timetable, When};

/// Some sentences under one heading.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Section {
    pub about: String,
    pub sentences: Vec<Sentence>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sentence {
    pub segment: Option<String>,
    pub step: Option<String>,
    pub text: String,
    /// When the step goes out for the sample invoice; of one that repeats, the first three.
    pub dates: Vec<NaiveDate>,
}

impl Sentence {
    fn of(text: String) -> Self {
        Self { segment: None, step: None, text, dates: Vec::new() }
    }
}

/// Every rule of the file. `due` is the due date of the sample invoice.
#[must_use]
pub fn of(timetable: &Timetable, due: NaiveDate) -> Vec<Section> {
    let mut sections = vec![general::days(timetable, due), general::limits(timetable)];
    for (place, segment) in timetable.segments.iter().enumerate() {
        let mut steps: Vec<(&Step, Offset)> =
            steps_of(timetable, &segment.name).filter_map(|s| Some((s, s.offset_for(&segment.name)?))).collect();
        steps.sort_by_key(|(_, offset)| offset.usual_days());
        let follow_ups = steps_of(timetable, &segment.name).filter(|s| s.when == When::After);
        let follow_ups = follow_ups.map(|step| follow_up(&segment.name, step));
        let on_a_day = steps.into_iter().map(|(step, offset)| step_on_a_day(timetable, &segment.name, step, offset, due));
        let events = Event::ALL.into_iter().flat_map(|event| {
            let waiting = steps_of(timetable, &segment.name).filter(move |s| s.event() == Some(event));
            waiting.map(move |step| step_of_event(timetable, &segment.name, step, event))
        });
        sections.push(Section {
            about: format!(
                "{} customers: {}{}",
                capital(&segment.name),
                general::who(segment, place == 0),
                general::asks(segment)
            ),
            sentences: on_a_day.chain(follow_ups).chain(events).collect(),
        });
    }
    sections.extend(interest::section(timetable, due));
    let own: Vec<Sentence> = timetable.customers.iter().map(|(id, own)| general::customer(id, own)).collect();
    if !own.is_empty() {
        sections.push(Section { about: "Single customers".to_owned(), sentences: own });
    }
    sections
}

fn steps_of<'t>(timetable: &'t Timetable, segment: &str) -> impl Iterator<Item = &'t Step> {
    let segment = segment.to_owned();
    let allowed = move |s: &&Step| s.limits.segments.as_ref().is_none_or(|l| l.contains(&segment));
    timetable.steps.iter().filter(allowed)
}

fn step_on_a_day(timetable: &Timetable, segment: &str, step: &Step, offset: Offset, due: NaiveDate) -> Sentence {
    let calendar = &timetable.calendar;
    let days = offset.days_from(calendar, due);
    let when = if offset == Offset::Days(0) { "on the due date".to_owned() } else { offset.in_words() };
    let again = step.repeat().map_or(String::new(), |r| {
        let until = r.until.map_or(String::new(), |until| format!(" until day {until}"));
        format!(", and again every {}{until}", days_of(r.every))
    });
    let (every, until) = step.repeat().map_or((1, Some(days)), |r| (r.every, r.until));
    let falls = (0..3).map(|n| days + n * every).filter(|d| *d == days || until.is_none_or(|until| *d <= until));
    let falls: Vec<(NaiveDate, NaiveDate)> = falls
        .map(|days| {
            let planned = planned_date(due, days);
            (planned, calendar.send_date(planned, days))
        })
        .collect();
    let shown = falls.iter().map(|(planned, sent)| match planned == sent {
        true => words::day(*sent, due),
        false => format!("{} (since {} is no business day)", words::day(*sent, due), words::day(*planned, due)),
    });
    let text = format!(
        "{} {when}{}{again}{}; for an invoice due on {} on {}.{}",
        words::action(step),
        limits(step),
        if step.after.is_some() { format!(", but only {}", silence(step)) } else { String::new() },
        words::date(due),
        and(shown.collect()),
        own_ways(step)
    );
    let dates = falls.into_iter().map(|(_, sent)| sent).collect();
    Sentence { segment: Some(segment.to_owned()), step: Some(step.id.clone()), text, dates }
}

/// T33: when it comes hangs on the e-mail that it follows.
fn follow_up(segment: &str, step: &Step) -> Sentence {
    let text = format!("{}{} {}.{}", words::action(step), limits(step), silence(step), own_ways(step));
    Sentence { segment: Some(segment.to_owned()), step: Some(step.id.clone()), text, dates: Vec::new() }
}

/// What a step that follows another one waits for (T33).
fn silence(step: &Step) -> String {
    let Some(after) = &step.after else { return String::new() };
    let days = match after.silent_days {
        1 => "1 full day".to_owned(),
        days => format!("{days} full days"),
    };
    format!("once `{}` was sent and nothing came back for {days}", after.step)
}

fn step_of_event(timetable: &Timetable, segment: &str, step: &Step, event: Event) -> Sentence {
    let when = match event {
        Event::Issued => "when an invoice is issued",
        Event::Paid => "when an invoice is paid in full",
        Event::PartlyPaid => "when an invoice is paid in part",
        Event::PromiseBroken => "when a promise to pay is broken",
        Event::Disputed => "when an invoice becomes disputed",
        Event::CopyAsked => "when a copy of an invoice is asked for",
    };
    let grace = days_of(timetable.grace_days(step));
    let text = format!("{} {when}{}, for up to {grace} afterwards.{}", words::action(step), limits(step), own_ways(step));
    Sentence { segment: Some(segment.to_owned()), step: Some(step.id.clone()), text, dates: Vec::new() }
}

/// What else a step is limited to (T7).
fn limits(step: &Step) -> String {
    let limits = &step.limits;
    let mut said = String::new();
    if let Some(sizes) = &limits.sizes {
        said.push_str(&format!(", for {} invoices", or(sizes.clone())));
    }
    if let Some(ranks) = &limits.ranks {
        said.push_str(&format!(", for customers of rank {}", or(ranks.clone())));
    }
    if let Some(currencies) = &limits.currencies {
        said.push_str(&format!(", for invoices in {}", or(currencies.iter().map(ToString::to_string).collect())));
    }
    said
}

/// In which a step differs from the others.
fn own_ways(step: &Step) -> String {
    let mut said = String::new();
    if let Some(grace) = step.grace_days {
        said.push_str(&format!(" It may go out up to {} late.", days_of(i64::from(grace))));
    }
    match step.merge {
        Merge::Alone => said.push_str(" Each invoice has an e-mail of its own."),
        Merge::Address if step.is_email() => said.push_str(" Customers that share their addresses get one e-mail."),
        Merge::Address | Merge::Customer => {}
    }
    if let Some(days) = step.pay_within {
        said.push_str(&format!(" It asks to pay within {} of its own day.", days_of(i64::from(days))));
    }
    match step.approve {
        Some(Approve::Yes) => said.push_str(" It leaves once somebody has approved it (T34)."),
        Some(Approve::Veto) => said.push_str(" It leaves unless somebody who was told of it objects (T34)."),
        Some(Approve::No) => said.push_str(" It asks for no approval."),
        None => {}
    }
    match step.attach {
        Some(true) => said.push_str(" The invoices' documents go with it."),
        Some(false) => said.push_str(" It goes without documents."),
        None => {}
    }
    if !step.renamed_from.is_empty() {
        said.push_str(&format!(" It was named {} before.", quoted(&step.renamed_from)));
    }
    said
}
