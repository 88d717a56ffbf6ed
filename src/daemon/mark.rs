//! The high-water mark (D16): a small file beside the daemon says how far the log has come. A database that went back in
//! time – a restored backup, a standby that lagged – is behind it, and has forgotten e-mails that were sent.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::contacts::{Head, polls};
use crate::database::{Database, DatabaseError, Tx};

/// The state key of the last word of a person that a gap is known (D16).
const ACCEPTED: &str = "gap_accepted";

/// How far the log had come.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Written {
    number: i64,
    hash: String,
    at: DateTime<Utc>,
}

/// The mark of this daemon. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Mark(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None`: a scratch database, of which nothing outlives the process.
    path: Option<PathBuf>,
    seen: Mutex<Seen>,
    /// One writes at a time.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Seen {
    newest: Option<Written>,
    on_disk: i64,
}

/// The mark cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the high-water mark {path} cannot be {done}: {problem}; nothing is sent without it (D16)")]
pub struct MarkError {
    path: String,
    done: &'static str,
    problem: String,
}

impl Mark {
    /// Reads the mark of a file, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open(path: Option<PathBuf>) -> Result<Self, MarkError> {
        let newest = match &path {
            Some(path) => read(path)?,
            None => None,
        };
        let on_disk = newest.as_ref().map_or(0, |w| w.number);
        let seen = Mutex::new(Seen { newest, on_disk });
        Ok(Self(Arc::new(Inner { path, seen, writing: tokio::sync::Mutex::new(()) })))
    }

    /// Where it lies: beside a SQLite file, else where the configuration says.
    #[must_use]
    pub fn place(db: &Database, configured: &Path) -> PathBuf {
        if db.is_shared() {
            return configured.to_owned();
        }
        let mut name = std::ffi::OsString::from(db.name());
        name.push(".mark");
        PathBuf::from(name)
    }

    /// Whether there is a mark at all.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.newest().is_some()
    }

    /// D16: what is wrong, if the log is behind what this daemon has seen of it.
    ///
    /// # Errors
    /// The database's own.
    pub async fn gap(&self, tx: &mut Tx) -> Result<Option<String>, DatabaseError> {
        let Some(seen) = self.newest() else { return Ok(None) };
        if seen.number == 0 || polls::event_hash(tx, seen.number).await?.as_deref() == Some(seen.hash.as_str()) {
            return Ok(None);
        }
        if let Some(at) = polls::value(tx, ACCEPTED).await?.and_then(|text| text.parse::<DateTime<Utc>>().ok())
            && at > seen.at
        {
            self.forget();
            return Ok(None);
        }
        Ok(Some(format!(
            "the database went back in time (D16): event {} of {} is not in the log; what was sent since may be sent again. \
             Nothing is sent until you have looked at the relay's log and run `dunningd accept-gap`",
            seen.number, seen.at
        )))
    }

    /// A person knows of the gap: what the log says now is believed, by all daemons.
    ///
    /// # Errors
    /// The database's own.
    pub async fn accept(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        polls::set_value(tx, ACCEPTED, Some(&now.to_rfc3339())).await
    }

    /// The log has come so far, durably. Kept in memory at once; on the disk with [`Mark::save`].
    pub fn note(&self, head: &Head, now: DateTime<Utc>) {
        let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.newest.as_ref().is_none_or(|n| n.number < head.number) {
            seen.newest = Some(Written { number: head.number, hash: head.hash.clone(), at: now });
        }
    }

    /// How far the log has come, as far as this daemon knows.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.newest().map_or(0, |n| n.number)
    }

    /// Writes what is newest to the disk, unless it is there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn save(&self) -> Result<(), MarkError> {
        let Some(path) = self.0.path.clone() else { return Ok(()) };
        let _turn = self.0.writing.lock().await;
        let newest = {
            let seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.newest.clone().filter(|n| n.number != seen.on_disk)
        };
        let Some(newest) = newest else { return Ok(()) };
        let number = newest.number;
        let failed = |problem: String| MarkError { path: path.display().to_string(), done: "written", problem };
        let (target, shown) = (path.clone(), newest);
        let written = tokio::task::spawn_blocking(move || write(&target, &shown)).await;
        written.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))?;
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).on_disk = number;
        Ok(())
    }

    fn newest(&self) -> Option<Written> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).newest.clone()
    }

    fn forget(&self) {
        *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen { newest: None, on_disk: -1 };
    }
}

fn read(path: &Path) -> Result<Option<Written>, MarkError> {
    let failed = |problem: String| MarkError { path: path.display().to_string(), done: "read", problem };
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| failed(e.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn write(path: &Path, mark: &Written) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".mark-").tempfile_in(folder)?;
    file.write_all(&serde_json::to_vec(mark)?)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    std::fs::File::open(folder)?.sync_all()
}
