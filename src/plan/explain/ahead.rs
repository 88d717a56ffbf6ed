//! When a step would go out, if nobody pays and nothing more is sent: the same evaluation, day after day.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::Question;
use super::line::{Line, Next};
use crate::ledger::Invoice;
use crate::timetable::Action;
use crate::timetable::evaluate::{self, Day};
use crate::timetable::occurrence::Case;

/// How many days ahead it is looked for: farther away nobody plans.
const HORIZON: u64 = 400;

/// Gives each step's next falling to the line of that occurrence, or to the last one of the step.
pub(super) fn attach(q: &Question<'_>, invoice: &Invoice, lines: &mut [Line]) {
    let next = look(q, invoice, lines);
    for (step, next) in next {
        let its = |l: &&mut Line| l.step == step;
        let same = lines.iter_mut().filter(its).position(|l| l.occurrence == Some(next.occurrence));
        let line = match same {
            Some(place) => lines.iter_mut().filter(its).nth(place),
            None => lines.iter_mut().filter(its).next_back(),
        };
        let Some(line) = line else { continue };
        line.next = Some(next);
        if next.date > q.on() {
            let which = if Some(next.occurrence) == line.occurrence {
                String::new()
            } else {
                format!(" (occurrence {})", next.occurrence)
            };
            line.say(format!("It would go out on {}{which}.", q.date(next.date)));
        }
    }
}

fn look(q: &Question<'_>, invoice: &Invoice, lines: &[Line]) -> BTreeMap<String, Next> {
    let mut found: BTreeMap<String, Next> = BTreeMap::new();
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
            if found.contains_key(id) {
                continue;
            }
            let leaves = business || matches!(one.step.action, Action::Task { .. });
            if one.case == Case::Due && leaves && is_past(behind(id), today) {
                found.insert(id.clone(), Next { occurrence: one.number, date: today });
                continue;
            }
            may_come |= matches!(one.case, Case::NotYet | Case::Stopped(_) | Case::Deferred { .. } | Case::Due);
        }
        if !may_come {
            break;
        }
    }
    found
}

fn is_past(until: Option<NaiveDate>, today: NaiveDate) -> bool {
    until.is_none_or(|until| until <= today)
}
