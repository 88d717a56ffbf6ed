//! A query ledger: three queries of the user's against the accounting database, read-only (L1).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
};

use super::columns::{Header, HeaderError};
use super::model::{Customer, Payment, Snapshot};
use super::own;
use super::record::{Fault, Fields, Record};
use super::rows::{InvoiceRow, LedgerRow};
use super::settings::MaxBadRows;
use super::tally::{Tally, TooManyBadRows};
use super::validate::{self, Identity, Ids};
use super::values::Spelling;

/// `[ledger.query]`: where the accounts are, and how they are asked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:books.db`; relative to the configuration's folder.
    pub url: String,
    /// The query of the customers, with the documented columns; or its file.
    pub customers: Option<String>,
    /// A file that holds the query of the customers.
    pub customers_file: Option<PathBuf>,
    /// The query of the invoices; or its file.
    pub invoices: Option<String>,
    /// A file that holds the query of the invoices.
    pub invoices_file: Option<PathBuf>,
    /// The query of the payments; or its file.
    pub payments: Option<String>,
    /// A file that holds the query of the payments.
    pub payments_file: Option<PathBuf>,
    /// A query of one date: up to which day the payments are complete, such as that of the last booked bank statement
    /// (L10). Needs `payments_max_age` of `[ledger]`.
    pub fresh: Option<String>,
    /// A file that holds this query.
    pub fresh_file: Option<PathBuf>,
}

impl Settings {
    /// Whether there is a query that says how fresh the payments are (L10).
    #[must_use]
    pub fn says_how_fresh(&self) -> bool {
        self.fresh.is_some() || self.fresh_file.is_some()
    }
}

