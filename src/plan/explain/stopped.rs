//! What stops an invoice's steps, since when, by whom and until when (T15, T19).

use super::line::Line;
use super::{Entered, Question, words};
use crate::ledger::Invoice;
use crate::money::Money;
use crate::timetable::approval::Verdict;
use crate::timetable::evaluate;
use crate::timetable::stops::{self, Account, Stop};

/// Why a notice goes to nobody (T24).
pub(super) const NO_COLLEAGUE: &str = "the ledger names no colleague to tell";

/// Says it, and since when it is so. `days`: those of the occurrence.
pub(super) fn say(q: &Question<'_>, account: &Account<'_>, invoice: &Invoice, stop: Stop, days: i64, line: &mut Line) {
    let (since, sentence) = why(q, account, invoice, stop, line.kind);
    line.since = since.or(line.since);
    line.say(format!("It is stopped: {sentence} ({}).", stop.rule()));
    if line.kind == "email" {
        // Lifting the first reason does not help while another one holds.
        let all = account.all_that_stops_email(q.day.timetable, invoice, q.day.controls, q.on());
        let too_old = evaluate::payments_too_old(q.day, true, Some(days));
        for other in all.into_iter().chain(too_old).filter(|s| *s != stop) {
            let (_, sentence) = why(q, account, invoice, other, line.kind);
            line.say(format!("Besides, {sentence}."));
        }
    }
}

/// Since when, as far as known; and why, as the rest of a sentence. `kind`: of the step.
pub(super) fn why(
    q: &Question<'_>,
    account: &Account<'_>,
    invoice: &Invoice,
    stop: Stop,
    kind: &str,
) -> (Option<chrono::NaiveDate>, String) {
    let (id, customer) = (&invoice.id, account.customer);
    let entry = |kind| q.records.entry(kind, id, &customer.id);
    let seen = q.day.facts.get(id);
    match stop {
        Stop::NoAddress if kind == "notice" => (None, NO_COLLEAGUE.to_owned()),
        Stop::Paid => {
            let on = seen.and_then(|f| f.last_payment);
            (on, format!("the invoice is paid{}", on.map(|d| format!(", the last payment of {}", q.date(d))).unwrap_or_default()))
        }
        Stop::Void => (None, "the ledger says that the invoice is void".to_owned()),
        Stop::Draft => (None, "the ledger says that the invoice is a draft".to_owned()),
        Stop::Disputed if invoice.disputed => {
            let on = seen.and_then(|f| f.disputed_on);
            let since = on.map(|d| format!("; the poll of {} was the first to see it", q.date(d))).unwrap_or_default();
            (on, format!("the ledger says that the invoice is disputed{since}"))
        }
        Stop::Disputed => person(q, entry("dispute"), "the invoice is disputed", String::new()),
        Stop::Held => {
            let entry = entry("hold");
            let until = match entry.and_then(|e| e.until) {
                Some(until) => format!(" until {}, that day included", q.date(until)),
                None => " until it is released".to_owned(),
            };
            let whom = if entry.is_some_and(|e| e.of_customer) { "the customer" } else { "the invoice" };
            person(q, entry, &format!("{whom} is held"), until)
        }
        Stop::Promised => {
            let entry = entry("promise");
            let by = q.day.controls.promised(id, &customer.id);
            let what = by.map(|by| format!("payment is promised by {}", q.date(by))).unwrap_or_default();
            let end = by.map(|by| stops::promise_end(q.day.timetable, by));
            let grace = q.day.timetable.promise_grace_days;
            let until = end.map(|end| format!("; the timetable waits until {} (promise_grace_days = {grace})", q.date(end)));
            person(q, entry, &what, until.unwrap_or_default())
        }
        Stop::Rejected => {
            let said = q.day.history.approvals.iter().filter(|((i, ..), _)| i == id).filter_map(|(_, verdict)| match verdict {
                Verdict::Rejected { on, author, reason } => Some((*on, author, reason)),
                _ => None,
            });
            let Some((on, author, reason)) = said.max_by_key(|(on, ..)| *on) else { return (None, "it was rejected".to_owned()) };
            let why = reason.as_ref().map(|r| format!(": {r:?}")).unwrap_or_default();
            (Some(on), format!("it was rejected on {} by {author}{why}", q.date(on)))
        }
        _ => (since_of(q, account, stop), of_customer(q, account, Some(invoice), stop)),
    }
}

