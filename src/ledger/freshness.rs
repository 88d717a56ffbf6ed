//! How fresh the payments are: no payment data, no dunning (L10).

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::model::Snapshot;
use crate::database::{DatabaseError, Tx};
use crate::{duration, vals};

/// `payments_max_age` of `[ledger]`: how many days the payments may be behind. Written `"3d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge(u64);

impl MaxAge {
    /// The oldest day that is fresh enough on another one.
    #[must_use]
    pub fn oldest(self, today: NaiveDate) -> NaiveDate {
        today.checked_sub_days(Days::new(self.0)).unwrap_or(NaiveDate::MIN)
    }
}

impl FromStr for MaxAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = duration::parse(text)?.as_secs();
        let whole = seconds.is_multiple_of(86_400).then_some(Self(seconds / 86_400));
        whole.ok_or_else(|| format!("{text:?}: payments are dated by days, so write whole days, such as \"3d\""))
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

impl Serialize for MaxAge {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MaxAge {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Snapshot {
    /// Whether past-due e-mails wait for newer payments (L10).
    #[must_use]
    pub fn payments_too_old(&self) -> bool {
        self.payments_wanted.is_some_and(|wanted| self.payments_as_of.is_none_or(|of| of < wanted))
    }

    /// Why they wait, with both days: the rest of a sentence; empty: they do not.
    #[must_use]
    pub fn why_payments_too_old(&self) -> String {
        let Some(wanted) = self.payments_wanted.filter(|_| self.payments_too_old()) else { return String::new() };
        let wanted = format!("payments_max_age asks for those up to {} or later", wanted.format("%a %F"));
        match self.payments_as_of {
            Some(of) => format!("the ledger has the payments up to {}, and {wanted}", of.format("%a %F")),
            None => format!("the ledger does not say up to which day it has the payments, and {wanted}"),
        }
    }
}

/// Up to which day the payments of the own ledger are complete; `None`: nothing was imported yet.
pub(super) async fn own(tx: &mut Tx) -> Result<Option<NaiveDate>, DatabaseError> {
    let row = tx.first("SELECT payments_as_of FROM ledger_freshness", vec![]).await?;
    row.map(|r| r.date("payments_as_of")).transpose()
}

/// Notes that the payments of the own ledger are complete up to a day.
///
/// # Errors
/// The database's own.
pub async fn note(tx: &mut Tx, day: NaiveDate) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO ledger_freshness (one, payments_as_of) VALUES (1, $1)
               ON CONFLICT (one) DO UPDATE SET payments_as_of = excluded.payments_as_of";
    tx.exec(sql, vals![day]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_of_the_oldest_day_that_is_allowed_are_fresh_and_a_day_less_is_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let age: MaxAge = "3d".parse().unwrap();
        let read = |as_of: Option<&str>| Snapshot {
            payments_as_of: as_of.map(day),
            payments_wanted: Some(age.oldest(day("2026-03-12"))),
            ..Snapshot::default()
        };
        assert!(!read(Some("2026-03-09")).payments_too_old());
        assert_eq!(
            read(Some("2026-03-08")).why_payments_too_old(),
            "the ledger has the payments up to Sun 2026-03-08, and payments_max_age asks for those up to Mon 2026-03-09 or later"
        );
        assert!(read(None).payments_too_old(), "who does not know does not dun");
        assert!(!Snapshot::default().payments_too_old(), "nobody asks");
        for wrong in ["36h", "3", "soon"] {
            assert!(wrong.parse::<MaxAge>().is_err(), "{wrong}");
        }
    }
}
