//! Steps that follow an e-mail which was sent and stayed without answer (T33).

use chrono::{NaiveDate, TimeDelta};

use super::evaluate::{self, Day};
use super::history::{Done, Left};
use super::occurrence::{self, Case, Occurrence};
use super::step::planned_date;
use super::stops::{Account, Stop};
use super::{Step, When};
use crate::ledger::Invoice;

/// `silent_days`, where `after` stands alone.
pub const SILENT_DAYS: u32 = 7;

/// `after` and `silent_days` of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The id of an e-mail to the customer.
    pub step: String,
    /// Full days between the two, as `quiet_days` counts them: sent on day d, this one comes on d + silent_days + 1.
    pub silent_days: u32,
}

impl After {
    /// The first day on which it has been silent for long enough since an e-mail of this day.
    #[must_use]
    pub fn is_over_on(&self, sent: NaiveDate) -> NaiveDate {
        sent.checked_add_signed(TimeDelta::days(i64::from(self.silent_days) + 1)).unwrap_or(NaiveDate::MAX)
    }
}

/// In which way a customer was heard from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    Payment,
    /// A call that reached somebody, or another result of a task that says so.
    Call,
    Promise,
    Dispute,
    /// A reply that somebody has noted.
    Reply,
}

impl Answer {
    const ALL: [Self; 5] = [Self::Payment, Self::Call, Self::Promise, Self::Dispute, Self::Reply];

    /// The word of the JSON and of the sentences.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Call => "call",
            Self::Promise => "promise",
            Self::Dispute => "dispute",
            Self::Reply => "reply",
        }
    }

    /// That of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.word() == word)
    }
}

/// The last that was heard of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Heard {
    pub on: NaiveDate,
    pub by: Answer,
}

/// Why a follow-up does not come now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// The earlier e-mail has not been sent.
    Unsent,
    /// It is being sent, or in doubt: nobody knows yet.
    Leaving,
    /// It did not reach the customer, on this day: the follow-up never comes.
    Failed { on: NaiveDate },
    /// It has ended without being sent, in this case: the follow-up never comes.
    Ended(&'static str),
    /// The customer does not have the earlier step for this invoice: the follow-up never comes.
    Absent,
    /// The customer was heard from since.
    Answered { sent: NaiveDate, heard: Heard },
}

impl Pending {
    /// The word of `explain`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unsent | Self::Leaving => "waiting",
            Self::Failed { .. } | Self::Ended(_) | Self::Absent => "never",
            Self::Answered { .. } => ANSWERED,
        }
    }
}

/// The word for a follow-up of an e-mail that was answered.
pub const ANSWERED: &str = "answered";

/// Whether it would go out now, had the customer not been heard from. What had been skipped before the answer would not.
#[must_use]
pub fn is_answered_now(day: &Day<'_>, invoice: &Invoice, one: &Occurrence<'_>) -> bool {
    let key = (one.step.id.clone(), one.number);
    matches!(one.case, Case::Waits(Pending::Answered { .. }))
        && evaluate::by_date(day, one, invoice) == Case::Due
        && !day.history.of(&invoice.id).is_some_and(|h| h.skipped.contains(&key))
}

/// The last that was heard of the customer, by the log and by the ledger's payments.
#[must_use]
pub fn heard(day: &Day<'_>, account: &Account<'_>) -> Option<Heard> {
    let paid = account.last_payment.map(|on| Heard { on, by: Answer::Payment });
    paid.max(day.history.heard.get(&account.customer.id).copied())
}

/// The steps that follow others, each behind the one that it follows.
fn in_order<'t>(day: &Day<'t>) -> Vec<(&'t Step, &'t After)> {
    let mut left: Vec<(&Step, &After)> = day.timetable.steps.iter().filter_map(|s| Some((s, s.after.as_ref()?))).collect();
    let mut found = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |(_, after): &(&Step, &After)| left.iter().any(|(s, _)| s.id == after.step);
        let (behind, ready): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        // A circle, which the reader of the file refuses.
        if ready.is_empty() {
            break;
        }
        found.extend(ready);
        left = behind;
    }
    found
}

/// Adds the occurrences of the steps that follow others: one for each of the e-mails that they follow.
pub(super) fn add<'t>(day: &Day<'t>, account: &Account<'_>, invoice: &Invoice, occurrences: &mut Vec<Occurrence<'t>>) {
    for (step, after) in in_order(day) {
        let has = step.is_for_segment(account.segment) && step.applies(day.timetable, account.customer, account.segment, invoice);
        if day.is_held_step(step) || !has {
            continue;
        }
        let logged = day.history.of(&invoice.id).into_iter().flat_map(|h| h.done.keys());
        let logged = logged.filter(|(id, _)| *id == after.step || *id == step.id).map(|(_, number)| *number);
        let seen = occurrences.iter().filter(|o| o.step.id == after.step).map(|o| o.number);
        let mut numbers: Vec<u32> = logged.chain(seen).chain([0]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let one = one(day, account, invoice, (step, after), number, occurrences);
            occurrences.push(one);
        }
    }
}

