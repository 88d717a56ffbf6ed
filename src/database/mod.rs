//! One door to the database that holds the own ledger and the contact log: SQLite inside by default, PostgreSQL for
//! several daemons.
//!
//! Owns the connections and what differs between the two; whoever writes SQL writes one text for both ([`dialect`] has
//! the few words that differ). May import nothing. What is committed is on the disk (D1), and that is looked at, not
//! believed.

mod bare;
mod bulk;
mod dialect;
mod packed;
mod postgres;
mod row;
mod sqlite;
mod tx;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::{PgPool, SqlitePool};

pub use bare::TakenOff;
pub use bulk::{Bulk, Column, int, text};
pub use row::{Row, inconsistent};
pub use sqlite::{DaemonLock, Durability};
pub use tx::Tx;
pub use values::{Val, instant_text};

/// The database, open.
#[derive(Debug, Clone)]
pub struct Database {
    engine: Engine,
}

/// Which database it is.
#[derive(Debug, Clone)]
enum Engine {
    Sqlite {
        /// One connection: what it has in its cache no other one makes stale.
        writer: SqlitePool,
        readers: SqlitePool,
        path: PathBuf,
        /// What the path named when it was opened (D8).
        file: sqlite::FileId,
        /// Of an empty stand-in: it goes when nobody needs it any more.
        _folder: Option<Arc<tempfile::TempDir>>,
    },
    Postgres {
        pool: PgPool,
        /// Without its password.
        name: String,
        /// A pooler hands each transaction to another session: nothing may be prepared beyond one.
        pooled: bool,
    },
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    Sqlite(PathBuf),
    /// The url.
    Postgres(String),
}

/// What is wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database url {url:?} is not understood: {problem}")]
    Url { url: String, problem: String },
    #[error("the database {path} cannot be opened: {source}")]
    Open { path: String, source: sqlx::Error },
    #[error("the database {path} is not fit for use: {problem}")]
    Unfit { path: String, problem: String },
    #[error("the database {path} cannot be brought to this version: {source}")]
    Migrate { path: String, source: sqlx::migrate::MigrateError },
    #[error("the lock file {path} cannot be used: {source}")]
    Lock { path: String, source: std::io::Error },
    #[error("another dunningd already works on {path}")]
    Taken { path: String },
    #[error("the database does not do what was asked: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("the copy of the accounts cannot be read: {0}")]
    Copy(std::io::Error),
    #[error("the database holds {value:?} in {column}, where {wanted} belongs")]
    Inconsistent { column: String, value: String, wanted: &'static str },
}

