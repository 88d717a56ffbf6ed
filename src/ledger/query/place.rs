//! Where the accounts are: a SQLite file, or a server with its user, password and protection.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::ConnectOptions as _;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::settings::{Settings, Tls};
use crate::credential;

/// The systemd credential with the password of the url's user.
const CREDENTIAL: &str = "ledger-password";

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
    MySql,
}

impl Kind {
    /// The word of the presets.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }
}

/// Where the accounts are, and how they are reached.
#[derive(Clone)]
pub(super) enum Place {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
    MySql(Box<MySqlConnectOptions>),
}

impl std::fmt::Debug for Place {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind())
    }
}

impl Place {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres(_) => Kind::Postgres,
            Self::MySql(_) => Kind::MySql,
        }
    }

    /// What the settings name; `folder` is what a file is relative to.
    ///
    /// # Errors
    /// The key that is wrong, and a sentence, which never holds a password.
    pub(super) fn of(settings: &Settings, folder: &Path, credentials: Option<&Path>) -> Result<Self, (&'static str, String)> {
        if let Some(rest) = settings.url.strip_prefix("sqlite:") {
            return sqlite(settings, rest).map(|file| Self::Sqlite(folder.join(file)));
        }
        let url = Url::parse(&settings.url).ok().filter(|u| ["postgres", "postgresql", "mysql", "mariadb"].contains(&u.scheme()));
        let Some(mut url) = url else {
            let help = "write it as \"postgres://reader@host/database\", \"mysql://reader@host/database\" or \"sqlite:books.db\"";
            return Err(("url", format!("it names no database that can be read: {help}")));
        };
        if url.password().is_some() {
            // Not at the place of `url`: it would be shown.
            let help = format!("put it into a file that this key names, or into the systemd credential {CREDENTIAL}");
            return Err(("password_file", format!("the url holds a password: {help}")));
        }
        if url.path().len() < 2 {
            return Err((
                "url",
                "it names no database: write it behind the host, as in \"postgres://reader@host/erp\"".to_owned(),
            ));
        }
        if let Some((key, _)) = url.query_pairs().find(|(key, _)| !["host", "port", "socket"].contains(&&**key)) {
            let help =
                "of such words it may have `host` and `port` (PostgreSQL) or `socket` (MySQL); `tls` and `ca_file` are keys";
            return Err(("url", format!("{key:?} is not understood there: {help}")));
        }
        let password = credential::find(credentials, CREDENTIAL, settings.password_file.as_deref(), "the password file");
        let password = password.map_err(|sentence| ("password_file", sentence))?;
        if let Some(file) = settings.ca_file.as_deref().filter(|f| !f.is_file()) {
            return Err(("ca_file", format!("there is no file {}", file.display())));
        }
        let (tls, ca) = (settings.tls.or((!is_here(&url)).then_some(Tls::Required)), settings.ca_file.as_deref());
        if url.scheme().starts_with("postgres") {
            return postgres(&url, password.as_deref(), tls, ca).map(|o| Self::Postgres(Box::new(o)));
        }
        if url.scheme() == "mariadb" {
            // Such a url has no special scheme: it can be any other.
            let _ = url.set_scheme("mysql");
        }
        mysql(&url, password.as_deref(), tls, ca).map(|o| Self::MySql(Box::new(o)))
    }

    /// Whether what is read may be read by others on the way: a server elsewhere, and no TLS.
    pub(super) fn is_exposed(&self, settings: &Settings) -> bool {
        let here = Url::parse(&settings.url).is_ok_and(|url| is_here(&url));
        self.kind() != Kind::Sqlite && settings.tls == Some(Tls::None) && !here
    }
}

/// The file of a url.
fn sqlite<'s>(settings: &Settings, rest: &'s str) -> Result<&'s str, (&'static str, String)> {
    let server = "it is for a server: PostgreSQL or MySQL";
    match settings {
        Settings { tls: Some(_), .. } => return Err(("tls", server.to_owned())),
        Settings { ca_file: Some(_), .. } => return Err(("ca_file", server.to_owned())),
        Settings { password_file: Some(_), .. } => return Err(("password_file", server.to_owned())),
        _ => {}
    }
    let file = rest.strip_prefix("//").unwrap_or(rest);
    if file.is_empty() || file.contains('?') {
        return Err(("url", "it names no file: write it as \"sqlite:books.db\"".to_owned()));
    }
    Ok(file)
}

