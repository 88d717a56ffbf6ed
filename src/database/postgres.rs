//! PostgreSQL: several daemons at once (D7).

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Row as _};

use super::{Database, DatabaseError, Engine, without_password};

static MIGRATIONS: sqlx::migrate::Migrator = {
    let mut migrator = sqlx::migrate!("migrations/postgres");
    // A session's advisory lock means nothing behind a pooler: the one below is a transaction's.
    migrator.locking = false;
    migrator
};

/// Any number that nobody else is likely to use: "dunningd" in ASCII, without its first letter.
const MIGRATE_LOCK: i64 = 0x75_6e6e_696e_6764;

/// A process that was stopped in the middle of a transaction must not hold the others up for ever: the server ends it.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '15s'; SET LOCAL lock_timeout = '2min'";

/// One consistent picture, of which nothing is changed.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

pub(super) async fn open(url: &str) -> Result<Database, DatabaseError> {
    let name = without_password(url);
    let fault = |problem: String| DatabaseError::Url { url: name.clone(), problem };
    let options = PgConnectOptions::from_str(url).map_err(|e| fault(e.to_string()))?.application_name("dunningd");
    // A pooler refuses this parameter, and there are no floats here.
    let options = options.extra_float_digits(None);
    let open = |source| DatabaseError::Open { path: name.clone(), source };
    let pool = PgPoolOptions::new().max_connections(6).min_connections(0).acquire_timeout(Duration::from_secs(15));
    let pool = pool.connect_with(options).await.map_err(open)?;
    let pooled = is_pooled(&pool).await.map_err(open)?;
    // All on one connection and in one transaction: a pooler may have no second one, and gives each transaction another.
    let mut tx = pool.begin().await.map_err(open)?;
    durable(&mut tx, &name).await?;
    let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATE_LOCK).persistent(false);
    lock.execute(&mut *tx).await.map_err(open)?;
    // What the migrator prepares would be there for whoever is given this session next, under the same names.
    let forget = if pooled { "DEALLOCATE ALL" } else { "" };
    sqlx::raw_sql(forget).execute(&mut *tx).await.map_err(open)?;
    MIGRATIONS.run(&mut *tx).await.map_err(|source| DatabaseError::Migrate { path: name.clone(), source })?;
    sqlx::raw_sql(forget).execute(&mut *tx).await.map_err(open)?;
    tx.commit().await.map_err(open)?;
    Ok(Database { engine: Engine::Postgres { pool, name, pooled } })
}

/// Gives the room of what was deleted free, so that it is written over. Backups and the server's own log are the
/// operator's.
pub(super) async fn purge(pool: &PgPool) -> Result<bool, DatabaseError> {
    for table in PERSONAL {
        // The simple protocol, for a pooler: it stands in no transaction.
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("VACUUM {table}"))).execute(pool).await?;
    }
    Ok(true)
}

/// The tables that hold names, addresses or messages.
const PERSONAL: [&str; 9] = [
    "contact",
    "contact_event",
    "message_pack",
    "suppression",
    "control",
    "poll",
    "ledger_customer",
    "ledger_invoice",
    "ledger_payment",
];

/// Whether a pooler in transaction mode stands between: then two connections of ours are served by the same session of the
/// server, or one of them by another session than before. Nothing may be prepared beyond a transaction there.
async fn is_pooled(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let (mut first, mut second) = (pool.acquire().await?, pool.acquire().await?);
    let served_by = async |connection: &mut PgConnection| {
        // The simple protocol: whatever needs two round trips may meet two sessions.
        let row = sqlx::raw_sql("SELECT pg_backend_pid() AS pid").fetch_one(connection).await?;
        row.try_get::<i32, _>("pid")
    };
    let before = served_by(&mut first).await?;
    for _ in 0..3 {
        if served_by(&mut second).await? == before || served_by(&mut first).await? != before {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is committed has to be on the disk (D1).
async fn durable(tx: &mut PgConnection, name: &str) -> Result<(), DatabaseError> {
    for setting in ["synchronous_commit", "fsync"] {
        let ask = sqlx::query_scalar::<_, String>("SELECT current_setting($1)").bind(setting).persistent(false);
        let found = ask.fetch_one(&mut *tx).await.map_err(|source| DatabaseError::Open { path: name.to_owned(), source })?;
        if found == "off" {
            let problem = format!("{setting} is off: what is committed would not be on the disk; set it to on");
            return Err(DatabaseError::Unfit { path: name.to_owned(), problem });
        }
    }
    Ok(())
}
