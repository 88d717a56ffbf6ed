//! A folder to drop files into (`[ledger] drop`): which of its files are whole, what each one is to be read as, and where it goes
//! when it has been read. `take` reads them into the own ledger.

mod take;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::settings::{Import, MaxBadRows};

pub use take::{Taken, take};

/// Where files that were read go.
pub const DONE: &str = "done";
/// Where those go that cannot be read.
pub const REJECTED: &str = "rejected";
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
mod tests {
    use super::*;

    fn an_inbox(folder: &Path) -> Inbox {
        Inbox {
            folder: folder.to_owned(),
            profiles: BTreeMap::from([("qb-*.csv".to_owned(), "quickbooks-open-invoices".to_owned())]),
            replace: false,
            settle: Duration::ZERO,
            import: Import::default(),
            max_bad_rows: MaxBadRows::default(),
            beside: PathBuf::new(),
        }
    }

    #[test]
    fn a_pattern_has_stars() {
        assert!(fits("qb-*.csv", "qb-2026.csv") && fits("*", "") && fits("a*b*c", "axxbyyc") && fits("x/*.csv", "x/1.csv"));
        assert!(!fits("qb-*.csv", "qb.csv") && !fits("a", "ab") && !fits("é*a", "é"));
    }

    #[test]
    fn links_hidden_files_and_those_that_are_being_written_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = an_inbox(folder.path());
        inbox.make().unwrap();
        fs::create_dir(folder.path().join("xero-invoices")).unwrap();
        for name in ["QB-1.csv", "invoices.csv", "other.csv", ".hidden.csv", "x.csv.part", "xero-invoices/a.csv", "done/b.csv"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("payments.csv")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("zoho-books")).unwrap();
        let mut found: Vec<(String, Reads)> = inbox.waiting().unwrap().into_iter().map(|w| (w.name, w.reads)).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let profile = |name: &str| Reads::Profile(name.to_owned());
        assert_eq!(
            found,
            [
                ("QB-1.csv".to_owned(), profile("quickbooks-open-invoices")),
                ("invoices.csv".to_owned(), Reads::Invoices),
                ("other.csv".to_owned(), Reads::Unknown),
                ("xero-invoices/a.csv".to_owned(), profile("xero-invoices")),
            ]
        );
    }

    #[test]
    fn a_file_that_grows_between_two_looks_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = an_inbox(folder.path());
        fs::write(folder.path().join("invoices.csv"), "x").unwrap();
        fs::write(folder.path().join("payments.csv"), "x").unwrap();
        let before = inbox.waiting().unwrap();
        fs::write(folder.path().join("payments.csv"), "xy").unwrap();
        let names: Vec<String> = whole(&before, inbox.waiting().unwrap()).into_iter().map(|w| w.name).collect();
        assert_eq!(names, ["invoices.csv"]);
    }

    #[test]
    fn plain_files_that_wait_together_are_read_together_and_a_second_one_of_a_set_afterwards() {
        let file = |name: &str, reads: Reads| Waiting {
            path: PathBuf::from(name),
            name: name.to_owned(),
            reads,
            size: 1,
            changed: SystemTime::UNIX_EPOCH,
        };
        let hledger = || Reads::Profile("hledger".to_owned());
        let files = vec![
            file("invoices-1", Reads::Invoices),
            file("print", hledger()),
            file("invoices-2", Reads::Invoices),
            file("payments", Reads::Payments),
            file("balance", hledger()),
            file("a", Reads::Profile("zoho-books".to_owned())),
            file("b", Reads::Profile("zoho-books".to_owned())),
        ];
        let names: Vec<Vec<String>> =
            batches(files, |name| name == "hledger").into_iter().map(|b| b.files.into_iter().map(|f| f.name).collect()).collect();
        assert_eq!(names, [vec!["invoices-1", "payments"], vec!["print", "balance"], vec!["invoices-2"], vec!["a"], vec!["b"]]);
    }
}
