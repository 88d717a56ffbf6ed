//! Writes a plan into the log (D1, T9), and settles what an earlier poll left unsent (T5).

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use ulid::Ulid;

use super::State;
use super::entry::{self, Entry, Filter};
use super::outbox;
use super::unsent::{Fate, NowDue, occurrence, occurrences};
use crate::database::{DatabaseError, Tx};
use crate::plan::contact::Group;
use crate::plan::{Covered, Kind, Plan, Planned};
use crate::vals;

/// The word under which a contact's e-mails are merged, as the database has it.
#[must_use]
pub fn merged_as(group: Group) -> &'static str {
    match group {
        Group::PastDue => "past-due",
        Group::ComingDue => "coming-due",
        Group::Event(event) => event.word(),
        Group::Notice => "notice",
        Group::Task => "task",
    }
}

/// What makes two contacts the same one: whom it is for, and every occurrence that it covers.
type Same = (Kind, String, String, Vec<String>, BTreeSet<(String, String, u32, u32)>);

fn same_as_planned(p: &Planned) -> Same {
    let covered = p.covered.iter().map(|c| (c.invoice.clone(), c.step.clone(), c.occurrence, c.round)).collect();
    let to = if p.kind == Kind::Notice { p.to.iter().map(ToString::to_string).collect() } else { Vec::new() };
    (p.kind, merged_as(p.group).to_owned(), p.customer.clone(), to, covered)
}

fn same_as_entry(e: &Entry) -> Same {
    let covered = e.invoices.iter().map(|i| (i.id.clone(), i.step.clone(), i.occurrence, i.round)).collect();
    let to = if e.kind == Kind::Notice { e.to.clone() } else { Vec::new() };
    (e.kind, e.merged_as.clone(), e.customer.clone(), to, covered)
}

/// Writes the plan of a poll: contacts, skips and what joins an open review. What an earlier poll queued and did not send
/// is kept if the plan still has it, and cancelled otherwise; outside of the window (`may_send` false) it stays.
/// Returns the ids of all contacts that this changed.
///
/// # Errors
/// The database's own; a contact that exists already is one of them (T9's unique key).
pub async fn plan(
    tx: &mut Tx,
    plan: &mut Plan,
    today: NaiveDate,
    may_send: bool,
    now: DateTime<Utc>,
) -> Result<Vec<String>, DatabaseError> {
    let mut changed = Vec::new();
    let unsent = Filter { states: vec![State::Planned, State::Queued, State::Retrying], ..Filter::default() };
    let mut wanted: HashMap<Same, usize> = plan.contacts.iter().enumerate().map(|(n, p)| (same_as_planned(p), n)).collect();
    let (mut kept, mut backoff, mut failed) = (HashMap::new(), HashMap::new(), HashSet::new());
    let unsent = entry::list(tx, &unsent).await?;
    let now_due = if unsent.is_empty() { NowDue::default() } else { NowDue::of(plan) };
    for old in unsent {
        if let Some(place) = wanted.remove(&same_as_entry(&old)) {
            kept.insert(place, old);
        } else if let Some(fate) = now_due.fate(&old, may_send) {
            let id = old.contact.clone().unwrap_or_default();
            match fate {
                Fate::Failed => {
                    failed.extend(occurrences(&old));
                    outbox::change(tx, &id, State::Failed, Some("expired"), now).await?;
                }
                Fate::Cancelled { reason, rule } => {
                    if old.state == State::Retrying {
                        backoff.extend(occurrences(&old).map(|o| (o, (old.attempts, old.not_before.clone()))));
                    }
                    outbox::cancel(tx, &id, reason, rule, now).await?;
                }
            }
            changed.push(id);
        }
    }
    plan.skips.retain(|s| !failed.contains(&(s.lead().to_owned(), s.step.clone(), s.occurrence)));
    let mut batch = Batch::default();
    for (place, planned) in plan.contacts.iter().enumerate() {
        match kept.remove(&place) {
            Some(old) => refresh(tx, &mut batch, &old, planned, now).await?,
            None => {
                // Made anew with other invoices, it waits as long as the relay asked the old one to wait (D3).
                let waits =
                    planned.covered.iter().filter_map(|c| backoff.get(&occurrence(c))).max_by_key(|(_, until)| until.clone());
                changed.push(batch.add(planned, waits, now));
            }
        }
    }
    for skipped in &plan.skips {
        changed.push(batch.add(skipped, None, now));
    }
    for (review, covered) in &plan.additions {
        let row = tx.first("SELECT max(position) AS last FROM contact_invoice WHERE contact = $1", vals![review]).await?;
        let last = row.map(|r| r.opt_int("last")).transpose()?.flatten().unwrap_or(-1);
        // Several may join one review in one poll: each behind the other.
        let joined = batch.covered.iter().filter(|c| c[0] == *review).count() as i64;
        batch.cover(review, last + 1 + joined, covered, "counts", Some(today));
        let open = State::Open.word();
        batch.events.push(json!([review, open, open, format!("joined by invoice {}", covered.invoice)]));
    }
    batch.write(tx, now).await?;
    Ok(changed)
}

