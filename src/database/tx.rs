//! A transaction on either database.

use std::time::Duration;

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};

use super::bulk::{self, Bulk};
use super::dialect::Dialect;
use super::{DatabaseError, Row, Val, packed, sqlite};

/// Before somebody who waits asks again.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// A server that has not answered after so long is taken for lost, like one whose connection broke.
const ANSWER: Duration = Duration::from_secs(600);

/// SQLite's word for a text that is longer than any may be.
pub(super) const TOO_BIG: &str = "18";

async fn answered<T>(asking: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    answered_within(ANSWER, asking).await
}

async fn answered_within<T>(limit: Duration, asking: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    let late = |_| Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the server does not answer")));
    tokio::time::timeout(limit, asking).await.unwrap_or_else(late)
}

/// A transaction. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub struct Tx(Inner);

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres {
        tx: Transaction<'static, Postgres>,
        /// Statements are kept prepared on the connection.
        prepared: bool,
    },
}

fn lite(sql: String, values: Vec<Val>) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| match value {
        Val::Int(v) => query.bind(v),
        Val::Text(v) => query.bind(v),
        Val::Bytes(v) => query.bind(v),
    })
}

fn pg(sql: String, values: Vec<Val>, prepared: bool) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    let query = values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| match value {
        Val::Int(v) => query.bind(v),
        Val::Bytes(v) => query.bind(v),
        // PostgreSQL's text knows no NUL.
        Val::Text(v) => query.bind(v.map(|text| if text.contains('\0') { text.replace('\0', "") } else { text })),
    });
    query.persistent(prepared)
}

impl Tx {
    pub(super) fn sqlite(tx: Transaction<'static, Sqlite>) -> Self {
        Self(Inner::Sqlite(tx))
    }

