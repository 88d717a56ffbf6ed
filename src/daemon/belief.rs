//! Whether a picture of the ledger is believed (T27).

use std::collections::HashMap;

use super::office::{LastRead, Office};
use super::poll::{Inputs, Memory, Outcome};
use crate::contacts::polls;
use crate::database::{DatabaseError, Tx};
use crate::ledger::Snapshot;
use crate::ledger::freshness::MaxAge;
use crate::ledger::guard::{self, Measures, ReadCounts, Risen};
use crate::ledger::source::ReadError;
use crate::ledger::validate::Identity;
use crate::timetable::history::Facts;

/// A believed picture of the ledger for a daemon that did not plan today (D7): read and judged as a poll does, and nothing
/// is written. The inner error is a sentence.
///
/// # Errors
/// The own database's.
pub async fn picture(office: &Office, memory: &mut Memory) -> Result<Result<LastRead, String>, DatabaseError> {
    let (now, today, in_window) = office.present();
    let inputs = Inputs::of(office, now, today, in_window);
    let mut tx = office.db.snapshot().await?;
    memory.refresh(&mut tx).await?;
    let read = office.source.read(&office.db, &known(&memory.facts), today).await;
    let mut outcome = Outcome::default();
    let believed = believe(&mut tx, &inputs, read, &memory.facts, &mut outcome).await?;
    Ok(believed.map(|snapshot| LastRead::new(snapshot, now, today)).ok_or_else(|| outcome.problems.join("; ")))
}

/// What the ids of invoices stood for (L2).
pub(super) fn known(facts: &HashMap<String, Facts>) -> HashMap<String, Identity> {
    facts.iter().map(|(id, f)| (id.clone(), Identity { customer_id: f.customer.clone(), currency: f.currency })).collect()
}

/// What each invoice of the last good read owed (T27).
pub(super) fn balances(facts: &HashMap<String, Facts>) -> impl Iterator<Item = (&str, rust_decimal::Decimal)> {
    facts.iter().filter(|(_, f)| f.in_read).map(|(id, f)| (id.as_str(), f.open_balance))
}

/// T27: the picture of the ledger, if it can be believed.
pub(super) async fn believe(
    tx: &mut Tx,
    inputs: &Inputs<'_>,
    read: Result<Snapshot, ReadError>,
    before: &HashMap<String, Facts>,
    outcome: &mut Outcome,
) -> Result<Option<Snapshot>, DatabaseError> {
    let mut snapshot = match read {
        Ok(snapshot) => snapshot,
        Err(error) => {
            outcome.problems.push(format!("the ledger could not be read (T27): {error}"));
            return Ok(None);
        }
    };
    // As of the present, also when another day is asked about; a rehearsal holds nothing back (T32).
    let oldest = |age: MaxAge| age.oldest(inputs.office.present().1);
    snapshot.payments_wanted = inputs.office.payments_max_age.filter(|_| !inputs.rehearsal).map(oldest);
    outcome.read = ReadCounts::of(&snapshot, inputs.today);
    outcome.bad_rows.clone_from(&snapshot.bad_rows);
    let measures = Measures::of(&polls::good_reads(tx, inputs.today).await?, inputs.today);
    let risen = Risen::of(&snapshot, balances(before));
    let judged = guard::check(&inputs.office.guard, &outcome.read, &measures, risen, inputs.today);
    if let Err(refusal) = judged {
        if inputs.accepted.ledger || inputs.rehearsal {
            outcome
                .problems
                .extend(inputs.rehearsal.then(|| format!("the ledger would not have been believed (T27): {refusal}")));
        } else {
            let help = "look at the accounts; if they are right, run `dunningd accept-ledger` (without a daemon `run --once --accept-ledger`)";
            outcome.problems.push(format!("the ledger is not believed (T27): {refusal}; {help}"));
            return Ok(None);
        }
    }
    Ok(Some(snapshot))
}
