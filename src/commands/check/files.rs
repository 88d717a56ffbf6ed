//! The files of the configuration beyond their syntax, each problem at its place.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use crate::commands::{Failure, open};
use crate::config::{self, Config};
use crate::daemon::schedule::Schedule;
use crate::diagnostic::Problem;
use crate::diagnostic::places::Places;
use crate::message::{Renderer, attach};
use crate::plan::{case, reach};
use crate::timetable::{Action, SendWindow, Step, Timetable, calendar, lint};

/// So many days of polls are looked at.
const HORIZON: usize = 400;

/// The texts of both files; empty where one cannot be read, which is said elsewhere.
pub struct Files {
    dunningd: (String, String),
    timetable: (String, String),
}

impl Files {
    pub fn read(folder: &Path) -> Self {
        let of = |name: &str| {
            let path = folder.join(name);
            (path.display().to_string(), config::read(&path, "").unwrap_or_default())
        };
        Self { dunningd: of(config::FILE), timetable: of(config::TIMETABLE) }
    }

    /// The name and the text of the timetable's file.
    pub fn of_timetable(&self) -> (&str, &str) {
        (&self.timetable.0, &self.timetable.1)
    }

    /// A problem of dunningd.toml, at the table and key with which its message begins: `[relay] host: …`.
    pub fn problem(&self, code: &'static str, message: impl Into<String>, help: &str) -> Problem {
        let message = message.into();
        let places = Places::of(&self.dunningd.0, &self.dunningd.1);
        places.problem(code, places.of_message(&message), message, help)
    }

    /// What the timetable says that is hardly meant, and its cases.
    pub fn timetable(&self, timetable: &Timetable, today: NaiveDate) -> Vec<Problem> {
        let (file, text) = (self.timetable.0.as_str(), self.timetable.1.as_str());
        let places = Places::of(file, text);
        let lints = lint::lint(&places, timetable);
        let mut found = reach::lint(&places, timetable, &lints.never_sent, today);
        found.extend(lints.problems);
        found.extend(lint::unknown_rates(&places, timetable, today));
        found.extend(case::check(file, text, timetable));
        found.sort_by_key(|p| p.span.as_ref().map(|s| s.start));
        found
    }

    /// Keys that do not go together, and what they lead to.
    pub fn settings(&self, config: &Config) -> Vec<Problem> {
        let relay = config.relay.validate().into_iter().map(|(key, sentence)| {
            self.problem("relay", format!("[relay] {key}: {sentence}"), "docs/configuration.md has every key of [relay]")
        });
        let mut found: Vec<Problem> = relay.collect();
        let mut refuse = |code, error: Failure, help: &str| found.push(self.problem(code, error.to_string(), help));
        if let Err(error) = open::company(config) {
            refuse("company", error, "docs/configuration.md has every key of [company]");
        }
        if let Err(error) = open::signer(config) {
            refuse("dkim", error, "docs/configuration.md says how [dkim] is set up");
        }
        if let Err(Failure::Wrong(error)) = open::source(config, chrono_tz::Tz::UTC) {
            let help = "docs/configuration.md has an example of [ledger.query]";
            found.push(self.problem("ledger", format!("{error:#}"), help));
        }
        found
    }

    /// Whether the schedule is one, and its polls fall where they can do something.
    pub fn schedule(&self, config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
        let zone = timetable.map_or(chrono_tz::Tz::UTC, |t| t.time_zone);
        let schedule = match Schedule::new(&config.poll.schedule, zone) {
            Ok(schedule) => schedule,
            Err(sentence) => {
                return vec![self.problem("schedule", sentence, "docs/configuration.md says how a schedule is written")];
            }
        };
        let Some(timetable) = timetable else { return Vec::new() };
        self.polls(&schedule, timetable).into_iter().chain(self.customer_windows(&schedule, timetable)).collect()
    }

    /// Windows of customers into which no poll falls (T5).
    fn customer_windows(&self, schedule: &Schedule, timetable: &Timetable) -> Vec<Problem> {
        let never = timetable
            .customer_windows
            .iter()
            .filter(|own| polled_days(schedule, timetable, own.time_zone, own.window).is_empty());
        let said = never.map(|own| {
            let message = format!(
                "[poll] schedule: no poll falls into the `customer_window` of timetable.toml that opens at {} in {}: nothing would \
                 ever be sent to its customers (T5)",
                own.window.from.format("%H:%M"),
                own.time_zone.name()
            );
            self.problem("no-poll", message, "poll inside of that window, too, on days on which the company is at work")
        });
        said.collect()
    }

    /// Polls that never fall into the send window, or more rarely than a step is patient (T5, T13).
    fn polls(&self, schedule: &Schedule, timetable: &Timetable) -> Option<Problem> {
        let polled = polled_days(schedule, timetable, timetable.time_zone, timetable.calendar.window);
        if polled.is_empty() {
            let message =
                "[poll] schedule: no poll falls into the `send_window` of timetable.toml: nothing would ever be sent (T5)";
            return Some(self.problem("no-poll", message, "poll inside of the window, or change it"));
        }
        let gap = polled.windows(2).map(|pair| (pair[1] - pair[0]).num_days()).max().unwrap_or(0);
        // A step is due on its send date and on `grace_days` days after it.
        let steps = timetable.steps.iter().filter(|s| s.event().is_none() && !matches!(s.action, Action::Task { .. }));
        let hasty: Vec<&Step> = steps.filter(|s| timetable.grace_days(s) + 1 < gap).collect();
        let step = hasty.first()?;
        let grace = timetable.grace_days(step);
        let message = format!(
            "[poll] schedule: up to {gap} days lie between two polls of the send window, and `{}` has {grace} days of grace: it \
             would expire unsent at times (T13)",
            step.id
        );
        Some(self.problem("grace", message, "poll more often, or give more `grace_days`").as_warning())
    }

