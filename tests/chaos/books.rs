//! The ledger, in which new invoices and payments arrive while the daemons work.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::support::company::{Company, Polled};
use crate::support::daemon::{now, three_days_ago};
use crate::support::dice::Dice;
use crate::support::post::wait_until;
use crate::support::state;

/// The company's accounts.
pub struct Books {
    pub company: Company,
    customers: usize,
    due: String,
    /// When the ledger knew of the payment of an invoice.
    pub paid: BTreeMap<String, Instant>,
}

impl Books {
    pub fn open(company: Company, customers: usize) -> Self {
        let mut books = Self { company, customers: 0, due: three_days_ago(), paid: BTreeMap::new() };
        books.sell(customers);
        books
    }

    /// So many more customers with an overdue invoice.
    pub fn sell(&mut self, how_many: usize) {
        for number in self.customers..self.customers + how_many {
            self.company.given_an_invoice(&format!("I-{number}"), &format!("C-{number}"), &self.due);
        }
        self.customers += how_many;
        self.company.import();
    }

    /// Some customers pay.
    pub fn receive(&mut self, dice: &mut Dice) {
        let mut paid = Vec::new();
        for _ in 0..6 {
            let number = dice.below(self.customers as u64);
            let invoice = format!("I-{number}");
            if !self.paid.contains_key(&invoice) {
                self.company.given_a_payment(&format!("P-{number}"), &format!("C-{number}"), &invoice, &self.due);
                paid.push(invoice);
            }
        }
        self.company.import();
        self.paid.extend(paid.into_iter().map(|invoice| (invoice, Instant::now())));
    }

    /// A file that cannot be read changes nothing (I7).
    pub fn receive_nonsense(&self) {
        let sum = "SELECT coalesce(sum(hashtext(i::text)), 0)::bigint AS n FROM ledger_invoice i";
        let before = state::numbers(&self.company.database(), sum);
        std::fs::write(self.company.path("invoices.csv"), "id,customer\nI-0,C-0\n").unwrap();
        let said = self.company.import_files();
        assert_ne!(said.code, Some(0), "{said:#?}");
        assert_eq!(state::numbers(&self.company.database(), sum), before, "I7: a refused import changes nothing");
    }

    pub fn invoices(&self) -> impl Iterator<Item = String> {
        (0..self.customers).map(|number| format!("I-{number}"))
    }

    /// Polls in peace until nothing is left that can be done today.
    pub fn settle(&self) {
        let alive = "SELECT count(*) AS n FROM daemon WHERE ended_at IS NULL AND lease_until >= {clock}";
        wait_until("no lease is left", || state::numbers(&self.company.database(), alive)[0] == 0);
        let poll = |at: Option<String>| -> Polled {
            let now = at.as_ref().map_or(Vec::new(), |at| vec!["--now", at]);
            let args = [now.as_slice(), &["run", "--once", "--format", "json", "--accept-clock"]].concat();
            self.company.run(&args).into()
        };
        let waiting = "SELECT count(*) AS n FROM contact WHERE state IN ('planned', 'queued', 'sending')";
        wait_until("nothing waits any more", || {
            poll(None);
            state::numbers(&self.company.database(), waiting)[0] == 0
        });
        for minutes in [11, 40, 110, 230] {
            let later = now() + chrono::TimeDelta::minutes(minutes);
            poll(Some(later.to_rfc3339()));
        }
    }
}