/// Whether it is this machine: by a socket, or by its own address.
fn is_here(url: &Url) -> bool {
    if let Some((_, value)) = url.query_pairs().find(|(key, _)| ["host", "socket"].contains(&&**key)) {
        return value.starts_with('/');
    }
    let host = url.host_str().unwrap_or("localhost").trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.starts_with("%2F") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn postgres(
    url: &Url,
    password: Option<&str>,
    tls: Option<Tls>,
    ca: Option<&Path>,
) -> Result<PgConnectOptions, (&'static str, String)> {
    let mut options = PgConnectOptions::from_str(url.as_str()).map_err(|e| ("url", e.to_string()))?;
    // A pooler refuses the parameter; it is set in the transaction.
    options = options.application_name("dunningd").extra_float_digits(None).ssl_mode(match tls {
        Some(Tls::Required) => PgSslMode::VerifyFull,
        Some(Tls::None) => PgSslMode::Disable,
        None => PgSslMode::Prefer,
    });
    options = ca.into_iter().fold(options, PgConnectOptions::ssl_root_cert);
    Ok(password.into_iter().fold(options, PgConnectOptions::password).disable_statement_logging())
}

fn mysql(
    url: &Url,
    password: Option<&str>,
    tls: Option<Tls>,
    ca: Option<&Path>,
) -> Result<MySqlConnectOptions, (&'static str, String)> {
    let mut options = MySqlConnectOptions::from_str(url.as_str()).map_err(|e| ("url", e.to_string()))?;
    // The queries mean what they mean in the server's own client.
    options = options.pipes_as_concat(false).no_engine_substitution(false).ssl_mode(match tls {
        Some(Tls::Required) => MySqlSslMode::VerifyIdentity,
        Some(Tls::None) => MySqlSslMode::Disabled,
        None => MySqlSslMode::Preferred,
    });
    options = ca.into_iter().fold(options, MySqlConnectOptions::ssl_ca);
    Ok(password.into_iter().fold(options, MySqlConnectOptions::password).disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn of(toml: &str) -> Result<Place, (&'static str, String)> {
        Place::of(&toml::from_str(toml).unwrap(), Path::new("/etc/dunningd"), None)
    }

    #[test]
    fn a_url_names_one_of_three_databases() {
        let kind = |url: &str| of(&format!("url = \"{url}\"")).map(|p| p.kind()).map_err(|(key, _)| key);
        assert_eq!(kind("postgres://reader@books/erp"), Ok(Kind::Postgres));
        assert_eq!(kind("postgresql://reader@localhost/erp?host=/run/postgresql"), Ok(Kind::Postgres));
        assert_eq!(kind("mysql://reader@books:3307/erp"), Ok(Kind::MySql));
        assert_eq!(kind("mariadb://reader@books/erp"), Ok(Kind::MySql));
        assert_eq!(kind("sqlite:books.db"), Ok(Kind::Sqlite));
        for wrong in
            ["oracle://x/y", "books.db", "sqlite:", "postgres://reader@books", "mysql://reader@books/erp?ssl-mode=disabled"]
        {
            assert_eq!(kind(wrong), Err("url"), "{wrong}");
        }
    }

    #[test]
    fn a_password_lies_in_a_file_of_its_own_and_is_never_shown() {
        let (key, sentence) = of("url = \"postgres://reader:hunter2@books/erp\"").unwrap_err();
        assert!(key == "password_file" && sentence.contains("holds a password") && !sentence.contains("hunter2"), "{sentence}");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ledger-password");
        std::fs::write(&file, "hunter2\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let place = of(&format!("url = \"mysql://reader@books/erp\"\npassword_file = {file:?}")).unwrap();
        assert!(!format!("{place:?}").contains("hunter2"));
        // The credential is found without a file.
        let settings = toml::from_str("url = \"mysql://reader@books/erp\"").unwrap();
        let Ok(Place::MySql(options)) = Place::of(&settings, Path::new("."), Some(dir.path())) else { panic!() };
        assert!(options.to_url_lossy().as_str().contains("hunter2"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (key, sentence) = of(&format!("url = \"mysql://reader@books/erp\"\npassword_file = {file:?}")).unwrap_err();
        assert!(key == "password_file" && sentence.contains("chmod 600"), "{sentence}");
    }

    #[test]
    fn a_server_elsewhere_is_verified_unless_the_settings_say_otherwise() {
        let mode = |toml: &str| match of(toml) {
            Ok(Place::Postgres(options)) => format!("{:?}", options.get_ssl_mode()),
            Ok(Place::MySql(options)) => format!("{:?}", options.get_ssl_mode()),
            other => panic!("{other:?}"),
        };
        assert_eq!(mode("url = \"postgres://reader@books/erp\""), "VerifyFull");
        assert_eq!(mode("url = \"mysql://reader@192.0.2.7/erp\""), "VerifyIdentity");
        assert_eq!(mode("url = \"mysql://reader@127.0.0.1/erp\""), "Preferred");
        assert_eq!(mode("url = \"postgres://reader@x/erp?host=/run/postgresql\""), "Prefer");
        assert_eq!(mode("url = \"postgres://reader@[::1]/erp\"\ntls = \"required\""), "VerifyFull");
        assert_eq!(mode("url = \"postgres://reader@books/erp\"\ntls = \"none\""), "Disable");
        assert_eq!(of("url = \"sqlite:b.db\"\ntls = \"none\"").unwrap_err().0, "tls");
        assert_eq!(of("url = \"mysql://r@b/e\"\nca_file = \"/nowhere/ca.pem\"").unwrap_err().0, "ca_file");
    }
}
