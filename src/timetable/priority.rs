//! `[priority]`: what makes one task more urgent than another. The order of the worklist is a product of factors that a person
//! can follow with a pocket calculator.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::segment::SMALL;
use super::{Aging, Sizes};
use crate::money::Currency;

/// The ranks, the best first.
pub const RANKS: [&str; 4] = ["A", "B", "C", "D"];

/// A factor by a number: the one of the greatest threshold that the number reaches; 1 below all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ladder(pub BTreeMap<u32, Decimal>);

impl Ladder {
    fn of<const N: usize>(rungs: [(u32, Decimal); N]) -> Self {
        Self(rungs.into_iter().collect())
    }

    /// The factor of a number; below 0 as 0.
    #[must_use]
    pub fn at(&self, number: i64) -> Decimal {
        let number = u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        self.0.range(..=number).next_back().map_or(Decimal::ONE, |(_, factor)| *factor)
    }
}

/// The factors of `[priority]`. Each is between 0 and 100; 1 changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priority {
    /// By the class of the oldest invoice: one for each class of `[aging]`, the first for what is not due.
    pub aging: Vec<Decimal>,
    /// By the customer's rank.
    pub ranks: BTreeMap<String, Decimal>,
    pub no_rank: Decimal,
    /// By the days since the customer was heard from.
    pub silence: Ladder,
    /// Nothing was heard since the oldest open invoice was issued.
    pub never: Decimal,
    /// By the size of what is past due.
    pub amount: BTreeMap<String, Decimal>,
    /// The sizes of `amount`: those of `[sizes]`, or what stands for them.
    pub sizes: Sizes,
    /// By the promises that were broken.
    pub broken: Ladder,
    /// By the days that invoices were paid late, on average.
    pub days_late: Ladder,
    /// More is open than the credit limit.
    pub over_limit: Decimal,
    /// No e-mail reaches the customer.
    pub no_email: Decimal,
    /// People look after the customer.
    pub personal_factor: Decimal,
    /// People look after the few customers that owe the most (`personal = "pareto"`).
    pub pareto: bool,
    /// How many days of the past count for `broken` and `days_late`.
    pub look_back: u32,
}

impl Priority {
    /// What stands for a table that the file does not have.
    #[must_use]
    pub fn usual(aging: &Aging, sizes: &Sizes) -> Self {
        let sizes = if sizes.thresholds.is_empty() { usual_sizes() } else { sizes.clone() };
        Self {
            // A class more, one more; what is not due can wait.
            aging: (0..aging.classes().len()).map(|n| if n == 0 { half(1) } else { Decimal::from(n) }).collect(),
            ranks: RANKS.map(str::to_owned).into_iter().zip([quarters(4), quarters(5), quarters(6), quarters(8)]).collect(),
            no_rank: quarters(5),
            silence: Ladder::of([(0, quarters(4)), (14, quarters(5)), (30, quarters(6))]),
            // More than the largest sum of somebody who talks comes to: 1.5 × 2.
            never: Decimal::from(4),
            amount: amounts(&sizes),
            sizes,
            broken: Ladder::of([(1, quarters(6)), (2, quarters(8))]),
            days_late: Ladder::of([(15, quarters(5)), (30, quarters(6))]),
            over_limit: quarters(6),
            no_email: quarters(6),
            personal_factor: quarters(6),
            pareto: false,
            look_back: 365,
        }
    }

    /// The factor of a sum, and the name of its size.
    #[must_use]
    pub fn of_amount(&self, sum: Decimal, currency: Currency) -> (Decimal, &str) {
        let size = self.sizes.size_of(sum, currency);
        (self.amount.get(size).copied().unwrap_or(Decimal::ONE), size)
    }

    /// The factor of a rank.
    #[must_use]
    pub fn of_rank(&self, rank: Option<&str>) -> Decimal {
        rank.map_or(self.no_rank, |r| self.ranks.get(r).copied().unwrap_or(self.no_rank))
    }
}

