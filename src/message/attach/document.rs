//! One document below the folder: found, looked at and read without trusting its path (D12).

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, openat};

/// What a PDF begins with.
const MAGIC: &[u8] = b"%PDF-";

/// The folder of the documents, open: what is read comes from below it, whatever happens to its paths meanwhile.
#[derive(Debug)]
pub struct Folder {
    /// As it is written in the configuration; the ledger may begin a whole path so.
    given: PathBuf,
    /// Without links.
    path: PathBuf,
    handle: File,
}

/// Why a document cannot be attached; reads on after the words `the document "…" of the invoice …`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    #[error("is not there")]
    Missing,
    #[error("is not inside of the folder of [attachments]")]
    Outside,
    #[error("is {0}, and no file")]
    NoFile(&'static str),
    #[error("is no PDF: {0}")]
    NoPdf(&'static str),
    #[error("is too large, with {0} octets")]
    TooLarge(u64),
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

impl From<rustix::io::Errno> for Problem {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}

impl Folder {
    /// Opens the folder.
    ///
    /// # Errors
    /// A sentence: it is not there, or is no folder.
    pub fn open(given: &Path) -> Result<Self, String> {
        let failed = |e: io::Error| format!("the folder {} of [attachments] cannot be read: {e}", given.display());
        let (given, path) = (given.to_owned(), given.canonicalize().map_err(failed)?);
        let handle = File::open(&path).map_err(failed)?;
        match handle.metadata().map_err(failed)?.is_dir() {
            true => Ok(Self { given, path, handle }),
            false => Err(failed(io::ErrorKind::NotADirectory.into())),
        }
    }

    /// Where a document lies below the folder; links are followed, but never out of it.
    ///
    /// # Errors
    /// When it is not there, or elsewhere.
    pub fn find(&self, path: &str) -> Result<PathBuf, Problem> {
        // The system's calls take no NUL.
        if path.contains('\0') {
            return Err(Problem::Missing);
        }
        let path = Path::new(path);
        let whole = path.is_absolute().then(|| path.strip_prefix(&self.given).ok()).flatten();
        let named = self.path.join(whole.unwrap_or(path));
        // One that leaves the folder and comes back is none of ours either; nothing is asked about what lies outside.
        if named.components().any(|c| c == Component::ParentDir) || !named.starts_with(&self.path) {
            return Err(Problem::Outside);
        }
        let real = named.canonicalize()?;
        let inside = real.strip_prefix(&self.path).map_err(|_| Problem::Outside)?;
        if inside.as_os_str().is_empty() { Err(Problem::NoFile("the folder itself")) } else { Ok(inside.to_owned()) }
    }

    /// Reads a document that was found, of at most `most` octets.
    ///
    /// # Errors
    /// Whatever it is but a PDF that fits.
    pub fn read(&self, inside: &Path, most: u64) -> Result<Vec<u8>, Problem> {
        if !inside.extension().is_some_and(|e| e.eq_ignore_ascii_case("pdf")) {
            return Err(Problem::NoPdf("its name does not end with .pdf"));
        }
        // A device is not even opened.
        check_is_file(&self.path.join(inside).symlink_metadata()?)?;
        let file = self.step_down(inside)?;
        let metadata = file.metadata()?;
        check_is_file(&metadata)?;
        if metadata.len() > most {
            return Err(Problem::TooLarge(metadata.len()));
        }
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        let octets = bytes.len() as u64;
        if octets > most {
            // It has grown meanwhile.
            return Err(Problem::TooLarge(octets));
        }
        if bytes.starts_with(MAGIC) { Ok(bytes) } else { Err(Problem::NoPdf("it does not begin with %PDF-")) }
    }

    /// Opens a path without links, name by name: one that has become a link meanwhile is refused. Nothing is waited for,
    /// as for the writer of a pipe.
    fn step_down(&self, inside: &Path) -> Result<File, Problem> {
        let plain = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let mut names = inside.components().peekable();
        let mut at = self.handle.try_clone()?;
        while let Some(name) = names.next() {
            let flags = if names.peek().is_some() { plain | OFlags::DIRECTORY } else { plain };
            at = File::from(openat(&at, name.as_os_str(), flags, Mode::empty())?);
        }
        Ok(at)
    }
}

fn check_is_file(metadata: &Metadata) -> Result<(), Problem> {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(Problem::NoFile(match kind {
        k if k.is_dir() => "a folder",
        k if k.is_fifo() => "a pipe",
        k if k.is_socket() => "a socket",
        k if k.is_symlink() => "a link",
        _ => "a device",
    }))
}
