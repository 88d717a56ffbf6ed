//! How many of a set's rows are bad, which they are, and whether the set can be believed (L3).

use rust_decimal::Decimal;

use super::columns::Set;
use super::model::BadRow;
use super::settings::MaxBadRows;

/// How many bad rows are kept in full; all are counted.
pub const NAMED: usize = 1_000;

/// The rows of one set: how many, how many of them bad, and the first of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub set: &'static str,
    /// All rows, the bad ones included.
    pub rows: u64,
    pub bad_rows: u64,
    /// At most [`NAMED`] of the bad rows, in their order.
    pub bad: Vec<BadRow>,
}

/// L3: more of a set's rows are bad than may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{bad_rows} of {rows} {set} rows cannot be used, more than the {} that `max_bad_rows` ({max}) allows: the read as a whole has \
     failed and nothing is taken from it; mend the rows{}",
    (max.share() * Decimal::from(*rows)).floor(),
    first.as_ref().map(|f| format!(", the first is {f}")).unwrap_or_default()
)]
pub struct TooManyBadRows {
    pub set: &'static str,
    pub rows: u64,
    pub bad_rows: u64,
    pub max: MaxBadRows,
    pub first: Option<Box<BadRow>>,
}

impl Tally {
    /// No rows yet.
    #[must_use]
    pub fn of(set: &Set) -> Self {
        Self { set: set.name, rows: 0, bad_rows: 0, bad: Vec::new() }
    }

    /// Enters a bad row that has already been counted as a row.
    pub fn leave_out(&mut self, bad: BadRow) {
        self.leave_out_many(bad, 1);
    }

    /// Enters one flaw that makes several counted rows unusable, such as a quote that is never closed.
    pub fn leave_out_many(&mut self, bad: BadRow, rows: u64) {
        self.bad_rows += rows;
        if self.bad.len() < NAMED {
            self.bad.push(bad);
        }
    }

    /// Whether the set can be believed (L3).
    ///
    /// # Errors
    /// When the share of bad rows is larger than allowed.
    pub fn check(&self, max: MaxBadRows) -> Result<(), TooManyBadRows> {
        if Decimal::from(self.bad_rows) <= max.share() * Decimal::from(self.rows) {
            return Ok(());
        }
        let first = self.bad.first().cloned().map(Box::new);
        Err(TooManyBadRows { set: self.set, rows: self.rows, bad_rows: self.bad_rows, max, first })
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::INVOICES;
    use super::super::record::Fault;
    use super::*;

    #[test]
    fn a_set_with_more_bad_rows_than_allowed_fails_as_a_whole() {
        let bad = Fault::new("total", "x", "no amount").at(&INVOICES, "invoices.csv:7");
        let mut tally = Tally::of(&INVOICES);
        assert_eq!(tally.check(MaxBadRows::default()), Ok(()));
        tally.rows = 100;
        for _ in 0..5 {
            tally.leave_out(bad.clone());
        }
        assert_eq!(tally.check(MaxBadRows::default()), Ok(()));
        tally.leave_out(bad);
        let failed = tally.check(MaxBadRows::default()).unwrap_err().to_string();
        assert!(failed.contains("6 of 100 invoices rows") && failed.contains("(5%)"), "{failed}");
        assert!(failed.contains("invoices.csv:7: total \"x\""), "{failed}");
    }

    #[test]
    fn bad_rows_are_all_counted_but_not_all_kept() {
        let mut tally = Tally::of(&INVOICES);
        for row in 0..1_500 {
            tally.leave_out(Fault::new("id", "", "empty").at(&INVOICES, format!("f:{row}")));
        }
        assert_eq!((tally.bad_rows, tally.bad.len()), (1_500, NAMED));
    }
}
