//! One door to the database that holds the own ledger and the contact log.
//!
//! SQL uses `$1` placeholders and plain types (text, integers), so that the same text can serve another engine.
//! SQLite is opened with WAL and `synchronous=FULL`: what is committed is on the disk (D1).

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqlitePool, Transaction};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// The database, open.
#[derive(Debug, Clone)]
pub struct Database {
    pool: SqlitePool,
    path: PathBuf,
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
            .busy_timeout(Duration::from_secs(10))
            .row_buffer_size(1_000)
            .pragma("secure_delete", "on");
        let pool = SqlitePoolOptions::new().max_connections(4).min_connections(0);
        // First the lock: two first starts must not both make the tables.
        let lock = lock_file(path, "migrate")?;
        lock.lock().map_err(|source| DatabaseError::Lock { path: shown.clone(), source })?;
        let open = |source| DatabaseError::Open { path: shown.clone(), source };
        let pool = pool.connect_with(options).await.map_err(open)?;
        MIGRATIONS.run(&pool).await.map_err(|source| DatabaseError::Migrate { path: shown, source })?;
        Ok(Self { pool, path: path.to_owned() })
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

    /// Begins a transaction that only reads: one consistent picture (L1).
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn snapshot(&self) -> Result<Tx, DatabaseError> {
        Ok(Tx(self.pool.begin().await?))
    }
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

/// A value that goes into the database.
#[derive(Debug, Clone)]
pub enum Val {
    Int(Option<i64>),
    Text(Option<String>),
}

macro_rules! val_from {
    ($($type:ty => $make:expr),* $(,)?) => { $(
        impl From<$type> for Val {
            fn from(v: $type) -> Self {
                let make: fn($type) -> Self = $make;
                make(v)
            }
        }
    )* };
}

val_from! {
    i64 => |v| Self::Int(Some(v)),
    u32 => |v| Self::Int(Some(v.into())),
    bool => |v| Self::Int(Some(v.into())),
    Option<i64> => Self::Int,
    String => |v| Self::Text(Some(v)),
    &str => |v| Self::Text(Some(v.to_owned())),
    &String => |v| Self::Text(Some(v.clone())),
    Option<String> => Self::Text,
    Option<&str> => |v| Self::Text(v.map(str::to_owned)),
    NaiveDate => |v| Self::Text(Some(v.to_string())),
    Option<NaiveDate> => |v| Self::Text(v.map(|d| d.to_string())),
    DateTime<Utc> => |v| Self::Text(Some(instant_text(v))),
    Option<DateTime<Utc>> => |v| Self::Text(v.map(instant_text)),
    Decimal => |v| Self::Text(Some(v.to_string())),
    Option<Decimal> => |v| Self::Text(v.map(|d| d.to_string())),
}

/// An instant as the database has it: fixed width, so that the order of the texts is that of the instants.
#[must_use]
pub fn instant_text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The values of a statement.
#[macro_export]
macro_rules! vals {
    ($($v:expr),* $(,)?) => { vec![$($crate::database::Val::from($v)),*] };
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

/// One row of an answer.
#[derive(Debug)]
pub struct Row(SqliteRow);

impl Row {
    /// A column that is never NULL.
    ///
    /// # Errors
    /// When it is not there, NULL or of another type.
    pub fn text(&self, column: &str) -> Result<String, DatabaseError> {
        Ok(self.0.try_get(column)?)
    }

    /// A column that may be NULL.
    ///
    /// # Errors
    /// When it is not there or of another type.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DatabaseError> {
        Ok(self.0.try_get(column)?)
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is not there, NULL or of another type.
    pub fn int(&self, column: &str) -> Result<i64, DatabaseError> {
        Ok(self.0.try_get(column)?)
    }

    /// A whole number or NULL.
    ///
    /// # Errors
    /// When it is not there or of another type.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DatabaseError> {
        Ok(self.0.try_get(column)?)
    }

    /// A small whole number that is not negative.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn count(&self, column: &str) -> Result<u32, DatabaseError> {
        let found = self.int(column)?;
        u32::try_from(found).map_err(|_| inconsistent(column, found.to_string(), "a count"))
    }

    /// A truth value.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn flag(&self, column: &str) -> Result<bool, DatabaseError> {
        Ok(self.int(column)? != 0)
    }

    /// A column that is read from its text.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn parsed<T: FromStr>(&self, column: &str, wanted: &'static str) -> Result<T, DatabaseError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| inconsistent(column, text, wanted))
    }

    /// The same, of a column that may be NULL.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn opt_parsed<T: FromStr>(&self, column: &str, wanted: &'static str) -> Result<Option<T>, DatabaseError> {
        self.opt_text(column)?.map(|t| t.parse().map_err(|_| inconsistent(column, t, wanted))).transpose()
    }

    /// A date.
    ///
    /// # Errors
    /// When it is none.
    pub fn date(&self, column: &str) -> Result<NaiveDate, DatabaseError> {
        self.parsed(column, "a date")
    }

    /// A date or NULL.
    ///
    /// # Errors
    /// When it is neither.
    pub fn opt_date(&self, column: &str) -> Result<Option<NaiveDate>, DatabaseError> {
        self.opt_parsed(column, "a date")
    }

    /// An exact amount.
    ///
    /// # Errors
    /// When it is none.
    pub fn amount(&self, column: &str) -> Result<Decimal, DatabaseError> {
        self.parsed(column, "an amount")
    }

    /// JSON.
    ///
    /// # Errors
    /// When it is not of the type.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, DatabaseError> {
        let text = self.text(column)?;
        serde_json::from_str(&text).map_err(|_| inconsistent(column, text, "JSON"))
    }
}

/// What to say of a value that cannot be there.
#[must_use]
pub fn inconsistent(column: &str, value: String, wanted: &'static str) -> DatabaseError {
    DatabaseError::Inconsistent { column: column.to_owned(), value, wanted }
}
