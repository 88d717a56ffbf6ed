//! Whom people look after by what is open (`personal = "pareto"`): found once a day, in the whole ledger, and kept. So a poll costs
//! what is due and not what there is (L7), and all that is asked on a day has the same answer.

use chrono::NaiveDate;

use super::belief::{self, Whom};
use super::office::Office;
use crate::contacts::personal;
use crate::database::{DatabaseError, Tx};
use crate::ledger::reading::Reading;
use crate::timetable::personal::{Personal, Tally};

/// Those of a day: as the first poll of it has kept them, or from the books, and then they are kept. `reading`: the poll's own.
///
/// # Errors
/// The own database's.
pub(super) async fn of_day(
    tx: &mut Tx,
    office: &Office,
    reading: &mut Reading,
    day: NaiveDate,
) -> Result<Personal, DatabaseError> {
    if !office.timetable.priority.pareto {
        return Ok(Personal::default());
    }
    if let Some((_, kept)) = personal::kept(tx).await?.filter(|(of, _)| *of == day) {
        return Ok(kept);
    }
    let found = if reading.is_copy() || reading.is_one_page() {
        let found = tally(reading).await?;
        reading.rewind().await?;
        found
    } else {
        // The poll looks at some customers only.
        match belief::open(office, day, None, Whom::All).await? {
            Ok(mut all) => tally(&mut all).await?,
            // The own ledger, of which the poll's own read has succeeded.
            Err(error) => return Err(DatabaseError::Unfit { path: "the ledger".to_owned(), problem: error.to_string() }),
        }
    };
    personal::keep(tx, day, &found).await?;
    Ok(found)
}

async fn tally(reading: &mut Reading) -> Result<Personal, DatabaseError> {
    let mut tally = Tally::default();
    while let Some(page) = reading.next().await? {
        tally.add(&page.snapshot);
    }
    Ok(tally.personal())
}