/// What a person entered: when, who, why.
fn person(q: &Question<'_>, entry: Option<&Entered>, what: &str, until: String) -> (Option<chrono::NaiveDate>, String) {
    let Some(entry) = entry else { return (None, format!("{what}{until}")) };
    let note = entry.note.as_ref().filter(|n| !n.is_empty()).map(|n| format!(": {n:?}")).unwrap_or_default();
    let amount = entry.amount.map(|a| format!(", {a} of it")).unwrap_or_default();
    let code = entry.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
    (Some(entry.since), format!("{what}{code}{until}{amount}, entered on {} by {}{note}", q.date(entry.since), entry.author))
}

fn since_of(q: &Question<'_>, account: &Account<'_>, stop: Stop) -> Option<chrono::NaiveDate> {
    (stop == Stop::Suppressed).then(|| addresses(q, account).map(|b| b.since).max()).flatten()
}

fn addresses<'q>(q: &Question<'q>, account: &Account<'_>) -> impl Iterator<Item = &'q super::Bounced> {
    let own = q.day.timetable.customer(&account.customer.id).and_then(|c| c.to.as_ref());
    let all: Vec<String> = own.unwrap_or(&account.customer.email).iter().map(ToString::to_string).collect();
    q.records.bounced.iter().filter(move |b| all.contains(&b.address))
}

/// What stops all e-mails to a customer, as the rest of a sentence.
pub(super) fn of_customer(q: &Question<'_>, account: &Account<'_>, invoice: Option<&Invoice>, stop: Stop) -> String {
    let (timetable, customer) = (q.day.timetable, account.customer);
    match stop {
        Stop::DoNotContact => "the ledger says that the customer is not to be contacted (do_not_contact)".to_owned(),
        Stop::Paused => {
            let until = timetable.customer(&customer.id).and_then(|c| c.paused_until);
            let until = until.map(|d| format!(" until {}, that day included", q.date(d))).unwrap_or_default();
            format!("the timetable file pauses the customer{until} (T8, paused_until)")
        }
        Stop::NoAddress => {
            let bad: Vec<String> =
                customer.unusable_addresses.iter().map(|(text, why)| format!("{text:?} is none: {why}")).collect();
            match bad.is_empty() {
                true => "the customer has no e-mail address".to_owned(),
                false => format!("the customer has no usable e-mail address; {}", bad.join("; ")),
            }
        }
        Stop::Suppressed => {
            let each = addresses(q, account).map(|b| format!("{} since {} ({:?})", b.address, q.date(b.since), b.evidence));
            let each: Vec<String> = each.collect();
            let said = if each.is_empty() { String::new() } else { format!(": {}", words::list(&each)) };
            format!("the relay has called the customer's addresses no good{said}")
        }
        Stop::MinBalance => invoice.map_or_else(String::new, |i| {
            let limit = Money { amount: timetable.min_balance.of(i.currency), currency: i.currency };
            let open = Money { amount: i.open_balance, currency: i.currency };
            format!("{open} is less than min_balance, {limit}")
        }),
        Stop::Credit => {
            let owed = account
                .standing
                .past_due
                .iter()
                .map(|(currency, amount)| Money { amount: *amount, currency: *currency }.to_string());
            format!("the customer's unallocated credit covers all that is past due, {}", words::list(&owed.collect::<Vec<_>>()))
        }
        Stop::PaymentsTooOld => q.day.snapshot.why_payments_too_old(),
        other => other.word().replace('_', " "),
    }
}
