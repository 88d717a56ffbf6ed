//! What a poll knows beside the timetable and the picture of the ledger.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::ledger::Snapshot;
use crate::timetable::Timetable;
use crate::timetable::evaluate::Day;
use crate::timetable::history::{Controls, Facts, History};
use crate::timetable::personal::Personal;

/// What a poll knows beside the timetable and the picture of the ledger.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// What has been seen of the invoices, by this poll too.
    pub facts: HashMap<String, Facts>,
    /// Since when each customer has been one (T6).
    pub customer_since: HashMap<String, NaiveDate>,
    pub controls: Controls,
    pub history: History,
    pub go_live: Option<NaiveDate>,
    /// Whom people look after, by what is open.
    pub personal: Personal,
    /// Steps that wait for a person's word about a rename (T31).
    pub held_steps: BTreeSet<String>,
}

impl Knowledge {
    /// A day, as the timetable and the plan look at it.
    #[must_use]
    pub fn day<'a>(&'a self, timetable: &'a Timetable, snapshot: &'a Snapshot, today: NaiveDate) -> Day<'a> {
        Day {
            timetable,
            snapshot,
            history: &self.history,
            facts: &self.facts,
            customer_since: &self.customer_since,
            controls: &self.controls,
            personal: &self.personal,
            today,
            go_live: self.go_live,
            held_steps: &self.held_steps,
        }
    }
}
