//! The copy of the state with which a rehearsal begins.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use super::Rehearsal;
use crate::contacts::polls;
use crate::contacts::{control, facts, history, promise, review};
use crate::daemon::excerpt::Excerpt;
use crate::daemon::knowledge::Knowledge;
use crate::daemon::office::Office;
use crate::daemon::poll::{Accepted, Inputs};
use crate::daemon::{go_live, renames};
use crate::database::DatabaseError;
use crate::ledger::Whose;
use crate::ledger::played::Played;
use crate::ledger::source::{ReadError, Source};
use crate::plan::agenda::Agenda;
use crate::timetable::personal::Personal;

/// Who pays on the days to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paying {
    /// As the ledger has it: of days to come it has no payments.
    AsItStands,
    /// Everybody as late as so far, from each customer's own payments.
    AsSoFar,
}

/// Why days could not be played.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the ledger could not be read (T27): {0}")]
    Ledger(#[from] ReadError),
    #[error("{file} cannot be written: {source}")]
    Write { file: String, source: std::io::Error },
}

impl Rehearsal {
    /// Takes the state as it is, for days from `first` on; e-mails go into the folder `emails`, or nowhere.
    ///
    /// # Errors
    /// When the state or the ledger cannot be read.
    pub async fn begin(
        office: Office,
        first: NaiveDate,
        paying: Paying,
        emails: Option<PathBuf>,
    ) -> Result<Self, RehearsalError> {
        // Dropped with all that it has written.
        let mut tx = office.db.begin().await?;
        let (facts, customer_since) =
            (facts::load(&mut tx, Whose::Everybody).await?, facts::customers_since(&mut tx, Whose::Everybody).await?);
        let (mut to_come, snapshot) = match &office.source {
            Source::Own => Played::of_own(&mut tx, first).await?,
            Source::Query(_) => (Played::default(), office.source.read(&office.db, facts::Remembered, first).await?),
        };
        if paying == Paying::AsSoFar {
            to_come.expect(&snapshot, first);
        }
        let (now, _, _) = office.present();
        let mut problems = Vec::new();
        let inputs = Inputs { rehearsal: true, accepted: Accepted::default(), ..Inputs::of(&office, now, first, true) };
        // A rename that a person has not settled yet is no rename here (T32): the history goes by the file's own words.
        let held_steps = renames::look(&mut tx, &inputs, &mut problems).await?;
        let (sending_days, sent_today) = history::sending_days(&mut tx, first).await?;
        let known = Knowledge {
            controls: control::in_force(&mut tx).await?,
            history: history::load_whole(&mut tx, &office.timetable, first).await?,
            go_live: go_live::look(&mut tx, &office.timetable, false, first).await?,
            facts,
            customer_since,
            held_steps,
            personal: Personal::default(),
        };
        let reviewed = review::last(&mut tx, Whose::Everybody).await?;
        let reviews_since = crate::daemon::review::since(&mut tx, &office.timetable, first).await?;
        let promises = promise::unsettled(&mut tx).await?;
        let reads = polls::good_reads(&mut tx, first).await?;
        drop(tx);
        Ok(Self {
            read: Excerpt::new(Arc::new(snapshot), first),
            office,
            to_come,
            known,
            seen: None,
            paid: HashMap::new(),
            agenda: Agenda::default(),
            reads,
            sending_days,
            sent_today: (first, sent_today),
            past: HashMap::new(),
            reviews: HashMap::new(),
            reviewed,
            reviews_since,
            promises,
            broken: Vec::new(),
            made: 0,
            emails,
            problems,
        })
    }
}