/// Why a query ledger could not be read.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    #[error("[ledger.query] url {url:?}: this version reads SQLite files (\"sqlite:books.db\")")]
    Url { url: String },
    #[error("[ledger.query] needs either `{set}` or `{set}_file`")]
    NoQuery { set: &'static str },
    #[error("[ledger.query] {set}_file {path}: {source}")]
    File { set: &'static str, path: String, source: std::io::Error },
    #[error("the accounts at {url} cannot be opened: {source}")]
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

/// The three queries, ready to be asked.
#[derive(Debug, Clone)]
pub struct QueryLedger {
    url: String,
    path: PathBuf,
    customers: String,
    invoices: String,
    payments: String,
    fresh: Option<String>,
    max_bad_rows: MaxBadRows,
}

impl QueryLedger {
    /// Reads the settings; `folder` is what relative paths are relative to.
    ///
    /// # Errors
    /// What is missing or cannot be read.
    pub fn new(settings: &Settings, folder: &Path, max_bad_rows: MaxBadRows) -> Result<Self, QueryError> {
        let query = |set, text: &Option<String>, file: &Option<PathBuf>| match (text, file) {
            (Some(text), None) => Ok(text.clone()),
            (None, Some(file)) => {
                let path = folder.join(file);
                let unreadable = |source| QueryError::File { set, path: path.display().to_string(), source };
                std::fs::read_to_string(&path).map_err(unreadable)
            }
            _ => Err(QueryError::NoQuery { set }),
        };
        let file = settings.url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
        let file = file.filter(|f| !f.is_empty()).ok_or_else(|| QueryError::Url { url: settings.url.clone() })?;
        Ok(Self {
            url: settings.url.clone(),
            path: folder.join(file),
            customers: query("customers", &settings.customers, &settings.customers_file)?,
            invoices: query("invoices", &settings.invoices, &settings.invoices_file)?,
            payments: query("payments", &settings.payments, &settings.payments_file)?,
            fresh: match (&settings.fresh, &settings.fresh_file) {
                (None, None) => None,
                (Some(_), Some(_)) => return Err(QueryError::TwoFresh),
                (text, file) => Some(query("fresh", text, file)?),
            },
            max_bad_rows,
        })
    }

    /// One consistent picture of the accounts (L1). `known`: what the ids of invoices stood for at earlier reads (L2).
    ///
    /// # Errors
    /// When a query fails, lacks a column, or gives too many bad rows (L3): then nothing of the read is believed.
    pub async fn read(&self, known: &HashMap<String, Identity>) -> Result<Snapshot, QueryError> {
        let options = SqliteConnectOptions::new().filename(&self.path).read_only(true).busy_timeout(Duration::from_secs(10));
        let open = |source| QueryError::Open { url: self.url.clone(), source };
        let mut connection = options.disable_statement_logging().connect().await.map_err(open)?;
        let mut transaction = connection.begin().await.map_err(open)?;
        let (customers, tally) = rows::<Customer>(&mut transaction, &self.customers).await?;
        tally.check(self.max_bad_rows)?;
        let mut bad_rows = tally.bad;
        let ids: HashSet<String> = customers.iter().map(|c| c.id.clone()).collect();
        let (mut invoices, mut tally) = rows::<InvoiceRow>(&mut transaction, &self.invoices).await?;
        keep(&mut invoices, &mut tally, |i| &i.id, |i| validate::invoice(i, ids.contains(&i.customer_id), known.get(&i.id)));
        tally.check(self.max_bad_rows)?;
        bad_rows.extend(tally.bad);
        let identities: BTreeMap<String, Identity> = invoices
            .iter()
            .map(|i| (i.id.clone(), Identity { customer_id: i.customer_id.clone(), currency: i.currency }))
            .collect();
        let (mut payments, mut tally) = rows::<Payment>(&mut transaction, &self.payments).await?;
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
        let payments_as_of = match &self.fresh {
            Some(sql) => fresh(&mut transaction, sql).await?,
            None => None,
        };
        Ok(Snapshot { payments_as_of, ..own::assemble(customers, invoices, payments, bad_rows) })
    }
}

/// The date of the first cell; of an instant, its date. `None`: there is no row, or NULL.
async fn fresh(connection: &mut SqliteConnection, sql: &str) -> Result<Option<NaiveDate>, QueryError> {
    let failed = |e: sqlx::Error| QueryError::Query { set: "fresh", problem: e.to_string() };
    let Some(row) = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_optional(connection).await.map_err(failed)? else {
        return Ok(None);
    };
    let mut record = Record::default();
    cells(&row, &mut record).map_err(failed)?;
    let given = record.get(0).unwrap_or_default().trim().to_owned();
    let date = given.split(['T', ' ']).next().unwrap_or_default();
    if given.is_empty() { Ok(None) } else { date.parse().map(Some).map_err(|_| QueryError::Fresh { given }) }
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

async fn rows<T: LedgerRow>(connection: &mut SqliteConnection, sql: &str) -> Result<(Vec<T>, Tally), QueryError> {
    let set = T::SET.name;
    let failed = |e: sqlx::Error| {
        let problem = e.as_database_error().map_or_else(|| e.to_string(), |d| d.message().to_owned());
        QueryError::Query { set, problem }
    };
    let found = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.map_err(failed)?;
    let mut tally = Tally::of(T::SET);
    let Some(first) = found.first() else { return Ok((Vec::new(), tally)) };
    let names: Vec<&str> = first.columns().iter().map(sqlx::Column::name).collect();
    let header = Header::of(T::SET, names).map_err(|source| QueryError::Columns { set, source })?;
    let (mut record, mut ids, mut good) = (Record::default(), Ids::default(), Vec::new());
    for (number, row) in (1..).zip(&found) {
        tally.rows += 1;
        if let Err(error) = cells(row, &mut record) {
            let fault = Fault::new("", "", format!("it cannot be read as text: {error}"));
            tally.leave_out(fault.at(T::SET, format!("{set} query, row {number}")));
            continue;
        }
        let fields = Fields { header: &header, record: &record };
        let place =
            || fields.get("id").map_or_else(|| format!("{set} query, row {number}"), |id| format!("{set} query, id {id}"));
        let read = match fields.get("id").map(|id| ids.enter(id, number)) {
            Some(Err(first)) => {
                let problem = format!("row {first} has the same id; an id is never used twice");
                Err(Fault::new("id", fields.get("id").unwrap_or_default(), problem))
            }
            _ => T::read(&fields, &Spelling::of_queries()),
        };
        match read {
            Ok(row) => good.push(row),
            Err(fault) => tally.leave_out(fault.at(T::SET, place())),
        }
    }
    Ok((good, tally))
}

/// The cells of a row as text. A number with a point is written out as short as it can be: SQLite keeps `12.50` of a
/// NUMERIC column as one.
fn cells(row: &SqliteRow, record: &mut Record) -> Result<(), sqlx::Error> {
    record.clear();
    for column in row.columns() {
        let value = row.try_get_raw(column.ordinal())?;
        let storage = value.type_info().name().to_owned();
        match storage.as_str() {
            _ if value.is_null() => record.push(""),
            "INTEGER" | "BOOLEAN" => record.push(&row.try_get_unchecked::<i64, _>(column.ordinal())?.to_string()),
            "REAL" => record.push(&row.try_get_unchecked::<f64, _>(column.ordinal())?.to_string()),
            _ => record.push(row.try_get_unchecked::<&str, _>(column.ordinal())?),
        }
    }
    Ok(())
}