fn one<'t>(
    day: &Day<'t>,
    account: &Account<'_>,
    invoice: &Invoice,
    (step, after): (&'t Step, &'t After),
    number: u32,
    others: &[Occurrence<'t>],
) -> Occurrence<'t> {
    let due = invoice.due_date;
    let history = day.history.of(&invoice.id);
    let logged = |id: &str| history.and_then(|h| h.done.get(&(id.to_owned(), number)).copied());
    let own = step.offset_for(account.segment).map(|o| o.days_from(account.calendar, due));
    let own = own.map(|days| (days, planned_date(due, days), account.calendar.send_date(planned_date(due, days), days)));
    let mut found = Occurrence {
        step,
        number,
        days: own.map_or(0, |(days, ..)| days),
        planned: own.map_or(NaiveDate::MAX, |(_, planned, _)| planned),
        send_date: own.map_or(NaiveDate::MAX, |(.., send_date)| send_date),
        case: Case::NotYet,
        round: 0,
        sent: None,
    };
    // Re-opened by T18, the earlier step is to be sent again, and counts when it was.
    let is_done = |o: &Occurrence<'_>| o.step.id != after.step || o.number != number || matches!(o.case, Case::Done { .. });
    let before = logged(&after.step).filter(|_| others.iter().all(is_done));
    let done = logged(&step.id);
    // What has been done is not brought again by the e-mail that it followed then (T9, T18).
    let again = |d: Done| d.due_date != due && before.is_some_and(|b| b.left == Left::Sent && b.on > d.on);
    if let Some(done) = done.filter(|d| !again(*d)) {
        if own.is_none() {
            (found.planned, found.send_date, found.days) = (done.on, done.on, (done.on - due).num_days());
        }
        found.case = Case::Done { on: done.on };
        return found;
    }
    let pending = match before.map(|b| (b.left, b.on)) {
        None => Some(Pending::Unsent),
        Some((Left::Open, _)) => Some(Pending::Leaving),
        Some((Left::Failed, on)) => Some(Pending::Failed { on }),
        Some((Left::Sent, sent)) => {
            found.sent = Some(sent);
            let over = after.is_over_on(sent);
            let leaves = account.calendar.send_date(over, 0);
            found.planned = own.map_or(over, |(_, planned, _)| planned.max(over));
            found.send_date = own.map_or(leaves, |(.., own)| own.max(leaves));
            found.days = own.map_or_else(|| (found.planned - due).num_days(), |(days, ..)| days);
            heard(day, account).filter(|h| h.on >= sent).map(|heard| Pending::Answered { sent, heard })
        }
    };
    if let Some(done) = done {
        if occurrence::still_done(day.timetable, done, due, found.planned) {
            found.case = Case::Done { on: done.on };
            return found;
        }
        found.round = done.round + 1;
    }
    if let Some(stop) = day.is_rejected(&invoice.id, &step.id, number, found.round) {
        found.case = Case::Stopped(stop);
        return found;
    }
    let moot = found.days < 0 && day.today > due;
    found.case = match pending {
        _ if day.go_live.is_none() => Case::BeforeGoLive,
        Some(pending) if found.sent.is_some() || !moot => Case::Waits(pending),
        _ => evaluate::by_date(day, &found, invoice),
    };
    found
}

/// What follows an e-mail that has ended without being sent does not come any more.
pub(super) fn end(day: &Day<'_>, occurrences: &mut [Occurrence<'_>]) {
    for (step, after) in in_order(day) {
        for place in 0..occurrences.len() {
            let one = &occurrences[place];
            if one.step.id != step.id || one.case != Case::Waits(Pending::Unsent) {
                continue;
            }
            let number = one.number;
            let before = occurrences.iter().find(|o| o.step.id == after.step && o.number == number).map(|o| &o.case);
            let earlier = day.timetable.step(&after.step);
            let ends = match before {
                Some(Case::Waits(Pending::Unsent | Pending::Leaving)) => None,
                Some(Case::Stopped(Stop::Rejected)) => Some(Pending::Ended(Stop::Rejected.word())),
                Some(case @ (Case::Waits(_) | Case::BeforeGoLive)) => Some(Pending::Ended(case.word())),
                Some(case) if case.is_skip() => Some(Pending::Ended(case.word())),
                Some(_) => None,
                None if earlier.is_some_and(|s| s.event().is_some() || day.is_held_step(s)) => None,
                None => Some(Pending::Absent),
            };
            if let Some(ends) = ends {
                occurrences[place].case = Case::Waits(ends);
            }
        }
    }
}

/// T26: whether the e-mail that a follow-up was planned for has been answered meanwhile.
#[must_use]
pub fn answered(day: &Day<'_>, account: &Account<'_>, invoice: &Invoice, step: &str, number: u32) -> Option<Stop> {
    let after = day.timetable.step(step)?.after.as_ref()?;
    let before = day.history.of(&invoice.id)?.done.get(&(after.step.clone(), number))?;
    heard(day, account).filter(|h| before.left == Left::Sent && h.on >= before.on).map(|_| Stop::Answered)
}

impl Step {
    /// Whether customers of a segment have the step at all, its limits aside (T2).
    #[must_use]
    pub fn is_for_segment(&self, segment: &str) -> bool {
        matches!(self.when, When::On(_) | When::After) || self.offset_for(segment).is_some()
    }
}

impl super::Timetable {
    /// Whether any step follows another one (T33).
    #[must_use]
    pub fn has_follow_ups(&self) -> bool {
        self.steps.iter().any(|s| s.after.is_some())
    }

    /// The day, from the due date, on which a step usually falls for a segment at the earliest; `None`: it waits for an
    /// event, or the segment does not have it.
    #[must_use]
    pub fn usual_day(&self, step: &Step, segment: &str) -> Option<i64> {
        self.usual_day_within(step, segment, self.steps.len())
    }

    fn usual_day_within(&self, step: &Step, segment: &str, depth: usize) -> Option<i64> {
        let own = step.days_for(segment);
        let Some(after) = step.after.as_ref().filter(|_| depth > 0 && step.is_for_segment(segment)) else { return own };
        let before = self.step(&after.step).and_then(|s| self.usual_day_within(s, segment, depth - 1));
        own.max(before.map(|day| day + i64::from(after.silent_days) + 1))
    }
}
