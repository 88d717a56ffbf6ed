//! What a poll of a day finds about one customer, for `explain`: of today or a day to come as it would be planned, of a day
//! that has passed as its poll found it. Nothing is written.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::go_live;
use super::knowledge::Knowledge;
use super::office::Office;
use super::poll::{self, Inputs};
use crate::contacts::about::{self, Then};
use crate::contacts::entry::{self, Entry, Filter};
use crate::contacts::{facts, personal, polls};
use crate::database::{DatabaseError, Tx};
use crate::ledger::source::{ReadError, Source};
use crate::ledger::{Invoice, Snapshot, Whose};
use crate::plan::explain::{Records, Tense};
use crate::plan::make::Limits;
use crate::plan::{self, Plan};
use crate::timetable::calendar;

/// The ledger on the day that is asked about.
#[derive(Debug)]
pub struct Inquiry<'a> {
    office: &'a Office,
    pub on: NaiveDate,
    pub tense: Tense,
    pub snapshot: Arc<Snapshot>,
    /// Of today and of days to come: what a poll would know and plan.
    planned: Option<(Knowledge, Plan)>,
    /// Why a poll would not go on, if so (T27, T31).
    problems: Vec<String>,
    /// Whether a poll would believe the ledger (T27).
    pub believed: bool,
}

/// Everything that an explanation is made of.
#[derive(Debug)]
pub struct Answer {
    pub knowledge: Knowledge,
    pub plan: Plan,
    pub records: Records,
    /// The instant for which it is so.
    pub at: DateTime<Utc>,
    /// Whether e-mails may leave then (T5).
    pub in_window: bool,
    /// What to know beside it, in sentences.
    pub notes: Vec<String>,
    /// What the log has for that very day.
    pub of_the_day: Vec<Entry>,
}

/// Why nothing can be explained.
#[derive(Debug, thiserror::Error)]
pub enum InquiryError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the ledger could not be read: {0}")]
    Read(#[from] ReadError),
}

impl<'a> Inquiry<'a> {
    /// Reads the ledger as of a day.
    ///
    /// # Errors
    /// When the ledger or the database cannot be read.
    pub async fn begin(office: &'a Office, on: NaiveDate) -> Result<Self, InquiryError> {
        let (now, today, _) = office.present();
        if on < today {
            let mut snapshot = office.source.read(&office.db, facts::Remembered, on).await?;
            office.timetable.ranks.apply(&mut snapshot, on);
            let snapshot = Arc::new(snapshot);
            return Ok(Self { office, on, tense: Tense::Past, snapshot, planned: None, problems: Vec::new(), believed: true });
        }
        let tense = if on == today { Tense::Present } else { Tense::Future };
        let inputs = Inputs::of(office, now, on, office.timetable.calendar.is_business_day(on));
        let look = poll::dry_run(&inputs).await??;
        let believed = look.refusal.is_none();
        // What the guard says is said; what the rules say of this read is explained all the same.
        let nothing = "nothing was sent and nothing was changed".to_owned();
        let mut problems: Vec<String> = look.refusal.into_iter().flat_map(|refusal| [refusal, nothing.clone()]).collect();
        problems.extend(look.problems);
        Ok(Self { office, on, tense, snapshot: look.snapshot, planned: Some((look.knowledge, look.plan)), problems, believed })
    }

    /// The answer for a customer, and for one of its invoices if that was asked for.
    ///
    /// # Errors
    /// The database's.
    pub async fn answer(&mut self, customer: &str, invoice: Option<&str>) -> Result<Answer, InquiryError> {
        let mut tx = self.office.db.snapshot().await?;
        let (now, _, in_window) = self.office.present();
        let is_business_day = self.office.timetable.calendar.is_business_day(self.on);
        let mut answer = match self.planned.take() {
            Some((knowledge, plan)) => {
                let records = about::of_customer(&mut tx, &self.office.timetable, customer, None).await?;
                let in_window = if self.tense == Tense::Present { in_window } else { is_business_day };
                let (notes, of_the_day) = (std::mem::take(&mut self.problems), Vec::new());
                Answer { knowledge, plan, records, at: now, in_window, notes, of_the_day }
            }
            None => self.past(&mut tx, customer, invoice).await?,
        };
        answer.notes.extend(self.as_of(&answer));
        answer.notes.extend(self.polls(&mut tx).await?);
        let is_asked = |id: &String| invoice.is_none_or(|asked| id == asked);
        let of_the_day = answer.records.contacts.iter().filter(|c| c.date == self.on && is_asked(&c.invoice));
        let ids = Some(of_the_day.map(|c| c.contact.clone()).collect());
        answer.of_the_day = entry::list(&mut tx, &Filter { contacts: ids, ..Filter::default() }).await?;
        Ok(answer)
    }

