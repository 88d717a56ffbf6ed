//! The next e-mail to a customer, if nobody pays and nothing more is sent: the same plan, day after day.

use chrono::Days;

use super::contact::{Kind, Planned};
use super::make::{self, Limits};
use crate::timetable::evaluate::Day;

/// How many days ahead it is looked for.
const HORIZON: u64 = 400;

/// The first e-mail that a plan of this day or of one to come has for a customer, with its date; `day` has the ledger's
/// picture of that customer alone. `in_window`: whether e-mails may leave on the first day (T5).
#[must_use]
pub fn next_email(day: &Day<'_>, customer: &str, in_window: bool) -> Option<Planned> {
    (0..=HORIZON).find_map(|ahead| {
        let today = day.today.checked_add_days(Days::new(ahead))?;
        let may_send = if ahead == 0 { in_window } else { day.timetable.calendar.is_business_day(today) };
        let limits = Limits { may_send, at: None, may_skip: true, sending_days: Vec::new(), sent_today: 0, accept_volume: true };
        let plan = make::find(&Day { today, ..*day }, &limits, None);
        plan.contacts.into_iter().find(|c| c.kind == Kind::Email && c.customer == customer)
    })
}
