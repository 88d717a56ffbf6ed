//! A password or token that no log, error or debug output ever shows (D13).

use std::fmt;
use std::path::Path;

use crate::credential;

/// The name of the systemd credential.
pub(super) const CREDENTIAL: &str = "relay-password";

/// Text that is not to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Looks for the relay's password: first `relay-password` in the credentials directory, then the password file.
    /// `None` when neither is there to look at.
    ///
    /// # Errors
    /// A sentence: the file cannot be read, is empty, or others may read it.
    pub fn find(credentials_dir: Option<&Path>, password_file: Option<&Path>) -> Result<Option<Self>, String> {
        let found = credential::find(credentials_dir, CREDENTIAL, password_file, "the password file")?;
        Ok(found.map(Self))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn write(path: &Path, text: &str, mode: u32) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_secret_shows_nothing() {
        let secret = Secret::new("hunter2");
        assert!(!format!("{secret} {secret:?} {:?}", Some(&secret)).contains("hunter"));
    }

    #[test]
    fn the_credential_comes_before_the_password_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("password");
        write(&file, "from the file\n", 0o600);
        let found = |credentials: Option<&Path>| Secret::find(credentials, Some(&file)).unwrap().unwrap().0;
        assert_eq!(found(Some(dir.path())), "from the file");
        write(&dir.path().join(CREDENTIAL), "from systemd\r\n", 0o440);
        assert_eq!(found(Some(dir.path())), "from systemd");
        assert_eq!(found(None), "from the file");
        assert_eq!(Secret::find(None, None), Ok(None));
    }

    #[test]
    fn a_password_file_that_others_can_read_is_refused_and_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("password");
        for mode in [0o640, 0o604, 0o644] {
            write(&file, "hunter2", mode);
            let error = Secret::find(None, Some(&file)).unwrap_err();
            assert!(error.contains("chmod 600") && !error.contains("hunter2"), "{error}");
        }
        write(&file, "\n", 0o600);
        assert!(Secret::find(None, Some(&file)).unwrap_err().contains("empty"));
        assert!(Secret::find(None, Some(&dir.path().join("none"))).unwrap_err().contains("cannot be read"));
    }
}