    /// As the poll of that day found it, before its own contacts.
    async fn past(&mut self, tx: &mut Tx, customer: &str, invoice: Option<&str>) -> Result<Answer, InquiryError> {
        let timetable = &self.office.timetable;
        let begins = calendar::instant(timetable.time_zone, self.on, NaiveTime::MIN);
        let polled = polls::of_day(tx, self.on).await?.last().map(|p| p.at);
        let first = about::first_of_day(tx, self.on, begins, customer, invoice).await?;
        let opens = || calendar::instant(timetable.time_zone, self.on, timetable.calendar.window.from);
        let at = first.or(polled).unwrap_or_else(opens);
        let then = Then { day: self.on, begins, at };
        let is_own = |c: &str| c == customer;
        // The others do not matter for this customer.
        let snapshot = Arc::make_mut(&mut self.snapshot);
        snapshot.invoices.retain(|_, i: &mut Invoice| is_own(&i.customer_id));
        snapshot.payments.retain(|p| is_own(&p.customer_id));
        let records = about::of_customer(tx, timetable, customer, Some(then)).await?;
        let mut customer_since = facts::customers_since(tx, Whose::Everybody).await?;
        facts::note_issue_dates(&mut customer_since, &self.snapshot);
        let now = facts::load(tx, Whose::Everybody).await?;
        let knowledge = Knowledge {
            facts: about::facts_then(timetable, &now, &records, &self.snapshot, then),
            customer_since,
            controls: about::controls_then(tx, then).await?,
            history: about::history_then(tx, timetable, &records, customer, then).await?,
            go_live: go_live::look(tx, timetable, false, self.on).await?,
            // Of a past day nobody knows: those of now.
            personal: personal::kept(tx).await?.map(|(_, kept)| kept).unwrap_or_default(),
            ..Knowledge::default()
        };
        let may_send = timetable.calendar.is_business_day(self.on);
        let limits = Limits { may_send, at: None, may_skip: true, sending_days: Vec::new(), sent_today: 0, accept_volume: true };
        let plan = plan::make(&knowledge.day(timetable, &self.snapshot, self.on), &limits);
        let date = calendar::local(timetable.time_zone, at).0;
        let in_window = if date == self.on { timetable.is_open(at) } else { may_send };
        Ok(Answer { knowledge, plan, records, at, in_window, notes: Vec::new(), of_the_day: Vec::new() })
    }

    /// For what it holds.
    fn as_of(&self, answer: &Answer) -> Option<String> {
        let is_query = matches!(self.office.source, Source::Query(_));
        match self.tense {
            Tense::Present => None,
            Tense::Future => Some("As things stand now, if nobody pays and nothing more is sent.".to_owned()),
            Tense::Past => {
                let (_, time) = calendar::local(self.office.timetable.time_zone, answer.at);
                let ledger = if is_query {
                    "The ledger is the one of now: a query cannot tell how it was."
                } else {
                    "The ledger is the one of that day by the dates of its invoices and payments; its other columns are those of now."
                };
                Some(format!(
                    "As it was at {}, before that day's own contacts: the log, holds, promises and disputes of then. {ledger} \
                     The timetable is the file of now.",
                    time.format("%H:%M")
                ))
            }
        }
    }

    /// What the polls of that day, or the last one, could not do (T27–T31).
    async fn polls(&self, tx: &mut Tx) -> Result<Vec<String>, DatabaseError> {
        let polls = match self.tense {
            Tense::Past => polls::of_day(tx, self.on).await?,
            _ => polls::latest(tx, 1).await?,
        };
        if polls.is_empty() && self.tense == Tense::Past {
            return Ok(vec!["No poll was made on that day.".to_owned()]);
        }
        let mut said: Vec<String> = Vec::new();
        for poll in polls.iter().rev() {
            let Some(problem) = poll.problem.as_ref().filter(|p| said.last().is_none_or(|last| !last.ends_with(*p))) else {
                continue;
            };
            let (_, time) = calendar::local(self.office.timetable.time_zone, poll.at);
            said.push(format!("The poll of {} {} had a problem: {problem}", poll.date, time.format("%H:%M")));
        }
        Ok(said)
    }
}
