//! What the log and people's entries have about one customer, for `explain`: as it is now, or as it was at an instant of a
//! day that has passed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::{approval, control, forewarned, heard, history};
use crate::database::{DatabaseError, Row, Tx, inconsistent};
use crate::ledger::{Invoice, Snapshot, Whose};
use crate::plan::Kind;
use crate::plan::explain::{Bounced, Entered, Logged, Noted, Records, Standing};
use crate::timetable::history::{Controls, Done, Facts, History, Left};
use crate::timetable::{Event, Timetable, calendar};
use crate::vals;

/// The instant of a day that has passed: what is of that day and not before `at` is what is explained.
#[derive(Debug, Clone, Copy)]
pub struct Then {
    pub day: NaiveDate,
    pub begins: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

/// The contacts, the entries in force and the suppressed addresses; `then`: as they were at that instant.
///
/// # Errors
/// The database's own.
pub async fn of_customer(
    tx: &mut Tx,
    timetable: &Timetable,
    customer: &str,
    then: Option<Then>,
) -> Result<Records, DatabaseError> {
    let sql = "SELECT c.id, c.kind, c.merged_as, c.state, c.reason, c.rule, c.relay_reply, c.snoozed_until, c.note, c.created_at,
                 i.customer, i.invoice, i.step_now, i.occurrence, i.round, i.due_date, i.standing,
                 coalesce(i.joined_on, c.date) AS date
               FROM contact_invoice i JOIN contact c ON c.id = i.contact
               WHERE c.id IN (SELECT id FROM contact WHERE customer = $1
                              UNION SELECT contact FROM contact_invoice WHERE customer = $1)
               ORDER BY c.id, i.position";
    let rows = tx.all(sql, vals![customer]).await?;
    let contacts = rows.iter().map(|r| logged(r, then)).collect::<Result<Vec<_>, _>>()?;
    let zone = timetable.time_zone;
    let day_of = |instant: DateTime<Utc>| calendar::local(zone, instant).0;
    let mut entered = Vec::new();
    for row in control::rows(tx, then.map(|t| t.at)).await? {
        entered.push(Entered {
            kind: row.text("kind")?,
            of_customer: row.text("about")? == "customer",
            subject: row.text("subject")?,
            since: day_of(row.parsed("created_at", "an instant")?),
            until: row.opt_date("until")?,
            amount: row.opt_parsed("amount", "an amount")?,
            note: row.opt_text("note")?,
            code: row.opt_text("code")?,
            author: row.text("author")?,
        });
    }
    let bounced = |s: super::suppress::Suppression| Bounced { address: s.address, since: day_of(s.since), evidence: s.evidence };
    let bounced = super::suppress::list(tx, false).await?.into_iter().map(bounced).collect();
    let sql = "SELECT invoice FROM invoice_fact WHERE customer = $1 UNION SELECT id FROM ledger_invoice WHERE customer_id = $1";
    let invoices = tx.all(sql, vals![customer]).await?.iter().map(|r| r.text("invoice")).collect::<Result<Vec<_>, _>>()?;
    let invoices = invoices.iter().map(String::as_str).collect();
    let noted = |n: super::note::Note| Noted {
        invoice: (n.about != "customer").then_some(n.about),
        on: day_of(n.at),
        author: n.author,
        text: if n.reply { format!("(reply) {}", n.text) } else { n.text },
    };
    let notes = super::note::list(tx, Some(customer), &invoices, then.map(|t| t.at)).await?;
    Ok(Records { contacts, entered, bounced, notes: notes.into_iter().map(noted).collect() })
}

fn logged(row: &Row, then: Option<Then>) -> Result<Logged, DatabaseError> {
    let kind = row.text("kind")?;
    let (state, date) = (row.text("state")?, row.date("date")?);
    let unsent = matches!(state.as_str(), "planned" | "queued" | "retrying");
    let made: DateTime<Utc> = row.parsed("created_at", "an instant")?;
    let before = |then: Then| date < then.day || (date == then.day && then.begins <= made && made < then.at);
    Ok(Logged {
        contact: row.text("id")?,
        kind: Kind::from_word(&kind).ok_or_else(|| inconsistent("kind", kind, "a kind of contact"))?,
        is_due_date: ["past-due", "coming-due"].contains(&row.text("merged_as")?.as_str()),
        customer: row.text("customer")?,
        invoice: row.text("invoice")?,
        step: row.text("step_now")?,
        occurrence: row.count("occurrence")?,
        round: row.count("round")?,
        due_date: row.date("due_date")?,
        date,
        standing: match row.text("standing")?.as_str() {
            "skipped" => Standing::Skipped,
            "gone" => Standing::Gone,
            _ if unsent => Standing::Unsent,
            _ => Standing::Counts,
        },
        state,
        reason: row.opt_text("reason")?,
        rule: row.text("rule")?,
        relay_reply: row.opt_text("relay_reply")?,
        snoozed_until: row.opt_date("snoozed_until")?,
        note: row.opt_text("note")?,
        before: then.is_none_or(before),
    })
}

/// When the log's first contact of that day about the invoice, or about any of the customer's, was made; `None`: there is
/// none.
///
/// # Errors
/// The database's own.
pub async fn first_of_day(
    tx: &mut Tx,
    day: NaiveDate,
    begins: DateTime<Utc>,
    customer: &str,
    invoice: Option<&str>,
) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let sql = "SELECT min(c.created_at) AS at FROM contact_invoice i JOIN contact c ON c.id = i.contact
               WHERE coalesce(i.joined_on, c.date) = $1 AND c.created_at >= $2 AND i.joined_on IS NULL
                 AND (($4 <> '' AND i.invoice = $4) OR ($4 = '' AND i.customer = $3))";
    let row = tx.first(sql, vals![day, begins, customer, invoice.unwrap_or_default()]).await?;
    Ok(row.map(|r| r.opt_parsed("at", "an instant")).transpose()?.flatten())
}

