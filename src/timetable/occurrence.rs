//! The fallings of a step for one invoice (T2–T4), and the cases that each is in (T9–T17).

use chrono::{NaiveDate, TimeDelta};

use super::follow::Pending;
use super::step::{Step, planned_date};
use super::stops::Stop;
use super::{Calendar, Offset, Timetable, history::Done};

/// One falling of a step for an invoice.
#[derive(Debug, Clone)]
pub struct Occurrence<'t> {
    pub step: &'t Step,
    /// 0 for the first, counted on by `repeat_every` (T4).
    pub number: u32,
    /// Days from the due date.
    pub days: i64,
    pub planned: NaiveDate,
    /// The planned date on a business day (T3).
    pub send_date: NaiveDate,
    pub case: Case,
    /// How often T18 has re-opened it.
    pub round: u32,
    /// The day on which the e-mail that it follows was sent (T33). A follow-up without days of its own has no dates before.
    pub sent: Option<NaiveDate>,
}

/// In which of the cases an occurrence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    Done {
        on: NaiveDate,
    },
    BeforeGoLive,
    NotYet,
    /// For the end of a silence that has not begun, or was broken (T33).
    Waits(Pending),
    Moot,
    Expired,
    /// By the step and occurrence that goes or went instead.
    Superseded {
        step: String,
        number: u32,
    },
    Stopped(Stop),
    /// Until this day.
    Deferred {
        until: NaiveDate,
    },
    Due,
}

impl Case {
    /// The word of `explain` and of a skipped contact's `reason`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::BeforeGoLive => "before go-live",
            Self::NotYet => "not yet",
            Self::Waits(pending) => pending.word(),
            Self::Moot => "moot",
            Self::Expired => "expired",
            Self::Superseded { .. } => "superseded",
            Self::Stopped(_) => "stopped",
            Self::Deferred { .. } => "deferred",
            Self::Due => "due",
        }
    }

    /// The rule that decides the case.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Done { .. } => "T9",
            Self::BeforeGoLive => "T10",
            Self::NotYet => "T11",
            Self::Waits(_) => "T33",
            Self::Moot => "T12",
            Self::Expired => "T13",
            Self::Superseded { .. } => "T14",
            Self::Stopped(stop) => stop.rule(),
            Self::Deferred { .. } => "T16",
            Self::Due => "T17",
        }
    }

    /// Whether it ends here and is written as skipped.
    #[must_use]
    pub fn is_skip(&self) -> bool {
        matches!(self, Self::Moot | Self::Expired | Self::Superseded { .. })
    }
}

/// The occurrences of a step whose send date is not after `today`, oldest first, and the next one after them.
/// Those before `from` (the go-live date) are left out as far as a repeating step makes that cheap; T10 decides.
pub(super) fn up_to<'t>(
    calendar: &Calendar,
    step: &'t Step,
    first: Offset,
    due: NaiveDate,
    from: NaiveDate,
    today: NaiveDate,
) -> Vec<Occurrence<'t>> {
    // No run of days without a business day is longer than this: a whole month of holidays.
    const SLACK: i64 = 31;
    let first_days = first.days_from(calendar, due);
    let every = step.repeat().map(|r| r.every);
    let behind = (from - planned_date(due, first_days)).num_days() - SLACK;
    let mut number = every.map_or(0, |every| u32::try_from((behind / every).max(0)).unwrap_or(0));
    let mut found = Vec::new();
    loop {
        let days = first_days + every.unwrap_or(0) * i64::from(number);
        if number > 0 && step.repeat().and_then(|r| r.until).is_some_and(|until| days > until) {
            return found;
        }
        let planned = planned_date(due, days);
        let send_date = calendar.send_date(planned, days);
        found.push(Occurrence { step, number, days, planned, send_date, case: Case::NotYet, round: 0, sent: None });
        if send_date > today || every.is_none() || planned == NaiveDate::MAX {
            return found;
        }
        number += 1;
    }
}

/// T9 with T18: whether a contact of the log still counts for an occurrence that is now planned for `planned`.
pub(super) fn still_done(timetable: &Timetable, done: Done, due: NaiveDate, planned: NaiveDate) -> bool {
    let again = done.on.checked_add_signed(TimeDelta::days(timetable.resend_after_days.into()));
    done.due_date == due || again.is_none_or(|again| planned <= again)
}
