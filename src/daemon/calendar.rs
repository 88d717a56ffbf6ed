//! The calendars of the worklist, kept up to date.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;

use super::excerpt::LastRead;
use super::office::Office;
use crate::contacts::tasks;
use crate::database::DatabaseError;
use crate::ledger::source::Source;
use crate::worklist::calendar::{self, Settings, Tasks, Who};

/// So many customers are read together, so that a long worklist takes the same memory.
const PAGE: usize = 500;

/// The folder, and what it shows.
#[derive(Debug)]
pub struct Calendars {
    settings: Settings,
    /// The day and the state of the worklist that were written last.
    shown: Mutex<Option<(NaiveDate, String)>>,
}

impl Calendars {
    /// Nothing written yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, shown: Mutex::default() }
    }
}

/// Writes what has changed. `read`: the last read of the ledger, for the names of the customers; a query ledger is not read for
/// them alone. `polled`: what is owed may have changed as well. Says what went wrong: nothing else depends on it.
///
/// # Errors
/// The own database's.
pub async fn refresh(office: &Office, read: Option<&LastRead>, polled: bool) -> Result<Option<String>, DatabaseError> {
    let Some(calendars) = &office.calendars else { return Ok(None) };
    let (now, today, _) = office.present();
    let mut tx = office.db.snapshot().await?;
    let state = (today, tasks::state_of_all(&mut tx).await?);
    let is_shown = calendars.shown.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&state);
    if is_shown && !polled {
        return Ok(None);
    }
    let own;
    let read = match (read, &office.source) {
        (Some(read), _) => read,
        (None, Source::Own) => {
            own = LastRead::new(now, today, None, None);
            &own
        }
        (None, Source::Query(_)) => return Ok(None),
    };
    let all = Tasks::read(&mut tx, None, today).await?;
    let customers: Vec<String> = all.customers().into_iter().map(str::to_owned).collect();
    let mut who: HashMap<String, Who> = HashMap::new();
    for some in customers.chunks(PAGE) {
        let ledger = read.of(&mut tx, some, &office.timetable.ranks).await?;
        who.extend(some.iter().filter_map(|id| Some((id.clone(), Who::from(ledger.snapshot.customers.get(id)?)))));
    }
    // Also after a failure: it is tried again when something changes, and at the next poll, not twice a minute.
    *calendars.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    Ok(calendar::write(&calendars.settings, &all, &who).err().map(|error| format!("[calendar] {error}")))
}