/// The history that a poll of that day had before its own contacts (T9, T16, T24).
///
/// # Errors
/// The database's own.
pub async fn history_then(
    tx: &mut Tx,
    timetable: &Timetable,
    records: &Records,
    customer: &str,
    then: Then,
) -> Result<History, DatabaseError> {
    let mut history = History::default();
    let mut came_back = HashSet::new();
    let whom = [customer.to_owned()];
    history.approvals = approval::load(tx, timetable, Whose::These(&whom), Some(then.at)).await?;
    history.told = forewarned::load(tx, Whose::These(&whom), Some(calendar::local(timetable.time_zone, then.at).0)).await?;
    if timetable.has_follow_ups() {
        history.heard = heard::load(tx, timetable, Whose::These(&whom), Some(then.at)).await?;
        came_back = history::came_back(tx).await?;
    }
    for c in records.contacts.iter().filter(|c| c.before) {
        let of = history.invoices.entry(c.invoice.clone()).or_default();
        let key = (c.step.clone(), c.occurrence);
        match c.standing {
            Standing::Skipped => drop(of.skipped.insert(key)),
            Standing::Counts => {
                let left = if came_back.contains(&c.contact) { Left::Failed } else { history::left(&c.state) };
                let done = Done { due_date: c.due_date, on: c.date, round: c.round, left };
                let newest = of.done.entry(key).or_insert(done);
                if (done.round, done.on) > (newest.round, newest.on) {
                    *newest = done;
                }
                if c.is_due_date && c.customer == customer && ["sent", "in-doubt", "sending"].contains(&c.state.as_str()) {
                    let last = history.last_email.entry(c.customer.clone()).or_insert(c.date);
                    *last = (*last).max(c.date);
                }
            }
            Standing::Unsent | Standing::Gone => {}
        }
    }
    let before = "(date < $1 OR (date = $1 AND created_at >= $2 AND created_at < $3))";
    history.last_to = history::last_to(tx, before, vals![then.day, then.begins, then.at]).await?;
    let sql = "SELECT c.id, i.step_now, c.created_at FROM contact c JOIN contact_invoice i ON i.contact = c.id AND i.position = 0
               WHERE c.kind = 'task' AND c.action = 'review' AND c.customer = $1 AND c.created_at < $2
                 AND NOT EXISTS (SELECT 1 FROM contact_event e WHERE e.contact = c.id AND e.to_state IN ('done', 'cancelled')
                                 AND e.at < $2)";
    for row in tx.all(sql, vals![customer, then.at]).await? {
        history.open_reviews.insert((customer.to_owned(), row.text("step_now")?), row.text("id")?);
    }
    Ok(history)
}

/// What the polls up to that day had seen of the customer's invoices: what is dated later is not known yet, and an event of
/// which the log has a contact had happened by then.
#[must_use]
pub fn facts_then(
    timetable: &Timetable,
    now: &HashMap<String, Facts>,
    records: &Records,
    snapshot: &Snapshot,
    then: Then,
) -> HashMap<String, Facts> {
    let paid = crate::timetable::events::payments_by_invoice(snapshot);
    let then_known = |invoice: &Invoice| {
        let facts = now.get(&invoice.id).filter(|f| f.first_seen <= then.day)?;
        let day = |event: Event, on: Option<NaiveDate>| {
            let contact = |c: &&Logged| {
                let waits_for = timetable.step(&c.step).and_then(|s| s.event());
                c.invoice == invoice.id && c.date <= then.day && waits_for == Some(event) && c.rule == "T20"
            };
            on.filter(|on| *on <= then.day).or_else(|| records.contacts.iter().filter(contact).map(|c| c.date).min())
        };
        let last = paid.get(invoice.id.as_str()).and_then(|p| p.last);
        Some(Facts {
            open_balance: invoice.open_balance,
            open: invoice.is_open(),
            last_payment: last.or(facts.last_payment.filter(|on| *on <= then.day)),
            paid_on: day(Event::Paid, facts.paid_on),
            partly_paid_on: day(Event::PartlyPaid, facts.partly_paid_on),
            promise_broken_on: day(Event::PromiseBroken, facts.promise_broken_on),
            disputed_on: day(Event::Disputed, facts.disputed_on),
            copy_asked_on: day(Event::CopyAsked, facts.copy_asked_on),
            ..facts.clone()
        })
    };
    snapshot.invoices.values().filter_map(|i| Some((i.id.clone(), then_known(i)?))).collect()
}

/// The holds, promises, disputes and suppressions that were in force.
///
/// # Errors
/// The database's own.
pub async fn controls_then(tx: &mut Tx, then: Then) -> Result<Controls, DatabaseError> {
    control::in_force_at(tx, Some(then.at)).await
}
