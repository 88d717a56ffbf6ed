//! PostgreSQL: several daemons at once (D7).

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Database, DatabaseError, Engine, without_password};

static MIGRATIONS: sqlx::migrate::Migrator = {
    let mut migrator = sqlx::migrate!("migrations/postgres");
    // A session's advisory lock means nothing behind a pooler: the lock below is a transaction's.
    migrator.locking = false;
    migrator
};

/// Any number that nobody else is likely to use: "dunningd" in ASCII, without its first letter.
const MIGRATE_LOCK: i64 = 0x75_6e6e_696e_6764;

pub(super) async fn open(url: &str) -> Result<Database, DatabaseError> {
    let name = without_password(url);
    let fault = |problem: String| DatabaseError::Url { url: name.clone(), problem };
    let options = PgConnectOptions::from_str(url).map_err(|e| fault(e.to_string()))?.application_name("dunningd");
    let open = |source| DatabaseError::Open { path: name.clone(), source };
    let pool = PgPoolOptions::new()
        .max_connections(6)
        .min_connections(0)
        .acquire_timeout(Duration::from_secs(15))
        .connect_with(options)
        .await
        .map_err(open)?;
    let pooled = is_pooled(&pool).await.map_err(open)?;
    durable(&pool, &name).await?;
    let failed = |source| DatabaseError::Migrate { path: name.clone(), source };
    let mut lock = pool.begin().await.map_err(open)?;
    let taken = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATE_LOCK).persistent(false);
    taken.execute(&mut *lock).await.map_err(open)?;
    MIGRATIONS.run(&pool).await.map_err(failed)?;
    lock.commit().await.map_err(open)?;
    Ok(Database { engine: Engine::Postgres { pool, name, pooled } })
}

/// Gives the room of what was deleted free, so that it is written over. Backups and the server's own log are the
/// operator's.
pub(super) async fn purge(pool: &PgPool) -> Result<bool, DatabaseError> {
    for table in PERSONAL {
        sqlx::query(sqlx::AssertSqlSafe(format!("VACUUM {table}"))).persistent(false).execute(pool).await?;
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

/// Whether a pooler in transaction mode stands between: then two connections of ours, neither in a transaction, are served
/// by the same session of the server.
async fn is_pooled(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let (mut first, mut second) = (pool.acquire().await?, pool.acquire().await?);
    let ask = || sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()").persistent(false);
    for _ in 0..3 {
        if ask().fetch_one(&mut *first).await? == ask().fetch_one(&mut *second).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is committed has to be on the disk (D1).
async fn durable(pool: &PgPool, name: &str) -> Result<(), DatabaseError> {
    for setting in ["synchronous_commit", "fsync"] {
        let ask = sqlx::query_scalar::<_, String>("SELECT current_setting($1)").bind(setting).persistent(false);
        let found = ask.fetch_one(pool).await.map_err(|source| DatabaseError::Open { path: name.to_owned(), source })?;
        if found == "off" {
            let problem = format!("{setting} is off: what is committed would not be on the disk; set it to on");
            return Err(DatabaseError::Unfit { path: name.to_owned(), problem });
        }
    }
    Ok(())
}