/// From 1 for small to 2 for the largest size, in even steps.
#[must_use]
pub fn amounts(sizes: &Sizes) -> BTreeMap<String, Decimal> {
    let mut names: Vec<(&Decimal, &String)> = sizes.thresholds.iter().map(|(name, limit)| (limit, name)).collect();
    names.sort();
    let all = Decimal::from(names.len().max(1));
    let share = |n: usize| (Decimal::from(n) / all).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let step = |n: usize| (Decimal::ONE + share(n)).normalize();
    let own = names.iter().enumerate().map(|(n, (_, name))| ((*name).clone(), step(n + 1)));
    own.chain([(SMALL.to_owned(), Decimal::ONE)]).collect()
}

/// The sizes of a file without `[sizes]`, in whatever currency.
fn usual_sizes() -> Sizes {
    let thresholds = [("medium", 1_000), ("large", 10_000)].map(|(name, limit)| (name.to_owned(), Decimal::from(limit)));
    Sizes { thresholds: thresholds.into_iter().collect(), ..Sizes::default() }
}

fn half(n: i64) -> Decimal {
    Decimal::new(n * 5, 1)
}

fn quarters(n: i64) -> Decimal {
    Decimal::new(n * 25, 2).normalize()
}

/// A priority: a product of factors, with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Score(Decimal);

impl Score {
    /// Of factors; of none: 0.
    #[must_use]
    pub fn product(factors: impl IntoIterator<Item = Decimal>) -> Self {
        let product = factors.into_iter().reduce(|a, b| a.saturating_mul(b)).unwrap_or_default();
        Self(product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize())
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A number, unlike amounts: nobody books it.
impl serde::Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let number = self.0.to_string().parse::<f64>().unwrap_or_default();
        // A whole number as one: 6, not 6.0.
        match i64::try_from(self.0) {
            Ok(whole) if Decimal::from(whole) == self.0 => s.serialize_i64(whole),
            _ => s.serialize_f64(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_ladder_has_the_factor_of_the_last_rung_that_is_reached() {
        let ladder = Ladder::of([(14, number("1.25")), (30, number("1.5"))]);
        let at = |n| ladder.at(n).to_string();
        assert_eq!([-3, 0, 13, 14, 29, 30, 9_999_999_999].map(at), ["1", "1", "1", "1.25", "1.25", "1.5", "1.5"]);
    }

    #[test]
    fn the_usual_factors_follow_the_classes_and_the_sizes_of_the_file() {
        let said = |p: &Priority| p.aging.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let plain = Priority::usual(&Aging::default(), &Sizes::default());
        assert_eq!(said(&plain), "0.5 1 2 3 4");
        assert_eq!(said(&Priority::usual(&Aging { buckets: vec![7] }, &Sizes::default())), "0.5 1 2");
        let usd = "USD".parse().unwrap();
        let of = |p: &Priority, sum: i64| format!("{:?}", p.of_amount(sum.into(), usd));
        assert_eq!([999, 1_000, 10_000].map(|s| of(&plain, s)), ["(1, \"small\")", "(1.5, \"medium\")", "(2, \"large\")"]);
        let thresholds = ["a", "b", "c"].into_iter().zip([10, 20, 30]).map(|(n, l)| (n.to_owned(), Decimal::from(l))).collect();
        let three = Priority::usual(&Aging::default(), &Sizes { thresholds, ..Sizes::default() });
        assert_eq!([5, 10, 20, 30].map(|s| three.of_amount(s.into(), usd).0.to_string()), ["1", "1.33", "1.67", "2"]);
    }

    #[test]
    fn who_was_never_heard_from_comes_before_any_sum_of_somebody_who_talks() {
        let usual = Priority::usual(&Aging::default(), &Sizes::default());
        let talks = usual.silence.0.values().max().unwrap();
        let largest = usual.amount.values().max().unwrap();
        assert!(usual.never * usual.amount[SMALL] > talks * largest);
    }

    #[test]
    fn a_score_has_two_decimals_and_is_a_number_in_json() {
        let score = |factors: &[&str]| Score::product(factors.iter().map(|f| number(f)));
        assert_eq!(score(&["1.25", "1.5", "1.33"]).to_string(), "2.49");
        assert_eq!(score(&[]).to_string(), "0");
        let json = |s: Score| serde_json::to_string(&s).unwrap();
        assert_eq!((json(score(&["1.5", "3"])), json(score(&["1.5", "4"]))), ("4.5".to_owned(), "6".to_owned()));
        let most = score(&["99.99"; 8]);
        assert!(most > score(&["99"; 8]), "{most}");
    }
}
