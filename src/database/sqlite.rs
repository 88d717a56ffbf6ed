//! The SQLite file: WAL, `synchronous=FULL`, one daemon, and a file that is still the one that was opened (D8).

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Row as _, SqlitePool};

use super::{Database, DatabaseError, Engine};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

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

/// KiB, as SQLite wants them said: what a delivery touches, it touches again soon.
pub(super) const WRITER_CACHE: &str = "-6000";
/// For whoever writes all over large tables.
pub(super) const LARGE_CACHE: &str = "-32000";

/// Which file a path named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(path: &Path) -> std::io::Result<Self> {
        let meta = std::fs::metadata(path)?;
        Ok(Self { device: meta.dev(), inode: meta.ino() })
    }

    /// Whether the path names this file still. What is written to a file that was removed or replaced is lost.
    pub(super) fn is_still(self, path: &Path) -> Result<(), DatabaseError> {
        let problem = match Self::of(path) {
            Ok(now) if now == self => return Ok(()),
            Ok(_) => "the file was replaced by another one while it was open; start again".to_owned(),
            Err(error) => format!("the file is not there any more ({error}); put it back and start again"),
        };
        Err(DatabaseError::Unfit { path: path.display().to_string(), problem })
    }
}

pub(super) async fn open(path: &Path, durability: Durability) -> Result<Database, DatabaseError> {
    let shown = path.display().to_string();
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Scratch => SqliteSynchronous::Off,
    };
    let options = |cache: &'static str| {
        SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(60))
            .row_buffer_size(200)
            .statement_cache_capacity(500)
            .pragma("cache_size", cache)
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", "4000")
    };
    // First the lock: two first starts must not both make the tables.
    let lock = lock_file(path, "migrate")?;
    lock.lock().map_err(|source| DatabaseError::Lock { path: shown.clone(), source })?;
    let is_new = std::fs::metadata(path).map_or(0, |m| m.len()) == 0;
    let failed = |source| DatabaseError::Open { path: shown.clone(), source };
    let writer = pool(durability, 1).connect_with(options(WRITER_CACHE)).await.map_err(failed)?;
    if !is_new && durability == Durability::Full {
        sound(&writer, &shown).await?;
    }
    MIGRATIONS.run(&writer).await.map_err(|source| DatabaseError::Migrate { path: shown.clone(), source })?;
    let readers = pool(durability, 3).connect_lazy_with(options("-1000"));
    let file = FileId::of(path).map_err(|source| DatabaseError::Lock { path: shown, source })?;
    Ok(Database { engine: Engine::Sqlite { writer, readers, path: path.to_owned(), file, _folder: None } })
}

/// What a connection is really like is looked at: a build or a file system may not do as it is told.
fn pool(durability: Durability, connections: u32) -> SqlitePoolOptions {
    let options = SqlitePoolOptions::new().max_connections(connections).min_connections(0);
    let options = options.acquire_timeout(Duration::from_secs(90)).before_acquire(|connection, _| {
        // One on which a full disk has broken off a commit believes that it is in the middle of it: it is given up.
        Box::pin(async { Ok(!connection.is_in_transaction()) })
    });
    options.after_connect(move |connection, _| {
        Box::pin(async move {
            let sql =
                "SELECT (SELECT synchronous FROM pragma_synchronous) AS s, (SELECT journal_mode FROM pragma_journal_mode) AS j";
            let row = sqlx::query(sql).fetch_one(connection).await?;
            let (found, journal): (i64, String) = (row.try_get("s")?, row.try_get("j")?);
            if durability == Durability::Full && (found < 2 || journal != "wal") {
                let problem = format!("what is committed would not be on the disk (synchronous={found}, journal_mode={journal})");
                return Err(sqlx::Error::Configuration(problem.into()));
            }
            Ok(())
        })
    })
}

/// A damaged file is left as it is: nothing is read from it, and nothing written (D8). A large file is looked over only
/// as far as its schema: the whole would take minutes, at each command.
async fn sound(pool: &SqlitePool, shown: &str) -> Result<(), DatabaseError> {
    let unfit = |problem: String| DatabaseError::Unfit { path: shown.to_owned(), problem };
    let pages: i64 = sqlx::query_scalar("SELECT page_count FROM pragma_page_count")
        .fetch_one(pool)
        .await
        .map_err(|e| unfit(format!("it is damaged ({e}); restore a backup")))?;
    if pages > LARGE {
        return Ok(());
    }
    let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(5)")
        .fetch_all(pool)
        .await
        .map_err(|e| unfit(format!("it is damaged ({e}); restore a backup")))?;
    if found == ["ok"] { Ok(()) } else { Err(unfit(format!("it is damaged ({}); restore a backup", found.join("; ")))) }
}

/// Pages of 4 KiB: 64 MiB.
const LARGE: i64 = 16_384;

pub(super) async fn open_to_look(path: &Path) -> Result<Database, DatabaseError> {
    if path.exists() || !path.parent().is_some_and(Path::is_dir) {
        return open(path, Durability::Full).await;
    }
    let failed = |source| DatabaseError::Lock { path: path.display().to_string(), source };
    let folder = tempfile::tempdir().map_err(failed)?;
    let mut db = open(&folder.path().join("empty.db"), Durability::Scratch).await?;
    if let Engine::Sqlite { _folder, .. } = &mut db.engine {
        *_folder = Some(Arc::new(folder));
    }
    Ok(db)
}

/// Leaves nothing in the files of what was deleted: the pages are written anew, and the write-ahead log is emptied. `false`:
/// somebody still reads from it, and what it holds stays until that is over.
pub(super) async fn purge(pool: &SqlitePool) -> Result<bool, DatabaseError> {
    sqlx::query("VACUUM").execute(pool).await?;
    for _ in 0..20 {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
        let busy: i64 = row.try_get(0)?;
        if busy == 0 {
            return Ok(true);
        }
        tokio::time::sleep(super::tx::PAUSE).await;
    }
    Ok(false)
}

pub(super) fn take_daemon_lock(path: &Path) -> Result<DaemonLock, DatabaseError> {
    let file = lock_file(path, "lock")?;
    let shown = path.display().to_string();
    match file.try_lock() {
        Ok(()) => Ok(DaemonLock(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(DatabaseError::Taken { path: shown }),
        Err(std::fs::TryLockError::Error(source)) => Err(DatabaseError::Lock { path: shown, source }),
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
