//! The occurrences of an open invoice, each in its case (T9–T17).

use super::line::{Line, PartOf};
use super::{Question, Standing, Tense, follow, stopped, told, words};
use crate::ledger::Invoice;
use crate::plan::contact::Asked;
use crate::plan::later::HOLIDAY;
use crate::plan::make::Waiting;
use crate::plan::{Covered, Kind, Planned};
use crate::timetable::Offset;
use crate::timetable::occurrence::{Case, Occurrence};
use crate::timetable::stops::{self, Account};

/// One occurrence.
pub(super) fn line(q: &Question<'_>, account: &Account<'_>, invoice: &Invoice, one: &Occurrence<'_>) -> Line {
    let mut line = Line::new(invoice, one.step, one.case.word(), one.case.rule());
    line.occurrence = Some(one.number);
    line.planned_date = Some(one.planned).filter(|_| follow::is_dated(one));
    line.send_date = Some(one.send_date).filter(|_| follow::is_dated(one));
    line.say(dates(q, account, one));
    reopened(q, invoice, one, &mut line);
    decide(q, account, invoice, one, &mut line);
    if one.case.is_skip() {
        line.reason = Some(one.case.word().to_owned());
        let skips = q.records.of(&invoice.id, &one.step.id, one.number);
        if let Some(skip) = skips.rev().find(|c| c.standing == Standing::Skipped && c.date <= q.on()) {
            line.refer(skip);
            line.say(told::skip(q, skip));
        }
    } else if !matches!(one.case, Case::Done { .. }) {
        otherwise(q, invoice, one, &mut line);
    }
    line
}

/// T2–T4: when it falls, and where a day without business moves it.
fn dates(q: &Question<'_>, account: &Account<'_>, one: &Occurrence<'_>) -> String {
    if let Some(said) = follow::dates(q, one, |day| account.calendar.why_closed(day)) {
        return said;
    }
    let first = one.step.offset_for(account.segment).filter(|_| one.number == 0);
    let planned = format!("Planned for {}, {}", q.date(one.planned), first.unwrap_or(Offset::Days(one.days)).in_words());
    if one.send_date == one.planned {
        return format!("{planned}.");
    }
    let why = account.calendar.why_closed(one.planned);
    format!("{planned}; that is {why}, so it was moved to {} (T3).", q.date(one.send_date))
}

/// T18.
fn reopened(q: &Question<'_>, invoice: &Invoice, one: &Occurrence<'_>, line: &mut Line) {
    let done = q.day.history.of(&invoice.id).and_then(|h| h.done.get(&(one.step.id.clone(), one.number)));
    if let Some(done) = done.filter(|_| one.round > 0) {
        line.say(format!(
            "It was done on {} for the due date {}; the due date has moved to {}, so it falls again (T18).",
            q.date(done.on),
            q.date(done.due_date),
            q.date(invoice.due_date)
        ));
    }
}

fn decide(q: &Question<'_>, account: &Account<'_>, invoice: &Invoice, one: &Occurrence<'_>, line: &mut Line) {
    match &one.case {
        Case::Done { on } => {
            line.since = Some(*on);
            let contact = q.records.done(&invoice.id, &one.step.id, one.number);
            match contact {
                Some(contact) => {
                    line.refer(contact);
                    line.say(told::contact(q, contact));
                }
                None => line.say(format!("It was done on {}.", q.date(*on))),
            }
            line.say("It is not repeated (T9).");
        }
        Case::BeforeGoLive => line.say(match q.day.go_live {
            Some(live) => format!("That is before go-live on {}, so it never goes out (T10).", q.date(live)),
            None => "Nothing is planned before the first poll inside the send window, which is go-live (T10).".to_owned(),
        }),
        Case::NotYet => line.say("It is not yet time (T11)."),
        Case::Waits(pending) => follow::pending(q, one, pending, line),
        Case::Moot => {
            line.say(format!("The due date, {}, has passed: it is too late to remind of it (T12).", q.date(invoice.due_date)))
        }
        Case::Expired => {
            let grace = q.day.timetable.grace_days(one.step);
            let late = (q.on() - one.send_date).num_days().unsigned_abs();
            line.say(format!(
                "That is {} ago, more than grace_days = {grace}: it does not go out any more (T13).",
                words::count(late, "day")
            ));
        }
        Case::Superseded { step, number } => superseded(q, invoice, step, *number, line),
        Case::Stopped(stop) => {
            line.reason = Some(stop.word().to_owned());
            line.until = stops::over_on(q.day.timetable, q.day.controls, invoice, *stop, q.on());
            stopped::say(q, account, invoice, *stop, one.days, line);
        }
        Case::Deferred { until } => deferred(q, *until, line),
        Case::Due => due(q, invoice, one, line),
    }
}

