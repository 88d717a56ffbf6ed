//! What holds of every claim.

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::super::accrue;
use super::*;

fn exact(interest: &Interest, spans: &[Span]) -> Exact {
    spans.iter().fold(Exact::default(), |sum, s| sum.plus(s.interest(interest.day_count).unwrap()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn interest_never_falls_from_day_to_day_while_nobody_pays(
        cents in 1_i64..10_000_000, due in 0_i64..3_600, late in 1_i64..400, leap in any::<bool>(),
        regime in prop::sample::select(names().collect::<Vec<_>>()),
    ) {
        let mut interest = interest(&format!("regime = \"{regime}\""));
        interest.day_count = DayCount::ALL[usize::from(leap)];
        let due = day("2016-01-01") + TimeDelta::days(due);
        let late_one = invoice(&Decimal::new(cents, 2).to_string(), "EUR", &due.to_string());
        let on = |days| claim(&interest, &late_one, &[], &(due + TimeDelta::days(days)).to_string());
        match (on(late), on(late + 1)) {
            (Ok(today), Ok(tomorrow)) => prop_assert!(today.interest <= tomorrow.interest),
            (Ok(_), Err(why)) => prop_assert!(matches!(why, NoClaim::UnknownRate(_)), "{why:?}"),
            (Err(NoClaim::NoAmount), _) => {}
            (Err(why), next) => prop_assert_eq!(Err(why), next),
        }
    }

    #[test]
    fn before_it_is_rounded_the_interest_of_two_spans_is_the_sum_of_both(
        cents in 1_i64..10_000_000, first in 1_i64..900, second in 1_i64..900,
        parts in prop::collection::vec((0_i64..1_800, 1_i64..100_000), 0..4), leap in any::<bool>(),
    ) {
        let mut interest = interest("regime = \"de\"");
        interest.day_count = DayCount::ALL[usize::from(leap)];
        let due = day("2019-02-01");
        let mut late = invoice(&Decimal::new(cents, 2).to_string(), "EUR", "2019-02-01");
        let payments: Vec<Payment> = parts
            .iter()
            .map(|(after, cents)| paid(&mut late, &(due + TimeDelta::days(*after)).to_string(), &Decimal::new(*cents, 2).to_string()))
            .collect();
        let payments: Vec<&Payment> = payments.iter().collect();
        let terms = Terms::of(&interest, Some("de")).unwrap();
        let spans = |invoice: &Invoice, until| accrue::spans(invoice, &payments, terms.changes(), |d| terms.rate_on(d), until).unwrap();
        let (middle, end) = (due + TimeDelta::days(first), due + TimeDelta::days(first + second));
        let whole = spans(&late, end);
        // Cut in the middle: what lies before, and what begins there.
        let clip = |from: NaiveDate, until: NaiveDate| -> Vec<Span> {
            let cut = whole.iter().map(|s| Span { from: s.from.max(from), until: s.until.min(until), ..s.clone() });
            cut.filter(|s| s.from <= s.until).collect()
        };
        let next = middle + TimeDelta::days(1);
        let sum = exact(&interest, &clip(due, middle)).plus(exact(&interest, &clip(next, end))).unwrap();
        prop_assert_eq!(sum, exact(&interest, &whole));
        prop_assert_eq!(whole.iter().map(Span::days).sum::<i64>() <= first + second, true);
    }
}
