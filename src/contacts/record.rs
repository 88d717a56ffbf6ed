//! Writes a plan into the log (D1, T9), customer by customer, and settles what an earlier poll left unsent (T5).

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::approval::{self, WAITS};
use super::batch::{Batch, addresses};
use super::chain::Event;
use super::entry::{self, Entry, Filter};
use super::ids::Ids;
use super::unsent::{Fate, NowDue, Occurrence, PLANNED_AFRESH, occurrence, occurrences};
use super::{Journal, State, outbox, resend};
use crate::database::{DatabaseError, Tx};
use crate::plan::contact::Group;
use crate::plan::{Kind, Plan, Planned};
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

/// The tries so far, and the instant before which there is no other.
type Backoff = (u32, Option<String>);

/// Writes the plan of one poll. What an earlier poll queued and did not send (held since before the planning) is kept if the
/// plan still has it, and cancelled otherwise; outside of the window (`may_send` false) it stays.
#[derive(Debug)]
pub struct Recorder {
    today: NaiveDate,
    may_send: bool,
    /// T28 holds the customers' e-mails.
    held: bool,
    now: DateTime<Utc>,
    batch: Batch,
    /// Unsent ones that the plan still has.
    kept: HashMap<Same, Entry>,
    /// How long the relay has asked for of what is planned anew (D3).
    backoff: HashMap<Occurrence, Backoff>,
    /// Failed is done (T9), so it is not written as skipped as well.
    failed: HashSet<Occurrence>,
    /// The last place in each review that something joins.
    joined: HashMap<String, i64>,
    changed: Ids,
    skipped: Ids,
}

impl Recorder {
    /// Nothing written yet.
    #[must_use]
    pub fn new(today: NaiveDate, may_send: bool, held: bool, now: DateTime<Utc>) -> Self {
        Self {
            today,
            may_send,
            held,
            now,
            batch: Batch::new(),
            kept: HashMap::new(),
            backoff: HashMap::new(),
            failed: HashSet::new(),
            joined: HashMap::new(),
            changed: Ids::default(),
            skipped: Ids::default(),
        }
    }

    /// Settles what was left unsent of the customers, or the notices, of this part of the plan; to be called before it is
    /// written. Takes out of it what is to leave as it was (D2).
    ///
    /// # Errors
    /// The database's own.
    pub async fn settle(
        &mut self,
        tx: &mut Tx,
        journal: &mut Journal,
        plan: &mut Plan,
        unsent: Vec<String>,
    ) -> Result<(), DatabaseError> {
        if unsent.is_empty() {
            return Ok(());
        }
        let (may_send, now) = (self.may_send, self.now);
        let unsent = entry::list(tx, &Filter { contacts: Some(unsent), ..Filter::default() }).await?;
        let now_due = NowDue::of(plan, self.held);
        let (again, unsent): (Vec<Entry>, Vec<Entry>) = unsent.into_iter().partition(|e| e.resend);
        let over = resend::look(tx, journal, plan, &again, (&now_due, may_send), now, &mut self.changed).await?;
        self.failed.extend(over);
        let wanted: HashSet<Same> = plan.contacts.iter().map(same_as_planned).collect();
        for old in unsent {
            let same = same_as_entry(&old);
            if wanted.contains(&same) && !self.kept.contains_key(&same) {
                self.kept.insert(same, old);
            } else if let Some(fate) = now_due.fate(&old, may_send) {
                let id = old.contact.clone().unwrap_or_default();
                match fate {
                    Fate::Failed => {
                        self.failed.extend(occurrences(&old));
                        outbox::change(tx, journal, &id, State::Failed, Some("expired"), now).await?;
                    }
                    Fate::Cancelled { reason, rule } => {
                        if old.state == State::Retrying {
                            self.backoff.extend(occurrences(&old).map(|o| (o, (old.attempts, old.not_before.clone()))));
                        }
                        outbox::cancel(tx, journal, &id, reason, rule, now).await?;
                        if old.state == State::Planned && reason != PLANNED_AFRESH {
                            approval::withdraw(tx, &old).await?;
                        }
                    }
                }
                self.changed.push(&id);
            }
        }
        plan.skips.retain(|s| !self.failed.contains(&(s.lead().to_owned(), s.step.clone(), s.occurrence)));
        Ok(())
    }

