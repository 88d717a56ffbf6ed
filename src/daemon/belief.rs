//! Whether a read of the ledger is believed (T27).

use std::collections::HashMap;

use chrono::NaiveDate;

use super::agenda;
use super::excerpt::LastRead;
use super::office::Office;
use super::poll::Inputs;
use crate::contacts::{facts, polls};
use crate::database::{DatabaseError, Tx};
use crate::ledger::agenda::{Seen, Totals};
use crate::ledger::guard::{self, Measures, ReadCounts, Risen};
use crate::ledger::reading::{Page, Reading, Which};
use crate::ledger::source::{ReadError, Source};
use crate::ledger::{BadRow, Snapshot, Whose};
use crate::timetable::history::Facts;

/// What a read is judged by, gathered page by page.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) counts: ReadCounts,
    pub(super) bad_rows: Vec<BadRow>,
    risen: Risen,
    /// Of everybody, also of those who are not looked at.
    pub(super) totals: Totals,
    /// Of those who are not looked at; `None`: everybody is.
    others: Option<Totals>,
}

impl Read {
    /// Nothing of a reading yet.
    pub(super) fn of(reading: &Reading) -> Self {
        let others = reading.totals().cloned();
        Self { totals: others.clone().unwrap_or_default(), others, ..Self::default() }
    }

    /// Some customers more. `before`: what the last poll saw of their invoices.
    pub(super) fn add(&mut self, page: &Page, customers: &[Seen], before: &HashMap<String, Facts>, today: NaiveDate) {
        let snapshot: &Snapshot = &page.snapshot;
        self.counts.add(ReadCounts::of(snapshot, today));
        self.bad_rows.extend(snapshot.bad_rows.iter().cloned());
        self.risen.add(Risen::of(snapshot, balances(before)));
        for one in customers {
            let before = page.before.get(&one.customer).filter(|_| self.others.is_some());
            self.totals.replace(before, one);
            if let (Some(others), Some(before)) = (&mut self.others, before) {
                others.leave_out(before);
            }
        }
    }

    /// When all pages were added: what is not on any of them is as it was.
    ///
    /// # Errors
    /// The own database's.
    pub(super) async fn complete(&mut self, reading: &mut Reading, today: NaiveDate) -> Result<(), DatabaseError> {
        let Some(others) = self.others.take() else { return Ok(()) };
        (self.counts.customers, self.counts.open_invoices) = (self.totals.customers, self.totals.open_invoices);
        self.risen.add(Risen { known: others.invoices, ..Risen::default() });
        reading.count_payments(&mut self.counts, guard::payments_since(today), today).await
    }

    /// Why the read is not believed, in a sentence that says what to do; `None`: it is.
    ///
    /// # Errors
    /// The own database's.
    pub(super) async fn refusal(&self, tx: &mut Tx, inputs: &Inputs<'_>) -> Result<Option<String>, DatabaseError> {
        let measures = Measures::of(&polls::good_reads(tx, inputs.today).await?, inputs.today);
        let judged = guard::check(&inputs.office.guard, &self.counts, &measures, self.risen.clone(), inputs.today);
        let Err(refusal) = judged else { return Ok(None) };
        let help = "look at the accounts; if they are right, run `dunningd accept-ledger` (without a daemon `run --once --accept-ledger`)";
        Ok(Some(match inputs.rehearsal {
            true => format!("the ledger would not have been believed (T27): {refusal}"),
            false => format!("the ledger is not believed (T27): {refusal}; {help}"),
        }))
    }
}

/// A believed read for what is to be sent later, or by a daemon that did not plan today (T26, D7): judged as a poll does,
/// and nothing is written. The inner error is a sentence.
///
/// # Errors
/// The own database's.
pub async fn read(office: &Office) -> Result<Result<LastRead, String>, DatabaseError> {
    let (now, today, in_window) = office.present();
    let inputs = Inputs::of(office, now, today, in_window);
    let mut tx = office.db.snapshot().await?;
    let wanted = office.payments_wanted();
    let mut reading = match open(office, today, wanted, Whom::Awake).await? {
        Ok(reading) => reading,
        Err(error) => return Ok(Err(unread(&error))),
    };
    let mut seen = Read::of(&reading);
    while let Some(page) = reading.next().await? {
        seen.add(&page, &agenda::seen(&page), &facts_of(&mut tx, &page).await?, today);
    }
    seen.complete(&mut reading, today).await?;
    let refusal = seen.refusal(&mut tx, &inputs).await?;
    Ok(refusal.map_or_else(|| Ok(LastRead::new(now, today, wanted, reading.into_copy())), Err))
}

/// Of whom the ledger is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// Of everybody, on one page.
    OnePage,
    /// Of everybody.
    All,
    /// Of those who have to be looked at (L7).
    Awake,
}

/// The ledger as of a day.
///
/// # Errors
/// The own database's.
pub(super) async fn open(
    office: &Office,
    as_of: NaiveDate,
    payments_wanted: Option<NaiveDate>,
    whom: Whom,
) -> Result<Result<Reading, ReadError>, DatabaseError> {
    let mut own = office.db.snapshot().await?;
    let which = match whom {
        Whom::OnePage => Which::OnePage,
        Whom::Awake if matches!(office.source, Source::Own) => agenda::which(&mut own, office, as_of).await?,
        _ => Which::All,
    };
    let reading = office.source.open(own, facts::Remembered, as_of, payments_wanted, which).await;
    Ok(reading.map(|reading| reading.ranked(&office.timetable.ranks, as_of)))
}

/// What is said of a ledger that could not be read.
#[must_use]
pub fn unread(error: &ReadError) -> String {
    format!("the ledger could not be read (T27): {error}")
}

/// What the last poll saw of the invoices of a page: those that were their customers' then, and those that are now.
pub(super) async fn facts_of(tx: &mut Tx, page: &Page) -> Result<HashMap<String, Facts>, DatabaseError> {
    let mut known = facts::load(tx, page.whose()).await?;
    if page.whose() != Whose::Everybody {
        let others: Vec<&str> = page.snapshot.invoices.keys().map(String::as_str).filter(|id| !known.contains_key(*id)).collect();
        known.extend(facts::of(tx, &others).await?);
    }
    Ok(known)
}

/// What each invoice of the last good read owed (T27).
pub(super) fn balances(facts: &HashMap<String, Facts>) -> impl Iterator<Item = (&str, rust_decimal::Decimal)> {
    facts.iter().filter(|(_, f)| f.in_read).map(|(id, f)| (id.as_str(), f.open_balance))
}
