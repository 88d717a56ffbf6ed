//! `dunningd timetable`: the file as the table it is.

use serde_json::json;

use super::{Exit, Format, Globals, Result, open, output};
use crate::config;
use crate::timetable::{Action, Recipient, Step, Timetable, When};

pub fn run(globals: &Globals) -> Result {
    let (timetable, warnings) = config::load_timetable(&open::folder(globals))?;
    if globals.format == Format::Json {
        output::json(&document(&timetable));
    } else {
        let mut header = vec!["STEP", "ACTION"];
        header.extend(timetable.segments.iter().map(|s| s.name.as_str()));
        header.push("ONLY");
        let mut table = output::table(&header);
        for step in &timetable.steps {
            let mut row = vec![step.id.clone(), action(step)];
            row.extend(timetable.segments.iter().map(|s| cell(step, &s.name)));
            row.push(limits(step));
            table.add_row(row);
        }
        output::show(&table);
        output::line(format!(
            "\ndays from the due date (bd: business days), {}; – means not at all. E-mails leave {} to {}; {} quiet days, {} days' grace.",
            timetable.time_zone.name(),
            timetable.calendar.window.from.format("%H:%M"),
            timetable.calendar.window.to.format("%H:%M"),
            timetable.quiet_days,
            timetable.grace_days
        ));
        for own in &timetable.customer_windows {
            let whose: Vec<&str> = own.segments.iter().chain(&own.countries).flatten().map(String::as_str).collect();
            let (from, to) = (own.window.from.format("%H:%M"), own.window.to.format("%H:%M"));
            output::line(format!("E-mails to customers of {} leave {from} to {to}, {}.", whose.join(" "), own.time_zone.name()));
        }
    }
    if !warnings.is_empty() {
        output::problems(&warnings, Format::Text);
    }
    Ok(Exit::Done)
}

fn action(step: &Step) -> String {
    match &step.action {
        Action::Email { template } => match step.pay_within {
            Some(days) => format!("e-mail {template}, to pay within {days}"),
            None => format!("e-mail {template}"),
        },
        Action::Task { task } => format!("task {task}"),
        Action::Notice { template, to } => {
            let to = match to {
                Recipient::AccountManager => "account manager".to_owned(),
                Recipient::Collector => "collector".to_owned(),
                Recipient::Address(address) => address.to_string(),
            };
            format!("notice {template} to {to}")
        }
    }
}

fn cell(step: &Step, segment: &str) -> String {
    let reaches = step.limits.segments.as_ref().is_none_or(|l| l.iter().any(|s| s == segment));
    match (&step.when, step.offset_for(segment)) {
        _ if !reaches => "–".to_owned(),
        (When::On(event), _) => format!("on {}", event.word()),
        (When::After, _) => after(step),
        (When::Days { repeat: Some(r), .. }, Some(days)) => {
            let until = r.until.map(|u| format!(" until {u}")).unwrap_or_default();
            format!("{days}, every {}{until}", r.every)
        }
        (When::Days { .. }, Some(days)) if step.after.is_some() => format!("{days}, {}", after(step)),
        (When::Days { .. }, Some(days)) => days.to_string(),
        (When::Days { .. }, None) => "–".to_owned(),
    }
}

/// What it follows, and after how many silent days (T33).
fn after(step: &Step) -> String {
    step.after.as_ref().map_or_else(String::new, |a| format!("after {} + {}", a.step, a.silent_days))
}

fn limits(step: &Step) -> String {
    let limits = &step.limits;
    let currencies = limits.currencies.as_ref().map(|l| l.iter().map(ToString::to_string).collect::<Vec<_>>());
    let words = [&limits.sizes, &limits.ranks, &currencies];
    words.into_iter().flatten().map(|l| l.join("/")).collect::<Vec<_>>().join(" ")
}

fn document(timetable: &Timetable) -> serde_json::Value {
    let step = |s: &Step| {
        let (email, task, notify) = match &s.action {
            Action::Email { template } => (Some(template), None, None),
            Action::Task { task } => (None, Some(task), None),
            Action::Notice { template, .. } => (None, None, Some(template)),
        };
        let days: serde_json::Map<String, serde_json::Value> =
            timetable.segments.iter().map(|g| (g.name.clone(), json!(s.offset_for(&g.name)))).collect();
        json!({
            "id": s.id, "email": email, "task": task, "notify": notify, "days": days, "on": s.event().map(|e| e.word()),
            "after": s.after.as_ref().map(|a| &a.step), "silent_days": s.after.as_ref().map(|a| a.silent_days),
            "pay_within": s.pay_within, "repeat_every": s.repeat().map(|r| r.every), "repeat_until": s.repeat().and_then(|r| r.until),
        })
    };
    json!({
        "time_zone": timetable.time_zone.name(),
        "segments": timetable.segments.iter().map(|s| &s.name).collect::<Vec<_>>(),
        "steps": timetable.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
