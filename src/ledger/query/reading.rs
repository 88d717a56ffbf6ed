//! The rows of one query, read as they come: all of them, or those of some customers.

use std::io;

use chrono_tz::Tz;

use super::QueryError;
use super::cells::{Row, Shape};
use super::place::Kind;
use super::session::Session;
use crate::ledger::columns::{CUSTOMERS, Header, HeaderError, Set};
use crate::ledger::record::{Fault, Fields, Record};
use crate::ledger::rows::LedgerRow;
use crate::ledger::tally::Tally;
use crate::ledger::values::Spelling;

/// One read of the accounts.
pub(super) struct Reading<'a> {
    pub(super) session: &'a mut Session,
    pub(super) kind: Kind,
    pub(super) zone: Tz,
    /// The ids of the customers whose rows are wanted; `None`: all.
    pub(super) only: Option<&'a [String]>,
}

/// A row as it has come.
pub(super) struct Came<'a, T> {
    pub(super) number: u64,
    /// Its id, perhaps an empty one.
    pub(super) id: &'a str,
    pub(super) record: &'a Record,
    /// What it is read to.
    pub(super) read: Result<T, Fault>,
}

impl Reading<'_> {
    /// Hands the rows of a set over as they come; what is said of each decides whether it is left out (L2).
    pub(super) async fn rows<T: LedgerRow>(
        &mut self,
        sql: &str,
        take: impl FnMut(Came<'_, T>) -> io::Result<Result<(), Fault>>,
    ) -> Result<(Header, Tally), QueryError> {
        let mut gathered = Gathered {
            zone: self.zone,
            money_decimals: self.session.money_decimals,
            shape: None,
            tally: Tally::of(T::SET),
            record: Record::default(),
            take,
            failed: Ok(()),
        };
        match self.only {
            None => self.session.each(sql, |row| gathered.take(row)).await.map_err(failed(T::SET))?,
            Some(customers) => {
                let shape = self.describe(T::SET, sql).await?;
                let narrowed = narrowed(self.kind, T::SET, sql, &shape, customers.len());
                gathered.shape = Some(Ok(shape));
                self.session.each_with(&narrowed, customers, |row| gathered.take(row)).await.map_err(failed(T::SET))?;
            }
        }
        gathered.failed?;
        let shape = match gathered.shape {
            // No row has said what the columns are.
            None => self.describe(T::SET, sql).await?,
            Some(shape) => shape.map_err(misshapen(T::SET))?,
        };
        Ok((shape.header, gathered.tally))
    }

    /// The columns of a query, by a row of nothing but nulls.
    async fn describe(&mut self, set: &'static Set, sql: &str) -> Result<Shape, QueryError> {
        let mut shape = None;
        let ask = format!("SELECT q.* FROM (SELECT 1 AS one) o LEFT JOIN (\n{sql}\n) q ON 1 = 0");
        self.session.each(&ask, |row| shape = Some(Shape::of(set, row))).await.map_err(failed(set))?;
        let nothing = || QueryError::Query { set: set.name, problem: "it gives no columns".to_owned() };
        shape.ok_or_else(nothing)?.map_err(misshapen(set))
    }
}

fn failed(set: &'static Set) -> impl Fn(sqlx::Error) -> QueryError {
    |e| {
        let problem = e.as_database_error().map_or_else(|| e.to_string(), |d| d.message().to_owned());
        QueryError::Query { set: set.name, problem }
    }
}

fn misshapen(set: &'static Set) -> impl Fn(HeaderError) -> QueryError {
    |source| QueryError::Columns { set: set.name, source }
}

/// The query as a sub-select, of which the rows of so many customers are taken. The values are bound, never written into it
/// (L9). With values bound a server would send its own binary forms: its own texts are asked for.
fn narrowed(kind: Kind, set: &Set, sql: &str, shape: &Shape, customers: usize) -> String {
    let column = if *set == CUSTOMERS { "id" } else { "customer_id" };
    let quoted = |name: &str| match kind {
        Kind::MySql => format!("q.`{}`", name.replace('`', "``")),
        _ => format!("q.\"{}\"", name.replace('"', "\"\"")),
    };
    let text = |name: &str| match kind {
        Kind::MySql => format!("CAST({} AS CHAR)", quoted(name)),
        _ => format!("CAST({} AS TEXT)", quoted(name)),
    };
    let columns = match kind {
        Kind::Sqlite => "q.*".to_owned(),
        _ => shape.names().map(text).collect::<Vec<_>>().join(", "),
    };
    let key = shape.header.place(column).and_then(|at| shape.names().nth(at)).map(text).unwrap_or_default();
    let wanted = match kind {
        Kind::Postgres => format!("{key} = ANY ($1)"),
        _ => format!("{key} IN ({})", vec!["?"; customers].join(", ")),
    };
    format!("SELECT {columns} FROM (\n{sql}\n) q WHERE {wanted}")
}

/// What has been read so far.
struct Gathered<F> {
    zone: Tz,
    money_decimals: usize,
    shape: Option<Result<Shape, HeaderError>>,
    tally: Tally,
    record: Record,
    take: F,
    /// Whether the rows could be kept.
    failed: io::Result<()>,
}

impl<F> Gathered<F> {
    fn take<T: LedgerRow>(&mut self, row: &Row)
    where
        F: FnMut(Came<'_, T>) -> io::Result<Result<(), Fault>>,
    {
        let Ok(shape) = self.shape.get_or_insert_with(|| Shape::of(T::SET, row)) else { return };
        if self.failed.is_err() {
            return;
        }
        self.tally.rows += 1;
        let number = self.tally.rows;
        let cells = shape.cells(row, &mut self.record, self.zone, self.money_decimals);
        let fields = Fields { header: &shape.header, record: &self.record };
        let id = fields.get("id").unwrap_or_default();
        let read = cells.and_then(|()| T::read(&fields, &Spelling::of_queries()));
        match (self.take)(Came { number, id, record: &self.record, read }) {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => {
                let place = if id.is_empty() { format!("row {number}") } else { format!("id {id}") };
                self.tally.leave_out(fault.at(T::SET, format!("{} query, {place}", T::SET.name)));
            }
            Err(error) => self.failed = Err(error),
        }
    }
}
