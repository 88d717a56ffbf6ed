//! Deadlines that an e-mail prints, and the next e-mail does not wait for.

use super::Lints;

impl Lints<'_> {
    pub(super) fn deadlines(&mut self) {
        for step in &self.timetable.steps {
            let Some(within) = step.pay_within.map(i64::from) else { continue };
            let days = self.segments_of(step).into_iter().filter_map(|s| Some((s, step.days_for(s)?)));
            let Some((segment, day)) = days.max_by_key(|(_, day)| *day) else { continue };
            if day + within < 0 {
                let message =
                    format!("`{}` (day {day}) asks to pay within {within} days, which is before the invoice is due", step.id);
                self.step("pay-within", step, "pay_within", message, "leave it out: the due date is the deadline");
                continue;
            }
            let again = step.repeat().map(|r| (step, day + r.every));
            let Some((next, on)) = self.email_after(step, segment, day).into_iter().chain(again).min_by_key(|(_, d)| *d) else {
                continue;
            };
            if on <= day + within {
                let message = format!(
                    "`{}` (day {day}) asks to pay within {within} days, and `{}` follows on day {on}, before that is over",
                    step.id, next.id
                );
                let help = format!("write pay_within = {} or less, or put `{}` later", (on - day - 1).max(1), next.id);
                self.step("pay-within", step, "pay_within", message, &help);
            }
        }
    }
}
