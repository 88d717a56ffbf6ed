//! A query ledger: three queries of the user's against the accounting database, read-only (L1).
//!
//! Everything comes as the text that the database itself writes ([`cells`]): nothing passes through floating point.

mod asked;
mod cells;
mod grants;
mod place;
mod reading;
mod session;
mod settings;
mod statement;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::columns::HeaderError;
use super::model::{Customer, Payment, Snapshot};
use super::own;
use super::record::Fault;
use super::rows::{InvoiceRow, LedgerRow};
use super::settings::MaxBadRows;
use super::tally::{Tally, TooManyBadRows};
use super::validate::{self, Identity};
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
    #[error("[ledger.query] `fresh` and `fresh_file`: give one of the two")]
    TwoFresh,
    #[error("the fresh query gave {given:?}, which is no date: write it as 2026-03-31")]
    Fresh { given: String },
    #[error("the {set} query: {source}")]
    Columns { set: &'static str, source: HeaderError },
    #[error(transparent)]
    TooManyBadRows(#[from] TooManyBadRows),
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
            place,
        })
    }

    async fn open(&self) -> Result<Session, QueryError> {
        let open = |source| QueryError::Open { url: self.url.clone(), source };
        Session::open(&self.place, self.timeout, self.zone).await.map_err(open)
    }

    /// One consistent picture of the accounts (L1). `known`: what the ids of invoices stood for at earlier reads (L2).
    ///
    /// # Errors
    /// When a query fails, lacks a column, or gives too many bad rows (L3): then nothing of the read is believed.
    pub async fn read(&self, known: &HashMap<String, Identity>) -> Result<Snapshot, QueryError> {
        self.read_rows(known, None).await
    }

    /// The same, of these customers alone: the queries stand in parentheses, and of their rows those are taken (T26).
    ///
    /// # Errors
    /// As [`QueryLedger::read`].
    pub async fn read_of(&self, customers: &[String], known: &HashMap<String, Identity>) -> Result<Snapshot, QueryError> {
        self.read_rows(known, Some(customers)).await
    }

    async fn read_rows(&self, known: &HashMap<String, Identity>, only: Option<&[String]>) -> Result<Snapshot, QueryError> {
        let mut session = self.open().await?;
        let queries = self.asked.of_session(&mut session).await?;
        let mut reading = Reading { session: &mut session, kind: self.place.kind(), zone: self.zone, only };
        let (customers, tally) = reading.rows::<Customer>(&queries.customers).await?;
        tally.check(self.max_bad_rows)?;
        let mut bad_rows = tally.bad;
        let ids: HashSet<String> = customers.iter().map(|c| c.id.clone()).collect();
        let (mut invoices, mut tally) = reading.rows::<InvoiceRow>(&queries.invoices).await?;
        keep(&mut invoices, &mut tally, |i| &i.id, |i| validate::invoice(i, ids.contains(&i.customer_id), known.get(&i.id)));
        tally.check(self.max_bad_rows)?;
        bad_rows.extend(tally.bad);
        let identities: BTreeMap<String, Identity> = invoices
            .iter()
            .map(|i| (i.id.clone(), Identity { customer_id: i.customer_id.clone(), currency: i.currency }))
            .collect();
        let (mut payments, mut tally) = reading.rows::<Payment>(&queries.payments).await?;
        keep(
            &mut payments,
            &mut tally,
            |p| &p.id,
            |p| {
                let invoice = p.invoice_id.as_ref().and_then(|id| identities.get(id));
                validate::payment(p, ids.contains(&p.customer_id), invoice, None)
            },
        );
        tally.check(self.max_bad_rows)?;
        bad_rows.extend(tally.bad);
        let payments_as_of = self.fresh(&mut session).await?;
        session.close().await;
        Ok(Snapshot { payments_as_of, ..own::assemble(customers, invoices, payments, bad_rows) })
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

/// Leaves out the rows that a check finds fault with.
fn keep<T: LedgerRow>(rows: &mut Vec<T>, tally: &mut Tally, id: impl Fn(&T) -> &String, check: impl Fn(&T) -> Result<(), Fault>) {
    rows.retain(|row| match check(row) {
        Ok(()) => true,
        Err(fault) => {
            tally.leave_out(fault.at(T::SET, format!("{} query, id {}", T::SET.name, id(row))));
            false
        }
    });
}
