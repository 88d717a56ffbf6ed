//! Since when anything is sent at all (T10).

use chrono::NaiveDate;

use crate::contacts::polls;
use crate::database::{DatabaseError, Tx, inconsistent};
use crate::timetable::Timetable;

const GO_LIVE: &str = "go_live";

/// T10: the file's date, else that of the first poll that was allowed to send, which is kept for good.
pub(super) async fn look(
    tx: &mut Tx,
    timetable: &Timetable,
    may_send: bool,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, DatabaseError> {
    let recorded = match polls::value(tx, GO_LIVE).await? {
        Some(text) => Some(text.parse().map_err(|_| inconsistent("state.go_live", text, "a date"))?),
        None => None,
    };
    let recorded = match recorded {
        None if may_send => {
            polls::set_value(tx, GO_LIVE, Some(&today.to_string())).await?;
            Some(today)
        }
        recorded => recorded,
    };
    Ok(timetable.go_live.or(recorded))
}
