//! The keys above the steps, the segments and the single customers, as sentences.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use super::words::{and, date, days_of, or, quoted};
use super::{Section, Sentence};
use crate::timetable::approval::Approve;
use crate::timetable::{Calendar, CustomerSettings, CustomerWindow, MinBalance, Segment, SendWindow, Timetable};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The days on which something may leave, and how they are counted.
pub fn days(timetable: &Timetable, sample: NaiveDate) -> Section {
    let calendar = &timetable.calendar;
    let mut sentences =
        vec![format!("E-mails and notices leave {}{}.", hours(&calendar.window, timetable.time_zone), holidays(calendar))];
    sentences.extend(timetable.customer_windows.iter().map(theirs));
    if !timetable.customer_calendars.is_empty() {
        let known = and(timetable.customer_calendars.keys().map(ToString::to_string).collect());
        sentences.push(format!(
            "Steps about a customer keep clear of the public holidays of its own country, too, where these are known (T3, T5): {known}."
        ));
    }
    let sent = calendar.send_date(sample, 0);
    let quiet = u64::from(timetable.quiet_days);
    let next = sent.checked_add_days(Days::new(quiet + 1)).map(|d| calendar.send_date(d, 0)).unwrap_or(sent);
    sentences.push(format!(
        "Between two e-mails about due dates to one customer lie {} at least: after one of {}, the next leaves on {} or later (T16).",
        if quiet == 0 { "no full days".to_owned() } else { format!("{quiet} full day{}", if quiet == 1 { "" } else { "s" }) },
        date(sent),
        date(next)
    ));
    let late = sent.checked_add_days(Days::new(u64::from(timetable.grace_days))).unwrap_or(sent);
    sentences.push(format!(
        "A step may go out up to {} late: one whose date is {}, until {} (T13).",
        days_of(i64::from(timetable.grace_days)),
        date(sent),
        date(late)
    ));
    sentences.push(format!(
        "After a promised date the timetable waits {} more (T19). A due date that moves by more than {} lets what was sent come \
         again (T18).",
        days_of(i64::from(timetable.promise_grace_days)),
        days_of(i64::from(timetable.resend_after_days))
    ));
    if timetable.knows_veto() {
        let veto = i64::from(timetable.approval.veto_days);
        sentences.push(format!(
            "What leaves unless somebody objects does so {} after somebody was told of it (T34).",
            if veto == 1 { "1 business day".to_owned() } else { format!("{veto} business days") }
        ));
    }
    if let Some(live) = timetable.go_live {
        sentences.push(format!("Nothing whose date is before {} ever goes out (T10).", date(live)));
    }
    Section { about: "Days".to_owned(), sentences: sentences.into_iter().map(Sentence::of).collect() }
}

fn hours(window: &SendWindow, zone: Tz) -> String {
    let open: Vec<String> = WEEKDAYS.iter().zip(window.days).filter(|(_, open)| *open).map(|(d, _)| (*d).to_owned()).collect();
    format!("on {}, from {} to {} in {}", and(open), window.from.format("%H:%M"), window.to.format("%H:%M"), zone.name())
}

fn theirs(own: &CustomerWindow) -> String {
    let countries = own.countries.clone().map(|l| format!("in {}", or(l)));
    let segments = own.segments.clone().map(|l| format!("of the segment {}", or(l)));
    let whose: Vec<String> = segments.into_iter().chain(countries).collect();
    format!("E-mails to customers {} leave {} instead (T5).", whose.join(" "), hours(&own.window, own.time_zone))
}

fn holidays(calendar: &Calendar) -> String {
    let own = match (calendar.holidays.len(), calendar.holidays.last()) {
        (0, _) | (_, None) => None,
        (1, Some(only)) => Some(format!("on {}", date(*only))),
        (count, Some(last)) => Some(format!("on the {count} holidays of the file, of which {} is the last", date(*last))),
    };
    let codes: Vec<String> = calendar.countries.iter().map(|c| c.code.to_owned()).collect();
    let public = (!codes.is_empty()).then(|| format!("on the public holidays of {}", and(codes)));
    match (own, public) {
        (None, None) => ", also on holidays: the file names none".to_owned(),
        (own, public) => format!(", and not {}", and(own.into_iter().chain(public).collect())),
    }
}

