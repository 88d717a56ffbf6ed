//! Whom people look after by what is open, as the first poll of a day has found it: all that is asked on that day goes by it.

use chrono::NaiveDate;

use super::polls;
use crate::database::{DatabaseError, Tx};
use crate::money::Currency;
use crate::timetable::personal::{Group, Personal};

/// Among the single values.
const KEY: &str = "personal";

#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    day: NaiveDate,
    groups: Vec<(Currency, u32, Vec<String>)>,
}

/// Keeps those of a day.
///
/// # Errors
/// The database's own.
pub async fn keep(tx: &mut Tx, day: NaiveDate, personal: &Personal) -> Result<(), DatabaseError> {
    let groups = personal.groups().iter().map(|g| (g.currency, g.percent, g.customers.clone())).collect();
    polls::set_value(tx, KEY, Some(&serde_json::to_string(&Kept { day, groups }).unwrap_or_default())).await
}

/// The last ones that were kept, and of which day they are; `None`: there are none.
///
/// # Errors
/// The database's own.
pub async fn kept(tx: &mut Tx) -> Result<Option<(NaiveDate, Personal)>, DatabaseError> {
    // What cannot be read is made anew.
    let kept = polls::value(tx, KEY).await?.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
    let group = |(currency, percent, customers)| Group { currency, percent, customers };
    Ok(kept.map(|k| (k.day, Personal::of(k.groups.into_iter().map(group).collect()))))
}