impl Database {
    /// What a url names; relative paths are relative to `folder`.
    ///
    /// # Errors
    /// When it is neither `sqlite:FILE` nor `postgres://…`.
    pub fn locate(url: &str, folder: &Path) -> Result<Location, DatabaseError> {
        let fault = |problem: &str| DatabaseError::Url { url: without_password(url), problem: problem.to_owned() };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Location::Postgres(url.to_owned()));
        }
        let rest = url.strip_prefix("sqlite:");
        let rest = rest.ok_or_else(|| fault("write it as \"sqlite:dunningd.db\" or \"postgres://user@host/database\""))?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        if rest.is_empty() || rest.contains('?') || rest == ":memory:" {
            return Err(fault("it names no file; write it as \"sqlite:dunningd.db\""));
        }
        Ok(Location::Sqlite(folder.join(rest)))
    }

    /// Opens the database, makes what is missing, and brings it to this version.
    ///
    /// # Errors
    /// When it cannot be opened, does not keep what is committed, is damaged, or belongs to a newer version.
    pub async fn open(location: &Location) -> Result<Self, DatabaseError> {
        match location {
            Location::Sqlite(path) => sqlite::open(path, Durability::Full).await,
            Location::Postgres(url) => postgres::open(url).await,
        }
    }

    /// A scratch file that nobody needs after a crash.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn scratch(path: &Path) -> Result<Self, DatabaseError> {
        sqlite::open(path, Durability::Scratch).await
    }

    /// Opens the database; where there is no file, an empty one that is gone afterwards. For commands that only look:
    /// they make nothing.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_to_look(location: &Location) -> Result<Self, DatabaseError> {
        match location {
            Location::Sqlite(path) => sqlite::open_to_look(path).await,
            Location::Postgres(url) => postgres::open(url).await,
        }
    }

    /// Takes the right to be the one daemon of a SQLite file (D8). On PostgreSQL there may be several: nothing is taken.
    ///
    /// # Errors
    /// [`DatabaseError::Taken`] when another process has it.
    pub fn take_daemon_lock(&self) -> Result<Option<DaemonLock>, DatabaseError> {
        match &self.engine {
            Engine::Sqlite { path, .. } => sqlite::take_daemon_lock(path).map(Some),
            Engine::Postgres { .. } => Ok(None),
        }
    }

    /// Whether a process that plans and sends holds a SQLite file. `None`: on PostgreSQL the leases of the daemons tell.
    #[must_use]
    pub fn is_taken(&self) -> Option<bool> {
        let taken = || matches!(self.take_daemon_lock(), Err(DatabaseError::Taken { .. }));
        (!self.is_shared()).then(taken)
    }

    /// Whether several daemons may work on it at once (D7).
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// Leaves as little as can be of what was deleted (D15): SQLite's files are written anew, PostgreSQL gives the room free.
    /// `false`: somebody reads from the write-ahead log just now, and it stays as it is until that is over.
    ///
    /// # Errors
    /// The database's own.
    pub async fn purge(&self) -> Result<bool, DatabaseError> {
        match &self.engine {
            Engine::Sqlite { writer, .. } => sqlite::purge(writer).await,
            Engine::Postgres { pool, .. } => postgres::purge(pool).await,
        }
    }

    /// Where it is, for people: the path, or the url without its password.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.engine {
            Engine::Sqlite { path, .. } => path.display().to_string(),
            Engine::Postgres { name, .. } => name.clone(),
        }
    }

    /// The folder of a SQLite file: what lies beside the database lies there.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite { path, .. } => path.parent(),
            Engine::Postgres { .. } => None,
        }
    }

    /// Begins a transaction that writes: on SQLite it waits for its turn at once, not at the first write.
    ///
    /// # Errors
    /// When the turn does not come in time; when the file was removed or replaced under us (D8).
    pub async fn begin(&self) -> Result<Tx, DatabaseError> {
        match &self.engine {
            Engine::Sqlite { writer, path, file, .. } => {
                file.is_still(path)?;
                Ok(Tx::sqlite(writer.begin_with("BEGIN IMMEDIATE").await?))
            }
            Engine::Postgres { pool, pooled, .. } => Ok(Tx::postgres(pool.begin_with(postgres::BEGIN).await?, !pooled)),
        }
    }

    /// Begins a transaction that only reads: one consistent picture (L1).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn snapshot(&self) -> Result<Tx, DatabaseError> {
        match &self.engine {
            Engine::Sqlite { readers, .. } => Ok(Tx::sqlite(readers.begin().await?)),
            Engine::Postgres { pool, pooled, .. } => Ok(Tx::postgres(pool.begin_with(postgres::SNAPSHOT).await?, !pooled)),
        }
    }
}

impl DatabaseError {
    /// Whether waiting may help: somebody else holds the lock, the disk is full, the server is away or ended what we did.
    #[must_use]
    pub fn will_pass(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed) => true,
            Self::Sql(sqlx::Error::Database(error)) => {
                let Some(code) = error.code() else { return false };
                if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL and what extends them.
                    return code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13));
                }
                // A transaction that stood still, serialization failure, deadlock, a lock that does not come, connection lost, out of resources, shutdown.
                ["25P03", "40001", "40P01", "55P03"].contains(&&*code)
                    || ["08", "53", "57"].iter().any(|class| code.starts_with(class))
            }
            _ => false,
        }
    }
}

/// A url that may be shown.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) => {
            if parsed.password().is_some() {
                let _ = parsed.set_password(Some("***"));
            }
            parsed.to_string()
        }
        Err(_) => url.to_owned(),
    }
}
