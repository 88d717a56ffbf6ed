//! A file of a folder into which others put files: it is the one that was looked at, or it is not opened. Between the look and
//! the read it may have been taken away for a link to something that others must not see, or for a pipe that never ends.

use std::fs::File;
use std::io;
use std::path::{Component, Path};

use rustix::fs::{Mode, OFlags, openat};

/// Opens a file below a folder, step by step: no link is followed on the way.
///
/// # Errors
/// When it is not there, is a link or lies behind one, is not below the folder, or is no file.
pub(super) fn open(folder: &Path, path: &Path) -> io::Result<File> {
    let elsewhere = || io::Error::other("it does not lie in the folder that it was found in");
    let inside = path.strip_prefix(folder).map_err(|_| elsewhere())?;
    let mut at = File::open(folder)?;
    for step in inside.components() {
        let Component::Normal(name) = step else { return Err(elsewhere()) };
        // Opening a pipe must not wait for somebody who writes.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let opened = openat(&at, name, flags, Mode::empty()).map_err(|error| match error {
            rustix::io::Errno::LOOP => io::Error::other("it is a link now, and was a file before: links are not followed here"),
            other => other.into(),
        });
        at = File::from(opened?);
    }
    if at.metadata()?.is_file() { Ok(at) } else { Err(io::Error::other("it is no file")) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_is_not_followed_neither_as_the_file_nor_on_the_way_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("inbox/real")).unwrap();
        std::fs::write(at("secret.csv"), "id").unwrap();
        std::fs::write(at("inbox/real/a.csv"), "id").unwrap();
        symlink(at("secret.csv"), at("inbox/b.csv")).unwrap();
        symlink(folder.path(), at("inbox/linked")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("inbox/pipe.csv"), Mode::RUSR).unwrap();
        let opened = |name: &str| open(&at("inbox"), &at(name)).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(opened("inbox/real/a.csv"), Ok(()));
        assert!(opened("inbox/b.csv").unwrap_err().contains("links are not followed"));
        for name in ["inbox/linked/secret.csv", "inbox/../secret.csv", "secret.csv", "inbox/pipe.csv", "inbox/real", "inbox/gone"]
        {
            assert!(opened(name).is_err(), "{name}");
        }
    }
}
