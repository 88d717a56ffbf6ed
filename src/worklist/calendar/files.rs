//! The files of the folder: each is replaced as a whole, and only when it has changed.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::feed::{PRODUCT, written};
use super::{Settings, Tasks, Who};
use crate::hex::hex;

/// The one of all tasks.
const ALL: &str = "all.ics";
/// A calendar program or a web server of the same group may read them: they name customers and what these owe.
const MODE: u32 = 0o640;

/// Brings the folder up to date: a file of all tasks, and one for each collector. A file of a collector who has no task any
/// more stays, and is empty: who has subscribed to it sees that there is nothing to do. Files that others have put there are left
/// alone.
///
/// # Errors
/// When the folder or a file cannot be written; the path is in the text.
pub fn write(settings: &Settings, tasks: &Tasks, who: &HashMap<String, Who>) -> io::Result<()> {
    let folder = &settings.folder;
    fs::create_dir_all(folder).map_err(|e| about(folder, &e))?;
    let mut files = HashMap::from([(ALL.to_owned(), written(tasks, None, who, settings.entries))]);
    for collector in tasks.collectors() {
        files.insert(file_name(&collector), written(tasks, Some(&collector), who, settings.entries));
    }
    for entry in fs::read_dir(folder).map_err(|e| about(folder, &e))? {
        let path = entry.map_err(|e| about(folder, &e))?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).filter(|n| n.ends_with(".ics")) else { continue };
        if files.contains_key(name) || !path.is_file() {
            continue;
        }
        let old = fs::read_to_string(&path).unwrap_or_default();
        if old.contains(PRODUCT) {
            files.insert(name.to_owned(), emptied(&old));
        }
    }
    for (name, text) in files {
        replace(folder, &name, &text).map_err(|e| about(&folder.join(&name), &e))?;
    }
    Ok(())
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// What stands before the first entry, and the end.
fn emptied(old: &str) -> String {
    let begins = ["BEGIN:VTODO", "BEGIN:VEVENT"].iter().filter_map(|word| old.find(word)).min();
    begins.map_or_else(|| old.to_owned(), |at| format!("{}END:VCALENDAR\r\n", &old[..at]))
}

fn replace(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let path = folder.join(name);
    if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let mut file = tempfile::Builder::new().permissions(fs::Permissions::from_mode(MODE)).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(&path).map_err(|e| e.error)?;
    Ok(())
}

/// After the collector's address; what could mean something to the file system is left out, and then a part of its hash
/// tells two addresses apart.
fn file_name(collector: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "@.-_+".contains(c);
    let plain: String = collector.chars().map(|c| if is_plain(c) { c } else { '_' }).take(100).collect();
    if plain == collector && !plain.starts_with('.') && plain != "all" {
        return format!("{plain}.ics");
    }
    let hash = hex(&Sha256::digest(collector.as_bytes()));
    format!("{}-{}.ics", plain.trim_start_matches('.'), &hash[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_collector_and_lies_in_the_folder() {
        assert_eq!(file_name("ada@example.com"), "ada@example.com.ics");
        let odd = ["../x@y.example", "a/b@y.example", "a_b@y.example", ".a@y.example", "all", &"x".repeat(300)].map(file_name);
        assert!(odd.iter().all(|n| !n.contains('/') && !n.starts_with('.') && n != ALL && n.len() < 150), "{odd:?}");
        assert_ne!(odd[1], odd[2]);
    }

    #[test]
    fn an_emptied_calendar_is_one_still() {
        let old = "BEGIN:VCALENDAR\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:1\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
        let empty = "BEGIN:VCALENDAR\r\nPRODID:x\r\nEND:VCALENDAR\r\n";
        assert_eq!((emptied(old), emptied(empty)), (empty.to_owned(), empty.to_owned()));
    }
}