    /// The folder of the documents, and whether a step wants them without one.
    pub fn documents(&self, config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
        let Some(directory) = &config.attachments.directory else {
            let wants = |s: &&Step| s.attach == Some(true);
            let places = Places::of(&self.timetable.0, &self.timetable.1);
            let step = timetable.and_then(|t| t.steps.iter().find(wants));
            let said = step.map(|step| {
                let message = format!("the step `{}` has attach = true, and nothing is attached", step.id);
                let help = "set `directory` of [attachments] in dunningd.toml";
                places.problem("attachments", places.step(&step.id, "attach"), message, help).as_warning()
            });
            return said.into_iter().collect();
        };
        let help = "make it, or leave [attachments] out: e-mails with documents fail until it is there";
        let wrong = attach::Folder::open(directory).err();
        wrong
            .map(|sentence| self.problem("attachments", format!("[attachments] directory: {sentence}"), help))
            .into_iter()
            .collect()
    }

    /// The templates by themselves, and those that the timetable names.
    pub fn templates(&self, config: &Config, timetable: Option<&Timetable>) -> Vec<Problem> {
        if timetable.is_some_and(|t| open::needs_no_templates(config, t)) {
            return Vec::new();
        }
        let renderer = match Renderer::load(&config.templates.directory, &config.templates.default_language) {
            Ok(renderer) => renderer,
            Err(problems) => return problems,
        };
        let mut found = renderer.check(&config.company);
        found.extend(open::missing_of_colleagues(config, timetable, &renderer));
        found.extend(open::check_of_colleagues(config, timetable, &renderer));
        if let Some(timetable) = timetable {
            found.extend(open::missing_templates(config, timetable, &renderer));
            found.extend(self.languages(config, timetable, &renderer));
            found.extend(self.deadlines(config, timetable, &renderer));
        }
        found
    }

    /// Deadlines of steps whose template does not print them.
    fn deadlines(&self, config: &Config, timetable: &Timetable, renderer: &Renderer) -> Vec<Problem> {
        let places = Places::of(&self.timetable.0, &self.timetable.1);
        let mut found = Vec::new();
        for step in timetable.steps.iter().filter(|s| s.pay_within.is_some()) {
            let Action::Email { template } = &step.action else { continue };
            for language in renderer.without_deadline(template, &config.company) {
                let message = format!("the template `{template}` in `{language}` does not print the deadline of `{}`", step.id);
                let help = "put it in: {% if pay_by %}Please pay by {{ pay_by | date }}.{% endif %}";
                let place = places.step(&step.id, "pay_within");
                found.push(places.problem("pay-within", place, message, help).as_warning());
            }
        }
        found
    }

    /// Languages of single customers that have no templates.
    fn languages(&self, config: &Config, timetable: &Timetable, renderer: &Renderer) -> Vec<Problem> {
        let names = renderer.names();
        let known: BTreeSet<&str> = names.iter().flat_map(|name| renderer.languages_of(name)).collect();
        let has =
            |language: &str| known.contains(language) || language.split(['-', '_']).next().is_some_and(|l| known.contains(l));
        let places = Places::of(&self.timetable.0, &self.timetable.1);
        let own = timetable.customers.iter().filter_map(|(id, own)| Some((id, own.language.as_deref()?)));
        let missing = own.filter(|(_, language)| !has(language)).map(|(id, language)| {
            let message = format!("there are no templates in `{language}`: customer {id} gets them in the default language");
            let all: Vec<&str> = known.iter().copied().collect();
            let help = format!(
                "make the folder {}, or take one of: {}",
                config.templates.directory.join(language).display(),
                all.join(", ")
            );
            places.problem("language", places.key(&["customer", id, "language"]), message, &help).as_warning()
        });
        missing.collect()
    }
}

/// The days of the coming year on which a window opens and a poll falls into it, the company being at work.
fn polled_days(schedule: &Schedule, timetable: &Timetable, zone: Tz, window: SendWindow) -> Vec<NaiveDate> {
    let is_polled = |day: &NaiveDate| {
        let (opens, closes) = (calendar::instant(zone, *day, window.from), calendar::instant(zone, *day, window.to));
        let slot = schedule.next(opens - TimeDelta::seconds(1)).filter(|slot| slot.at < closes);
        slot.is_some_and(|slot| timetable.calendar.window.opens_on(calendar::local(timetable.time_zone, slot.at).0))
    };
    // Of the present rules of summer time: two zones are looked at.
    let begin = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    begin.iter_days().take(HORIZON).filter(|day| window.opens_on(*day)).filter(is_polled).collect()
}
