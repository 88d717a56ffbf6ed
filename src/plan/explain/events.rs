//! Steps that wait for an event (T20): has it happened, when, was it sent, or why not.

use super::cases::goes_out;
use super::line::Line;
use super::{Question, Standing, stopped, told};
use crate::ledger::Invoice;
use crate::plan::Covered;
use crate::timetable::events::{self, Happening};
use crate::timetable::stops::Account;
use crate::timetable::{Event, Step};

/// The line of one event.
pub(super) fn line(q: &Question<'_>, account: &Account<'_>, invoice: &Invoice, step: &Step, event: Event) -> Line {
    let happening = events::happening(q.day, account, invoice, step, event);
    let case = match happening {
        Happening::Absent | Happening::Not => "not happened",
        Happening::Done(_) => "done",
        Happening::BeforeGoLive(_) => "before go-live",
        Happening::Late(_) => "expired",
        Happening::Stopped(..) => "stopped",
        Happening::Due(_) => "due",
    };
    let mut line = Line::new(invoice, step, case, "T20");
    let number = events::occurrence(q.day, invoice, event);
    line.occurrence = Some(number);
    let what = words(event);
    match happening {
        Happening::Absent | Happening::Not => line.say(not(invoice, event)),
        Happening::Done(done) => {
            line.since = Some(done.on);
            match q.records.done(&invoice.id, &step.id, number) {
                Some(contact) => {
                    line.refer(contact);
                    line.say(told::contact(q, contact));
                }
                None => line.say(format!("It went out on {}.", q.date(done.on))),
            }
            line.say(match event {
                Event::CopyAsked => "The next one goes out when it is asked for (T20).",
                _ => "It goes out once for an invoice and event (T20).",
            });
        }
        Happening::BeforeGoLive(on) => {
            line.since = Some(on);
            line.say(format!("{what} {}. That was seen before go-live, and never goes out (T20).", when(q, event, on)));
        }
        Happening::Late(on) => {
            let grace = q.day.timetable.grace_days(step);
            line.since = Some(on);
            line.say(format!(
                "{what} {}, more than grace_days = {grace} ago: it does not go out any more (T20).",
                when(q, event, on)
            ));
        }
        Happening::Stopped(on, stop) => {
            line.since = Some(on);
            line.reason = Some(stop.map_or("no_address", |s| s.word()).to_owned());
            let why = match stop {
                Some(stop) => stopped::why(q, account, invoice, stop, line.kind).1,
                None => stopped::NO_COLLEAGUE.to_owned(),
            };
            line.say(format!("{what} {}. It is stopped: {why} (T20).", when(q, event, on)));
        }
        Happening::Due(on) => {
            line.since = Some(on);
            line.say(format!("{what} {}.", when(q, event, on)));
            let is_it = |c: &Covered| c.invoice == invoice.id && c.step == step.id && c.days.is_none();
            goes_out(q, &is_it, &mut line, "T20");
            let of_the_day = q
                .records
                .of(&invoice.id, &step.id, number)
                .rev()
                .find(|c| c.standing != Standing::Skipped && (c.before || c.date == q.on()));
            if let Some(contact) = of_the_day {
                line.refer(contact);
                line.say(told::contact(q, contact));
            }
        }
    }
    line
}

fn words(event: Event) -> &'static str {
    match event {
        Event::Issued => "The invoice was issued",
        Event::Paid => "It was paid",
        Event::PartlyPaid => "A part of it was paid",
        Event::PromiseBroken => "A promise to pay was broken",
        Event::Disputed => "It was disputed",
        Event::CopyAsked => "A copy was asked for",
    }
}

/// Of most events it is known on which day a poll saw them.
fn when(q: &Question<'_>, event: Event, on: chrono::NaiveDate) -> String {
    match event {
        Event::Issued | Event::Paid | Event::CopyAsked => format!("on {}", q.date(on)),
        _ => format!("as the poll of {} saw", q.date(on)),
    }
}

fn not(invoice: &Invoice, event: Event) -> String {
    let open = invoice.is_open();
    match event {
        Event::Issued if open => "No poll has seen the invoice yet (T20).",
        Event::Paid if open => "It is not paid yet (T20).",
        Event::Paid => "No poll has seen a payment that paid it (T20).",
        Event::PartlyPaid if open => "No part of it has been paid between two polls (T20).",
        Event::PromiseBroken if open => "No promise to pay has been broken (T20).",
        Event::CopyAsked if open => "Nobody has asked for a copy (T20).",
        Event::Disputed if open => "It has not become disputed between two polls (T20).",
        _ => "The invoice is not open any more (T20).",
    }
    .to_owned()
}
