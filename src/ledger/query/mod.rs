//! A query ledger: three queries of the user's against the accounting database, read-only (L1).
//!
//! Everything comes as the text that the database itself writes ([`cells`]): nothing passes through floating point.

mod asked;
mod cells;
mod gather;
mod grants;
mod pages;
mod place;
mod reading;
mod session;
mod settings;
mod statement;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::columns::HeaderError;
use super::copy::Copied;
use super::model::Snapshot;
use super::settings::MaxBadRows;
use super::tally::TooManyBadRows;
use super::validate::Memory;
use crate::database::DatabaseError;
use asked::Asked;
use place::Place;
use reading::Reading;
use session::Session;
pub use settings::{Settings, Tls};

/// Why a query ledger could not be read.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error("[ledger.query] {key}: {sentence}")]
    Setting { key: &'static str, sentence: String },
    #[error("[ledger.query] needs either `{set}` or `{set}_file`, or a `preset`")]
    NoQuery { set: &'static str },
    #[error("[ledger.query] {set}_file {path}: {source}")]
    File { set: &'static str, path: String, source: std::io::Error },
    #[error("[ledger.query] {set}: {sentence}")]
    Statement { set: &'static str, sentence: String },
    #[error("[ledger.query] preset: this is no database of {title} {versions}: {missing} is not there")]
    OtherProgram { title: String, versions: String, missing: String },
    #[error("the accounts at {url} cannot be opened: {source}{}", mend(source))]
    Open { url: String, source: sqlx::Error },
    #[error("the {set} query failed: {problem}")]
    Query { set: &'static str, problem: String },
    #[error("[ledger.query] `{set}` and `{set}_file`: give one of the two")]
    Two { set: &'static str },
    #[error("the fresh query gave {given:?}, which is no date: write it as 2026-03-31")]
    Fresh { given: String },
    #[error("the {set} query: {source}")]
    Columns { set: &'static str, source: HeaderError },
    #[error(transparent)]
    TooManyBadRows(#[from] TooManyBadRows),
    #[error("the rows of the accounts cannot be kept for the time of their use: {0}; make room, or give TMPDIR another folder")]
    Keep(#[from] std::io::Error),
    #[error(transparent)]
    Own(#[from] DatabaseError),
}

fn changed_since(error: sqlx::Error) -> QueryError {
    QueryError::Query { set: "changed_since", problem: error.to_string() }
}

/// What mends an error of the connection.
fn mend(error: &sqlx::Error) -> &'static str {
    if matches!(error, sqlx::Error::Tls(_)) || error.to_string().contains("certificate") {
        return "; a certificate of your own is trusted with `ca_file`, and tls = \"none\" is for a network where nobody listens";
    }
    ""
}

/// The three queries, ready to be asked.
#[derive(Debug, Clone)]
pub struct QueryLedger {
    url: String,
    place: Place,
    timeout: Duration,
    /// Where TIMESTAMP WITH TIME ZONE has its day (T1).
    zone: Tz,
    asked: Asked,
    max_bad_rows: MaxBadRows,
    scratch: PathBuf,
}

/// What belongs to the queries and stands elsewhere in the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What relative paths are relative to.
    pub folder: &'a Path,
    /// systemd's credentials.
    pub credentials: Option<&'a Path>,
    /// The timetable's.
    pub zone: Tz,
    pub max_bad_rows: MaxBadRows,
    /// Where a read that is too large for the memory is kept for the time of its use.
    pub scratch: &'a Path,
}

impl QueryLedger {
    /// Reads the settings.
    ///
    /// # Errors
    /// What is missing or cannot be read.
    pub fn new(settings: &Settings, around: Surroundings<'_>) -> Result<Self, QueryError> {
        if settings.timeout.is_zero() {
            return Err(QueryError::Setting { key: "timeout", sentence: "no query is done in no time: 2m is usual".to_owned() });
        }
        let place = Place::of(settings, around.folder, around.credentials);
        let place = place.map_err(|(key, sentence)| QueryError::Setting { key, sentence })?;
        Ok(Self {
            url: settings.url.clone(),
            timeout: settings.timeout,
            zone: around.zone,
            asked: Asked::of(settings, &place, around.folder)?,
            max_bad_rows: around.max_bad_rows,
            scratch: around.scratch.to_owned(),
            place,
        })
    }

    async fn open(&self) -> Result<Session, QueryError> {
        let open = |source| QueryError::Open { url: self.url.clone(), source };
        Session::open(&self.place, self.timeout, self.zone).await.map_err(open)
    }

    /// One consistent picture of the accounts (L1), as a whole. `memory`: what the ids of invoices stood for (L2).
    ///
    /// # Errors
    /// As [`QueryLedger::copy`].
    pub async fn read(&self, memory: &mut impl Memory) -> Result<Snapshot, QueryError> {
        Ok(self.copy(memory).await?.whole()?)
    }

    /// The same, of these customers alone: the queries stand in parentheses, and of their rows those are taken (T26).
    ///
    /// # Errors
    /// As [`QueryLedger::copy`].
    pub async fn read_of(&self, customers: &[String], memory: &mut impl Memory) -> Result<Snapshot, QueryError> {
        Ok(self.copy_of(memory, Some(customers)).await?.whole()?)
    }

    /// One consistent picture of the accounts (L1), which takes the same memory however large they are.
    ///
    /// # Errors
    /// When a query fails, lacks a column, or gives too many bad rows (L3): then nothing of the read is believed.
    pub async fn copy(&self, memory: &mut impl Memory) -> Result<Copied, QueryError> {
        self.copy_of(memory, None).await
    }

    async fn copy_of(&self, memory: &mut impl Memory, only: Option<&[String]>) -> Result<Copied, QueryError> {
        let mut session = self.open().await?;
        let queries = self.asked.of_session(&mut session).await?;
        let since = if self.asked.changed.is_some() { session.since().await.map_err(changed_since)? } else { None };
        let mut reading = Reading { session: &mut session, kind: self.place.kind(), zone: self.zone, only };
        let gathered = gather::gather(&mut reading, &queries, &self.scratch, self.max_bad_rows).await?;
        let payments_as_of = self.fresh(&mut session).await?;
        session.close().await;
        let mut copy = gathered.copy(&self.scratch, memory, payments_as_of).await?;
        copy.since = since;
        Ok(copy)
    }

    /// Of which customers something has changed since a read (`None`: of late), and from when on a later look is to ask (L8).
    /// `None`: there is no query of that, or they are more than `at_most`.
    ///
    /// # Errors
    /// When the query fails.
    pub async fn changed_since(
        &self,
        since: Option<&str>,
        at_most: usize,
    ) -> Result<Option<(BTreeSet<String>, String)>, QueryError> {
        if self.asked.changed.is_none() {
            return Ok(None);
        }
        let mut session = self.open().await?;
        let next = session.since().await.map_err(changed_since)?;
        let since = since.or(next.as_deref()).unwrap_or_default();
        let Some(sql) = self.asked.changed_since(since) else { return Ok(None) };
        let mut customers = BTreeSet::new();
        let take = |row: &cells::Row| {
            // One more tells that they are too many.
            if customers.len() <= at_most {
                customers.extend(row.first_text().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()));
            }
        };
        session.each(&sql, take).await.map_err(changed_since)?;
        session.close().await;
        Ok(next.filter(|_| customers.len() <= at_most).map(|next| (customers, next)))
    }

    /// A copy of which nothing has changed but perhaps how fresh its payments are (L10).
    ///
    /// # Errors
    /// When the accounts cannot be asked.
    pub async fn as_fresh(&self, copy: &Copied) -> Result<Copied, QueryError> {
        let mut session = self.open().await?;
        let payments_as_of = self.fresh(&mut session).await?;
        session.close().await;
        let mut copy = copy.clone();
        copy.payments_as_of = payments_as_of;
        Ok(copy)
    }

    /// Up to which day the payments are complete (L10): the first cell. `None`: there is no row, or NULL.
    async fn fresh(&self, session: &mut Session) -> Result<Option<NaiveDate>, QueryError> {
        let Some(sql) = &self.asked.fresh else { return Ok(None) };
        let mut first = None;
        let asked = session.each(sql, |row| _ = first.get_or_insert_with(|| row.first_day(self.zone))).await;
        asked.map_err(|e| QueryError::Query { set: "fresh", problem: e.to_string() })?;
        let day = first.unwrap_or(Ok(None)).map_err(|problem| QueryError::Query { set: "fresh", problem })?;
        let parse = |given: String| given.parse().map_err(|_| QueryError::Fresh { given });
        day.filter(|d| !d.is_empty()).map(parse).transpose()
    }

    /// What the user of the url could write to, and should not: a table and a privilege.
    ///
    /// # Errors
    /// When the accounts cannot be asked.
    pub async fn writable(&self) -> Result<Option<String>, QueryError> {
        let mut session = self.open().await?;
        let found = grants::writable(&mut session, &self.place).await;
        session.close().await;
        found.map_err(|source| QueryError::Open { url: self.url.clone(), source })
    }

    /// Whether others could read along: no TLS to a server elsewhere.
    #[must_use]
    pub fn is_exposed(&self, settings: &Settings) -> bool {
        self.place.is_exposed(settings)
    }
}