    /// Writes a part of the plan: contacts, skips and what joins an open review.
    ///
    /// # Errors
    /// The database's own; a contact that exists already is one of them (T9's unique key).
    pub async fn write(&mut self, tx: &mut Tx, journal: &mut Journal, plan: &Plan) -> Result<(), DatabaseError> {
        let now = self.now;
        for planned in &plan.contacts {
            if let Some(told) = &planned.unopposed {
                approval::let_go(tx, planned, told, now).await?;
            }
            let kept = if self.kept.is_empty() { None } else { self.kept.remove(&same_as_planned(planned)) };
            match kept {
                Some(old) => {
                    refresh(tx, &mut self.batch, &old, planned, now).await?;
                    let id = old.contact.as_deref().unwrap_or_default();
                    match (planned.asked.is_some(), old.state) {
                        (true, State::Queued | State::Retrying) => {
                            outbox::change(tx, journal, id, State::Planned, Some(WAITS), now).await?;
                        }
                        (false, State::Planned) => {
                            let why = planned.unopposed.as_ref().map(approval::nobody);
                            outbox::change(tx, journal, id, State::Queued, why.as_deref(), now).await?;
                        }
                        _ => {}
                    }
                }
                None => {
                    // Made anew with other invoices, it waits as long as the relay asked the old one to wait (D3).
                    let backoff = planned.covered.iter().filter_map(|c| self.backoff.get(&occurrence(c)));
                    let waits = backoff.max_by_key(|(_, until)| until.clone());
                    self.changed.push(&self.batch.add(planned, waits, now));
                }
            }
            approval::ask(tx, planned).await?;
            self.batch.write_some(tx, journal, now).await?;
        }
        for skipped in &plan.skips {
            self.skipped.push(&self.batch.add(skipped, None, now));
            self.batch.write_some(tx, journal, now).await?;
        }
        for (review, covered) in &plan.additions {
            let last = match self.joined.get(review) {
                Some(last) => *last,
                None => {
                    let sql = "SELECT max(position) AS last FROM contact_invoice WHERE contact = $1";
                    let row = tx.first(sql, vals![review]).await?;
                    row.map(|r| r.opt_int("last")).transpose()?.flatten().unwrap_or(-1)
                }
            };
            // Several may join one review in one poll: each behind the other.
            self.joined.insert(review.clone(), last + 1);
            self.batch.cover(review, last + 1, covered, "counts", Some(self.today));
            let reason = format!("joined by invoice {}", covered.invoice);
            self.batch.events.push(Event::new(review, Some(State::Open), State::Open, Some(reason)));
        }
        Ok(())
    }

    /// Writes what has gathered. Returns the ids of all contacts that the plan changed, and those of the skips.
    ///
    /// # Errors
    /// The database's own.
    pub async fn finish(mut self, tx: &mut Tx, journal: &mut Journal) -> Result<(Ids, Ids), DatabaseError> {
        self.batch.write(tx, journal, self.now).await?;
        Ok((self.changed, self.skipped))
    }
}

/// Whether silence lets it leave (T34).
pub(super) fn is_veto(p: &Planned) -> bool {
    p.asked.as_ref().is_some_and(|a| a.veto.is_some())
}

/// Brings what an earlier poll queued up to this day and this file.
async fn refresh(tx: &mut Tx, batch: &mut Batch, old: &Entry, p: &Planned, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let id = old.contact.as_deref().unwrap_or_default();
    let sql = "UPDATE contact SET date = $2, recipients = $3, cc = $4, language = $5, changed_at = $6, action = $7, lead = $8, step = $9,
                 occurrence = $10, segment = $11, rule = $12, asked_on = $13, asks = $14, veto = $15 WHERE id = $1";
    let (to, cc) = (addresses(&p.to), addresses(&p.cc));
    let (asked_on, asks) = (p.asked.as_ref().map(|a| a.since), p.asked.as_ref().and_then(|a| a.whom.as_ref()));
    let asks = asks.map(ToString::to_string);
    let values = vals![
        id,
        p.date,
        to,
        cc,
        p.language.clone(),
        now,
        &p.action,
        p.lead(),
        &p.step,
        p.occurrence,
        &p.segment,
        p.rule,
        asked_on,
        asks,
        is_veto(p)
    ];
    tx.exec(sql, values).await?;
    tx.exec("DELETE FROM contact_invoice WHERE contact = $1 AND standing = 'counts'", vals![id]).await?;
    let row = tx.first("SELECT coalesce(max(position), -1) AS last FROM contact_invoice WHERE contact = $1", vals![id]).await?;
    let first = row.map_or(Ok(-1), |r| r.int("last"))? + 1;
    for (position, covered) in (first..).zip(&p.covered) {
        batch.cover(id, position, covered, "counts", None);
    }
    Ok(())
}
