//! Writes a plan into the log (D1, T9), and settles what an earlier poll left unsent (T5).

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use ulid::Ulid;

use super::chain::Event;
use super::entry::{self, Entry, Filter};
use super::unsent::{Fate, NowDue, occurrence, occurrences};
use super::{Journal, State, outbox, resend};
use crate::database::{Bulk, Column, DatabaseError, Tx, int, text};
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
/// (`unsent`, held since before the planning) is kept if the plan still has it, and cancelled otherwise; outside of the
/// window (`may_send` false) it stays.
/// Returns the ids of all contacts that this changed.
///
/// # Errors
/// The database's own; a contact that exists already is one of them (T9's unique key).
pub async fn plan(
    tx: &mut Tx,
    journal: &mut Journal,
    plan: &mut Plan,
    unsent: Vec<String>,
    today: NaiveDate,
    may_send: bool,
    now: DateTime<Utc>,
) -> Result<Vec<String>, DatabaseError> {
    let mut changed = Vec::new();
    let unsent = Filter { contacts: Some(unsent), ..Filter::default() };
    let unsent = entry::list(tx, &unsent).await?;
    let now_due = if unsent.is_empty() { NowDue::default() } else { NowDue::of(plan) };
    let (again, unsent): (Vec<Entry>, Vec<Entry>) = unsent.into_iter().partition(|e| e.resend);
    let mut failed = resend::look(tx, journal, plan, &again, (&now_due, may_send), now, &mut changed).await?;
    let mut wanted: HashMap<Same, usize> = plan.contacts.iter().enumerate().map(|(n, p)| (same_as_planned(p), n)).collect();
    let (mut kept, mut backoff) = (HashMap::new(), HashMap::new());
    for old in unsent {
        if let Some(place) = wanted.remove(&same_as_entry(&old)) {
            kept.insert(place, old);
        } else if let Some(fate) = now_due.fate(&old, may_send) {
            let id = old.contact.clone().unwrap_or_default();
            match fate {
                Fate::Failed => {
                    failed.extend(occurrences(&old));
                    outbox::change(tx, journal, &id, State::Failed, Some("expired"), now).await?;
                }
                Fate::Cancelled { reason, rule } => {
                    if old.state == State::Retrying {
                        backoff.extend(occurrences(&old).map(|o| (o, (old.attempts, old.not_before.clone()))));
                    }
                    outbox::cancel(tx, journal, &id, reason, rule, now).await?;
                }
            }
            changed.push(id);
        }
    }
    plan.skips.retain(|s| !failed.contains(&(s.lead().to_owned(), s.step.clone(), s.occurrence)));
    let mut batch = Batch::new();
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
        batch.write_some(tx, journal, now).await?;
    }
    for skipped in &plan.skips {
        changed.push(batch.add(skipped, None, now));
        batch.write_some(tx, journal, now).await?;
    }
    let mut joined: HashMap<&String, i64> = HashMap::new();
    for (review, covered) in &plan.additions {
        let row = tx.first("SELECT max(position) AS last FROM contact_invoice WHERE contact = $1", vals![review]).await?;
        let last = row.map(|r| r.opt_int("last")).transpose()?.flatten().unwrap_or(-1);
        // Several may join one review in one poll: each behind the other.
        let joined = joined.entry(review).or_insert(last);
        *joined += 1;
        batch.cover(review, *joined, covered, "counts", Some(today));
        let reason = format!("joined by invoice {}", covered.invoice);
        batch.events.push(Event::new(review, Some(State::Open), State::Open, Some(reason)));
    }
    batch.write(tx, journal, now).await?;
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

const CONTACT: &[Column] = &[
    text("id"),
    text("kind"),
    text("merged_as"),
    text("action"),
    text("step"),
    int("occurrence"),
    text("date"),
    text("state"),
    text("reason"),
    text("rule"),
    text("customer"),
    text("segment"),
    text("recipients"),
    text("cc"),
    text("language"),
    text("lead"),
    int("attempts"),
    text("not_before"),
];

const COVERED: &[Column] = &[
    text("contact"),
    int("position"),
    text("invoice"),
    text("customer"),
    text("step"),
    int("occurrence"),
    int("round"),
    int("days"),
    int("days_past_due"),
    text("open_balance"),
    text("currency"),
    text("due_date"),
    text("standing"),
    text("joined_on"),
];