/// T14.
fn superseded(q: &Question<'_>, invoice: &Invoice, step: &str, number: u32, line: &mut Line) {
    let name = words::step(step, number);
    line.say(match q.records.done(&invoice.id, step, number) {
        Some(done) => format!("A later e-mail, {name}, went out on {}: this one does not follow it (T14).", q.date(done.date)),
        None => format!("A later e-mail, {name}, has come to its day: only the latest goes out (T14)."),
    });
}

/// T16.
fn deferred(q: &Question<'_>, until: chrono::NaiveDate, line: &mut Line) {
    let id = &q.customer.id;
    let quiet = q.day.timetable.quiet_days(id);
    line.until = Some(until);
    line.reason = Some("deferred".to_owned());
    let Some(last) = until.checked_sub_signed(chrono::TimeDelta::days(quiet + 1)) else { return };
    let sent = q.records.contacts.iter().rev().find(|c| c.is_due_date && c.date == last && c.standing == Standing::Counts);
    if let Some(sent) = sent {
        line.refer(sent);
    }
    line.since = Some(last);
    // Perhaps of another customer: the step merges by address (T22).
    let other = q.day.history.last_email.get(id) != Some(&last);
    let shared = if other { " to the same address" } else { "" };
    let which = shared.to_owned() + &sent.map(|s| format!(" ({} of {})", s.step, s.invoice)).unwrap_or_default();
    line.say(format!(
        "It is deferred until {} because of the e-mail of {}{which} (T16, quiet_days = {quiet}).",
        q.date(until),
        q.date(last)
    ));
}

fn due(q: &Question<'_>, invoice: &Invoice, one: &Occurrence<'_>, line: &mut Line) {
    let is_it = |c: &Covered| c.invoice == invoice.id && c.step == one.step.id && c.occurrence == one.number;
    if let Some(waiting) = q.plan.waiting.iter().find(|w| w.rule == "T23" && is_of(w, line)) {
        (line.case, line.rule, line.until) = ("deferred", waiting.rule, waiting.until);
        line.reason = Some(waiting.reason.to_owned());
        let until = waiting.until.map(|until| format!(" until {}", q.date(until))).unwrap_or_default();
        line.say(format!("A past-due e-mail to the customer goes out on the same day: this one gives way{until} (T23)."));
        return;
    }
    goes_out(q, &is_it, line, "T17");
}

/// What is due goes out: in which contact (T22, T24), or what holds it up at the door (T5, T28).
pub(super) fn goes_out(q: &Question<'_>, is_it: &dyn Fn(&Covered) -> bool, line: &mut Line, rule: &str) {
    let day = q.date(q.on());
    let says = match q.tense {
        Tense::Past => format!("On {day} it was due"),
        Tense::Present => "It is due today".to_owned(),
        Tense::Future => format!("On {day} it would be due"),
    };
    if let Some((contact, _)) = q.plan.additions.iter().find(|(_, c)| is_it(c)) {
        line.say(format!("{says} ({rule}), and joins the review that is open already (T24, contact {contact})."));
    } else if let Some(planned) = q.plan.contacts.iter().find(|c| c.covered.iter().any(is_it)) {
        line.say(format!("{says} ({rule}), {}.", whom(planned)));
        if let Some(asked) = &planned.asked {
            line.reason = Some("approval".to_owned());
            let whom = asked.whom.as_ref().map(|whom| format!(" of {whom}")).unwrap_or_default();
            line.say(format!("It waits for the approval{whom} since {} (T34): `dunningd approve`.", q.date(asked.since)));
            unless(q, asked, line);
            let of_file =
                q.day.timetable.step(&planned.step).and_then(|s| q.day.timetable.asks(s, &q.customer.id, q.account().segment));
            if let Some(why) = q.day.personal(&q.account()).filter(|_| of_file.is_none()) {
                line.say(format!("People look after the customer: it is {}.", why.said()));
            }
        }
        if let Some(told) = &planned.unopposed {
            line.say(format!("Nobody has objected: {} was told on {} (T34).", told.to, q.date(told.on)));
        }
        if let Some(by) = q.day.timetable.pay_by(&planned.step, q.on()) {
            line.say(format!("It asks to pay by {} (pay_within of `{}`).", q.date(by), planned.step));
        }
        together(planned, is_it, line);
    } else if let Some(waiting) = q.plan.waiting.iter().find(|w| w.rule == "T5" && is_of(w, line)) {
        (line.reason, line.until) = (Some(waiting.reason.to_owned()), waiting.until);
        let why = match waiting.reason {
            HOLIDAY => format!("that is {}", q.day.timetable.calendar_of(q.customer).why_closed(q.on())),
            _ => "the customer's window is closed".to_owned(),
        };
        let until = waiting.until.map(|until| format!(" until {}", q.date(until))).unwrap_or_default();
        line.say(format!("{says} ({rule}), but {why}, and the e-mail waits{until} (T5)."));
    } else if line.kind == "email" && q.plan.held_by_volume > 0 {
        line.say(format!(
            "{says} ({rule}), but {} e-mails wait for a person's word, far more than on other days (T28).",
            q.plan.held_by_volume
        ));
    } else {
        line.say(format!("{says} ({rule})."));
    }
    if line.kind != "task" && !q.in_window {
        let (zone, window) = q.day.timetable.window_of(q.customer, q.account().segment);
        let own = format!("{} to {} in {zone}", window.from.format("%H:%M"), window.to.format("%H:%M"));
        let which = if (zone, window) == (q.day.timetable.time_zone, q.day.timetable.calendar.window) {
            "the send window".to_owned()
        } else {
            format!("the customer's window, {own},")
        };
        line.say(format!("E-mails leave only inside {which} of a business day (T5): the next poll inside it plans it afresh."));
    }
}

