//! The volume guard (T28): a wrong rule must not reach ten thousand customers.

use rust_decimal::Decimal;

use super::contact::Kind;
use super::make::{Limits, Plan};
use crate::timetable::Timetable;

/// Below this many e-mails a day no volume is suspicious.
const ALWAYS_ALLOWED: u64 = 200;

/// Notes when the customers' e-mails are too many; unless a person has accepted them, they are taken out of the plan.
pub fn hold_by_volume(timetable: &Timetable, limits: &Limits, plan: &mut Plan) {
    let due = emails(plan);
    if !is_over(timetable, limits, due) {
        return;
    }
    plan.over_volume = due;
    if !limits.accept_volume {
        hold(plan);
    }
}

/// How many e-mails to customers a plan has, those aside that wait for a person's word as it is (T34).
#[must_use]
pub fn emails(plan: &Plan) -> u64 {
    plan.contacts.iter().filter(|c| c.kind == Kind::Email && c.asked.is_none()).count() as u64
}

/// Whether so many e-mails that are due, or more of them, are too many.
#[must_use]
pub fn is_over(timetable: &Timetable, limits: &Limits, due: u64) -> bool {
    due > 0 && is_too_much(timetable.volume_guard, due + limits.sent_today, &limits.sending_days)
}

/// Takes the customers' e-mails out of a plan: they wait for a person's word.
pub fn hold(plan: &mut Plan) {
    plan.held_by_volume = emails(plan);
    plan.contacts.retain(|c| c.kind != Kind::Email || c.asked.is_some());
}

/// What was counted, and what it is measured by: the rest of a sentence (T28).
#[must_use]
pub fn measured(timetable: &Timetable, limits: &Limits, due: u64) -> String {
    let (factor, median) = (timetable.volume_guard.normalize(), median(&limits.sending_days).normalize());
    let (most, days) = ((factor * median).floor().max(Decimal::from(ALWAYS_ALLOWED)), limits.sending_days.len());
    let usual = match days {
        0 => "there was no sending day before".to_owned(),
        1 => format!("volume_guard = {factor} times the {median} of the only sending day before"),
        _ => format!("volume_guard = {factor} times {median}, the median of the last {days} sending days"),
    };
    format!("{due} are due and {} left today before: more than {most} ({usual})", limits.sent_today)
}

/// More than 200 e-mails, and more than `factor` times the median of the last sending days.
#[must_use]
pub fn is_too_much(factor: Decimal, emails: u64, sending_days: &[u64]) -> bool {
    !factor.is_zero() && emails > ALWAYS_ALLOWED && Decimal::from(emails) > factor * median(sending_days)
}

/// The median; the mean of the two in the middle of an even number, 0 of none.
#[must_use]
pub fn median(values: &[u64]) -> Decimal {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => Decimal::ZERO,
        n if n % 2 == 1 => Decimal::from(sorted[middle]),
        _ => Decimal::from(sorted[middle - 1] + sorted[middle]) / Decimal::TWO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_are_never_too_many_and_five_medians_are_not_either() {
        let five = Decimal::from(5);
        assert!(!is_too_much(five, 200, &[]));
        assert!(is_too_much(five, 201, &[]));
        assert!(!is_too_much(five, 201, &[41; 20]));
        assert!(!is_too_much(five, 205, &[41; 20]));
        assert!(is_too_much(five, 206, &[41; 20]));
        assert!(!is_too_much(Decimal::ZERO, 9_999, &[]));
        assert_eq!(median(&[1, 100, 2, 4]), Decimal::from(3));
    }

    #[test]
    fn the_guard_says_what_it_counted_and_by_what_it_measures() {
        let file =
            "time_zone = \"UTC\"\nvolume_guard = 4\n[[segment]]\nname = \"all\"\n[[step]]\nid = \"a\"\nemail = \"x\"\ndays = 3\n";
        let (timetable, _) = crate::timetable::file::parse("x", file).unwrap();
        let mut limits =
            Limits { may_send: true, at: None, may_skip: true, sending_days: vec![60, 71], sent_today: 9, accept_volume: false };
        let said = "300 are due and 9 left today before: more than 262 (volume_guard = 4 times 65.5, the median of the last 2 sending days)";
        assert_eq!(measured(&timetable, &limits, 300), said);
        limits.sending_days.clear();
        assert!(measured(&timetable, &limits, 300).ends_with("more than 200 (there was no sending day before)"));
    }
}
