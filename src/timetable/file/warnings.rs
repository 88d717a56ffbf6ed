//! What may be meant, but hardly is: a person is told, and the file is taken.

use std::ops::Range;

use super::reader::Table;
use crate::timetable::step::Limits;
use crate::timetable::{Segment, Step};

/// Two e-mail steps on one day for one invoice make one e-mail (T22): probably not what was meant.
pub fn of_one_day(table: &Table<'_, '_>, steps: &[(Step, Range<usize>)], segments: &[Segment]) {
    for (place, (step, span)) in steps.iter().enumerate().filter(|(_, (s, _))| s.is_email()) {
        let first = steps[..place].iter().map(|(s, _)| s).filter(|s| s.is_email()).find(|s| meet(s, step, segments));
        if let Some(first) = first {
            let message = format!("the e-mails `{}` and `{}` fall on one day", first.id, step.id);
            let help =
                "they make one e-mail, led by the smaller id: move one of them, or limit them to different segments or sizes";
            table.source.warning(span.clone(), message, help);
        }
    }
}

/// Whether an invoice of some segment may have both on one day.
fn meet(a: &Step, b: &Step, segments: &[Segment]) -> bool {
    let one_segment = |name: &str| {
        let allows = |s: &Step| s.limits.segments.as_ref().is_none_or(|l| l.iter().any(|s| s == name));
        allows(a)
            && allows(b)
            && a.offset_for(name).zip(b.offset_for(name)).is_some_and(|(d, e)| {
                // A number of business days is now this, now that number of days: what comes of it, `check` plays.
                std::mem::discriminant(&d) == std::mem::discriminant(&e) && one_day(a, d.usual_days(), b, e.usual_days())
            })
    };
    overlap(&a.limits, &b.limits) && segments.iter().any(|s| one_segment(&s.name))
}

/// Whether the limits allow one and the same invoice, its segment aside.
#[must_use]
pub fn overlap(a: &Limits, b: &Limits) -> bool {
    fn both<T: PartialEq>(a: Option<&Vec<T>>, b: Option<&Vec<T>>) -> bool {
        a.zip(b).is_none_or(|(a, b)| a.iter().any(|x| b.contains(x)))
    }
    both(a.sizes.as_ref(), b.sizes.as_ref())
        && both(a.ranks.as_ref(), b.ranks.as_ref())
        && both(a.currencies.as_ref(), b.currencies.as_ref())
}

/// Whether an occurrence of the one and an occurrence of the other have the same `days` (T4).
fn one_day(a: &Step, first_a: i64, b: &Step, first_b: i64) -> bool {
    let falls = |s: &Step, first: i64, day: i64| match s.repeat() {
        _ if day == first => true,
        Some(r) => day > first && (day - first) % r.every == 0 && r.until.is_none_or(|until| day <= until),
        None => false,
    };
    match (a.repeat(), b.repeat()) {
        (None, _) => falls(b, first_b, first_a),
        (_, None) => falls(a, first_a, first_b),
        // After the later of the two first days, the pattern of both comes round within the product of their steps.
        (Some(ra), Some(rb)) => {
            let (start, end) = (first_a.max(first_b), first_a.max(first_b) + ra.every * rb.every);
            let skipped = (start - first_a + ra.every - 1) / ra.every;
            (0..=rb.every)
                .map(|n| first_a + ra.every * (skipped + n))
                .take_while(|day| *day <= end)
                .any(|day| falls(a, first_a, day) && falls(b, first_b, day))
        }
    }
}
