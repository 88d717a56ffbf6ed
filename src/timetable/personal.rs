//! Customers that people look after themselves: those whom the file names, and by `personal = "pareto"` the few that owe the
//! most. Their e-mails wait for approval (T34), and their tasks come sooner.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::Timetable;
use super::evaluate::Day;
use super::stops::Account;
use crate::ledger::Snapshot;
use crate::money::Currency;

/// How much of what is open they have to make together, in percent; and how many of the customers they are at most.
const SHARE: i64 = 80;
const MOST: usize = 20;

/// The customers that make the most of what is open in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub currency: Currency,
    /// What they make of it, in whole percent, rounded down.
    pub percent: u32,
    /// Who owes the most first.
    pub customers: Vec<String>,
}

/// Who they are on a day, by what is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personal {
    groups: Vec<Group>,
    /// The places of the groups that a customer is in.
    places: HashMap<String, Vec<usize>>,
}

impl Personal {
    /// Of groups, one for each currency.
    #[must_use]
    pub fn of(groups: Vec<Group>) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, group) in groups.iter().enumerate() {
            group.customers.iter().for_each(|c| places.entry(c.clone()).or_default().push(place));
        }
        Self { groups, places }
    }

    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The groups that a customer is in.
    pub fn groups_of(&self, customer: &str) -> impl Iterator<Item = &Group> {
        self.places.get(customer).into_iter().flatten().filter_map(|place| self.groups.get(*place))
    }
}

/// What each customer owes, while pages of the ledger are added.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<Currency, BTreeMap<String, Decimal>>);

impl Tally {
    /// Adds what is open on the invoices of a page. Credit is not taken off: nobody knows what it is meant for.
    pub fn add(&mut self, ledger: &Snapshot) {
        for invoice in ledger.invoices.values().filter(|i| i.is_open()) {
            let sum = self.0.entry(invoice.currency).or_default().entry(invoice.customer_id.clone()).or_default();
            *sum += invoice.open_balance;
        }
    }

    /// By currency: who owes the most first, the smaller id of those who owe the same; the fewest that together reach 80 % of
    /// all that is open, and no more than 20 % of the customers who owe something, rounded up.
    #[must_use]
    pub fn personal(self) -> Personal {
        let group = |(currency, sums): (Currency, BTreeMap<String, Decimal>)| {
            let mut all: Vec<(String, Decimal)> = sums.into_iter().filter(|(_, sum)| *sum > Decimal::ZERO).collect();
            let total: Decimal = all.iter().map(|(_, sum)| *sum).sum();
            let most = (all.len() * MOST).div_ceil(100);
            all.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
            let (mut made, mut customers) = (Decimal::ZERO, Vec::new());
            for (customer, sum) in all.into_iter().take(most) {
                if made * Decimal::ONE_HUNDRED >= total * Decimal::from(SHARE) {
                    break;
                }
                made += sum;
                customers.push(customer);
            }
            let percent = (made * Decimal::ONE_HUNDRED).checked_div(total).unwrap_or_default().floor();
            Group { currency, percent: u32::try_from(percent).unwrap_or_default(), customers }
        };
        Personal::of(self.0.into_iter().map(group).filter(|g| !g.customers.is_empty()).collect())
    }
}

/// Why people look after a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why<'p> {
    /// The file says so of the customer.
    Customer,
    /// The file says so of its segment.
    Segment,
    /// It is one of these.
    Pareto(Vec<&'p Group>),
}

impl Why<'_> {
    /// The same, as the rest of a sentence about the customer.
    #[must_use]
    pub fn said(&self) -> String {
        let one = |g: &&Group| match g.customers.len() {
            1 => format!("the customer that makes {} % of the open {}", g.percent, g.currency),
            n => format!("one of the {n} customers that make {} % of the open {}", g.percent, g.currency),
        };
        match self {
            Self::Customer => "personal by its own table".to_owned(),
            Self::Segment => "personal by its segment".to_owned(),
            Self::Pareto(groups) => groups.iter().map(one).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Timetable {
    /// Why people look after a customer of a segment; `None`: they do not. The customer's own word wins over the segment's, and
    /// that over what it owes.
    #[must_use]
    pub fn personal<'p>(&self, customer: &str, segment: &str, known: &'p Personal) -> Option<Why<'p>> {
        if let Some(word) = self.customer(customer).and_then(|c| c.personal) {
            return word.then_some(Why::Customer);
        }
        if let Some(word) = self.segments.iter().find(|s| s.name == segment).and_then(|s| s.personal) {
            return word.then_some(Why::Segment);
        }
        let groups: Vec<&Group> = known.groups_of(customer).filter(|_| self.priority.pareto).collect();
        (!groups.is_empty()).then_some(Why::Pareto(groups))
    }

    /// Whether anybody may be one of them.
    #[must_use]
    pub fn knows_personal(&self) -> bool {
        let named = self.customers.values().any(|c| c.personal == Some(true));
        self.priority.pareto || named || self.segments.iter().any(|s| s.personal == Some(true))
    }
}

