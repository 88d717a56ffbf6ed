//! A folder to drop files into (`[ledger] drop`): which of its files are whole, what each one is to be read as, and where it goes
//! when it has been read. `take` reads them into the own ledger.

mod take;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::settings::{Import, MaxBadRows};

pub use take::{Taken, take};

/// Where files that were read go.
pub const DONE: &str = "done";
/// Where those go that cannot be read.
pub const REJECTED: &str = "rejected";
/// Whoever holds it empties the folder.
const LOCK: &str = ".dunningd.lock";
/// What is at the end of the name of what is said of a file.
const REPORT: &str = ".report.txt";

/// The folder, and how its files are read.
#[derive(Debug, Clone)]
pub struct Inbox {
    pub folder: PathBuf,
    /// Patterns of names, and the profile of each.
    pub profiles: BTreeMap<String, String>,
    /// Plain files are the whole of their sets (L5).
    pub replace: bool,
    /// A file is whole when nothing has changed about it for so long.
    pub settle: Duration,
    pub import: Import,
    pub max_bad_rows: MaxBadRows,
    /// What the paths of own profiles are relative to.
    pub beside: PathBuf,
}

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub path: PathBuf,
    /// Below the folder, for people.
    pub name: String,
    pub reads: Reads,
    size: u64,
    changed: SystemTime,
}

impl Waiting {
    /// Whether it is there still.
    #[must_use]
    pub fn is_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok()
    }
}

/// What a file is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reads {
    Customers,
    Invoices,
    Payments,
    /// With the profile of this name.
    Profile(String),
    /// Nobody knows.
    Unknown,
}

/// Files that are read together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub files: Vec<Waiting>,
}

impl Inbox {
    /// Makes the folders.
    ///
    /// # Errors
    /// The one that cannot be made.
    pub fn make(&self) -> io::Result<()> {
        fs::create_dir_all(self.folder.join(DONE))?;
        fs::create_dir_all(self.folder.join(REJECTED))
    }

    /// How its files are read: the one that was looked at, and not what somebody has put in its place since.
    fn import(&self) -> Import {
        Import { below: Some(self.folder.clone()), ..self.import.clone() }
    }

    /// The right to empty the folder, held by one process at a time until it is dropped; `None`: another one has it.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn lock(&self) -> io::Result<Option<fs::File>> {
        // A link in its place is not followed: it would make a file elsewhere.
        let path = self.folder.join(LOCK);
        if fs::symlink_metadata(&path).is_ok_and(|about| !about.is_file()) {
            return Err(io::Error::other(format!("{} is no file", path.display())));
        }
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// The files that wait, the oldest first. Links, folders in folders, hidden names and those of programs that are still writing
    /// (`.part`, `.tmp` and the like) are left alone.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn waiting(&self) -> io::Result<Vec<Waiting>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (name, kind) = (entry.file_name().to_string_lossy().into_owned(), entry.file_type()?);
            if kind.is_file() {
                found.extend(self.look(&entry.path(), name, None)?);
            } else if kind.is_dir() && ![DONE, REJECTED].contains(&name.as_str()) && !name.starts_with('.') {
                for inner in fs::read_dir(entry.path())? {
                    let inner = inner?;
                    if inner.file_type()?.is_file() {
                        let below = format!("{name}/{}", inner.file_name().to_string_lossy());
                        found.extend(self.look(&inner.path(), below, Some(&name))?);
                    }
                }
            }
        }
        found.sort_by(|a, b| (a.changed, &a.name).cmp(&(b.changed, &b.name)));
        Ok(found)
    }

    fn look(&self, path: &Path, name: String, folder: Option<&str>) -> io::Result<Option<Waiting>> {
        let file = name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let unfinished = [".part", ".tmp", ".filepart", ".crdownload", ".partial", ".swp", "~"];
        if file.starts_with('.') || unfinished.iter().any(|end| file.ends_with(end)) {
            return Ok(None);
        }
        // What went away meanwhile does not wait.
        let about = match fs::symlink_metadata(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            about => about?,
        };
        let changed = about.modified()?;
        let reads = self.reads(&name, &file, folder);
        Ok(about.is_file().then(|| Waiting { path: path.to_owned(), name, reads, size: about.len(), changed }))
    }

    /// A pattern that the name fits, else the subfolder's name, else the name of a plain file.
    fn reads(&self, name: &str, file: &str, folder: Option<&str>) -> Reads {
        let fits = |pattern: &&String| {
            fits(&pattern.to_lowercase(), &name.to_lowercase()) || (folder.is_none() && fits(&pattern.to_lowercase(), file))
        };
        match (self.profiles.keys().find(fits).and_then(|p| self.profiles.get(p)), folder) {
            (Some(profile), _) => Reads::Profile(profile.clone()),
            (None, Some(folder)) => Reads::Profile(folder.to_owned()),
            (None, None) if file.starts_with("customers") => Reads::Customers,
            (None, None) if file.starts_with("invoices") => Reads::Invoices,
            (None, None) if file.starts_with("payments") => Reads::Payments,
            (None, None) => Reads::Unknown,
        }
    }

    /// Puts a file away, and what is said of it beside it. A name that is there already gets a number.
    ///
    /// # Errors
    /// When it cannot be moved, or the report cannot be written.
    pub fn put_away(&self, file: &Waiting, place: &str, stamp: &str, report: &str) -> io::Result<PathBuf> {
        let name = format!("{stamp}-{}", file.name.replace('/', "-"));
        let folder = self.folder.join(place);
        let mut target = folder.join(&name);
        let mut number = 1;
        while fs::symlink_metadata(&target).is_ok() {
            number += 1;
            target = folder.join(format!("{number}-{name}"));
        }
        fs::write(folder.join(format!("{}{REPORT}", target.file_name().unwrap_or_default().to_string_lossy())), report)?;
        match fs::rename(&file.path, &target) {
            // Another daemon was faster.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(target),
            moved => moved.map(|()| target),
        }
    }
}

/// The files in `rejected`, each with the first line of what was said of it.
///
/// # Errors
/// The folder cannot be read; one that is not there has none.
pub fn rejected(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let folder = folder.join(REJECTED);
    let entries = match fs::read_dir(&folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(REPORT) {
            let report = fs::read_to_string(folder.join(format!("{name}{REPORT}"))).unwrap_or_default();
            found.push((name, report.lines().next().unwrap_or_default().to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter().any(|at| fits(after, &rest[at..]))
        }),
    }
}

/// The files that are the same at two looks.
#[must_use]
pub fn whole(before: &[Waiting], now: Vec<Waiting>) -> Vec<Waiting> {
    now.into_iter().filter(|file| before.contains(file)).collect()
}

/// What belongs together is read in one transaction: plain files, one of each set; and those of a profile that needs several
/// (`together` says which).
#[must_use]
pub fn batches(files: Vec<Waiting>, together: impl Fn(&str) -> bool) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for file in files {
        let plain = |reads: &Reads| matches!(reads, Reads::Customers | Reads::Invoices | Reads::Payments);
        let joins = |batch: &&mut Batch| match &file.reads {
            Reads::Profile(name) => {
                together(name) && batch.files.iter().all(|f| f.reads == file.reads) && !batch.files.is_empty()
            }
            Reads::Unknown => false,
            of_set => batch.files.iter().all(|f| plain(&f.reads) && f.reads != *of_set),
        };
        match batches.iter_mut().find(joins) {
            Some(batch) => batch.files.push(file),
            None => batches.push(Batch { files: vec![file] }),
        }
    }
    batches
}

#[cfg(test)]
mod tests;
