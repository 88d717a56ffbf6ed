//! The cases of the timetable file, each played against what it expects; and a case made from a real invoice.

use std::fmt::Write as _;
use std::ops::Range;

use chrono::{Days, NaiveDate};

use super::play::{Came, Played, Scene, play};
use crate::diagnostic::Problem;
use crate::timetable::case::{Case, End, Expected};
use crate::timetable::{Event, Step, Timetable};

/// Plays every case of the file; says where what comes is not what is expected.
#[must_use]
pub fn check(file: &str, text: &str, timetable: &Timetable) -> Vec<Problem> {
    let mut problems = Vec::new();
    for case in &timetable.cases {
        let played = play(timetable, &scene(timetable, case));
        let mut say = |span: &Range<usize>, message: String, help: String| {
            let message = format!("the case \"{}\": {message}", case.name);
            problems.push(Problem::error(file, text, Some(span.clone()), message).help(help).coded("case"));
        };
        let (missing, mut more) = differences(&case.expect, &played.came);
        for expected in missing {
            let instead = more.iter().position(|came| came.step == expected.step).map(|at| more.remove(at));
            let help = match &instead {
                Some(came) => format!("write on = \"{}\", or change the timetable", came.on),
                None => "take it out, or change the timetable".to_owned(),
            };
            say(&expected.span, not_come(timetable, expected, instead.as_ref(), &played), help);
        }
        if !more.is_empty() {
            let all: Vec<String> = more.iter().map(|came| format!("`{}` on {}", came.step, day(came.on))).collect();
            let lines: Vec<String> = more.iter().map(line).collect();
            let message = format!("what comes, too, and is not expected: {}", all.join(", "));
            say(&case.span, message, format!("add {}, or change the timetable", lines.join(", ")));
        }
    }
    problems
}

/// The contact as a case expects it.
fn line(came: &Came) -> String {
    format!("{{ on = \"{}\", step = {} }}", came.on, toml::Value::from(came.step.as_str()))
}

/// What is expected and did not come, and what came and is not expected.
fn differences<'a>(expected: &'a [Expected], came: &[Came]) -> (Vec<&'a Expected>, Vec<Came>) {
    let mut more = came.to_vec();
    let missing = expected.iter().filter(|e| match more.iter().position(|c| c.on == e.on && c.step == e.step) {
        Some(at) => {
            more.remove(at);
            false
        }
        None => true,
    });
    (missing.collect(), more)
}

fn not_come(timetable: &Timetable, expected: &Expected, instead: Option<&Came>, played: &Played) -> String {
    let step = &expected.step;
    if let Some(came) = instead {
        return format!("`{step}` comes on {}, not on {}", day(came.on), day(expected.on));
    }
    let what = format!("`{step}` does not come on {}", day(expected.on));
    if let Some((on, case)) = played.held.get(step) {
        return format!("{what}: on {} it was {} ({})", day(*on), case.word(), case.rule());
    }
    if played.came.iter().any(|came| came.step == *step) {
        return format!("{what} once more");
    }
    match timetable.step(step).and_then(Step::event) {
        Some(event) => format!("{what}: nothing of this case is what it waits for (on = \"{}\")", event.word()),
        None => format!("{what}: this invoice does not come to it, by its days, its limits or the end of the case"),
    }
}

fn day(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// The scene of a case.
fn scene(timetable: &Timetable, case: &Case) -> Scene {
    let (paid_on, last) = match case.end {
        End::UnpaidUntil(last) => (None, last),
        End::PaidOn(paid) => (Some(paid), paid.checked_add_days(Days::new(thanked_for(timetable))).unwrap_or(paid)),
    };
    let mut scene = Scene::of(case.amount, case.currency, case.issued, case.due, last);
    if let Some(id) = &case.customer {
        scene = scene.of_customer(id);
    }
    scene.paid_on = paid_on;
    scene.customer_since = case.customer_since.unwrap_or(case.issued);
    scene.customer.segment.clone_from(&case.segment);
    scene.customer.rank.clone_from(&case.rank);
    scene.customer.country.clone_from(&case.country);
    scene
}

/// For how many days a payment may be thanked for (T20).
fn thanked_for(timetable: &Timetable) -> u64 {
    let steps = timetable.steps.iter().filter(|s| s.event() == Some(Event::Paid));
    steps.map(|s| timetable.grace_days(s)).max().and_then(|days| u64::try_from(days).ok()).unwrap_or(0)
}

/// The `[[case]]` of an invoice as TOML: what the timetable does about it now.
#[must_use]
pub fn suggest(timetable: &Timetable, case: &Case) -> String {
    let mut text = String::from("[[case]]\n");
    let mut put = |key: &str, value: &str| {
        let _ = writeln!(text, "{key:<8} = {value}");
    };
    let quoted = |text: &str| toml::Value::from(text).to_string();
    put("name", &quoted(&case.name));
    for (key, value) in
        [("customer", &case.customer), ("segment", &case.segment), ("rank", &case.rank), ("country", &case.country)]
    {
        if let Some(value) = value {
            put(key, &quoted(value));
        }
    }
    if let Some(since) = case.customer_since {
        put("customer_since", &quoted(&since.to_string()));
    }
    put("amount", &quoted(&case.currency.plain(case.amount)));
    put("currency", &quoted(case.currency.as_str()));
    put("issued", &quoted(&case.issued.to_string()));
    put("due", &quoted(&case.due.to_string()));
    match case.end {
        End::UnpaidUntil(last) => put("unpaid_until", &quoted(&last.to_string())),
        End::PaidOn(paid) => put("paid_on", &quoted(&paid.to_string())),
    }
    text.push_str("expect = [\n");
    for came in play(timetable, &scene(timetable, case)).came {
        let _ = writeln!(text, "  {},", line(&came));
    }
    text.push_str("]\n");
    text
}