    pub(super) fn postgres(tx: Transaction<'static, Postgres>, prepared: bool) -> Self {
        Self(Inner::Postgres { tx, prepared })
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self.0 {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// Whether other processes may write at the same time (D7).
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.dialect() == Dialect::Postgres
    }

    /// Runs a statement; says how many rows it changed.
    ///
    /// # Errors
    /// The database's own.
    pub async fn exec(&mut self, sql: &str, values: Vec<Val>) -> Result<u64, DatabaseError> {
        self.run(self.dialect().say(sql, None), values).await
    }

    /// Runs a statement that says `{rows}`; `values` begin with `$2`. Without rows nothing is run. Says how many rows it
    /// changed.
    ///
    /// # Errors
    /// The database's own.
    pub async fn exec_bulk(&mut self, sql: &str, bulk: Bulk, values: Vec<Val>) -> Result<u64, DatabaseError> {
        if bulk.is_empty() {
            return Ok(0);
        }
        let dialect = self.dialect();
        if dialect == Dialect::Postgres {
            let mut json = bulk.json();
            if json.contains("\\u0000") {
                // PostgreSQL's text knows no NUL; an escaped backslash before `u0000` is no NUL.
                json = json.replace("\\\\", "\\u005c").replace("\\u0000", "");
            }
            let mut all = vec![Val::Text(Some(json))];
            all.extend(values);
            return self.run(dialect.say(sql, Some(&dialect.rows(bulk.columns, bulk.len()))), all).await;
        }
        let (mut left, mut changed) = (bulk.rows.into_iter(), 0);
        while left.len() > 0 {
            let (many, room) = bulk::portion(left.len());
            let places = room * bulk.columns.len();
            let sql = dialect.say(&Dialect::later(sql, places), Some(&dialect.rows(bulk.columns, room)));
            let mut bound = Vec::with_capacity(places + values.len());
            left.by_ref().take(many).for_each(|row| bound.extend(row));
            bound.resize(places, Val::Int(None));
            bound.extend(values.iter().cloned());
            changed += self.run(sql, bound).await?;
        }
        Ok(changed)
    }

    pub(super) async fn run(&mut self, sql: String, values: Vec<Val>) -> Result<u64, DatabaseError> {
        Ok(match &mut self.0 {
            Inner::Sqlite(tx) => lite(sql, values).execute(&mut **tx).await?.rows_affected(),
            Inner::Postgres { tx, prepared } => answered(pg(sql, values, *prepared).execute(&mut **tx)).await?.rows_affected(),
        })
    }

    async fn fetch(&mut self, sql: String, values: Vec<Val>) -> Result<Vec<Row>, DatabaseError> {
        Ok(match &mut self.0 {
            Inner::Sqlite(tx) => lite(sql, values).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect(),
            Inner::Postgres { tx, prepared } => {
                answered(pg(sql, values, *prepared).fetch_all(&mut **tx)).await?.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// The database's own.
    pub async fn all(&mut self, sql: &str, values: Vec<Val>) -> Result<Vec<Row>, DatabaseError> {
        self.fetch(self.dialect().say(sql, None), values).await
    }

    /// Columns of all rows of a table (with its joins and conditions), where there may be many: on SQLite in one piece. They
    /// come in any order, and none of them has bytes.
    ///
    /// # Errors
    /// The database's own.
    pub async fn many(
        &mut self,
        columns: &'static [&'static str],
        from: &str,
        values: Vec<Val>,
    ) -> Result<Vec<Row>, DatabaseError> {
        if self.dialect() == Dialect::Sqlite {
            match self.first(&packed::query(columns, from), values.clone()).await {
                Ok(row) => {
                    let Some(row) = row else { return Ok(Vec::new()) };
                    return Ok(packed::unpack(columns, &row.text("packed")?)?.into_iter().map(Row::Packed).collect());
                }
                // One piece would be too large: one by one, then.
                Err(DatabaseError::Sql(sqlx::Error::Database(error))) if error.code().is_some_and(|c| c == TOO_BIG) => {}
                Err(error) => return Err(error),
            }
        }
        self.all(&format!("SELECT {} FROM {from}", columns.join(", ")), values).await
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn first(&mut self, sql: &str, values: Vec<Val>) -> Result<Option<Row>, DatabaseError> {
        let sql = self.dialect().say(sql, None);
        Ok(match &mut self.0 {
            Inner::Sqlite(tx) => lite(sql, values).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
            Inner::Postgres { tx, prepared } => {
                answered(pg(sql, values, *prepared).fetch_optional(&mut **tx)).await?.map(Row::Postgres)
            }
        })
    }

    /// Whether what is written goes all over large tables: then SQLite keeps more of them in memory meanwhile.
    ///
    /// # Errors
    /// The database's own.
    pub async fn spread(&mut self, is_wide: bool) -> Result<(), DatabaseError> {
        if self.dialect() == Dialect::Sqlite {
            let cache = if is_wide { sqlite::LARGE_CACHE } else { sqlite::WRITER_CACHE };
            self.run(format!("PRAGMA cache_size = {cache}"), vec![]).await?;
        }
        Ok(())
    }

    /// Takes back all that was written, and waits until the locks are free.
    ///
    /// # Errors
    /// The database's own.
    pub async fn rollback(self) -> Result<(), DatabaseError> {
        match self.0 {
            Inner::Sqlite(tx) => tx.rollback().await?,
            Inner::Postgres { tx, .. } => answered(tx.rollback()).await?,
        }
        Ok(())
    }

    /// Makes it all durable.
    ///
    /// # Errors
    /// When it could not be made so: then nothing of it may be believed.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        match self.0 {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres { tx, .. } => answered(tx.commit()).await?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::DatabaseError;

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_taken_for_lost_and_waited_for() {
        let lost = answered_within(Duration::from_millis(1), std::future::pending::<Result<(), sqlx::Error>>()).await;
        assert!(DatabaseError::from(lost.unwrap_err()).will_pass());
        assert_eq!(answered(async { Ok(1) }).await.unwrap(), 1);
    }
}
