//! `[aging]`: the classes into which open balances fall by how long they are past due.

/// The classes: what is not due, and what is up to so many days past due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aging {
    /// The last day of each class but the last, which has no end; rising.
    pub buckets: Vec<u32>,
}

impl Default for Aging {
    fn default() -> Self {
        Self { buckets: vec![30, 60, 90] }
    }
}

/// A class, by its first and last day past due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Bucket {
    /// `None`: what is not due.
    pub from: Option<u32>,
    /// `None`: it has no end.
    pub to: Option<u32>,
}

impl Bucket {
    /// `not due`, `31-60`, `over 90`.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.from, self.to) {
            (None, _) => "not due".to_owned(),
            (Some(from), Some(to)) if from == to => from.to_string(),
            (Some(from), Some(to)) => format!("{from}-{to}"),
            (Some(from), None) => format!("over {}", from - 1),
        }
    }
}

impl Aging {
    /// All classes in their order; the first is what is not due.
    #[must_use]
    pub fn classes(&self) -> Vec<Bucket> {
        let mut classes = vec![Bucket { from: None, to: Some(0) }];
        let mut from = 1;
        for to in &self.buckets {
            classes.push(Bucket { from: Some(from), to: Some(*to) });
            from = to + 1;
        }
        classes.push(Bucket { from: Some(from), to: None });
        classes
    }

    /// The place in [`Aging::classes`] of what is so many days past due (0 and less: not due).
    #[must_use]
    pub fn class_of(&self, days_past_due: i64) -> usize {
        match days_past_due {
            ..=0 => 0,
            days => 1 + self.buckets.iter().filter(|to| i64::from(**to) < days).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_in_the_class_whose_days_hold_it() {
        let aging = Aging::default();
        let names: Vec<String> = aging.classes().iter().map(Bucket::name).collect();
        assert_eq!(names, ["not due", "1-30", "31-60", "61-90", "over 90"]);
        let class = |days| names[aging.class_of(days)].as_str();
        assert_eq!([-400, 0, 1, 30, 31, 60, 61, 90, 91, 4000].map(class)[..5], ["not due", "not due", "1-30", "1-30", "31-60"]);
        assert_eq!([60, 61, 90, 91, 4000].map(class), ["31-60", "61-90", "61-90", "over 90", "over 90"]);
        for one in (Aging { buckets: vec![1, 7] }).classes() {
            let days = one.from.map_or(0, i64::from);
            assert_eq!((Aging { buckets: vec![1, 7] }).classes()[(Aging { buckets: vec![1, 7] }).class_of(days)], one);
        }
        assert_eq!((Aging { buckets: vec![1] }).classes()[1].name(), "1");
    }
}
