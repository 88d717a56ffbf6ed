//! E-mails that leave unless somebody objects (T34), and that would be over before.

use chrono::NaiveDate;

use super::Lints;
use crate::timetable::approval::Approve;
use crate::timetable::{Step, Timetable, When};

/// So many days are looked at: a year with its holidays.
const HORIZON: usize = 400;

impl Lints<'_> {
    /// A forewarning and an objection take some days, after which nothing may be left to say.
    pub(super) fn veto(&mut self) {
        if !self.timetable.knows_veto() {
            return;
        }
        let needed = longest(self.timetable);
        for step in self.timetable.steps.iter().filter(|s| s.is_email()) {
            let Some(key) = self.veto_of(step).filter(|_| matches!(step.when, When::Days { .. })) else { continue };
            let said = format!("up to {needed} days go by before `{}` leaves to which nobody objects", step.id);
            let days =
                self.segments_of(step).into_iter().filter_map(|segment| Some(step.offset_for(segment)?.usual_days())).max();
            if days.is_some_and(|days| days < 0 && -days < needed) {
                let message = format!("{said}, and it is about a due date that has passed by then (T12): it would never leave");
                let help = "let it fall earlier, or take approve = false or true";
                self.step("veto", step, key, message, help);
            } else if self.timetable.grace_days(step) < needed {
                let grace = self.timetable.grace_days(step);
                let message = format!("{said}, and it has {grace} days of grace: it would expire before (T13)");
                self.step("veto", step, key, message, "give it more `grace_days`, or take fewer `veto_days` of [approval]");
            }
        }
    }

    /// The key of a step at whose place it is told that silence lets it leave; `None`: it never does.
    fn veto_of(&self, step: &Step) -> Option<&'static str> {
        let is_veto = |approve: Option<Approve>| approve == Some(Approve::Veto);
        let of_segment = || {
            let own = self.segments_of(step);
            self.timetable.segments.iter().any(|s| is_veto(s.approve) && own.contains(&s.name.as_str()))
        };
        let of_customer = self.timetable.customers.values().any(|c| is_veto(c.approve) && !c.skip_steps.contains(&step.id));
        match step.approve {
            Some(Approve::Veto) => Some("approve"),
            None if of_segment() => Some("id"),
            _ => of_customer.then_some("id"),
        }
    }
}

/// How many days go by at most from the day of an e-mail, of which somebody is told on the next business day, until it leaves.
fn longest(timetable: &Timetable) -> i64 {
    let days = 1 + i64::from(timetable.approval.veto_days);
    let begin = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    let open = begin.iter_days().take(HORIZON).filter(|day| timetable.calendar.is_business_day(*day));
    open.map(|day| (timetable.calendar.business_day(day, days) - day).num_days()).max().unwrap_or(days)
}
