//! Where secrets lie: a systemd credential, or a file that only its owner may read (D13). What is in them is shown nowhere.

use std::path::Path;

/// Looks for a secret: first `name` in systemd's `$CREDENTIALS_DIRECTORY`, then `file`. `None` when neither is there to
/// look at. `what` names it in sentences: `the password file`.
///
/// # Errors
/// A sentence: the file cannot be read, is empty, or others may read it.
pub fn find(directory: Option<&Path>, name: &str, file: Option<&Path>, what: &str) -> Result<Option<String>, String> {
    // systemd guards its credentials itself (and shows an ACL as group bits).
    if let Some(path) = directory.map(|dir| dir.join(name)).filter(|path| path.exists()) {
        return read(&path, what).map(Some);
    }
    file.map(|path| private(path, what).and_then(|()| read(path, what))).transpose()
}

fn private(path: &Path, what: &str) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path).map_err(|e| format!("{what} {} cannot be read: {e}", path.display()))?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(format!("{what} {0} can be read by others: chmod 600 {0}", path.display()))
}

fn read(path: &Path, what: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{what} {} cannot be read: {e}", path.display()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(format!("{what} {} is empty", path.display()));
    }
    Ok(text.to_owned())
}
