//! A step that follows another one which stays without answer (T33).

use super::line::Line;
use super::{Question, words};
use crate::timetable::follow::{Answer, Pending};
use crate::timetable::occurrence::{Case, Occurrence};
use crate::timetable::{After, When};

/// When it falls: `None`, if that is said of its own days.
pub(super) fn dates(q: &Question<'_>, one: &Occurrence<'_>, why_closed: impl Fn(chrono::NaiveDate) -> String) -> Option<String> {
    let after = one.step.after.as_ref()?;
    let Some(sent) = one.sent else { return (one.step.when == When::After).then(String::new) };
    let name = words::step(&after.step, one.number);
    let mut said = format!("{name} was sent on {}; this follows {}", q.date(sent), silence(after));
    let over = after.is_over_on(sent);
    if one.step.when == When::After {
        said.push_str(&format!(", on {}", q.date(over)));
        if one.send_date != over {
            said.push_str(&format!("; that is {}, so it was moved to {} (T3)", why_closed(over), q.date(one.send_date)));
        }
    } else {
        said.push_str(&format!(" and not before its own day, on {}", q.date(one.send_date)));
    }
    Some(said + " (T33).")
}

fn silence(after: &After) -> String {
    match after.silent_days {
        0 => "if nothing comes back, the day after".to_owned(),
        days => format!("if nothing comes back for {}", words::count(u64::from(days), "full day")),
    }
}

/// Why it does not come.
pub(super) fn pending(q: &Question<'_>, one: &Occurrence<'_>, pending: &Pending, line: &mut Line) {
    let Some(after) = &one.step.after else { return };
    let name = words::step(&after.step, one.number);
    let (reason, sentence) = match pending {
        Pending::Unsent => ("unsent", format!("It waits for {name} to be sent, and then for {} (T33).", of_silence(after))),
        Pending::Leaving => ("unsent", format!("It waits for {name}, of which nobody knows yet whether it was sent (T33).")),
        Pending::Failed { on } => {
            line.since = Some(*on);
            ("failed", format!("{name} did not reach the customer on {}: this step does not come (T33).", q.date(*on)))
        }
        Pending::Ended(case) => ("ended", format!("{name} was not sent ({case}): this step does not come (T33).")),
        Pending::Absent => {
            ("absent", format!("The customer does not get {name} for this invoice: this step does not come (T33)."))
        }
        Pending::Answered { sent, heard } => {
            line.since = Some(heard.on);
            let by = match heard.by {
                Answer::Payment => "a payment of the customer",
                Answer::Call => "a call that reached the customer",
                Answer::Promise => "a promise",
                Answer::Dispute => "a dispute",
                Answer::Reply => "a reply that was noted",
            };
            let said = format!("{name}, sent on {}, was answered on {} by {by}", q.date(*sent), q.date(heard.on));
            ("answered", format!("{said}: this step does not come (T33)."))
        }
    };
    line.reason = Some(reason.to_owned());
    line.say(sentence);
}

fn of_silence(after: &After) -> String {
    match after.silent_days {
        0 => "no answer to come".to_owned(),
        days => format!("{} without answer", words::count(u64::from(days), "full day")),
    }
}

/// Whether it has dates to show.
pub(super) fn is_dated(one: &Occurrence<'_>) -> bool {
    one.step.when != When::After || one.sent.is_some() || matches!(one.case, Case::Done { .. })
}
