//! Which numbers of a report are drawn.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Panel, Shape};
use crate::money::Currency;
use crate::report::aging::Aging;
use crate::report::effect::{Effect, Line};
use crate::report::months::{Month, Months};

impl Months {
    /// Of each currency its days sales outstanding and its collection effectiveness.
    #[must_use]
    pub fn panels(&self) -> Vec<Panel> {
        let currencies: BTreeSet<Currency> = self.lines().map(|(currency, _)| currency).collect();
        let of = |wanted: &Currency| {
            let own: Vec<&Month> = self.lines().filter(|(currency, _)| currency == wanted).map(|(_, month)| month).collect();
            let places: Vec<String> = own.iter().map(|m| m.first.format("%Y-%m").to_string()).collect();
            let values = |of: fn(&Month) -> Option<Decimal>| own.iter().map(|m| of(m)).collect();
            [
                Panel {
                    title: format!("Days sales outstanding, {wanted}"),
                    shape: Shape::Lines,
                    places: places.clone(),
                    series: vec![("DSO".to_owned(), values(Month::dso)), ("best DSO".to_owned(), values(Month::best_dso))],
                },
                Panel {
                    title: format!("Collection effectiveness, {wanted}, %"),
                    shape: Shape::Columns,
                    places,
                    series: vec![("CEI".to_owned(), values(Month::cei))],
                },
            ]
        };
        currencies.iter().flat_map(of).collect()
    }
}

impl Effect<'_> {
    /// How many contacts of each step were answered with money, how soon, and how much came.
    #[must_use]
    pub fn panels(&self) -> Vec<Panel> {
        let lines = self.lines();
        let steps: Vec<String> = lines.iter().map(|(step, _)| (*step).to_owned()).collect();
        let panel = |title: String, places: &[String], values| Panel {
            title,
            shape: Shape::Columns,
            places: places.to_vec(),
            series: vec![(String::new(), values)],
        };
        let values = |of: fn(&Line) -> Option<Decimal>| lines.iter().map(|(_, line)| of(line)).collect();
        let mut panels = vec![
            panel("Contacts answered with money, %".to_owned(), &steps, values(Line::share)),
            panel("Days to the first payment, the middle one".to_owned(), &steps, values(|l| l.median_days().map(Into::into))),
        ];
        let all = || lines.iter().map(|(_, line)| *line).chain([self.unasked()]);
        let currencies: BTreeSet<Currency> = all().flat_map(|line| line.received.keys().copied()).collect();
        let places: Vec<String> = steps.iter().cloned().chain(["before any".to_owned()]).collect();
        for currency in currencies {
            let received = all().map(|line| line.received.get(&currency).copied()).collect();
            panels.push(panel(format!("Received after it and before the next, {currency}"), &places, received));
        }
        panels
    }
}

impl Aging<'_> {
    /// What is open of each currency, by days past due.
    #[must_use]
    pub fn panels(&self) -> Vec<Panel> {
        let places: Vec<String> = self.classes().iter().map(|class| class.name()).collect();
        let panel = |currency: Currency, amounts: &[Decimal]| Panel {
            title: format!("Open by days past due, {currency}"),
            shape: Shape::Columns,
            places: places.clone(),
            series: vec![(String::new(), amounts.iter().copied().map(Some).collect())],
        };
        self.totals().iter().filter_map(|line| Some(panel(line.currency?, &line.amounts))).collect()
    }
}
