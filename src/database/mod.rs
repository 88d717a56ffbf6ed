//! One door to the database that holds the own ledger and the contact log.
//!
//! SQL uses `$1` placeholders and plain types (text, integers), so that the same text can serve another engine.
//! SQLite is opened with WAL and `synchronous=FULL`: what is committed is on the disk (D1).

mod row;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Sqlite, SqlitePool, Transaction};

pub use row::{Row, inconsistent};
pub use values::{Val, instant_text};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// The database, open.
#[derive(Debug, Clone)]
pub struct Database {
    pool: SqlitePool,
    path: PathBuf,
    /// Of an empty stand-in: it goes when nobody needs it any more.
    _folder: Option<Arc<tempfile::TempDir>>,
}

/// What is wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database url {url:?} is not understood: {problem}")]
    Url { url: String, problem: String },
    #[error("the database {path} cannot be opened: {source}")]
    Open { path: String, source: sqlx::Error },
    #[error("the database {path} cannot be brought to this version: {source}")]
    Migrate { path: String, source: sqlx::migrate::MigrateError },
    #[error("the lock file {path} cannot be used: {source}")]
    Lock { path: String, source: std::io::Error },
    #[error("another dunningd already works on {path}")]
    Taken { path: String },
    #[error("the database does not do what was asked: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("the database holds {value:?} in {column}, where {wanted} belongs")]
    Inconsistent { column: String, value: String, wanted: &'static str },
}

/// The right to plan and send, held by one process at a time (D8). Given back when dropped.
#[derive(Debug)]
pub struct DaemonLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] std::fs::File);

/// How the disk is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on the disk.
    Full,
    /// For a scratch copy that nobody needs after a crash.
    Scratch,
}

impl Database {
    /// The file of a `sqlite:` url; relative paths are relative to `folder`.
    ///
    /// # Errors
    /// When the url is of another kind.
    pub fn path_of(url: &str, folder: &Path) -> Result<PathBuf, DatabaseError> {
        let fault = |problem: &str| DatabaseError::Url { url: url.to_owned(), problem: problem.to_owned() };
        let rest = url.strip_prefix("sqlite:").ok_or_else(|| fault("write it as \"sqlite:dunningd.db\""))?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        if rest.is_empty() || rest.contains('?') || rest == ":memory:" {
            return Err(fault("it names no file; write it as \"sqlite:dunningd.db\""));
        }
        Ok(folder.join(rest))
    }

    /// Opens the database of a file, makes it if there is none, and brings it to this version.
    ///
    /// # Errors
    /// When the file cannot be opened, is no database, or belongs to a newer version.
    pub async fn open(path: &Path, durability: Durability) -> Result<Self, DatabaseError> {
        let shown = path.display().to_string();
        let synchronous = match durability {
            Durability::Full => SqliteSynchronous::Full,
            Durability::Scratch => SqliteSynchronous::Off,
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(60))
            .row_buffer_size(1_000)
            .pragma("secure_delete", "on");
        let pool = SqlitePoolOptions::new().max_connections(4).min_connections(0);
        // First the lock: two first starts must not both make the tables.
        let lock = lock_file(path, "migrate")?;
        lock.lock().map_err(|source| DatabaseError::Lock { path: shown.clone(), source })?;
        let open = |source| DatabaseError::Open { path: shown.clone(), source };
        let pool = pool.connect_with(options).await.map_err(open)?;
        MIGRATIONS.run(&pool).await.map_err(|source| DatabaseError::Migrate { path: shown, source })?;
        Ok(Self { pool, path: path.to_owned(), _folder: None })
    }

