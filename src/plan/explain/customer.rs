//! What is true of the customer as a whole: what is owed, where e-mails go, what stops all of them.

use super::{Question, stopped, words};
use crate::money::Money;
use crate::timetable::review::Diary;
use crate::timetable::stops::Account;

/// So many of the last notes are shown.
const NOTES: usize = 3;

/// Sentences.
#[must_use]
pub fn facts(q: &Question<'_>, account: &Account<'_>) -> Vec<String> {
    let mut said = Vec::new();
    let sums = |map: &std::collections::BTreeMap<crate::money::Currency, rust_decimal::Decimal>| {
        words::list(&map.iter().map(|(c, amount)| Money { amount: *amount, currency: *c }.to_string()).collect::<Vec<_>>())
    };
    let standing = &account.standing;
    said.push(match (standing.open.is_empty(), standing.past_due.is_empty()) {
        (true, _) => "It has no open invoice.".to_owned(),
        (false, true) => format!("It owes {}; nothing is past due.", sums(&standing.open)),
        (false, false) => format!("It owes {}, of which {} past due.", sums(&standing.open), sums(&standing.past_due)),
    });
    if let Some(why) = q.day.personal(account) {
        said.push(format!("People look after it: it is {}.", why.said()));
    }
    if !account.to.is_empty() {
        let to: Vec<String> = account.to.iter().chain(&account.cc).map(ToString::to_string).collect();
        said.push(format!("E-mails go to {}.", words::list(&to)));
    }
    for stop in account.stops() {
        said.push(format!("E-mails are stopped: {} (T19).", stopped::of_customer(q, account, None, stop)));
    }
    for entry in q.records.entered.iter().filter(|e| e.of_customer && e.subject == q.customer.id) {
        let until = entry
            .until
            .map(|d| format!(" {} {}", if entry.kind == "promise" { "by" } else { "until" }, q.date(d)))
            .unwrap_or_default();
        let note = entry.note.as_ref().map(|n| format!(": {n:?}")).unwrap_or_default();
        said.push(format!(
            "A {} of the customer{until}, entered on {} by {}{note}.",
            entry.kind,
            q.date(entry.since),
            entry.author
        ));
    }
    for note in q.records.notes.iter().rev().take(NOTES).rev() {
        let about = note.invoice.as_ref().map(|id| format!(" on invoice {id}")).unwrap_or_default();
        said.push(format!("Noted{about} on {} by {}: {:?}.", q.date(note.on), note.author, note.text));
    }
    said.extend(review(q, account));
    if let Some(last) = q.day.history.last_email.get(&q.customer.id) {
        let quiet = q.day.timetable.quiet_days(&q.customer.id);
        let next = last.checked_add_signed(chrono::TimeDelta::days(quiet + 1));
        if let Some(next) = next.filter(|next| *next > q.on()) {
            said.push(format!(
                "The last e-mail left on {}: the next one may leave on {} (T16, quiet_days = {quiet}).",
                q.date(*last),
                q.date(next)
            ));
        }
    }
    said
}

/// When its credit is looked at.
fn review(q: &Question<'_>, account: &Account<'_>) -> Option<String> {
    let rules = q.day.timetable.review.as_ref()?;
    let when = Diary::new(rules, &q.day.timetable.calendar).when(account.segment, &q.customer.id, q.on())?;
    let next = if q.on() <= when.day { when.day } else { when.next };
    Some(format!("Its credit is reviewed every {}, the next time on {} ([review]).", when.every.word(), q.date(next)))
}
