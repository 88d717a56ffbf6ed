//! Contacts on their way into the log, many with one statement.

use chrono::{DateTime, NaiveDate, Utc};
use ulid::Ulid;

use super::approval::{self, WAITS};
use super::chain::Event;
use super::record::{is_veto, merged_as};
use super::{Journal, State};
use crate::database::{Bulk, Column, DatabaseError, Tx, int, text};
use crate::plan::{Covered, Kind, Planned};
use crate::vals;

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
    text("asked_on"),
    text("asks"),
    int("veto"),
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
pub(super) struct Batch {
    ids: ulid::Generator,
    contacts: Bulk,
    covered: Bulk,
    pub(super) events: Vec<Event>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("contacts", &self.contacts.len()).finish_non_exhaustive()
    }
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { ids: ulid::Generator::new(), contacts: Bulk::new(CONTACT), covered: Bulk::new(COVERED), events: Vec::new() }
    }

    /// A new contact; `waits`: the tries so far and the instant before which there is no other.
    pub(super) fn add(&mut self, p: &Planned, waits: Option<&(u32, Option<String>)>, now: DateTime<Utc>) -> String {
        let at = std::time::SystemTime::from(now);
        // The generator fails only after 2^80 ids of one millisecond.
        let id = self.ids.generate_from_datetime(at).unwrap_or_else(|_| Ulid::from_datetime(at)).to_string();
        let reason = p.reason.or(p.asked.is_some().then_some(WAITS)).map(str::to_owned);
        let reason = reason.or_else(|| p.unopposed.as_ref().map(approval::nobody));
        let state = match (p.reason, p.kind, waits) {
            (Some(_), _, _) => State::Skipped,
            (None, Kind::Task, _) => State::Open,
            (None, ..) if p.asked.is_some() => State::Planned,
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
            &reason,
            p.rule,
            &p.customer,
            &p.segment,
            addresses(&p.to),
            addresses(&p.cc),
            &p.language,
            p.lead(),
            waits.map_or(0, |(tries, _)| *tries),
            waits.and_then(|(_, until)| until.clone()),
            p.asked.as_ref().map(|a| a.since),
            p.asked.as_ref().and_then(|a| a.whom.as_ref()).map(ToString::to_string),
            is_veto(p)
        ]);
        let standing = if state == State::Skipped { "skipped" } else { "counts" };
        for (position, covered) in (0_i64..).zip(&p.covered) {
            self.cover(&id, position, covered, standing, None);
        }
        let invoices: Vec<_> = p.covered.iter().map(|c| (&c.invoice, &c.step, c.occurrence)).collect();
        let content = serde_json::json!({ "kind": p.kind.word(), "date": p.date, "customer": p.customer, "invoices": invoices });
        let event = Event::new(&id, None, state, reason);
        self.events.push(Event { content: Some(content.to_string()), ..event });
        id
    }

    pub(super) fn cover(&mut self, id: &str, position: i64, c: &Covered, standing: &str, joined_on: Option<NaiveDate>) {
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
    pub(super) async fn write_some(
        &mut self,
        tx: &mut Tx,
        journal: &mut Journal,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        if self.contacts.len() < MANY { Ok(()) } else { self.write(tx, journal, now).await }
    }

    pub(super) async fn write(&mut self, tx: &mut Tx, journal: &mut Journal, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO contact (id, kind, merged_as, action, step, occurrence, date, state, reason, rule, customer, segment,
                                        recipients, cc, language, lead, attempts, not_before, asked_on, asks, veto, created_at, changed_at)
                   SELECT r.id, r.kind, r.merged_as, r.action, r.step, r.occurrence, r.date, r.state, r.reason, r.rule, r.customer,
                          r.segment, r.recipients, r.cc, r.language, r.lead, r.attempts, r.not_before, r.asked_on, r.asks, r.veto, $2, $2 FROM {rows} r";
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

/// A list of addresses, as the database has it.
pub(super) fn addresses(list: &[crate::address::EmailAddress]) -> String {
    serde_json::Value::from_iter(list.iter().map(ToString::to_string)).to_string()
}
