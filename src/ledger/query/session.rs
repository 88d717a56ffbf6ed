//! A connection to the accounts, in one read-only transaction (L1).

use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::{Stream, TryStreamExt as _};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection, PgConnection, Row as _, SqliteConnection};
use tokio::time::timeout;

use super::cells::Row;
use super::place::Place;

/// A server that does not answer at all is given up after so long.
const CONNECT: Duration = Duration::from_secs(15);
/// A server ends a statement itself; this much later it is taken for lost.
const GRACE: Duration = Duration::from_secs(10);

/// A connection.
pub(super) struct Session {
    connection: Connection,
    /// How long a statement may take.
    limit: Duration,
    /// The decimals of PostgreSQL's MONEY, which are a setting of its server.
    pub(super) money_decimals: usize,
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl Session {
    /// Connects and begins. `zone`: in which a TIMESTAMP WITH TIME ZONE has its day.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn open(place: &Place, limit: Duration, zone: chrono_tz::Tz) -> Result<Self, sqlx::Error> {
        let away = |_| sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not answer"));
        let connection = timeout(CONNECT, connect(place)).await.map_err(away)??;
        let mut session = Self { connection, limit, money_decimals: 2 };
        session.begin(zone).await?;
        Ok(session)
    }

    async fn begin(&mut self, zone: chrono_tz::Tz) -> Result<(), sqlx::Error> {
        let milliseconds = self.limit.as_millis().min(2_147_483_647);
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                sqlx::raw_sql("BEGIN").execute(connection).await?;
            }
            // The simple protocol, for a pooler; what is set ends with the transaction.
            Connection::Postgres(connection) => {
                let begin = format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {milliseconds}; \
                     SET LOCAL lock_timeout = '10s'; SET LOCAL TIME ZONE '{zone}'; SET LOCAL DateStyle = 'ISO'; \
                     SET LOCAL extra_float_digits = 3; SELECT scale(1::money::numeric)::text"
                );
                let row = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_one(connection).await?;
                self.money_decimals = row.try_get_unchecked::<&str, _>(0)?.parse().unwrap_or(2);
            }
            Connection::MySql(connection) => {
                let version = sqlx::raw_sql("SELECT VERSION()").fetch_one(&mut *connection).await?;
                let limit = if version.try_get_unchecked::<&str, _>(0)?.contains("MariaDB") {
                    format!("max_statement_time = {}.{:03}", milliseconds / 1000, milliseconds % 1000)
                } else {
                    format!("max_execution_time = {milliseconds}")
                };
                // A short limit of GROUP_CONCAT would cut lists of addresses.
                let begin = format!(
                    "SET SESSION {limit}, lock_wait_timeout = 10, group_concat_max_len = 65536; \
                     SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                     START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
                );
                sqlx::raw_sql(AssertSqlSafe(begin)).execute(connection).await?;
            }
        }
        Ok(())
    }

    /// Hands each row of a statement over as it comes.
    ///
    /// # Errors
    /// The database's own; when it takes too long.
    pub(super) async fn each(&mut self, sql: &str, take: impl FnMut(&Row)) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        let limit = self.limit + GRACE;
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                interrupt_after(connection, self.limit).await?;
                pump(sqlx::query(sql).fetch(connection).map_ok(Row::Sqlite), limit, take).await
            }
            Connection::Postgres(connection) => {
                pump(sqlx::raw_sql(sql).fetch(connection).map_ok(Row::Postgres), limit, take).await
            }
            Connection::MySql(connection) => pump(sqlx::raw_sql(sql).fetch(connection).map_ok(Row::MySql), limit, take).await,
        }
    }

    /// The same, of a statement to which texts are bound: `$1` stands for all of them on PostgreSQL, one `?` for each elsewhere.
    ///
    /// # Errors
    /// As [`Session::each`].
    pub(super) async fn each_with(&mut self, sql: &str, texts: &[String], take: impl FnMut(&Row)) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        let limit = self.limit + GRACE;
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                interrupt_after(connection, self.limit).await?;
                let query = texts.iter().fold(sqlx::query(sql), |query, text| query.bind(text));
                pump(query.fetch(connection).map_ok(Row::Sqlite), limit, take).await
            }
            // Not kept: a pooler would hand it to somebody else.
            Connection::Postgres(connection) => {
                let query = sqlx::query(sql).bind(texts.to_vec()).persistent(false);
                pump(query.fetch(connection).map_ok(Row::Postgres), limit, take).await
            }
            Connection::MySql(connection) => {
                let query = texts.iter().fold(sqlx::query(sql), |query, text| query.bind(text)).persistent(false);
                pump(query.fetch(connection).map_ok(Row::MySql), limit, take).await
            }
        }
    }

    /// The instant from which on a later look asks for changes, by the accounts' own clock: a quarter of an hour before this
    /// one, since what another has begun to write before is seen only when that is done.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn since(&mut self) -> Result<Option<String>, sqlx::Error> {
        let sql = match &self.connection {
            Connection::Sqlite(_) => "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '-15 minutes')",
            Connection::Postgres(_) => "SELECT (now() - interval '15 minutes')::text",
            Connection::MySql(_) => "SELECT CAST(NOW(6) - INTERVAL 15 MINUTE AS CHAR)",
        };
        let mut first = None;
        self.each(sql, |row| first = row.first_text()).await?;
        Ok(first)
    }

    /// Ends; what was read is there already.
    pub(super) async fn close(self) {
        let _ = match self.connection {
            Connection::Sqlite(connection) => connection.close().await,
            Connection::Postgres(connection) => connection.close().await,
            Connection::MySql(connection) => connection.close().await,
        };
    }
}

async fn connect(place: &Place) -> Result<Connection, sqlx::Error> {
    Ok(match place {
        Place::Sqlite(path) => {
            let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(10));
            Connection::Sqlite(options.disable_statement_logging().connect().await?)
        }
        Place::Postgres(options) => Connection::Postgres(options.connect().await?),
        Place::MySql(options) => Connection::MySql(options.connect().await?),
    })
}

/// SQLite has no limit of its own: it is asked now and then.
async fn interrupt_after(connection: &mut SqliteConnection, limit: Duration) -> Result<(), sqlx::Error> {
    let until = Instant::now() + limit;
    connection.lock_handle().await?.set_progress_handler(100_000, move || Instant::now() < until);
    Ok(())
}

async fn pump(
    rows: impl Stream<Item = Result<Row, sqlx::Error>>,
    limit: Duration,
    mut take: impl FnMut(&Row),
) -> Result<(), sqlx::Error> {
    let mut rows = pin!(rows);
    let late = |_| sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no row came for too long"));
    while let Some(row) = timeout(limit, rows.try_next()).await.map_err(late)?? {
        take(&row);
    }
    Ok(())
}
