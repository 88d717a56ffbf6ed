//! The due-date steps of an invoice that is paid, void or a draft: nothing is planned, and what was done stays done (T19).

use std::collections::BTreeMap;

use super::line::Line;
use super::{Logged, Question, stopped, told};
use crate::ledger::Invoice;
use crate::timetable::Step;
use crate::timetable::stops::{self, Account};

/// One line for each occurrence that the log has; one that says what stops the step, if it has none.
pub(super) fn lines(q: &Question<'_>, account: &Account<'_>, invoice: &Invoice, step: &Step) -> Vec<Line> {
    let mut newest: BTreeMap<u32, &Logged> = BTreeMap::new();
    for contact in q.records.contacts.iter().filter(|c| c.invoice == invoice.id && c.step == step.id && c.before) {
        newest.insert(contact.occurrence, contact);
    }
    let mut lines: Vec<Line> = newest.values().map(|contact| logged(q, invoice, step, contact)).collect();
    if let Some(stop) = stops::closed(invoice).filter(|_| lines.is_empty()) {
        let mut line = Line::new(invoice, step, "stopped", "T15");
        line.reason = Some(stop.word().to_owned());
        let (since, sentence) = stopped::why(q, account, invoice, stop, line.kind);
        line.since = since;
        line.say(format!("Nothing is planned: {sentence} (T19)."));
        lines.push(line);
    }
    lines
}

fn logged(q: &Question<'_>, invoice: &Invoice, step: &Step, contact: &Logged) -> Line {
    let (case, rule) = match contact.standing {
        super::Standing::Counts => ("done", "T9"),
        super::Standing::Skipped => (word(contact), "T15"),
        _ => ("stopped", "T15"),
    };
    let mut line = Line::new(invoice, step, case, rule);
    line.occurrence = Some(contact.occurrence);
    if contact.standing == super::Standing::Skipped {
        line.reason.clone_from(&contact.reason);
    } else if contact.standing != super::Standing::Counts {
        line.reason = stops::closed(invoice).map(|s| s.word().to_owned());
    }
    line.refer(contact);
    line.say(told::any(q, contact));
    line
}

/// The case under which the log has a skip.
fn word(contact: &Logged) -> &'static str {
    let known = ["moot", "expired", "superseded"];
    known.into_iter().find(|w| contact.reason.as_deref() == Some(w)).unwrap_or("stopped")
}