    /// Opens the database of a file; where there is none, an empty one that is gone afterwards. For commands that only
    /// look: they make nothing.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_to_look(path: &Path) -> Result<Self, DatabaseError> {
        if path.exists() || !path.parent().is_some_and(Path::is_dir) {
            return Self::open(path, Durability::Full).await;
        }
        let failed = |source| DatabaseError::Lock { path: path.display().to_string(), source };
        let folder = tempfile::tempdir().map_err(failed)?;
        let db = Self::open(&folder.path().join("empty.db"), Durability::Scratch).await?;
        Ok(Self { _folder: Some(Arc::new(folder)), ..db })
    }

    /// Takes the right to plan and send (D8).
    ///
    /// # Errors
    /// [`DatabaseError::Taken`] when another process has it.
    pub fn take_daemon_lock(&self) -> Result<DaemonLock, DatabaseError> {
        let path = self.path.display().to_string();
        let file = lock_file(&self.path, "lock")?;
        match file.try_lock() {
            Ok(()) => Ok(DaemonLock(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(DatabaseError::Taken { path }),
            Err(std::fs::TryLockError::Error(source)) => Err(DatabaseError::Lock { path, source }),
        }
    }

    /// Whether a process that plans and sends is at work.
    #[must_use]
    pub fn has_daemon(&self) -> bool {
        matches!(self.take_daemon_lock(), Err(DatabaseError::Taken { .. }))
    }

    /// Writes a copy of the whole database to a new file.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub async fn copy_to(&self, target: &Path) -> Result<(), DatabaseError> {
        sqlx::query("VACUUM INTO $1").bind(target.display().to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// Where the database lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a transaction that writes: it waits for its turn at once, not at the first write.
    ///
    /// # Errors
    /// When the turn does not come in time.
    pub async fn begin(&self) -> Result<Tx, DatabaseError> {
        Ok(Tx(self.pool.begin_with("BEGIN IMMEDIATE").await?))
    }

    /// The same, however long the turn takes to come: for what must not be given up.
    ///
    /// # Errors
    /// Anything but a turn that does not come.
    pub async fn begin_patiently(&self) -> Result<Tx, DatabaseError> {
        loop {
            match self.begin().await {
                Err(DatabaseError::Sql(error)) if is_busy(&error) => {
                    tracing::warn!(database = %self.path.display(), "somebody else has been writing for long: waiting");
                }
                other => return other,
            }
        }
    }

    /// Begins a transaction that only reads: one consistent picture (L1).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn snapshot(&self) -> Result<Tx, DatabaseError> {
        Ok(Tx(self.pool.begin().await?))
    }
}

/// Whether another process holds the lock (SQLITE_BUSY, SQLITE_LOCKED and what extends them).
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse::<u32>().ok());
    code.is_some_and(|c| matches!(c & 0xff, 5 | 6))
}

fn lock_file(path: &Path, ending: &str) -> Result<std::fs::File, DatabaseError> {
    // Through the real path: a symbolic link is the same database.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = real.into_os_string();
    name.push(".");
    name.push(ending);
    let path = PathBuf::from(name);
    let open = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    open.map_err(|source| DatabaseError::Lock { path: path.display().to_string(), source })
}

/// A transaction. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub struct Tx(Transaction<'static, Sqlite>);

fn bound(sql: &str, values: Vec<Val>) -> sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    for value in values {
        query = match value {
            Val::Int(v) => query.bind(v),
            Val::Text(v) => query.bind(v),
        };
    }
    query
}

impl Tx {
    /// Runs a statement; says how many rows it changed.
    ///
    /// # Errors
    /// The database's own.
    pub async fn exec(&mut self, sql: &str, values: Vec<Val>) -> Result<u64, DatabaseError> {
        Ok(bound(sql, values).execute(&mut *self.0).await?.rows_affected())
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// The database's own.
    pub async fn all(&mut self, sql: &str, values: Vec<Val>) -> Result<Vec<Row>, DatabaseError> {
        Ok(bound(sql, values).fetch_all(&mut *self.0).await?.into_iter().map(Row).collect())
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn first(&mut self, sql: &str, values: Vec<Val>) -> Result<Option<Row>, DatabaseError> {
        Ok(bound(sql, values).fetch_optional(&mut *self.0).await?.map(Row))
    }

    /// Makes it all durable.
    ///
    /// # Errors
    /// When it could not be made so: then nothing of it may be believed.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        Ok(self.0.commit().await?)
    }
}
