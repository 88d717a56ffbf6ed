//! The cases of the timetable file, each played against what it expects; and a case made from a real invoice.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use super::play::{Came, Played, Scene, play};
use crate::diagnostic::Problem;
use crate::timetable::case::{Case, End, Expected};
use crate::timetable::{Event, Timetable};

/// Plays every case of the file; says where what comes is not what is expected.
#[must_use]
pub fn check(file: &str, text: &str, timetable: &Timetable) -> Vec<Problem> {
    let mut problems = Vec::new();
    for case in &timetable.cases {
        let played = play(timetable, &scene(timetable, case));
        let mut say = |span: &std::ops::Range<usize>, message: String| {
            let help = "change the timetable, or what the case expects";
            let all = format!("{help}; {}", everything(&played.came));
            problems.push(Problem::error(file, text, Some(span.clone()), message).help(all).coded("case"));
        };
        let (missing, mut more) = differences(&case.expect, &played.came);
        for expected in missing {
            let instead = more.iter().position(|came| came.step == expected.step).map(|at| more.remove(at));
            say(&expected.span, format!("the case \"{}\": {}", case.name, not_come(expected, instead.as_ref(), &played)));
        }
        for came in more {
            let message = format!("`{}` comes on {}, which is not expected", came.step, day(came.on));
            say(&case.span, format!("the case \"{}\": {message}", case.name));
        }
    }
    problems
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

fn not_come(expected: &Expected, instead: Option<&Came>, played: &Played) -> String {
    let step = &expected.step;
    let what = match instead {
        Some(came) => format!("`{step}` comes on {}, not on {}", day(came.on), day(expected.on)),
        None => format!("`{step}` does not come on {}", day(expected.on)),
    };
    match played.held.get(step).filter(|_| instead.is_none()) {
        Some((on, case)) => format!("{what}: on {} it was {} ({})", day(*on), case.word(), case.rule()),
        None => what,
    }
}

/// All that comes, as a case would have it.
fn everything(came: &[Came]) -> String {
    if came.is_empty() {
        return "nothing comes at all".to_owned();
    }
    let all: Vec<String> = came.iter().map(|c| format!("{} {}", c.on, c.step)).collect();
    format!("what comes: {}", all.join(", "))
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
        let _ = writeln!(text, "  {{ on = \"{}\", step = {} }},", came.on, quoted(&came.step));
    }
    text.push_str("]\n");
    text
}
