//! When a step would go out, if nobody pays and nothing more is sent: the same evaluation, day after day.

use std::collections::BTreeMap;

use chrono::Days;

use super::line::{Line, Next};
use super::{Question, stopped};
use crate::ledger::Invoice;
use crate::timetable::Action;
use crate::timetable::evaluate::{self, Day};
use crate::timetable::occurrence::Case;
use crate::timetable::stops::Stop;

/// How many days ahead it is looked for: farther away nobody plans.
const HORIZON: u64 = 400;

/// Gives each step's next falling to the line of that occurrence, or to the last one of the step; and says of what is not
/// yet to come what would stop it then.
pub(super) fn attach(q: &Question<'_>, invoice: &Invoice, lines: &mut [Line]) {
    let Ahead { next, stops } = look(q, invoice, lines);
    for (step, next) in next {
        let its = |l: &Line| l.step == step;
        let same = lines.iter().position(|l| its(l) && l.occurrence == Some(next.occurrence));
        let Some(place) = same.or_else(|| lines.iter().rposition(its)) else { continue };
        let line = &mut lines[place];
        line.next = Some(next);
        let own = line.occurrence == Some(next.occurrence);
        if own && line.case == "not yet" && line.send_date == Some(next.date) {
            line.say("It would go out then.");
        } else if next.date > q.on() {
            let which = if own { String::new() } else { format!(" (occurrence {})", next.occurrence) };
            line.say(format!("It would go out on {}{which}.", q.date(next.date)));
        }
    }
    for line in lines.iter_mut().filter(|l| l.case == "not yet" && l.next.is_none()) {
        let Some(stop) = stops.get(&line.step) else { continue };
        let (_, why) = stopped::why(q, &q.account(), invoice, *stop, line.kind);
        line.say(format!("As things stand it would be stopped then: {why} (T15)."));
    }
}

/// What the days to come have of each step: its next falling, or what first stops it.
#[derive(Default)]
struct Ahead {
    next: BTreeMap<String, Next>,
    stops: BTreeMap<String, Stop>,
}

fn look(q: &Question<'_>, invoice: &Invoice, lines: &[Line]) -> Ahead {
    let mut found = Ahead::default();
    // T23: what gives way to the e-mail of today waits behind it.
    let behind = |step: &str| lines.iter().filter(|l| l.step == step && l.rule == "T23").find_map(|l| l.until);
    for ahead in 0..=HORIZON {
        let Some(today) = q.on().checked_add_days(Days::new(ahead)) else { break };
        let business = if ahead == 0 { q.in_window } else { q.day.timetable.calendar.is_business_day(today) };
        let day = Day { today, ..*q.day };
        let account = day.account(q.customer, q.invoices, q.sums);
        let mut may_come = false;
        for one in evaluate::invoice(&day, &account, invoice) {
            let id = &one.step.id;
            if found.next.contains_key(id) {
                continue;
            }
            let leaves = match one.step.action {
                Action::Task { .. } => true,
                Action::Notice { .. } => business,
                Action::Email { .. } => business && q.day.timetable.may_email(q.customer, account.segment, today, None),
            };
            if one.case == Case::Due && leaves && behind(id).is_none_or(|until| until <= today) {
                found.next.insert(id.clone(), Next { occurrence: one.number, date: today });
                continue;
            }
            if let Case::Stopped(stop) = one.case {
                found.stops.entry(id.clone()).or_insert(stop);
            }
            may_come |= matches!(one.case, Case::NotYet | Case::Stopped(_) | Case::Deferred { .. } | Case::Due);
        }
        if !may_come {
            break;
        }
    }
    found
}