/// So many contacts are written together.
const MANY: usize = 512;

/// Contacts on their way into the log, written with one statement for each table.
struct Batch {
    ids: ulid::Generator,
    contacts: Bulk,
    covered: Bulk,
    events: Vec<Event>,
}

impl Batch {
    fn new() -> Self {
        Self { ids: ulid::Generator::new(), contacts: Bulk::new(CONTACT), covered: Bulk::new(COVERED), events: Vec::new() }
    }

    /// A new contact; `waits`: the tries so far and the instant before which there is no other.
    fn add(&mut self, p: &Planned, waits: Option<&(u32, Option<String>)>, now: DateTime<Utc>) -> String {
        let at = std::time::SystemTime::from(now);
        // The generator fails only after 2^80 ids of one millisecond.
        let id = self.ids.generate_from_datetime(at).unwrap_or_else(|_| Ulid::from_datetime(at)).to_string();
        let state = match (p.reason, p.kind, waits) {
            (Some(_), _, _) => State::Skipped,
            (None, Kind::Task, _) => State::Open,
            (None, _, Some(_)) => State::Retrying,
            (None, _, None) => State::Queued,
        };
        self.contacts.push(vals![
            &id,
            p.kind.word(),
            merged_as(p.group),
            &p.action,
            &p.step,
            p.occurrence,
            p.date,
            state.word(),
            p.reason,
            p.rule,
            &p.customer,
            &p.segment,
            addresses(&p.to),
            addresses(&p.cc),
            &p.language,
            p.lead(),
            waits.map_or(0, |(tries, _)| *tries),
            waits.and_then(|(_, until)| until.clone())
        ]);
        let standing = if state == State::Skipped { "skipped" } else { "counts" };
        for (position, covered) in (0_i64..).zip(&p.covered) {
            self.cover(&id, position, covered, standing, None);
        }
        let invoices: Vec<_> = p.covered.iter().map(|c| (&c.invoice, &c.step, c.occurrence)).collect();
        let content = serde_json::json!({ "kind": p.kind.word(), "date": p.date, "customer": p.customer, "invoices": invoices });
        let event = Event::new(&id, None, state, p.reason.map(str::to_owned));
        self.events.push(Event { content: Some(content.to_string()), ..event });
        id
    }

    fn cover(&mut self, id: &str, position: i64, c: &Covered, standing: &str, joined_on: Option<NaiveDate>) {
        self.covered.push(vals![
            id,
            position,
            &c.invoice,
            &c.customer,
            &c.step,
            c.occurrence,
            c.round,
            c.days,
            c.days_past_due,
            c.open_balance,
            c.currency.to_string(),
            c.due_date,
            standing,
            joined_on
        ]);
    }

    /// Writes what has gathered, when it is much: a plan of any size takes the same memory here.
    async fn write_some(&mut self, tx: &mut Tx, journal: &mut Journal, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        if self.contacts.len() < MANY { Ok(()) } else { self.write(tx, journal, now).await }
    }

    async fn write(&mut self, tx: &mut Tx, journal: &mut Journal, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, reason, rule, customer, segment,
                                        recipients, cc, language, lead, attempts, not_before, created_at, changed_at)
                   SELECT r.id, r.kind, r.merged_as, r.action, r.step, r.occurrence, r.date, r.state, r.reason, r.rule, r.customer,
                          r.segment, r.recipients, r.cc, r.language, r.lead, r.attempts, r.not_before, $2, $2 FROM {rows} r";
        tx.exec_bulk(sql, std::mem::replace(&mut self.contacts, Bulk::new(CONTACT)), vals![now]).await?;
        let sql = "INSERT INTO contact_invoice (contact, position, invoice, customer, step, step_now, occurrence, round, days,
                                                days_past_due, open_balance, currency, due_date, standing, joined_on)
                   SELECT r.contact, r.position, r.invoice, r.customer, r.step, r.step, r.occurrence, r.round, r.days,
                          r.days_past_due, r.open_balance, r.currency, r.due_date, r.standing, r.joined_on FROM {rows} r";
        tx.exec_bulk(sql, std::mem::replace(&mut self.covered, Bulk::new(COVERED)), vec![]).await?;
        self.events.drain(..).for_each(|event| journal.enter(event));
        Ok(())
    }
}