impl<'a> Day<'a> {
    /// Why people look after a customer on this day; `None`: they do not.
    #[must_use]
    pub fn personal(&self, account: &Account<'_>) -> Option<Why<'a>> {
        self.timetable.personal(&account.customer.id, account.segment, self.personal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Invoice;

    /// What customers owe in a currency: `C-1` the first of the amounts, and so on.
    fn tally(amounts: &[(&str, &[&str])]) -> Personal {
        let mut ledger = Snapshot::default();
        let due = "2026-03-01".parse().unwrap();
        for (currency, amounts) in amounts {
            for (n, amount) in amounts.iter().enumerate() {
                let id = format!("{currency}-{n}");
                let customer = format!("C-{n}");
                let one = Invoice::unpaid(&id, &customer, (due, due), currency.parse().unwrap(), amount.parse().unwrap());
                ledger.invoices.insert(id, one);
            }
        }
        let mut tally = Tally::default();
        tally.add(&ledger);
        tally.personal()
    }

    fn said(personal: &Personal) -> Vec<String> {
        personal.groups().iter().map(|g| format!("{} {} %: {}", g.currency, g.percent, g.customers.join(" "))).collect()
    }

    #[test]
    fn they_are_the_fewest_that_make_80_percent_by_currency() {
        // Ten customers: two at most. 60 of 100 is less than 80, 85 is not.
        let ten: &[&str] = &["60.00", "25.00", "5.00", "3.00", "2.00", "1.00", "1.00", "1.00", "1.00", "1.00"];
        assert_eq!(said(&tally(&[("EUR", ten)])), ["EUR 85 %: C-0 C-1"]);
        let one: &[&str] = &["1.00", "80.00", "11.00", "1.00", "2.00", "1.00", "1.00", "1.00", "1.00", "1.00"];
        assert_eq!(said(&tally(&[("EUR", ten), ("USD", one)])), ["EUR 85 %: C-0 C-1", "USD 80 %: C-1"]);
    }

    #[test]
    fn but_no_more_than_20_percent_of_those_who_owe_something_rounded_up() {
        assert_eq!(said(&tally(&[("EUR", &["7.00", "7.00", "7.00"])])), ["EUR 33 %: C-0"], "the smaller id");
        assert_eq!(said(&tally(&[("EUR", &["0.00", "5.00"])])), ["EUR 100 %: C-1"], "who owes nothing does not count");
        let six: &[&str] = &["10.00", "20.00", "10.00", "10.00", "10.00", "10.00"];
        assert_eq!(said(&tally(&[("EUR", six)])), ["EUR 42 %: C-1 C-0"], "1.2 is 2");
        assert!(said(&tally(&[("EUR", &["0.00"])])).is_empty());
    }

    #[test]
    fn the_customers_word_wins_over_the_segments_and_that_over_what_it_owes() {
        let text = "time_zone = \"UTC\"\n[[segment]]\nname = \"vip\"\npersonal = true\nmatch = { rank = [\"A\"] }\n[[segment]]\n\
                    name = \"small\"\npersonal = false\nmatch = { rank = [\"D\"] }\n[[segment]]\nname = \"rest\"\n[[step]]\nid = \"x\"\n\
                    task = \"call\"\ndays = 3\n[customer.C-1]\npersonal = false\n[customer.C-2]\npersonal = true\n";
        let parse = |more: &str| crate::timetable::file::parse("t", &format!("{text}{more}")).unwrap().0;
        let known = tally(&[("EUR", &["9.00", "9.00", "9.00"])]);
        let of = |timetable: &Timetable, customer: &str, segment: &str| {
            timetable.personal(customer, segment, &known).map(|why| why.said())
        };
        let plain = parse("");
        assert_eq!(of(&plain, "C-0", "rest"), None, "nobody asked for it");
        assert_eq!(of(&plain, "C-0", "vip").unwrap(), "personal by its segment");
        let pareto = parse("[priority]\npersonal = \"pareto\"\n");
        assert_eq!(of(&pareto, "C-0", "rest").unwrap(), "the customer that makes 33 % of the open EUR");
        assert_eq!(of(&pareto, "C-0", "small"), None);
        assert_eq!(of(&pareto, "C-1", "vip"), None);
        assert_eq!(of(&pareto, "C-2", "small").unwrap(), "personal by its own table");
        assert_eq!(of(&pareto, "C-3", "rest"), None);
    }
}