/// Brings what an earlier poll queued up to this day and this file.
async fn refresh(tx: &mut Tx, batch: &mut Batch, old: &Entry, p: &Planned, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let id = old.contact.as_deref().unwrap_or_default();
    let sql = "UPDATE contact SET date = $2, recipients = $3, cc = $4, language = $5, changed_at = $6, action = $7, lead = $8, step = $9,
                 occurrence = $10, segment = $11, rule = $12 WHERE id = $1";
    let (to, cc) = (addresses(&p.to), addresses(&p.cc));
    let values =
        vals![id, p.date, to, cc, p.language.clone(), now, &p.action, p.lead(), &p.step, p.occurrence, &p.segment, p.rule];
    tx.exec(sql, values).await?;
    tx.exec("DELETE FROM contact_invoice WHERE contact = $1 AND standing = 'counts'", vals![id]).await?;
    let row = tx.first("SELECT coalesce(max(position), -1) AS last FROM contact_invoice WHERE contact = $1", vals![id]).await?;
    let first = row.map_or(Ok(-1), |r| r.int("last"))? + 1;
    for (position, covered) in (first..).zip(&p.covered) {
        batch.cover(id, position, covered, "counts", None);
    }
    Ok(())
}

fn addresses(list: &[crate::address::EmailAddress]) -> String {
    serde_json::Value::from_iter(list.iter().map(ToString::to_string)).to_string()
}

/// Contacts on their way into the log, written with one statement for each table.
#[derive(Default)]
struct Batch {
    ids: ulid::Generator,
    contacts: Vec<Value>,
    covered: Vec<Value>,
    events: Vec<Value>,
}

impl Batch {
    /// A new contact; `waits`: the tries so far and the instant before which there is no other.
    fn add(&mut self, p: &Planned, waits: Option<&(u32, Option<String>)>, now: DateTime<Utc>) -> String {
        let at = std::time::SystemTime::from(now);
        // The generator fails only after 2^80 ids of one millisecond.
        let id = self.ids.generate_from_datetime(at).unwrap_or_else(|_| Ulid::from_datetime(at)).to_string();
        let entry = Entry::of_plan(p);
        let state = match (entry.state, waits) {
            (State::Planned, Some(_)) => State::Retrying,
            (State::Planned, None) => State::Queued,
            (state, _) => state,
        };
        self.contacts.push(json!([
            id,
            p.kind.word(),
            merged_as(p.group),
            p.action,
            p.step,
            p.occurrence,
            p.date,
            state.word(),
            p.reason,
            p.rule,
            p.customer,
            p.segment,
            addresses(&p.to),
            addresses(&p.cc),
            p.language,
            p.lead(),
            waits.map_or(0, |(tries, _)| *tries),
            waits.and_then(|(_, until)| until.clone()),
        ]));
        let standing = if state == State::Skipped { "skipped" } else { "counts" };
        for (position, covered) in (0_i64..).zip(&p.covered) {
            self.cover(&id, position, covered, standing, None);
        }
        self.events.push(json!([id, null, state.word(), p.reason]));
        id
    }

    fn cover(&mut self, id: &str, position: i64, c: &Covered, standing: &str, joined_on: Option<NaiveDate>) {
        self.covered.push(json!([
            id,
            position,
            c.invoice,
            c.customer,
            c.step,
            c.step,
            c.occurrence,
            c.round,
            c.days,
            c.days_past_due,
            c.open_balance.to_string(),
            c.currency,
            c.due_date,
            standing,
            joined_on,
        ]));
    }

    async fn write(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let columns = |from: usize, to: usize| (from..to).map(|n| format!("value ->> {n}")).collect::<Vec<_>>().join(", ");
        let contacts = format!(
            "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, reason, rule, customer, segment,
                                  recipients, cc, language, lead, attempts, not_before, created_at, changed_at)
             SELECT {}, $2, $2 FROM json_each($1)",
            columns(0, 18)
        );
        let covered = format!(
            "INSERT INTO contact_invoice (contact, position, invoice, customer, step, step_now, occurrence, round, days, days_past_due,
                                          open_balance, currency, due_date, standing, joined_on)
             SELECT {} FROM json_each($1)",
            columns(0, 15)
        );
        if !self.contacts.is_empty() {
            tx.exec(&contacts, vals![Value::Array(self.contacts).to_string(), now]).await?;
        }
        if !self.covered.is_empty() {
            tx.exec(&covered, vals![Value::Array(self.covered).to_string()]).await?;
        }
        events(tx, self.events, now).await
    }
}

/// Appends what happened to contacts (D14): for each `[contact, from, to, reason, relay's reply]`, in this order.
///
/// # Errors
/// The database's own.
pub async fn events(tx: &mut Tx, events: Vec<Value>, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    if events.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO contact_event (contact, at, from_state, to_state, reason, relay_reply)
               SELECT value ->> 0, $2, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1) ORDER BY key";
    tx.exec(sql, vals![Value::Array(events).to_string(), now]).await?;
    Ok(())
}