/// T34: from when on silence lets it leave.
fn unless(q: &Question<'_>, asked: &Asked, line: &mut Line) {
    let Some(veto) = &asked.veto else { return };
    let days = words::count(q.day.timetable.approval.veto_days.into(), "business day");
    let Some(told) = &veto.told else {
        line.say(format!("It leaves unless somebody rejects it, {days} after the forewarning; nobody was told of it yet (T34)."));
        return;
    };
    line.until = Some(told.leaves.on);
    line.say(format!(
        "It leaves on {} from {} on unless somebody rejects it: {} was told on {} (T34, veto_days).",
        q.date(told.leaves.on),
        told.leaves.from.format("%H:%M"),
        told.to,
        q.date(told.on)
    ));
}

fn is_of(waiting: &Waiting, line: &Line) -> bool {
    waiting.invoice == line.invoice && waiting.step == line.step && waiting.occurrence == line.occurrence.unwrap_or_default()
}

fn whom(planned: &Planned) -> String {
    let to: Vec<String> = planned.to.iter().map(ToString::to_string).collect();
    match planned.kind {
        Kind::Email => format!("as an e-mail to {}", words::list(&to)),
        Kind::Notice => format!("as a notice to {}", words::list(&to)),
        Kind::Task if to.is_empty() => format!("as a task ({}) on the worklist", planned.action),
        Kind::Task => format!("as a task ({}) for {}", planned.action, words::list(&to)),
    }
}

/// T22, T24: what else the contact covers.
fn together(planned: &Planned, is_it: &dyn Fn(&Covered) -> bool, line: &mut Line) {
    let Some(lead) = planned.covered.first().filter(|_| planned.covered.len() > 1) else { return };
    let mut invoices: Vec<String> = planned.covered.iter().map(|c| c.invoice.clone()).collect();
    invoices.dedup();
    let name = words::step(&lead.step, lead.occurrence);
    if is_it(lead) {
        line.say(format!("It leads it, and covers {} (T22).", words::list(&invoices)));
    } else {
        line.say(format!(
            "It is part of the {} that {name} of {} leads, for {} (T22).",
            planned.kind.name(),
            lead.invoice,
            words::list(&invoices)
        ));
    }
    line.part_of = Some(PartOf { lead: lead.invoice.clone(), step: lead.step.clone(), invoices });
}

/// What the log has of an occurrence that is not done: what that very day did, or what waits or was taken out before.
fn otherwise(q: &Question<'_>, invoice: &Invoice, one: &Occurrence<'_>, line: &mut Line) {
    let has = |c: &&super::Logged| c.round == one.round && c.standing != Standing::Skipped && (c.before || c.date == q.on());
    if let Some(contact) = q.records.of(&invoice.id, &one.step.id, one.number).rev().find(has) {
        if one.case == Case::Due || contact.standing == Standing::Unsent {
            line.refer(contact);
        }
        line.say(told::contact(q, contact));
    }
}