/// Sizes, small balances, and how much is too much.
pub fn limits(timetable: &Timetable) -> Section {
    let mut sentences = Vec::new();
    let sizes = &timetable.sizes;
    if !sizes.thresholds.is_empty() {
        let mut limits: Vec<(&Decimal, &String)> = sizes.thresholds.iter().map(|(n, l)| (l, n)).collect();
        limits.sort();
        let own: Vec<String> = sizes.by_currency.keys().map(ToString::to_string).collect();
        let own = if own.is_empty() { String::new() } else { format!("; {} has thresholds of its own", and(own)) };
        let from: Vec<String> = limits.iter().map(|(limit, name)| format!("{name} from {limit} on")).collect();
        sentences.push(format!("By its total an invoice is {}, and small below{own} (T7).", and(from)));
    }
    match &timetable.min_balance {
        MinBalance::All(limit) if limit.is_zero() => {}
        MinBalance::All(limit) => sentences.push(format!("An open balance below {limit} gets no e-mail (T19).")),
        MinBalance::ByCurrency(all) => {
            let all: Vec<String> = all.iter().map(|(currency, limit)| format!("{limit} {currency}")).collect();
            sentences.push(format!("An open balance below {} gets no e-mail (T19).", or(all)));
        }
    }
    if timetable.priority.pareto {
        let few = "the few that make 80 % of what is open in a currency, 20 % of the customers at the most";
        sentences
            .push(format!("People look after {few}: e-mails to them wait for approval, unless `approve` says otherwise (T34)."));
    }
    sentences.push(match timetable.volume_guard.is_zero() {
        true => "However many e-mails are due on a day, they leave (T28 is off).".to_owned(),
        false => format!(
            "More than 200 e-mails on a day, and more than {} times the usual number, wait for a person's word (T28).",
            timetable.volume_guard
        ),
    });
    Section { about: "Limits".to_owned(), sentences: sentences.into_iter().map(Sentence::of).collect() }
}

/// Who belongs to a segment.
pub fn who(segment: &Segment, first: bool) -> String {
    let Some(m) = &segment.matches else {
        return if first { "everybody".to_owned() } else { "everybody else".to_owned() };
    };
    let mut said = Vec::new();
    if let Some(ranks) = &m.rank {
        said.push(format!("of rank {}", or(ranks.clone())));
    }
    if let Some(countries) = &m.country {
        said.push(format!("in {}", or(countries.clone())));
    }
    if let Some(currencies) = &m.currency {
        said.push(format!("with an open invoice in {}", or(currencies.iter().map(ToString::to_string).collect())));
    }
    if let Some(limit) = m.customer_for_days_below {
        said.push(format!("whose first invoice is less than {} old", days_of(limit)));
    }
    if let Some(limit) = m.customer_for_days_from {
        said.push(format!("whose first invoice is {} old or more", days_of(limit)));
    }
    if let Some(limit) = m.open_balance_from {
        said.push(format!("who owe {limit} or more"));
    }
    if let Some(limit) = m.open_balance_below {
        said.push(format!("who owe less than {limit}"));
    }
    let others = if first { "those" } else { "of the others, those" };
    format!("{others} {}", and(said))
}

/// What e-mails to the customers of a segment ask for (T34).
pub fn asks(segment: &Segment) -> &'static str {
    match segment.approve {
        None if segment.personal == Some(true) => "; people look after them, and e-mails wait for approval (T34)",
        Some(Approve::Yes) => "; e-mails leave once somebody has approved them (T34)",
        Some(Approve::Veto) => "; e-mails leave unless somebody who was told of them objects (T34)",
        Some(Approve::No) | None => "",
    }
}

/// The settings of one customer (T8).
pub fn customer(id: &str, own: &CustomerSettings) -> Sentence {
    let list = |ids: &std::collections::BTreeSet<String>| quoted(&ids.iter().cloned().collect::<Vec<_>>());
    let addresses = |all: &[crate::address::EmailAddress]| and(all.iter().map(ToString::to_string).collect());
    let mut said = Vec::new();
    said.extend(own.segment.as_ref().map(|s| format!("is in `{s}`")));
    said.extend((!own.skip_steps.is_empty()).then(|| format!("never gets {}", list(&own.skip_steps))));
    said.extend((!own.extra_steps.is_empty()).then(|| format!("gets {} whatever they are limited to", list(&own.extra_steps))));
    said.extend(own.to.as_ref().map(|to| format!("is written to at {}", addresses(to))));
    said.extend(own.cc.as_ref().map(|cc| format!("with a copy to {}", addresses(cc))));
    said.extend(own.language.as_ref().map(|l| format!("in the language `{l}`")));
    said.extend(own.quiet_days.map(|q| format!("has {q} quiet days")));
    said.extend(
        own.personal.map(|yes| if yes { "is looked after by people" } else { "is not looked after by people" }.to_owned()),
    );
    said.extend(own.approve.map(|approve| match approve {
        Approve::Yes => "gets e-mails once somebody has approved them".to_owned(),
        Approve::Veto => "gets e-mails unless somebody objects".to_owned(),
        Approve::No => "gets e-mails without approval".to_owned(),
    }));
    said.extend(own.paused_until.map(|until| format!("is left alone until {} (that day included)", date(until))));
    let said = if said.is_empty() { "is like all others".to_owned() } else { and(said) };
    Sentence::of(format!("{id} {said} (T8)."))
}
