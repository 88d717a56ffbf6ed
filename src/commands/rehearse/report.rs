//! The report of a rehearsal: one HTML page with pictures of the volume, that needs nothing else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use serde::Serialize;
use tera::{Context, Tera};

use super::calendar::{Calendar, Day};
use crate::daemon::rehearsal::Paying;

/// The page, with a picture of stacked bars for each of e-mails by step, e-mails by segment and tasks by step.
///
/// # Errors
/// None that depends on the data; those of the template engine.
pub fn page(calendar: &Calendar, company: &str, paying: Paying, controls: usize) -> Result<String, tera::Error> {
    let mut tera = Tera::default();
    tera.autoescape_on(vec![".html"]);
    tera.add_raw_template("report.html", include_str!("report.html"))?;
    let mut context = Context::new();
    let pictures = [
        Picture::of("E-mails to customers, by step", calendar, |d| &d.emails),
        Picture::of("E-mails to customers, by segment", calendar, |d| &d.segments),
        Picture::of("Tasks for people, by step", calendar, |d| &d.tasks),
    ];
    context.insert("company", company);
    context.insert("pictures", &pictures);
    context.insert("width", &WIDTH);
    context.insert("height", &HEIGHT);
    context.insert("days", &calendar.days.iter().map(Row::of).collect::<Vec<_>>());
    context.insert("first", &calendar.days.first().map(|d| d.date));
    context.insert("last", &calendar.days.last().map(|d| d.date));
    context.insert("totals", &calendar.totals());
    context.insert("as_so_far", &(paying == Paying::AsSoFar));
    context.insert("controls", &controls);
    context.insert("problems", &calendar.problems);
    context.insert("reviews", &calendar.reviews.iter().take(REVIEWS).collect::<Vec<_>>());
    context.insert("more_reviews", &calendar.reviews.len().saturating_sub(REVIEWS));
    tera.render("report.html", &context)
}

/// So many texts of reviews are on the page: the contacts' file has them all.
const REVIEWS: usize = 500;

/// The inner size of a picture, in units of its view box.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 180.0;

/// Colours that also people with weak colour vision tell apart (Okabe and Ito), and lighter ones of them.
const COLOURS: [&str; 14] = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#7f7f7f", "#66aad1", "#f2ca7f", "#7fcebb",
    "#eaae7f", "#e5bcd3", "#bfbfbf",
];

#[derive(Serialize)]
struct Picture {
    title: &'static str,
    total: u64,
    /// The greatest day.
    most: u64,
    names: Vec<Name>,
    bars: Vec<Bar>,
    weeks: Vec<Label>,
}

#[derive(Serialize)]
struct Name {
    name: String,
    colour: &'static str,
    total: u64,
}

/// One piece of a day's bar.
#[derive(Serialize)]
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    colour: &'static str,
    says: String,
}

#[derive(Serialize)]
struct Label {
    x: f64,
    text: String,
}

impl Picture {
    fn of(title: &'static str, calendar: &Calendar, counts: impl Fn(&Day) -> &BTreeMap<String, u64>) -> Self {
        let names: BTreeSet<&String> = calendar.days.iter().flat_map(|d| counts(d).keys()).collect();
        let total_of = |name: &String| calendar.days.iter().filter_map(|d| counts(d).get(name)).sum();
        let colours = COLOURS.into_iter().cycle();
        let names: Vec<Name> =
            names.into_iter().zip(colours).map(|(n, colour)| Name { name: n.clone(), colour, total: total_of(n) }).collect();
        let sum = |d: &Day| counts(d).values().sum::<u64>();
        let most = calendar.days.iter().map(sum).max().unwrap_or(0);
        let step = WIDTH / calendar.days.len().max(1) as f64;
        let scale = HEIGHT / most.max(1) as f64;
        let (mut bars, mut weeks) = (Vec::new(), Vec::new());
        for (n, day) in calendar.days.iter().enumerate() {
            let x = n as f64 * step;
            if day.date.weekday() == chrono::Weekday::Mon {
                weeks.push(Label { x, text: day.date.format("%-d %b").to_string() });
            }
            let mut y = HEIGHT;
            for name in &names {
                let Some(count) = counts(day).get(&name.name) else { continue };
                let height = *count as f64 * scale;
                y -= height;
                let says = format!("{}: {count} × {}", day.date.format("%a %-d %b %Y"), name.name);
                bars.push(Bar { x, y, width: (step * 0.86).max(0.5), height, colour: name.colour, says });
            }
        }
        // As many labels as do not run into one another.
        let every = weeks.len().div_ceil(14).max(1);
        let weeks = weeks.into_iter().step_by(every).collect();
        Self { title, total: names.iter().map(|n| n.total).sum(), most, names, bars, weeks }
    }
}

#[derive(Serialize)]
struct Row {
    date: String,
    is_quiet: bool,
    emails: u64,
    notices: u64,
    tasks: u64,
    skipped: u64,
    held: u64,
}

impl Row {
    fn of(day: &Day) -> Self {
        let tasks = day.tasks.values().sum();
        Self {
            date: day.date.format("%a %F").to_string(),
            is_quiet: day.sent() + tasks + day.notices == 0,
            emails: day.sent(),
            notices: day.notices,
            tasks,
            skipped: day.skipped,
            held: day.held,
        }
    }
}
